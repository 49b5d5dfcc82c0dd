//! Groups: users of another type, and who is in them.

use serde_json::{Value, json};

use super::Kaltura;
use super::error::ApiError;
use super::page::{Page, list, ordered};
use super::params::Params;
use super::users::{DELETED, GROUP, PERSON, User};
use super::world::{World, now};

/// That a user is in a group; both by their places among all users.
#[derive(Clone, Copy, Debug)]
pub struct Membership {
    user: usize,
    group: usize,
    created_at: i64,
}

impl Kaltura {
    /// Makes a user a member of a group; both are there. A group is nobody's member (`groupUser.add` says `USER_NOT_FOUND`).
    pub fn join_group(&self, group: &str, user: &str) {
        self.join_group_at(group, user, now());
    }

    /// The same at another time.
    pub fn join_group_at(&self, group: &str, user: &str, created_at: i64) {
        self.shared.world().join(group, user, created_at);
    }

    /// Takes a user out of a group.
    pub fn leave_group(&self, group: &str, user: &str) {
        self.shared.world().leave(group, user);
    }

    /// Behind the next page of members that is not the last one the first user leaves the group and the second one joins it.
    pub fn swap_behind_page(&self, group: &str, leaves: &str, joins: &str) {
        self.shared.world().swaps.push([group, leaves, joins].map(str::to_owned));
    }
}

impl World {
    fn join(&mut self, group: &str, user: &str, created_at: i64) {
        let place = |id: &str, kind: i32| {
            self.users.find(id).filter(|place| self.users.at(*place).kind == kind).expect("a user, a group")
        };
        let membership = Membership { user: place(user, PERSON), group: place(group, GROUP), created_at };
        self.memberships.push(membership);
    }

    fn leave(&mut self, group: &str, user: &str) {
        let (group, user) = (self.users.find(group), self.users.find(user));
        self.memberships.retain(|one| (Some(one.group), Some(one.user)) != (group, user));
    }

    /// `group_group.add`
    pub fn add_group(&mut self, params: &Params) -> Result<Value, ApiError> {
        let asked = params.required_object("group")?;
        let id = asked.required("id")?;
        if self.users.find(&id).is_some() {
            return Err(ApiError::duplicate_user(&id));
        }
        let group = User::group(&id, &asked);
        let wire = self.group_wire(&group);
        self.users.insert(group);
        Ok(wire)
    }

    /// `group_group.get`, which knows no user of type 0.
    pub fn get_group(&self, params: &Params) -> Result<Value, ApiError> {
        let id = params.required("groupId")?;
        let group = self.users.get(&id).filter(|user| user.kind == GROUP);
        let not_found = || ApiError::new("INVALID_GROUP_ID", "Invalid group id - N/A").arg("ID", "N/A");
        group.map(|group| self.group_wire(group)).ok_or_else(not_found)
    }

    /// `groupUser.list`, as Kaltura's server code has it: it wants a user or a group; one that does not exist, or is of the
    /// other type, has no memberships, which is no error. A deleted user is in no group.
    pub fn list_group_users(&mut self, params: &Params) -> Result<Value, ApiError> {
        let filter = params.object("filter").unwrap_or_default();
        let named = |name: &str, kind: i32| {
            let ids = filter.filled(&format!("{name}Equal")).map(|id| vec![id]);
            let ids = ids
                .or_else(|| filter.filled(&format!("{name}In")).map(|ids| ids.split(',').map(str::to_owned).collect()));
            let is_it = |place: &usize| self.users.at(*place).kind == kind;
            ids.map(|ids| ids.iter().filter_map(|id| self.users.find(id)).filter(is_it).collect::<Vec<usize>>())
        };
        let (groups, users) = (named("groupId", GROUP), named("userId", PERSON));
        if groups.is_none() && users.is_none() {
            let fields = ["userIdEqual", "userIdIn", "groupIdEqual", "groupIdIn"];
            return Err(ApiError::null_property(
                &fields.map(|field| format!("KalturaGroupUserFilter::{field}")).join("/"),
            ));
        }
        let is_shown = |one: &&Membership| {
            groups.as_ref().is_none_or(|groups| groups.contains(&one.group))
                && users.as_ref().is_none_or(|users| users.contains(&one.user))
                && filter.number("createdAtGreaterThanOrEqual").is_none_or(|from| one.created_at >= from)
                && [one.user, one.group].iter().all(|place| self.users.at(*place).status != DELETED)
        };
        let mut found: Vec<&Membership> = self.memberships.iter().filter(is_shown).collect();
        ordered(&mut found, filter.filled("orderBy").as_deref(), |one| one.created_at, |one| one.created_at);
        let wire = |one: &&Membership| {
            json!({
                "userId": self.users.at(one.user).id,
                "groupId": self.users.at(one.group).id,
                "partnerId": self.settings.partner,
                "createdAt": one.created_at,
                "updatedAt": one.created_at,
                "objectType": "KalturaGroupUser",
            })
        };
        let page = Page::of(params)?;
        let answer = list("KalturaGroupUserListResponse", &found, page, wire);
        if page.leaves_more(found.len()) && !self.swaps.is_empty() {
            let [group, leaves, joins] = self.swaps.remove(0);
            self.leave(&group, &leaves);
            self.join(&group, &joins, now());
        }
        Ok(answer)
    }

    fn group_wire(&self, group: &User) -> Value {
        json!({
            "id": group.id,
            "partnerId": self.settings.partner,
            "screenName": group.screen_name,
            "email": group.email,
            "country": "",
            "description": "",
            "status": group.status,
            "createdAt": group.created_at,
            "updatedAt": group.updated_at,
            "membersCount": self.memberships.iter().filter(|one| self.users.at(one.group).id == group.id).count(),
            "processStatus": 0,
            "groupType": 1,
            "objectType": "KalturaGroup",
        })
    }
}
