//! Reads what was given, key by key.

use std::path::Path;

use super::error::ConfigError;
use super::given::GivenValue;

/// What the sections are read from.
pub(super) struct SettingsReader<'a> {
    /// The value of every key.
    pub(super) found: &'a [GivenValue],
    /// The file of the configuration.
    pub(super) file: &'a Path,
}

impl SettingsReader<'_> {
    /// What holds for the key of this name, which must have been gathered.
    pub(super) fn key(&self, name: &str) -> Result<&GivenValue, ConfigError> {
        let missing = || ConfigError::Missing { file: self.file.to_owned(), keys: name.to_owned() };
        self.found_key(name).ok_or_else(missing)
    }

    /// What was given for a key that need not be given.
    pub(super) fn found_key(&self, name: &str) -> Option<&GivenValue> {
        self.found.iter().find(|found| found.key.name == name)
    }
}
