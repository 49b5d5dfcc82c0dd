//! What was recorded between a start and a stop.

use chrono::{DateTime, Utc};

use super::super::fault::Fault;
use super::super::media::Media;
use super::file::FileKind;

/// One stretch of recording: stopping and starting again makes a new one in the same meeting.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Segment {
    pub(super) start: Option<DateTime<Utc>>,
    pub(super) minutes: Option<u32>,
    pub(super) files: Vec<Seed>,
}

/// A file before its place in the meeting gives it an id and times.
#[derive(Clone, Debug)]
pub(super) struct Seed {
    pub(super) kind: FileKind,
    pub(super) media: Media,
    pub(super) id: Option<String>,
    /// Listed, and not ready yet while the rest is.
    pub(super) late: bool,
    /// A `file_size` that is not true.
    pub(super) listed: Option<u64>,
    pub(super) file_name: Option<String>,
    /// Another content type than that of its kind.
    pub(super) content_type: Option<&'static str>,
    /// What goes wrong with each of its downloads.
    pub(super) fault: Option<Fault>,
    /// In the trash.
    pub(super) trashed: bool,
}

impl Segment {
    /// A segment without files that starts at `time`, as in `2026-11-20T09:00:00Z`.
    pub fn starting(time: &str) -> Segment {
        Segment { start: Some(instant(time)), ..Segment::default() }
    }

    /// How long it lasts; as long as the meeting unless said otherwise.
    pub fn lasting_minutes(mut self, minutes: u32) -> Segment {
        self.minutes = Some(minutes);
        self
    }

    /// Adds a video; `view` is its `recording_type`.
    pub fn video(self, view: &str, media: Media) -> Segment {
        self.file(FileKind::Video(view.to_owned()), media)
    }

    /// Adds the sound alone.
    pub fn audio(self, media: Media) -> Segment {
        self.file(FileKind::Audio, media)
    }

    /// Adds other sound; `recording_type` says what it is.
    pub fn sound(self, recording_type: &str, media: Media) -> Segment {
        self.file(FileKind::Sound(recording_type.to_owned()), media)
    }

    /// Names the file added last.
    pub fn named(mut self, name: &str) -> Segment {
        self.files.last_mut().expect("a file that is named").file_name = Some(name.to_owned());
        self
    }

    /// Adds a transcript.
    pub fn transcript(self, media: Media) -> Segment {
        self.file(FileKind::Transcript, media)
    }

    /// Adds a chat.
    pub fn chat(self, media: Media) -> Segment {
        self.file(FileKind::Chat, media)
    }

    /// Adds captions.
    pub fn closed_caption(self, media: Media) -> Segment {
        self.file(FileKind::ClosedCaption, media)
    }

    /// Adds a timeline.
    pub fn timeline(self) -> Segment {
        self.file(FileKind::Timeline, Media::timeline())
    }

    /// Adds a summary; `part` is its `recording_type`.
    pub fn summary(self, part: &str, media: Media) -> Segment {
        self.file(FileKind::Summary(part.to_owned()), media)
    }

    /// Adds the answers to polls.
    pub fn poll(self, media: Media) -> Segment {
        self.file(FileKind::Poll, media)
    }

    /// Gives the file added last an id of one's choice.
    pub fn with_id(mut self, id: &str) -> Segment {
        self.files.last_mut().expect("a file that the id is for").id = Some(id.to_owned());
        self
    }

    /// Lets the file added last be in processing, whatever the others are.
    pub fn still_processing(mut self) -> Segment {
        self.files.last_mut().expect("a file that is in processing").late = true;
        self
    }

    /// Lists the file added last with a size that is not its own.
    pub fn listed_as(mut self, bytes: u64) -> Segment {
        self.files.last_mut().expect("a file that is listed wrongly").listed = Some(bytes);
        self
    }

    /// Serves the file added last as this type.
    pub fn served_as(mut self, content_type: &'static str) -> Segment {
        self.files.last_mut().expect("a file that is served").content_type = Some(content_type);
        self
    }

    /// Lets every download of the file added last go wrong, at the content network.
    pub fn always(mut self, fault: Fault) -> Segment {
        self.files.last_mut().expect("a file that is served").fault = Some(fault);
        self
    }

    fn file(mut self, kind: FileKind, media: Media) -> Segment {
        let seed = Seed {
            kind,
            media,
            id: None,
            late: false,
            listed: None,
            file_name: None,
            content_type: None,
            fault: None,
            trashed: false,
        };
        self.files.push(seed);
        self
    }
}

pub(super) fn instant(time: &str) -> DateTime<Utc> {
    let time = DateTime::parse_from_rfc3339(time).expect("a time as in 2026-11-20T09:00:00Z");
    time.with_timezone(&Utc)
}
