//! What a stand-in was asked, in order.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::http::HeaderMap;

/// One request as it came in.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The name of the call: `media.add` on Kaltura's side, `GET /accounts/me/recordings` (ids replaced by `{}`) on Zoom's.
    pub call: String,
    /// Path and query as sent.
    pub target: String,
    pub headers: HeaderMap,
    /// The parameters of a control call; empty for media.
    pub body: String,
    pub arrived: Instant,
}

impl Logged {
    /// A header's value, or "" where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

/// A log that can be shared with the server's thread.
#[derive(Clone, Default)]
pub struct RequestLog(Arc<Mutex<Vec<Logged>>>);

impl RequestLog {
    pub fn push(&self, logged: Logged) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(logged);
    }

    /// Everything since the start or the last `clear`.
    pub fn all(&self) -> Vec<Logged> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many requests that are: asked many times a second by who waits for one.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The names of the calls, in order.
    pub fn calls(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|logged| logged.call.clone()).collect()
    }

    /// How often `call` came in.
    pub fn count(&self, call: &str) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|logged| logged.call == call).count()
    }

    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
