//! What can be done with entries, content aside.

use std::time::Instant;

use serde_json::Value;

use super::assets::FlavorAsset;
use super::entry::{Entry, Progress, status};
use super::error::ApiError;
use super::params::Params;
use super::schema::{Access, fields};
use super::session::{Role, Session};
use super::world::{World, now};

const MEDIA_TYPES: &[&str] = &["1", "2", "5", "201", "202", "203", "204"];

impl World {
    /// An entry that is not deleted.
    pub(super) fn entry(&self, id: &str) -> Result<&Entry, ApiError> {
        let entry = self.entries.get(id).filter(|entry| entry.status != status::DELETED);
        entry.ok_or_else(|| ApiError::entry_not_found(id))
    }

    /// What an entry answers to right now.
    pub(super) fn entry_wire(&self, id: &str, kind: &str) -> Value {
        let entry = self.entries[id].seen(&self.settings);
        entry.wire(kind, &self.settings, &self.categories.names(&entry.categories))
    }

    /// An entry as a test sees it.
    pub(super) fn view(&self, entry: &Entry) -> Entry {
        let bytes = self.source(&entry.id).map_or(0, FlavorAsset::bytes);
        Entry { bytes, ..entry.seen(&self.settings) }
    }

    /// `media.get`, `baseEntry.get`
    pub(super) fn get_entry(&self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let id = params.required("entryId")?;
        if session.role == Role::Nobody {
            return Err(ApiError::entry_not_found(&id));
        }
        self.entry(&id)?;
        Ok(self.entry_wire(&id, "KalturaMediaEntry"))
    }

    /// `media.add`
    pub(super) fn add_entry(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let asked = params.required_object("entry")?;
        check_entry(&asked, "KalturaMediaEntry", &[Access::ReadOnly])?;
        let media_type = asked.text("mediaType");
        let media_type = media_type.ok_or_else(|| ApiError::null_property("KalturaMediaEntry::mediaType"))?;
        if !MEDIA_TYPES.contains(&media_type.as_str()) {
            return Err(ApiError::invalid_enum(&media_type, "mediaType", "KalturaMediaType"));
        }
        if let Some(parent) = asked.filled("parentEntryId") {
            self.entry(&parent).map_err(|_| ApiError::internal())?;
        }
        let user_id = asked.text("userId").unwrap_or_else(|| session.user_id.clone());
        if !session.may_touch(&user_id) {
            return Err(ApiError::not_yours());
        }
        let owner = self.owner(&user_id);
        let creator = asked.text("creatorId").map_or(owner, |creator| self.owner(&creator));
        let id = self.short_id();
        let mut entry = Entry {
            id: id.clone(),
            name: format!("{}_{}", self.settings.partner, now()),
            description: String::new(),
            tags: String::new(),
            admin_tags: String::new(),
            user_id: self.user_id(owner),
            creator_id: self.user_id(creator),
            reference_id: String::new(),
            parent_entry_id: String::new(),
            status: status::NO_CONTENT,
            media_type: media_type.parse().expect("one of the list above"),
            created_at: now(),
            updated_at: now(),
            bytes: 0,
            ms_duration: 0,
            categories: Vec::new(),
            plays: 0,
            last_played_at: None,
            entitled: Default::default(),
            recycled: false,
            conversion_profile_id: None,
            serial: self.next(),
            owner,
            source: None,
            progress: Progress::Still,
            conversion: None,
            born: Instant::now(),
        };
        entry.change(&asked);
        self.entitle(&mut entry, &asked);
        self.entries.insert(id.clone(), entry);
        Ok(self.entry_wire(&id, "KalturaMediaEntry"))
    }

    /// `media.update`, `baseEntry.update`; `name` is that of the parameter with the new values. The answer is of the
    /// type that the request names.
    pub(super) fn update_entry(&mut self, params: &Params, session: &Session, name: &str) -> Result<Value, ApiError> {
        let id = params.required("entryId")?;
        let asked = params.required_object(name)?;
        let user_id = &self.entry(&id)?.user_id;
        if !session.may_touch(user_id) {
            return Err(ApiError::not_yours());
        }
        let declared = if name == "mediaEntry" { "KalturaMediaEntry" } else { "KalturaBaseEntry" };
        check_entry(&asked, declared, &[Access::ReadOnly, Access::InsertOnly])?;
        if let Some(user_id) = asked.text("userId") {
            let owner = self.owner(&user_id);
            let user_id = self.user_id(owner);
            let entry = self.entries.get_mut(&id).expect("looked up above");
            (entry.owner, entry.user_id) = (owner, user_id);
        }
        let mut entry = self.entries[&id].clone();
        entry.change(&asked);
        self.entitle(&mut entry, &asked);
        entry.updated_at = now();
        self.entries.insert(id.clone(), entry);
        let kind = asked.filled("objectType").unwrap_or_else(|| "KalturaBaseEntry".to_owned());
        Ok(self.entry_wire(&id, &kind))
    }

    /// `media.delete`, `baseEntry.delete`
    pub(super) fn delete_entry(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let id = params.required("entryId")?;
        if !session.may_touch(&self.entry(&id)?.user_id) {
            return Err(ApiError::not_yours());
        }
        self.bury(&id);
        self.need_index()?;
        Ok(Value::Null)
    }

    /// `baseEntry.recycle`, as the server's code has it: the entry stays READY and is hidden from lists, its children are
    /// left as they are.
    pub(super) fn recycle_entry(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let id = params.required("entryId")?;
        let entry = self.entry(&id)?;
        if !session.may_touch(&entry.user_id) {
            return Err(ApiError::not_yours());
        }
        if !self.settings.recycle_bin {
            return Err(ApiError::new("FEATURE_RECYCLE_BIN_DISABLED", "Recycle Bin is disabled for this partner"));
        }
        if entry.recycled {
            return Err(ApiError::new("INVALID_ENTRY_STATUS_FOR_RECYCLE", "Entry cannot be recycled"));
        }
        let entry = self.entries.get_mut(&id).expect("looked up above");
        entry.recycled = true;
        entry.updated_at = now();
        Ok(self.entry_wire(&id, "KalturaBaseEntry"))
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

    /// Sets the lists that were given. Whoever is on them and unknown is made, and no question asked.
    fn entitle(&mut self, entry: &mut Entry, asked: &Params) {
        for (place, name) in ["entitledUsersView", "entitledUsersEdit", "entitledUsersPublish"].iter().enumerate() {
            if let Some(list) = asked.text(name) {
                let ids = list.split(',').map(str::trim).filter(|id| !id.is_empty());
                let owners: Vec<_> = ids.map(|id| self.owner(id)).collect();
                let ids: Vec<String> = owners.into_iter().map(|owner| self.user_id(owner)).collect();
                entry.entitled[place] = ids.join(",");
            }
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

/// Refuses fields that cannot be set, or not any more.
fn check_entry(asked: &Params, declared: &str, closed: &[Access]) -> Result<(), ApiError> {
    let kind = asked.filled("objectType").unwrap_or_else(|| declared.to_owned());
    let refused = fields(&kind).into_iter().filter(|field| closed.contains(&field.access));
    match refused.map(|field| field.name).find(|name| asked.text(name).is_some()) {
        Some(name) => Err(ApiError::not_updatable(&format!("{kind}::{name}"))),
        None => Ok(()),
    }
}
