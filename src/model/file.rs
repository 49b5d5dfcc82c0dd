//! The files of a recording segment.

use std::sync::Arc;

use chrono::TimeDelta;

use super::FileId;

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
}

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
    /// The meeting's chat.
    Chat,
    /// Anything else: timeline, summary, polls, what Zoom invents next.
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
        matches!(self.kind, FileKind::Transcript | FileKind::ClosedCaptions | FileKind::Chat)
    }

    /// The view in words, to tell the videos of a segment apart: `gallery view`.
    #[must_use]
    pub fn view(&self) -> String {
        let words = self.recording_type.replace('_', " ");
        if words.trim().is_empty() { "further view".to_owned() } else { words }
    }
}
