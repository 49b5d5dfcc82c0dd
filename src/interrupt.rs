//! SIGINT and SIGTERM: the first ends the run cleanly, the second at once.

use std::sync::{Arc, OnceLock};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::exit::Exit;

/// Whether a signal asked the run to end, and which.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    token: CancellationToken,
    by: Arc<OnceLock<Exit>>,
}

impl Interrupt {
    /// Listens for both signals for as long as the runtime lives. An error if the system lets nobody listen.
    pub fn listen() -> std::io::Result<Interrupt> {
        let interrupt = Interrupt::default();
        for (kind, exit) in [(SignalKind::interrupt(), Exit::Interrupted), (SignalKind::terminate(), Exit::Terminated)]
        {
            let mut signals = signal(kind)?;
            let interrupt = interrupt.clone();
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    if interrupt.by.set(exit).is_err() {
                        std::process::exit(exit.code().into());
                    }
                    interrupt.token.cancel();
                }
            });
        }
        Ok(interrupt)
    }

    /// What transfers listen to.
    #[must_use]
    pub fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// How the run ends, once a signal came.
    #[must_use]
    pub fn exit(&self) -> Option<Exit> {
        self.by.get().copied()
    }

    /// Runs `work` until it ends or a signal comes; `None` in that case.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.token.run_until_cancelled(Box::pin(work)).await
    }
}
