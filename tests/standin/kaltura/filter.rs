//! Which entries a list shows. Most surprises of the API are here.

use serde_json::Value;

use super::entries::DISPLAYS;
use super::entry::{Entry, MEDIA, status};
use super::error::ApiError;
use super::moods::Lists;
use super::page::{Page, list, ordered};
use super::params::Params;
use super::text::{breaks_index, folded};
use super::words;
use super::world::{World, now};

/// Filters that one `"` breaks (recorded traffic).
const FULL_TEXT: &[&str] = &[
    "adminTagsLike",
    "adminTagsMultiLikeAnd",
    "adminTagsMultiLikeOr",
    "creatorIdEqual",
    "freeText",
    "nameLike",
    "parentEntryIdEqual",
    "tagsLike",
    "tagsMultiLikeAnd",
    "tagsMultiLikeOr",
];

/// A `time` value nearer to 0 than this counts from now.
const TEN_YEARS: i64 = 315_360_000;

impl World {
    /// `media.list`, `baseEntry.list`; `kind` is that of the answer.
    pub fn list_entries(&mut self, params: &Params, kind: &str) -> Result<Value, ApiError> {
        let filter = params.object("filter").unwrap_or_default();
        self.check_reference_search(&filter)?;
        check_display(&filter)?;
        if FULL_TEXT.iter().filter_map(|name| filter.filled(name)).any(|text| breaks_index(&text)) {
            return Err(ApiError::internal());
        }
        let by_id = is_by_id_alone(&filter);
        if !by_id {
            self.need_index()?;
        }
        let of_media = kind == "KalturaMediaListResponse" || is_of_media(&filter);
        let entries = self.indexed(by_id).into_iter();
        let entries = entries.filter(|entry| !of_media || entry.entry_type == MEDIA);
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
            is_reference(&entry.reference_id, &wanted)
                && entry.status != status::DELETED
                && entry.display_in_search() > 0
        };
        let found = self.indexed(false).into_iter().filter(shown).collect();
        self.answer(found, params, &Params::default(), "KalturaBaseEntryListResponse")
    }

    /// The entries that the search index knows, as it knows them; all of them where it is not asked. They come in the order
    /// of their ids, which is none.
    fn indexed(&self, unasked: bool) -> Vec<Entry> {
        let entries = self.entries.values().map(|entry| entry.seen(&self.settings));
        if unasked { entries.collect() } else { entries.filter_map(|entry| self.index.known(entry)).collect() }
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
        // what the index found is read from the database, as it is now
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
        let created = |id: &str| folded(&entry.creator_id) == folded(id);
        let edits = |id: &str| entry.is_edited_by(id.trim());
        filter.filled("userIdEqual").is_none_or(|id| owned(&id))
            && filter.filled("userIdIn").is_none_or(|ids| ids.split(',').any(owned))
            && filter.filled("creatorIdEqual").is_none_or(|id| created(&id))
            && filter.filled("entitledUsersEditMatchOr").is_none_or(|ids| ids.split(',').any(edits))
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
    let display = entry.display_in_search();
    (asked || display > 0)
        && filter.filled("displayInSearchEqual").is_none_or(|wanted| wanted == display.to_string())
        && filter.filled("parentEntryIdEqual").is_none_or(|id| id == entry.parent_entry_id)
}

fn shows_ids(filter: &Params, entry: &Entry) -> bool {
    let media_type = entry.media_type.to_string();
    let entry_type = entry.entry_type.to_string();
    let reference = |wanted: &str| is_reference(&entry.reference_id, wanted);
    matches(filter, "id", |id| id == entry.id)
        && matches(filter, "rootEntryId", |id| id == entry.id)
        && matches(filter, "referenceId", reference)
        && matches(filter, "type", |wanted| wanted == entry_type)
        && matches(filter, "moderationStatus", |wanted| wanted == "6")
        && matches(filter, "mediaType", |wanted| wanted == media_type)
        && filter.filled("nameEqual").is_none_or(|name| name == entry.name)
}

/// Marks are compared without letter case, and as they were sent: one with a character that is not kept is not found.
fn is_reference(kept: &str, wanted: &str) -> bool {
    kept.eq_ignore_ascii_case(wanted)
}

/// Whether the database alone can answer (recorded with the index unreachable).
fn is_by_id_alone(filter: &Params) -> bool {
    let names: Vec<_> = filter.members().map(|(name, _)| name).filter(|name| *name != "objectType").collect();
    names == ["idEqual"]
}

/// Whether a filter leaves out what is no media: by its own type, unless it names types.
fn is_of_media(filter: &Params) -> bool {
    let named = ["typeEqual", "typeIn"].iter().any(|name| filter.filled(name).is_some());
    !named && filter.text("objectType").as_deref() == Some("KalturaMediaEntryFilter")
}

fn check_display(filter: &Params) -> Result<(), ApiError> {
    match filter.filled("displayInSearchEqual").filter(|display| !DISPLAYS.contains(&display.as_str())) {
        Some(display) => {
            Err(ApiError::invalid_enum(&display, "displayInSearchEqual", "KalturaEntryDisplayInSearchType"))
        }
        None => Ok(()),
    }
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
        let has = |wanted: &str| words::matches(tags, wanted);
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
