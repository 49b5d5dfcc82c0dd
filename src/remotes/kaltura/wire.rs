//! Kaltura's JSON as sent: exceptions, numbers that come as text, entries, flavor assets.
//!
//! References in a multirequest: Kaltura replaces `{1:result:id}`, anywhere in any text of a later part, by what the
//! first part answered (facts-kaltura.md#s9: the first match in a text, to the last brace of its line). Only what this
//! program means as one may be one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::remotes::http::meanings::{Refusal, find_meaning};
use crate::remotes::http::{RemoteError, Service, redact_url};

/// The error in `answer`, if it is a `KalturaAPIException`.
pub(super) fn read_exception(call: &str, answer: &Value) -> Option<RemoteError> {
    if answer.get("objectType")?.as_str()? != "KalturaAPIException" {
        return None;
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let code = text("code");
    // what tells an ended session from a refused one
    let says = answer.pointer("/args/KSID").and_then(Value::as_str).unwrap_or_default();
    let meaning = find_meaning(&Refusal { service: Service::Kaltura, call, status: 200, code, says });
    let advice = meaning.advice(Service::Kaltura);
    let message = format!("{call} answered {}: {}{advice}", redact_url(code), redact_url(text("message")));
    Some(RemoteError::meant(Service::Kaltura, meaning, message))
}

/// A number as Kaltura sends it: 64-bit ones as text, enumerations as either; absent ones not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Number {
    /// Not sent.
    #[default]
    Absent,
    /// A whole number.
    Is(i64),
    /// Something else, or beyond what fits. What it stands for is not known then, and nobody guesses.
    Odd,
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Number, D::Error> {
        let number = match Value::deserialize(from)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        Ok(number.map_or(Number::Odd, Number::Is))
    }
}

impl Number {
    /// A size in bytes, where a file can be so large.
    pub(super) fn size(self) -> Option<u64> {
        self.amount().filter(|bytes| *bytes <= LARGEST)
    }

    /// A count or a length: none below zero. Absent is 0.
    pub(super) fn amount(self) -> Option<u64> {
        match self {
            Number::Absent => Some(0),
            Number::Is(number) => u64::try_from(number).ok(),
            Number::Odd => None,
        }
    }

    /// Any whole number.
    pub(super) fn whole(self) -> Option<i64> {
        match self {
            Number::Is(number) => Some(number),
            Number::Absent | Number::Odd => None,
        }
    }

    /// Seconds since 1970, where an entry can have been made or changed then; `latest` is a moment from now.
    pub(super) fn time(self, latest: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let time = DateTime::from_timestamp(self.whole()?, 0)?;
        (FIRST_TIME..=latest).contains(&time).then_some(time)
    }
}

/// The year 2000. Kaltura is younger, and takes a filter's time near 0 for one that counts from now
/// (facts-kaltura.md#s8).
const FIRST_TIME: DateTime<Utc> = DateTime::from_timestamp(946_684_800, 0).expect("a time");
/// A pebibyte: no recording is larger.
const LARGEST: u64 = 1 << 50;
/// Ten years: what plays for longer is no recording.
const LONGEST_MS: u64 = 315_360_000_000;

/// A text fit for a filter that Kaltura's search index answers, where a bare `"` is an error (facts-kaltura.md#k42):
/// `emailStartsWith`, `adminTagsLike`, `parentEntryIdEqual` and others. Filters that compare whole values must not be given
/// it: there a `"` is itself.
pub(super) fn escape_filter(text: &str) -> String {
    text.replace('"', "\\\"")
}

/// A text, empty where it is absent or something else.
fn lenient_text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    })
}

/// An answer of which the id matters alone: nothing odd in the rest casts doubt on what was done.
#[derive(Deserialize)]
pub(super) struct WireId {
    pub(super) id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireToken {
    pub(super) id: String,
    #[serde(default)]
    pub(super) status: Number,
    #[serde(default)]
    pub(super) uploaded_file_size: Number,
    pub(super) attached_object_id: Option<String>,
    #[serde(default)]
    pub(super) created_at: Number,
    #[serde(default)]
    pub(super) updated_at: Number,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireKalturaUser {
    pub(super) id: String,
    #[serde(default)]
    pub(super) status: Number,
    /// `KalturaUserType`: absent in some answers about a person (facts-kaltura.md#k44).
    #[serde(default, rename = "type")]
    kind: Number,
    #[serde(default, deserialize_with = "lenient_text")]
    pub(super) email: String,
}

/// `KalturaUserType::USER`; groups, which are 1, own nothing and have no rights.
const PERSON: i64 = 0;
/// `KalturaUserStatus::ACTIVE`; a blocked user is found too and is not to be given anything.
const ACTIVE: i64 = 1;

impl WireKalturaUser {
    /// Whether it is somebody to whom things can be given.
    pub(super) fn is_active_person(&self) -> bool {
        self.status.whole() == Some(ACTIVE) && matches!(self.kind, Number::Absent | Number::Is(PERSON))
    }

    /// Whether it is no person but a group.
    pub(super) fn is_group(&self) -> bool {
        self.kind.whole().is_some_and(|kind| kind != PERSON)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireFlavor {
    #[serde(default, deserialize_with = "lenient_text")]
    pub(super) entry_id: String,
    #[serde(default)]
    pub(super) is_original: bool,
    /// The exact size; `size` is in kB once the entry is READY.
    #[serde(default)]
    pub(super) size_in_bytes: Number,
    #[serde(default)]
    pub(super) status: Number,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireText {
    pub(super) id: String,
    #[serde(default, deserialize_with = "lenient_text")]
    pub(super) label: String,
    #[serde(default, deserialize_with = "lenient_text")]
    pub(super) language: String,
    #[serde(default, deserialize_with = "lenient_text")]
    pub(super) filename: String,
    #[serde(default, deserialize_with = "lenient_text")]
    pub(super) title: String,
    /// `KalturaCaptionSource`
    #[serde(default)]
    pub(super) source: Number,
    #[serde(default)]
    pub(super) status: Number,
    /// 0 where the text goes by something that is not ASCII (facts-kaltura.md#k41).
    #[serde(default)]
    pub(super) size_in_bytes: Number,
    #[serde(default)]
    pub(super) size: Number,
    #[serde(default)]
    pub(super) updated_at: Number,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireEntry {
    pub(super) id: String,
    #[serde(default)]
    pub(super) status: Number,
    #[serde(default, deserialize_with = "lenient_text")]
    pub(super) user_id: String,
    #[serde(default, deserialize_with = "lenient_text")]
    pub(super) reference_id: String,
    #[serde(default, deserialize_with = "lenient_text")]
    pub(super) admin_tags: String,
    #[serde(default)]
    pub(super) ms_duration: Number,
    #[serde(default)]
    pub(super) display_in_search: Number,
    #[serde(default)]
    pub(super) updated_at: Number,
}

impl WireEntry {
    /// Which of its numbers cannot be one.
    pub(super) fn odd(&self) -> Option<&'static str> {
        match () {
            () if self.milliseconds().is_none() => Some("msDuration"),
            () if self.display_in_search == Number::Odd => Some("displayInSearch"),
            () => None,
        }
    }

    /// Its length, where it can be that of a recording.
    pub(super) fn milliseconds(&self) -> Option<u64> {
        self.ms_duration.amount().filter(|milliseconds| *milliseconds <= LONGEST_MS)
    }
}

/// More than any list of any account has.
pub(super) const MOST: u64 = 1_000_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireList<T> {
    #[serde(default)]
    total_count: Number,
    pub(super) objects: Vec<T>,
}

impl<T> WireList<T> {
    /// How many came.
    pub(super) fn len(&self) -> u64 {
        self.objects.len() as u64
    }

    /// How many the whole list has, where that can be: at least as many as came, and no more than anybody has.
    pub(super) fn total(&self) -> Option<u64> {
        let total = self.total_count.whole().and_then(|total| u64::try_from(total).ok())?;
        (self.len()..=MOST).contains(&total).then_some(total)
    }

    /// Whether this page shows all of the list.
    pub(super) fn is_whole(&self) -> bool {
        self.total() == Some(self.len())
    }
}

/// The member of an object that stands for a reference: texts from outside are no objects.
const MEANT: &str = "\0reference";

/// Stands for a field of what the first part answers.
pub(super) fn refer_to_first(field: &str) -> Value {
    json!({ MEANT: format!("{{1:result:{field}}}") })
}

/// Whether a text in `value` would be taken for a reference that nobody meant.
pub(super) fn has_unmeant(value: &Value) -> bool {
    match value {
        Value::String(text) => reference_starts(text).next().is_some(),
        Value::Array(items) => items.iter().any(has_unmeant),
        Value::Object(members) => intended_reference(members).is_none() && members.values().any(has_unmeant),
        _ => false,
    }
}

/// `value` as it goes into a multirequest: what is meant as a reference is one, and nothing else.
pub(super) fn write_references(value: Value) -> Value {
    match value {
        Value::String(text) => break_reference(&text).into(),
        Value::Array(items) => items.into_iter().map(write_references).collect(),
        Value::Object(members) => match intended_reference(&members) {
            Some(reference) => reference.clone(),
            None => members.into_iter().map(|(name, member)| (name, write_references(member))).collect(),
        },
        other => other,
    }
}

fn intended_reference(members: &serde_json::Map<String, Value>) -> Option<&Value> {
    members.get(MEANT)
}

/// A text with a blank in what would be a reference.
fn break_reference(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut from = 0;
    for at in reference_starts(text) {
        whole.push_str(&text[from..=at]);
        whole.push(' ');
        from = at + 1;
    }
    whole + &text[from..]
}

/// Where in a text something begins that may be read as a reference.
fn reference_starts(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices('{').map(|(at, _)| at).filter(|at| {
        let inside = &text[at + 1..];
        let rest = inside.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < inside.len() && rest.starts_with(":result")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{has_unmeant, refer_to_first, write_references};

    #[test]
    fn only_intended_references_are_references() {
        let cases = [
            ("{1:result:id}", "{ 1:result:id}"),
            ("a {12:result} b {3:result:objects:0:id}", "a { 12:result} b { 3:result:objects:0:id}"),
            ("{{1:result:id}}", "{{ 1:result:id}}"),
            ("{1:result", "{ 1:result"),
            ("{1:results}", "{ 1:results}"),
        ];
        for (text, sent) in cases {
            let nested = |text: &str| json!({ "entry": { "name": text, "tags": [text] } });
            assert!(has_unmeant(&nested(text)), "{text}");
            assert_eq!(write_references(nested(text)), nested(sent), "{text}");
            assert!(!has_unmeant(&write_references(nested(text))), "{text}");
        }
        for text in ["{result:id}", "{1}", "{ 1:result:id}", "{1.result:id}", "{ü1:result}", "{\"a\":1}", "{", ""] {
            assert!(!has_unmeant(&json!(text)), "{text}");
            assert_eq!(write_references(json!(text)), json!(text));
        }
    }

    /// A reference that is meant stays one.
    #[test]
    fn texts_cannot_pose_as_references() {
        let part = json!({ "entryId": refer_to_first("id"), "name": refer_to_first("id").to_string() });
        assert!(has_unmeant(&part));
        let written = write_references(part);
        assert_eq!(written["entryId"], "{1:result:id}");
        assert!(written["name"].as_str().expect("a text").contains("{ 1:result:id}"));
    }
}
