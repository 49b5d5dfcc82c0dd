//! What the institution leaves out, no matter who the host is.

use chrono::TimeDelta;
use regex::Regex;

use crate::model::{FileKind, MeetingKind, Reason, RecordingFile, Segment};

/// The rules of `[filter]`.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Whether meetings are copied.
    pub meetings: bool,
    /// Whether webinars are copied.
    pub webinars: bool,
    /// Shorter recordings are not copied.
    pub min_duration: TimeDelta,
    /// Recordings whose topic matches one of these are not copied.
    pub exclude_topics: Vec<Regex>,
    /// Files of these types, by Zoom's names, are not copied.
    pub excluded_types: Vec<String>,
}

impl Filter {
    /// Why the recording is not copied.
    pub(super) fn leaves_out(&self, segment: &Segment) -> Option<Reason> {
        // all fields are named, so that a rule that is judged nowhere does not compile
        let Filter { meetings, webinars, min_duration, exclude_topics, excluded_types: _ } = self;
        let meeting = &segment.meeting;
        match meeting.kind {
            MeetingKind::Meeting if !meetings => return Some(Reason::MeetingsOff),
            MeetingKind::Webinar if !webinars => return Some(Reason::WebinarsOff),
            _ => {}
        }
        if segment.lasted.is_some_and(|lasted| lasted < *min_duration) {
            return Some(Reason::TooShort);
        }
        exclude_topics.iter().any(|topic| topic.is_match(&meeting.topic)).then_some(Reason::TopicExcluded)
    }

    /// Whether the type of a file is one that is not copied. What Zoom has given no type yet may become anything.
    #[must_use]
    pub fn excludes_file(&self, file: &RecordingFile) -> bool {
        let name = match file.kind {
            // Zoom lists them without a type
            FileKind::ClosedCaptions if file.recording_type.is_empty() => "closed_caption",
            _ => &file.recording_type,
        };
        self.excluded_types.iter().any(|excluded| excluded.eq_ignore_ascii_case(name))
    }

    /// One that leaves out what is private.
    #[cfg(test)]
    pub(crate) fn sample() -> Filter {
        Filter {
            meetings: true,
            webinars: true,
            min_duration: TimeDelta::zero(),
            exclude_topics: vec![Regex::new("(?i)^private").expect("a pattern")],
            excluded_types: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use crate::copying::plan::samples::{sample_file, sample_video};
    use crate::model::{FileKind, RecordingFile};

    #[test]
    fn whole_type_names_exclude_any_case() {
        let mut filter = Filter::sample();
        filter.excluded_types = ["Gallery_View", "closed_caption"].map(str::to_owned).to_vec();
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
            assert_eq!(filter.excludes_file(&file), expected, "{file:?}");
        }
    }
}
