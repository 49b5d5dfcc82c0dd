//! Entries: made with their token attached, looked up by mark, confirmed by size.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::batches::ask_in_batches;
use super::client::{Kaltura, parse_answer, read_part, split_two};
use super::listing::{EntryPage, Pages, pager_value};
use super::tags::{EntryReader, OUR_TAG, without_orphan};
use super::updates::Dropped;
use super::uploads::{UploadToken, tokens_by_name};
use super::users::{UserAnswer, answer_each};
use super::wire::{Number, WireEntry, WireFlavor, WireId, WireList, escape_filter, refer_to_first};
use crate::model::{Entry, EntryId, EntryStatus, EntryWithSource, KalturaUserId, ReferenceId, UploadTokenId};
use crate::remotes::http::{RemoteError, RemoteKind, Service, redact_url};

/// Marks looked up in one request (Kaltura cuts a longer list than 500 without a word).
const MARKS: usize = 200;
/// Entries confirmed in one request, with their flavor assets.
const ENTRIES: usize = 25;
/// Without a status filter a list shows READY entries only. Deleted ones are asked for too: they stay deleted.
pub(super) const EVERY_STATUS: &str = "-2,-1,0,1,2,3,4,5,6,7";
pub(super) const EVERY_STATUS_BUT_DELETED: &str = "-2,-1,0,1,2,4,5,6,7";
/// Without it a list leaves out what waits for moderation or was rejected (facts-kaltura.md#s5).
pub(super) const EVERY_MODERATION_STATUS: &str = "1,2,3,4,5,6";

/// `KalturaMediaType`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// 1
    Video,
    /// 5
    Audio,
}

/// `EntryDisplayInSearchType::RECYCLED` (facts-kaltura.md#k38).
pub(super) const RECYCLED: i64 = -2;

/// `KalturaFlavorAssetStatus::ERROR`: of text under the name of a video (facts-kaltura.md#k45).
const SOURCE_FAILED: i64 = -1;

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
    /// Whether Kaltura makes no captions of it by itself.
    pub blocks_auto_captions: bool,
    /// What tells whose it is: [`Kaltura::tags`].
    pub admin_tags: String,
}

/// What became of [`Kaltura::attach`]'s two halves.
#[derive(Debug)]
pub struct Attached {
    /// The entry that was made.
    pub entry_id: EntryId,
    /// What Kaltura did not keep of what was asked for.
    pub dropped: Option<Dropped>,
    /// Whether the token was tied to it.
    pub tied: Result<(), RemoteError>,
    /// What goes by the token's name since, itself too.
    pub named: Result<Vec<UploadToken>, RemoteError>,
}

impl Kaltura {
    /// Makes the entry, ties the still empty token to it and lists what goes by the token's names, in one request that is sent
    /// once: an answer that is lost leaves it in doubt, and only the token can tell.
    pub async fn attach(
        &self,
        new: &NewEntry<'_>,
        token: &UploadTokenId,
        names: &[String],
    ) -> Result<Attached, RemoteError> {
        let mut parts =
            vec![("media", "add", new.params()), ("media", "addContent", read_content(&refer_to_first("id"), token))];
        parts.extend(names.iter().map(|name| tokens_by_name(name)));
        let mut answers: Vec<Value> = self.call_once("multirequest", "", Kaltura::multirequest(parts)).await?;
        let lists = answers.split_off(answers.len().min(2));
        let [added, filled] = split_two(answers, "media.add")?;
        let made: Value = read_part("media.add", added)?;
        let (entry_id, dropped) = new.made(&made)?;
        let tied = read_part::<Value>("media.addContent", filled).map(|_| ());
        Ok(Attached { entry_id, dropped, tied, named: self.tokens_in(lists, names.len()) })
    }

    /// Ties a still empty token to an entry that exists. Not to be repeated before the token was asked.
    pub async fn tie(&self, entry_id: &EntryId, token: &UploadTokenId) -> Result<(), RemoteError> {
        self.call_once::<Value>("media", "addContent", read_content(&entry_id.as_str().into(), token)).await.map(|_| ())
    }

    /// What Kaltura did not keep of an entry that was asked for, as its database has it; `None` too where it is gone.
    pub async fn dropped(&self, id: &EntryId, asked: &NewEntry<'_>) -> Result<Option<Dropped>, RemoteError> {
        match self.call::<Value>("media", "get", json!({ "entryId": id.as_str() })).await {
            Ok(there) => Ok(asked.dropped(&there)),
            Err(error) if error.kind == RemoteKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The entry to which a flavor asset belongs; `None` where it is gone.
    pub async fn entry_of_flavor_asset(&self, id: &str) -> Result<Option<EntryId>, RemoteError> {
        match self.call::<WireFlavor>("flavorAsset", "get", json!({ "id": id })).await {
            Ok(flavor) => Ok(Some(EntryId::new(flavor.entry_id))),
            Err(error) if error.kind == RemoteKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every entry, deleted and recycled ones too, that carries one of `marks` exactly. Kaltura compares without regard to
    /// case; what differs in case is left out here.
    pub async fn entries_marked(&self, marks: &[ReferenceId]) -> Result<Vec<Entry>, RemoteError> {
        Ok(self.entries_marked_or_not(marks, None).await?.0)
    }

    /// The same, and with the first of its requests how many entries this program made `since` then that carry no mark, out
    /// of the oldest ones: whether there are any is what matters.
    pub async fn entries_marked_or_not(
        &self,
        marks: &[ReferenceId],
        since: Option<DateTime<Utc>>,
    ) -> Result<(Vec<Entry>, usize), RemoteError> {
        let mut beside: Vec<_> = since.map(oldest_of_ours).into_iter().collect();
        let mut unmarked = 0;
        // what has a comma in it would be two in a list
        let (single, listed): (Vec<&ReferenceId>, Vec<&ReferenceId>) =
            marks.iter().partition(|mark| mark.as_str().contains(','));
        let mut found = Vec::new();
        for batch in listed.chunks(MARKS).chain(single.chunks(1)) {
            let field = if single.contains(&batch[0]) { "referenceIdEqual" } else { "referenceIdIn" };
            let value = batch.iter().map(|mark| mark.as_str()).collect::<Vec<_>>().join(",");
            let mut lists = [None, Some(RECYCLED)].map(|display| (display, Pages::default(), false));
            for page in 1.. {
                let parts = lists.iter().filter(|(.., ended)| !ended);
                let parts = parts.map(|(display, ..)| ("media", "list", marked_filter(field, &value, *display, page)));
                let looked = beside.len();
                let mut answers = self.look(parts.chain(beside.drain(..)).collect()).await?;
                for answer in answers.split_off(answers.len() - looked) {
                    let list: WireList<WireEntry> = read_part("media.list", answer)?;
                    let ours =
                        list.objects.into_iter().map(|entry| self.reader().entry(entry)).filter(|entry| entry.ours);
                    unmarked += ours.filter(|entry| entry.reference_id.as_str().is_empty()).count();
                }
                for ((_, pages, ended), answer) in lists.iter_mut().filter(|(.., ended)| !ended).zip(answers) {
                    let EntryPage { new, is_last, .. } = pages.take(read_part("media.list", answer)?, self.latest())?;
                    *ended = is_last;
                    for object in new {
                        let entry = self.reader().entry(parse_answer::<WireEntry>("media.list", object)?);
                        found.extend(Some(entry).filter(|entry| batch.contains(&&entry.reference_id)));
                    }
                }
                if lists.iter().all(|(.., ended)| *ended) {
                    break;
                }
            }
        }
        Ok((found, unmarked))
    }

    /// The children of each of `parents`, of every type, in order. They show in no other list.
    pub async fn children(&self, parents: &[EntryId]) -> Result<Vec<UserAnswer<Vec<Entry>>>, RemoteError> {
        self.children_in(parents, EVERY_STATUS_BUT_DELETED).await
    }

    /// The same with those that were deleted.
    pub async fn children_ever(&self, parents: &[EntryId]) -> Result<Vec<UserAnswer<Vec<Entry>>>, RemoteError> {
        self.children_in(parents, EVERY_STATUS).await
    }

    /// The same of one parent.
    pub async fn children_of(&self, parent: &EntryId) -> Result<Vec<Entry>, RemoteError> {
        self.children(std::slice::from_ref(parent)).await?.pop().unwrap_or(Ok(Vec::new()))
    }

    async fn children_in(
        &self,
        parents: &[EntryId],
        statuses: &str,
    ) -> Result<Vec<UserAnswer<Vec<Entry>>>, RemoteError> {
        ask_in_batches(parents, ENTRIES, async |batch| {
            let parts = batch.iter().map(|parent| children_of(parent, statuses));
            let answers = self.look(parts.collect()).await?.into_iter();
            answer_each(answers.map(|answer| read_entry_list(answer, self.reader())).collect())
        })
        .await
    }

    /// Gives an entry to `owner`, whom `user.get` has confirmed: Kaltura creates any other silently. The mark of an orphan goes
    /// by the same change. Its children stay where they are (facts-kaltura.md#k47).
    pub async fn give(&self, entry: &Entry, owner: &KalturaUserId) -> Result<(), RemoteError> {
        let mut change = json!({ "objectType": "KalturaMediaEntry", "userId": owner.as_str() });
        if entry.tags.is_orphan {
            change["adminTags"] = without_orphan(&entry.tags.all).into();
        }
        let params = json!({ "entryId": entry.id.as_str(), "baseEntry": change });
        self.call::<Value>("baseEntry", "update", params).await.map(|_| ())
    }

    /// Makes an entry again what it was when it was read: its owner's, with its tags. Both are read back.
    pub async fn give_back(&self, entry: &Entry) -> Result<(), RemoteError> {
        let change = json!({
            "objectType": "KalturaMediaEntry", "userId": entry.owner.as_str(), "adminTags": entry.tags.all,
        });
        let mut answers = self.update(&[(entry.id.clone(), change)]).await?;
        answers.pop().unwrap_or(Ok(()))
    }

    /// What became of each of `ids`, in order; `None` where the entry no longer exists. Read from Kaltura's database. What
    /// cannot be read of one is an error of that one.
    pub async fn entries_with_source(
        &self,
        ids: &[EntryId],
    ) -> Result<Vec<UserAnswer<Option<EntryWithSource>>>, RemoteError> {
        ask_in_batches(ids, ENTRIES, async |batch| {
            let parts = batch.iter().flat_map(entry_calls);
            let mut answers = self.look(parts.collect()).await?.into_iter();
            let mut next = || split_two(answers.by_ref().take(2).collect(), "media.get");
            let entries = batch.iter().map(|_| Ok(read_entry_with_source(next()?, self.reader())));
            answer_each(entries.collect::<Result<_, RemoteError>>()?)
        })
        .await
    }

    /// The same of one.
    pub async fn copied_one(&self, id: &EntryId) -> Result<Option<EntryWithSource>, RemoteError> {
        self.entries_with_source(std::slice::from_ref(id)).await?.pop().unwrap_or(Ok(None))
    }
}

impl NewEntry<'_> {
    /// The entry that `media.add` answers with, and what is not in it as it was asked for.
    pub(super) fn made(&self, answer: &Value) -> Result<(EntryId, Option<Dropped>), RemoteError> {
        // of anything else that is odd in it the entry was made all the same
        let made: WireId = parse_answer("media.add", answer.clone())?;
        Ok((EntryId::new(made.id), self.dropped(answer)))
    }

    fn dropped(&self, there: &Value) -> Option<Dropped> {
        Dropped::of(&self.params()["entry"], there)
    }

    /// What `media.add` is called with.
    pub(super) fn params(&self) -> Value {
        let mut entry = json!({
            "objectType": "KalturaMediaEntry", "mediaType": self.media_type.number(), "name": self.name,
            "userId": self.owner, "referenceId": self.reference_id.as_str(), "adminTags": self.admin_tags, "tags": self.tags,
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
        if self.blocks_auto_captions {
            entry["blockAutoTranscript"] = true.into();
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

/// The calls that show what became of an entry: itself and its flavor assets.
pub(super) fn entry_calls(id: &EntryId) -> [(&'static str, &'static str, Value); 2] {
    let params = json!({ "entryId": id.as_str() });
    [("media", "get", params.clone()), ("flavorAsset", "getByEntryId", params)]
}

/// What to list entries by their marks with. Those in the recycle bin show only where they are asked for.
fn marked_filter(field: &str, marks: &str, display_in_search: Option<i64>, page: u64) -> Value {
    let mut filter = json!({
        "objectType": "KalturaMediaEntryFilter", field: marks, "statusIn": EVERY_STATUS,
        "moderationStatusIn": EVERY_MODERATION_STATUS,
        "orderBy": "+createdAt",
    });
    if let Some(display) = display_in_search {
        filter["displayInSearchEqual"] = display.into();
    }
    json!({ "filter": filter, "pager": pager_value(page) })
}

/// What to list entries of this program by, the oldest first.
fn oldest_of_ours(since: DateTime<Utc>) -> (&'static str, &'static str, Value) {
    let filter = json!({
        "objectType": "KalturaMediaEntryFilter", "adminTagsLike": escape_filter(OUR_TAG), "statusIn": EVERY_STATUS_BUT_DELETED,
        "moderationStatusIn": EVERY_MODERATION_STATUS, "orderBy": "+createdAt",
        "createdAtGreaterThanOrEqual": since.timestamp(),
    });
    ("media", "list", json!({ "filter": filter, "pager": pager_value(1) }))
}

/// The call that lists the children of an entry: they show in no other list. The base type, as a list of media leaves out
/// documents and data (facts-kaltura.md#k43).
pub(super) fn children_of(parent: &EntryId, statuses: &str) -> (&'static str, &'static str, Value) {
    let filter = json!({
        "objectType": "KalturaBaseEntryFilter", "parentEntryIdEqual": escape_filter(parent.as_str()),
        "statusIn": statuses, "moderationStatusIn": EVERY_MODERATION_STATUS,
    });
    ("baseEntry", "list", json!({ "filter": filter, "pager": pager_value(1) }))
}

/// The entries of a list that has but one page.
pub(super) fn read_entry_list(answer: Value, reader: EntryReader<'_>) -> Result<Vec<Entry>, RemoteError> {
    let list: WireList<WireEntry> = read_part("baseEntry.list", answer)?;
    if !list.is_whole() {
        let message = "baseEntry.list showed only some of the children of an entry";
        return Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message));
    }
    Ok(list.objects.into_iter().map(|entry| reader.entry(entry)).collect())
}

fn read_content(entry_id: &Value, token: &UploadTokenId) -> Value {
    let resource = json!({ "objectType": "KalturaUploadedFileTokenResource", "token": token.expose() });
    json!({ "entryId": entry_id, "resource": resource })
}

pub(super) fn read_entry_with_source(
    [entry, flavors]: [Value; 2],
    reader: EntryReader<'_>,
) -> Result<Option<EntryWithSource>, RemoteError> {
    let entry = match read_part::<WireEntry>("media.get", entry) {
        Ok(entry) => entry,
        Err(error) if error.kind == RemoteKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let flavors: Vec<WireFlavor> = read_part("flavorAsset.getByEntryId", flavors)?;
    let source = flavors.iter().find(|flavor| flavor.is_original);
    let source_bytes = source.map_or(Number::Absent, |flavor| flavor.size_in_bytes).size();
    let source_failed = source.is_some_and(|flavor| flavor.status.whole() == Some(SOURCE_FAILED));
    match (entry.odd(), source_bytes) {
        (None, Some(source_bytes)) => {
            Ok(Some(EntryWithSource { entry: reader.entry(entry), source_bytes, source_failed }))
        }
        (odd, _) => Err(unreadable_entry(&entry.id, odd.unwrap_or("sizeInBytes"))),
    }
}

/// Nothing may follow from what is not known: an entry without bytes would be made again.
fn unreadable_entry(id: &str, field: &str) -> RemoteError {
    let message = format!("entry {}: its {field} is invalid; look at it in the KMC", redact_url(id));
    RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message)
}

impl EntryReader<'_> {
    /// One with an odd number in it is in no state that anything follows from.
    pub(super) fn entry(self, wire: WireEntry) -> Entry {
        let status = match wire.status.whole().filter(|_| wire.odd().is_none()) {
            Some(-2 | -1) => EntryStatus::Failed,
            Some(0) => EntryStatus::Importing,
            Some(1 | 4) => EntryStatus::Processing,
            Some(2) => EntryStatus::Ready,
            Some(3) => EntryStatus::Deleted,
            Some(7) => EntryStatus::NoContent,
            _ => EntryStatus::Other,
        };
        let tags = self.read(&wire.admin_tags);
        Entry {
            ours: self.is_ours(&tags, status, &wire),
            tags,
            status,
            milliseconds: wire.milliseconds().unwrap_or(0),
            id: EntryId::new(wire.id),
            owner: wire.user_id,
            reference_id: ReferenceId::new(wire.reference_id),
            recycled: wire.display_in_search.whole() == Some(RECYCLED),
            changed: wire.updated_at.time(DateTime::<Utc>::MAX_UTC),
        }
    }
}
