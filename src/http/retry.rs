//! The one place that repeats a call.

use std::future::Future;
use std::time::Duration;

use backon::{BackoffBuilder, ConstantBuilder, ExponentialBuilder};

use super::{RemoteError, RemoteKind};

/// A pause asked for by the remote side is kept up to this length; a longer one ends the call.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The same where others wait for their turn.
const LONGEST_BRIEF_PAUSE: Duration = Duration::from_secs(5);

/// Zoom counts calls by the second.
const RATE_PAUSE: Duration = Duration::from_secs(1);
/// Longer than this in a row, and somebody else uses up the account's share.
const RATE_WAITS: usize = 60;
/// So many times the first pause.
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

    /// How long it is waited, where nothing else is to be done, before something is tried again that was given up briefly:
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
        let mut longest_wait = patience.longest_wait();
        let mut waits =
            ConstantBuilder::default().with_delay(RATE_PAUSE).with_max_times(RATE_WAITS).with_jitter().build();
        loop {
            let error = match call().await {
                Ok(value) => return Ok(value),
                Err(error) if error.is_passing() => error,
                Err(error) => return Err(error),
            };
            let pause = match error.kind {
                // to be turned away for a second is no fault, and uses up no retry, where nobody waits for the caller
                RemoteKind::RateLimited(asked) => {
                    let next = if patience == Patience::Whole { waits.next() } else { pauses.next() };
                    let pause = next.map(|pause| pause.max(asked.unwrap_or_default().min(LONGEST_PAUSE)));
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
