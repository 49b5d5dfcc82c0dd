//! Does Kaltura know this user? Asked of its database (`user.get`), never of its search index.

use serde_json::{Value, json};

use super::client::{Kaltura, read_part};
use super::wire::WireUser;
use crate::http::{RemoteError, RemoteKind};
use crate::model::KalturaUserId;

/// Users asked for in one request.
const BATCH: usize = 50;
/// `KalturaUserStatus::ACTIVE`; a blocked user is found too and is not to be given anything.
const ACTIVE: i64 = 1;

impl Kaltura {
    /// For each id of `ids`, in order: the active user that goes by it (ids are compared without regard to case), in
    /// Kaltura's own spelling.
    pub async fn active_users(&self, ids: &[String]) -> Result<Vec<Option<KalturaUserId>>, RemoteError> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            // an empty id would be answered with the session's own user
            let parts = batch.iter().map(|id| ("user", "get", json!({ "userId": id }))).collect();
            for (id, answer) in batch.iter().zip(self.look(parts).await?) {
                found.push(active(id, answer)?);
            }
        }
        Ok(found)
    }
}

fn active(id: &str, answer: Value) -> Result<Option<KalturaUserId>, RemoteError> {
    match read_part::<WireUser>("user.get", answer) {
        Ok(user) => {
            let same = user.id.to_lowercase() == id.to_lowercase();
            Ok((same && user.status == ACTIVE).then(|| KalturaUserId::new(user.id)))
        }
        Err(error) if error.kind == RemoteKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
