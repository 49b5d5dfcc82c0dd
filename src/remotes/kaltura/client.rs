//! The client: one call, with the session renewed once when Kaltura says that it has expired. HTTP 200 with a
//! `KalturaAPIException` becomes an error here.
//!
//! Users whom this client found lately, so that one is not asked for twice within a moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::multipart::Form;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::session::{Credentials, Session};
use super::wire;
use super::wire::{WireId, read_exception};
use crate::model::{Installation, KalturaUserId};
use crate::remotes::http::meanings::{Refusal, find_meaning};
use crate::remotes::http::{Answer, Call, Clients, RemoteError, RemoteKind, Retry, Service, redact_url};

/// Names this program in Kaltura's logs and analytics.
pub(super) const CLIENT_TAG: &str = concat!("zoom2kaltura:", env!("CARGO_PKG_VERSION"));

/// What the client needs to know.
#[derive(Debug)]
pub struct KalturaAccess {
    /// Base address, e.g. `https://www.kaltura.com`.
    pub url: Url,
    /// The partner (account) number.
    pub partner_id: i64,
    /// In whose name the session is made; Kaltura creates this user if it does not exist.
    pub service_user: String,
    /// What the session is made from.
    pub credentials: Credentials,
    /// Who makes entries, and whose they are.
    pub installation: Installation,
}

/// A client for one partner. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Kaltura {
    clients: Clients,
    access: Arc<KalturaAccess>,
    session: Arc<Session>,
    /// Whether Kaltura must not come to know the user of the session by its calls.
    leaves_no_user: bool,
    /// When users were last confirmed by this client.
    pub(super) confirmed: Arc<Confirmed>,
    /// How often a call is repeated; [`Kaltura::call`] does so itself.
    pub(super) retry: Retry,
}

impl Kaltura {
    /// No request is made before the first call.
    #[must_use]
    pub fn new(access: KalturaAccess, clients: Clients, retry: Retry) -> Kaltura {
        Kaltura {
            clients,
            access: Arc::new(access),
            session: Arc::default(),
            leaves_no_user: false,
            confirmed: Arc::default(),
            retry,
        }
    }

    /// The same for somebody who only looks: Kaltura makes the user of a session at its first call
    /// (facts-kaltura.md#s11), so that a session is in nobody's name as long as it does not know the service user. The
    /// user of an app token is that of the token.
    #[must_use]
    pub fn leaving_no_user(&self) -> Kaltura {
        Kaltura { session: Arc::default(), leaves_no_user: true, ..self.clone() }
    }

    /// The installation that is running.
    #[must_use]
    pub fn installation(&self) -> &Installation {
        &self.access.installation
    }

    /// What time it is by its own clock, where it ever told.
    #[must_use]
    pub fn now(&self) -> Option<DateTime<Utc>> {
        self.clients.clocks.now_by(Service::Kaltura)
    }

    /// The same, asked of its login where it did not tell yet. That it does not answer is for the next call to say.
    pub async fn ask_time(&self) -> Option<DateTime<Utc>> {
        if self.now().is_none() {
            let _ = self.session().await;
        }
        self.now()
    }

    /// A call that does no harm when carried out twice: repeated while its error may pass.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        service: &str,
        action: &str,
        params: Value,
    ) -> Result<T, RemoteError> {
        // the login has its own retries
        self.session().await?;
        self.retry.run(|| self.call_once(service, action, params.clone())).await
    }

    /// A call that is never repeated blindly; only a session that has expired is renewed first, as such a call was
    /// not carried out.
    pub(super) async fn call_once<T: DeserializeOwned>(
        &self,
        service: &str,
        action: &str,
        params: Value,
    ) -> Result<T, RemoteError> {
        let session = self.session().await?;
        match self.send(service, action, with_session(&params, &session)).await {
            Err(error) if error.kind == RemoteKind::Expired => {
                self.session.forget(&session).await;
                let session = self.session().await?;
                parse_answer(
                    &call_name(service, action),
                    self.send(service, action, with_session(&params, &session)).await?,
                )
            }
            answer => parse_answer(&call_name(service, action), answer?),
        }
    }

    /// The calls of `parts` in one request, each with its own answer. Kaltura carries out every part, whatever
    /// becomes of the others. A text that looks like a reference to an earlier part is none.
    pub(super) fn multirequest(parts: Vec<(&str, &str, Value)>) -> Value {
        let mut params = serde_json::Map::new();
        for (number, (service, action, part)) in (1..).zip(parts) {
            // nothing comes before the first part that it could be taken for a reference to
            let mut part = if number == 1 { part } else { wire::write_references(part) };
            part["service"] = service.into();
            part["action"] = action.into();
            params.insert(number.to_string(), part);
        }
        Value::Object(params)
    }

    /// Looks at several things in one request, repeated while an error may pass, also that of a single part. Every
    /// other error is left in its part, and so is one that stays while other parts are answered.
    ///
    /// A part with a text that looks like a reference to an earlier one goes into a request of its own, byte for byte:
    /// what is looked for must not be changed.
    pub(super) async fn look(&self, parts: Vec<(&str, &str, Value)>) -> Result<Vec<Value>, RemoteError> {
        let (mut together, mut alone) = (Vec::new(), Vec::new());
        for (place, part) in parts.into_iter().enumerate() {
            if place > 0 && wire::has_unmeant(&part.2) { alone.push((place, part)) } else { together.push(part) }
        }
        let mut answers = Box::pin(self.look_at_once(together)).await?;
        // in their order: each finds the answers before it in their places
        for (place, part) in alone {
            let answer = Box::pin(self.look_at_once(vec![part])).await?;
            answers.splice(place..place, answer);
        }
        Ok(answers)
    }

    async fn look_at_once(&self, parts: Vec<(&str, &str, Value)>) -> Result<Vec<Value>, RemoteError> {
        let wanted = parts.len();
        let params = Kaltura::multirequest(parts);
        self.session().await?;
        let in_part = Mutex::new(None);
        let answers = self
            .retry
            .run(|| async {
                in_part.lock().unwrap_or_else(PoisonError::into_inner).take();
                let answers: Vec<Value> = self.call_once("multirequest", "", params.clone()).await?;
                let errors: Vec<_> = answers.iter().filter_map(|part| read_exception("multirequest", part)).collect();
                let were_others_answered = errors.len() < answers.len();
                if errors.iter().any(|error| error.kind == RemoteKind::Expired) {
                    let session = self.session().await?;
                    self.session.forget(&session).await;
                    return self.call_once("multirequest", "", params.clone()).await;
                }
                match errors.into_iter().find(RemoteError::is_passing) {
                    Some(error) => {
                        let left = were_others_answered.then_some(answers);
                        *in_part.lock().unwrap_or_else(PoisonError::into_inner) = left;
                        Err(error)
                    }
                    None => Ok(answers),
                }
            })
            .await;
        let answers = match (answers, in_part.into_inner().unwrap_or_else(PoisonError::into_inner)) {
            (Err(_), Some(answers)) => answers,
            (answers, _) => answers?,
        };
        if answers.len() != wanted {
            let message = format!("the answer to a multirequest of {wanted} has {} parts", answers.len());
            return Err(RemoteError::new(Service::Kaltura, RemoteKind::Garbled, message));
        }
        Ok(answers)
    }

    /// Sends one multipart request to `uploadToken.upload`, with the session it needs. Never repeated here.
    pub(super) async fn upload(&self, form: Form) -> Result<Value, RemoteError> {
        let session = self.session().await?;
        let form =
            form.text("ks", session.expose_secret().to_owned()).text("format", "1").text("clientTag", CLIENT_TAG);
        let request = self.clients.upload.post(self.address("uploadToken", "upload")).multipart(form);
        // its bytes take as long as they flow: the transfer watches the clock
        let call = self.named("uploadToken.upload");
        let answer = self.counted(call, Box::pin(call.answer_to(request))).await;
        if let Err(error) = &answer
            && error.kind == RemoteKind::Expired
        {
            self.session.forget(&session).await;
        }
        answer
    }

    pub(super) async fn session(&self) -> Result<SecretString, RemoteError> {
        self.session
            .current(|| async {
                let service_user = &self.access.service_user;
                if !self.leaves_no_user || !self.access.credentials.name_a_user() {
                    return self.log_in(service_user).await;
                }
                let session = self.log_in("").await?;
                let asked = with_session(&json!({ "userId": service_user }), &session);
                let answer = self.retry.run(|| self.send("user", "get", asked.clone())).await;
                match answer.and_then(|answer| parse_answer::<WireId>("user.get", answer)) {
                    Ok(_) => self.log_in(service_user).await,
                    Err(error) if error.kind == RemoteKind::NotFound => Ok(session),
                    Err(error) => Err(error),
                }
            })
            .await
    }

    async fn log_in(&self, user: &str) -> Result<SecretString, RemoteError> {
        let access = &self.access;
        let login = |service: &'static str, action: &'static str, params| self.send(service, action, params);
        self.retry.run(|| access.credentials.log_in(access.partner_id, user, &login)).await
    }

    async fn send(&self, service: &str, action: &str, mut params: Value) -> Result<Value, RemoteError> {
        params["format"] = json!(1);
        params["clientTag"] = json!(CLIENT_TAG);
        // reqwest sends exactly `application/json`, the only spelling that Kaltura reads as JSON
        let request = self.clients.control.post(self.address(service, action)).json(&params);
        let name = call_name(service, action);
        let call = self.named(&name);
        self.counted(call, self.clients.ask(call, request)).await
    }

    fn named<'a>(&'a self, name: &'a str) -> Call<'a> {
        Call {
            service: Service::Kaltura,
            name,
            host: self.access.url.host_str().unwrap_or_default(),
            key: "kaltura.url",
        }
    }

    async fn counted(
        &self,
        call: Call<'_>,
        answer: impl Future<Output = Result<Answer, RemoteError>>,
    ) -> Result<Value, RemoteError> {
        let value = async { self.read_answer(call.name, &answer.await?) };
        self.clients.calls.counted(Service::Kaltura, value).await
    }

    fn read_answer(&self, call: &str, Answer { status, headers, body }: &Answer) -> Result<Value, RemoteError> {
        self.clients.clocks.note(Service::Kaltura, headers);
        if *status == StatusCode::OK {
            return check_answer(call, body);
        }
        let answer = Refusal { service: Service::Kaltura, call, status: status.as_u16(), code: "", says: "" };
        let message = format!("{call} answered {status}; check kaltura.url, or a proxy in front of it");
        Err(RemoteError::meant(Service::Kaltura, find_meaning(&answer), message))
    }

    fn address(&self, service: &str, action: &str) -> String {
        let base = self.access.url.as_str().trim_end_matches('/');
        match service {
            "multirequest" => format!("{base}/api_v3/service/multirequest"),
            _ => format!("{base}/api_v3/service/{service}/action/{action}"),
        }
    }
}

fn call_name(service: &str, action: &str) -> String {
    if action.is_empty() { service.to_owned() } else { format!("{service}.{action}") }
}

fn with_session(params: &Value, session: &SecretString) -> Value {
    let mut params = params.clone();
    params["ks"] = session.expose_secret().into();
    params
}

/// In a multirequest each part carries the error of a bad session. Where only later ones do, the session ended between them,
/// and the first ones were carried out: that is for the caller, who reads the parts.
fn check_answer(call: &str, body: &[u8]) -> Result<Value, RemoteError> {
    let answer: Value = serde_json::from_slice(body).map_err(|error| garbled_answer(call, &error))?;
    let first = answer.as_array().map_or(Some(&answer), |parts| parts.first());
    match first.and_then(|first| read_exception(call, first)) {
        Some(error) if !answer.is_array() || error.kind == RemoteKind::Expired => Err(error),
        _ => Ok(answer),
    }
}

pub(super) fn parse_answer<T: DeserializeOwned>(call: &str, answer: Value) -> Result<T, RemoteError> {
    serde_json::from_value(answer).map_err(|error| garbled_answer(call, &error))
}

/// One part of a multirequest's answer.
pub(super) fn read_part<T: DeserializeOwned>(call: &str, part: Value) -> Result<T, RemoteError> {
    match read_exception(call, &part) {
        Some(error) => Err(error),
        None => parse_answer(call, part),
    }
}

/// The answers to a multirequest of two.
pub(super) fn split_two(answers: Vec<Value>, call: &str) -> Result<[Value; 2], RemoteError> {
    answers.try_into().map_err(|_| {
        let message = format!("the answer to {call} lacks a part");
        RemoteError::new(Service::Kaltura, RemoteKind::Garbled, message)
    })
}

fn garbled_answer(call: &str, error: &serde_json::Error) -> RemoteError {
    let message = format!("the answer to {call} cannot be understood: {}", redact_url(&error.to_string()));
    RemoteError::new(Service::Kaltura, RemoteKind::Garbled, message)
}

/// So long it is taken for granted that a user who was there still is.
const MOMENT: Duration = Duration::from_secs(60);

/// When users were found.
#[derive(Debug, Default)]
pub(super) struct Confirmed(Mutex<HashMap<KalturaUserId, Instant>>);

impl Confirmed {
    /// The user was just found.
    pub(super) fn note(&self, user: &KalturaUserId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(user.clone(), Instant::now());
    }

    /// Whether that was a moment ago.
    pub(super) fn is_fresh(&self, user: &KalturaUserId) -> bool {
        let users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        users.get(user).is_some_and(|found| found.elapsed() < MOMENT)
    }
}
