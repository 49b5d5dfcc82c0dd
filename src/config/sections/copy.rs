//! `[copy]`: what of a recording is copied, and what the copies look like.

use std::path::PathBuf;

use crate::config::error::ConfigError;
use crate::config::key::Requirement::Default;
use crate::config::key::ValueKind::{Choice, File, Flag, Lines, Name, Rules, Text, Texts, Words};
use crate::config::key::{Key, RenamedKey, table_key};
use crate::config::reader::SettingsReader;
use crate::copying::categories::CategoryRules;
use crate::copying::plan::{Audio, WantedFiles};
use crate::copying::transfer::{BlockAutoCaptions, Wording};
use crate::model::SideFile;

/// What of a recording is copied, and what the copies look like.
#[derive(Clone, Debug)]
pub struct CopySettings {
    /// Which files are.
    pub wanted: WantedFiles,
    /// What entries and captions are called.
    pub wording: Wording,
    /// The file of the languages of captions by host, yet to be read.
    pub caption_languages_file: Option<PathBuf>,
    /// Of which copies Kaltura is not to make captions by itself.
    pub auto_captions: BlockAutoCaptions,
    /// Whether the titles of copies follow a topic that is renamed in Zoom.
    pub follow_renames: bool,
    /// The categories that copies are put into; their file is yet to be read.
    pub categories: CategoryRules,
}

/// By Zoom's names (`recording_type` in its reference), in the order of Kaltura's own connector, which has the view with captions burnt in
/// first: people who have captions beside the picture want a picture without.
const VIEW_ORDER: &str = r#"["shared_screen_with_speaker_view", "shared_screen_with_speaker_view(CC)", "shared_screen_with_gallery_view", "shared_screen", "speaker_view", "active_speaker", "gallery_view"]"#;

/// In the order in which `config show` prints them.
pub(in crate::config) const KEYS: &[Key] = &[
    table_key("copy.views", Choice(&["all", "best"]), Default(r#""all""#)),
    table_key("copy.view_order", Texts, Default(VIEW_ORDER)),
    table_key("copy.audio", Choice(&["always", "if-no-video", "never"]), Default(r#""if-no-video""#)),
    table_key("copy.interpretation", Flag, Default("false")),
    table_key("copy.captions", Flag, Default("true")),
    table_key("copy.caption_language", Text, Default(r#""English""#)),
    table_key("copy.caption_languages_file", File, Default(r#""""#)),
    table_key("copy.block_auto_captions", Choice(&["never", "always", "with-transcript"]), Default(r#""never""#)),
    table_key("copy.attachments", Words(&SideFile::WORDS), Default("[]")),
    table_key("copy.title", Text, Default(r#""{topic}""#)),
    table_key("copy.follow_renames", Flag, Default("false")),
    table_key("copy.description", Lines, Default(r#""""#)),
    table_key("copy.tags", Texts, Default(r#"["zoom"]"#)),
    table_key("copy.time_zone", Text, Default(r#""UTC""#)),
    table_key("copy.category", Name, Default(r#""""#)),
    table_key("copy.webinar_category", Name, Default(r#""""#)),
    table_key("copy.category_by_topic", Rules, Default("[]")),
    table_key("copy.category_field", Name, Default(r#""""#)),
    table_key("copy.category_by_field", Name, Default(r#""""#)),
    table_key("copy.category_file", File, Default(r#""""#)),
];

/// Names that keys had before.
pub(in crate::config) const RENAMED: &[RenamedKey] =
    &[RenamedKey { old: table_key("copy.chat", Flag, Default("false")), new: "copy.attachments", word: "chat" }];

impl SettingsReader<'_> {
    /// What the section says.
    pub(in crate::config) fn read_copy(&self) -> Result<CopySettings, ConfigError> {
        let wanted = WantedFiles {
            all_views: self.key("copy.views")?.choice()? == "all",
            view_order: self.key("copy.view_order")?.texts()?,
            audio: match self.key("copy.audio")?.choice()? {
                "always" => Audio::Always,
                "never" => Audio::Never,
                _ => Audio::IfNoVideo,
            },
            interpretation: self.key("copy.interpretation")?.flag()?,
            captions: self.key("copy.captions")?.flag()?,
            attachments: self.key("copy.attachments")?.words()?,
        };
        let auto_captions = match self.key("copy.block_auto_captions")?.choice()? {
            "always" => BlockAutoCaptions::Always,
            // what is not copied comes with no recording
            "with-transcript" if wanted.captions => BlockAutoCaptions::WithTranscript,
            _ => BlockAutoCaptions::Never,
        };
        Ok(CopySettings {
            wanted,
            caption_languages_file: self.key("copy.caption_languages_file")?.file()?,
            auto_captions,
            follow_renames: self.key("copy.follow_renames")?.flag()?,
            categories: CategoryRules {
                meetings: self.key("copy.category")?.category()?,
                webinars: self.key("copy.webinar_category")?.category()?,
                topics: self.key("copy.category_by_topic")?.topic_rules()?,
                field: self
                    .key("copy.category_field")?
                    .field_rule(self.key("copy.category_file")?, self.key("copy.category_by_field")?)?,
            },
            wording: Wording {
                title: self.key("copy.title")?.template()?,
                description: self.key("copy.description")?.lines()?,
                tags: self.key("copy.tags")?.templates()?,
                time_zone: self.key("copy.time_zone")?.time_zone()?,
                caption_language: self.key("copy.caption_language")?.language()?,
            },
        })
    }
}
