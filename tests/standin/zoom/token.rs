//! Access tokens: who gets one, and what it opens.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::answer::{self, Refusal};
use super::request::{Asked, Query};
use super::state::{State, held};

/// What is known about a token that was handed out.
#[derive(Clone)]
struct Issued {
    expires: Instant,
    /// The UUID of the one meeting whose files it opens, or all of the API.
    meeting: Option<String>,
}

#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<String, Issued>>);

impl Tokens {
    /// Makes a token valid: for the files of `meeting` alone, or for everything.
    pub(super) fn admit(&self, token: &str, lifetime: Duration, meeting: Option<&str>) {
        let issued = Issued { expires: Instant::now() + lifetime, meeting: meeting.map(str::to_owned) };
        held(&self.0).insert(token.to_owned(), issued);
    }

    pub(super) fn revoke(&self) {
        held(&self.0).clear();
    }

    /// Whether `token` opens the files of the meeting `uuid`; an account's token does not where they want their `own`.
    pub(super) fn opens_files_of(&self, uuid: &str, token: &str, own: bool) -> bool {
        self.valid(token).is_some_and(|issued| issued.meeting.map_or(!own, |meeting| meeting == uuid))
    }

    fn has_expired(&self, token: &str) -> bool {
        held(&self.0).get(token).is_some_and(|issued| issued.expires <= Instant::now())
    }

    /// Whether `token` opens the API and every file, not those of one meeting alone.
    pub(super) fn opens_everything(&self, token: &str) -> bool {
        self.valid(token).is_some_and(|issued| issued.meeting.is_none())
    }

    fn valid(&self, token: &str) -> Option<Issued> {
        held(&self.0).get(token).filter(|issued| issued.expires > Instant::now()).cloned()
    }
}

/// Lets a call of the API pass, or says what Zoom does without a valid token or the `scope`.
pub(super) fn authorize(state: &State, asked: &Asked, scope: &str) -> Result<(), Refusal> {
    let token = asked.bearer().unwrap_or_default();
    if !state.tokens.opens_everything(token) {
        let why = if state.tokens.has_expired(token) { "Access token is expired." } else { "Invalid access token." };
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, 124, why));
    }
    if !state.settings.scopes.iter().any(|granted| granted == scope) {
        return Err(missing(scope));
    }
    Ok(())
}

/// The app lacks a scope.
pub(super) fn missing(scope: &str) -> Refusal {
    let message = format!("Invalid access token, does not contain scopes:[{scope}].");
    Refusal::new(StatusCode::BAD_REQUEST, 4711, &message)
}

/// `POST /oauth/token`
pub(super) fn grant(state: &State, asked: &Asked) -> Response {
    let settings = &state.settings;
    // Zoom took the parameters from the query too, until in 2025 it began to refuse that
    if !asked.query.is_empty() || !asked.header("content-type").starts_with("application/x-www-form-urlencoded") {
        return refused("Bad Request", "invalid_request");
    }
    let credentials = base64(format!("{}:{}", settings.client_id, settings.client_secret).as_bytes());
    if asked.header("authorization").strip_prefix("Basic ") != Some(&credentials) {
        return refused("Invalid client_id or client_secret", "invalid_client");
    }
    let form = Query::parse(&asked.body);
    if form.get("grant_type") != Some("account_credentials") {
        return refused("unsupported grant type", "unsupported_grant_type");
    }
    if form.get("account_id") != Some(&settings.account) {
        return refused("Bad Request", "invalid_request");
    }
    let token = state.secrets.token();
    state.tokens.admit(&token, settings.token_lifetime, None);
    answer::ok(json!({
        "access_token": token,
        "token_type": "bearer",
        "expires_in": settings.token_lifetime.as_secs().saturating_sub(1),
        "scope": settings.scopes.join(" "),
        "api_url": state.api(),
    }))
}

fn refused(reason: &str, error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "reason": reason, "error": error }))).into_response()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |place: usize| u32::from(three.get(place).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for place in 0..4 {
            let digit = DIGITS[((bits >> (18 - 6 * place)) & 63) as usize];
            text.push(if place <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text
}
