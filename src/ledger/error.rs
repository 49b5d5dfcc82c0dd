//! Why the ledger cannot be used.

use std::io;
use std::path::{Path, PathBuf};

/// One line each, fit for a person.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The state folder cannot be used.
    #[error(
        "state_dir {folder} cannot be used: {why}; create it for the user who runs this program, or correct state_dir"
    )]
    Folder {
        /// The folder as configured.
        folder: PathBuf,
        /// What the system says.
        why: String,
    },
    /// Another run holds the lock.
    #[error("another run holds {0}")]
    Locked(PathBuf),
    /// It belongs to another account.
    #[error(
        "the ledger in {folder} belongs to {what} {kept:?}, the configuration names {configured:?}; use another state_dir for another account"
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
    #[error("the ledger has format {found}, this version knows up to {known}; install the newer zoom2kaltura again")]
    Newer {
        /// Its format.
        found: i64,
        /// The newest this version knows.
        known: i64,
    },
    /// `SQLite` says no.
    #[error("the ledger cannot be read or written: {0}; check the disk's free space and the file's rights")]
    Sqlite(#[from] rusqlite::Error),
    /// It holds what this program does not write.
    #[error("the ledger holds {0:?}, which this version does not know")]
    Unreadable(String),
    /// A file is no longer in the state it was found in.
    #[error("the copy of file {0} was changed by another run")]
    Moved(i64),
}

impl LedgerError {
    pub(super) fn folder(folder: &Path, error: &io::Error) -> LedgerError {
        LedgerError::Folder { folder: folder.to_owned(), why: error.to_string() }
    }
}
