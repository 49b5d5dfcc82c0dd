//! The one place that repeats a call.
//!
//! Whether what one is refused is refused to all: two in a row who have nothing in common tell.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ConstantBackoff, ConstantBuilder, ExponentialBackoff, ExponentialBuilder};

use super::{RemoteError, RemoteKind, Service};

/// A pause asked for by the remote side is kept up to this length; a longer one ends the call.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The same where others wait for their turn.
const LONGEST_BRIEF_PAUSE: Duration = Duration::from_secs(5);

/// Zoom counts calls by the second.
const RATE_PAUSE: Duration = Duration::from_secs(1);
/// Longer than this in a row, and somebody else uses up the account's share.
const RATE_WAITS: usize = 60;
/// Kaltura counts by ten seconds where nothing else is configured, and does not tell (facts-kaltura.md#s18): the pauses
/// double up to so many times the first one,
const LONGEST_BACK_OFF: u32 = 16;
/// so often in a row, which makes more than a minute of the default.
const BACK_OFFS: usize = 12;
/// What is put off rests for so many times the first pause.
const RESTS: u32 = 16;

/// How often and how patiently.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// Repetitions after the first try.
    pub times: usize,
    /// Before the first repetition; doubles from there, with jitter.
    pub wait: Duration,
}

/// How long a call may be tried that others may be waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// As long as it may help.
    Whole,
    /// For a moment: others want their turn, and the caller comes back after them.
    Brief,
    /// The caller has come back, and does not once more.
    Last,
}

impl Patience {
    /// Repetitions after the first try, of so many.
    fn times(self, times: usize) -> usize {
        if self == Patience::Brief { times.min(1) } else { times }
    }

    /// For how long all in all the remote side may ask to be waited for.
    fn longest_wait(self) -> Duration {
        match self {
            Patience::Whole => Duration::MAX,
            Patience::Brief => LONGEST_BRIEF_PAUSE,
            Patience::Last => LONGEST_PAUSE,
        }
    }
}

impl Retry {
    /// Repeats `call` while its error may pass. Only for calls that do no harm when carried out twice.
    pub async fn run<T, F>(&self, call: impl FnMut() -> F) -> Result<T, RemoteError>
    where
        F: Future<Output = Result<T, RemoteError>>,
    {
        self.run_with(Patience::Whole, call).await
    }

    /// How long to wait, where nothing else is to be done, before something is tried again that was given up briefly:
    /// as long as the remote side asks, within bounds.
    #[must_use]
    pub fn rest(&self, error: &RemoteError) -> Duration {
        let asked = match error.kind {
            RemoteKind::RateLimited(asked) => asked,
            _ => None,
        };
        asked.unwrap_or_else(|| self.wait.saturating_mul(RESTS)).min(LONGEST_PAUSE)
    }

    /// The same with as much patience as the caller has.
    pub async fn run_with<T, F>(&self, patience: Patience, mut call: impl FnMut() -> F) -> Result<T, RemoteError>
    where
        F: Future<Output = Result<T, RemoteError>>,
    {
        let mut pauses = self.pauses().take(patience.times(self.times));
        let (mut rate_pauses, mut longest_wait) = (self.rate_pauses(), patience.longest_wait());
        loop {
            let error = match call().await {
                Ok(value) => return Ok(value),
                Err(error) if error.is_passing() => error,
                Err(error) => return Err(error),
            };
            let pause = match error.kind {
                // to be turned away for a second is no fault, and uses up no retry, where nobody waits for the caller
                RemoteKind::RateLimited(_) if patience == Patience::Whole => rate_pauses.pause(&error),
                RemoteKind::RateLimited(asked) => {
                    let pause = pauses.next().map(|pause| pause.max(asked.unwrap_or_default().min(LONGEST_PAUSE)));
                    let pause = pause.filter(|pause| *pause <= longest_wait);
                    longest_wait -= pause.unwrap_or_default();
                    pause
                }
                _ => pauses.next(),
            };
            let Some(pause) = pause else {
                return Err(error);
            };
            tracing::debug!(error = %error, pause_ms = pause.as_millis(), "will be tried again");
            tokio::time::sleep(pause).await;
        }
    }

    /// How long to wait when turned away, for a caller that must look around before it repeats a call.
    #[must_use]
    pub fn rate_pauses(&self) -> RatePauses {
        let first = self.wait.max(Duration::from_millis(1));
        RatePauses {
            zoom: ConstantBuilder::default().with_delay(RATE_PAUSE).with_max_times(RATE_WAITS).with_jitter().build(),
            kaltura: ExponentialBuilder::default()
                .with_min_delay(first)
                .with_max_delay(first * LONGEST_BACK_OFF)
                .with_max_times(BACK_OFFS)
                .with_jitter()
                .build(),
        }
    }

    /// The pauses between tries, for a caller whose tries are not all alike.
    pub fn pauses(&self) -> impl Iterator<Item = Duration> + use<> {
        ExponentialBuilder::default()
            .with_min_delay(self.wait)
            .with_max_delay(LONGEST_PAUSE)
            .with_max_times(self.times)
            .with_jitter()
            .build()
    }
}

/// The pauses of one call that is turned away.
#[derive(Debug)]
pub struct RatePauses {
    zoom: ConstantBackoff,
    kaltura: ExponentialBackoff,
}

impl RatePauses {
    /// How long to wait before the call is made again; `None` for an error of another kind, and at the end of all patience.
    pub fn pause(&mut self, error: &RemoteError) -> Option<Duration> {
        let RemoteKind::RateLimited(asked) = error.kind else {
            return None;
        };
        let pause = match error.service {
            Service::Zoom => self.zoom.next(),
            Service::Kaltura => self.kaltura.next(),
        };
        pause.map(|pause| pause.max(asked.unwrap_or_default().min(LONGEST_PAUSE)))
    }
}

/// So many in a row are not their fault any more.
const ENOUGH: usize = 2;

/// Counts those who were refused the same in a row.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<HashMap<&'static str, BTreeSet<String>>>);

impl Breaker {
    /// Notes that `what` went well for somebody: those who were refused it before were refused alone.
    pub fn passed(&self, what: &'static str) {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // once it is clear that all are refused, one that was under way changes nothing
        refused.retain(|known, whose| *known != what || whose.len() >= ENOUGH);
    }

    /// Notes that `what` was refused for `whose`; whether it is refused to all.
    pub fn refused(&self, what: &'static str, whose: &str) -> bool {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = refused.entry(what).or_default();
        known.insert(whose.to_owned());
        known.len() >= ENOUGH
    }

    /// Whether `what` is refused to all, `whose` among them.
    #[must_use]
    pub fn is_open(&self, what: &'static str, whose: &str) -> bool {
        let refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get(what).is_some_and(|known| known.len() >= ENOUGH && known.contains(whose))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Breaker, Retry};
    use crate::remotes::http::{Meaning, RemoteError, RemoteKind, Service};

    /// How often one who is turned away for ever comes back, and for how long at least.
    fn patience(error: &RemoteError) -> (usize, Duration) {
        let retry = Retry { times: 0, wait: Duration::from_millis(500) };
        let mut patience = retry.rate_pauses();
        let pauses: Vec<Duration> = std::iter::from_fn(|| patience.pause(error)).collect();
        (pauses.len(), pauses.iter().sum())
    }

    /// What is turned away is not tried for ever.
    #[test]
    fn retries_last_over_a_minute() {
        for service in [Service::Zoom, Service::Kaltura] {
            let (times, waited) = patience(&RemoteError::meant(service, Meaning::TooMany, "turned away"));
            assert!(waited > Duration::from_secs(60) && times <= 60, "{service}: {times} {waited:?}");
        }
        let mut far = RemoteError::meant(Service::Zoom, Meaning::TooMany, "come back in a year");
        far.kind = RemoteKind::RateLimited(Some(Duration::from_secs(365 * 86_400)));
        let (times, waited) = patience(&far);
        assert!(times == 60 && waited <= Duration::from_secs(3600), "{times} {waited:?}");
        assert_eq!(patience(&RemoteError::meant(Service::Zoom, Meaning::DailyLimit, "enough")).0, 0);
    }

    /// What happened, a word each: `+` passed, anything else was refused for them; then for whom it is open.
    fn open(story: &str) -> String {
        let breaker = Breaker::default();
        for word in story.split(' ') {
            if word == "+" {
                breaker.passed("copy");
            } else {
                breaker.refused("copy", word);
            }
        }
        assert!(!breaker.is_open("another", "ada"));
        ["ada", "bob", "eve"].into_iter().filter(|whose| breaker.is_open("copy", whose)).collect::<Vec<_>>().join(" ")
    }

    /// In a row.
    #[test]
    fn two_refusals_stop_all_others() {
        let cases = [
            ("ada", ""),
            ("ada ada ada", ""),
            ("ada bob", "ada bob"),
            ("ada + bob", ""),
            ("ada + bob eve", "bob eve"),
            ("ada bob + eve", "ada bob eve"),
            ("ada + ada", ""),
        ];
        for (story, expected) in cases {
            assert_eq!(open(story), expected, "{story}");
        }
    }
}
