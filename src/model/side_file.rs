//! The files beside picture, sound and captions that can become attachments of an entry.

/// A file that Zoom makes beside a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SideFile {
    /// What people wrote to each other.
    Chat,
    /// The summary by Zoom's AI.
    Summary,
    /// What it says is to be done next.
    NextSteps,
    /// What it says was spoken of when.
    SmartChapters,
    /// The answers to polls.
    Poll,
    /// Who spoke when.
    Timeline,
}

/// What is said of one.
struct SideFileRow {
    side: SideFile,
    /// The word of `copy.attachments`.
    word: &'static str,
    /// What people call it.
    name: &'static str,
    /// What its file's name ends with, unless it is JSON.
    plain: &'static str,
}

const fn row(side: SideFile, word: &'static str, name: &'static str, plain: &'static str) -> SideFileRow {
    SideFileRow { side, word, name, plain }
}

const ROWS: [SideFileRow; 6] = [
    row(SideFile::Chat, "chat", "Chat", "txt"),
    row(SideFile::Summary, "summary", "Summary", "txt"),
    row(SideFile::NextSteps, "summary", "Next steps", "txt"),
    row(SideFile::SmartChapters, "summary", "Smart chapters", "txt"),
    row(SideFile::Poll, "poll", "Poll results", "csv"),
    row(SideFile::Timeline, "timeline", "Timeline", "txt"),
];

/// What every title ends with: people name theirs otherwise, so that nobody's file is taken for a copy.
const FROM_ZOOM: &str = " (Zoom)";
/// What the name of a JSON file ends with.
const JSON: &str = "json";

/// What an attachment goes by in Kaltura.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentName {
    /// What viewers see.
    pub title: String,
    /// The name under which they download it.
    pub file_name: String,
}

impl SideFile {
    /// The words of `copy.attachments`, each once.
    pub const WORDS: [&'static str; 4] = ["chat", "summary", "poll", "timeline"];

    /// By the words of `recording_type` and of `file_type` (facts-zoom.md#z20). The first tells more: there are three kinds
    /// of `SUMMARY`.
    #[must_use]
    pub fn of_types(file_type: &str, recording_type: &str) -> Option<SideFile> {
        let by_recording_type = match recording_type.to_ascii_lowercase().as_str() {
            "chat_file" | "chat_message" => Some(SideFile::Chat),
            "summary" => Some(SideFile::Summary),
            "summary_next_steps" => Some(SideFile::NextSteps),
            "summary_smart_chapters" => Some(SideFile::SmartChapters),
            "poll" => Some(SideFile::Poll),
            "timeline" => Some(SideFile::Timeline),
            _ => None,
        };
        by_recording_type.or_else(|| match file_type.to_ascii_uppercase().as_str() {
            "CHAT" | "CHAT_MESSAGE" => Some(SideFile::Chat),
            "SUMMARY" => Some(SideFile::Summary),
            "CSV" => Some(SideFile::Poll),
            "TIMELINE" => Some(SideFile::Timeline),
            _ => None,
        })
    }

    fn row(self) -> &'static SideFileRow {
        ROWS.iter().find(|row| row.side == self).unwrap_or(&ROWS[0])
    }

    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The word of `copy.attachments` that asks for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.row().word
    }

    /// What it is called in a sentence.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            SideFile::Chat => "the chat",
            SideFile::Summary | SideFile::NextSteps | SideFile::SmartChapters => "the summary",
            SideFile::Poll => "the poll results",
            SideFile::Timeline => "the timeline",
        }
    }

    /// What it goes by, `number` telling it from others of its kind, with each ending that it may have; the first is for what
    /// is no JSON.
    #[must_use]
    pub fn names(self, number: &str) -> [AttachmentName; 2] {
        let SideFileRow { name, plain, .. } = self.row();
        [plain, JSON].map(|ending| AttachmentName {
            title: format!("{name}{number}{FROM_ZOOM}"),
            file_name: format!("{name}{number}.{ending}"),
        })
    }

    /// What this program made an attachment of, by what that goes by; `None` for one of somebody else.
    #[must_use]
    pub fn of_name(title: &str, file_name: &str) -> Option<SideFile> {
        // the chats of earlier versions: "20261122T090000Z chat.txt"
        if title.starts_with("Chat") && file_name.contains("Z chat") {
            return Some(SideFile::Chat);
        }
        let (stem, ending) = file_name.rsplit_once('.')?;
        let name = stem.trim_end_matches(|digit: char| digit.is_ascii_digit()).trim_end();
        let row = ROWS.iter().find(|row| row.name == name && (ending == row.plain || ending == JSON))?;
        (title.strip_suffix(FROM_ZOOM) == Some(stem)).then_some(row.side)
    }
}

#[cfg(test)]
mod tests {
    use super::{ROWS, SideFile};

    /// A type that says nothing leaves the other to decide.
    #[test]
    fn both_types_tell_the_kind() {
        let cases = [
            ("CHAT", "chat_file", Some(SideFile::Chat)),
            ("chat_message", "", Some(SideFile::Chat)),
            ("TXT", "chat_message", Some(SideFile::Chat)),
            ("SUMMARY", "summary", Some(SideFile::Summary)),
            ("SUMMARY", "", Some(SideFile::Summary)),
            ("SUMMARY", "summary_of_tomorrow", Some(SideFile::Summary)),
            ("SUMMARY", "summary_next_steps", Some(SideFile::NextSteps)),
            ("JSON", "summary_smart_chapters", Some(SideFile::SmartChapters)),
            ("CSV", "poll", Some(SideFile::Poll)),
            ("CSV", "", Some(SideFile::Poll)),
            ("TIMELINE", "", Some(SideFile::Timeline)),
            ("TB", "thumbnail", None),
            ("aic_conversation", "aic_conversation", None),
        ];
        for (file_type, recording_type, expected) in cases {
            assert_eq!(SideFile::of_types(file_type, recording_type), expected, "{file_type} {recording_type}");
        }
    }

    #[test]
    fn own_names_are_recognised_exactly() {
        for row in &ROWS {
            assert!(SideFile::WORDS.contains(&row.word), "{}", row.word);
            for name in [row.side.names(""), row.side.names(" 12")].concat() {
                assert_eq!(SideFile::of_name(&name.title, &name.file_name), Some(row.side), "{name:?}");
            }
        }
        let [text, json] = SideFile::Summary.names(" 2");
        assert_eq!((text.title.as_str(), text.file_name.as_str()), ("Summary 2 (Zoom)", "Summary 2.txt"));
        assert_eq!(json.file_name, "Summary 2.json");
        assert_eq!(SideFile::Poll.names("")[0].file_name, "Poll results.csv");
        assert_eq!(SideFile::of_name("Chat 2", "20261122T090000Z chat 2.txt"), Some(SideFile::Chat));
        for (title, file_name) in [
            ("Chat", "Chat.txt"),
            ("Summary (Zoom)", "Summary.pdf"),
            ("Summary (Zoom)", "Summary 2.txt"),
            ("Notes (Zoom)", "Notes.txt"),
            ("Summary (Zoom)", "Summary"),
        ] {
            assert_eq!(SideFile::of_name(title, file_name), None, "{title} {file_name}");
        }
    }
}
