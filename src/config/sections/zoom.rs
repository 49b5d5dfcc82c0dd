//! `[zoom]`: where recordings come from.

use crate::config::error::ConfigError;
use crate::config::key::Requirement::{Default, Required};
use crate::config::key::ValueKind::{Hosts, Secret, Text, Whole};
use crate::config::key::{Key, ValueKind, table_key};
use crate::config::reader::SettingsReader;
use crate::remotes::zoom::{CallsPerSecond, ZoomAccess};

/// In the order in which `config show` prints them.
pub(in crate::config) const KEYS: &[Key] = &[
    table_key("zoom.account_id", Text, Required),
    table_key("zoom.client_id", Text, Required),
    table_key("zoom.client_secret", Secret, Required),
    table_key("zoom.api_url", ValueKind::Url, Default(r#""https://api.zoom.us/v2""#)),
    table_key("zoom.oauth_url", ValueKind::Url, Default(r#""https://zoom.us/oauth/token""#)),
    table_key("zoom.download_hosts", Hosts, Default(r#"["zoom.us", "*.zoom.us"]"#)),
    table_key("zoom.light_per_second", Whole(1, 10_000), Default("80")),
    table_key("zoom.medium_per_second", Whole(1, 10_000), Default("60")),
];

impl SettingsReader<'_> {
    /// What the section says.
    pub(in crate::config) fn read_zoom(&self) -> Result<ZoomAccess, ConfigError> {
        Ok(ZoomAccess {
            account_id: self.key("zoom.account_id")?.text()?,
            client_id: self.key("zoom.client_id")?.text()?,
            client_secret: self.key("zoom.client_secret")?.secret()?,
            api_url: self.key("zoom.api_url")?.url()?,
            oauth_url: self.key("zoom.oauth_url")?.url()?,
            download_hosts: self.key("zoom.download_hosts")?.hosts()?,
            calls_per_second: CallsPerSecond {
                light: self.key("zoom.light_per_second")?.count()?,
                medium: self.key("zoom.medium_per_second")?.count()?,
            },
        })
    }
}
