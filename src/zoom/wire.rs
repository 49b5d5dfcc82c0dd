//! Zoom's JSON as sent, read leniently: a field may be missing, empty or of another type than documented, and no
//! video is dropped for it.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::model::{FileId, FileKind, HostId, Meeting, MeetingKind, MeetingUuid, Part, RecordingFile, Segment};

#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    pub(super) access_token: String,
    pub(super) expires_in: u64,
}

#[derive(Default, Deserialize)]
pub(super) struct TokenRefusal {
    pub(super) reason: Option<String>,
}

#[derive(Default, Deserialize)]
pub(super) struct ErrorBody {
    pub(super) code: Option<i64>,
    pub(super) message: Option<String>,
}

/// `meetings` has no default: an answer without it is no answer, never an empty list.
#[derive(Deserialize)]
pub(super) struct ListingPage {
    pub(super) from: Option<NaiveDate>,
    pub(super) to: Option<NaiveDate>,
    #[serde(default)]
    pub(super) next_page_token: String,
    pub(super) total_records: Option<u64>,
    pub(super) meetings: Vec<WireMeeting>,
}

#[derive(Deserialize)]
pub(super) struct WireMeeting {
    uuid: String,
    id: i64,
    #[serde(default)]
    host_id: String,
    host_email: Option<String>,
    topic: Option<String>,
    #[serde(rename = "type", default)]
    kind: Value,
    start_time: DateTime<Utc>,
    recording_files: Option<Vec<WireFile>>,
}

#[derive(Deserialize)]
pub(super) struct WireFile {
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient_time")]
    recording_start: Option<(String, DateTime<Utc>)>,
    #[serde(default, deserialize_with = "lenient_time")]
    recording_end: Option<(String, DateTime<Utc>)>,
    file_type: Option<String>,
    file_extension: Option<String>,
    file_size: Option<u64>,
    download_url: Option<String>,
    status: Option<String>,
    recording_type: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WireUser {
    pub(super) id: Option<String>,
    pub(super) email: Option<String>,
}

/// The text itself and its instant; `None` for what is missing, empty or no time.
fn lenient_time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<(String, DateTime<Utc>)>, D::Error> {
    let text = Option::<String>::deserialize(from)?.unwrap_or_default();
    Ok(DateTime::parse_from_rfc3339(&text).ok().map(|time| (text, time.to_utc())))
}

impl WireMeeting {
    /// What identifies the meeting while pages are put together.
    pub(super) fn uuid(&self) -> &str {
        &self.uuid
    }

    /// Groups the files by `recording_start`: stop and start make further segments under one UUID. A meeting
    /// without files becomes one segment without files, so that it is waited for and reported.
    pub(super) fn into_segments(self) -> Vec<Segment> {
        let meeting = Arc::new(Meeting {
            uuid: MeetingUuid::new(self.uuid),
            number: self.id,
            kind: meeting_kind(&self.kind),
            topic: self.topic.unwrap_or_default(),
            start: self.start_time,
            host_id: HostId::new(self.host_id),
            host_email: self.host_email.filter(|email| !email.trim().is_empty()),
        });
        let mut segments: Vec<Segment> = Vec::new();
        for file in self.recording_files.unwrap_or_default() {
            let (text, started) =
                file.recording_start.clone().unwrap_or_else(|| (zoom_time(meeting.start), meeting.start));
            let lasted = file.recording_end.as_ref().map(|(_, end)| *end - started);
            let file = file.into_file(&meeting.uuid, &text, lasted);
            match segments.iter_mut().find(|segment| segment.recording_start == text) {
                Some(segment) => {
                    segment.lasted = segment.lasted.max(lasted);
                    segment.files.push(file);
                }
                None => segments.push(Segment {
                    meeting: Arc::clone(&meeting),
                    recording_start: text,
                    started,
                    part: Part::ONLY,
                    lasted,
                    files: vec![file],
                }),
            }
        }
        if segments.is_empty() {
            let started = meeting.start;
            segments.push(Segment {
                meeting,
                recording_start: zoom_time(started),
                started,
                part: Part::ONLY,
                lasted: None,
                files: Vec::new(),
            });
        }
        segments.sort_by_key(|segment| segment.started);
        let of = segments.len();
        for (number, segment) in (1..).zip(&mut segments) {
            segment.part = Part { number, of };
        }
        segments
    }
}

fn zoom_time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Documented as text, sent as a number.
fn meeting_kind(kind: &Value) -> MeetingKind {
    let number = kind.as_i64().or_else(|| kind.as_str().and_then(|text| text.parse().ok()));
    match number {
        Some(5 | 6 | 9) => MeetingKind::Webinar,
        _ => MeetingKind::Meeting,
    }
}

impl WireFile {
    fn into_file(self, uuid: &MeetingUuid, recording_start: &str, lasted: Option<TimeDelta>) -> RecordingFile {
        let file_type = self.file_type.unwrap_or_default();
        let recording_type = self.recording_type.unwrap_or_default();
        let extension = self.file_extension.unwrap_or_default();
        let id = self.id.filter(|id| !id.is_empty()).unwrap_or_else(|| {
            // CC and TIMELINE files have no id (Zoom's reference); these parts tell them apart within a meeting
            format!("{uuid}#{recording_start}#{file_type}#{recording_type}#{extension}")
        });
        RecordingFile {
            id: FileId::new(id),
            kind: file_kind(&file_type, &extension),
            // CC and TIMELINE files have no status either: they appear when they are finished
            completed: self.status.as_deref().is_none_or(|status| status == "completed") && !file_type.is_empty(),
            file_type,
            recording_type,
            lasted,
            bytes: self.file_size.filter(|size| *size > 0),
            download_url: self.download_url.filter(|url| !url.is_empty()),
        }
    }
}

/// `file_type` is empty while the meeting is being recorded.
fn file_kind(file_type: &str, extension: &str) -> FileKind {
    match file_type.to_ascii_uppercase().as_str() {
        "MP4" => FileKind::Video,
        "M4A" => FileKind::Audio,
        "TRANSCRIPT" => FileKind::Transcript,
        "CC" => FileKind::ClosedCaptions,
        "CHAT" | "CHAT_MESSAGE" => FileKind::Chat,
        "" => FileKind::Unknown,
        _ if extension.eq_ignore_ascii_case("MP4") => FileKind::Video,
        _ => FileKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::WireMeeting;
    use crate::model::{FileKind, MeetingKind};

    fn meeting(kind: &serde_json::Value, files: &serde_json::Value) -> WireMeeting {
        let body = json!({"uuid": "abc==", "id": 81_234_567_890_i64, "host_id": "h", "topic": "Optics", "type": kind,
            "start_time": "2026-11-20T09:00:00Z", "recording_files": files});
        serde_json::from_value(body).expect("a meeting")
    }

    #[test]
    fn files_of_one_meeting_are_grouped_by_their_recording_start() {
        let files = json!([
            {"id": "1", "file_type": "MP4", "recording_start": "2026-11-20T09:01:00Z", "recording_end": "2026-11-20T09:31:00Z"},
            {"id": "2", "file_type": "MP4", "recording_start": "2026-11-20T09:40:00Z", "recording_end": "2026-11-20T09:50:00Z"},
            {"id": "3", "file_type": "M4A", "recording_start": "2026-11-20T09:01:00Z", "recording_end": "2026-11-20T09:31:00Z"},
        ]);
        let segments = meeting(&json!(2), &files).into_segments();
        assert_eq!(segments.len(), 2);
        assert_eq!(segments[0].files.len(), 2);
        assert_eq!(segments[0].lasted.map(|time| time.num_minutes()), Some(30));
        assert_eq!(segments[1].key().reference_id().as_str(), "Zoom_abc==2026-11-20T09:40:00Z");
    }

    #[test]
    fn a_type_is_read_as_number_and_as_text() {
        assert_eq!(meeting(&json!(5), &json!([])).into_segments()[0].meeting.kind, MeetingKind::Webinar);
        assert_eq!(meeting(&json!("9"), &json!([])).into_segments()[0].meeting.kind, MeetingKind::Webinar);
        assert_eq!(meeting(&json!(null), &json!([])).into_segments()[0].meeting.kind, MeetingKind::Meeting);
    }

    #[test]
    fn an_unknown_view_with_an_mp4_is_a_video_all_the_same() {
        let files = json!([{"id": "1", "file_type": "MP4", "recording_type": "hologram", "status": "completed"}]);
        let segments = meeting(&json!(2), &files).into_segments();
        assert_eq!(segments[0].files[0].kind, FileKind::Video);
    }

    #[test]
    fn a_meeting_still_recorded_or_without_files_stays_visible() {
        let recording = json!([{"file_type": "", "file_extension": "", "file_size": 0, "recording_end": "",
            "recording_start": "2026-11-20T09:00:10Z"}]);
        let segments = meeting(&json!(2), &recording).into_segments();
        assert_eq!(segments[0].files[0].kind, FileKind::Unknown);
        assert!(!segments[0].files[0].completed);
        assert_eq!(meeting(&json!(2), &json!(null)).into_segments().len(), 1);
    }

    #[test]
    fn a_file_without_an_id_gets_the_same_one_every_time() {
        let files = || json!([{"file_type": "CC", "file_extension": "VTT", "recording_start": "2026-11-20T09:01:00Z"}]);
        let id = |files| meeting(&json!(2), &files).into_segments()[0].files[0].id.clone();
        assert_eq!(id(files()), id(files()));
    }
}
