//! When going on with a run has become pointless.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Line, Means};
use crate::http::{RemoteError, Service};
use crate::model::{FileCopy, Role};
use crate::transfer::TransferError;

/// So many transfers in a row that met an outage, and the others are left for the next run: each waits for long until it
/// gives up.
const OUTAGES: usize = 8;
/// So many in a row that were put off until others had their turn: each was asked for only briefly, and a dozen that
/// Zoom does not give may well lie side by side.
const PUT_OFFS: usize = 64;

/// When going on has become pointless.
#[derive(Default)]
pub(super) struct Halt {
    outages: AtomicUsize,
    put_offs: AtomicUsize,
}

impl Halt {
    pub(super) fn is_reached(&self) -> bool {
        self.outages.load(Ordering::Relaxed) >= OUTAGES || self.put_offs.load(Ordering::Relaxed) >= PUT_OFFS
    }

    pub(super) fn reach(&self) {
        self.outages.store(OUTAGES, Ordering::Relaxed);
    }

    /// Takes notice of how the transfer of a file of `line` ended.
    pub(super) fn count(&self, line: &Line, role: Role, end: Result<&FileCopy, &TransferError>, means: Means<'_>) {
        if let Err(error) = end
            && let Some(refusal) = error.refusal()
        {
            let is_for_all = means.refused(line, role.word(), refusal);
            // what Zoom refuses costs nobody anything, and may yet be about these alone
            if is_for_all && refusal.service == Service::Kaltura {
                self.reach();
            }
            return;
        }
        match end {
            Ok(_) => {
                means.passed(role);
                if !self.is_reached() {
                    self.outages.store(0, Ordering::Relaxed);
                    self.put_offs.store(0, Ordering::Relaxed);
                }
            }
            Err(TransferError::Remote(error)) if error.is_outage() => {
                self.outages.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
    }

    /// Takes notice of a transfer that comes back after all others.
    pub(super) fn put_off(&self) {
        self.put_offs.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes notice of an error that no transfer met.
    pub(super) fn meet(&self, error: &RemoteError) {
        if error.ends_the_run() {
            self.reach();
        } else if error.is_outage() {
            self.outages.fetch_add(1, Ordering::Relaxed);
        }
    }
}
