//! A file of a recording.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::fault::Fault;
use super::super::media::Media;

/// What a file holds, in Zoom's terms.
#[derive(Clone, Debug, PartialEq)]
pub enum FileKind {
    /// An MP4 with its `recording_type`.
    Video(String),
    Audio,
    /// Other sound, an M4A with its `recording_type`.
    Sound(String),
    Transcript,
    Chat,
    ClosedCaption,
    Timeline,
    /// A summary with its `recording_type`.
    Summary(String),
    Poll,
}

impl FileKind {
    /// `file_type`
    pub fn file_type(&self) -> &'static str {
        match self {
            FileKind::Video(_) => "MP4",
            FileKind::Audio | FileKind::Sound(_) => "M4A",
            FileKind::Transcript => "TRANSCRIPT",
            FileKind::Chat => "CHAT",
            FileKind::ClosedCaption => "CC",
            FileKind::Timeline => "TIMELINE",
            FileKind::Summary(_) => "SUMMARY",
            FileKind::Poll => "CSV",
        }
    }

    /// `file_extension`
    pub fn extension(&self) -> &'static str {
        match self {
            FileKind::Video(_) => "MP4",
            FileKind::Audio | FileKind::Sound(_) => "M4A",
            FileKind::Transcript | FileKind::ClosedCaption => "VTT",
            FileKind::Chat => "TXT",
            FileKind::Timeline | FileKind::Summary(_) => "JSON",
            FileKind::Poll => "CSV",
        }
    }

    /// `recording_type`, which captions and timelines do not have.
    pub fn recording_type(&self) -> Option<&str> {
        match self {
            FileKind::Video(view) | FileKind::Sound(view) | FileKind::Summary(view) => Some(view),
            FileKind::Poll => Some("poll"),
            FileKind::Audio => Some("audio_only"),
            FileKind::Transcript => Some("audio_transcript"),
            FileKind::Chat => Some("chat_file"),
            FileKind::ClosedCaption | FileKind::Timeline => None,
        }
    }

    pub(super) fn content_type(&self) -> &'static str {
        match self {
            FileKind::Video(_) => "video/mp4",
            FileKind::Audio | FileKind::Sound(_) => "audio/mp4",
            FileKind::Transcript | FileKind::ClosedCaption => "text/vtt",
            FileKind::Chat => "text/plain",
            FileKind::Timeline | FileKind::Summary(_) => "application/json",
            FileKind::Poll => "text/csv",
        }
    }
}

/// A file as it is listed and downloaded.
#[derive(Clone, Debug)]
pub struct RecordingFile {
    /// Its id; captions and timelines have one here, but none in Zoom's answers.
    pub id: String,
    pub kind: FileKind,
    pub media: Media,
    /// The start of the segment it belongs to.
    pub start: DateTime<Utc>,
    /// The end of that segment.
    pub end: DateTime<Utc>,
    /// The last part of its download address.
    pub key: String,
    /// Whether it is in processing while the rest of its meeting is ready.
    pub late: bool,
    /// A `file_size` that is not true.
    pub listed: Option<u64>,
    /// `file_name`, which the lists of the API mostly do without.
    pub file_name: Option<String>,
    /// Another content type than that of its kind.
    pub content_type: Option<&'static str>,
    /// What goes wrong with each of its downloads.
    pub fault: Option<Fault>,
}

impl RecordingFile {
    /// `file_size`
    pub fn size(&self) -> u64 {
        self.listed.unwrap_or_else(|| self.media.len())
    }

    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub fn sha256(&self) -> String {
        self.media.sha256()
    }

    /// What its download calls it.
    pub(super) fn content_type(&self) -> &'static str {
        self.content_type.unwrap_or_else(|| self.kind.content_type())
    }

    /// As Zoom names it: `GMT20261120-090000_Recording.mp4`.
    pub fn name(&self) -> String {
        let extension = self.kind.extension().to_lowercase();
        format!("GMT{}_Recording.{extension}", self.start.format("%Y%m%d-%H%M%S"))
    }

    pub(super) fn to_json(&self, uuid: &str, status: &str, api: &str) -> Value {
        let mut file = json!({
            "meeting_id": uuid,
            "recording_start": timestamp(self.start),
            "recording_end": timestamp(self.end),
            "file_type": self.kind.file_type(),
            "file_extension": self.kind.extension(),
            "download_url": format!("{api}/rec/download/{}", self.key),
        });
        if let Some(recording_type) = self.kind.recording_type() {
            file["id"] = json!(self.id);
            file["status"] = json!(if self.late { "processing" } else { status });
            file["file_size"] = json!(self.size());
            file["recording_type"] = json!(recording_type);
            file["play_url"] = json!(format!("{api}/rec/play/{}", self.key));
        }
        if let Some(name) = &self.file_name {
            file["file_name"] = json!(name);
        }
        file
    }
}

/// `2026-11-20T09:00:00Z`
pub(super) fn timestamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
