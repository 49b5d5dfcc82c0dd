//! How several accounts stand: a line for each.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::summary::status_summary;
use super::{Alarm, Site, Status, status_document};
use crate::model::{format_count, one_line};
use crate::output::document::JsonDocument;
use crate::output::table::{Screen, Tone};

/// One of several accounts.
#[derive(Debug)]
pub struct AccountStatus {
    /// Its configuration.
    pub file: PathBuf,
    /// How it stands, or why nobody knows.
    pub standing: Result<(Status, Vec<Alarm>, Site), String>,
}

impl AccountStatus {
    /// Something is to be done, or it cannot be read.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        self.standing.as_ref().map_or(true, |(_, alarms, _)| !alarms.is_empty())
    }

    fn file_name(&self) -> String {
        let name = self.file.file_name().unwrap_or(self.file.as_os_str());
        one_line(&name.to_string_lossy())
    }
}

/// A line for all, and one for each.
#[must_use]
pub fn accounts_text(accounts: &[AccountStatus], screen: Screen) -> String {
    let needing = accounts.iter().filter(|account| account.needs_attention()).count();
    let (head, tone) = match needing {
        0 => ("all is well".to_owned(), Tone::Good),
        1 => ("1 needs attention".to_owned(), Tone::Bad),
        several => (format!("{several} need attention"), Tone::Bad),
    };
    let head = format!("{}: {head}.", format_count(accounts.len(), "account"));
    let mut text = format!("{}\n\n", screen.paint(&head, tone));
    for account in accounts {
        let line = match &account.standing {
            Ok((status, alarms, site)) => format!("{}: {}", one_line(&site.name), status_summary(status, alarms)),
            Err(error) => format!("cannot be read: {}", one_line(error)),
        };
        let _ = writeln!(text, "{}: {line}", account.file_name());
    }
    text
}

/// For programs, with the `status` of each account as `status --format json` has it.
#[must_use]
pub fn accounts_document(accounts: &[AccountStatus]) -> JsonDocument<Value> {
    let accounts = accounts.iter().map(|account| {
        let (status, error) = match &account.standing {
            Ok((status, alarms, site)) => (Some(status_document(status, alarms, site)), None),
            Err(error) => (None, Some(one_line(error))),
        };
        json!({
            "file": account.file_name(),
            "needs_attention": account.needs_attention(),
            "error": error,
            "status": status,
        })
    });
    JsonDocument::new(json!({ "accounts": accounts.collect::<Vec<_>>() }))
}
