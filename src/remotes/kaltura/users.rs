//! Does Kaltura know this user? Asked of its database (`user.get`); by address there is only its search index.
//!
//! What became of accounts to which copies belong.

use serde_json::{Value, json};

use super::batches::ask_in_batches;
use super::client::{Kaltura, read_part};
use super::listing::pager_value;
use super::wire::{WireId, WireKalturaUser, WireList, escape_filter};
use crate::model::KalturaUserId;
use crate::remotes::http::{RemoteError, RemoteKind, Service};

/// Users asked for in one request.
const BATCH: usize = 50;
/// The most that Kaltura gives in one page.
const PAGE: u64 = 500;

/// An active user, who is a person and no group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id, in Kaltura's own spelling.
    pub id: KalturaUserId,
    /// The address; Kaltura need not know one.
    pub email: String,
}

/// What Kaltura knows under an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownUser {
    /// An active user of this very id, whatever the case of its letters.
    User(User),
    /// Another id, which Kaltura takes for the same: it may ignore accents and blanks behind (facts-kaltura.md#k33,
    /// facts-kaltura.md#k41). Whose of the two it is nobody can say.
    Alike(KalturaUserId),
    /// Nobody, or somebody who is blocked.
    Nobody,
}

/// What Kaltura said of one id or address. An error that concerns all is reported once, and not as one of these.
pub type UserAnswer<T> = Result<T, RemoteError>;

impl Kaltura {
    /// For each id of `ids`, in order: the active user that goes by it (ids are compared without regard to case).
    pub async fn active_users(&self, ids: &[String]) -> Result<Vec<UserAnswer<Option<User>>>, RemoteError> {
        let known = self.known_users(ids).await?.into_iter();
        Ok(known.map(|answer| answer.map(KnownUser::user)).collect())
    }

    /// The same, telling also where Kaltura takes two ids for one.
    pub async fn known_users(&self, ids: &[String]) -> Result<Vec<UserAnswer<KnownUser>>, RemoteError> {
        ask_in_batches(ids, BATCH, async |batch| {
            let parts = batch.iter().map(|id| user_call(id)).collect();
            let answers = batch.iter().zip(self.look(parts).await?);
            answer_each(answers.map(|(id, answer)| self.take_note_of(id, answer)).collect())
        })
        .await
    }

    /// Reads what Kaltura says of a user, and remembers for a moment one that is active.
    pub(super) fn take_note(&self, id: &str, answer: Value) -> Result<Option<User>, RemoteError> {
        self.take_note_of(id, answer).map(KnownUser::user)
    }

    fn take_note_of(&self, id: &str, answer: Value) -> Result<KnownUser, RemoteError> {
        let known = read_known_user(id, answer)?;
        if let KnownUser::User(user) = &known {
            self.confirmed.note(&user.id);
        }
        Ok(known)
    }

    /// The active user that goes by this id.
    pub async fn active_user(&self, id: &str) -> Result<Option<User>, RemoteError> {
        let mut found = self.active_users(&[id.to_owned()]).await?;
        found.pop().unwrap_or(Ok(None))
    }

    /// For each id of `ids`, in order: whether there is such a user or group, a blocked one too. Not to be asked of an empty id.
    pub async fn users_exist(&self, ids: &[String]) -> Result<Vec<bool>, RemoteError> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let parts = batch.iter().map(|id| ("user", "get", json!({ "userId": id }))).collect();
            for (id, answer) in batch.iter().zip(self.look(parts).await?) {
                found.push(user_exists(id, answer)?);
            }
        }
        Ok(found)
    }

    /// For each address, in order: the active users who have it. Kaltura only looks for addresses that begin so
    /// (facts-kaltura.md#k10), in an index that lags: what it finds is compared here, and is to be confirmed by id.
    pub async fn users_with_email(
        &self,
        addresses: &[String],
    ) -> Result<Vec<UserAnswer<Vec<KalturaUserId>>>, RemoteError> {
        ask_in_batches(addresses, BATCH, async |batch| {
            let asked: Vec<&String> = batch.iter().filter(|address| can_be_asked_for(address)).collect();
            let parts = asked.iter().map(|address| ("user", "list", find_by_prefix(address))).collect();
            let answers = if asked.is_empty() { Vec::new() } else { self.look(parts).await? };
            let answers = asked.iter().zip(answers).map(|(address, answer)| users_by_email(address, answer));
            let mut answers = answer_each(answers.collect())?.into_iter();
            let answer = |address: &String| if can_be_asked_for(address) { answers.next() } else { None };
            Ok(batch.iter().map(answer).map(|answer| answer.unwrap_or_else(|| Ok(Vec::new()))).collect())
        })
        .await
    }

    /// Whether the user is still there and active: to be asked just before anything is made in their account, as Kaltura
    /// creates silently whomever it does not know (facts-kaltura.md#k11).
    pub async fn is_still_active(&self, id: &KalturaUserId) -> Result<bool, RemoteError> {
        if self.confirmed.is_fresh(id) {
            return Ok(true);
        }
        Ok(self.active_user(id.as_str()).await?.is_some_and(|user| user.id == *id))
    }
}

/// Whether `user.get` found the user with this id.
pub(super) fn user_exists(id: &str, answer: Value) -> Result<bool, RemoteError> {
    match read_part::<WireId>("user.get", answer) {
        Ok(user) => Ok(is_user(id, &user.id)),
        Err(error) if error.kind == RemoteKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The call that tells whether Kaltura knows a user. An empty id would be answered with the session's own.
pub(super) fn user_call(id: &str) -> (&'static str, &'static str, Value) {
    ("user", "get", json!({ "userId": id }))
}

impl KnownUser {
    fn user(self) -> Option<User> {
        match self {
            KnownUser::User(user) => Some(user),
            KnownUser::Alike(_) | KnownUser::Nobody => None,
        }
    }
}

/// Whether the user found is the one asked for: an empty id is answered with the session's own, and Kaltura may ignore
/// accents and blanks behind.
fn is_user(id: &str, found: &str) -> bool {
    id.to_lowercase() == found.to_lowercase()
}

/// The same, whatever blanks stand around it.
pub(super) fn is_same_id(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Only what says nothing of the others stays with the one that it was said of: whatever it is, where others of the same
/// request were answered.
pub(super) fn answer_each<T>(answers: Vec<UserAnswer<T>>) -> Result<Vec<UserAnswer<T>>, RemoteError> {
    let others_answered = answers.iter().any(Result::is_ok);
    let is_of_all =
        |error: &RemoteError| !others_answered && !matches!(error.kind, RemoteKind::Rejected | RemoteKind::Garbled);
    match answers.iter().find_map(|answer| answer.as_ref().err().filter(|error| is_of_all(error))) {
        Some(error) => Err(error.clone()),
        None => Ok(answers),
    }
}

fn read_known_user(id: &str, answer: Value) -> Result<KnownUser, RemoteError> {
    match read_part::<WireKalturaUser>("user.get", answer) {
        Ok(user) if !is_user(id, &user.id) => Ok(KnownUser::Alike(KalturaUserId::new(user.id))),
        Ok(user) if user.is_active_person() => {
            Ok(KnownUser::User(User { id: KalturaUserId::new(user.id), email: user.email }))
        }
        Ok(_) => Ok(KnownUser::Nobody),
        Err(error) if error.kind == RemoteKind::NotFound => Ok(KnownUser::Nobody),
        Err(error) => Err(error),
    }
}

/// How Kaltura reads a quote after a backslash of the address itself is not known: what it cannot be asked for, nobody has.
fn can_be_asked_for(address: &str) -> bool {
    !(address.contains('"') && address.contains('\\'))
}

/// Without an address everybody would be listed.
fn find_by_prefix(address: &str) -> Value {
    let filter = json!({ "objectType": "KalturaUserFilter", "emailStartsWith": escape_filter(address) });
    json!({ "filter": filter, "pager": { "objectType": "KalturaFilterPager", "pageSize": PAGE } })
}

fn users_by_email(address: &str, answer: Value) -> Result<Vec<KalturaUserId>, RemoteError> {
    let list: WireList<WireKalturaUser> = read_part("user.list", answer)?;
    let is_whole = list.is_whole();
    let has_it = |user: &WireKalturaUser| is_same_id(address, &user.email) && user.is_active_person();
    let found: Vec<KalturaUserId> =
        list.objects.into_iter().filter(has_it).map(|user| KalturaUserId::new(user.id)).collect();
    // two are ambiguous, whatever else there is
    if is_whole || found.len() > 1 {
        return Ok(found);
    }
    let message = "user.list found more users with an address that begins like this one than fit a page";
    Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message.to_owned()))
}

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
        ask_in_batches(ids, BATCH, async |batch| {
            let parts = batch.iter().map(|id| user_call(id)).collect();
            answer_each(self.look(parts).await?.into_iter().map(account_state).collect())
        })
        .await
    }

    /// The ids of active users that begin as this one does: of whom one may have been meant. There may be more.
    pub async fn accounts_like(&self, id: &str) -> Result<Vec<String>, RemoteError> {
        let start: String = id.trim().chars().take(START).collect();
        // an empty text lists everybody, and one with a quote finds nobody (facts-kaltura.md#k42)
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
