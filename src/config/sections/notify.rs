//! `[notify]`: who is notified of a run.

use std::path::PathBuf;

use crate::config::error::ConfigError;
use crate::config::key::Requirement::{Default, Optional};
use crate::config::key::ValueKind::{Choice, File, Program, Span};
use crate::config::key::{Key, ValueKind, table_key};
use crate::config::reader::SettingsReader;
use crate::output::notify::{Receivers, Recordings};
use crate::remotes::http::SecretUrl;

/// Who is called.
#[derive(Clone, Debug)]
pub struct NotifySettings {
    /// Where metrics are written.
    pub metrics_file: Option<PathBuf>,
    /// Where `sync` pings.
    pub ping_url: Option<SecretUrl>,
    /// Where `purge` pings.
    pub purge_ping_url: Option<SecretUrl>,
    /// Who gets events.
    pub receivers: Receivers,
}

/// In the order in which `config show` prints them.
pub(in crate::config) const KEYS: &[Key] = &[
    table_key("notify.metrics_file", File, Default(r#""""#)),
    table_key("notify.ping_url", ValueKind::SecretUrl, Optional),
    table_key("notify.purge_ping_url", ValueKind::SecretUrl, Optional),
    table_key("notify.webhook_url", ValueKind::SecretUrl, Optional),
    table_key("notify.command", Program, Default(r#""""#)),
    table_key("notify.recordings", Choice(&["none", "orphans", "all"]), Default(r#""none""#)),
    table_key("notify.remind_after", Span("1h", "400d"), Default(r#""1d""#)),
    table_key("notify.timeout", Span("1s", "5m"), Default(r#""10s""#)),
];

impl SettingsReader<'_> {
    /// What the section says.
    pub(in crate::config) fn read_notify(&self) -> Result<NotifySettings, ConfigError> {
        let account = self.key("name")?.name()?.map_or_else(|| self.key("zoom.account_id")?.text(), Ok)?;
        Ok(NotifySettings {
            metrics_file: self.key("notify.metrics_file")?.metrics_file(&account)?,
            ping_url: self.key("notify.ping_url")?.secret_url()?,
            purge_ping_url: self.key("notify.purge_ping_url")?.secret_url()?,
            receivers: Receivers {
                webhook: self.key("notify.webhook_url")?.secret_url()?,
                command: self.key("notify.command")?.program()?,
                recordings: match self.key("notify.recordings")?.choice()? {
                    "orphans" => Recordings::Orphans,
                    "all" => Recordings::All,
                    _ => Recordings::None,
                },
                remind_after: self.key("notify.remind_after")?.span()?,
                limit: self.key("notify.timeout")?.timer()?,
            },
        })
    }
}
