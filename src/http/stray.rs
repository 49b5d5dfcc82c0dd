//! Answers that come from somebody else than the API: a redirect, a proxy that wants a login.

use reqwest::Response;
use reqwest::header::LOCATION;
use url::Url;

use super::{RemoteError, RemoteKind, Service, proxy};

/// Why the answer is not the API's own. `key` names the setting that leads there.
///
/// No redirect of an API is followed: a token or a secret must not go where nobody sent it.
#[must_use]
pub fn stray(service: Service, call: &str, key: &str, response: &Response) -> Option<RemoteError> {
    let status = response.status();
    if status.as_u16() == 407 {
        return Some(RemoteError::new(service, RemoteKind::Setup, wants_login()));
    }
    if !status.is_redirection() {
        return None;
    }
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let to = location.and_then(|text| response.url().join(text).ok());
    let message = format!("{call} answered {status}, a redirect {}; correct {key}", place(response.url(), to.as_ref()));
    Some(RemoteError::new(service, RemoteKind::Setup, message))
}

/// What to do about a proxy that answers 407.
pub(super) fn wants_login() -> String {
    format!("{} wants a login (407); put it into the variable: http://user:password@host:port", proxy::in_use())
}

/// Where a redirect leads: the host only, as the rest may be signed.
fn place(from: &Url, to: Option<&Url>) -> String {
    match to {
        None => "to nowhere".to_owned(),
        Some(to) => {
            let port = to.port().map(|port| format!(":{port}")).unwrap_or_default();
            let host = to.host_str().unwrap_or_default();
            if to.origin() == from.origin() {
                format!("to another page of {host}{port} (a login?)")
            } else {
                format!("to {}://{host}{port}", to.scheme())
            }
        }
    }
}
