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

impl Kaltura {
    /// Whether the user exists: one who was deleted does not.
    pub async fn has_user(&self, id: &KalturaUserId) -> Result<bool, RemoteError> {
        match self.call::<WireUser>("user", "get", json!({ "userId": id.as_str() })).await {
            Ok(user) => Ok(is_user(id.as_str(), &user)),
            Err(error) if error.kind == RemoteKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Whether the user found is the one asked for: an empty id is answered with the session's own.
pub(super) fn is_user(id: &str, found: &WireUser) -> bool {
    found.id.to_lowercase() == id.to_lowercase()
}

fn active(id: &str, answer: Value) -> Result<Option<KalturaUserId>, RemoteError> {
    match read_part::<WireUser>("user.get", answer) {
        Ok(user) => Ok((is_user(id, &user) && user.status == ACTIVE).then(|| KalturaUserId::new(user.id))),
        Err(error) if error.kind == RemoteKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
