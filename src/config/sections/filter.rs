//! `[filter]`: which recordings are copied.

use crate::config::error::ConfigError;
use crate::config::key::Requirement::Default;
use crate::config::key::ValueKind::{File, Flag, Patterns, Texts};
use crate::config::key::{ANY, Key, table_key};
use crate::config::reader::SettingsReader;
use crate::copying::plan::Filter;
use crate::owners::people::{ListSource, Lists};

/// What is copied.
#[derive(Clone, Debug)]
pub struct FilterSettings {
    /// What is left out, no matter who the host is.
    pub rules: Filter,
    /// Who opts out, and who opts in.
    pub lists: Lists,
}

/// In the order in which `config show` prints them.
pub(in crate::config) const KEYS: &[Key] = &[
    table_key("filter.meetings", Flag, Default("true")),
    table_key("filter.webinars", Flag, Default("true")),
    table_key("filter.min_duration", ANY, Default(r#""0s""#)),
    table_key("filter.exclude_topics", Patterns, Default(r#"["(?i)^private"]"#)),
    table_key("filter.exclude_recording_types", Texts, Default("[]")),
    table_key("filter.opt_out", File, Default(r#""""#)),
    table_key("filter.opt_in", File, Default(r#""""#)),
    table_key("filter.opt_out_groups", Texts, Default("[]")),
    table_key("filter.opt_in_groups", Texts, Default("[]")),
    table_key("filter.opt_out_kaltura_groups", Texts, Default("[]")),
];

impl SettingsReader<'_> {
    /// What the section says.
    pub(in crate::config) fn read_filter(&self) -> Result<FilterSettings, ConfigError> {
        Ok(FilterSettings {
            rules: Filter {
                meetings: self.key("filter.meetings")?.flag()?,
                webinars: self.key("filter.webinars")?.flag()?,
                min_duration: self.key("filter.min_duration")?.span()?,
                exclude_topics: self.key("filter.exclude_topics")?.patterns()?,
                excluded_types: self.key("filter.exclude_recording_types")?.texts()?,
            },
            lists: Lists {
                opt_out: ListSource {
                    kaltura_groups: self.key("filter.opt_out_kaltura_groups")?.texts()?,
                    ..self.list_source("filter.opt_out", "filter.opt_out_groups")?
                },
                opt_in: self.list_source("filter.opt_in", "filter.opt_in_groups")?,
            },
        })
    }

    fn list_source(&self, file: &str, groups: &str) -> Result<ListSource, ConfigError> {
        Ok(ListSource { file: self.key(file)?.file()?, groups: self.key(groups)?.texts()?, ..ListSource::default() })
    }
}
