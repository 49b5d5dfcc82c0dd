//! Entries: made with their token attached, looked up by mark, confirmed by size.

use serde_json::{Value, json};

use super::client::{Kaltura, read_part};
use super::wire::{WireEntry, WireFlavor, WireList};
use crate::http::{Meaning, RemoteError, RemoteKind, Service};
use crate::model::{Copied, Entry, EntryId, EntryStatus, KalturaUserId, ReferenceId, UploadTokenId};

/// The mark of this program: what does not carry it is never changed by it.
pub const OUR_TAG: &str = "zoom2kaltura";

/// Marks looked up in one request (Kaltura cuts a longer list than 500 without a word).
const MARKS: usize = 100;
/// The most that Kaltura gives in one page.
const PAGE: u64 = 500;
/// Entries confirmed in one request, with their flavor assets.
const ENTRIES: usize = 25;
/// Without a status filter a list shows READY entries only. Deleted ones are asked for too: they stay deleted.
pub(super) const EVERY_STATUS: &str = "-2,-1,0,1,2,3,4,5,6,7";
pub(super) const EVERY_STATUS_BUT_DELETED: &str = "-2,-1,0,1,2,4,5,6,7";
/// Without it a list leaves out what waits for moderation or was rejected (facts from Kaltura's server code).
pub(super) const EVERY_MODERATION_STATUS: &str = "1,2,3,4,5,6";

/// `KalturaMediaType`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// 1
    Video,
    /// 5
    Audio,
}

/// `EntryDisplayInSearchType::RECYCLED` (facts from Kaltura's server code).
const RECYCLED: i64 = -2;

/// An entry to be made.
#[derive(Clone, Debug)]
pub struct NewEntry<'a> {
    /// What its content will be.
    pub media_type: MediaType,
    /// Its name, fit for Kaltura.
    pub name: String,
    /// Its description; empty for none.
    pub description: String,
    /// Its owner: an id that `user.get` has confirmed, as Kaltura creates any other silently; empty for nobody.
    pub owner: &'a str,
    /// The mark it carries.
    pub reference_id: ReferenceId,
    /// Shown to viewers, for search; separated by commas.
    pub tags: String,
    /// Where not the partner's default.
    pub conversion_profile_id: Option<i64>,
    /// The entry whose child it becomes.
    pub parent: Option<&'a EntryId>,
}

/// What became of [`Kaltura::attach`]'s two halves.
#[derive(Debug)]
pub struct Attached {
    /// The entry that was made.
    pub entry_id: EntryId,
    /// Whether the token was tied to it.
    pub tied: Result<(), RemoteError>,
}

impl Kaltura {
    /// Makes the entry and ties the still empty token to it, in one request that is sent once: an answer that is lost
    /// leaves it in doubt, and only the token can tell.
    pub async fn attach(&self, new: &NewEntry<'_>, token: &UploadTokenId) -> Result<Attached, RemoteError> {
        let parts = vec![("media", "add", new.params()), ("media", "addContent", content("{1:result:id}", token))];
        let answers: Vec<Value> = self.call_once("multirequest", "", Kaltura::multirequest(parts)).await?;
        let [added, filled] = two(answers, "media.add")?;
        let made: WireEntry = read_part("media.add", added)?;
        let tied = read_part::<WireEntry>("media.addContent", filled).map(|_| ());
        Ok(Attached { entry_id: EntryId::new(made.id), tied })
    }

    /// Ties a still empty token to an entry that exists. Not to be repeated before the token was asked.
    pub async fn tie(&self, entry_id: &EntryId, token: &UploadTokenId) -> Result<(), RemoteError> {
        self.call_once::<WireEntry>("media", "addContent", content(entry_id.as_str(), token)).await.map(|_| ())
    }

    /// The entry to which a flavor asset belongs.
    pub async fn entry_of_flavor_asset(&self, id: &str) -> Result<EntryId, RemoteError> {
        let flavor: WireFlavor = self.call("flavorAsset", "get", json!({ "id": id })).await?;
        Ok(EntryId::new(flavor.entry_id))
    }

    /// Every entry, deleted and recycled ones too, that carries one of `marks` exactly. Kaltura compares without regard to
    /// case; what differs in case is left out here.
    pub async fn entries_marked(&self, marks: &[ReferenceId]) -> Result<Vec<Entry>, RemoteError> {
        let mut found = Vec::new();
        // in a list of several a comma would part one mark in two
        let (alone, together): (Vec<ReferenceId>, Vec<ReferenceId>) =
            marks.iter().cloned().partition(|mark| mark.as_str().contains(','));
        for batch in together.chunks(MARKS).chain(alone.chunks(1)) {
            let list = batch.iter().map(ReferenceId::as_str).collect::<Vec<_>>().join(",");
            let by = if list.contains(',') && batch.len() == 1 { "referenceIdEqual" } else { "referenceIdIn" };
            for page in 1.. {
                let parts = [None, Some(RECYCLED)].map(|display| ("media", "list", marked((by, &list), display, page)));
                let mut complete = true;
                for answer in self.look(parts.to_vec()).await? {
                    let entries: WireList<WireEntry> = read_part("media.list", answer)?;
                    complete &= page * PAGE >= entries.total_count || entries.objects.is_empty();
                    let entries = entries.objects.into_iter().map(Entry::from);
                    found.extend(entries.filter(|entry| batch.contains(&entry.reference_id)));
                }
                if complete {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// The children of each of `parents`, in order. They show in no other list.
    pub async fn children(&self, parents: &[EntryId]) -> Result<Vec<Vec<Entry>>, RemoteError> {
        self.children_in(parents, EVERY_STATUS_BUT_DELETED).await
    }

    /// The same with those that were deleted.
    pub async fn children_ever(&self, parents: &[EntryId]) -> Result<Vec<Vec<Entry>>, RemoteError> {
        self.children_in(parents, EVERY_STATUS).await
    }

    async fn children_in(&self, parents: &[EntryId], statuses: &str) -> Result<Vec<Vec<Entry>>, RemoteError> {
        let mut found = Vec::with_capacity(parents.len());
        for batch in parents.chunks(ENTRIES) {
            let parts = batch.iter().map(|parent| ("media", "list", children_of(parent, statuses)));
            for answer in self.look(parts.collect()).await? {
                found.push(listed(answer)?);
            }
        }
        Ok(found)
    }

    /// Gives an entry to `owner`, whom `user.get` has confirmed: Kaltura creates any other silently. Its children stay where
    /// they are (recorded traffic).
    pub async fn give(&self, id: &EntryId, owner: &KalturaUserId) -> Result<(), RemoteError> {
        let change = json!({ "objectType": "KalturaMediaEntry", "userId": owner.as_str() });
        let params = json!({ "entryId": id.as_str(), "baseEntry": change });
        self.call::<Value>("baseEntry", "update", params).await.map(|_| ())
    }

    /// Deletes an entry, with its children. One that does not exist any more is no error.
    pub async fn delete(&self, id: &EntryId) -> Result<(), RemoteError> {
        match self.call::<Value>("media", "delete", json!({ "entryId": id.as_str() })).await {
            Err(error) if error.kind != RemoteKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Puts an entry into the recycle bin; its children stay where they are, hidden as they were. One that lies there, or
    /// does not exist any more, is no error. [`Meaning::NoRecycleBin`] where the partner has none.
    pub async fn recycle(&self, id: &EntryId) -> Result<(), RemoteError> {
        match self.call::<Value>("baseEntry", "recycle", json!({ "entryId": id.as_str() })).await {
            Err(error) if error.kind != RemoteKind::NotFound && !error.means(Meaning::AlreadyThere) => Err(error),
            _ => Ok(()),
        }
    }

    /// What became of each of `ids`, in order; `None` where the entry no longer exists. Read from Kaltura's database.
    pub async fn copied(&self, ids: &[EntryId]) -> Result<Vec<Option<Copied>>, RemoteError> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(ENTRIES) {
            let parts = batch.iter().flat_map(whole);
            let mut answers = self.look(parts.collect()).await?.into_iter();
            for _ in batch {
                let pair = two(answers.by_ref().take(2).collect(), "media.get")?;
                found.push(copied(pair)?);
            }
        }
        Ok(found)
    }
}

impl NewEntry<'_> {
    /// What `media.add` is called with.
    pub(super) fn params(&self) -> Value {
        let mut entry = json!({
            "objectType": "KalturaMediaEntry", "mediaType": self.media_type.number(), "name": self.name,
            "userId": self.owner, "referenceId": self.reference_id.as_str(), "adminTags": OUR_TAG, "tags": self.tags,
        });
        if !self.description.is_empty() {
            entry["description"] = self.description.as_str().into();
        }
        if let Some(parent) = self.parent {
            entry["parentEntryId"] = parent.as_str().into();
        }
        if let Some(profile) = self.conversion_profile_id {
            entry["conversionProfileId"] = profile.into();
        }
        json!({ "entry": entry })
    }
}

impl MediaType {
    fn number(self) -> u32 {
        match self {
            MediaType::Video => 1,
            MediaType::Audio => 5,
        }
    }
}

/// The calls that tell what became of an entry: itself and its flavor assets.
pub(super) fn whole(id: &EntryId) -> [(&'static str, &'static str, Value); 2] {
    let params = json!({ "entryId": id.as_str() });
    [("media", "get", params.clone()), ("flavorAsset", "getByEntryId", params)]
}

/// What to list entries by their marks with. Those in the recycle bin show only where they are asked for.
fn marked((by, marks): (&str, &str), display_in_search: Option<i64>, page: u64) -> Value {
    let mut filter = json!({
        "objectType": "KalturaMediaEntryFilter", by: marks, "statusIn": EVERY_STATUS,
        "moderationStatusIn": EVERY_MODERATION_STATUS,
        "orderBy": "+createdAt",
    });
    if let Some(display) = display_in_search {
        filter["displayInSearchEqual"] = display.into();
    }
    json!({ "filter": filter, "pager": { "objectType": "KalturaFilterPager", "pageSize": PAGE, "pageIndex": page } })
}

/// What to list the children of an entry by: they show in no other list.
pub(super) fn children_of(parent: &EntryId, statuses: &str) -> Value {
    let filter = json!({
        "objectType": "KalturaMediaEntryFilter", "parentEntryIdEqual": parent.as_str(),
        "statusIn": statuses, "moderationStatusIn": EVERY_MODERATION_STATUS,
    });
    json!({ "filter": filter, "pager": { "objectType": "KalturaFilterPager", "pageSize": PAGE } })
}

/// The entries of a list.
pub(super) fn listed(answer: Value) -> Result<Vec<Entry>, RemoteError> {
    let list: WireList<WireEntry> = read_part("media.list", answer)?;
    Ok(list.objects.into_iter().map(Entry::from).collect())
}

fn content(entry_id: &str, token: &UploadTokenId) -> Value {
    let resource = json!({ "objectType": "KalturaUploadedFileTokenResource", "token": token.expose() });
    json!({ "entryId": entry_id, "resource": resource })
}

pub(super) fn copied([entry, flavors]: [Value; 2]) -> Result<Option<Copied>, RemoteError> {
    let entry = match read_part::<WireEntry>("media.get", entry) {
        Ok(entry) => Entry::from(entry),
        Err(error) if error.kind == RemoteKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let flavors: Vec<WireFlavor> = read_part("flavorAsset.getByEntryId", flavors)?;
    let source = flavors.iter().find(|flavor| flavor.is_original);
    Ok(Some(Copied { entry, source_bytes: source.map_or(0, |flavor| flavor.size_in_bytes) }))
}

pub(super) fn two(answers: Vec<Value>, call: &str) -> Result<[Value; 2], RemoteError> {
    answers.try_into().map_err(|_| {
        let message = format!("the answer to {call} lacks a part");
        RemoteError::new(Service::Kaltura, RemoteKind::Garbled, message)
    })
}

impl From<WireEntry> for Entry {
    fn from(wire: WireEntry) -> Entry {
        let number = wire.status.as_i64().or_else(|| wire.status.as_str().and_then(|text| text.parse().ok()));
        let status = match number {
            Some(-2 | -1) => EntryStatus::Failed,
            Some(0) => EntryStatus::Importing,
            Some(1 | 4) => EntryStatus::Processing,
            Some(2) => EntryStatus::Ready,
            Some(3) => EntryStatus::Deleted,
            Some(7) => EntryStatus::NoContent,
            _ => EntryStatus::Other,
        };
        Entry {
            id: EntryId::new(wire.id),
            status,
            owner: wire.user_id,
            reference_id: ReferenceId::new(wire.reference_id),
            ours: wire.admin_tags.split(',').any(|tag| tag.trim() == OUR_TAG),
            recycled: wire.display_in_search == RECYCLED,
            milliseconds: wire.ms_duration,
        }
    }
}
