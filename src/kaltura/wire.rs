//! Kaltura's JSON as sent: exceptions, numbers that come as text, entries, flavor assets.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::http::{RemoteError, RemoteKind, Service, redacted};

/// The error in `answer`, if it is a `KalturaAPIException`.
pub(super) fn exception(call: &str, answer: &Value) -> Option<RemoteError> {
    if answer.get("objectType")?.as_str()? != "KalturaAPIException" {
        return None;
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let code = text("code");
    let session_id = answer.pointer("/args/KSID").and_then(Value::as_str).unwrap_or_default();
    let kind = kind_of(code, session_id);
    let advice = match kind {
        RemoteKind::Refused => "; check kaltura.partner_id, the secret and the rights of the service user",
        _ => "",
    };
    let message = format!("{call} answered {}: {}{advice}", redacted(code), redacted(text("message")));
    Some(RemoteError::new(Service::Kaltura, kind, message).with_code(code))
}

/// What is to be done about a code; an unknown one is a no.
fn kind_of(code: &str, session_id: &str) -> RemoteKind {
    match code {
        "INVALID_KS" if matches!(session_id, "EXPIRED" | "LOGOUT") => RemoteKind::Expired,
        "INVALID_KS"
        | "MISSING_KS"
        | "START_SESSION_ERROR"
        | "SERVICE_FORBIDDEN"
        | "INVALID_PARTNER_ID"
        | "SERVICE_FORBIDDEN_CONTENT_BLOCKED"
        | "SERVICE_FORBIDDEN_FULLY_BLOCKED"
        | "ACCESS_UNAUTHORIZED"
        | "USER_BLOCKED"
        | "APP_TOKEN_ID_NOT_FOUND"
        | "APP_TOKEN_NOT_ACTIVE"
        | "APP_TOKEN_EXPIRED"
        | "INVALID_APP_TOKEN_HASH" => RemoteKind::Refused,
        "INTERNAL_SERVERL_ERROR"
        | "INTERNAL_SERVER_ERROR"
        | "INTERNAL_DATABASE_ERROR"
        | "SEARCH_ENGINE_QUERY_FAILED"
        | "LOCK_TIMED_OUT"
        | "UPLOAD_TOKEN_CANNOT_MATCH_EXPECTED_SIZE" => RemoteKind::Server,
        "ACTION_BLOCKED" => RemoteKind::RateLimited(None),
        "ENTRY_ID_NOT_FOUND"
        | "UPLOAD_TOKEN_NOT_FOUND"
        | "INVALID_USER_ID"
        | "FLAVOR_ASSET_ID_NOT_FOUND"
        | "CAPTION_ASSET_ID_NOT_FOUND"
        | "ATTACHMENT_ASSET_ID_NOT_FOUND" => RemoteKind::NotFound,
        _ => RemoteKind::Rejected,
    }
}

/// 64-bit numbers come as text, 0 as a number, absent ones not at all.
pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    match Value::deserialize(from)? {
        // a negative one stands for "not known"
        Value::Number(number) => number.as_u64().or_else(|| number.as_i64().map(|_| 0)),
        Value::String(text) => text.parse().ok(),
        _ => Some(0),
    }
    .ok_or_else(|| serde::de::Error::custom("a number expected"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireToken {
    pub(super) id: String,
    pub(super) status: i64,
    #[serde(default, deserialize_with = "number")]
    pub(super) uploaded_file_size: u64,
    pub(super) attached_object_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireUser {
    pub(super) id: String,
    pub(super) status: i64,
    #[serde(default)]
    pub(super) email: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireFlavor {
    #[serde(default)]
    pub(super) entry_id: String,
    #[serde(default)]
    pub(super) is_original: bool,
    /// The exact size; `size` is in kB once the entry is READY.
    #[serde(default, deserialize_with = "number")]
    pub(super) size_in_bytes: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireText {
    pub(super) id: String,
    #[serde(default)]
    pub(super) label: String,
    #[serde(default)]
    pub(super) language: String,
    #[serde(default)]
    pub(super) filename: String,
    pub(super) status: i64,
    #[serde(default, deserialize_with = "number")]
    pub(super) size_in_bytes: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireEntry {
    pub(super) id: String,
    pub(super) status: Value,
    #[serde(default)]
    pub(super) user_id: String,
    #[serde(default)]
    pub(super) reference_id: String,
    #[serde(default)]
    pub(super) admin_tags: String,
    #[serde(default, deserialize_with = "number")]
    pub(super) ms_duration: u64,
    #[serde(default)]
    pub(super) display_in_search: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireList<T> {
    #[serde(default, deserialize_with = "number")]
    pub(super) total_count: u64,
    pub(super) objects: Vec<T>,
}
