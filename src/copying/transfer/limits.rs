//! How much all transfers of a run may do at a time: downloads and bytes a second.
//!
//! How many downloads may be under way in a run, and which of these are taken.
//!
//! How fast all transfers of a run together may be.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// After so many times that parts were refused in a run, none are asked for any more: what came early was sent for nothing.
const MOST_REFUSALS: usize = 3;

/// Recordings whose last bytes come make up for round trips as long as there are not more downloads than this; each takes
/// memory.
const MOST_WITH_LAST: usize = 16;

/// One for each transfer at a time. Whoever waits for one gets it before those that only take what is spare.
#[derive(Clone, Debug)]
pub struct Slots {
    free: Arc<Semaphore>,
    /// Those of recordings whose last bytes come.
    last: Arc<Semaphore>,
    most_last: usize,
    refusals: Arc<AtomicUsize>,
    finishing: Arc<Finishing>,
}

/// Recordings whose last bytes come from Zoom, or that wait for Kaltura.
#[derive(Debug, Default)]
struct Finishing {
    count: AtomicUsize,
    one_more: Notify,
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
        let parallel = parallel.clamp(1, Semaphore::MAX_PERMITS);
        let most_last = MOST_WITH_LAST.saturating_sub(parallel).min(2 * parallel);
        let [free, last] = [parallel, most_last].map(|count| Arc::new(Semaphore::new(count)));
        Slots { free, last, most_last, refusals: Arc::default(), finishing: Arc::default() }
    }

    /// Waits for the one of a recording.
    pub async fn acquire_for_recording(&self) -> RecordingSlot {
        RecordingSlot { slots: self.clone(), held: Mutex::new(Held::Whole { _slot: self.acquire_slot().await }) }
    }

    /// How many recordings may have their last bytes come beside those that have a slot.
    #[must_use]
    pub fn most_last(&self) -> usize {
        self.most_last
    }

    /// How many recordings need no more of Zoom than their last bytes.
    #[must_use]
    pub fn count_finishing(&self) -> usize {
        self.finishing.count.load(Ordering::Relaxed)
    }

    /// Waits until there is one more of those.
    pub async fn wait_for_finishing(&self) {
        self.finishing.one_more.notified().await;
    }

    /// Waits for one.
    pub async fn acquire_slot(&self) -> Slot {
        // it is never closed
        Slot { _permit: Arc::clone(&self.free).acquire_owned().await.ok() }
    }

    /// One that nobody waits for.
    pub(super) fn try_spare(&self) -> Option<Slot> {
        Arc::clone(&self.free).try_acquire_owned().ok().map(|permit| Slot { _permit: Some(permit) })
    }

    /// Whether there is one that nobody waits for, and it is worth while to use it for a part.
    pub(super) fn has_spare(&self) -> bool {
        self.free.available_permits() > 0 && self.refusals.load(Ordering::Relaxed) < MOST_REFUSALS
    }

    fn count_one_finishing(&self) {
        self.finishing.count.fetch_add(1, Ordering::Relaxed);
        self.finishing.one_more.notify_one();
    }

    /// Counts a recording whose parts were refused.
    pub(super) fn count_refusal(&self) {
        self.refusals.fetch_add(1, Ordering::Relaxed);
    }
}

/// The slot of a recording: others may have it as soon as its last bytes come from Zoom.
#[derive(Debug)]
pub struct RecordingSlot {
    slots: Slots,
    held: Mutex<Held>,
}

/// What a recording has of the slots.
#[derive(Debug)]
enum Held {
    /// One of its own.
    Whole { _slot: Slot },
    /// A place among those whose last bytes come.
    Last { _slot: Slot },
    /// None: it waits for Kaltura.
    Nothing,
}

impl RecordingSlot {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its last bytes come. Where they come of as many others, it stays.
    pub(super) fn exchange_for_last(&self) {
        let mut held = self.held();
        if matches!(*held, Held::Whole { .. })
            && let Ok(permit) = Arc::clone(&self.slots.last).try_acquire_owned()
        {
            *held = Held::Last { _slot: Slot { _permit: Some(permit) } };
            self.slots.count_one_finishing();
        }
    }

    /// Nothing more is to be fetched, unless something goes wrong.
    pub(super) fn give_back(&self) {
        if matches!(std::mem::replace(&mut *self.held(), Held::Nothing), Held::Whole { .. }) {
            self.slots.count_one_finishing();
        }
    }

    /// Waits for it again where it was given back.
    pub(super) async fn take_again(&self) {
        if !matches!(*self.held(), Held::Whole { .. }) {
            let slot = self.slots.acquire_slot().await;
            self.slots.finishing.count.fetch_sub(1, Ordering::Relaxed);
            *self.held() = Held::Whole { _slot: slot };
        }
    }
}

impl Drop for RecordingSlot {
    fn drop(&mut self) {
        if !matches!(*self.held(), Held::Whole { .. }) {
            self.slots.finishing.count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// What is counted: single bytes would be too fine for the clock on a fast line.
const UNIT: u64 = 1024;
/// At least so many units may pass at once.
const LEAST: u32 = 64;

/// A token bucket that holds a quarter of a second's bytes.
#[derive(Debug)]
pub struct Bandwidth {
    bucket: DefaultDirectRateLimiter,
    most: u32,
}

impl Bandwidth {
    /// So many bytes a second.
    #[must_use]
    pub fn new(bytes_per_second: u64) -> Bandwidth {
        let units = u32::try_from(bytes_per_second / UNIT).unwrap_or(u32::MAX).max(1);
        let most = (units / 4).max(LEAST);
        let quota = |units: u32| NonZeroU32::new(units).unwrap_or(NonZeroU32::MIN);
        let bucket = RateLimiter::direct(Quota::per_second(quota(units)).allow_burst(quota(most)));
        Bandwidth { bucket, most }
    }

    /// Waits until so many bytes may pass.
    pub(super) async fn admit_bytes(&self, bytes: u64) {
        let mut left = bytes.div_ceil(UNIT);
        while left > 0 {
            let units = u32::try_from(left).unwrap_or(u32::MAX).min(self.most);
            if let Some(units) = NonZeroU32::new(units) {
                // what fits into the bucket is admitted sooner or later
                let _ = self.bucket.until_n_ready(units).await;
            }
            left -= u64::from(units);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::{FutureExt, poll};

    use super::{Bandwidth, MOST_REFUSALS, RecordingSlot, Slots};

    #[tokio::test]
    async fn waiting_transfers_beat_spare_slots() {
        let slots = Slots::new(1);
        let spare = slots.try_spare().expect("a free slot");
        let mut waiting = pin!(slots.acquire_slot());
        assert!(poll!(waiting.as_mut()).is_pending());
        drop(spare);
        assert!(!slots.has_spare() && slots.try_spare().is_none());
        assert!(poll!(waiting).is_ready());
    }

    /// It has it again once that one is through.
    #[tokio::test]
    async fn finishing_recordings_leave_their_slot() {
        let slots = Slots::new(1);
        let first = slots.acquire_for_recording().await;
        let mut second = pin!(slots.acquire_for_recording());
        assert!(poll!(second.as_mut()).is_pending());
        first.give_back();
        first.give_back();
        slots.wait_for_finishing().await;
        assert_eq!(slots.count_finishing(), 1);
        let second = second.await;
        {
            let mut again = pin!(first.take_again());
            assert!(poll!(again.as_mut()).is_pending());
            drop(second);
            again.await;
        }
        assert_eq!((slots.count_finishing(), slots.has_spare()), (0, false));
        first.give_back();
        drop(first);
        assert_eq!((slots.count_finishing(), slots.has_spare()), (0, true));
    }

    /// No more than three times as many downloads as slots, and than `MOST_WITH_LAST`.
    #[tokio::test]
    async fn last_bytes_have_few_places() {
        let places = [(0, 2), (1, 2), (4, 8), (5, 10), (6, 10), (15, 1), (16, 0), (64, 0)];
        assert_eq!(places.map(|(parallel, _)| Slots::new(parallel).most_last()), places.map(|(_, last)| last));
        let slots = Slots::new(1);
        let mut held = Vec::new();
        for (finishing, has_spare) in [(1, true), (2, true), (2, false)] {
            let next = slots.acquire_for_recording().await;
            next.exchange_for_last();
            held.push(next);
            assert_eq!((slots.count_finishing(), slots.has_spare()), (finishing, has_spare));
        }
        let steps = [
            ("give back", 0, 2, false),
            ("exchange", 0, 2, false),
            ("exchange", 2, 3, true),
            ("give back", 2, 3, true),
            ("take again", 1, 2, false),
        ];
        for (step, number, finishing, has_spare) in steps {
            let slot: &RecordingSlot = &held[number];
            match step {
                "give back" => slot.give_back(),
                "exchange" => slot.exchange_for_last(),
                _ => slot.take_again().now_or_never().expect("a free slot"),
            }
            assert_eq!((slots.count_finishing(), slots.has_spare()), (finishing, has_spare), "{step} {number}");
        }
        assert!(held[0].take_again().now_or_never().is_none(), "there is one slot");
        held.clear();
        assert_eq!((slots.count_finishing(), slots.has_spare()), (0, true));
    }

    /// For the rest of the run.
    #[test]
    fn spare_slots_end_after_refusals() {
        let slots = Slots::new(4);
        for _ in 0..MOST_REFUSALS {
            assert!(slots.has_spare());
            slots.clone().count_refusal();
        }
        assert!(!slots.has_spare());
    }

    #[test]
    fn only_bucket_contents_pass_at_once() {
        let bandwidth = Bandwidth::new(1024 * 1024);
        assert!(bandwidth.admit_bytes(100 * 1024).now_or_never().is_some());
        assert!(bandwidth.admit_bytes(100 * 1024).now_or_never().is_some());
        assert!(bandwidth.admit_bytes(100 * 1024).now_or_never().is_none());
    }

    #[test]
    fn large_requests_are_admitted_in_parts() {
        assert!(Bandwidth::new(1).admit_bytes(1024 * 1024).now_or_never().is_none());
        assert!(Bandwidth::new(u64::MAX).admit_bytes(1024 * 1024).now_or_never().is_some());
    }
}
