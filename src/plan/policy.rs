//! The institution's rules, as far as planning needs them.

use chrono::{DateTime, TimeDelta, Utc};
use regex::Regex;

use crate::model::RecordingFile;

/// What the configuration says about what is copied and to whom.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Nothing recorded earlier is copied.
    pub go_live: DateTime<Utc>,
    /// Whether meetings are copied.
    pub meetings: bool,
    /// Whether webinars are copied.
    pub webinars: bool,
    /// Shorter recordings are not copied.
    pub min_duration: TimeDelta,
    /// Recordings whose topic matches one of these are not copied.
    pub exclude_topics: Vec<Regex>,
    /// Which files of a recording are copied.
    pub wanted: Wanted,
    /// For so long Zoom keeps recordings: what it has not finished by then is not waited for any more.
    pub zoom_retention: TimeDelta,
    /// Whether what was purged, or deleted by people, is copied again.
    pub recopy_deleted: bool,
    /// After so many failures of its own a recording is given up.
    pub max_attempts: u32,
}

/// Which files of a recording are copied.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whether further views become child entries.
    pub all_views: bool,
    /// The views by Zoom's names, best first: the best one there is stands for its segment.
    pub view_order: Vec<String>,
    /// When sound alone is copied.
    pub audio: Audio,
    /// Whether transcripts and closed captions are copied.
    pub captions: bool,
}

/// When sound alone is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audio {
    /// Beside a video too, as a child entry.
    Always,
    /// Where the segment has no video.
    IfNoVideo,
    /// Never.
    Never,
}

impl Wanted {
    /// The place of a video in the order of views; one that is not named there comes last.
    #[must_use]
    pub fn view_rank(&self, file: &RecordingFile) -> usize {
        let is_it = |name: &String| *name == file.recording_type;
        self.view_order.iter().position(is_it).unwrap_or(self.view_order.len())
    }
}
