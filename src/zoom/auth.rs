//! Server-to-server OAuth: one token a run, renewed before it ends.

use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::access::ZoomAccess;
use super::wire::{TokenAnswer, TokenRefusal};
use crate::http::{Clients, RemoteError, RemoteKind, Service, redacted, stray};

/// A token is not used any more so shortly before its end (it lives an hour).
const MARGIN: Duration = Duration::from_secs(120);

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
        let failed = |error| RemoteError::from_reqwest(Service::Zoom, "the login", host, error);
        let request = self
            .clients
            .control
            .post(self.access.oauth_url.clone())
            .basic_auth(&self.access.client_id, Some(self.access.client_secret.expose_secret()))
            // in the body: in the query string Zoom has answered 400 since 2025
            .form(&[("grant_type", "account_credentials"), ("account_id", self.access.account_id.as_str())]);
        let response = request.send().await.map_err(failed)?;
        if let Some(error) = stray(Service::Zoom, "the login", "zoom.oauth_url", &response) {
            return Err(error);
        }
        let status = response.status();
        let body = response.bytes().await.map_err(failed)?;
        if status.is_server_error() {
            let message = format!("the login answered {status}");
            return Err(RemoteError::new(Service::Zoom, RemoteKind::Server, message));
        }
        if status.as_u16() == 429 {
            let message = "too many logins at a time";
            return Err(RemoteError::new(Service::Zoom, RemoteKind::RateLimited(None), message));
        }
        if !status.is_success() {
            let said: TokenRefusal = serde_json::from_slice(&body).unwrap_or_default();
            let message = format!(
                "the login was refused ({status}: {}); check zoom.account_id, zoom.client_id and the client secret, and that the app is activated",
                redacted(&said.reason.unwrap_or_default())
            );
            return Err(RemoteError::new(Service::Zoom, RemoteKind::Refused, message));
        }
        let answer: TokenAnswer = serde_json::from_slice(&body)
            .map_err(|_| RemoteError::new(Service::Zoom, RemoteKind::Garbled, "the login's answer holds no token"))?;
        let life = Duration::from_secs(answer.expires_in).saturating_sub(MARGIN);
        let scopes = answer.scope.split_whitespace().map(str::to_owned).collect();
        Ok(Token { secret: SecretString::from(answer.access_token), good_until: Instant::now() + life, scopes })
    }
}
