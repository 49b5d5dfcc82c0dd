//! How many downloads may be under way in a run, and which of these are taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// After so many times that parts were refused in a run, none are asked for any more: what came early was sent for nothing.
const MOST_REFUSALS: usize = 3;

/// One for each transfer at a time. Whoever waits for one gets it before those that only take what is spare.
#[derive(Clone, Debug)]
pub struct Slots {
    free: Arc<Semaphore>,
    refusals: Arc<AtomicUsize>,
}

/// Taken until dropped.
#[derive(Debug)]
pub struct Slot {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Slots {
    /// So many.
    #[must_use]
    pub fn new(parallel: usize) -> Slots {
        let free = Semaphore::new(parallel.clamp(1, Semaphore::MAX_PERMITS));
        Slots { free: Arc::new(free), refusals: Arc::default() }
    }

    /// Waits for one.
    pub async fn one(&self) -> Slot {
        // it is never closed
        Slot { _permit: Arc::clone(&self.free).acquire_owned().await.ok() }
    }

    /// One that nobody waits for.
    pub(super) fn spare(&self) -> Option<Slot> {
        Arc::clone(&self.free).try_acquire_owned().ok().map(|permit| Slot { _permit: Some(permit) })
    }

    /// Whether there is one that nobody waits for, and it is worth while to use it for a part.
    pub(super) fn has_spare(&self) -> bool {
        self.free.available_permits() > 0 && self.refusals.load(Ordering::Relaxed) < MOST_REFUSALS
    }

    /// Counts a recording whose parts were refused.
    pub(super) fn count_refusal(&self) {
        self.refusals.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::poll;

    use super::{MOST_REFUSALS, Slots};

    #[tokio::test]
    async fn whoever_waits_for_a_slot_gets_it_before_those_that_take_what_is_spare() {
        let slots = Slots::new(1);
        let spare = slots.spare().expect("a free slot");
        let mut waiting = pin!(slots.one());
        assert!(poll!(waiting.as_mut()).is_pending());
        drop(spare);
        assert!(!slots.has_spare() && slots.spare().is_none());
        assert!(poll!(waiting).is_ready());
    }

    #[test]
    fn where_parts_keep_being_refused_no_more_are_asked_for_in_a_run() {
        let slots = Slots::new(4);
        for _ in 0..MOST_REFUSALS {
            assert!(slots.has_spare());
            slots.clone().count_refusal();
        }
        assert!(!slots.has_spare());
    }
}
