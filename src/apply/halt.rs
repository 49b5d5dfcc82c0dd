//! When going on with a run has become pointless.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::http::RemoteError;
use crate::model::FileCopy;
use crate::transfer::TransferError;

/// So many transfers in a row that met an outage, and the others are left for the next run: each waits for long until it
/// gives up.
const OUTAGES: usize = 8;

/// When going on has become pointless.
#[derive(Default)]
pub(super) struct Halt(AtomicUsize);

impl Halt {
    pub(super) fn is_reached(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= OUTAGES
    }

    pub(super) fn reach(&self) {
        self.0.store(OUTAGES, Ordering::Relaxed);
    }

    pub(super) fn count(&self, end: Result<&FileCopy, &TransferError>) {
        match end {
            Ok(_) if !self.is_reached() => self.0.store(0, Ordering::Relaxed),
            Err(TransferError::Remote(error)) if error.is_outage() => {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
    }

    /// Takes notice of an error that no transfer met.
    pub(super) fn meet(&self, error: &RemoteError) {
        if error.ends_the_run() {
            self.reach();
        } else if error.is_outage() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}
