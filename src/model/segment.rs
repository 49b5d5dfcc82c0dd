//! A meeting and its recording segments.
//!
//! The files of a recording segment.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{FileId, HostId, MeetingUuid, SegmentKey, SideFile};

/// A meeting or webinar instance as Zoom lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// Names this instance.
    pub uuid: MeetingUuid,
    /// The meeting number people know; shared by all instances.
    pub number: i64,
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// The topic as sent: untrusted text.
    pub topic: String,
    /// When it began; Zoom's listing goes by the UTC day of it.
    pub start: DateTime<Utc>,
    /// Who hosted it.
    pub host_id: HostId,
    /// The host's address, where the listing tells it.
    pub host_email: Option<String>,
    /// The day on which Zoom deletes it, where it tells.
    pub deleted_on: Option<NaiveDate>,
}

impl Meeting {
    /// The UTC day under which Zoom lists it.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        self.start.date_naive()
    }
}

/// Meeting or webinar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeetingKind {
    /// Everything that is not a webinar.
    Meeting,
    /// Zoom's types 5, 6 and 9.
    Webinar,
}

/// One stretch of recording, from start to stop: what becomes one entry.
#[derive(Clone, Debug)]
pub struct Segment {
    /// The meeting it is part of.
    pub meeting: Arc<Meeting>,
    /// `recording_start` in the spelling that its mark and the ledger go by.
    pub recording_start: Arc<str>,
    /// The same as an instant.
    pub started: DateTime<Utc>,
    /// Which of the meeting's segments it is.
    pub part: PartNumber,
    /// How long it lasted, where Zoom says when it ended.
    pub lasted: Option<TimeDelta>,
    /// All its files, in Zoom's order.
    pub files: Arc<Vec<RecordingFile>>,
}

/// The place of a segment among those of its meeting, by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartNumber {
    /// From 1 on.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl PartNumber {
    /// The only one.
    pub const ONLY: PartNumber = PartNumber { number: 1, of: 1 };
}

impl Segment {
    /// A segment of which no file is known, the only one of its meeting as far as is known here.
    #[must_use]
    pub fn bare(meeting: Meeting, recording_start: Arc<str>, started: DateTime<Utc>) -> Segment {
        Segment {
            meeting: Arc::new(meeting),
            recording_start,
            started,
            part: PartNumber::ONLY,
            lasted: None,
            files: Arc::default(),
        }
    }

    /// It without its files.
    #[must_use]
    pub fn outline(&self) -> SegmentOutline<'_> {
        let meeting = &self.meeting;
        SegmentOutline {
            uuid: meeting.uuid.as_str(),
            recording_start: &self.recording_start,
            started: self.started,
            lasted: self.lasted,
            number: meeting.number,
            kind: meeting.kind,
            topic: &meeting.topic,
            meeting_start: meeting.start,
            host_id: meeting.host_id.as_str(),
            host_email: meeting.host_email.as_deref(),
            deleted_on: meeting.deleted_on,
        }
    }

    /// What identifies it.
    #[must_use]
    pub fn key(&self) -> SegmentKey {
        SegmentKey { meeting_uuid: self.meeting.uuid.clone(), recording_start: self.recording_start.clone() }
    }
}

/// A segment without its files, borrowed: what the ledger keeps of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentOutline<'a> {
    /// Names the meeting instance.
    pub uuid: &'a str,
    /// `recording_start` in the spelling that its mark and the ledger go by.
    pub recording_start: &'a str,
    /// The same as an instant.
    pub started: DateTime<Utc>,
    /// How long it lasted, where Zoom says when it ended.
    pub lasted: Option<TimeDelta>,
    /// The meeting number.
    pub number: i64,
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// The topic as sent: untrusted text.
    pub topic: &'a str,
    /// When the meeting began.
    pub meeting_start: DateTime<Utc>,
    /// Who hosted it.
    pub host_id: &'a str,
    /// The host's address, where the listing tells it.
    pub host_email: Option<&'a str>,
    /// The day on which Zoom deletes it, where it tells.
    pub deleted_on: Option<NaiveDate>,
}

/// One file that Zoom made of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingFile {
    /// Zoom's id, or a stable hash where Zoom gives none.
    pub id: FileId,
    /// What it is.
    pub kind: FileKind,
    /// Zoom's word for it, for reports: `MP4`, `TRANSCRIPT`, … or empty.
    pub file_type: Arc<str>,
    /// Zoom's `recording_type`: of a video its view, e.g. `gallery_view`; an open list of words, or empty.
    pub recording_type: Arc<str>,
    /// Zoom's `file_size` in bytes, where it gives one.
    pub bytes: Option<u64>,
    /// From its start to its end, pauses included, where Zoom gives both.
    pub lasted: Option<TimeDelta>,
    /// Whether Zoom has finished it.
    pub completed: bool,
    /// Whether its id does not tell Zoom which file is meant: Zoom gives it to another file of the meeting too, or the ledger
    /// has the file under the id that it had before.
    pub shares_id: bool,
    /// Where to fetch it. Belongs in no log, report or ledger.
    pub download_url: Option<Arc<str>>,
    /// The language of an interpretation, where Zoom names it.
    pub language: Option<Arc<str>>,
}

/// Zoom's `recording_type` of the sound of one participant alone.
pub const PARTICIPANT_AUDIO: &str = "audio_only_each_participant";

/// What a recording file is, as far as copying it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A video, whatever its view.
    Video,
    /// Sound alone.
    Audio,
    /// What was said, as text, made after the meeting.
    Transcript,
    /// The captions that were shown during the meeting.
    ClosedCaptions,
    /// What can become an attachment.
    Side(SideFile),
    /// Anything else: thumbnails, what Zoom invents next.
    Other,
    /// Not known yet: the meeting is still being recorded.
    Unknown,
}

impl RecordingFile {
    /// Whether there is anything to see or to hear.
    #[must_use]
    pub fn is_media(&self) -> bool {
        matches!(self.kind, FileKind::Video | FileKind::Audio)
    }

    /// Whether it is a text that hangs on an entry.
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self.kind, FileKind::Transcript | FileKind::ClosedCaptions | FileKind::Side(_))
    }

    /// Whether it is the sound or the picture of an interpreter.
    #[must_use]
    pub fn is_interpretation(&self) -> bool {
        self.is_media() && matches!(&*self.recording_type, "audio_interpretation" | "sign_interpretation")
    }

    /// Whether it is the sound of one participant alone.
    #[must_use]
    pub fn is_participant_audio(&self) -> bool {
        &*self.recording_type == PARTICIPANT_AUDIO
    }

    /// The view in words, to tell the media of a segment apart: `gallery view`, `audio interpretation, French`.
    #[must_use]
    pub fn view(&self) -> String {
        let words = self.recording_type.replace('_', " ");
        match &self.language {
            _ if words.trim().is_empty() => "further view".to_owned(),
            Some(language) => format!("{words}, {language}"),
            None => words,
        }
    }
}
