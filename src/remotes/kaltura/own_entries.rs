//! Every entry that this program ever made, however many.
//!
//! What other installations of this program made for the same Zoom account, and taking it over.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::account_entries::read_account_entry;
use super::client::{Kaltura, parse_answer, read_part};
use super::entries::{EVERY_MODERATION_STATUS, EVERY_STATUS_BUT_DELETED, RECYCLED};
use super::listing::{CHILDREN, pager_value};
use super::tags::{EntryReader, OUR_TAG, signed_anew};
use super::users::UserAnswer;
use super::wire::{Number, WireEntry, WireList, escape_filter};
use crate::model::{EntryId, OtherInstallation, OwnEntry, TakeOver};
use crate::remotes::http::{Meaning, RemoteError, Service};

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
        let take = |object| match read_own_entry(object, self.reader(), self.latest()) {
            // Kaltura finds the tag as a word inside of others too, in any letter case
            Ok((made, true)) => found.push(made),
            Ok((_, false)) => {}
            Err(error) => tracing::warn!(%error, "an entry cannot be read, and is skipped"),
        };
        self.each_entry(filter, take).await?;
        Ok(found)
    }
}

/// What can be no number or time is taken for what makes an entry look needed: made and played a moment ago.
fn read_own_entry(
    object: Value,
    reader: EntryReader<'_>,
    latest: DateTime<Utc>,
) -> Result<(OwnEntry, bool), RemoteError> {
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

/// Entries that wait for their content: 0 and 7.
const OPEN: &str = "0,7";
/// Entries changed and looked at together.
const BATCH: usize = 25;

impl Kaltura {
    /// The other installations of the same account, as far as one look at the newest of their entries, and at those that have
    /// no content yet, shows them; by Kaltura's index, which may lag.
    pub async fn list_others(&self) -> Result<Vec<OtherInstallation>, RemoteError> {
        let looks = [(EVERY_STATUS_BUT_DELETED, None), (OPEN, None), (OPEN, Some(CHILDREN))];
        let parts = looks.iter().map(|(statuses, display)| {
            let mut filter = self.of_others(statuses, *display);
            filter["objectType"] = "KalturaMediaEntryFilter".into();
            filter["orderBy"] = "-createdAt".into();
            ("media", "list", json!({ "filter": filter, "pager": pager_value(1) }))
        });
        let answers = self.look(parts.collect()).await?;
        let mut others = BTreeMap::new();
        for ((statuses, _), answer) in looks.into_iter().zip(answers) {
            let list: WireList<Value> = read_part("media.list", answer)?;
            for object in list.objects {
                // one that cannot be read tells of nobody
                let Ok(held) = read_account_entry(object, self.reader(), self.latest()) else {
                    continue;
                };
                let Some(id) = held.entry.tags.another else {
                    continue;
                };
                let (entry, changed) = (held.entry.id, held.changed);
                let new = || OtherInstallation { id: id.clone(), entry: entry.clone(), last: changed, open: 0 };
                let other = others.entry(id.clone()).or_insert_with(new);
                other.open += u64::from(statuses == OPEN);
                if changed > other.last {
                    (other.entry, other.last) = (entry, changed);
                }
            }
        }
        Ok(others.into_values().collect())
    }

    /// Every entry that is to be taken over, children and what lies in the recycle bin too, by Kaltura's index, which may lag.
    pub async fn left_by_others(&self) -> Result<Vec<EntryId>, RemoteError> {
        let mut found = Vec::new();
        for display_in_search in [None, Some(CHILDREN), Some(RECYCLED)] {
            let filter = self.of_others(EVERY_STATUS_BUT_DELETED, display_in_search);
            let take = |object| match read_account_entry(object, self.reader(), self.latest()) {
                Ok(held) if signed_anew(&held.entry.tags.all, self.installation()).is_some() => {
                    found.push(held.entry.id);
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "an entry cannot be read, and is not taken over"),
            };
            self.each_entry(filter, take).await?;
        }
        Ok(found)
    }

    /// Signs each of `ids` in place of whom this installation takes over from, by what Kaltura's database says of it now, and
    /// looks whether it is so then; in order.
    pub async fn sign_entries(&self, ids: &[EntryId]) -> Result<Vec<UserAnswer<()>>, RemoteError> {
        let mut signed = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let mut changes = Vec::new();
            for copied in self.entries_with_source(batch).await?.into_iter().flatten().flatten() {
                if let Some(tags) = signed_anew(&copied.entry.tags.all, self.installation()) {
                    changes.push((copied.entry.id, json!({ "objectType": "KalturaMediaEntry", "adminTags": tags })));
                }
            }
            let answers = self.update(&changes).await?;
            let mut refused: BTreeMap<EntryId, RemoteError> =
                changes.into_iter().zip(answers).filter_map(|((id, _), answer)| Some((id, answer.err()?))).collect();
            for (id, copied) in batch.iter().zip(self.entries_with_source(batch).await?) {
                signed.push(match (refused.remove(id), copied) {
                    (Some(error), _) | (None, Err(error)) => Err(error),
                    (None, Ok(Some(copied))) if self.is_from_another(&copied.entry.tags.all) => Err(not_signed(id)),
                    (None, Ok(_)) => Ok(()),
                });
            }
        }
        Ok(signed)
    }

    fn is_from_another(&self, tags: &str) -> bool {
        signed_anew(tags, self.installation()).is_some()
    }

    /// What lists the entries of others: Kaltura finds the account and the installation as words inside their tags
    /// (facts-kaltura.md#k9; facts-kaltura.md#k9), so that what comes back is compared.
    fn of_others(&self, statuses: &str, display_in_search: Option<i64>) -> Value {
        let here = self.installation();
        let whose = match &here.take_over {
            TakeOver::Of(taken) => taken.to_string(),
            TakeOver::Nothing | TakeOver::Everything => format!("!{}", here.id),
        };
        let mut filter = json!({
            "adminTagsLike": format!("{} {whose}", here.account), "statusIn": statuses,
            "moderationStatusIn": EVERY_MODERATION_STATUS,
        });
        if let Some(display) = display_in_search {
            filter["displayInSearchEqual"] = display.into();
        }
        filter
    }
}

fn not_signed(id: &EntryId) -> RemoteError {
    let message = format!(
        "baseEntry.update: entry {id} still carries the tag of another installation, and was not taken over; run sync --take-over again"
    );
    RemoteError::meant(Service::Kaltura, Meaning::NotDone, message)
}
