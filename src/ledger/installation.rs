//! Which installation a ledger belongs to. An older ledger takes the present one.
//!
//! Instants that lie ahead, although this program wrote them down itself: its clock was ahead then. They count as now,
//! so that nothing waits for them.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension};

use super::migrations::read_format;
use super::open::{file_of, read_file};
use super::runs::{format_stamp, parse_stamp};
use super::{Ledger, LedgerError};
use crate::model::{EntryId, Installation, InstallationId, OtherInstallation, RecordedInstallation};

const OTHERS: &str = "other_installations";
const OTHERS_ASKED: &str = "other_installations_asked";
const ID: &str = "installation";
const MACHINE: &str = "machine";

impl Ledger {
    /// Which installation the ledger in `state_dir` belongs to, where there is one that tells.
    pub fn kept_installation(state_dir: &Path) -> Result<Option<RecordedInstallation>, LedgerError> {
        let file = file_of(state_dir);
        if !file.try_exists().map_err(|error| LedgerError::folder(state_dir, &error))? {
            return Ok(None);
        }
        let connection = read_file(&file)?;
        if read_format(&connection)? == 0 { Ok(None) } else { kept_installation(&connection) }
    }

    /// Writes down whose ledger it is, unless it tells already. An error where another run did so a moment ago.
    pub fn belongs_to(&self, here: &Installation, state_dir: &Path) -> Result<(), LedgerError> {
        let connection = self.connection();
        let sql = "INSERT OR IGNORE INTO meta (key, value) VALUES (?1, ?2)";
        for (key, value) in [(ID, here.id.as_str()), (MACHINE, here.machine.as_str())] {
            connection.execute(sql, [key, value])?;
        }
        match kept_installation(&connection)? {
            Some(kept) if kept.id == here.id => Ok(()),
            _ => Err(LedgerError::Locked(file_of(state_dir).display().to_string())),
        }
    }

    /// The other installations of the same account as they were when Kaltura was last asked for them, and when that was.
    pub fn others(&self) -> Result<(Vec<OtherInstallation>, Option<DateTime<Utc>>), LedgerError> {
        let asked = self.read_meta(OTHERS_ASKED)?.as_deref().map(parse_stamp).transpose()?;
        let text = self.read_meta(OTHERS)?.unwrap_or_default();
        Ok((text.lines().map(is_other).collect::<Result<_, _>>()?, asked))
    }

    /// Remembers them.
    pub fn remember_others(&self, others: &[OtherInstallation], at: DateTime<Utc>) -> Result<(), LedgerError> {
        let line = |OtherInstallation { id, entry, last, open }: &OtherInstallation| {
            format!("{id} {} {open} {entry}", format_stamp(*last))
        };
        self.set_meta(OTHERS, &others.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        self.set_meta(OTHERS_ASKED, &format_stamp(at))
    }

    /// From now on it is of this machine, wherever it comes from.
    pub fn move_here(&self, here: &Installation) -> Result<(), LedgerError> {
        self.set_meta(MACHINE, &here.machine)
    }
}

/// A line of what is remembered: id, time, uploads, entry.
fn is_other(line: &str) -> Result<OtherInstallation, LedgerError> {
    let unreadable = || LedgerError::Unreadable(line.to_owned());
    let mut parts = line.splitn(4, ' ');
    let mut part = || parts.next().ok_or_else(unreadable);
    Ok(OtherInstallation {
        id: InstallationId::new(part()?).ok_or_else(unreadable)?,
        last: parse_stamp(part()?)?,
        open: part()?.parse().map_err(|_| unreadable())?,
        entry: EntryId::new(part()?),
    })
}

fn kept_installation(connection: &Connection) -> Result<Option<RecordedInstallation>, LedgerError> {
    let sql = "
        SELECT value, (SELECT value FROM meta WHERE key = ?2) FROM meta WHERE key = ?1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?));
    let Some((id, machine)) = connection.query_row(sql, [ID, MACHINE], row).optional()? else {
        return Ok(None);
    };
    let id = InstallationId::new(&id).ok_or(LedgerError::Unreadable(id))?;
    Ok(Some(RecordedInstallation { id, machine: machine.unwrap_or_default() }))
}

/// No try is put off for longer.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(1);

/// What was written down when it happened: `?1` is now.
const HAPPENED: [&str; 6] = [
    "UPDATE files SET attach_sent = ?1 WHERE attach_sent > ?1",
    "UPDATE hosts SET asked = ?1 WHERE asked > ?1",
    "UPDATE accounts SET asked = ?1 WHERE asked > ?1",
    "UPDATE standings SET since = ?1 WHERE since > ?1",
    "UPDATE meta SET value = ?1 WHERE key IN ('last_listing', 'last_pruned', 'short_since') AND value > ?1",
    "UPDATE runs SET started = ?1, finished = min(finished, ?1) WHERE started > ?1",
];

/// What is waited for: `?1` is now, and nothing is waited for beyond `?2`.
const WAITED_FOR: [&str; 5] = [
    "UPDATE files SET next_try = ?1 WHERE next_try > ?2",
    "UPDATE files SET trash_asked = ?1 WHERE trash_asked > ?2",
    "UPDATE files SET trash_not_before = ?1 WHERE trash_not_before > ?2",
    "UPDATE recordings SET rights_not_before = ?1 WHERE rights_not_before > ?2",
    "UPDATE meta SET value = ?1 WHERE key GLOB 'rests_*' AND value > ?2",
];

impl Ledger {
    /// Makes every instant that lies ahead of this machine's clock one of now. Where a run began in the future, what is
    /// waited for was put off from then, and is due.
    pub fn forget_future(&self, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.savepoint()?;
        let today = format_stamp(now);
        let sql = "SELECT EXISTS (SELECT 1 FROM runs WHERE started > ?1)";
        if change.query_row(sql, [&today], |row| row.get(0))? {
            for sql in WAITED_FOR {
                change.prepare_cached(sql)?.execute([&today, &today])?;
            }
        }
        for sql in HAPPENED {
            change.prepare_cached(sql)?.execute([&today])?;
        }
        change.commit()?;
        Ok(())
    }

    /// Makes due what is put off for longer than anything ever is; `now` is the time by which tries are put off.
    pub fn limit_waits(&self, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        for sql in WAITED_FOR {
            change.prepare_cached(sql)?.execute([format_stamp(now), format_stamp(now + LONGEST_WAIT)])?;
        }
        change.commit()?;
        Ok(())
    }
}
