//! What can go wrong on the way to a remote side and back, sorted by what is to be done about it.

use std::error::Error as _;
use std::time::Duration;

use super::{Meaning, Service, proxy, redact_url};
use crate::machine::{RAISE_HANDLES, is_out_of_handles, machine_lack};
use crate::model::masked;

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

impl From<Meaning> for RemoteKind {
    fn from(meaning: Meaning) -> RemoteKind {
        match meaning {
            Meaning::TooMany => RemoteKind::RateLimited(None),
            Meaning::DailyLimit => RemoteKind::DailyLimit,
            Meaning::MissingScope
            | Meaning::DownloadRefused
            | Meaning::LoginRefused
            | Meaning::Forbidden
            | Meaning::FieldDropped => RemoteKind::Refused,
            Meaning::StaleToken | Meaning::StaleDownload | Meaning::SessionEnded => RemoteKind::Expired,
            Meaning::NoSuchUser
            | Meaning::NoRecording
            | Meaning::MeetingForgotten
            | Meaning::NoSuchEntry
            | Meaning::NoSuchThing => RemoteKind::NotFound,
            Meaning::ServerFault => RemoteKind::Server,
            Meaning::NotInPlan
            | Meaning::TooLate
            | Meaning::FileInUse
            | Meaning::StalePage
            | Meaning::NoSuchRange
            | Meaning::AlreadyThere
            | Meaning::AlreadyFilled
            | Meaning::NoRecycleBin
            | Meaning::ContentRefused
            | Meaning::NotDone
            | Meaning::UnknownValue
            | Meaning::AskTheToken
            | Meaning::TokenTooOld
            | Meaning::No => RemoteKind::Rejected,
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
    /// What its own code means, where it answered at all.
    pub meaning: Option<Meaning>,
    /// One line, no secret.
    pub message: String,
}

impl RemoteError {
    /// An error with a message; foreign text in it must have been through [`redact_url`]. What has the shape of a secret
    /// is masked, no matter who wrote it.
    pub fn new(service: Service, kind: RemoteKind, message: impl Into<String>) -> RemoteError {
        RemoteError { service, kind, meaning: None, message: masked(&message.into()) }
    }

    /// An answer that is no success, by what it means.
    pub fn meant(service: Service, meaning: Meaning, message: impl Into<String>) -> RemoteError {
        RemoteError { meaning: Some(meaning), ..RemoteError::new(service, meaning.into(), message) }
    }

    /// What reqwest says, without the URL, whose query may be a secret.
    #[must_use]
    pub fn from_reqwest(service: Service, call: &str, host: &str, error: reqwest::Error) -> RemoteError {
        let error = error.without_url();
        let why = root_cause(&error);
        let (kind, what) = if lacks_handles(&error) {
            (RemoteKind::Setup, format!("no connection to {host}: {RAISE_HANDLES}"))
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
            (RemoteKind::Garbled, format!("the answer to {call} cannot be understood: {why}"))
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

    /// Whether the remote side answered, in whatever way, and was not asked too often.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        matches!(
            self.kind,
            RemoteKind::Server
                | RemoteKind::Refused
                | RemoteKind::NotFound
                | RemoteKind::Rejected
                | RemoteKind::Garbled
        )
    }

    /// Whether going on with other recordings is pointless.
    #[must_use]
    pub fn ends_the_run(&self) -> bool {
        matches!(
            self.kind,
            RemoteKind::Refused | RemoteKind::Expired | RemoteKind::DailyLimit | RemoteKind::Tls | RemoteKind::Setup
        )
    }

    /// Whether the remote side's answer means this.
    #[must_use]
    pub fn means(&self, meaning: Meaning) -> bool {
        self.meaning == Some(meaning)
    }

    /// Whether it refuses something that may be refused to one recording or person alone; a [`Breaker`](super::Breaker)
    /// tells.
    #[must_use]
    pub fn may_be_about_one(&self) -> bool {
        self.meaning.is_some_and(Meaning::may_be_about_one)
    }

    /// The same, known to say nothing of the remote side as a whole where it refuses something.
    #[must_use]
    pub fn of_one_if_refused(self) -> RemoteError {
        if self.kind == RemoteKind::Refused { self.about_one() } else { self }
    }

    /// The same, known to say nothing of the remote side as a whole.
    #[must_use]
    pub fn about_one(self) -> RemoteError {
        RemoteError { kind: RemoteKind::Rejected, ..self }
    }
}

/// Every error below this one.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |error| (*error).source())
}

/// Whether no more connections can be opened. The resolver tells no errno.
fn lacks_handles(error: &reqwest::Error) -> bool {
    let told = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().and_then(machine_lack) == Some(RAISE_HANDLES)
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
    Some((
        RemoteKind::Unreachable,
        format!("{proxy} did not connect to {host}: {why}; check the variable and the proxy"),
    ))
}

pub(super) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut text = error.to_string();
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    redact_url(&text)
}

/// Whether a connection failed for another reason than the network. A connection that only breaks says "TLS"
/// too, and may well succeed the next time.
fn is_distrust(cause: &str) -> bool {
    let cause = cause.to_ascii_lowercase();
    ["certificate", "corrupt message", "fatal alert"].iter().any(|word| cause.contains(word))
}

#[cfg(test)]
mod tests {
    use super::is_distrust;

    #[test]
    fn broken_connections_are_not_distrusted() {
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
