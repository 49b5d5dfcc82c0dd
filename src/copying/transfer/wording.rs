//! The words on entries and on the texts that hang on them.

use chrono_tz::Tz;
use serde::de::IgnoredAny;

use crate::model::{
    AttachmentName, FileKind, RecordingFile, Role, Segment, SideFile, Template, TextKind, entry_name, fit_text,
    fit_to_keep,
};
use crate::remotes::kaltura::TextName;

/// What the institution wants them to say.
#[derive(Clone, Debug)]
pub struct Wording {
    /// The name of an entry.
    pub title: Template,
    /// The description of an entry, where it is to have one.
    pub description: Option<Template>,
    /// Tags of every entry.
    pub tags: Vec<Template>,
    /// Where date and time are given.
    pub time_zone: Tz,
    /// The language of captions of whose host nothing else is said, by the English name that Kaltura gives it.
    pub caption_language: String,
}

impl Wording {
    /// The name of the entry that `file` becomes. Segments are numbered where there are several; a child says its view, of which
    /// so many came earlier.
    #[must_use]
    pub fn name_entry(&self, segment: &Segment, file: &RecordingFile, role: Role, earlier: usize) -> String {
        let mut suffix = String::new();
        if segment.part.of > 1 && !self.title.numbers_segments() {
            suffix = format!("({})", segment.part.number);
        }
        if role == Role::Child {
            suffix = format!("{suffix} ({}{})", file.view(), number_behind(earlier));
        }
        entry_name(&self.title.fill(segment, self.time_zone), &suffix)
    }

    /// The description of an entry, line by line as the institution has it; empty for none.
    #[must_use]
    pub fn describe_entry(&self, segment: &Segment) -> String {
        let Some(template) = &self.description else {
            return String::new();
        };
        // a value that brings lines of its own makes none
        let lines = template.fill_lines(segment, self.time_zone).map(|line| fit_to_keep(&line));
        fit_text(&lines.collect::<Vec<_>>().join("\n"), TextKind::Description)
    }

    /// The tags, as Kaltura takes them: separated by commas.
    #[must_use]
    pub fn join_tags(&self, segment: &Segment) -> String {
        let tag = |tag: &Template| fit_text(&tag.fill(segment, self.time_zone).replace(',', " "), TextKind::Tag);
        let tags = self.tags.iter().map(tag);
        tags.filter(|tag| !tag.is_empty()).collect::<Vec<_>>().join(",")
    }

    /// What the captions go by, of which so many of the same type came earlier. It tells the caption assets of a segment apart.
    #[must_use]
    pub fn caption_name(file: &RecordingFile, language: &str, earlier: usize) -> TextName {
        let what = if file.kind == FileKind::Transcript { "transcript" } else { "closed captions" };
        let label = format!("{language} ({what}{})", number_behind(earlier));
        TextName::Captions { label: fit_text(&label, TextKind::Label), language: language.to_owned() }
    }

    /// What an attachment goes by, of which so many of the same kind came earlier: `text` is what is in it, whose form its
    /// name ends with.
    #[must_use]
    pub fn attachment_name(segment: &Segment, side: SideFile, earlier: usize, text: &str) -> TextName {
        let number = number_behind(earlier);
        let [plain, json] = side.names(&number);
        // without a tree of it, which would take far more memory than the text
        let is_json = text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok();
        let (name, other) = if is_json { (json, plain) } else { (plain, json) };
        let mut earlier = vec![other];
        if side == SideFile::Chat {
            // as earlier versions named it
            let start = segment.started.format("%Y%m%dT%H%M%SZ");
            let (title, file_name) = (format!("Chat{number}"), format!("{start} chat{number}.txt"));
            earlier.push(AttachmentName { title, file_name });
        }
        TextName::Attachment { name, earlier }
    }
}

/// " 2" for the second of its kind in a segment, and so on.
fn number_behind(earlier: usize) -> String {
    if earlier == 0 { String::new() } else { format!(" {}", earlier + 1) }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::Wording;
    use crate::copying::plan::samples::{sample_file, sample_segment, sample_video};
    use crate::model::{FileKind, PartNumber, RecordingFile, Role, Segment, SideFile, Template};
    use crate::remotes::kaltura::TextName;

    fn wording(title: &str) -> Wording {
        let template = |text| Template::new(text).expect("a template");
        let tags = vec![template("zoom"), template("{topic}")];
        let description = Some(template("{topic} 🎉,\n{date}\n"));
        Wording { title: template(title), description, tags, time_zone: Tz::UTC, caption_language: "German".to_owned() }
    }

    fn second_of_two() -> Segment {
        let mut segment = sample_segment(vec![
            sample_video("v", "shared_screen"),
            sample_video("g", "gallery_view"),
            sample_file("t2", FileKind::Transcript),
            sample_file("t1", FileKind::Transcript),
            sample_file("c", FileKind::ClosedCaptions),
        ]);
        segment.part = PartNumber { number: 2, of: 2 };
        segment
    }

    #[test]
    fn segments_have_numbers_children_their_view() {
        let segment = second_of_two();
        let name = |title, number: usize, role| wording(title).name_entry(&segment, &segment.files[number], role, 0);
        assert_eq!(name("{topic}", 0, Role::Parent), "Optics (2)");
        assert_eq!(name("{topic}", 1, Role::Child), "Optics (2) (gallery view)");
        assert_eq!(name("{topic}, part {segment}", 0, Role::Parent), "Optics, part 2");
        let only = crate::copying::plan::samples::sample_segment(Vec::new());
        assert_eq!(wording("{topic}").name_entry(&only, &segment.files[0], Role::Parent, 0), "Optics");
    }

    #[test]
    fn languages_or_numbers_name_interpretations() {
        let spoken = |language: Option<&str>| RecordingFile {
            recording_type: "audio_interpretation".into(),
            language: language.map(Into::into),
            ..sample_file("i", FileKind::Audio)
        };
        let segment = sample_segment(Vec::new());
        let cases = [
            (Some("French"), 0, "Optics (audio interpretation, French)"),
            (Some("French"), 1, "Optics (audio interpretation, French 2)"),
            (None, 0, "Optics (audio interpretation)"),
            (None, 2, "Optics (audio interpretation 3)"),
        ];
        for (language, earlier, expected) in cases {
            let found = wording("{topic}").name_entry(&segment, &spoken(language), Role::Child, earlier);
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn labels_tell_captions_apart() {
        let segment = second_of_two();
        let name = |number: usize, earlier| Wording::caption_name(&segment.files[number], "German", earlier);
        let labelled = |label: &str| TextName::Captions { label: label.to_owned(), language: "German".to_owned() };
        let expected = ["German (transcript 2)", "German (transcript)", "German (closed captions)"].map(labelled);
        assert_eq!([name(2, 1), name(3, 0), name(4, 0)], expected);
    }

    /// The file's form is that of its content, and an earlier run may have seen another.
    #[test]
    fn file_names_tell_attachments_apart() {
        let names = |side, earlier, text: &str| {
            let TextName::Attachment { name, earlier } =
                Wording::attachment_name(&second_of_two(), side, earlier, text)
            else {
                return Vec::new();
            };
            [vec![name], earlier].concat().into_iter().map(|name| name.file_name).collect::<Vec<_>>()
        };
        let chat = names(SideFile::Chat, 1, "09:00:00 From Ada: hello");
        assert_eq!(chat, ["Chat 2.txt", "Chat 2.json", "20261122T090000Z chat 2.txt"]);
        assert_eq!(names(SideFile::Summary, 0, "{\"overview\": \"Optics\"}"), ["Summary.json", "Summary.txt"]);
        assert_eq!(names(SideFile::Poll, 0, "#,User\n1,Ada"), ["Poll results.csv", "Poll results.json"]);
    }

    /// Without what Kaltura refuses or garbles.
    #[test]
    fn descriptions_follow_template_and_kaltura_limits() {
        let mut segment = second_of_two();
        assert_eq!(wording("").describe_entry(&segment), "Optics ,\n2026-11-22");
        std::sync::Arc::make_mut(&mut segment.meeting).topic = "Wa\u{7}ves\nand light\u{200B} ".repeat(2000);
        let long = wording("").describe_entry(&segment);
        assert!(long.starts_with("Wa ves and light Wa ves and light") && long.len() > 20_000, "{long}");
        std::sync::Arc::make_mut(&mut segment.meeting).topic = "汉".repeat(30_000);
        assert_eq!(wording("").describe_entry(&segment).len(), 65_535);
        assert_eq!(Wording { description: None, ..wording("") }.describe_entry(&segment), "");
    }

    #[test]
    fn topic_commas_add_no_tag() {
        let mut segment = second_of_two();
        std::sync::Arc::make_mut(&mut segment.meeting).topic = "Waves, light".to_owned();
        assert_eq!(wording("{topic}").join_tags(&segment), "zoom,Waves light");
    }
}
