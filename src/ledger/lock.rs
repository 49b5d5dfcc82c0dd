//! Locks that the kernel releases, however their holder ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::LedgerError;

/// What a lock is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockKind {
    /// `sync` and `backfill`: one at a time.
    Copying,
    /// `purge`: beside a run that copies, but not beside another purge.
    Purging,
}

impl LockKind {
    /// The other kind.
    pub(super) fn other(self) -> LockKind {
        match self {
            LockKind::Copying => LockKind::Purging,
            LockKind::Purging => LockKind::Copying,
        }
    }

    /// The word that claims keep.
    pub(super) fn word(self) -> &'static str {
        match self {
            LockKind::Copying => "copying",
            LockKind::Purging => "purging",
        }
    }

    fn file(self) -> &'static str {
        match self {
            LockKind::Copying => "run.lock",
            LockKind::Purging => "purge.lock",
        }
    }
}

/// A lock on a file in the state folder, held until dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes it, or says that somebody else holds it.
    pub fn take(state_dir: &Path, work: LockKind) -> Result<Lock, LedgerError> {
        Lock::on(state_dir, work.file())
    }

    /// The same for telling people, which runs of both kinds do at their end.
    pub fn to_tell(state_dir: &Path) -> Result<Lock, LedgerError> {
        Lock::on(state_dir, "tell.lock")
    }

    fn on(state_dir: &Path, name: &str) -> Result<Lock, LedgerError> {
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
