//! `[rights]`: who else may see and change a copy.

use crate::config::error::ConfigError;
use crate::config::key::Requirement::Default;
use crate::config::key::ValueKind::Choice;
use crate::config::key::{Key, table_key};
use crate::config::reader::SettingsReader;
use crate::copying::rights::{Grant, Grants};

/// In the order in which `config show` prints them.
pub(in crate::config) const KEYS: &[Key] = &[
    table_key("rights.alternative_hosts", Choice(Grant::WORDS), Default(r#""none""#)),
    table_key("rights.co_hosts", Choice(Grant::WORDS), Default(r#""none""#)),
    table_key("rights.panelists", Choice(Grant::WORDS), Default(r#""none""#)),
    table_key("rights.participants", Choice(Grant::WORDS), Default(r#""none""#)),
];

impl SettingsReader<'_> {
    /// What the section says.
    pub(in crate::config) fn read_rights(&self) -> Result<Grants, ConfigError> {
        Ok(Grants {
            alternative_hosts: Grant::of(self.key("rights.alternative_hosts")?.choice()?),
            co_hosts: Grant::of(self.key("rights.co_hosts")?.choice()?),
            panelists: Grant::of(self.key("rights.panelists")?.choice()?),
            participants: Grant::of(self.key("rights.participants")?.choice()?),
        })
    }
}
