//! The JSON that programs read: what all of it has in common, and the one place that writes it out.
//!
//! Each kind has a JSON Schema in `examples/schema`, by the name of the function that makes it: what `status_document` makes is
//! described by `status.schema.json`.

use serde::Serialize;
use serde_json::{Value, json};

use crate::model::{EntryId, Segment, one_line, visible_json};

/// Another number if a key is removed or renamed, or changes its type.
const VERSION: u32 = 1;

/// One JSON object.
#[derive(Clone, Debug, Serialize)]
pub struct JsonDocument<T> {
    version: u32,
    #[serde(flatten)]
    members: T,
}

impl<T: Serialize> JsonDocument<T> {
    /// One with these members behind its version.
    pub fn new(members: T) -> JsonDocument<T> {
        JsonDocument { version: VERSION, members }
    }

    /// On several lines, for files and for people who look into them.
    pub fn pretty(&self) -> serde_json::Result<String> {
        Ok(visible_json(&serde_json::to_string_pretty(self)?))
    }

    /// On one line.
    pub fn line(&self) -> serde_json::Result<String> {
        Ok(visible_json(&serde_json::to_string(self)?))
    }
}

/// A recording as every document names it, with `more` of the document's own.
#[must_use]
pub fn recording_json(segment: &Segment, entry_id: Option<&EntryId>, more: Value) -> Value {
    let meeting = &segment.meeting;
    let recording = json!({
        "meeting_uuid": meeting.uuid.as_str(),
        "meeting_id": meeting.number,
        "topic": one_line(&meeting.topic),
        "recording_start": &*segment.recording_start,
        "host_email": meeting.host_email.as_deref().map(one_line),
        "entry_id": entry_id.map(EntryId::as_str),
    });
    add_members(recording, more)
}

/// One object with the members of both.
#[must_use]
pub fn add_members(mut object: Value, more: Value) -> Value {
    if let (Value::Object(members), Value::Object(more)) = (&mut object, more) {
        members.extend(more);
    }
    object
}
