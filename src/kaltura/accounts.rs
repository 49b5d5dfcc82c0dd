//! What became of accounts to which copies belong.

use serde_json::{Value, json};

use super::client::{Kaltura, read_part};
use super::pages::pager_value;
use super::users::{UserAnswer, answer_each, user_call};
use super::wire::{WireKalturaUser, WireList};
use crate::http::{RemoteError, RemoteKind};

/// Users asked for in one request.
const BATCH: usize = 50;
/// A slip of the pen lies behind so many characters, or nobody is found.
const START: usize = 2;
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
    pub async fn account_states(&self, ids: &[String]) -> Result<Vec<UserAnswer<AccountState>>, RemoteError> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let parts = batch.iter().map(|id| user_call(id)).collect();
            found.append(&mut answer_each(self.look(parts).await?.into_iter().map(account_state).collect())?);
        }
        Ok(found)
    }

    /// The ids of active users that begin as this one does: of whom one may have been meant. There may be more.
    pub async fn accounts_like(&self, id: &str) -> Result<Vec<String>, RemoteError> {
        let start: String = id.trim().chars().take(START).collect();
        // an empty text lists everybody, and one with a quote finds nobody (recorded traffic, fact 42)
        if start.is_empty() || start.contains('"') {
            return Ok(Vec::new());
        }
        let filter = json!({ "objectType": "KalturaUserFilter", "idOrScreenNameStartsWith": start });
        let params = json!({ "filter": filter, "pager": pager_value(1) });
        let mut answer = self.look(vec![("user", "list", params)]).await?;
        let list: WireList<WireKalturaUser> = read_part("user.list", answer.pop().unwrap_or_default())?;
        Ok(list.objects.into_iter().filter(WireKalturaUser::is_active_person).map(|user| user.id).collect())
    }
}

fn account_state(answer: Value) -> UserAnswer<AccountState> {
    match read_part::<WireKalturaUser>("user.get", answer) {
        Ok(user) => Ok(match user.status.whole() {
            Some(BLOCKED) => AccountState::Blocked,
            Some(DELETED) => AccountState::Gone,
            _ => AccountState::Active,
        }),
        Err(error) if error.kind == RemoteKind::NotFound => Ok(AccountState::Gone),
        Err(error) => Err(error),
    }
}
