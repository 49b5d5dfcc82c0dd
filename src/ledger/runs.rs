//! Runs, the checkpoint and the last wide listing.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};

use super::{Ledger, LedgerError};
use crate::http::{ClockOff, Service};

const CHECKPOINT: &str = "checkpoint";
/// Whether a first run was held back that wrote down what it found.
const FIRST_RUN_HELD: &str = "first_run_held";
const LAST_RESCAN: &str = "last_rescan";
const LAST_LISTING: &str = "last_listing";
/// How far this machine's clock was off in the last run that could compare it: whose clock differs, and by how many seconds.
const CLOCK_OFF: &str = "clock_off";
/// Since when each list fell short of what Zoom counts.
const SHORT_SINCE: &str = "short_since";

impl Ledger {
    /// The day before which everything is settled; `None` before the first complete run.
    pub fn checkpoint(&self) -> Result<Option<NaiveDate>, LedgerError> {
        self.meta(CHECKPOINT)?.map(|text| text.parse().map_err(|_| LedgerError::Unreadable(text))).transpose()
    }

    /// Moves the checkpoint.
    pub fn set_checkpoint(&self, day: NaiveDate) -> Result<(), LedgerError> {
        self.set_meta(CHECKPOINT, &day.to_string())
    }

    /// When the wide window was last listed in full.
    pub fn last_rescan(&self) -> Result<Option<DateTime<Utc>>, LedgerError> {
        self.meta(LAST_RESCAN)?.as_deref().map(parse_stamp).transpose()
    }

    /// Remembers that it was.
    pub fn set_last_rescan(&self, at: DateTime<Utc>) -> Result<(), LedgerError> {
        self.set_meta(LAST_RESCAN, &format_stamp(at))
    }

    /// When everything that Zoom lists of the last days was last read, to the end.
    pub fn last_listing(&self) -> Result<Option<DateTime<Utc>>, LedgerError> {
        self.meta(LAST_LISTING)?.as_deref().map(parse_stamp).transpose()
    }

    /// Remembers that it was. Where Zoom counts more than it sends, that is believed for `patience`, and no longer.
    pub fn set_last_listing(&self, at: DateTime<Utc>, is_whole: bool, patience: TimeDelta) -> Result<(), LedgerError> {
        let since = self.meta(SHORT_SINCE)?.filter(|since| !since.is_empty());
        let since = since.as_deref().map(parse_stamp).transpose()?;
        match (is_whole, since) {
            (true, Some(_)) => self.set_meta(SHORT_SINCE, "")?,
            (false, None) => self.set_meta(SHORT_SINCE, &format_stamp(at))?,
            (false, Some(since)) if at - since > patience => return Ok(()),
            _ => {}
        }
        self.set_meta(LAST_LISTING, &format_stamp(at))
    }

    /// How far this machine's clock was off when a run last compared it, where that is too far.
    pub fn clock_off(&self) -> Result<Option<ClockOff>, LedgerError> {
        let Some(said) = self.meta(CLOCK_OFF)?.filter(|said| !said.is_empty()) else {
            return Ok(None);
        };
        let off = said.split_once(' ').and_then(|(side, seconds)| {
            let service = [Service::Zoom, Service::Kaltura].into_iter().find(|service| service.word() == side)?;
            Some(ClockOff { service, by: TimeDelta::try_seconds(seconds.parse().ok()?)? })
        });
        off.map(Some).ok_or(LedgerError::Unreadable(said))
    }

    /// Remembers how far it is off, or that it is right.
    pub fn set_clock_off(&self, off: Option<ClockOff>) -> Result<(), LedgerError> {
        let said = off.map(|off| format!("{} {}", off.service.word(), off.by.num_seconds()));
        self.set_meta(CLOCK_OFF, &said.unwrap_or_default())
    }

    /// Whether no run has decided anything yet.
    pub fn is_empty(&self) -> Result<bool, LedgerError> {
        let sql = "SELECT max(id) IS NULL FROM recordings";
        Ok(self.connection().query_row(sql, [], |row| row.get(0))?)
    }

    /// Whether everything that was decided so far was found in Kaltura by a first run that is still to be confirmed.
    pub fn is_first_run_held(&self) -> Result<bool, LedgerError> {
        Ok(self.meta(FIRST_RUN_HELD)?.is_some_and(|held| !held.is_empty()))
    }

    /// Remembers that it is, or that a run went past it.
    pub fn set_first_run_held(&self, is_held: bool) -> Result<(), LedgerError> {
        if self.is_first_run_held()? == is_held {
            return Ok(());
        }
        self.set_meta(FIRST_RUN_HELD, if is_held { "held" } else { "" })
    }

    /// Notes the start of a run.
    pub fn begin_run(&self, id: &str, command: &str, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let sql = "INSERT INTO runs (id, command, started) VALUES (?1, ?2, ?3)";
        self.connection().execute(sql, (id, command, format_stamp(at)))?;
        Ok(())
    }

    /// Notes its end.
    pub fn end_run(&self, id: &str, exit_code: u8, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let sql = "UPDATE runs SET finished = ?2, exit_code = ?3 WHERE id = ?1";
        self.connection().execute(sql, (id, format_stamp(at), exit_code))?;
        Ok(())
    }
}

/// UTC to the second, in a form whose order as text is that of time.
pub(super) fn format_stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The same to the millisecond, for what is waited for.
pub(super) fn format_fine_stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(super) fn parse_stamp(text: &str) -> Result<DateTime<Utc>, LedgerError> {
    // a year of more than four digits is none of RFC 3339, and may have been written down by an older version
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).or_else(|_| text.parse());
    time.map_err(|_| LedgerError::Unreadable(text.to_owned()))
}
