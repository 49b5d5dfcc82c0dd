//! The host that holds the media.

use std::ops::Range;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{self, ConnectInfo, Request};
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;

use super::super::fault;
use super::super::kaltura::IMPORTER;
use super::super::server::Peer;
use super::link::Target;
use super::request::Asked;
use super::state::State;

pub(super) fn router(state: Arc<State>) -> Router {
    Router::new().fallback(handle).with_state(state)
}

async fn handle(
    extract::State(state): extract::State<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
) -> Response {
    let asked = Asked::new(request.into_parts().0, String::new());
    let call = if asked.method == Method::HEAD { "HEAD CDN" } else { "CDN" };
    state.cdn_log.push(asked.logged(call));
    state.inspect(call, &asked);
    if !asked.header("authorization").is_empty() {
        state.violation("CDN: a token sent to another host".to_owned());
        return StatusCode::FORBIDDEN.into_response();
    }
    let standing = || state.links.fault(asked.query.get("Signature").unwrap_or(""));
    let fault = state.faults.take(call).or_else(standing);
    fault::under(fault, &peer, async { serve(&state, &asked) }).await
}

fn serve(state: &State, asked: &Asked) -> Response {
    if asked.method == Method::HEAD && is_importer(asked) {
        let known = state.links.leads_somewhere(asked.query.get("Signature").unwrap_or(""), &asked.path);
        return if known { StatusCode::OK } else { StatusCode::FORBIDDEN }.into_response();
    }
    if asked.method != Method::GET {
        state.violation(format!("CDN: {}", asked.method));
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let signature = asked.query.get("Signature").unwrap_or("");
    match state.links.follow(signature, &asked.path) {
        None => StatusCode::FORBIDDEN.into_response(),
        Some(target) => send(state, asked, &target),
    }
}

fn is_importer(asked: &Asked) -> bool {
    asked.header("user-agent") == IMPORTER
}

fn send(state: &State, asked: &Asked, target: &Target) -> Response {
    let media = &target.media;
    let total = media.len();
    let validator = state.settings.validators.of(media);
    let condition = asked.header("if-range");
    let wanted = asked.header("range");
    let ranges = state.settings.ranges && (condition.is_empty() || validator.is_met_by(condition));
    let range = if ranges { parse(wanted, total) } else { None };
    if range.as_ref().is_some_and(Range::is_empty) {
        return (StatusCode::RANGE_NOT_SATISFIABLE, [(CONTENT_RANGE, format!("bytes */{total}"))]).into_response();
    }
    let mut answer = Response::builder().header(CONTENT_TYPE, target.content_type);
    if let Some((name, value)) = validator.header() {
        answer = answer.header(name, value);
    }
    if state.settings.ranges {
        answer = answer.header(ACCEPT_RANGES, "bytes");
    }
    if let Some(Range { start, end }) = &range {
        let place = format!("bytes {start}-{}/{total}", end - 1);
        answer = answer.status(StatusCode::PARTIAL_CONTENT).header(CONTENT_RANGE, place);
    }
    let Range { start, end } = range.unwrap_or(0..total);
    if state.settings.lengths {
        answer = answer.header(CONTENT_LENGTH, end - start);
    }
    let under_way = state.busy.one_more();
    // held for as long as the body is
    let pieces = media.stream(start, end).inspect(move |_| {
        let _ = &under_way;
    });
    answer.body(Body::from_stream(pieces)).expect("a valid answer")
}

/// The one range of a Range header, empty if it lies beyond the end; a header that cannot be read counts as none.
fn parse(header: &str, total: u64) -> Option<Range<u64>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        let last: u64 = last.parse().ok()?;
        return Some(total.saturating_sub(last)..total);
    }
    let start: u64 = first.parse().ok()?;
    let end = if last.is_empty() { total } else { last.parse::<u64>().ok()?.saturating_add(1).min(total) };
    if start < end || start >= total { Some(start..end) } else { None }
}
