//! Kaltura sessions: made from the admin secret or from an app token, kept for the run.
//!
//! How an app token is shown to Kaltura without being sent.

use std::fmt::Write;

use md5::Md5;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use tokio::sync::Mutex;

use crate::remotes::http::{RemoteError, RemoteKind, Service};

/// Seconds that a session lives.
const LIFE: u32 = 86_400;
/// An admin session, needed to set another user as owner, and adminTags.
const ADMIN: u32 = 2;
/// Without it, entitlement hides entries from admins too (facts-kaltura.md#s10).
const PRIVILEGES: &str = "disableentitlement";

/// What a session is made from.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// The partner's admin secret.
    AdminSecret(SecretString),
    /// An app token, whose role says what it may do, and whose user is that of the session.
    AppToken {
        /// Its id, which is no secret.
        id: String,
        /// The token, which never leaves this machine.
        token: SecretString,
        /// How it is shown to Kaltura.
        hash: TokenHash,
    },
}

impl Credentials {
    /// Whether it is this program that says whose the session is.
    pub(super) fn name_a_user(&self) -> bool {
        matches!(self, Credentials::AdminSecret(_))
    }

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
        match self {
            Credentials::AdminSecret(secret) => {
                let params = json!({
                    "secret": secret.expose_secret(), "userId": service_user, "type": ADMIN,
                    "partnerId": partner_id, "expiry": LIFE, "privileges": PRIVILEGES,
                });
                start_session(&send("session", "start", params).await?, "session.start")
            }
            Credentials::AppToken { id, token, hash } => {
                let widget = json!({ "widgetId": format!("_{partner_id}"), "expiry": LIFE });
                let widget = send("session", "startWidgetSession", widget).await?;
                let widget = start_session(&widget["ks"], "session.startWidgetSession")?;
                let shown = hash.of(widget.expose_secret(), token);
                let params = json!({ "ks": widget.expose_secret(), "id": id, "tokenHash": shown, "expiry": LIFE });
                let started = send("appToken", "startSession", params).await?;
                refuse_a_users(&started["sessionType"])?;
                start_session(&started["ks"], "appToken.startSession")
            }
        }
    }
}

/// A USER session sees no upload but its own user's (facts-kaltura.md#k40), and what it does not see it would copy
/// twice. Of one whose kind Kaltura does not tell nothing is known.
fn refuse_a_users(kind: &Value) -> Result<(), RemoteError> {
    let kind = kind.as_u64().or_else(|| kind.as_str()?.parse().ok());
    if kind.is_none_or(|kind| kind == u64::from(ADMIN)) {
        return Ok(());
    }
    let message = "the app token opens USER sessions, which do not see the uploads of others: recordings would be copied twice; make one with sessionType 2 (ADMIN), and name it in kaltura.app_token_id";
    Err(RemoteError::new(Service::Kaltura, RemoteKind::Setup, message.to_owned()))
}

fn start_session(given: &Value, call: &str) -> Result<SecretString, RemoteError> {
    match given.as_str() {
        Some(session) => Ok(SecretString::from(session)),
        None => Err(RemoteError::new(Service::Kaltura, RemoteKind::Garbled, format!("{call} returned no session"))),
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

/// `KalturaAppTokenHashType`: chosen when the token is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenHash {
    /// Kaltura's default.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
    /// MD5.
    Md5,
}

impl TokenHash {
    /// The hash of a session and the token, in small hexadecimal letters (facts-kaltura.md#k6).
    pub(super) fn of(self, session: &str, token: &SecretString) -> String {
        let text = format!("{session}{}", token.expose_secret());
        match self {
            TokenHash::Sha1 => hex(&Sha1::digest(text)),
            TokenHash::Sha256 => hex(&Sha256::digest(text)),
            TokenHash::Sha512 => hex(&Sha512::digest(text)),
            TokenHash::Md5 => hex(&Md5::digest(text)),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::TokenHash;

    #[test]
    fn tokens_hash_as_in_kaltura() {
        let token = SecretString::from("fedcba9876543210fedcba9876543210");
        let cases = [
            (TokenHash::Sha1, "66dd7a3f7b3482c52c52b0f891e70d80a0c12d78"),
            (TokenHash::Sha256, "173342ae906c15daa70fd2aa9f00a7a81ca022dbfa926b809e325457a5d0cea3"),
            (TokenHash::Md5, "30d945cf75279edf31f0a5d53b06cd7d"),
        ];
        for (hash, expected) in cases {
            assert_eq!(hash.of("WIDGETKS", &token), expected, "{hash:?}");
        }
        assert_eq!(TokenHash::Sha512.of("WIDGETKS", &token).len(), 128);
    }
}
