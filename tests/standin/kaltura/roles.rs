//! Roles: lists of permissions that users have.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Kaltura;
use super::error::ApiError;
use super::params::Params;
use super::session::Session;
use super::world::{World, now};

/// The user in whose name the program works.
pub const SERVICE_USER: &str = "zoom2kaltura";

/// A named list of permissions.
#[derive(Clone, Debug)]
pub struct UserRole {
    id: u64,
    name: String,
    system_name: String,
    /// As they were given, separated by commas.
    permission_names: String,
    created_at: i64,
}

impl UserRole {
    fn permissions(&self) -> impl Iterator<Item = String> {
        let names: Vec<String> = self.permission_names.split(',').map(|name| name.trim().to_owned()).collect();
        names.into_iter().filter(|name| !name.is_empty())
    }

    fn wire(&self, partner: u32) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "systemName": self.system_name,
            "status": 1,
            "partnerId": partner,
            "permissionNames": self.permission_names,
            "createdAt": self.created_at,
            "updatedAt": self.created_at,
            "objectType": "KalturaUserRole",
        })
    }
}

impl World {
    /// `userRole.add`
    pub fn add_role(&mut self, params: &Params) -> Result<Value, ApiError> {
        let asked = params.required_object("userRole")?;
        let role = UserRole {
            id: self.next(),
            name: asked.required("name")?,
            system_name: asked.text("systemName").unwrap_or_default(),
            permission_names: asked.text("permissionNames").unwrap_or_default(),
            created_at: now(),
        };
        let wire = role.wire(self.settings.partner);
        self.roles.push(role);
        Ok(wire)
    }

    /// `userRole.get`
    pub fn get_role(&self, params: &Params) -> Result<Value, ApiError> {
        let id = params.required("userRoleId")?;
        let found = self.roles.iter().find(|role| role.id.to_string() == id);
        let not_found = || ApiError::not_found("INVALID_OBJECT_ID", "Invalid object id", "ID", &id);
        found.map(|role| role.wire(self.settings.partner)).ok_or_else(not_found)
    }

    /// What a session may do; none where that is everything: for somebody without a role. A role that the session itself
    /// names (`setrole:`) comes before those of its user.
    pub fn granted(&self, session: &Session) -> Option<BTreeSet<String>> {
        let own = self.users.get(&session.user_id).map(|user| user.role_ids.clone()).unwrap_or_default();
        let ids = session.set_role.clone().unwrap_or(own);
        let ids: Vec<&str> = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
        if ids.is_empty() {
            return None;
        }
        let named = |role: &UserRole| ids.iter().any(|id| role.id.to_string() == *id || role.system_name == *id);
        Some(self.roles.iter().filter(|role| named(role)).flat_map(UserRole::permissions).collect())
    }
}

impl Kaltura {
    /// Gives a user a role with these permissions and no other; until then the user may do everything.
    pub fn set_role<S: AsRef<str>>(&self, user_id: &str, permissions: &[S]) {
        let mut world = self.shared.world();
        let role = UserRole {
            id: world.next(),
            name: format!("role of {user_id}"),
            system_name: String::new(),
            permission_names: permissions.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(","),
            created_at: now(),
        };
        world.users.give_role(user_id, role.id);
        world.roles.push(role);
    }
}
