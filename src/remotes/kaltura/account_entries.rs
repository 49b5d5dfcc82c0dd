//! What lies in one account, and whether people made something of it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Kaltura, parse_answer, read_part, split_two};
use super::entries::{EVERY_MODERATION_STATUS, EVERY_STATUS_BUT_DELETED};
use super::listing::CHILDREN;
use super::tags::{EntryReader, OUR_TAG, is_met};
use super::wire::{Number, WireEntry, WireList, escape_filter};
use crate::model::{Entry, EntryId, HostId, KalturaUserId, Meeting, MeetingKind, MeetingUuid, Segment};
use crate::remotes::http::{RemoteError, RemoteKind};

/// Entries looked at in one request.
const BATCH: usize = 25;

/// An entry and what is needed to judge it without a ledger.
#[derive(Clone, Debug)]
pub struct AccountEntry {
    /// The entry.
    pub entry: Entry,
    /// Its name: untrusted text.
    pub name: String,
    /// When it was last changed, by Kaltura's own clock; now, where what it says can be no time: nobody is to take it for
    /// old then.
    pub changed: DateTime<Utc>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireHeld {
    #[serde(default)]
    name: String,
    #[serde(default)]
    created_at: Number,
    #[serde(default)]
    updated_at: Number,
}

/// Whose an entry is, and with whom it is shared.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WireShared {
    user_id: String,
    parent_entry_id: String,
    entitled_users_edit: String,
    entitled_users_publish: String,
    entitled_users_view: String,
}

impl AccountEntry {
    /// The segment that it stands for, as far as its mark and its name tell.
    #[must_use]
    pub fn segment(&self) -> Segment {
        let key = self.entry.reference_id.segment_key();
        let start = key.as_ref().and_then(|key| key.recording_start.parse().ok()).unwrap_or(self.changed);
        let meeting = Meeting {
            uuid: key.as_ref().map_or_else(|| MeetingUuid::new(""), |key| key.meeting_uuid.clone()),
            number: 0,
            kind: MeetingKind::Meeting,
            topic: self.name.clone(),
            start,
            host_id: HostId::new(""),
            host_email: None,
            deleted_on: None,
        };
        Segment::bare(meeting, key.map(|key| key.recording_start).unwrap_or_default(), start)
    }
}

impl Kaltura {
    /// What lies in the account of `user`, by Kaltura's index, which may lag, the oldest first; children are in no such list.
    /// Of a deleted user nothing is shown.
    pub async fn holding(&self, user: &KalturaUserId) -> Result<Vec<AccountEntry>, RemoteError> {
        self.list_held(user, "userIdEqual", user.as_str()).await
    }

    /// What this program made and `user` owns, a deleted one too: all that it made is gone through.
    pub async fn made_by_us(&self, user: &KalturaUserId) -> Result<Vec<AccountEntry>, RemoteError> {
        let mut made = self.list_held(user, "adminTagsLike", &escape_filter(OUR_TAG)).await?;
        // the search finds the tag as a word inside of others too (facts-kaltura.md#k42)
        made.retain(|held| held.entry.ours);
        Ok(made)
    }

    async fn list_held(
        &self,
        user: &KalturaUserId,
        field: &str,
        value: &str,
    ) -> Result<Vec<AccountEntry>, RemoteError> {
        let filter = json!({
            field: value, "statusIn": EVERY_STATUS_BUT_DELETED, "moderationStatusIn": EVERY_MODERATION_STATUS,
        });
        let mut entries = Vec::new();
        let take = |object| match read_account_entry(object, self.reader(), self.latest()) {
            // a filter that Kaltura does not know is ignored in silence
            Ok(held) if held.entry.owner == user.as_str() && is_met(&held.entry) => entries.push(held),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "an entry cannot be read, and is left alone"),
        };
        self.each_entry(filter, take).await?;
        Ok(entries)
    }

    /// What this program made since then and carries no mark, children too, by Kaltura's index, which may lag: nobody but a
    /// ledger knows which recordings these are.
    pub async fn unmarked(&self, since: DateTime<Utc>) -> Result<Vec<AccountEntry>, RemoteError> {
        let mut found = Vec::new();
        for display_in_search in [None, Some(CHILDREN)] {
            let mut filter = json!({
                "adminTagsLike": OUR_TAG, "statusIn": EVERY_STATUS_BUT_DELETED,
                "moderationStatusIn": EVERY_MODERATION_STATUS, "createdAtGreaterThanOrEqual": since.timestamp(),
            });
            if let Some(display) = display_in_search {
                filter["displayInSearchEqual"] = display.into();
            }
            let take = |object| match read_account_entry(object, self.reader(), self.latest()) {
                Ok(held) if held.entry.ours && held.entry.reference_id.as_str().is_empty() => found.push(held),
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "an entry cannot be read, and is skipped"),
            };
            self.each_entry(filter, take).await?;
        }
        Ok(found)
    }

    /// For each of `ids`, in order: whether somebody put it into a category or shared it with others.
    pub async fn published(&self, ids: &[EntryId]) -> Result<Vec<bool>, RemoteError> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let parts = batch.iter().flat_map(|id| {
                let filter = json!({ "objectType": "KalturaCategoryEntryFilter", "entryIdEqual": id.as_str() });
                [
                    ("media", "get", json!({ "entryId": id.as_str() })),
                    ("categoryEntry", "list", json!({ "filter": filter })),
                ]
            });
            let mut answers = self.look(parts.collect()).await?.into_iter();
            for _ in batch {
                let [entry, categories] = split_two(answers.by_ref().take(2).collect(), "categoryEntry.list")?;
                let shared = is_shared(entry)?;
                found.push(is_in_category(categories)? || self.is_shared(&shared).await?);
            }
        }
        Ok(found)
    }

    /// Whether somebody shared the entry. The lists of a child have its parent's owner in them from the beginning, and
    /// everybody on those of the parent after one of these was changed (facts-kaltura.md#k37): nobody shared that one.
    async fn is_shared(&self, entry: &WireShared) -> Result<bool, RemoteError> {
        if entry.parent_entry_id.is_empty() || !entry.is_shared_beside(&WireShared::default()) {
            return Ok(entry.is_shared_beside(&WireShared::default()));
        }
        let params = json!({ "entryId": entry.parent_entry_id });
        let mut answers = self.look(vec![("media", "get", params)]).await?;
        Ok(entry.is_shared_beside(&is_shared(answers.pop().unwrap_or_default())?))
    }
}

impl WireShared {
    pub(super) fn owner(&self) -> &str {
        self.user_id.trim()
    }

    pub(super) fn users(&self) -> impl Iterator<Item = &str> {
        let lists = [&self.entitled_users_edit, &self.entitled_users_publish, &self.entitled_users_view];
        lists.into_iter().flat_map(|list| list.split(',')).map(str::trim).filter(|user| !user.is_empty())
    }

    /// Whether anybody is on its lists but its owner and whom the parent knows already.
    fn is_shared_beside(&self, parent: &WireShared) -> bool {
        let known: Vec<String> = [self.user_id.as_str(), parent.user_id.as_str()]
            .into_iter()
            .chain(parent.users())
            .map(str::to_lowercase)
            .collect();
        self.users().any(|user| !known.contains(&user.to_lowercase()))
    }
}

pub(super) fn read_account_entry(
    object: Value,
    reader: EntryReader<'_>,
    latest: DateTime<Utc>,
) -> Result<AccountEntry, RemoteError> {
    let own: WireHeld = parse_answer("media.list", object.clone())?;
    let entry: WireEntry = parse_answer("media.list", object)?;
    let is_known = |number: &Number| *number != Number::Absent;
    let times = [own.created_at, own.updated_at].into_iter().filter(is_known).map(|number| number.time(latest));
    let changed = times.reduce(|one, other| Some(one?.max(other?))).flatten().unwrap_or(latest);
    Ok(AccountEntry { entry: reader.entry(entry), name: own.name, changed })
}

fn is_shared(entry: Value) -> Result<WireShared, RemoteError> {
    match read_part("media.get", entry) {
        Err(error) if error.kind == RemoteKind::NotFound => Ok(WireShared::default()),
        shared => shared,
    }
}

fn is_in_category(categories: Value) -> Result<bool, RemoteError> {
    match read_part::<WireList<Value>>("categoryEntry.list", categories) {
        Ok(list) => Ok(list.total() != Some(0) || list.len() > 0),
        Err(error) if error.kind == RemoteKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::WireShared;

    fn entry(owner: &str, users: &str) -> WireShared {
        WireShared { user_id: owner.to_owned(), entitled_users_view: users.to_owned(), ..WireShared::default() }
    }

    #[test]
    fn kaltura_own_lists_are_no_sharing() {
        let nobody = || WireShared::default();
        let cases = [
            (entry("ada", ""), nobody(), false),
            (entry("ada", " , "), nobody(), false),
            (entry("ada", "Ada"), nobody(), false),
            (entry("ada", "eve"), nobody(), true),
            // a child: its parent's owner, then also everybody on its parent's lists
            (entry("ada", "ada"), entry("ada", ""), false),
            (entry("eve", "ada"), entry("ada", ""), false),
            (entry("ada", "ada,bert"), entry("ada", "bert"), false),
            (entry("ada", "ada,bert,eve"), entry("ada", "bert"), true),
            (entry("ada", "bert"), entry("ada", ""), true),
        ];
        for (child, parent, expected) in cases {
            assert_eq!(child.is_shared_beside(&parent), expected, "{child:?} {parent:?}");
        }
    }
}
