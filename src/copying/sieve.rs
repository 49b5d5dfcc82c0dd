//! Zoom's list, sifted page by page: of a big account most may be left out by a rule, and need not be held as it is.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::plan::{Policy, RuledOut, Scope, is_ruled_out, take_ruled_out};
use super::systems::Systems;
use crate::ledger::{Ledger, LedgerError};
use crate::model::Segment;
use crate::remotes::http::RemoteError;
use crate::remotes::zoom::{Listing, PageSift};

/// Why nothing is listed.
#[derive(Debug, thiserror::Error)]
pub enum SiftError {
    /// Zoom did not answer as it should.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What Zoom lists; apart from it, packed, what a rule leaves out and of which the ledger knows nothing else. A choice of hosts
/// or meetings is made among all that is listed, and what was not chosen may be what was meant.
pub async fn list_and_sift(
    systems: Systems<'_>,
    scope: &Scope,
    policy: &Policy,
) -> Result<(Listing, RuledOut), SiftError> {
    if !scope.selection.is_of_all() {
        return Ok((systems.zoom.recordings(scope.window).await?, RuledOut::default()));
    }
    let is_new = systems.ledger.is_empty()?;
    let sieve = Sieve { ledger: systems.ledger, policy, is_new, taken: Mutex::default() };
    let mut listing = systems.zoom.sifted_recordings(scope.window, &sieve).await?;
    // what comes twice is looked at as a whole
    let given = listing.find_doubles().map(|is_double| sieve.taken().0.give_back(is_double));
    if let Some(given) = given {
        listing.segments.splice(0..0, given);
        listing = listing.each_once();
        sieve.sift(&mut listing.segments);
    }
    let (ruled_out, unread) = sieve.taken.into_inner().unwrap_or_else(PoisonError::into_inner);
    unread.map_or(Ok((listing, ruled_out)), |error| Err(error.into()))
}

/// Takes out of each page what a rule leaves out and of which the ledger knows nothing else.
struct Sieve<'a> {
    ledger: &'a Ledger,
    policy: &'a Policy,
    /// Whether the ledger knows nothing at all.
    is_new: bool,
    /// What was taken out, and why the ledger could not be asked.
    taken: Mutex<(RuledOut, Option<LedgerError>)>,
}

impl Sieve<'_> {
    fn taken(&self) -> MutexGuard<'_, (RuledOut, Option<LedgerError>)> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PageSift for Sieve<'_> {
    fn sift(&self, page: &mut Vec<Segment>) {
        let candidates = page.iter().filter(|segment| is_ruled_out(segment, self.policy));
        let mut uuids = candidates.map(|segment| &segment.meeting.uuid).peekable();
        if uuids.peek().is_none() {
            return;
        }
        let mattering = if self.is_new { Ok(HashSet::new()) } else { self.ledger.find_mattering(uuids) };
        let mut taken = self.taken();
        match mattering {
            Ok(mattering) => take_ruled_out(page, &mut taken.0, self.policy, |uuid| mattering.contains(uuid)),
            Err(error) => drop(taken.1.get_or_insert(error)),
        }
    }

    fn begin_anew(&self) {
        self.taken().0 = RuledOut::default();
    }
}
