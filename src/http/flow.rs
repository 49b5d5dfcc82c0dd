//! A body that is read as it comes, however long it is, as long as it comes: neither silence nor a trickle holds up a run.

use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::Response;

use super::clients::Clients;
use super::{RemoteError, RemoteKind, Service};

/// Bytes in a second of waiting: an hour of video would take days at that.
const SLOWEST: u64 = 1024;
/// So many times as long as silence may last it is waited before the bytes that came meanwhile are counted.
const SPAN: u32 = 5;

/// The body of a download.
#[derive(Debug)]
pub struct Flow {
    response: Response,
    call: &'static str,
    span: Duration,
    /// How long it was waited for bytes since they were last counted. Time in which nobody asks for any is not in it.
    waited: Duration,
    came: u64,
}

/// How long a flow may be a trickle.
#[derive(Clone, Copy, Debug)]
pub struct FlowLimit(Duration);

impl Clients {
    /// How long a download may be a trickle.
    #[must_use]
    pub fn flow_limit(&self) -> FlowLimit {
        FlowLimit(self.timeouts.stall.saturating_mul(SPAN))
    }
}

impl Flow {
    /// The body of `response`, whose client ends a read without a byte.
    #[must_use]
    pub fn new(response: Response, call: &'static str, FlowLimit(span): FlowLimit) -> Flow {
        Flow { response, call, span, waited: Duration::ZERO, came: 0 }
    }

    /// The next bytes; `None` at its end.
    pub async fn next(&mut self) -> Option<Result<Bytes, RemoteError>> {
        let began = Instant::now();
        let part = self.response.chunk().await;
        self.waited += began.elapsed();
        match part {
            Ok(part) => {
                let part = part?;
                self.came += part.len() as u64;
                Some(self.count().map(|()| part))
            }
            Err(error) => Some(Err(RemoteError::from_reqwest(Service::Zoom, self.call, "Zoom", error))),
        }
    }

    fn count(&mut self) -> Result<(), RemoteError> {
        if self.waited < self.span {
            return Ok(());
        }
        let is_trickle = self.came < SLOWEST.saturating_mul(self.span.as_secs().max(1));
        (self.waited, self.came) = (Duration::ZERO, 0);
        if !is_trickle {
            return Ok(());
        }
        let message =
            format!("{} brought less than {SLOWEST} bytes a second for {} s", self.call, self.span.as_secs_f64());
        Err(RemoteError::new(Service::Zoom, RemoteKind::TimedOut, message))
    }
}
