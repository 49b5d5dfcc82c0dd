//! The words on entries and caption assets.

use chrono_tz::Tz;

use crate::model::{FileKind, RecordingFile, Role, Segment, Template, entry_name, fit_to_keep};

/// What the institution wants them to say.
#[derive(Clone, Debug)]
pub struct Wording {
    /// The name of an entry.
    pub title: Template,
    /// Tags of every entry.
    pub tags: Vec<Template>,
    /// Where date and time are told.
    pub time_zone: Tz,
    /// The language of all captions, by the English name that Kaltura gives it.
    pub caption_language: String,
}

impl Wording {
    /// The name of the entry that `file` becomes. Segments are numbered where there are several; a child says its view.
    #[must_use]
    pub fn name(&self, segment: &Segment, file: &RecordingFile, role: Role) -> String {
        let mut suffix = String::new();
        if segment.part.of > 1 && !self.title.numbers_segments() {
            suffix = format!("({})", segment.part.number);
        }
        if role == Role::Child {
            suffix = format!("{suffix} ({})", file.view());
        }
        entry_name(&self.title.fill(segment, self.time_zone), &suffix)
    }

    /// The tags, as Kaltura takes them: separated by commas.
    #[must_use]
    pub fn tags(&self, segment: &Segment) -> String {
        let tags = self.tags.iter().map(|tag| fit_to_keep(&tag.fill(segment, self.time_zone).replace(',', " ")));
        tags.filter(|tag| !tag.is_empty()).collect::<Vec<_>>().join(",")
    }

    /// What viewers choose the captions by. It tells the caption assets of a segment apart.
    #[must_use]
    pub fn caption_label(&self, segment: &Segment, file: &RecordingFile) -> String {
        let what = if file.kind == FileKind::Transcript { "transcript" } else { "closed captions" };
        let mut alike: Vec<_> = segment.files.iter().filter(|other| other.kind == file.kind).collect();
        alike.sort_by_key(|other| &other.id);
        let number = alike.iter().position(|other| other.id == file.id).unwrap_or_default();
        let number = if number == 0 { String::new() } else { format!(" {}", number + 1) };
        format!("{} ({what}{number})", self.caption_language)
    }

    /// The name under which a file is uploaded; Kaltura goes by its extension.
    #[must_use]
    pub fn file_name(segment: &Segment, file: &RecordingFile) -> String {
        let extension = if file.kind == FileKind::Audio { "m4a" } else { "mp4" };
        format!("{}.{extension}", segment.started.format("%Y%m%dT%H%M%SZ"))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::Wording;
    use crate::model::{FileKind, Part, Role, Segment, Template};
    use crate::plan::samples::{file, segment, video};

    fn wording(title: &str) -> Wording {
        let template = |text| Template::new(text).expect("a template");
        let tags = vec![template("zoom"), template("{topic}")];
        Wording { title: template(title), tags, time_zone: Tz::UTC, caption_language: "German".to_owned() }
    }

    fn second_of_two() -> Segment {
        let mut segment = segment(vec![
            video("v", "shared_screen"),
            video("g", "gallery_view"),
            file("t2", FileKind::Transcript),
            file("t1", FileKind::Transcript),
            file("c", FileKind::ClosedCaptions),
        ]);
        segment.part = Part { number: 2, of: 2 };
        segment
    }

    #[test]
    fn segments_are_numbered_and_children_say_their_view() {
        let segment = second_of_two();
        let name = |title, number: usize, role| wording(title).name(&segment, &segment.files[number], role);
        assert_eq!(name("{topic}", 0, Role::Parent), "Optics (2)");
        assert_eq!(name("{topic}", 1, Role::Child), "Optics (2) (gallery view)");
        assert_eq!(name("{topic}, part {segment}", 0, Role::Parent), "Optics, part 2");
        let only = crate::plan::samples::segment(Vec::new());
        assert_eq!(wording("{topic}").name(&only, &segment.files[0], Role::Parent), "Optics");
    }

    #[test]
    fn the_captions_of_a_segment_are_told_apart_by_their_labels() {
        let segment = second_of_two();
        let label = |number: usize| wording("{topic}").caption_label(&segment, &segment.files[number]);
        let labels = [label(2), label(3), label(4)];
        assert_eq!(labels, ["German (transcript 2)", "German (transcript)", "German (closed captions)"]);
    }

    #[test]
    fn a_comma_in_a_topic_makes_no_second_tag() {
        let mut segment = second_of_two();
        std::sync::Arc::make_mut(&mut segment.meeting).topic = "Waves, light".to_owned();
        assert_eq!(wording("{topic}").tags(&segment), "zoom,Waves light");
    }
}
