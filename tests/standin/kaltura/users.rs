//! Users. Their ids go without letter case, accents and blanks behind; a deleted user's id can be taken again, by somebody
//! else.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::error::ApiError;
use super::page::{Page, list, ordered};
use super::params::Params;
use super::session::{Role, Session};
use super::text::{breaks_index, folded, stored, unescaped};
use super::world::{World, now};

const BLOCKED: i32 = 0;
const ACTIVE: i32 = 1;
pub const DELETED: i32 = 2;
pub const PERSON: i32 = 0;
pub const GROUP: i32 = 1;
/// Filters that one `"` breaks (recorded traffic).
const FULL_TEXT: &[&str] =
    &["emailStartsWith", "emailLike", "firstNameStartsWith", "screenNameStartsWith", "screenNameLike"];

/// A user as he is, deleted ones included.
#[derive(Clone, Debug)]
pub struct User {
    pub id: String,
    /// Empty where there is none.
    pub email: String,
    pub screen_name: String,
    pub first_name: String,
    pub last_name: String,
    /// 0 blocked, 1 active, 2 deleted.
    pub status: i32,
    pub created_at: i64,
    pub updated_at: i64,
    /// Groups are users, too: 0 a person, 1 a group, 2 a group of another kind (`KalturaUserType`).
    pub kind: i32,
    pub is_admin: bool,
    /// The ids of roles, separated by commas.
    pub role_ids: String,
}

impl User {
    fn new(id: &str) -> User {
        User {
            id: id.to_owned(),
            email: String::new(),
            screen_name: id.to_owned(),
            first_name: String::new(),
            last_name: String::new(),
            status: ACTIVE,
            created_at: now(),
            updated_at: now(),
            kind: PERSON,
            is_admin: false,
            role_ids: String::new(),
        }
    }

    /// A group, made as somebody asks for it.
    pub fn group(id: &str, asked: &Params) -> User {
        let mut group = User { kind: GROUP, ..User::new(id) };
        group.change(asked);
        group
    }

    pub fn wire(&self, partner: u32) -> Value {
        let full_name = format!("{} {}", self.first_name, self.last_name).trim().to_owned();
        let mut wire = json!({
            "id": self.id,
            "partnerId": partner,
            "screenName": self.screen_name,
            "fullName": full_name,
            "country": "",
            "description": "",
            "status": self.status,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "statusUpdatedAt": self.created_at,
            "userMode": 0,
            "capabilities": [],
            "type": self.kind,
            "isAdmin": self.is_admin,
            "isGuest": false,
            "roleIds": self.role_ids,
            "roleNames": "",
            "isAccountOwner": false,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "loginEnabled": false,
            "isSsoExcluded": false,
            "objectType": "KalturaUser",
        });
        if !self.email.is_empty() {
            wire["email"] = json!(self.email);
        }
        wire
    }

    fn matches(&self, filter: &Params) -> bool {
        let status = self.status.to_string();
        let kind = self.kind.to_string();
        let begins = |text: &str, name: &str| {
            let start = filter.filled(name).map(|start| unescaped(&start).to_lowercase());
            start.is_none_or(|start| text.to_lowercase().starts_with(&start))
        };
        begins(&self.email, "emailStartsWith")
            && begins(&self.first_name, "firstNameStartsWith")
            && begins(&self.screen_name, "screenNameStartsWith")
            && filter.filled("idOrScreenNameStartsWith").is_none_or(|start| {
                // one with a `"` finds nothing (recorded traffic)
                !start.contains('"')
                    && (begins(&self.id, "idOrScreenNameStartsWith")
                        || begins(&self.screen_name, "idOrScreenNameStartsWith"))
            })
            && filter.filled("typeEqual").is_none_or(|wanted| wanted == kind)
            && filter.filled("statusEqual").is_none_or(|wanted| wanted == status)
            && filter.filled("statusIn").is_none_or(|list| list.split(',').any(|s| s == status))
    }
}

/// All users there ever were, in the order of their creation. An entry knows its owner by his place here.
#[derive(Default)]
pub struct Users {
    all: Vec<User>,
    by_id: HashMap<String, usize>,
}

impl Users {
    pub fn all(&self) -> &[User] {
        &self.all
    }

    /// Those who are not deleted and have an id that `filter` asks for, in the order of their creation.
    fn alive(&self, filter: &Params) -> Vec<&User> {
        let one = filter.filled("idEqual").map(|id| BTreeSet::from_iter(self.find(&id)));
        let some = filter.filled("idIn");
        let some = some.map(|ids| ids.split(',').filter_map(|id| self.find(id.trim())).collect::<BTreeSet<usize>>());
        match one.into_iter().chain(some).reduce(|one, some| &one & &some) {
            Some(places) => places.into_iter().map(|place| self.at(place)).collect(),
            None => self.all.iter().filter(|user| user.status != DELETED).collect(),
        }
    }

    /// The place of a user who is not deleted.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(&folded(id)).copied()
    }

    /// A user who is not deleted.
    pub fn get(&self, id: &str) -> Option<&User> {
        self.find(id).map(|place| &self.all[place])
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut User> {
        let place = self.find(id)?;
        Some(&mut self.all[place])
    }

    pub fn at(&self, place: usize) -> &User {
        &self.all[place]
    }

    pub fn insert(&mut self, user: User) -> usize {
        self.by_id.insert(folded(&user.id), self.all.len());
        self.all.push(user);
        self.all.len() - 1
    }

    /// The owner of an entry, who is made if there is none: no question is asked, no form of the id checked.
    pub fn owner(&mut self, id: &str) -> usize {
        if let Some(place) = self.find(id) {
            return place;
        }
        let id = stored(id);
        self.insert(User { first_name: id.clone(), ..User::new(&id) })
    }

    /// Whether somebody had this id and nobody has it now.
    pub fn was_deleted(&self, id: &str) -> bool {
        self.find(id).is_none() && self.all.iter().any(|user| folded(&user.id) == folded(id))
    }

    /// Gives a role to a user, who is made if need be, and takes those away that there were.
    pub fn give_role(&mut self, id: &str, role: u64) {
        let id = self.for_session(id);
        self.get_mut(&id).expect("made above if need be").role_ids = role.to_string();
    }

    /// The user of a session, under the id that he has.
    pub fn for_session(&mut self, id: &str) -> String {
        if let Some(user) = self.get(id) {
            return user.id.clone();
        }
        self.insert(User { first_name: id.to_owned(), ..User::new(id) });
        id.to_owned()
    }

    /// A user with an address, as a test wants one; a user who is there gets it.
    pub fn seed(&mut self, id: &str, email: &str) {
        let place = self.find(id).unwrap_or_else(|| self.insert(User::new(id)));
        let user = &mut self.all[place];
        email.clone_into(&mut user.email);
    }

    /// A group, as a test wants one.
    pub fn seed_group(&mut self, id: &str, email: &str) {
        self.seed(id, email);
        self.get_mut(id).expect("just made").kind = GROUP;
    }

    /// A user of any type.
    pub fn set_kind(&mut self, id: &str, kind: i32) {
        self.get_mut(id).expect("a user of some type").kind = kind;
    }

    pub fn block(&mut self, id: &str) {
        self.get_mut(id).expect("a user to block").status = BLOCKED;
    }

    /// Deletes a user; nothing happens to what he owns.
    pub fn delete(&mut self, id: &str) -> Option<&User> {
        let place = self.by_id.remove(&folded(id))?;
        let user = &mut self.all[place];
        user.status = DELETED;
        user.updated_at = now();
        Some(user)
    }
}

impl World {
    /// `user.get`; an empty id means the session's own user.
    pub fn get_user(&self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let id = params.filled("userId").unwrap_or_else(|| session.user_id.clone());
        if session.role != Role::Admin && folded(&session.user_id) != folded(&id) {
            return Err(ApiError::another_user(&id));
        }
        let user = self.users.get(&id).ok_or_else(ApiError::invalid_user)?;
        Ok(user.wire(self.settings.partner))
    }

    /// `user.list`: never shows deleted users.
    pub fn list_users(&self, params: &Params) -> Result<Value, ApiError> {
        self.need_index()?;
        let filter = params.object("filter").unwrap_or_default();
        let odd = FULL_TEXT.iter().filter_map(|name| filter.filled(name)).any(|text| breaks_index(&text));
        if odd {
            return Err(ApiError::internal());
        }
        let page = Page::of(params)?;
        let mut found = self.users.alive(&filter);
        found.retain(|user| user.matches(&filter));
        match filter.filled("orderBy").as_deref() {
            Some("+id") => found.sort_by(|a, b| a.id.cmp(&b.id)),
            Some("-id") => found.sort_by(|a, b| b.id.cmp(&a.id)),
            order => ordered(&mut found, order, |user| user.created_at, |user| user.updated_at),
        }
        let partner = self.settings.partner;
        Ok(list("KalturaUserListResponse", &found, page, |user| user.wire(partner)))
    }

    /// `user.add`
    pub fn add_user(&mut self, params: &Params) -> Result<Value, ApiError> {
        let asked = params.required_object("user")?;
        let id = asked.text("id").unwrap_or_default();
        if !is_user_id(&id) {
            return Err(ApiError::invalid_field("id"));
        }
        if self.users.find(&id).is_some() {
            return Err(ApiError::duplicate_user(&id));
        }
        let mut user = User::new(&id);
        user.change(&asked);
        user.is_admin = asked.flag("isAdmin", false);
        user.kind = if asked.number("type") == Some(1) { GROUP } else { PERSON };
        user.role_ids = asked.text("roleIds").unwrap_or_default();
        let mut wire = user.wire(self.settings.partner);
        if user.kind == PERSON {
            // what add leaves out, get shows
            wire.as_object_mut().expect("an object").remove("type");
        }
        self.users.insert(user);
        Ok(wire)
    }

    /// `user.update`
    pub fn update_user(&mut self, params: &Params) -> Result<Value, ApiError> {
        let id = params.required("userId")?;
        let asked = params.required_object("user")?;
        let partner = self.settings.partner;
        let user = self.users.get_mut(&id).ok_or_else(ApiError::invalid_user)?;
        user.change(&asked);
        user.updated_at = now();
        Ok(user.wire(partner))
    }

    /// `user.delete`
    pub fn delete_user(&mut self, params: &Params) -> Result<Value, ApiError> {
        let id = params.required("userId")?;
        let partner = self.settings.partner;
        let user = self.users.delete(&id).ok_or_else(ApiError::invalid_user)?;
        Ok(user.wire(partner))
    }
}

impl User {
    fn change(&mut self, asked: &Params) {
        let fields = [
            ("email", &mut self.email),
            ("screenName", &mut self.screen_name),
            ("firstName", &mut self.first_name),
            ("lastName", &mut self.last_name),
        ];
        for (name, field) in fields {
            if let Some(value) = asked.text(name) {
                *field = stored(&value);
            }
        }
    }
}

fn is_user_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ",!#$%&'*+?^_`{|}~.@-".contains(c);
    (1..=320).contains(&id.len()) && id.chars().all(allowed)
}
