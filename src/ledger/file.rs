//! The ledger's file while it is open, and the changes that wait to be made in it.
//!
//! Locks that the kernel releases, however their holder ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fmt, fs};

use chrono::Utc;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::LedgerError;
use super::journal::end_journal;
use crate::model::one_line;

/// Makes a change, or takes note that nothing can be changed.
pub(super) type LedgerChange = Box<dyn FnOnce(Result<&mut Transaction<'_>, LedgerError>) -> Tell + Send>;
/// Tells whoever asked for a change what came of the transaction that it is part of.
pub(super) type Tell = Box<dyn FnOnce(Result<(), LedgerError>) + Send>;

/// Of the ledger and all beside it: for their owner only.
pub(super) const FILE_MODE: u32 = 0o600;
/// Of the words in a lock's file.
const LONGEST_HOLDER: u64 = 100;

/// A device and a file on it.
type Inode = (u64, u64);

/// Open, and locked until the last change is made.
pub(super) struct LedgerFile {
    connection: Mutex<Connection>,
    waiting: Mutex<Vec<LedgerChange>>,
    /// How often those that waited were written.
    writes: AtomicU64,
    /// Why a change was not made for whose end nobody waited: the first such error.
    lost: Mutex<Option<LedgerError>>,
    /// Where the next run looks for it, and what was found there.
    place: Option<(PathBuf, Inode)>,
    _lock: Option<Lock>,
}

impl LedgerFile {
    /// `path` is where it is written to; none where it is read only.
    pub(super) fn new(
        mut connection: Connection,
        path: Option<&Path>,
        lock: Option<Lock>,
    ) -> Result<LedgerFile, LedgerError> {
        let place = path.and_then(|path| Some((path.to_owned(), inode(path)?)));
        if let Some(place) = place.clone() {
            // whoever makes the change: with a log, SQLite does not look whether its file is still there
            connection.commit_hook(Some(move || is_elsewhere(&place)))?;
        }
        let (connection, waiting, lost) = (Mutex::new(connection), Mutex::default(), Mutex::default());
        Ok(LedgerFile { connection, waiting, writes: AtomicU64::new(0), lost, place, _lock: lock })
    }

    /// That the next run would open the same one.
    pub(super) fn is_in_place(&self) -> Result<(), LedgerError> {
        if self.place.as_ref().is_some_and(is_elsewhere) { Err(LedgerError::Replaced) } else { Ok(()) }
    }

    /// For whoever reads or changes it now. What waits comes before that.
    pub(super) fn connection(&self) -> MutexGuard<'_, Connection> {
        // a panic elsewhere leaves no half-done change: every change is a transaction
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        self.commit_waiting(&mut connection);
        connection
    }

    /// Makes the changes that wait, in their order, in one transaction.
    pub(super) fn write_waiting(&self) {
        drop(self.connection());
    }

    fn commit_waiting(&self, connection: &mut Connection) {
        // what is being changed together is made first
        if !connection.is_autocommit() {
            return;
        }
        let changes = std::mem::take(&mut *self.waiting());
        if changes.is_empty() {
            return;
        }
        self.writes.fetch_add(1, Ordering::Relaxed);
        let mut shared = match self.begin_transaction(connection) {
            Ok(shared) => shared,
            Err(error) => {
                for change in changes {
                    change(Err(error.clone()))(Err(error.clone()));
                }
                return;
            }
        };
        let told: Vec<Tell> = changes.into_iter().map(|change| change(Ok(&mut shared))).collect();
        let end = shared.commit().map_err(LedgerError::from);
        for tell in told {
            tell(end.clone());
        }
    }

    fn begin_transaction<'a>(&self, connection: &'a mut Connection) -> Result<Transaction<'a>, LedgerError> {
        self.is_in_place()?;
        Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// How often those that waited were written.
    pub(super) fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    /// Takes note of a change that was not made.
    pub(super) fn note_lost(&self, error: LedgerError) {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    /// The first of those since it was last asked.
    pub(super) fn take_lost(&self) -> Option<LedgerError> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Changes that nobody has begun to make.
    pub(super) fn waiting(&self) -> MutexGuard<'_, Vec<LedgerChange>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LedgerFile {
    /// While the lock is held, so that no run begins meanwhile.
    fn drop(&mut self) {
        if self.place.is_some() {
            // what waits is written first
            end_journal(&self.connection());
        }
    }
}

fn is_elsewhere((path, opened): &(PathBuf, Inode)) -> bool {
    inode(path).as_ref() != Some(opened)
}

fn inode(path: &Path) -> Option<Inode> {
    fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

impl fmt::Debug for LedgerFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("LedgerFile").finish_non_exhaustive()
    }
}

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
    file: File,
}

impl Drop for Lock {
    /// A lock that nobody holds names nobody.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
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
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(FILE_MODE)
            .open(&path)
            .map_err(|error| LedgerError::folder(state_dir, &error))?;
        // whatever the umask says
        if file.metadata().is_ok_and(|found| found.mode() & 0o777 != FILE_MODE) {
            let _ = file.set_permissions(fs::Permissions::from_mode(FILE_MODE));
        }
        match file.try_lock() {
            Ok(()) => {
                // for people alone: the kernel knows who holds it
                let _ = file.set_len(0).and_then(|()| file.write_all(this_holder().as_bytes()));
                Ok(Lock { file })
            }
            Err(TryLockError::WouldBlock) => Err(LedgerError::Locked(read_holder(&path))),
            Err(TryLockError::Error(error)) => Err(LedgerError::folder(state_dir, &error)),
        }
    }
}

fn this_holder() -> String {
    format!("process {} since {}\n", std::process::id(), Utc::now().format("%Y-%m-%d %H:%M UTC"))
}

/// Who holds a lock, as the lock's file has it; nobody can be named where that cannot be read.
fn read_holder(lock: &Path) -> String {
    let mut holder = String::new();
    let read = File::open(lock).and_then(|file| file.take(LONGEST_HOLDER).read_to_string(&mut holder));
    match (read, one_line(holder.trim())) {
        (Ok(_), holder) if !holder.is_empty() => holder,
        _ => lock.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Lock, LockKind};
    use crate::ledger::LedgerError;

    #[test]
    fn a_held_lock_names_its_holder() {
        let folder = tempfile::tempdir().expect("a folder");
        let held = Lock::take(folder.path(), LockKind::Copying).expect("nobody holds it");
        let Err(LedgerError::Locked(holder)) = Lock::take(folder.path(), LockKind::Copying) else {
            panic!("taken twice");
        };
        assert!(holder.starts_with(&format!("process {} since 20", std::process::id())), "{holder}");
        assert!(holder.ends_with(" UTC"), "{holder}");
        drop(held);
        let file = std::fs::read(folder.path().join("run.lock")).expect("the lock's file");
        assert!(file.is_empty(), "nobody holds it any more");
        Lock::take(folder.path(), LockKind::Copying).expect("nobody holds it");
    }
}
