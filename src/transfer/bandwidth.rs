//! How fast all transfers of a run together may be.

use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

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
    pub(super) async fn admit(&self, bytes: u64) {
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
    use futures_util::FutureExt;

    use super::Bandwidth;

    #[test]
    fn what_is_in_the_bucket_passes_at_once_and_what_is_not_waits() {
        let bandwidth = Bandwidth::new(1024 * 1024);
        assert!(bandwidth.admit(100 * 1024).now_or_never().is_some());
        assert!(bandwidth.admit(100 * 1024).now_or_never().is_some());
        assert!(bandwidth.admit(100 * 1024).now_or_never().is_none());
    }

    #[test]
    fn more_than_the_bucket_holds_is_admitted_in_parts() {
        assert!(Bandwidth::new(1).admit(1024 * 1024).now_or_never().is_none());
        assert!(Bandwidth::new(u64::MAX).admit(1024 * 1024).now_or_never().is_some());
    }
}
