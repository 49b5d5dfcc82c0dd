//! The files of a recording segment.

use super::FileId;

/// One file that Zoom made of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingFile {
    /// Zoom's id, or a stable hash where Zoom gives none.
    pub id: FileId,
    /// What it is.
    pub kind: FileKind,
    /// Zoom's word for it, for reports: `MP4`, `TRANSCRIPT`, … or empty.
    pub file_type: String,
    /// Zoom's `file_size` in bytes, where it gives one.
    pub bytes: Option<u64>,
    /// Whether Zoom has finished it.
    pub completed: bool,
    /// Where to fetch it. Belongs in no log, report or ledger.
    pub download_url: Option<String>,
}

/// What a recording file is, as far as copying it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A video, whatever its view.
    Video(View),
    /// Sound alone.
    Audio,
    /// Spoken words as text: a transcript or closed captions.
    Caption,
    /// The meeting's chat.
    Chat,
    /// Anything else: timeline, summary, polls, what Zoom invents next.
    Other,
    /// Not known yet: the meeting is still being recorded.
    Unknown,
}

/// Which picture a video shows, best first: the order in which one is chosen to stand for the segment.
///
/// Names: `recording_type` in Zoom's API reference; the order is that of Kaltura's own connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum View {
    /// `shared_screen_with_speaker_view(CC)`
    SharedScreenWithSpeakerCaptioned,
    /// `shared_screen_with_speaker_view`
    SharedScreenWithSpeaker,
    /// `shared_screen_with_gallery_view`
    SharedScreenWithGallery,
    /// `shared_screen`
    SharedScreen,
    /// `speaker_view`
    Speaker,
    /// `active_speaker`
    ActiveSpeaker,
    /// `gallery_view`
    Gallery,
    /// A name this program does not know: a video all the same.
    Other,
}

impl View {
    /// Reads Zoom's `recording_type`.
    #[must_use]
    pub fn from_recording_type(name: &str) -> View {
        match name {
            "shared_screen_with_speaker_view(CC)" => View::SharedScreenWithSpeakerCaptioned,
            "shared_screen_with_speaker_view" => View::SharedScreenWithSpeaker,
            "shared_screen_with_gallery_view" => View::SharedScreenWithGallery,
            "shared_screen" => View::SharedScreen,
            "speaker_view" => View::Speaker,
            "active_speaker" => View::ActiveSpeaker,
            "gallery_view" => View::Gallery,
            _ => View::Other,
        }
    }
}
