//! Which entries a list shows. Most surprises of the API are here.

use serde_json::Value;

use super::entry::{Entry, status};
use super::error::ApiError;
use super::moods::Lists;
use super::page::{Page, list, ordered};
use super::params::Params;
use super::world::{World, now};

/// A `time` value nearer to 0 than this counts from now.
const TEN_YEARS: i64 = 315_360_000;

impl World {
    /// `media.list`, `baseEntry.list`; `kind` is that of the answer.
    pub fn list_entries(&mut self, params: &Params, kind: &str) -> Result<Value, ApiError> {
        let filter = params.object("filter").unwrap_or_default();
        self.check_reference_search(&filter)?;
        self.need_index()?;
        let entries = self.indexed();
        let found = entries.filter(|entry| self.shows(&filter, entry)).collect();
        self.answer(found, params, &filter, kind)
    }

    /// `baseEntry.listByReferenceId`: every status but deleted, and no children.
    pub fn list_by_reference(&self, params: &Params) -> Result<Value, ApiError> {
        let wanted = params.required("refId")?;
        if wanted.is_empty() {
            return Err(ApiError::missing(""));
        }
        self.need_index()?;
        let shown = |entry: &Entry| {
            entry.reference_id.eq_ignore_ascii_case(&wanted)
                && entry.status != status::DELETED
                && entry.parent_entry_id.is_empty()
                && !entry.recycled
        };
        let found = self.indexed().filter(shown).collect();
        self.answer(found, params, &Params::default(), "KalturaBaseEntryListResponse")
    }

    /// The entries that the search index knows. They come in the order of their ids, which is none.
    fn indexed(&self) -> impl Iterator<Item = Entry> {
        self.entries.values().filter(|entry| self.index.knows(entry)).map(|entry| entry.seen(&self.settings))
    }

    fn answer(&self, mut found: Vec<Entry>, params: &Params, filter: &Params, kind: &str) -> Result<Value, ApiError> {
        let page = if self.lists == Lists::Repeating { Page::first() } else { Page::of(params)? };
        let order = filter.filled("orderBy");
        if order.is_some() {
            // what the wanted order leaves open is in the order of creation
            found.sort_by_key(|entry| entry.serial);
        }
        match order.as_deref() {
            Some("+name") => found.sort_by(|a, b| a.name.cmp(&b.name)),
            Some("-name") => found.sort_by(|a, b| b.name.cmp(&a.name)),
            order => ordered(&mut found, order, |entry| entry.created_at, |entry| entry.updated_at),
        }
        let mut answer = list(kind, &found, page, |entry| self.entry_wire(&entry.id, "KalturaMediaEntry"));
        if let (Lists::Growing, Some(known)) = (self.lists, found.first()) {
            let unseen = |number: usize| {
                let mut entry = self.entry_wire(&known.id, "KalturaMediaEntry");
                entry["id"] = format!("0_unseen{}n{number}", page.number()).into();
                entry
            };
            answer["objects"] = (0..500).map(unseen).collect();
        }
        Ok(answer)
    }

    fn shows(&self, filter: &Params, entry: &Entry) -> bool {
        shows_status(filter, entry)
            && shows_child(filter, entry)
            && shows_ids(filter, entry)
            && shows_tags(filter, entry)
            && shows_times(filter, entry)
            && self.shows_owner(filter, entry)
    }

    /// An owner that was deleted finds nothing, although his entries still carry his id.
    fn shows_owner(&self, filter: &Params, entry: &Entry) -> bool {
        let owned = |id: &str| {
            let owner = self.users.find(id.trim());
            owner.is_some() && owner == entry.owner
        };
        let created = |id: &str| entry.creator_id.eq_ignore_ascii_case(id);
        filter.filled("userIdEqual").is_none_or(|id| owned(&id))
            && filter.filled("userIdIn").is_none_or(|ids| ids.split(',').any(owned))
            && filter.filled("creatorIdEqual").is_none_or(|id| created(&id))
    }
}

/// Without a word about the status only READY entries are shown, unless a single one is asked for by its id.
fn shows_status(filter: &Params, entry: &Entry) -> bool {
    let names = ["statusEqual", "statusNotEqual", "statusIn", "statusNotIn", "idEqual"];
    if names.iter().all(|name| filter.filled(name).is_none()) {
        return entry.status == status::READY;
    }
    let status = entry.status.to_string();
    let deleted_by_id = entry.status == status::DELETED && filter.filled("statusIn").is_none();
    !deleted_by_id && matches(filter, "status", |wanted| wanted == status)
}

/// Children, and what lies in the recycle bin, are hidden unless somebody asks for them.
fn shows_child(filter: &Params, entry: &Entry) -> bool {
    let names = ["idEqual", "idIn", "parentEntryIdEqual", "displayInSearchEqual"];
    let asked = names.iter().any(|name| filter.filled(name).is_some());
    let is_child = !entry.parent_entry_id.is_empty();
    let display = entry.display_in_search().to_string();
    (asked || !(is_child || entry.recycled))
        && filter.filled("displayInSearchEqual").is_none_or(|wanted| wanted == display)
        && filter.filled("parentEntryIdEqual").is_none_or(|id| id == entry.parent_entry_id)
}

fn shows_ids(filter: &Params, entry: &Entry) -> bool {
    let media_type = entry.media_type.to_string();
    let reference = |wanted: &str| entry.reference_id.eq_ignore_ascii_case(wanted);
    matches(filter, "id", |id| id == entry.id)
        && matches(filter, "rootEntryId", |id| id == entry.id)
        && matches(filter, "referenceId", reference)
        && matches(filter, "type", |wanted| wanted == "1")
        && matches(filter, "moderationStatus", |wanted| wanted == "6")
        && matches(filter, "mediaType", |wanted| wanted == media_type)
        && filter.filled("nameEqual").is_none_or(|name| name == entry.name)
}

/// A field's `Equal`, `NotEqual`, `In` and `NotIn`, as far as they are filled.
fn matches(filter: &Params, field: &str, is: impl Fn(&str) -> bool) -> bool {
    let asked = |suffix| filter.filled(&format!("{field}{suffix}"));
    let any = |list: &str| list.split(',').any(|one| is(one.trim()));
    asked("Equal").is_none_or(|one| is(&one))
        && asked("NotEqual").is_none_or(|one| !is(&one))
        && asked("In").is_none_or(|list| any(&list))
        && asked("NotIn").is_none_or(|list| !any(&list))
}

fn shows_tags(filter: &Params, entry: &Entry) -> bool {
    [("tags", &entry.tags), ("adminTags", &entry.admin_tags)].into_iter().all(|(field, tags)| {
        // a whole tag counts, not a part of it
        let has = |wanted: &str| tags.split(',').any(|tag| tag.trim() == wanted.trim().to_lowercase());
        let asked = |suffix| filter.filled(&format!("{field}{suffix}"));
        asked("Like").is_none_or(|tag| has(&tag))
            && asked("MultiLikeOr").is_none_or(|list| list.split(',').any(has))
            && asked("MultiLikeAnd").is_none_or(|list| list.split(',').all(has))
    })
}

fn shows_times(filter: &Params, entry: &Entry) -> bool {
    let fields = [("createdAt", entry.created_at), ("updatedAt", entry.updated_at)];
    fields.into_iter().all(|(field, at)| {
        let asked = |suffix| {
            filter.filled(&format!("{field}{suffix}"))?;
            filter.number(&format!("{field}{suffix}")).map(moment)
        };
        asked("GreaterThanOrEqual").is_none_or(|earliest| at >= earliest)
            && asked("LessThanOrEqual").is_none_or(|latest| at <= latest)
    })
}

fn moment(time: i64) -> i64 {
    if time.abs() < TEN_YEARS { now() + time } else { time }
}
