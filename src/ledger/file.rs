//! The ledger's file while it is open, and the changes that wait to be made in it.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction};

use super::{LedgerError, Lock};

/// Makes a change, or takes note that nothing can be changed.
pub(super) type LedgerChange = Box<dyn FnOnce(Result<&mut Transaction<'_>, LedgerError>) -> Tell + Send>;
/// Tells whoever asked for a change what came of the transaction that it is part of.
pub(super) type Tell = Box<dyn FnOnce(Result<(), LedgerError>) + Send>;

/// A device and a file on it.
type Inode = (u64, u64);

/// Open, and locked until the last change is made.
pub(super) struct File {
    connection: Mutex<Connection>,
    waiting: Mutex<Vec<LedgerChange>>,
    /// Where the next run looks for it, and what was found there.
    place: Option<(PathBuf, Inode)>,
    _lock: Option<Lock>,
}

impl File {
    /// `path` is where it is written to; none where it is read only.
    pub(super) fn new(connection: Connection, path: Option<&Path>, lock: Option<Lock>) -> File {
        let place = path.and_then(|path| Some((path.to_owned(), inode(path)?)));
        File { connection: Mutex::new(connection), waiting: Mutex::default(), place, _lock: lock }
    }

    /// That the next run would open another one. `SQLite` sees that its file is gone, but follows no symbolic link anew.
    pub(super) fn is_in_place(&self) -> Result<(), LedgerError> {
        match &self.place {
            Some((path, opened)) if inode(path).as_ref() != Some(opened) => Err(LedgerError::Replaced),
            _ => Ok(()),
        }
    }

    pub(super) fn connection(&self) -> MutexGuard<'_, Connection> {
        // a panic elsewhere leaves no half-done change: every change is a transaction
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes that nobody has begun to make.
    pub(super) fn waiting(&self) -> MutexGuard<'_, Vec<LedgerChange>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn inode(path: &Path) -> Option<Inode> {
    fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

impl fmt::Debug for File {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("File").finish_non_exhaustive()
    }
}
