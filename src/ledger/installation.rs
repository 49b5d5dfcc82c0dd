//! Which installation a ledger belongs to. An older ledger takes the present one.

use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension};

use super::migrations::read_format;
use super::open::{file_of, read_file};
use super::runs::{format_stamp, parse_stamp};
use super::{Ledger, LedgerError};
use crate::model::{EntryId, Installation, InstallationId, KeptInstallation, OtherInstallation};

const OTHERS: &str = "other_installations";
const OTHERS_ASKED: &str = "other_installations_asked";
const ID: &str = "installation";
const MACHINE: &str = "machine";

impl Ledger {
    /// Which installation the ledger in `state_dir` belongs to, where there is one that tells.
    pub fn kept_installation(state_dir: &Path) -> Result<Option<KeptInstallation>, LedgerError> {
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
            _ => Err(LedgerError::Locked(file_of(state_dir))),
        }
    }

    /// The other installations of the same account as they were when Kaltura was last asked for them, and when that was.
    pub fn others(&self) -> Result<(Vec<OtherInstallation>, Option<DateTime<Utc>>), LedgerError> {
        let asked = self.meta(OTHERS_ASKED)?.as_deref().map(parse_stamp).transpose()?;
        let text = self.meta(OTHERS)?.unwrap_or_default();
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

fn kept_installation(connection: &Connection) -> Result<Option<KeptInstallation>, LedgerError> {
    let sql = "
        SELECT value, (SELECT value FROM meta WHERE key = ?2) FROM meta WHERE key = ?1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?));
    let Some((id, machine)) = connection.query_row(sql, [ID, MACHINE], row).optional()? else {
        return Ok(None);
    };
    let id = InstallationId::new(&id).ok_or(LedgerError::Unreadable(id))?;
    Ok(Some(KeptInstallation { id, machine: machine.unwrap_or_default() }))
}
