//! How many calls a run makes, and what comes of them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{RemoteError, Service};

/// A tally, shared by the clients of a run. Every try counts, a download once however often it is redirected.
#[derive(Debug, Default)]
pub struct Calls(Mutex<BTreeMap<(&'static str, &'static str), u64>>);

impl Calls {
    /// Carries out one call and counts it.
    pub async fn counted<T>(
        &self,
        service: Service,
        call: impl Future<Output = Result<T, RemoteError>>,
    ) -> Result<T, RemoteError> {
        let end = call.await;
        let came = end.as_ref().map_or_else(|error| error.kind.word(), |_| "ok");
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((service.word(), came)).or_default() += 1;
        end
    }

    /// Service, what came of it, and how often.
    #[must_use]
    pub fn tally(&self) -> BTreeMap<(&'static str, &'static str), u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
