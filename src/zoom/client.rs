//! The client: one authorised GET, renewed once when the token turns out to be stale; and the one change that Zoom is
//! ever asked for.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

use super::access::ZoomAccess;
use super::auth::Login;
use super::download_hosts::DownloadHosts;
use super::limits::{Category, Limiter, limit_type, over_at, pause_of, tell_quota};
use super::path::path_of_segments;
use super::wire::ErrorBody;
use crate::http::meanings::{Refusal, find_meaning};
use crate::http::{Answer, Call, Clients, Meaning, Patience, RemoteError, RemoteKind, Retry, Service, redact_url};

/// A client for one Zoom account. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Zoom {
    pub(super) clients: Clients,
    pub(super) login: Arc<Login>,
    api_url: Arc<Url>,
    pub(super) retry: Retry,
    limiter: Arc<Limiter>,
    pub(super) download_hosts: Arc<DownloadHosts>,
}

impl Zoom {
    /// No request is made before the first call.
    #[must_use]
    pub fn new(access: ZoomAccess, clients: Clients, retry: Retry) -> Zoom {
        let api_url = Arc::new(access.api_url.clone());
        let download_hosts = Arc::new(access.download_hosts.clone());
        let limiter = Arc::new(Limiter::new(access.calls_per_second));
        let login = Arc::new(Login::new(access, clients.clone()));
        Zoom { clients, login, api_url, retry, limiter, download_hosts }
    }

    /// What the app may do, as the login tells it.
    pub async fn scopes(&self) -> Result<Vec<String>, RemoteError> {
        self.retry.run(|| self.login.scopes()).await
    }

    /// What time it is by its own clock, where it ever told.
    #[must_use]
    pub fn now(&self) -> Option<DateTime<Utc>> {
        self.clients.clocks.now_by(Service::Zoom)
    }

    /// The same, asked of its login where it did not tell yet.
    pub async fn ask_time(&self) -> Result<Option<DateTime<Utc>>, RemoteError> {
        if self.now().is_none() {
            self.retry.run(|| self.login.token()).await?;
        }
        Ok(self.now())
    }

    /// GET of `path` (segments, encoded here) with `query`, as JSON.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        call: &str,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T, RemoteError> {
        let url = self.address(call, path, query)?;
        let category = Category::of(path);
        self.authorised(|token| async {
            self.limiter.wait(category).await;
            let answer = async {
                let (_, body) = self.answer(call, self.clients.control.get(url.clone()), token).await?;
                serde_json::from_slice(&body).map_err(|error| garbled_page(call, &error.to_string()))
            };
            self.clients.calls.counted(Service::Zoom, answer).await
        })
        .await
    }

    /// Puts a recording file into Zoom's trash. No other change of anything can be asked for: the action stands here.
    pub(super) async fn put_into_trash(&self, call: &str, path: &[&str; 4]) -> Result<(), RemoteError> {
        let url = self.address(call, path, &[("action", "trash".to_owned())])?;
        let category = Category::of(path);
        self.authorised(|token| async {
            self.limiter.wait(category).await;
            let answer = self.answer(call, self.clients.control.delete(url.clone()), token);
            let (status, body) = self.clients.calls.counted(Service::Zoom, answer).await?;
            match status {
                StatusCode::NO_CONTENT => Ok(()),
                // described with status 200: the right is missing
                other => match read_refusal(call, other, &HeaderMap::new(), &body) {
                    error if error.means(Meaning::MissingScope) => Err(error),
                    _ => Err(garbled_page(call, &format!("status {other}"))),
                },
            }
        })
        .await
    }

    fn address(&self, call: &str, path: &[&str], query: &[(&str, String)]) -> Result<Url, RemoteError> {
        let path = path_of_segments(path).map_err(|what| {
            let message = format!("{call} is not asked for: {what} would change the path of the call");
            RemoteError::new(Service::Zoom, RemoteKind::Rejected, message)
        })?;
        let mut url = (*self.api_url).clone();
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
        url.query_pairs_mut().extend_pairs(query);
        Ok(url)
    }

    /// Runs `call` with a token, and once more with a new one if Zoom says that it is no longer good.
    pub(super) async fn authorised<T, F>(&self, call: impl Fn(SecretString) -> F) -> Result<T, RemoteError>
    where
        F: Future<Output = Result<T, RemoteError>>,
    {
        self.authorised_with(Patience::Whole, call).await
    }

    /// The same with as much patience as the call may have.
    pub(super) async fn authorised_with<T, F>(
        &self,
        patience: Patience,
        call: impl Fn(SecretString) -> F,
    ) -> Result<T, RemoteError>
    where
        F: Future<Output = Result<T, RemoteError>>,
    {
        let token = self.retry.run(|| self.login.token()).await?;
        let answer = self.retry.run_with(patience, || call(token.clone())).await;
        match answer {
            Err(error) if error.kind == RemoteKind::Expired => {
                self.login.forget(&token).await;
                let token = self.retry.run(|| self.login.token()).await?;
                self.retry.run_with(patience, || call(token.clone())).await
            }
            answer => answer,
        }
    }

    /// The answer to a request that is sent once, with its status; what Zoom refuses is an error.
    async fn answer(
        &self,
        call: &str,
        request: RequestBuilder,
        token: SecretString,
    ) -> Result<(StatusCode, Bytes), RemoteError> {
        let host = self.api_url.host_str().unwrap_or_default();
        let asked = Call { service: Service::Zoom, name: call, host, key: "zoom.api_url" };
        let Answer { status, headers, body } =
            self.clients.ask(asked, request.bearer_auth(token.expose_secret())).await?;
        self.clients.clocks.note(Service::Zoom, &headers);
        tell_quota(call, &headers);
        if !status.is_success() {
            return Err(read_refusal(call, status, &headers, &body));
        }
        Ok((status, body))
    }
}

fn garbled_page(call: &str, why: &str) -> RemoteError {
    let message = format!("the answer to {call} is not what it should be: {}", redact_url(why));
    RemoteError::new(Service::Zoom, RemoteKind::Garbled, message)
}

/// What an answer that is no success means, by the one table of meanings.
fn read_refusal(call: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> RemoteError {
    let said: ErrorBody = serde_json::from_slice(body).unwrap_or_default();
    let text = redact_url(&said.message.unwrap_or_default());
    let code = said.code.unwrap_or_default().to_string();
    let says = format!("{text} {}", limit_type(headers));
    let answer = Refusal { service: Service::Zoom, call, status: status.as_u16(), code: &code, says: &says };
    let meaning = find_meaning(&answer);
    let advice = match meaning {
        Meaning::DailyLimit => over_at(headers, Utc::now()),
        _ => meaning.advice(Service::Zoom).to_owned(),
    };
    let error =
        RemoteError::meant(Service::Zoom, meaning, format!("{call} answered {status}, code {code}: {text}{advice}"));
    match meaning {
        Meaning::TooMany => RemoteError { kind: RemoteKind::RateLimited(pause_of(headers, Utc::now())), ..error },
        _ => error,
    }
}
