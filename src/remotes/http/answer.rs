//! An answer of an API, read to its end: bounded in size and in time, whatever the other side sends.
//!
//! A body that is read as it comes, however long it is, as long as it comes: neither silence nor a trickle holds up a
//! run.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response, StatusCode};

use super::calls::{Call, stray_error};
use super::clients::Clients;
use super::{RemoteError, RemoteKind, Service};

/// Far beyond any page of a list: the longest ones have 500 entries.
const LONGEST_MIB: usize = 64;
/// As long as a page of a list usually is at most: room for more than that is not made because it is announced.
const LONGEST_PAGE: usize = 1 << 20;
/// Of the body of an error no more is read: its status says what is to be done.
const LONGEST_ERROR: usize = 1 << 20;

/// An answer that has come in whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; of an error perhaps only the beginning.
    pub body: Bytes,
}

impl Clients {
    /// Sends a small question and reads the whole answer, all within the time that a call may take.
    pub async fn ask(&self, call: Call<'_>, request: RequestBuilder) -> Result<Answer, RemoteError> {
        match tokio::time::timeout(self.timeouts.call, Box::pin(call.answer_to(request))).await {
            Ok(answer) => answer,
            Err(_) => Err(call.is_late(self.timeouts.call)),
        }
    }
}

impl Call<'_> {
    /// Sends a request, however long its body takes, and reads the whole answer. The caller watches the clock.
    pub async fn answer_to(self, request: RequestBuilder) -> Result<Answer, RemoteError> {
        let failed = |error| RemoteError::from_reqwest(self.service, self.name, self.host, error);
        let mut response = request.send().await.map_err(failed)?;
        if let Some(error) = stray_error(self, &response) {
            return Err(error);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let longest = if status.is_success() { LONGEST_MIB << 20 } else { LONGEST_ERROR };
        let announced = response.content_length().map_or(0, |length| usize::try_from(length).unwrap_or(0));
        let mut body = BytesMut::with_capacity(announced.min(LONGEST_PAGE));
        while let Some(part) = response.chunk().await.map_err(failed)? {
            if body.len() + part.len() > longest {
                if status.is_success() {
                    return Err(self.is_too_long());
                }
                break;
            }
            body.extend_from_slice(&part);
        }
        Ok(Answer { status, headers, body: body.freeze() })
    }

    fn is_late(self, limit: Duration) -> RemoteError {
        let message = format!(
            "{} did not finish its answer to {} within {} s (http.call_timeout)",
            self.host,
            self.name,
            limit.as_secs_f64()
        );
        RemoteError::new(self.service, RemoteKind::TimedOut, message)
    }

    /// It may have been carried out all the same, so that it is none of the kinds that say no.
    fn is_too_long(self) -> RemoteError {
        let message = format!(
            "the answer to {} is longer than {LONGEST_MIB} MiB, too long for an answer; check the address {}, or a proxy in front of it",
            self.name, self.host
        );
        RemoteError::new(self.service, RemoteKind::Garbled, message)
    }
}

/// Bytes in a second of waiting: an hour of video would take days at that.
const SLOWEST: u64 = 1024;
/// The bytes that came are counted after so many times as long as silence may last.
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
