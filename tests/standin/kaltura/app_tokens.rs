//! Application tokens: a way to start sessions without the partner's secret.

use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::super::media::hex;
use super::error::ApiError;
use super::params::Params;
use super::world::{World, now};

/// A token and what the sessions started with it are like.
#[derive(Clone, Debug)]
pub struct AppToken {
    pub id: String,
    pub token: String,
    pub hash_type: String,
    pub session_type: i64,
    pub session_user_id: String,
    pub session_privileges: String,
    pub session_duration: i64,
    pub created_at: i64,
}

impl AppToken {
    /// The hash that a session has to be asked for with; none for a hash type that the stand-in does not know.
    pub fn hash(&self, widget_ks: &str) -> Option<String> {
        let text = format!("{widget_ks}{}", self.token);
        match self.hash_type.as_str() {
            "SHA1" => Some(hex(&Sha1::digest(text.as_bytes()))),
            "SHA256" => Some(hex(&Sha256::digest(text.as_bytes()))),
            "SHA512" => Some(hex(&Sha512::digest(text.as_bytes()))),
            _ => None,
        }
    }

    pub fn wire(&self, partner: u32) -> Value {
        let mut wire = json!({
            "id": self.id,
            "token": self.token,
            "partnerId": partner,
            "createdAt": self.created_at,
            "updatedAt": self.created_at,
            "status": 2,
            "sessionType": self.session_type,
            "sessionUserId": self.session_user_id,
            "sessionDuration": self.session_duration,
            "hashType": self.hash_type,
            "objectType": "KalturaAppToken",
        });
        if !self.session_privileges.is_empty() {
            wire["sessionPrivileges"] = json!(self.session_privileges);
        }
        wire
    }
}

impl World {
    /// `appToken.add`
    pub fn add_app_token(&mut self, params: &Params) -> Result<Value, ApiError> {
        let asked = params.required_object("appToken")?;
        let token = AppToken {
            id: self.short_id(),
            token: self.fresh()[..32].to_owned(),
            hash_type: asked.filled("hashType").unwrap_or_else(|| "SHA1".to_owned()),
            session_type: asked.number("sessionType").unwrap_or(0),
            session_user_id: asked.text("sessionUserId").unwrap_or_default(),
            session_privileges: asked.text("sessionPrivileges").unwrap_or_default(),
            session_duration: asked.number("sessionDuration").unwrap_or(86400),
            created_at: now(),
        };
        let wire = token.wire(self.settings.partner);
        self.app_tokens.insert(token.id.clone(), token);
        Ok(wire)
    }

    /// `appToken.delete`
    pub fn delete_app_token(&mut self, params: &Params) -> Result<Value, ApiError> {
        let id = params.required("id")?;
        if self.app_tokens.remove(&id).is_none() {
            let what = "Application token id";
            return Err(ApiError::not_found("APP_TOKEN_ID_NOT_FOUND", what, "ID", &id));
        }
        Ok(Value::Null)
    }
}
