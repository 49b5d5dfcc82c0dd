//! How many downloads are under way at a time.

use std::sync::{Arc, Mutex, PoisonError};

/// The number now, and the greatest there was.
#[derive(Clone, Default)]
pub(super) struct Busy(Arc<Mutex<(usize, usize)>>);

impl Busy {
    /// One more, until what is returned is dropped.
    pub(super) fn one_more(&self) -> Download {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.0 += 1;
        counts.1 = counts.1.max(counts.0);
        Download(self.clone())
    }

    pub(super) fn most(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}

pub(super) struct Download(Busy);

impl Drop for Download {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).0 -= 1;
    }
}
