//! Kaltura's JSON as sent: exceptions, numbers that come as text, entries, flavor assets.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::http::meanings::{Answer, meaning};
use crate::http::{RemoteError, Service, redacted};

/// The error in `answer`, if it is a `KalturaAPIException`.
pub(super) fn exception(call: &str, answer: &Value) -> Option<RemoteError> {
    if answer.get("objectType")?.as_str()? != "KalturaAPIException" {
        return None;
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let code = text("code");
    // what tells an ended session from a refused one
    let says = answer.pointer("/args/KSID").and_then(Value::as_str).unwrap_or_default();
    let meaning = meaning(&Answer { service: Service::Kaltura, call, status: 200, code, says });
    let advice = meaning.advice(Service::Kaltura);
    let message = format!("{call} answered {}: {}{advice}", redacted(code), redacted(text("message")));
    Some(RemoteError::meant(Service::Kaltura, meaning, message))
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
