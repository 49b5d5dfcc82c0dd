//! What can go wrong on the way to a remote side and back, sorted by what is to be done about it.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use super::redacted;

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
    /// An error with a message; foreign text in it must have been through [`redacted`].
    pub fn new(service: Service, kind: RemoteKind, message: impl Into<String>) -> RemoteError {
        RemoteError { service, kind, code: None, message: message.into() }
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
        let (kind, what) = if error.is_connect() && is_distrust(&why) {
            (
                RemoteKind::Tls,
                format!("no secure connection to {host}: {why}; check the address and the machine's certificates"),
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
        matches!(self.kind, RemoteKind::Refused | RemoteKind::Expired | RemoteKind::DailyLimit | RemoteKind::Tls)
    }

    /// Whether the remote side's own code is this one.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }
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
