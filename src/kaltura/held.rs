//! What lies in one account, and whether people made something of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Kaltura, read, read_part};
use super::entries::{EVERY_MODERATION_STATUS, EVERY_STATUS_BUT_DELETED, OUR_TAG, two};
use super::wire::{WireEntry, WireList};
use crate::http::{RemoteError, RemoteKind, Service};
use crate::model::{Entry, EntryId, HostId, KalturaUserId, Meeting, MeetingKind, MeetingUuid, Part, Segment};

/// The most that Kaltura gives in one page.
const PAGE: u64 = 500;
/// Kaltura shows no more than 10000 of a list, and answers an error beyond (facts from its server code).
const PAGES: u64 = 20;
/// Entries looked at in one request.
const BATCH: usize = 25;

/// The entries of an account, the oldest first. Children are in no such list.
#[derive(Clone, Debug, Default)]
pub struct Holding {
    /// The entries.
    pub entries: Vec<Held>,
    /// Whether these are all of them.
    pub complete: bool,
}

/// An entry and what is needed to judge it without a ledger.
#[derive(Clone, Debug)]
pub struct Held {
    /// The entry.
    pub entry: Entry,
    /// Its name: untrusted text.
    pub name: String,
    /// When it was last changed, by Kaltura's own clock.
    pub changed: DateTime<Utc>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireHeld {
    #[serde(default)]
    name: String,
    created_at: i64,
    #[serde(default)]
    updated_at: i64,
}

/// With whom an entry is shared, by what they may do.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WireShared {
    #[serde(rename = "entitledUsersEdit")]
    edit: String,
    #[serde(rename = "entitledUsersPublish")]
    publish: String,
    #[serde(rename = "entitledUsersView")]
    view: String,
}

impl Held {
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
        Segment {
            meeting: Arc::new(meeting),
            recording_start: key.map(|key| key.recording_start).unwrap_or_default(),
            started: start,
            part: Part::ONLY,
            lasted: None,
            files: Arc::default(),
        }
    }
}

impl Kaltura {
    /// What lies in the account of `user`, by Kaltura's index, which may lag. Of a deleted user nothing is shown.
    pub async fn holding(&self, user: &KalturaUserId) -> Result<Holding, RemoteError> {
        self.list_held(user, ("userIdEqual", user.as_str())).await
    }

    /// What this program made and `user` owns, a deleted one too: all that it made is gone through.
    pub async fn made_by_us(&self, user: &KalturaUserId) -> Result<Holding, RemoteError> {
        self.list_held(user, ("adminTagsLike", OUR_TAG)).await
    }

    /// A list shows 10000 entries and no more: beyond them it is begun anew with the last moment that was seen.
    async fn list_held(&self, user: &KalturaUserId, by: (&str, &str)) -> Result<Holding, RemoteError> {
        let mut holding = Holding::default();
        let (mut seen, mut since) = (BTreeSet::new(), None);
        loop {
            let (mut complete, mut newest) = (false, None);
            for page in 1..=PAGES {
                let list: WireList<Value> = self.call("media", "list", held_by(by, since, page)).await?;
                complete = page * PAGE >= list.total_count || list.objects.is_empty();
                for object in list.objects {
                    let (made, held) = held(object)?;
                    newest = newest.max(Some(made));
                    // a filter that Kaltura does not know is ignored in silence
                    if held.entry.owner == user.as_str() && seen.insert(held.entry.id.clone()) {
                        holding.entries.push(held);
                    }
                }
                if complete {
                    break;
                }
            }
            holding.complete = complete;
            if complete || newest == since {
                return Ok(holding);
            }
            since = newest;
        }
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
                found.push(is_published(two(answers.by_ref().take(2).collect(), "categoryEntry.list")?)?);
            }
        }
        Ok(found)
    }
}

/// What to list entries by, the oldest first.
fn held_by((field, value): (&str, &str), since: Option<i64>, page: u64) -> Value {
    let mut filter = json!({
        "objectType": "KalturaMediaEntryFilter", field: value,
        "statusIn": EVERY_STATUS_BUT_DELETED, "moderationStatusIn": EVERY_MODERATION_STATUS, "orderBy": "+createdAt",
    });
    if let Some(since) = since {
        filter["createdAtGreaterThanOrEqual"] = since.into();
    }
    json!({ "filter": filter, "pager": { "objectType": "KalturaFilterPager", "pageSize": PAGE, "pageIndex": page } })
}

/// When it was made, in seconds since 1970, and what it is.
fn held(object: Value) -> Result<(i64, Held), RemoteError> {
    let own: WireHeld = read("media.list", object.clone())?;
    let entry: WireEntry = read("media.list", object)?;
    let changed = DateTime::from_timestamp(own.created_at.max(own.updated_at), 0).ok_or_else(|| {
        RemoteError::new(Service::Kaltura, RemoteKind::Garbled, "media.list gave a time that is none".to_owned())
    })?;
    Ok((own.created_at, Held { entry: Entry::from(entry), name: own.name, changed }))
}

fn is_published([entry, categories]: [Value; 2]) -> Result<bool, RemoteError> {
    let shared: WireShared = match read_part("media.get", entry) {
        Ok(shared) => shared,
        Err(error) if error.kind == RemoteKind::NotFound => WireShared::default(),
        Err(error) => return Err(error),
    };
    let in_category = match read_part::<WireList<Value>>("categoryEntry.list", categories) {
        Ok(list) => list.total_count > 0 || !list.objects.is_empty(),
        Err(error) if error.kind == RemoteKind::NotFound => false,
        Err(error) => return Err(error),
    };
    let with_others = [shared.edit, shared.publish, shared.view];
    Ok(in_category || with_others.iter().any(|users| !users.trim().is_empty()))
}
