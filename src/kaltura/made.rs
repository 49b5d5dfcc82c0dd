//! Every entry that this program ever made, however many.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Kaltura, read};
use super::entries::{EVERY_MODERATION_STATUS, EVERY_STATUS_BUT_DELETED, OUR_TAG};
use super::wire::{WireEntry, WireList, number};
use crate::http::{RemoteError, RemoteKind, Service};
use crate::model::{Entry, EntryId, Made};

/// The most that Kaltura gives in one page.
const PAGE: u64 = 500;
/// Kaltura shows no more than 10000 of a list (facts from its server code).
const PAGES: u64 = 20;
/// `EntryDisplayInSearchType::SYSTEM`: children are in no list but one that asks for this.
const CHILDREN: i64 = -1;

/// `lastPlayedAt` is absent where nobody has played it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMade {
    #[serde(default)]
    name: String,
    #[serde(default)]
    parent_entry_id: String,
    created_at: i64,
    #[serde(default, deserialize_with = "number")]
    plays: u64,
    #[serde(default, deserialize_with = "number")]
    last_played_at: u64,
}

impl Kaltura {
    /// Every entry with our mark that is neither deleted nor in the recycle bin, children too, by Kaltura's index, which
    /// may lag. All of them, or an error.
    pub async fn made(&self) -> Result<Vec<Made>, RemoteError> {
        let mut made = self.made_of(None).await?;
        made.extend(self.made_of(Some(CHILDREN)).await?);
        Ok(made)
    }

    /// Goes on from the time of the last one of a page: no list is too long then, and what is deleted meanwhile shifts
    /// nothing out of sight.
    async fn made_of(&self, display_in_search: Option<i64>) -> Result<Vec<Made>, RemoteError> {
        let (mut found, mut known) = (Vec::new(), HashSet::new());
        let (mut from, mut page) = (None, 1);
        loop {
            let list: WireList<Value> = self.call("media", "list", ours(display_in_search, from, page)).await?;
            let is_last = page * PAGE >= list.total_count;
            let mut newest = from;
            for object in list.objects {
                let (made, is_ours) = made(object)?;
                newest = newest.max(Some(made.created.timestamp()));
                // what bears the time of the last one comes again
                if is_ours && known.insert(made.id.clone()) {
                    found.push(made);
                }
            }
            if is_last {
                return Ok(found);
            }
            (from, page) = if newest > from { (newest, 1) } else { (from, page + 1) };
            if page > PAGES || newest.is_none() {
                let message = "media.list said that there is more, and did not show it";
                return Err(RemoteError::new(Service::Kaltura, RemoteKind::Garbled, message));
            }
        }
    }
}

/// A part of the tag does not count for Kaltura, and its letter case does not either; what comes is looked at again.
fn ours(display_in_search: Option<i64>, from: Option<i64>, page: u64) -> Value {
    let mut filter = json!({
        "objectType": "KalturaMediaEntryFilter", "adminTagsLike": OUR_TAG, "statusIn": EVERY_STATUS_BUT_DELETED,
        "moderationStatusIn": EVERY_MODERATION_STATUS, "orderBy": "+createdAt",
    });
    if let Some(display) = display_in_search {
        filter["displayInSearchEqual"] = display.into();
    }
    if let Some(from) = from {
        filter["createdAtGreaterThanOrEqual"] = from.into();
    }
    json!({ "filter": filter, "pager": { "objectType": "KalturaFilterPager", "pageSize": PAGE, "pageIndex": page } })
}

fn made(object: Value) -> Result<(Made, bool), RemoteError> {
    let own: WireMade = read("media.list", object.clone())?;
    let entry = Entry::from(read::<WireEntry>("media.list", object)?);
    let time = |seconds: i64| {
        DateTime::<Utc>::from_timestamp(seconds, 0).ok_or_else(|| {
            let message = "media.list gave a time that is none";
            RemoteError::new(Service::Kaltura, RemoteKind::Garbled, message)
        })
    };
    let last_played = (own.last_played_at > 0).then(|| time(own.last_played_at.cast_signed())).transpose()?;
    let made = Made {
        id: entry.id,
        parent: (!own.parent_entry_id.is_empty()).then(|| EntryId::new(own.parent_entry_id)),
        name: own.name,
        owner: entry.owner,
        created: time(own.created_at)?,
        plays: own.plays,
        last_played,
    };
    Ok((made, entry.ours))
}
