//! Calls of an API: how they are named and counted, and answers that are not the API's.
//!
//! How many calls a run makes, and what comes of them.
//!
//! A call of an API, as errors name it.
//!
//! Answers that come from somebody else than the API: a redirect, a proxy that wants a login.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use reqwest::Response;
use reqwest::header::LOCATION;
use url::Url;

use super::{RemoteError, RemoteKind, Service, proxy};

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

/// The call that an answer is to, as errors name it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Who is asked.
    pub service: Service,
    /// What for.
    pub name: &'a str,
    /// Where.
    pub host: &'a str,
    /// The setting that leads there.
    pub key: &'a str,
}

/// Why the answer is not the API's own. No redirect of an API is followed: a token or a secret must not go where nobody sent it.
pub(super) fn stray_error(call: Call<'_>, response: &Response) -> Option<RemoteError> {
    let Call { service, name, key, .. } = call;
    let status = response.status();
    if status.as_u16() == 407 {
        return Some(RemoteError::new(service, RemoteKind::Setup, proxy::wants_login()));
    }
    if !status.is_redirection() {
        return None;
    }
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let to = location.and_then(|text| response.url().join(text).ok());
    let message = format!(
        "{name} answered {status}, a redirect to {}; correct {key}",
        redirect_place(response.url(), to.as_ref())
    );
    let is_about_one = to.is_some_and(|to| to.origin() == response.url().origin()) && names_one(response.url());
    let kind = if is_about_one { RemoteKind::Rejected } else { RemoteKind::Setup };
    Some(RemoteError::new(service, kind, message))
}

/// Whether a request is about one meeting or one host: that a server sends such a one elsewhere on the same host says
/// nothing of the others.
fn names_one(url: &Url) -> bool {
    let mut segments = url.path_segments().into_iter().flatten();
    let named = segments.find(|segment| matches!(*segment, "meetings" | "past_meetings" | "webinars" | "users"));
    named.is_some() && segments.next().is_some_and(|id| !matches!(id, "" | "me"))
}

/// Where a redirect leads: the host only, as the rest may be signed.
fn redirect_place(from: &Url, to: Option<&Url>) -> String {
    match to {
        None => "nowhere".to_owned(),
        Some(to) => {
            let port = to.port().map(|port| format!(":{port}")).unwrap_or_default();
            let host = to.host_str().unwrap_or_default();
            if to.origin() == from.origin() {
                format!("another page of {host}{port} (a login?)")
            } else {
                format!("{}://{host}{port}", to.scheme())
            }
        }
    }
}
