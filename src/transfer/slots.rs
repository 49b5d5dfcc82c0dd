//! How many downloads may be under way in a run, and which of these are taken.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One for each transfer at a time. Whoever waits for one gets it before those that only take what is spare.
#[derive(Clone, Debug)]
pub struct Slots(Arc<Semaphore>);

/// Taken until dropped.
#[derive(Debug)]
pub struct Slot {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Slots {
    /// So many.
    #[must_use]
    pub fn new(parallel: usize) -> Slots {
        Slots(Arc::new(Semaphore::new(parallel.clamp(1, Semaphore::MAX_PERMITS))))
    }

    /// Waits for one.
    pub async fn one(&self) -> Slot {
        // it is never closed
        Slot { _permit: Arc::clone(&self.0).acquire_owned().await.ok() }
    }

    /// One that nobody waits for.
    pub(super) fn spare(&self) -> Option<Slot> {
        Arc::clone(&self.0).try_acquire_owned().ok().map(|permit| Slot { _permit: Some(permit) })
    }

    /// Whether there is one that nobody waits for.
    pub(super) fn has_spare(&self) -> bool {
        self.0.available_permits() > 0
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::poll;

    use super::Slots;

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
}
