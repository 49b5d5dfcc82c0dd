//! `[zoom]`: where recordings come from.

use secrecy::SecretString;
use url::Url;

use crate::config::error::ConfigError;
use crate::config::key::Requirement::{Default, Required};
use crate::config::key::ValueKind::{Hosts, Secret, Text, Whole};
use crate::config::key::{Key, ValueKind, table_key};
use crate::config::reader::SettingsReader;
use crate::remotes::zoom::{CallsPerSecond, DownloadHosts};

/// Where recordings come from.
#[derive(Clone, Debug)]
pub struct ZoomSettings {
    /// The account of a server-to-server OAuth app.
    pub account_id: String,
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: SecretString,
    /// Base address of the API.
    pub api_url: Url,
    /// Where tokens are given out.
    pub oauth_url: Url,
    /// Where the token may go.
    pub download_hosts: DownloadHosts,
    /// How many calls of the API are made in a second.
    pub calls_per_second: CallsPerSecond,
}

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
    pub(in crate::config) fn read_zoom(&self) -> Result<ZoomSettings, ConfigError> {
        Ok(ZoomSettings {
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
