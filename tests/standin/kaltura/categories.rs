//! Categories and the entries in them.

use serde_json::{Value, json};

use super::entry::status;
use super::error::ApiError;
use super::page::{Page, list};
use super::params::Params;
use super::session::Session;
use super::text::{folded, stored};
use super::world::{World, now};

/// A category in its tree.
#[derive(Clone, Debug)]
struct Category {
    id: u64,
    parent: Option<u64>,
    name: String,
    full_name: String,
    full_ids: String,
    created_at: i64,
    /// How many entries it shows: a deleted one is counted until somebody has looked.
    shown: usize,
}

/// The longest name, in characters.
const LONGEST: usize = 200;

/// All categories, in the order of their creation; ids count from 1.
#[derive(Default)]
pub struct Categories(Vec<Category>);

impl Categories {
    /// What the fingerprint is made of; what reading changes is left out.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|category| format!("{} {} {}", category.full_ids, category.full_name, category.created_at))
    }

    fn get(&self, id: u64) -> Option<&Category> {
        self.0.iter().find(|category| category.id == id)
    }

    /// The full names of some, as an entry shows them.
    pub fn names(&self, ids: &[u64]) -> String {
        let names = ids.iter().filter_map(|id| self.get(*id)).map(|one| one.full_name.clone());
        names.collect::<Vec<_>>().join(",")
    }

    /// A category by its full name, made if need be; parents too.
    pub fn seed(&mut self, full_name: &str) -> u64 {
        if let Some(category) = self.0.iter().find(|category| category.full_name == full_name) {
            return category.id;
        }
        match full_name.rsplit_once('>') {
            Some((parent, name)) => {
                let parent = self.seed(parent);
                self.insert(name, Some(parent))
            }
            None => self.insert(full_name, None),
        }
    }

    fn insert(&mut self, name: &str, parent: Option<u64>) -> u64 {
        let id = u64::try_from(self.0.len()).expect("a number that fits") + 1;
        let above = parent.and_then(|parent| self.get(parent));
        let full = |part: String, of: fn(&Category) -> &str| match above {
            Some(above) => format!("{}>{part}", of(above)),
            None => part,
        };
        let category = Category {
            id,
            parent,
            name: name.to_owned(),
            full_name: full(name.to_owned(), |above| &above.full_name),
            full_ids: full(id.to_string(), |above| &above.full_ids),
            created_at: now(),
            shown: 0,
        };
        self.0.push(category);
        id
    }
}

impl Category {
    fn wire(&self, partner: u32) -> Value {
        json!({
            "id": self.id,
            "parentId": self.parent.unwrap_or(0),
            "depth": self.full_ids.matches('>').count(),
            "partnerId": partner,
            "name": self.name,
            "fullName": self.full_name,
            "fullIds": self.full_ids,
            "entriesCount": self.shown,
            "createdAt": self.created_at,
            "updatedAt": self.created_at,
            "status": 2,
            "objectType": "KalturaCategory",
        })
    }

    fn entry_wire(&self, entry_id: &str, creator: &str) -> Value {
        json!({
            "categoryId": self.id,
            "entryId": entry_id,
            "createdAt": self.created_at,
            "categoryFullIds": self.full_ids,
            "status": 2,
            "creatorUserId": creator,
            "objectType": "KalturaCategoryEntry",
        })
    }
}

impl World {
    /// `category.add`
    pub fn add_category(&mut self, params: &Params) -> Result<Value, ApiError> {
        let asked = params.required_object("category")?;
        let answered = asked.required("name")?.trim().replace(['>', ','], "_");
        let property = "KalturaCategory::name";
        match answered.chars().count() {
            0 => return Err(ApiError::too_short(property, 1)),
            length if length > LONGEST => return Err(ApiError::too_long(property, LONGEST)),
            _ => {}
        }
        let parent = asked.number("parentId").and_then(|id| u64::try_from(id).ok()).filter(|id| *id > 0);
        let name = stored(&answered);
        if self.categories.0.iter().any(|one| one.parent == parent && folded(&one.name) == folded(&name)) {
            let message = format!("The category \"{answered}\" already exists");
            return Err(ApiError::new("DUPLICATE_CATEGORY", message).arg("CATEGORY", answered));
        }
        let id = self.categories.insert(&name, parent);
        let category = self.categories.get(id).expect("just made");
        let mut wire = category.wire(self.settings.partner);
        // what was asked for, not what is kept
        wire["name"] = json!(answered);
        wire["fullName"] = json!(category.full_name.replace(&name, &answered));
        if wire["parentId"] == json!(0) {
            // what add leaves out, list shows
            wire.as_object_mut().expect("an object").remove("parentId");
        }
        Ok(wire)
    }

    /// `category.get`
    pub fn get_category(&self, params: &Params) -> Result<Value, ApiError> {
        let id = params.required("id")?;
        let category = id.parse().ok().and_then(|id| self.categories.get(id));
        category.map(|category| category.wire(self.settings.partner)).ok_or_else(|| not_found(&id))
    }

    /// `category.list`
    pub fn list_categories(&mut self, params: &Params) -> Result<Value, ApiError> {
        self.need_index()?;
        let filter = params.object("filter").unwrap_or_default();
        let wanted = filter.filled("fullNameEqual").map(|name| folded(&name));
        let shown = |category: &&Category| wanted.as_ref().is_none_or(|name| *name == folded(&category.full_name));
        let found: Vec<_> = self.categories.0.iter().filter(shown).collect();
        let partner = self.settings.partner;
        let page = Page::of(params)?;
        let answer = list("KalturaCategoryListResponse", &found, page, |category| category.wire(partner));
        self.count_entries();
        Ok(answer)
    }

    /// Counts the entries of every category anew.
    fn count_entries(&mut self) {
        let alive = || self.entries.values().filter(|entry| entry.status != status::DELETED);
        for category in &mut self.categories.0 {
            category.shown = alive().filter(|entry| entry.categories.contains(&category.id)).count();
        }
    }

    /// Puts a new entry into categories by their full names, separated by commas; one that is not there is made.
    pub fn assign(&mut self, entry_id: &str, names: &str) {
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let id = self.categories.seed(name);
            self.put_into(entry_id, id);
        }
    }

    fn put_into(&mut self, entry_id: &str, id: u64) {
        let entry = self.entries.get_mut(entry_id).expect("looked up by the caller");
        entry.categories.push(id);
        let category = self.categories.0.iter_mut().find(|category| category.id == id);
        category.expect("looked up by the caller").shown += 1;
    }

    /// `categoryEntry.add`
    pub fn add_category_entry(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let asked = params.required_object("categoryEntry")?;
        let entry_id = asked.required("entryId")?;
        if self.entry(&entry_id).is_err() {
            let what = "Invalid entry id";
            return Err(ApiError::not_found("INVALID_ENTRY_ID", what, "ID", &entry_id));
        }
        let wanted = asked.required("categoryId")?;
        let category = wanted.parse().ok().and_then(|id| self.categories.get(id));
        let category = category.ok_or_else(|| not_found(&wanted))?.clone();
        if self.entries[&entry_id].categories.contains(&category.id) {
            let message = "Entry already assigned to this category";
            return Err(ApiError::new("CATEGORY_ENTRY_ALREADY_EXISTS", message));
        }
        self.put_into(&entry_id, category.id);
        Ok(category.entry_wire(&entry_id, &session.user_id))
    }

    /// `categoryEntry.list`
    pub fn list_category_entries(&self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let filter = params.object("filter").unwrap_or_default();
        let wanted = filter.filled("entryIdEqual");
        let wanted = wanted.ok_or_else(|| ApiError::missing("filter:entryIdEqual"))?;
        let ids = self.entry(&wanted).map(|entry| entry.categories.clone()).unwrap_or_default();
        let found: Vec<_> = ids.iter().filter_map(|id| self.categories.get(*id)).collect();
        let page = Page::of(params)?;
        Ok(list("KalturaCategoryEntryListResponse", &found, page, |category| {
            category.entry_wire(&wanted, &session.user_id)
        }))
    }
}

fn not_found(id: &str) -> ApiError {
    ApiError::not_found("CATEGORY_NOT_FOUND", "Category id", "ID", id)
}
