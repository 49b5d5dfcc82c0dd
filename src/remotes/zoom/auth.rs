//! Server-to-server OAuth: one token a run, renewed before it ends.
//!
//! What it takes to speak for a Zoom account.
//!
//! Where the bearer token may go with a download.

use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use url::Url;

use super::limits::CallsPerSecond;
use super::wire::{TokenAnswer, TokenRefusal};
use crate::remotes::http::meanings::{Refusal, calls, find_meaning};
use crate::remotes::http::{Answer, Call, Clients, Meaning, RemoteError, RemoteKind, Service, redact_url};

/// A token is not used any more so shortly before its end (it lives an hour).
const MARGIN: Duration = Duration::from_secs(120);
/// How long a token lives where Zoom does not say so in a number, and the longest that it is believed to.
const LIFE: Duration = Duration::from_secs(3600);

#[derive(Debug)]
pub(super) struct Login {
    access: ZoomAccess,
    clients: Clients,
    current: Mutex<Option<Token>>,
}

#[derive(Debug)]
struct Token {
    secret: SecretString,
    good_until: Instant,
    scopes: Vec<String>,
}

impl Login {
    pub(super) fn new(access: ZoomAccess, clients: Clients) -> Login {
        Login { access, clients, current: Mutex::new(None) }
    }

    /// The current token, or a new one.
    pub(super) async fn token(&self) -> Result<SecretString, RemoteError> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref().filter(|token| token.good_until > Instant::now()) {
            return Ok(token.secret.clone());
        }
        let token = self.clients.calls.counted(Service::Zoom, self.fetch()).await?;
        let secret = token.secret.clone();
        *current = Some(token);
        Ok(secret)
    }

    /// What the token may be used for.
    pub(super) async fn scopes(&self) -> Result<Vec<String>, RemoteError> {
        self.token().await?;
        Ok(self.current.lock().await.as_ref().map(|token| token.scopes.clone()).unwrap_or_default())
    }

    /// Drops `token`, unless another task has already replaced it.
    pub(super) async fn forget(&self, token: &SecretString) {
        let mut current = self.current.lock().await;
        current.take_if(|held| held.secret.expose_secret() == token.expose_secret());
    }

    async fn fetch(&self) -> Result<Token, RemoteError> {
        let host = self.access.oauth_url.host_str().unwrap_or_default();
        let request = self
            .clients
            .control
            .post(self.access.oauth_url.clone())
            .basic_auth(&self.access.client_id, Some(self.access.client_secret.expose_secret()))
            // in the body: in the query string Zoom has answered 400 since 2025
            .form(&[("grant_type", "account_credentials"), ("account_id", self.access.account_id.as_str())]);
        let call = Call { service: Service::Zoom, name: calls::LOGIN, host, key: "zoom.oauth_url" };
        let Answer { status, headers, body } = self.clients.ask(call, request).await?;
        self.clients.clocks.note(Service::Zoom, &headers);
        if !status.is_success() {
            let says: TokenRefusal = serde_json::from_slice(&body).unwrap_or_default();
            let says = redact_url(&says.reason.unwrap_or_default());
            let answer =
                Refusal { service: Service::Zoom, call: calls::LOGIN, status: status.as_u16(), code: "", says: &says };
            return Err(refuse_login(&answer));
        }
        let answer: TokenAnswer = serde_json::from_slice(&body).map_err(|_| {
            RemoteError::new(Service::Zoom, RemoteKind::Garbled, "the login's answer contains no token")
        })?;
        let life = answer.seconds().map_or(LIFE, Duration::from_secs).min(LIFE).saturating_sub(MARGIN);
        let scopes = answer.scopes();
        Ok(Token { secret: SecretString::from(answer.access_token), good_until: Instant::now() + life, scopes })
    }
}

fn refuse_login(answer: &Refusal<'_>) -> RemoteError {
    let Refusal { status, says, .. } = answer;
    let meaning = find_meaning(answer);
    let message = match meaning {
        Meaning::LoginRefused => format!(
            "the login was refused ({status}: {says}); check zoom.account_id, zoom.client_id and the client secret, and that the app is activated"
        ),
        Meaning::TooMany => "too many logins at a time".to_owned(),
        _ => format!("the login answered {status}"),
    };
    RemoteError::meant(Service::Zoom, meaning, message)
}

/// What the client needs to know.
#[derive(Clone, Debug)]
pub struct ZoomAccess {
    /// The account, client id and secret of a server-to-server OAuth app.
    pub account_id: String,
    /// See `account_id`.
    pub client_id: String,
    /// See `account_id`.
    pub client_secret: SecretString,
    /// Base address of the API, e.g. `https://api.zoom.us/v2`.
    pub api_url: Url,
    /// Where tokens are given out.
    pub oauth_url: Url,
    /// Where recordings lie.
    pub download_hosts: DownloadHosts,
    /// How many calls of the API are made in a second.
    pub calls_per_second: CallsPerSecond,
}

/// Patterns of host names: `zoom.us` is that host alone, `*.zoom.us` any host below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadHosts(Vec<String>);

impl DownloadHosts {
    /// Takes the patterns; gives back the first that could match hosts of different owners, or none at all.
    pub fn new(patterns: &[String]) -> Result<DownloadHosts, String> {
        let sound = |pattern: &&String| {
            let name = pattern.strip_prefix("*.").unwrap_or(pattern);
            let labels_needed = if pattern.starts_with("*.") { 2 } else { 1 };
            name.split('.').count() >= labels_needed
                && name.split('.').all(|label| !label.is_empty())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.')
        };
        match patterns.iter().find(|pattern| !sound(pattern)) {
            Some(pattern) => Err(pattern.clone()),
            None => Ok(DownloadHosts(patterns.iter().map(|pattern| pattern.to_ascii_lowercase()).collect())),
        }
    }

    /// Whether `host` is one of them.
    pub(super) fn allows(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.0.iter().any(|pattern| match pattern.strip_prefix('*') {
            Some(ending) => host.ends_with(ending),
            None => host == *pattern,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::DownloadHosts;

    fn hosts(patterns: &[&str]) -> Result<DownloadHosts, String> {
        DownloadHosts::new(&patterns.iter().map(|&pattern| pattern.to_owned()).collect::<Vec<_>>())
    }

    /// The named ones and those below a star.
    #[test]
    fn only_trusted_hosts_get_the_token() {
        let hosts = hosts(&["zoom.us", "*.zoom.us"]).expect("sound patterns");
        assert!(hosts.allows("zoom.us") && hosts.allows("us02web.ZOOM.us"));
        for stranger in ["evilzoom.us", "zoom.us.example.com", "us", ""] {
            assert!(!hosts.allows(stranger), "{stranger}");
        }
    }

    /// They span owners or are no host.
    #[test]
    fn overly_wide_host_patterns_are_refused() {
        for bad in ["*", "*.us", "zoom.*", "https://zoom.us", "", "zoom..us"] {
            assert_eq!(hosts(&[bad]), Err(bad.to_owned()));
        }
    }
}
