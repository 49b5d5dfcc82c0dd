//! What can be done with entries, content aside.

use serde_json::Value;

use super::assets::FlavorAsset;
use super::entry::{Entry, MEDIA, status};
use super::error::ApiError;
use super::frozen::touches_further_data;
use super::params::Params;
use super::permissions::Moment;
use super::schema::{Access, fields};
use super::session::{Role, Session};
use super::text::{first, stored};
use super::world::{World, now};

/// The longest id of an owner, in characters.
const LONGEST_ID: usize = 100;
/// What an entry can be shown as, and what of that can be set (recorded traffic).
pub const DISPLAYS: [&str; 5] = ["-2", "-1", "0", "1", "2"];
const SETTABLE_DISPLAYS: [&str; 3] = ["-2", "-1", "1"];

/// The service by which an entry is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    Media,
    Base,
}

const MEDIA_TYPES: &[&str] = &["1", "2", "5", "201", "202", "203", "204"];

impl World {
    /// An entry that is not deleted.
    pub(super) fn entry(&self, id: &str) -> Result<&Entry, ApiError> {
        let entry = self.entries.get(id).filter(|entry| entry.status != status::DELETED);
        entry.ok_or_else(|| ApiError::entry_not_found(id))
    }

    /// What an entry answers to right now.
    pub(super) fn entry_wire(&self, id: &str, kind: &str) -> Value {
        self.wire_of(&self.entries[id].seen(&self.settings), kind)
    }

    fn wire_of(&self, entry: &Entry, kind: &str) -> Value {
        let names = self.categories.names(&entry.categories);
        entry.seen(&self.settings).wire(entry.kind(kind), &self.settings, &names)
    }

    /// An entry as a test sees it.
    pub(super) fn view(&self, entry: &Entry) -> Entry {
        let bytes = self.source(&entry.id).map_or(0, FlavorAsset::bytes);
        Entry { bytes, ..entry.seen(&self.settings) }
    }

    /// `media.get`, `baseEntry.get`
    pub(super) fn get_entry(&self, params: &Params, session: &Session, service: Service) -> Result<Value, ApiError> {
        let id = params.required("entryId")?;
        if session.role == Role::Nobody {
            return Err(ApiError::entry_not_found(&id));
        }
        self.entry_of(&id, service)?;
        Ok(self.entry_wire(&id, "KalturaMediaEntry"))
    }

    /// An entry that is not deleted and that a service knows: `media` knows no other sorts.
    fn entry_of(&self, id: &str, service: Service) -> Result<&Entry, ApiError> {
        let entry = self.entry(id)?;
        let known = service == Service::Base || entry.entry_type == MEDIA;
        if known { Ok(entry) } else { Err(ApiError::entry_not_found(id)) }
    }

    /// `media.add`
    pub(super) fn add_entry(&mut self, params: &Params, session: &Session, name: &str) -> Result<Value, ApiError> {
        let mut asked = params.required_object(name)?;
        self.drop_fields(&mut asked, session, Moment::Add);
        check_entry(&asked, "KalturaMediaEntry", &[Access::ReadOnly])?;
        let media_type = asked.text("mediaType");
        let media_type = media_type.ok_or_else(|| ApiError::null_property("KalturaMediaEntry::mediaType"))?;
        if !MEDIA_TYPES.contains(&media_type.as_str()) {
            return Err(ApiError::invalid_enum(&media_type, "mediaType", "KalturaMediaType"));
        }
        if let Some(parent) = asked.filled("parentEntryId") {
            self.entry(&parent).map_err(|_| ApiError::internal())?;
            if asked.filled("categories").is_some() || asked.filled("categoriesIds").is_some() {
                return Err(ApiError::info_for_child(&parent));
            }
        }
        let mut entry = self.new_entry(&asked, session, MEDIA)?;
        entry.media_type = media_type.parse().expect("one of the list above");
        self.entitle_child(&mut entry);
        let id = entry.id.clone();
        self.entries.insert(id.clone(), entry);
        self.assign(&id, &asked.text("categories").unwrap_or_default());
        Ok(self.entry_wire(&id, "KalturaMediaEntry"))
    }

    /// An entry without content, of the sort that is wanted, as somebody asks for it.
    pub(super) fn new_entry(&mut self, asked: &Params, session: &Session, sort: i32) -> Result<Entry, ApiError> {
        let user_id = asked.text("userId").unwrap_or_else(|| session.user_id.clone());
        let user_id = user_id.trim();
        check_owner(user_id)?;
        if !session.may_touch(user_id) {
            return Err(ApiError::not_yours());
        }
        let owner = self.owner(user_id);
        let creator = asked.text("creatorId").map_or(owner, |creator| self.owner(creator.trim()));
        let mut entry = Entry {
            id: self.short_id(),
            name: format!("{}_{}", self.settings.partner, now()),
            user_id: self.user_id(owner),
            creator_id: self.user_id(creator),
            entry_type: sort,
            serial: self.next(),
            owner,
            ..Entry::blank()
        };
        entry.change(asked, stored);
        entry.hidden = !entry.parent_entry_id.is_empty();
        self.entitle(&mut entry, asked);
        Ok(entry)
    }

    /// `media.update`, `baseEntry.update`; `name` is that of the parameter with the new values. The answer is of the
    /// type that the request names, and shows what was asked for, not what was stored.
    pub(super) fn update_entry(&mut self, params: &Params, session: &Session, name: &str) -> Result<Value, ApiError> {
        let id = params.required("entryId")?;
        let mut asked = params.required_object(name)?;
        let entry = self.entry(&id)?.clone();
        if !session.may_touch(&entry.user_id) && !entry.is_edited_by(&session.user_id) {
            return Err(ApiError::not_yours());
        }
        self.drop_fields(&mut asked, session, Moment::Update);
        let declared = if name == "mediaEntry" { "KalturaMediaEntry" } else { "KalturaBaseEntry" };
        check_entry(&asked, declared, &[Access::ReadOnly, Access::InsertOnly])?;
        check_display(&asked)?;
        let before = entry.seen(&self.settings);
        let mut after = before.clone();
        if let Some(user_id) = asked.text("userId") {
            check_owner(user_id.trim())?;
            after.owner = self.owner(user_id.trim());
            after.user_id = self.user_id(after.owner);
        }
        self.entitle(&mut after, &asked);
        if let Some(display) = asked.number("displayInSearch") {
            (after.recycled, after.hidden) = (display == -2, display == -1);
        }
        after.updated_at = now();
        let mut answered = after.clone();
        answered.change(&asked, str::to_owned);
        after.change(&asked, stored);
        if let Some(cut) = self.name_cut {
            after.name = first(&after.name, cut.characters).to_owned();
            if cut.is_shown {
                answered.name.clone_from(&after.name);
            }
        }
        // the update of a frozen entry is lost as a whole, and answered all the same
        if !(before.is_frozen() && touches_further_data(&asked)) {
            self.entries.insert(id.clone(), after);
            self.stumble(&id, &before, &asked)?;
            self.entitle_children(&id, &asked);
        }
        let kind = asked.filled("objectType").unwrap_or_else(|| "KalturaBaseEntry".to_owned());
        Ok(self.wire_of(&answered, &kind))
    }

    /// `media.delete`, `baseEntry.delete`. Of a frozen entry nothing is deleted, and nobody is told.
    pub(super) fn delete_entry(&mut self, params: &Params, session: &Session, of: Service) -> Result<Value, ApiError> {
        let id = params.required("entryId")?;
        let entry = self.entry_of(&id, of)?;
        if !session.may_touch(&entry.user_id) {
            return Err(ApiError::not_yours());
        }
        if !entry.is_frozen() {
            self.bury(&id);
        }
        self.need_index()?;
        Ok(Value::Null)
    }

    /// Deletes an entry, what belongs to it, and its children.
    pub(super) fn bury(&mut self, id: &str) {
        let entry = self.entries.get_mut(id).expect("an entry to delete");
        entry.ms_duration = entry.seen(&self.settings).ms_duration;
        entry.status = status::DELETED;
        entry.updated_at = now();
        if let Some(asset) = entry.source.as_ref().and_then(|source| self.assets.get_mut(source)) {
            asset.deleted = true;
        }
        let children =
            self.entries.values().filter(|child| child.parent_entry_id == id && child.status != status::DELETED);
        let children: Vec<_> = children.map(|child| child.id.clone()).collect();
        for child in children {
            self.bury(&child);
        }
    }

    /// The owner of that id, made if need be; nobody for the empty one.
    pub(super) fn owner(&mut self, user_id: &str) -> Option<usize> {
        (!user_id.is_empty()).then(|| self.users.owner(user_id))
    }

    /// The id of an owner in the letter case that he was made with.
    pub(super) fn user_id(&self, owner: Option<usize>) -> String {
        owner.map(|place| self.users.at(place).id.clone()).unwrap_or_default()
    }
}

/// Refuses fields that cannot be set, or not any more, and a mark that is too short.
fn check_entry(asked: &Params, declared: &str, closed: &[Access]) -> Result<(), ApiError> {
    let kind = asked.filled("objectType").unwrap_or_else(|| declared.to_owned());
    let refused = fields(&kind).iter().filter(|field| closed.contains(&field.access));
    if let Some(name) = refused.map(|field| field.name).find(|name| asked.text(name).is_some()) {
        return Err(ApiError::not_updatable(&format!("{kind}::{name}")));
    }
    if asked.text("referenceId").is_some_and(|mark| mark.chars().count() < 2) {
        return Err(ApiError::too_short(&format!("{kind}::referenceId"), 2));
    }
    Ok(())
}

fn check_owner(id: &str) -> Result<(), ApiError> {
    if id.chars().count() > LONGEST_ID { Err(ApiError::too_long("userId", LONGEST_ID)) } else { Ok(()) }
}

fn check_display(asked: &Params) -> Result<(), ApiError> {
    match asked.text("displayInSearch") {
        Some(display) if !DISPLAYS.contains(&display.as_str()) => {
            Err(ApiError::invalid_enum(&display, "displayInSearch", "KalturaEntryDisplayInSearchType"))
        }
        Some(display) if !SETTABLE_DISPLAYS.contains(&display.as_str()) => Err(ApiError::display_not_allowed(&display)),
        _ => Ok(()),
    }
}
