//! Kaltura sessions: made from the admin secret or from an app token, kept for the run.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::http::{RemoteError, RemoteKind, Service};

/// Seconds that a session lives.
const LIFE: u32 = 86_400;
/// An admin session, needed to set another user as owner, and adminTags.
const ADMIN: u32 = 2;
/// Without it, entitlement hides entries from admins too (facts from Kaltura's server code).
const PRIVILEGES: &str = "disableentitlement";

/// What a session is made from.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// The partner's admin secret.
    AdminSecret(SecretString),
}

impl Credentials {
    /// Asks for a new session. `send` makes one call without a session.
    pub(super) async fn log_in<F>(
        &self,
        partner_id: i64,
        service_user: &str,
        send: &impl Fn(&'static str, &'static str, Value) -> F,
    ) -> Result<SecretString, RemoteError>
    where
        F: Future<Output = Result<Value, RemoteError>>,
    {
        let Credentials::AdminSecret(secret) = self;
        let params = json!({
            "secret": secret.expose_secret(), "userId": service_user, "type": ADMIN,
            "partnerId": partner_id, "expiry": LIFE, "privileges": PRIVILEGES,
        });
        match send("session", "start", params).await?.as_str() {
            Some(session) => Ok(SecretString::from(session)),
            None => Err(RemoteError::new(Service::Kaltura, RemoteKind::Garbled, "session.start gave no session")),
        }
    }
}

/// The session in use.
#[derive(Debug, Default)]
pub(super) struct Session(Mutex<Option<SecretString>>);

impl Session {
    /// The current session, or the one that `log_in` brings.
    pub(super) async fn current<F>(&self, log_in: impl FnOnce() -> F) -> Result<SecretString, RemoteError>
    where
        F: Future<Output = Result<SecretString, RemoteError>>,
    {
        let mut current = self.0.lock().await;
        if let Some(session) = current.as_ref() {
            return Ok(session.clone());
        }
        let session = log_in().await?;
        *current = Some(session.clone());
        Ok(session)
    }

    /// Drops `session`, unless another task has already replaced it.
    pub(super) async fn forget(&self, session: &SecretString) {
        let mut current = self.0.lock().await;
        current.take_if(|held| held.expose_secret() == session.expose_secret());
    }
}
