//! Every entry that this program ever made, however many.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Kaltura, parse_answer};
use super::entries::{EVERY_MODERATION_STATUS, EVERY_STATUS_BUT_DELETED};
use super::pages::CHILDREN;
use super::tags::{EntryReader, OUR_TAG};
use super::wire::{Number, WireEntry, escape_filter};
use crate::http::RemoteError;
use crate::model::{EntryId, OwnEntry};

/// `lastPlayedAt` is absent where nobody has played it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMade {
    #[serde(default)]
    name: String,
    #[serde(default)]
    parent_entry_id: String,
    #[serde(default)]
    created_at: Number,
    #[serde(default)]
    plays: Number,
    #[serde(default)]
    last_played_at: Number,
}

impl Kaltura {
    /// Every entry with our mark that is neither deleted nor in the recycle bin, children too, by Kaltura's index, which
    /// may lag. All of them, or an error.
    pub async fn list_own_entries(&self) -> Result<Vec<OwnEntry>, RemoteError> {
        let mut made = self.made_of(None).await?;
        made.extend(self.made_of(Some(CHILDREN)).await?);
        Ok(made)
    }

    async fn made_of(&self, display_in_search: Option<i64>) -> Result<Vec<OwnEntry>, RemoteError> {
        let mut filter = json!({
            "adminTagsLike": escape_filter(OUR_TAG), "statusIn": EVERY_STATUS_BUT_DELETED,
            "moderationStatusIn": EVERY_MODERATION_STATUS,
        });
        if let Some(display) = display_in_search {
            filter["displayInSearchEqual"] = display.into();
        }
        let mut found = Vec::new();
        let take = |object| match made(object, self.reader(), self.latest()) {
            // Kaltura finds the tag as a word inside of others too, in any letter case
            Ok((made, true)) => found.push(made),
            Ok((_, false)) => {}
            Err(error) => tracing::warn!(%error, "an entry cannot be read, and is not judged"),
        };
        self.each_entry(filter, take).await?;
        Ok(found)
    }
}

/// What can be no number or time is taken for what makes an entry look needed: made and played a moment ago.
fn made(object: Value, reader: EntryReader<'_>, latest: DateTime<Utc>) -> Result<(OwnEntry, bool), RemoteError> {
    let own: WireMade = parse_answer("media.list", object.clone())?;
    let entry = reader.entry(parse_answer::<WireEntry>("media.list", object)?);
    let last_played = match own.last_played_at {
        Number::Absent | Number::Is(0) => None,
        played => Some(played.time(latest).unwrap_or(latest)),
    };
    let made = OwnEntry {
        id: entry.id,
        parent: (!own.parent_entry_id.is_empty()).then(|| EntryId::new(own.parent_entry_id)),
        name: own.name,
        owner: entry.owner,
        created: own.created_at.time(latest).unwrap_or(latest),
        plays: own.plays.amount().unwrap_or(1),
        last_played,
    };
    Ok((made, entry.tags.is_marked))
}
