//! HTTP: from a request to the parameters of a call, and from its result to an answer.

use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::Response;
use serde_json::Value;

use super::super::fault::{Fault, under};
use super::super::request_log::{Logged, RequestLog};
use super::super::server::Peer;
use super::calls::{UPLOAD, resolve};
use super::error::ApiError;
use super::held::Held;
use super::imports::import_all;
use super::multirequest::multirequest;
use super::params::Params;
use super::session::Session;
use super::store::Stored;
use super::upload::{Part, upload};
use super::world::{Shared, World};

/// Everything below `/api_v3`.
pub fn router(shared: Shared) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(shared)
}

/// A request that has come in whole is carried out to its end, even if the client has hung up by then.
async fn answer(State(shared): State<Shared>, ConnectInfo(peer): ConnectInfo<Peer>, request: Request) -> Response {
    let work = tokio::spawn(serve(shared, peer, request));
    work.await.unwrap_or_else(|panic| plain(StatusCode::INTERNAL_SERVER_ERROR, panic.to_string()))
}

async fn serve(shared: Shared, peer: Peer, request: Request) -> Response {
    let Some(address) = address(request.uri()) else {
        return plain(StatusCode::NOT_FOUND, "no such page".to_owned());
    };
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let mut logged = Logged {
        call: call_name(&address),
        target: request.uri().to_string(),
        headers: request.headers().clone(),
        body: String::new(),
        arrived: Instant::now(),
    };
    if content_type.starts_with("multipart/form-data") {
        carry_out_held(&shared, &[&logged.call]).await;
        let fault = shared.faults.take(&logged.call);
        let arrival = Arrival { log: shared.log.clone(), logged: Some(logged) };
        return under(fault, &peer, receive(&shared, &peer, request, address, arrival)).await;
    }
    let Ok(body) = to_bytes(request.into_body(), usize::MAX).await else {
        return plain(StatusCode::BAD_REQUEST, "the request broke off".to_owned());
    };
    let mut params = if content_type == "application/json" {
        Params::from_json(&body)
    } else if content_type.contains("json") {
        Params::default()
    } else {
        Params::from_form(&String::from_utf8_lossy(&body))
    };
    params.merge(address);
    logged.call = call_name(&params);
    logged.body = params.json();
    shared.log.push(logged.clone());
    let (first, whole) = (begins_with(&params, &logged.call), shared.faults.take(&logged.call));
    carry_out_held(&shared, &[&logged.call, first.as_deref().unwrap_or_default()]).await;
    let fault: Option<Fault> = whole.or_else(|| shared.faults.take(&first?));
    if let Some(Fault::Held { until, times }) = fault {
        shared.world().held.push(Held { params: params.clone(), logged: logged.clone(), until, times });
    }
    under(fault, &peer, async {
        if let Err(error) = shared.world().check_content_type(&content_type, body.is_empty()) {
            return json(&error.wire());
        }
        let answer = carry_out(&shared, &params, &logged, None).await;
        import_all(&shared);
        json(&answer)
    })
    .await
}

/// The parameters in path and query. They win over those in the body.
fn address(uri: &Uri) -> Option<Params> {
    let path = uri.path().strip_prefix("/api_v3")?.trim_start_matches("/index.php");
    let mut params = Params::from_form(uri.query().unwrap_or_default());
    let mut steps = path.split('/').filter(|step| !step.is_empty());
    while let (Some(name), Some(value)) = (steps.next(), steps.next()) {
        params.set(name, value.to_owned());
    }
    Some(params)
}

/// What a multirequest is called by its first part, so that faults can tell one from another.
fn begins_with(params: &Params, call: &str) -> Option<String> {
    let first = params.object("1").filter(|_| call == "multirequest")?;
    Some(format!("multirequest of {}", call_name(&first)))
}

/// What a call is logged as: the schema's spelling where there is such a call.
pub fn call_name(params: &Params) -> String {
    let service = params.text("service").unwrap_or_default();
    if service.eq_ignore_ascii_case("multirequest") {
        return "multirequest".to_owned();
    }
    let action = params.text("action").unwrap_or_default();
    resolve(&service, &action).map_or_else(|_| format!("{service}.{action}"), str::to_owned)
}

/// The call and the session of a request, if it may be carried out at all.
pub fn admit(world: &mut World, params: &Params, arrived: Instant) -> Result<(&'static str, Session), ApiError> {
    world.throttle(&call_name(params))?;
    let mut session = world.session(params, arrived)?;
    // facts from Kaltura's server code: whoever calls in a session becomes a user, if there is none yet, by reading too
    if !session.user_id.is_empty() {
        session.user_id = world.users.for_session(&session.user_id);
    }
    let service = params.text("service").unwrap_or_default();
    let call = resolve(&service, &params.text("action").unwrap_or_default())?;
    session.check(call)?;
    world.permit(call, &session)?;
    params.check_characters()?;
    Ok((call, session))
}

/// What was held until one of these calls.
async fn carry_out_held(shared: &Shared, calls: &[&str]) {
    for Held { params, logged, times, .. } in shared.due(calls) {
        for _ in 0..times {
            carry_out(shared, &params, &logged, None).await;
            import_all(shared);
        }
    }
}

async fn carry_out(shared: &Shared, params: &Params, logged: &Logged, part: Option<Part>) -> Value {
    let answer = perform(shared, params, logged, part).await;
    shared.world().distorted(answer)
}

async fn perform(shared: &Shared, params: &Params, logged: &Logged, part: Option<Part>) -> Value {
    if let Err(error) = shared.world().check_request(&logged.call, params) {
        return error.wire();
    }
    if logged.call == "multirequest" {
        return multirequest(shared, params, logged);
    }
    let admitted = admit(&mut shared.world(), params, logged.arrived);
    let done = match admitted {
        Ok((UPLOAD, session)) => upload(shared, params, &session, part, logged.arrived).await,
        Ok((call, session)) => shared.world().perform(call, params, &session),
        Err(error) => Err(error),
    };
    done.map_or_else(|error| error.wire(), |value| profiled(value, params))
}

/// Only the fields that a response profile asks for, and those that come all the same.
fn profiled(mut value: Value, params: &Params) -> Value {
    let fields = params.object("responseProfile").and_then(|profile| profile.filled("fields"));
    if let (Some(fields), Some(members)) = (fields, value.as_object_mut()) {
        let wanted: Vec<_> = fields.split(',').chain(["type", "objectType"]).collect();
        members.retain(|name, _| wanted.contains(&name.as_str()));
    }
    value
}

/// A request on its way in: logged as soon as its parameters are known, at the latest when it breaks off.
struct Arrival {
    log: RequestLog,
    logged: Option<Logged>,
}

impl Arrival {
    fn note(&mut self, params: &Params) {
        if let Some(logged) = self.logged.take() {
            self.log.push(Logged { body: params.json(), ..logged });
        }
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        if let Some(logged) = self.logged.take() {
            self.log.push(logged);
        }
    }
}

/// Takes in a multipart body. Nothing is carried out before it is whole.
async fn receive(shared: &Shared, peer: &Peer, request: Request, address: Params, mut arrival: Arrival) -> Response {
    let logged = arrival.logged.clone().expect("a request that has just begun");
    let mut part = None;
    let mut params = Params::default();
    let taken = take_in(shared, request, &address, &mut params, &mut part, &mut arrival).await;
    match taken {
        Ok(Some(())) => {}
        Ok(None) => {
            peer.cut();
            return plain(StatusCode::OK, String::new());
        }
        Err(error) => return plain(StatusCode::BAD_REQUEST, error),
    }
    params.merge(address);
    arrival.note(&params);
    json(&carry_out(shared, &params, &logged, part).await)
}

/// Reads all fields; none if the connection is to be cut in the middle of the file.
async fn take_in(
    shared: &Shared,
    request: Request,
    address: &Params,
    params: &mut Params,
    part: &mut Option<Part>,
    arrival: &mut Arrival,
) -> Result<Option<()>, String> {
    let multipart = Multipart::from_request(request, &()).await;
    let mut multipart = multipart.map_err(|error| error.body_text())?;
    let text = |error: MultipartError| error.body_text();
    while let Some(field) = multipart.next_field().await.map_err(text)? {
        let name = field.name().unwrap_or_default().to_owned();
        if let Some(file_name) = field.file_name().map(str::to_owned) {
            let mut known = params.clone();
            known.merge(address.clone());
            arrival.note(&known);
            let (limit, kept) = {
                let mut world = shared.world();
                (world.cut_upload_after.take(), world.settings.kept)
            };
            match stored(field, limit, kept).await.map_err(text)? {
                Some(content) => *part = Some(Part { file_name, content }),
                None => return Ok(None),
            }
        } else if name == "json" {
            params.merge(Params::from_json(&field.bytes().await.map_err(text)?));
        } else {
            params.set(&name, field.text().await.map_err(text)?);
        }
    }
    Ok(Some(()))
}

/// Writes a file part to disk as it comes in; none if it reaches the limit.
async fn stored(mut field: Field<'_>, limit: Option<u64>, kept: u64) -> Result<Option<Stored>, MultipartError> {
    let mut content = Stored::keeping(kept);
    while let Some(bytes) = field.chunk().await? {
        content.push(&bytes);
        if limit.is_some_and(|limit| content.length() >= limit) {
            return Ok(None);
        }
    }
    Ok(Some(content))
}

/// API errors too come with status 200.
fn json(value: &Value) -> Response {
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
    response.body(Body::from(value.to_string())).expect("an answer with one header")
}

fn plain(status: StatusCode, text: String) -> Response {
    let response = Response::builder().status(status);
    response.body(Body::from(text)).expect("an answer without headers")
}
