//! Changes of entries, each looked at afterwards: a field that the role does not open is dropped without a word, and of an
//! entry whose data Kaltura can change no more the change is answered as if it were made (recorded traffic, scenarios 21
//! and 31).

use serde_json::{Value, json};

use super::client::{Kaltura, read_part};
use super::dropped::Dropped;
use super::users::{UserAnswer, answer_each};
use crate::http::{Meaning, RemoteError, RemoteKind, Service, redact_url};
use crate::model::{EntryId, ReferenceId};

/// Entries changed in one request.
const BATCH: usize = 25;

impl Kaltura {
    /// Changes each entry, and looks whether it is so then; in order. One that does not exist any more is no error.
    pub(super) async fn update(&self, changes: &[(EntryId, Value)]) -> Result<Vec<UserAnswer<()>>, RemoteError> {
        let mut made = Vec::with_capacity(changes.len());
        for batch in changes.chunks(BATCH) {
            let asked = batch
                .iter()
                .map(|(id, change)| ("baseEntry", "update", json!({ "entryId": id.as_str(), "baseEntry": change })));
            let answers = self.look(asked.collect()).await?;
            let looks = batch.iter().map(|(id, _)| ("media", "get", json!({ "entryId": id.as_str() })));
            let there = self.look(looks.collect()).await?;
            let ends = batch
                .iter()
                .zip(answers)
                .zip(there)
                .map(|(((id, change), answer), there)| settle_update(id, change, answer, there));
            made.append(&mut answer_each(ends.collect())?);
        }
        Ok(made)
    }

    /// Gives each entry the mark beside it; in order.
    pub async fn mark(&self, entries: &[(EntryId, ReferenceId)]) -> Result<Vec<UserAnswer<()>>, RemoteError> {
        let change = |mark: &ReferenceId| json!({ "objectType": "KalturaMediaEntry", "referenceId": mark.as_str() });
        let changes: Vec<_> = entries.iter().map(|(id, mark)| (id.clone(), change(mark))).collect();
        self.update(&changes).await
    }
}

/// What came of one change: what is there counts, whatever the answer was.
fn settle_update(id: &EntryId, change: &Value, answer: Value, there: Value) -> UserAnswer<()> {
    let answer = read_part::<Value>("baseEntry.update", answer);
    let there = match read_part::<Value>("media.get", there) {
        Err(error) if error.kind == RemoteKind::NotFound => return Ok(()),
        there => there?,
    };
    let Some(lacking) = Dropped::of(change, &there) else {
        return Ok(());
    };
    // Kaltura shows in its answer what it takes over, and so what it drops
    if let Some(dropped) = Dropped::of(change, &answer?) {
        return Err(dropped.error("baseEntry.update"));
    }
    let message = format!(
        "baseEntry.update: Kaltura answered that it changed {} of entry {}, and it did not; look at the entry in the KMC",
        lacking.field,
        redact_url(id.as_str())
    );
    Err(RemoteError::meant(Service::Kaltura, Meaning::NotDone, message))
}
