//! Sessions: who calls, and what he may call.

use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use super::error::ApiError;
use super::params::Params;
use super::text::folded;
use super::world::{World, now};

/// What a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Nobody,
    Widget,
    User,
    Admin,
}

/// A session that was started, or none.
#[derive(Clone, Debug)]
pub struct Session {
    pub role: Role,
    pub user_id: String,
    pub ends: SystemTime,
    /// The roles that its privileges name (`setrole:`) in place of those of its user.
    pub set_role: Option<String>,
    /// When a caller was first told that it has ended.
    pub told: Option<Instant>,
}

/// What can be called without a session; `media.get` then finds nothing.
const OPEN: &[&str] =
    &["session.start", "session.startWidgetSession", "media.get", "baseEntry.get", "permission.getCurrentPermissions"];
/// What a widget's session may call besides.
const WIDGET: &[&str] = &["appToken.startSession", "media.list", "baseEntry.list", "baseEntry.listByReferenceId"];
/// What only an administrator may call.
const ADMIN: &[&str] = &[
    "appToken.add",
    "appToken.delete",
    "user.add",
    "user.delete",
    "user.list",
    "user.update",
    "caption_captionAsset.add",
    "caption_captionAsset.setContent",
    "caption_captionAsset.setAsDefault",
    "caption_captionAsset.update",
    "category.add",
    "conversionProfile.add",
    "document_documents.addFromUploadedFile",
    "group_group.add",
    "groupUser.list",
    "userRole.add",
    "userRole.get",
];

impl Session {
    /// The caller without a session.
    pub fn nobody() -> Session {
        Session { role: Role::Nobody, user_id: String::new(), ends: SystemTime::now(), set_role: None, told: None }
    }

    /// Whether this session may make the call at all.
    pub fn check(&self, call: &str) -> Result<(), ApiError> {
        let allowed = match self.role {
            Role::Nobody => OPEN.contains(&call),
            Role::Widget => OPEN.contains(&call) || WIDGET.contains(&call),
            Role::User => !ADMIN.contains(&call),
            Role::Admin => true,
        };
        if allowed { Ok(()) } else { Err(ApiError::forbidden(call)) }
    }

    /// Whether something of `owner` is within reach.
    pub fn may_touch(&self, owner: &str) -> bool {
        self.role == Role::Admin || folded(&self.user_id) == folded(owner)
    }
}

impl World {
    /// The session that a request names which came in at `arrived`.
    pub fn session(&mut self, params: &Params, arrived: Instant) -> Result<Session, ApiError> {
        let Some(ks) = params.filled("ks") else {
            return Ok(Session::nobody());
        };
        let session = self.sessions.get_mut(&ks).ok_or_else(|| ApiError::invalid_ks(&ks))?;
        if session.ends > SystemTime::now() {
            return Ok(session.clone());
        }
        let told = session.told;
        session.told.get_or_insert_with(Instant::now);
        self.check_ended_session(told, arrived)?;
        Err(ApiError::invalid_ks("EXPIRED"))
    }

    /// Opens a session; its user need not be there.
    pub fn open_session(&mut self, role: Role, user_id: &str, seconds: i64, privileges: &str) -> String {
        let user_id = user_id.to_owned();
        let seconds = u64::try_from(seconds).unwrap_or(0);
        let ends = SystemTime::now() + Duration::from_secs(seconds);
        self.last_login = Some(Instant::now());
        let ks = format!("djJ8{}{}", self.fresh(), self.fresh());
        self.sessions.insert(ks.clone(), Session { role, user_id, ends, set_role: set_role(privileges), told: None });
        ks
    }

    /// `session.start`
    pub fn start_session(&mut self, params: &Params) -> Result<Value, ApiError> {
        let secret = params.required("secret")?;
        let partner = params.text("partnerId").unwrap_or_default();
        if partner != self.settings.partner.to_string() {
            return Err(ApiError::blocked_partner());
        }
        if secret != self.settings.secret {
            return Err(ApiError::start_session(&partner));
        }
        let role = role(params.number("type").unwrap_or(0));
        let user_id = params.text("userId").unwrap_or_default();
        let seconds = params.number("expiry").unwrap_or(86400);
        let privileges = params.text("privileges").unwrap_or_default();
        Ok(json!(self.open_session(role, &user_id, seconds, &privileges)))
    }

    /// `session.startWidgetSession`
    pub fn start_widget_session(&mut self, params: &Params) -> Result<Value, ApiError> {
        let widget = params.required("widgetId")?;
        let partner = self.settings.partner;
        if widget != format!("_{partner}") {
            return Err(ApiError::invalid_widget(&widget));
        }
        let seconds = params.number("expiry").unwrap_or(86400);
        let ks = self.open_session(Role::Widget, "", seconds, "");
        Ok(json!({
            "partnerId": partner,
            "ks": ks,
            "userId": 0,
            "objectType": "KalturaStartWidgetSessionResponse",
        }))
    }

    /// `appToken.startSession`: the hash shows knowledge of the token without sending it.
    pub fn start_app_session(&mut self, params: &Params) -> Result<Value, ApiError> {
        let ks = params.required("ks")?;
        let id = params.required("id")?;
        let hash = params.required("tokenHash")?;
        let token = self.app_tokens.get(&id);
        let not_found = || ApiError::not_found("APP_TOKEN_ID_NOT_FOUND", "Application token id", "ID", &id);
        let token = token.ok_or_else(not_found)?.clone();
        if token.hash(&ks) != Some(hash) {
            return Err(ApiError::new("INVALID_APP_TOKEN_HASH", "Invalid application token hash"));
        }
        let asked = params.number("expiry").unwrap_or(token.session_duration);
        let seconds = asked.min(token.session_duration);
        let ks =
            self.open_session(role(token.session_type), &token.session_user_id, seconds, &token.session_privileges);
        let mut privileges = format!("sessionid:{id},apptoken:{id}");
        if !token.session_privileges.is_empty() {
            privileges = format!("{privileges},{}", token.session_privileges);
        }
        Ok(json!({
            "ks": ks,
            "sessionType": token.session_type,
            "partnerId": self.settings.partner.to_string(),
            "userId": token.session_user_id,
            "expiry": now() + seconds,
            "privileges": privileges,
            "objectType": "KalturaSessionInfo",
        }))
    }
}

/// The role that privileges name.
fn set_role(privileges: &str) -> Option<String> {
    privileges.split(',').find_map(|privilege| privilege.trim().strip_prefix("setrole:")).map(str::to_owned)
}

fn role(session_type: i64) -> Role {
    if session_type == 2 { Role::Admin } else { Role::User }
}
