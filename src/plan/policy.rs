//! The institution's rules, as far as planning needs them.

use chrono::{DateTime, TimeDelta, Utc};
use regex::Regex;

use crate::model::{FileKind, RecordingFile};
use crate::people::Consent;

/// What the configuration says about what is copied and to whom.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Nothing recorded earlier is copied.
    pub go_live: DateTime<Utc>,
    /// Which kinds of meeting are copied.
    pub kinds: Kinds,
    /// Shorter recordings are not copied.
    pub min_duration: TimeDelta,
    /// Recordings whose topic matches one of these are not copied.
    pub exclude_topics: Vec<Regex>,
    /// Which hosts agree.
    pub consent: Consent,
    /// Which files of a recording are copied.
    pub wanted: WantedFiles,
    /// How long after its copy was confirmed a file goes to Zoom's trash; `None` for never.
    pub trash_after: Option<TimeDelta>,
    /// Whether an orphan whose host has an account by now is handed over.
    pub adopt: bool,
    /// For so long Zoom keeps recordings: what it has not finished by then is not waited for any more.
    pub zoom_retention: TimeDelta,
    /// What Zoom deletes within this time is copied before everything else.
    pub at_risk: TimeDelta,
    /// How long Kaltura may take to fetch a recording by itself.
    pub pull_within: TimeDelta,
    /// Whether what was purged, or deleted by people, is copied again.
    pub recopy_deleted: bool,
    /// After so many failures of its own a recording is given up.
    pub max_attempts: u32,
    /// Whether the ledger comes from elsewhere: what was begun is not taken back then, and nothing goes to Zoom's trash.
    pub moved: bool,
}

/// Which kinds of meeting are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds {
    /// Whether meetings are.
    pub meetings: bool,
    /// Whether webinars are.
    pub webinars: bool,
}

/// Which files of a recording are copied.
#[derive(Clone, Debug)]
pub struct WantedFiles {
    /// Whether further views become child entries.
    pub all_views: bool,
    /// The views by Zoom's names, best first: the best one there is stands for its segment.
    pub view_order: Vec<String>,
    /// When sound alone is copied.
    pub audio: Audio,
    /// Whether transcripts and closed captions are copied.
    pub captions: bool,
    /// Whether the chat is copied.
    pub chat: bool,
    /// Files of these types, by Zoom's names, are not copied, whatever else is.
    pub excluded_types: Vec<String>,
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

impl WantedFiles {
    /// Whether the type of a file is one that is not copied. What Zoom has given no type yet may become anything.
    #[must_use]
    pub fn excludes(&self, file: &RecordingFile) -> bool {
        let name = match file.kind {
            // Zoom lists them without a type
            FileKind::ClosedCaptions if file.recording_type.is_empty() => "closed_caption",
            _ => &file.recording_type,
        };
        self.excluded_types.iter().any(|excluded| excluded.eq_ignore_ascii_case(name))
    }

    /// The place of a video in the order of views; one that is not named there comes last.
    #[must_use]
    pub fn view_rank(&self, file: &RecordingFile) -> usize {
        let is_it = |name: &String| **name == *file.recording_type;
        self.view_order.iter().position(is_it).unwrap_or(self.view_order.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{sample_file, sample_policy, sample_video};
    use crate::model::{FileKind, RecordingFile};

    #[test]
    fn a_type_is_excluded_by_its_whole_name_in_whatever_case() {
        let mut wanted = sample_policy().wanted;
        wanted.excluded_types = ["Gallery_View", "closed_caption"].map(str::to_owned).to_vec();
        let cases = [
            (sample_video("g", "gallery_view"), true),
            (sample_video("g", "GALLERY_VIEW"), true),
            (sample_video("g", "shared_screen_with_gallery_view"), false),
            (sample_video("g", "gallery"), false),
            (sample_video("g", ""), false),
            (sample_file("x", FileKind::Unknown), false),
            (sample_file("c", FileKind::ClosedCaptions), true),
            (RecordingFile { recording_type: "cc".into(), ..sample_file("c", FileKind::ClosedCaptions) }, false),
            (sample_file("t", FileKind::Transcript), false),
        ];
        for (file, expected) in cases {
            assert_eq!(wanted.excludes(&file), expected, "{file:?}");
        }
    }
}
