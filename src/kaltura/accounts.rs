//! What became of accounts to which copies belong.

use serde_json::Value;

use super::client::{Kaltura, read_part};
use super::users::{Answer, by_id, of_each};
use super::wire::WireUser;
use crate::http::{RemoteError, RemoteKind};

/// Users asked for in one request.
const BATCH: usize = 50;
/// `KalturaUserStatus`
const BLOCKED: i64 = 0;
const DELETED: i64 = 2;

/// Whether somebody can still use an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// Nothing speaks against it.
    Active,
    /// An administrator blocked it.
    Blocked,
    /// It was deleted: Kaltura knows nobody of that id.
    Gone,
}

impl Kaltura {
    /// For each id of `ids`, in order: what became of that account. Not to be asked of an empty id.
    pub async fn account_states(&self, ids: &[String]) -> Result<Vec<Answer<AccountState>>, RemoteError> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let parts = batch.iter().map(|id| by_id(id)).collect();
            found.append(&mut of_each(self.look(parts).await?.into_iter().map(state).collect())?);
        }
        Ok(found)
    }
}

fn state(answer: Value) -> Answer<AccountState> {
    match read_part::<WireUser>("user.get", answer) {
        Ok(user) => Ok(match user.status.whole() {
            Some(BLOCKED) => AccountState::Blocked,
            Some(DELETED) => AccountState::Gone,
            _ => AccountState::Active,
        }),
        Err(error) if error.kind == RemoteKind::NotFound => Ok(AccountState::Gone),
        Err(error) => Err(error),
    }
}
