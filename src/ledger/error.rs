//! Why the ledger cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ffi::{SQLITE_CONSTRAINT_COMMITHOOK, SQLITE_READONLY_DBMOVED};

use crate::machine::{RAISE_HANDLES, is_out_of_handles, machine_lack};

/// One line each, fit for a person.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LedgerError {
    /// The state folder cannot be used.
    #[error("state_dir {folder} cannot be used: {why}; {advice}")]
    Folder {
        /// The folder as configured.
        folder: PathBuf,
        /// What the system says.
        why: String,
        /// What to do about it.
        advice: &'static str,
    },
    /// Another run holds the lock: its process and since when, as far as its lock says.
    #[error("another run is in progress: {0}")]
    Locked(String),
    /// It belongs to another account.
    #[error(
        "the ledger in {folder} belongs to {what} {kept:?}, but the configuration names {configured:?}; use another state_dir for another account"
    )]
    Identity {
        /// The state folder.
        folder: PathBuf,
        /// Which setting differs.
        what: &'static str,
        /// What the ledger was made for.
        kept: String,
        /// What the configuration says.
        configured: String,
    },
    /// A newer version of this program has been at work.
    #[error(
        "the ledger has format {found}, this version knows up to {known}; install the newer zoom2kaltura{} again, or restore a backup",
        if writer.is_empty() { String::new() } else { format!(" ({writer})") }
    )]
    Newer {
        /// Its format.
        found: i64,
        /// The newest this version knows.
        known: i64,
        /// The version that wrote it last; empty where it does not say.
        writer: String,
    },
    /// An older version of this program wrote it, and no run of this one has migrated it yet.
    #[error("the ledger was written by an older version; run sync once, which updates it")]
    Older,
    /// `SQLite` says no.
    #[error("the ledger cannot be used: {why}; {advice}")]
    Sqlite {
        /// What `SQLite` says.
        why: String,
        /// What to do about it.
        advice: &'static str,
    },
    /// It is not whole.
    #[error(
        "the ledger {0} is damaged; restore a backup, or move it away: without a ledger, the next sync finds the copies by their marks in Kaltura"
    )]
    Damaged(PathBuf),
    /// It is no longer the file that was opened.
    #[error(
        "the ledger was moved, deleted or replaced during this run, or state_dir was, so the run stopped copying: put it back, or let the next sync find the copies by their marks in Kaltura"
    )]
    Replaced,
    /// A backup was put in place of a ledger whose log is still there.
    #[error(
        "{0} belongs to another ledger than the one beside it: was a backup restored after a run had been killed? delete {0}, then run this again"
    )]
    ForeignLog(PathBuf),
    /// A backup could not be made.
    #[error("the backup {} was not made: {why}; {advice}", target.display())]
    Backup {
        /// The file that it was to be.
        target: PathBuf,
        /// What is in its way.
        why: String,
        /// What to do about it.
        advice: &'static str,
    },
    /// A run died while it wrote, which only a run that may write can mend.
    #[error("a run died while it wrote the ledger {0}, which cannot be read until the next sync repairs it: run sync")]
    Unfinished(PathBuf),
    /// It holds what this program does not write.
    #[error("the ledger contains {0:?}, which this version does not know")]
    Unreadable(String),
    /// Nothing that failed goes by this id.
    #[error(
        "no failed recording matches {0:?}; give a meeting UUID or number, a file id or an entry id from the report, or --failed"
    )]
    NothingSuch(String),
    /// It does not take this one change.
    #[error("the ledger refuses what the run has to record about it: {0}")]
    Refused(String),
    /// A file is no longer in the state it was found in.
    #[error("the copy of file {0} was changed by another run")]
    Moved(i64),
}

impl LedgerError {
    /// Whether it is about one recording: of all others the ledger can be read and written.
    #[must_use]
    pub fn is_of_one(&self) -> bool {
        matches!(self, LedgerError::Refused(_) | LedgerError::Moved(_) | LedgerError::Unreadable(_))
    }

    /// Whether this machine lacks file handles for it, which its administrator can raise.
    #[must_use]
    pub fn is_lack_of_handles(&self) -> bool {
        matches!(self, LedgerError::Sqlite { advice: RAISE_HANDLES, .. })
    }

    pub(super) fn folder(folder: &Path, error: &io::Error) -> LedgerError {
        let advice = machine_lack(error).unwrap_or(match error.kind() {
            io::ErrorKind::PermissionDenied => {
                "give it, with all that is in it, to the user who runs this program, or correct state_dir"
            }
            _ => "create it for the user who runs this program, or correct state_dir",
        });
        LedgerError::Folder { folder: folder.to_owned(), why: error.to_string(), advice }
    }
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> LedgerError {
        use rusqlite::Error::{
            FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, QueryReturnedNoRows,
            ToSqlConversionFailure,
        };
        use rusqlite::ErrorCode::{
            CannotOpen, ConstraintViolation, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase,
            ReadOnly, TooBig, TypeMismatch,
        };
        let is_replaced = |code| [SQLITE_READONLY_DBMOVED, SQLITE_CONSTRAINT_COMMITHOOK].contains(&code);
        if error.sqlite_error().is_some_and(|error| is_replaced(error.extended_code)) {
            return LedgerError::Replaced;
        }
        let is_of_one = match &error {
            FromSqlConversionFailure(..)
            | IntegralValueOutOfRange(..)
            | InvalidColumnType(..)
            | QueryReturnedNoRows
            | ToSqlConversionFailure(_) => true,
            other => matches!(other.sqlite_error_code(), Some(ConstraintViolation | TypeMismatch | TooBig)),
        };
        if is_of_one {
            return LedgerError::Refused(error.to_string());
        }
        let advice = match error.sqlite_error_code() {
            Some(CannotOpen) if is_out_of_handles() => RAISE_HANDLES,
            Some(DiskFull) => "free some space on its disk; what was copied is not lost",
            Some(DatabaseBusy | DatabaseLocked) => {
                "another program has it locked (sqlite3? a backup?): end that program; the next run resumes"
            }
            Some(DatabaseCorrupt | NotADatabase) => {
                "restore a backup, or move it away: without a ledger, the next sync finds the copies by their marks in Kaltura"
            }
            Some(ReadOnly) => "give file and folder to the user who runs this program",
            _ => "check its disk, and the rights of file and folder",
        };
        LedgerError::Sqlite { why: error.to_string(), advice }
    }
}
