//! `[owner]`: whose the copies are.

use crate::config::error::ConfigError;
use crate::config::key::Requirement::{Default, Required};
use crate::config::key::ValueKind::{File, Flag, Text, Texts};
use crate::config::key::{ANY, Key, table_key};
use crate::config::reader::SettingsReader;
use crate::model::KalturaUserId;
use crate::owners::{OwnerRules, OwnerSettings};

/// In the order in which `config show` prints them.
pub(in crate::config) const KEYS: &[Key] = &[
    table_key("owner.candidates", Texts, Default(r#"["{email}"]"#)),
    table_key("owner.domains", Texts, Default("[]")),
    table_key("owner.match_email", Flag, Default("true")),
    table_key("owner.aliases", File, Default(r#""""#)),
    table_key("owner.remember_for", ANY, Default(r#""1h""#)),
    table_key("owner.holding_user", Text, Required),
];

impl SettingsReader<'_> {
    /// What the section says.
    pub(in crate::config) fn read_owner(&self) -> Result<OwnerSettings, ConfigError> {
        Ok(OwnerSettings {
            rules: OwnerRules {
                candidates: self.key("owner.candidates")?.candidates()?,
                match_email: self.key("owner.match_email")?.flag()?,
                domains: self.key("owner.domains")?.domains()?,
            },
            aliases: self.key("owner.aliases")?.file()?,
            remember_for: self.key("owner.remember_for")?.span()?,
            holding_user: KalturaUserId::new(self.key("owner.holding_user")?.ascii_id()?),
        })
    }
}
