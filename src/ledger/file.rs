//! The ledger's file while it is open, and the changes that wait to be made in it.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction};

use super::{LedgerError, Lock};

/// Makes a change, or takes note that nothing can be changed.
pub(super) type Change = Box<dyn FnOnce(Result<&mut Transaction<'_>, LedgerError>) -> Tell + Send>;
/// Tells whoever asked for a change what came of the transaction that it is part of.
pub(super) type Tell = Box<dyn FnOnce(Result<(), LedgerError>) + Send>;

/// Open, and locked until the last change is made.
pub(super) struct File {
    connection: Mutex<Connection>,
    waiting: Mutex<Vec<Change>>,
    _lock: Option<Lock>,
}

impl File {
    pub(super) fn new(connection: Connection, lock: Option<Lock>) -> File {
        File { connection: Mutex::new(connection), waiting: Mutex::default(), _lock: lock }
    }

    pub(super) fn connection(&self) -> MutexGuard<'_, Connection> {
        // a panic elsewhere leaves no half-done change: every change is a transaction
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes that nobody has begun to make.
    pub(super) fn waiting(&self) -> MutexGuard<'_, Vec<Change>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("File").finish_non_exhaustive()
    }
}
