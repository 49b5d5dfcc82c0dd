//! `[retention]`: which copies `retention` reports.

use crate::config::error::ConfigError;
use crate::config::key::Requirement::Default;
use crate::config::key::ValueKind::Whole;
use crate::config::key::{Key, table_key};
use crate::config::reader::SettingsReader;

/// Which copies `retention` reports, in calendar years.
#[derive(Clone, Copy, Debug)]
pub struct RetentionSettings {
    /// Those that nobody played for so long.
    pub unplayed_years: u32,
    /// Those that are older.
    pub max_age_years: u32,
}

/// In the order in which `config show` prints them.
pub(in crate::config) const KEYS: &[Key] = &[
    table_key("retention.unplayed_years", Whole(1, 100), Default("4")),
    table_key("retention.max_age_years", Whole(1, 100), Default("6")),
];

impl SettingsReader<'_> {
    /// What the section says.
    pub(in crate::config) fn read_retention(&self) -> Result<RetentionSettings, ConfigError> {
        Ok(RetentionSettings {
            unplayed_years: self.key("retention.unplayed_years")?.whole()?,
            max_age_years: self.key("retention.max_age_years")?.whole()?,
        })
    }
}
