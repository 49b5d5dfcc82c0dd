//! Who is called: checks that are pinged (healthchecks.io's documentation, "Pinging API") and a webhook. Both are
//! addressed by a secret in the path.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::fault::{self, Faults};
use super::request_log::{Logged, RequestLog};
use super::schema::unlike_schema;
use super::server::{Peer, Server};

/// What stands in the path of a check.
pub const PING_SECRET: &str = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278";
/// What stands in the path and the query of the webhook.
pub const HOOK_SECRET: &str = "T0AAAAAAA-hook-secret";

/// A running receiver. Its calls are `ping`, `ping start`, `ping fail` and `hook`.
pub struct Receiver {
    server: Server,
    shared: Shared,
}

#[derive(Clone, Default)]
struct Shared {
    log: RequestLog,
    faults: Faults,
    violations: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    pub fn start() -> Receiver {
        let shared = Shared::default();
        let server = Server::start(Router::new().fallback(handle).with_state(shared.clone()));
        Receiver { server, shared }
    }

    pub fn ping_url(&self) -> String {
        format!("{}/{PING_SECRET}", self.server.url())
    }

    pub fn hook_url(&self) -> String {
        format!("{}/{HOOK_SECRET}?sig={HOOK_SECRET}", self.server.url())
    }

    pub fn log(&self) -> &RequestLog {
        &self.shared.log
    }

    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// What was asked of it that a real one would not understand.
    pub fn violations(&self) -> Vec<String> {
        self.shared.violations.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The events that came to the webhook, in order.
    pub fn events(&self) -> Vec<Value> {
        let hooks = self.log().all().into_iter().filter(|logged| logged.call == "hook");
        hooks.map(|logged| serde_json::from_str(&logged.body).expect("JSON")).collect()
    }
}

async fn handle(State(shared): State<Shared>, ConnectInfo(peer): ConnectInfo<Peer>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let call = match path.trim_start_matches('/').split('/').collect::<Vec<_>>()[..] {
        [PING_SECRET] => "ping",
        [PING_SECRET, "start"] => "ping start",
        [PING_SECRET, "fail"] => "ping fail",
        [HOOK_SECRET] => "hook",
        _ => "unknown",
    };
    let logged = Logged {
        call: call.to_owned(),
        target: parts.uri.to_string(),
        headers: parts.headers.clone(),
        body: body.clone(),
        arrived: Instant::now(),
    };
    let wrong = wrong(&logged, query).or_else(|| (parts.method != "POST").then(|| format!("{}", parts.method)));
    shared.log.push(logged);
    if let Some(wrong) = wrong {
        shared.violations.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{call}: {wrong}"));
        return (StatusCode::BAD_REQUEST, wrong).into_response();
    }
    let fault = shared.faults.take(call);
    fault::under(fault, &peer, async { "OK".into_response() }).await
}

fn wrong(asked: &Logged, query: &str) -> Option<String> {
    if !asked.header("authorization").is_empty() || !asked.header("cookie").is_empty() {
        return Some("a credential went along".to_owned());
    }
    if !asked.header("user-agent").starts_with("zoom2kaltura/") {
        return Some("who calls is not said".to_owned());
    }
    if asked.call.starts_with("ping") {
        let id = query.strip_prefix("rid=").unwrap_or_default();
        let is_hex = id.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f' | '-'));
        let is_uuid = is_hex && id.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
        return (!is_uuid).then(|| format!("rid is no UUID: {id}"));
    }
    if asked.call != "hook" {
        return Some(format!("unknown address {}", asked.target));
    }
    if query != format!("sig={HOOK_SECRET}") || asked.header("content-type") != "application/json" {
        return Some(format!("{query} {}", asked.header("content-type")));
    }
    serde_json::from_str(&asked.body)
        .map_or_else(|error| Some(error.to_string()), |event| unlike_schema("event", &event))
}
