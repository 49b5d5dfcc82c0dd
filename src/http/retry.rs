//! The one place that repeats a call.

use std::future::Future;
use std::time::Duration;

use backon::{BackoffBuilder, ConstantBuilder, ExponentialBuilder};

use super::{RemoteError, RemoteKind};

/// A pause asked for by the remote side is kept up to this length; a longer one ends the call.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Zoom counts calls by the second.
const RATE_PAUSE: Duration = Duration::from_secs(1);
/// Longer than this in a row, and somebody else uses up the account's share.
const RATE_WAITS: usize = 60;

/// How often and how patiently.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// Repetitions after the first try.
    pub times: usize,
    /// Before the first repetition; doubles from there, with jitter.
    pub wait: Duration,
}

impl Retry {
    /// Repeats `call` while its error may pass. Only for calls that do no harm when carried out twice.
    pub async fn run<T, F>(&self, mut call: impl FnMut() -> F) -> Result<T, RemoteError>
    where
        F: Future<Output = Result<T, RemoteError>>,
    {
        let mut pauses = self.pauses();
        let mut waits =
            ConstantBuilder::default().with_delay(RATE_PAUSE).with_max_times(RATE_WAITS).with_jitter().build();
        loop {
            let error = match call().await {
                Ok(value) => return Ok(value),
                Err(error) if error.is_passing() => error,
                Err(error) => return Err(error),
            };
            let pause = match error.kind {
                // to be turned away for a second is no fault, and uses up no retry
                RemoteKind::RateLimited(asked) => {
                    waits.next().map(|pause| pause.max(asked.unwrap_or_default().min(LONGEST_PAUSE)))
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
