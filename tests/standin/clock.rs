//! The clock of a stand-in, which may be ahead of this machine's, or behind.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::DATE;
use axum::middleware::{Next, from_fn};
use chrono::{DateTime, TimeDelta, Utc};

thread_local! {
    /// How many seconds the clock of the stand-in is ahead whose thread this is.
    static AHEAD: Cell<i64> = const { Cell::new(0) };
}

/// A clock that can be set. Cheap to clone; clones are one clock.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Sets it so far ahead of this machine's clock, also for what the calling thread adds to the stand-in.
    pub fn set_ahead(&self, by: TimeDelta) {
        self.0.store(by.num_seconds(), Ordering::SeqCst);
        AHEAD.set(by.num_seconds());
    }

    /// What time it shows.
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::seconds(self.0.load(Ordering::SeqCst))
    }

    /// Lets `router` go by this clock, and every answer carry its time as `Date`.
    pub fn rule(&self, router: Router) -> Router {
        let clock = self.clone();
        router.layer(from_fn(move |request: Request, next: Next| {
            let clock = clock.clone();
            async move {
                AHEAD.set(clock.0.load(Ordering::SeqCst));
                let mut answer = next.run(request).await;
                let date = clock.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
                answer.headers_mut().insert(DATE, HeaderValue::from_str(&date).expect("a date"));
                answer
            }
        }))
    }
}

/// How many seconds the clock of the stand-in is ahead whose thread this is.
pub fn ahead() -> i64 {
    AHEAD.get()
}
