//! `[http]`: how patient this program is with both services.

use chrono::TimeDelta;
use std::time::Duration;

use crate::config::error::ConfigError;
use crate::config::key::Requirement::Default;
use crate::config::key::ValueKind::{Span, Whole};
use crate::config::key::{Key, SOME, table_key};
use crate::config::reader::SettingsReader;

/// How patient this program is with both services.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Within a run, at one place.
    pub retries: usize,
    /// Before the first of them; doubles with each further one.
    pub retry_wait: Duration,
    /// For a connection to be made.
    pub connect_timeout: Duration,
    /// Without a byte.
    pub stall_after: Duration,
    /// For a call of an API, its whole answer included.
    pub call_timeout: Duration,
    /// How long a creation whose answer was lost is looked for.
    pub settle: TimeDelta,
    /// How long an upload that has no entry yet, or is being closed, may be somebody's.
    pub claim_settle: TimeDelta,
}

/// In the order in which `config show` prints them.
pub(in crate::config) const KEYS: &[Key] = &[
    table_key("http.retries", Whole(0, 20), Default("4")),
    table_key("http.retry_wait", Span("0s", "1d"), Default(r#""500ms""#)),
    table_key("http.connect_timeout", SOME, Default(r#""10s""#)),
    table_key("http.stall_after", SOME, Default(r#""60s""#)),
    table_key("http.call_timeout", SOME, Default(r#""2m""#)),
    table_key("http.settle", Span("0s", "1d"), Default(r#""30s""#)),
    table_key("http.claim_settle", Span("0s", "1d"), Default(r#""60s""#)),
];

impl SettingsReader<'_> {
    /// What the section says.
    pub(in crate::config) fn read_http(&self) -> Result<HttpSettings, ConfigError> {
        Ok(HttpSettings {
            retries: self.key("http.retries")?.whole()?,
            retry_wait: self.key("http.retry_wait")?.timer()?,
            connect_timeout: self.key("http.connect_timeout")?.timer()?,
            stall_after: self.key("http.stall_after")?.timer()?,
            call_timeout: self.key("http.call_timeout")?.timer()?,
            settle: self.key("http.settle")?.span()?,
            claim_settle: self.key("http.claim_settle")?.span()?,
        })
    }
}
