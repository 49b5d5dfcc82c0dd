//! What can go wrong on the way to a remote side and back, sorted by what is to be done about it.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use super::{proxy, redacted};
use crate::machine::{RAISE_HANDLES, is_out_of_handles, lack};
use crate::model::masked;

/// Which remote side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Zoom's API and downloads.
    Zoom,
    /// Kaltura's API.
    Kaltura,
}

impl Service {
    /// The word used in metrics.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Service::Zoom => "zoom",
            Service::Kaltura => "kaltura",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Service::Zoom => "Zoom",
            Service::Kaltura => "Kaltura",
        })
    }
}

/// What is to be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteKind {
    /// Not reached: no address, no connection.
    Unreachable,
    /// This machine or its configuration keeps the call from being made: needs a person here.
    Setup,
    /// No trustworthy connection: repeating it changes nothing.
    Tls,
    /// Reached, then silence.
    TimedOut,
    /// The connection broke.
    Broken,
    /// An error on its side that may pass (5xx, or Kaltura's exceptions of that kind).
    Server,
    /// Too many requests just now.
    RateLimited(Option<Duration>),
    /// No more requests today.
    DailyLimit,
    /// Credentials or a permission refused: needs a person.
    Refused,
    /// The session or token is no longer good: a new one may help, once.
    Expired,
    /// It says that the thing asked for does not exist.
    NotFound,
    /// It understood and said no.
    Rejected,
    /// Not an answer of the form it promises.
    Garbled,
}

impl RemoteKind {
    /// The word used in metrics.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            RemoteKind::Unreachable => "unreachable",
            RemoteKind::Setup => "setup",
            RemoteKind::Tls => "tls",
            RemoteKind::TimedOut => "timed_out",
            RemoteKind::Broken => "broken",
            RemoteKind::Server => "server_error",
            RemoteKind::RateLimited(_) => "rate_limited",
            RemoteKind::DailyLimit => "daily_limit",
            RemoteKind::Refused => "refused",
            RemoteKind::Expired => "expired",
            RemoteKind::NotFound => "not_found",
            RemoteKind::Rejected => "rejected",
            RemoteKind::Garbled => "garbled",
        }
    }
}

/// A call that failed, with a message fit for a person and free of secrets.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{service}: {message}")]
pub struct RemoteError {
    /// Which side.
    pub service: Service,
    /// What is to be done.
    pub kind: RemoteKind,
    /// The remote side's own code, e.g. `ENTRY_ID_NOT_FOUND` or `3301`.
    pub code: Option<String>,
    /// One line, no secret.
    pub message: String,
}

impl RemoteError {
    /// An error with a message; foreign text in it must have been through [`redacted`]. What has the shape of a secret
    /// is masked whoever wrote it.
    pub fn new(service: Service, kind: RemoteKind, message: impl Into<String>) -> RemoteError {
        RemoteError { service, kind, code: None, message: masked(&message.into()) }
    }

    /// The same with the remote side's code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> RemoteError {
        self.code = Some(code.into());
        self
    }

    /// What reqwest says, without the URL, whose query may be a secret.
    #[must_use]
    pub fn from_reqwest(service: Service, call: &str, host: &str, error: reqwest::Error) -> RemoteError {
        let error = error.without_url();
        let why = root_cause(&error);
        let (kind, what) = if lacks_handles(&error) {
            (RemoteKind::Setup, format!("{host} cannot be spoken to: {RAISE_HANDLES}"))
        } else if let Some((kind, what)) = proxy_fault(&error, host, &why) {
            (kind, what)
        } else if error.is_connect() && is_distrust(&why) {
            (
                RemoteKind::Tls,
                format!(
                    "no secure connection to {host}: {why}; check the address, and the machine's certificates and clock"
                ),
            )
        } else if error.is_connect() {
            (RemoteKind::Unreachable, format!("{host} cannot be reached: {why}; check address, network and proxy"))
        } else if error.is_timeout() {
            (RemoteKind::TimedOut, format!("{host} did not answer {call} in time"))
        } else if error.is_decode() {
            (RemoteKind::Garbled, format!("the answer to {call} is not what it should be: {why}"))
        } else {
            (RemoteKind::Broken, format!("the connection broke during {call}: {why}"))
        };
        RemoteError::new(service, kind, what)
    }

    /// Whether the same call may succeed a moment later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self.kind,
            RemoteKind::Unreachable
                | RemoteKind::TimedOut
                | RemoteKind::Broken
                | RemoteKind::Server
                | RemoteKind::RateLimited(_)
                | RemoteKind::Garbled
        )
    }

    /// Whether it says nothing of the one recording, but of the remote side as a whole.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        self.is_passing() || matches!(self.kind, RemoteKind::Tls | RemoteKind::DailyLimit)
    }

    /// Whether going on with other recordings is pointless.
    #[must_use]
    pub fn ends_the_run(&self) -> bool {
        matches!(
            self.kind,
            RemoteKind::Refused | RemoteKind::Expired | RemoteKind::DailyLimit | RemoteKind::Tls | RemoteKind::Setup
        )
    }

    /// Whether the remote side's own code is this one.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }
}

/// Every error below this one.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |error| (*error).source())
}

/// Whether no more connections can be opened. The resolver tells no errno.
fn lacks_handles(error: &reqwest::Error) -> bool {
    let told = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().and_then(lack) == Some(RAISE_HANDLES)
    };
    causes(error).any(told) || (error.is_connect() && is_out_of_handles())
}

/// What a proxy did in place of leading to `host` (hyper-util, client/legacy/connect/proxy/tunnel.rs, as its errors
/// have no type that could be named here).
fn proxy_fault(error: &reqwest::Error, host: &str, why: &str) -> Option<(RemoteKind, String)> {
    let said = causes(error).map(ToString::to_string).find(|said| said.starts_with("tunnel error"))?;
    if said.contains("authorization required") {
        return Some((RemoteKind::Setup, proxy::wants_login()));
    }
    let proxy = proxy::in_use();
    Some((RemoteKind::Unreachable, format!("{proxy} did not lead to {host}: {why}; check the variable and the proxy")))
}

pub(super) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut text = error.to_string();
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    redacted(&text)
}

/// Whether a connection that did not come about was no matter of the network. A connection that only breaks says "TLS"
/// too, and may well come about the next time.
fn is_distrust(cause: &str) -> bool {
    let cause = cause.to_ascii_lowercase();
    ["certificate", "corrupt message", "fatal alert"].iter().any(|word| cause.contains(word))
}

#[cfg(test)]
mod tests {
    use super::is_distrust;

    #[test]
    fn a_connection_that_only_breaks_is_no_matter_of_trust() {
        let distrust = [
            "invalid peer certificate: UnknownIssuer",
            "received corrupt message of type InvalidContentType",
            "received fatal alert: HandshakeFailure",
        ];
        let broken = [
            "peer closed connection without sending TLS close_notify",
            "tls handshake eof",
            "connection reset by peer",
        ];
        assert!(distrust.iter().all(|cause| is_distrust(cause)));
        assert!(!broken.iter().any(|cause| is_distrust(cause)));
    }
}
