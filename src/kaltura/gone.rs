//! Entries deleted or put into the recycle bin, each looked at afterwards: of an entry whose data Kaltura can change no
//! more it answers that it was done, and nothing is (recorded traffic, scenario 31); of another it answers with an error
//! although it was done, while its search index is down (scenario 26).

use std::time::Duration;

use serde_json::{Value, json};

use super::client::Kaltura;
use super::wire::WireEntry;
use crate::http::{Meaning, RemoteError, RemoteKind, Service};
use crate::model::{EntryId, EntryStatus};
use crate::proof::Proof;

/// Between looks at an entry that is still there: a server that reads from a copy of its database may lag.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(400)];

impl Kaltura {
    /// Deletes an entry, with its children. One that does not exist any more is no error; one that is still there is
    /// [`Meaning::NotDone`].
    pub async fn delete(&self, proof: Proof<EntryId>) -> Result<(), RemoteError> {
        self.remove(proof.of(), ("media", "delete"), "deleted").await
    }

    /// Puts an entry into the recycle bin; its children stay where they are, hidden as they were. One that lies there, or
    /// does not exist any more, is no error. [`Meaning::NoRecycleBin`] where the partner has none.
    pub async fn recycle(&self, proof: Proof<EntryId>) -> Result<(), RemoteError> {
        self.remove(proof.of(), ("baseEntry", "recycle"), "recycled").await
    }

    async fn remove(&self, id: &EntryId, (service, action): (&str, &str), done: &str) -> Result<(), RemoteError> {
        let answer = match self.call::<Value>(service, action, json!({ "entryId": id.as_str() })).await {
            Err(error) if error.kind == RemoteKind::NotFound => return Ok(()),
            answer => answer,
        };
        let looks = if answer.is_ok() { PAUSES.len() } else { 1 };
        for pause in &PAUSES[..looks] {
            tokio::time::sleep(*pause).await;
            match (self.is_gone(id).await, &answer) {
                (Ok(true), _) => return Ok(()),
                (Ok(false), _) => {}
                (Err(_), Err(error)) => return Err(error.clone()),
                (Err(error), Ok(_)) => return Err(error),
            }
        }
        answer?;
        let message = format!(
            "{service}.{action}: Kaltura answered, but the entry is still there: {id} was not {done}; delete it in the KMC, or have Kaltura's support delete it"
        );
        Err(RemoteError::meant(Service::Kaltura, Meaning::NotDone, message))
    }

    /// Whether people see no such entry any more, as the database has it.
    async fn is_gone(&self, id: &EntryId) -> Result<bool, RemoteError> {
        match self.call::<WireEntry>("media", "get", json!({ "entryId": id.as_str() })).await {
            Ok(wire) => {
                let entry = self.reader().entry(wire);
                Ok(entry.status == EntryStatus::Deleted || entry.recycled)
            }
            Err(error) if error.kind == RemoteKind::NotFound => Ok(true),
            Err(error) => Err(error),
        }
    }
}
