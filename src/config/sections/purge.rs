//! `[purge]`: when orphaned copies are deleted.

use chrono::TimeDelta;

use crate::config::error::ConfigError;
use crate::config::key::Requirement::Default;
use crate::config::key::ValueKind::{Flag, Whole};
use crate::config::key::{ANY, Key, table_key};
use crate::config::reader::SettingsReader;

/// When orphaned copies are deleted.
#[derive(Clone, Copy, Debug)]
pub struct PurgeSettings {
    /// How long after it was confirmed an orphaned copy is kept.
    pub older_than: TimeDelta,
    /// More due than this, and nothing is deleted.
    pub max_deletes: usize,
    /// Whether a copy whose host has an account by now is handed over.
    pub adopt: bool,
    /// A greater share of orphans among recent copies than this, and nothing is deleted.
    pub max_orphan_percent: u8,
    /// Whether copies go to Kaltura's recycle bin.
    pub recycle_bin: bool,
}

/// In the order in which `config show` prints them.
pub(in crate::config) const KEYS: &[Key] = &[
    table_key("purge.older_than", ANY, Default(r#""24h""#)),
    table_key("purge.max_deletes", Whole(0, i64::MAX), Default("1000")),
    table_key("purge.adopt", Flag, Default("true")),
    table_key("purge.max_orphan_percent", Whole(0, 100), Default("50")),
    table_key("purge.recycle_bin", Flag, Default("false")),
];

impl SettingsReader<'_> {
    /// What the section says.
    pub(in crate::config) fn read_purge(&self) -> Result<PurgeSettings, ConfigError> {
        Ok(PurgeSettings {
            older_than: self.key("purge.older_than")?.span()?,
            max_deletes: self.key("purge.max_deletes")?.whole()?,
            adopt: self.key("purge.adopt")?.flag()?,
            max_orphan_percent: self.key("purge.max_orphan_percent")?.whole()?,
            recycle_bin: self.key("purge.recycle_bin")?.flag()?,
        })
    }
}
