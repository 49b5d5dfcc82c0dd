//! What people can see and expect of an entry, as their institution settled it.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::model::EntryId;

/// What people can see and expect of an entry.
#[derive(Clone, Copy, Debug)]
pub struct EntryTerms<'a> {
    /// Where they see it, with `{entry_id}` for its id; `None` for nowhere.
    pub link: Option<&'a str>,
    /// So long orphans are kept.
    pub older_than: TimeDelta,
    /// Whether an orphan is handed over once its host has an account.
    pub adopt: bool,
    /// Where the times are that people read of it.
    pub zone: Tz,
}

impl EntryTerms<'_> {
    /// Where people see this entry.
    #[must_use]
    pub fn link_to(self, entry: &EntryId) -> Option<String> {
        self.link.map(|link| link.replace("{entry_id}", entry.as_str()))
    }

    /// Until when an orphan is kept that was confirmed at that time.
    #[must_use]
    pub fn kept_until(self, confirmed: DateTime<Utc>) -> DateTime<Utc> {
        confirmed + self.older_than
    }
}
