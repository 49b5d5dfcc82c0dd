//! Groups: users of another type.

use serde_json::{Value, json};

use super::error::ApiError;
use super::params::Params;
use super::users::{GROUP, User};
use super::world::World;

impl World {
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
            "membersCount": 0,
            "processStatus": 0,
            "groupType": 1,
            "objectType": "KalturaGroup",
        })
    }
}
