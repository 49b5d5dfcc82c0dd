//! Locks that the kernel releases, however their holder ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::LedgerError;

/// A lock on a file in the state folder, held until dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// The lock that `sync` and `backfill` share.
    pub fn of_runs(state_dir: &Path) -> Result<Lock, LedgerError> {
        Lock::take(state_dir, "run.lock")
    }

    /// The lock of `purge`.
    pub fn of_purge(state_dir: &Path) -> Result<Lock, LedgerError> {
        Lock::take(state_dir, "purge.lock")
    }

    fn take(state_dir: &Path, name: &str) -> Result<Lock, LedgerError> {
        let path = state_dir.join(name);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| LedgerError::folder(state_dir, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LedgerError::Locked(path)),
            Err(TryLockError::Error(error)) => Err(LedgerError::folder(state_dir, &error)),
        }
    }
}
