//! Faults that a test queues for a call, by the call's name and the number of its hit.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::{StreamExt, stream};
use serde_json::json;

use super::server::Peer;

/// What goes wrong, once.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This answer instead of the right one; nothing is carried out.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// The connection is closed without an answer; nothing is carried out.
    Reset,
    /// The request is carried out and the connection closed without an answer.
    LostAnswer,
    /// The connection is closed at once, and the request carried out so much later, as on a loaded server. Only where
    /// a request outlives its connection: in Kaltura.
    Late(Duration),
    /// The connection is closed at once, and the request carried out so many times right before a later call `until`, or
    /// when the test lets it. Only in Kaltura.
    Held { until: &'static str, times: usize },
    /// Nothing is said for so long, then all goes on as usual.
    Stall(Duration),
    /// The answer ends after so many bytes of its body.
    Cut(u64),
    /// The answer's head announces so many bytes more than the body has, or fewer; then the connection is closed.
    WrongLength(i64),
    /// The answer's body comes in pieces of so many bytes, with a pause before each.
    Drip { bytes: usize, pause: Duration },
    /// Behind the answer's body come blanks without end, in pieces of so many bytes, with a pause before each.
    Endless { bytes: usize, pause: Duration },
    /// Behind the answer's body come so many blanks.
    Padded(usize),
    /// The answer's body stops after so many bytes and goes on after a pause.
    Halt { after: usize, pause: Duration },
}

impl Fault {
    /// A page for people with status 200: a login, a passcode, a proxy's maintenance.
    pub fn html() -> Fault {
        Fault::typed(200, "text/html;charset=UTF-8", "<!DOCTYPE html><html><body>Sign in</body></html>")
    }

    /// An answer in JSON, such as an error with status 200.
    pub fn json(status: u16, body: &str) -> Fault {
        Fault::typed(status, "application/json", body)
    }

    /// An error as Zoom gives it.
    pub fn zoom_error(status: u16, code: u32, message: &str) -> Fault {
        Fault::json(status, &json!({ "code": code, "message": message }).to_string())
    }

    /// An error as Kaltura gives it, with status 200.
    pub fn exception(code: &str) -> Fault {
        let body = json!({ "objectType": "KalturaAPIException", "code": code, "message": "as ordered", "args": [] });
        Fault::json(200, &body.to_string())
    }

    /// An answer that calls itself JSON and breaks off in the middle of a word.
    pub fn garbage() -> Fault {
        Fault::json(200, r#"{"meetings":[{"uu"#)
    }

    fn typed(status: u16, content_type: &str, body: &str) -> Fault {
        Fault::Answer { status, headers: vec![("content-type", content_type.to_owned())], body: body.to_owned() }
    }

    /// An answer with a status and a body, without headers of its own.
    pub fn answer(status: u16, body: &str) -> Fault {
        Fault::Answer { status, headers: Vec::new(), body: body.to_owned() }
    }
}

#[derive(Default)]
struct Route {
    hits: usize,
    queued: Vec<(usize, Fault)>,
}

/// The queue, shared with the server's thread.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<HashMap<String, Route>>>);

impl Faults {
    /// Lets the `hit`-th request from now on (1 is the next one) to `call` go wrong.
    pub fn queue(&self, call: &str, hit: usize, fault: Fault) {
        let mut routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let route = routes.entry(call.to_owned()).or_default();
        let at = route.hits + hit;
        route.queued.push((at, fault));
    }

    /// How many are queued and not taken yet.
    pub fn waiting(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().map(|route| route.queued.len()).sum()
    }

    /// Forgets what is queued.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Counts a hit and hands out what was queued for it.
    pub fn take(&self, call: &str) -> Option<Fault> {
        let mut routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let route = routes.entry(call.to_owned()).or_default();
        route.hits += 1;
        let place = route.queued.iter().position(|(hit, _)| *hit == route.hits)?;
        Some(route.queued.remove(place).1)
    }
}

/// Carries out `act` as the fault, if any, allows.
pub async fn under(fault: Option<Fault>, peer: &Peer, act: impl Future<Output = Response>) -> Response {
    match fault {
        None => act.await,
        Some(Fault::Answer { status, headers, body }) => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Body::from(body)).expect("a fault that is a valid answer")
        }
        // the stand-in keeps the request
        Some(Fault::Reset | Fault::Held { .. }) => cut(peer),
        Some(Fault::LostAnswer) => {
            act.await;
            cut(peer)
        }
        Some(Fault::Late(time)) => {
            peer.cut();
            tokio::time::sleep(time).await;
            act.await
        }
        Some(Fault::Stall(time)) => {
            tokio::time::sleep(time).await;
            act.await
        }
        Some(Fault::Cut(bytes)) => cut_after(bytes, act.await),
        Some(Fault::WrongLength(more)) => with_wrong_length(more, act.await).await,
        Some(Fault::Drip { bytes, pause }) => dripping(bytes, pause, act.await),
        Some(Fault::Endless { bytes, pause }) => padded(bytes, pause, usize::MAX, act.await),
        Some(Fault::Padded(bytes)) => padded(1 << 16, Duration::ZERO, bytes, act.await),
        Some(Fault::Halt { after, pause }) => halting(after, pause, act.await),
    }
}

async fn with_wrong_length(more: i64, response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body of the stand-in's own");
    let announced = i64::try_from(body.len()).expect("a length that fits") + more;
    head.headers.insert("content-length", announced.max(0).into());
    // a stream has no length that could contradict the head; what was written must leave the socket before it ends
    let end = stream::once(async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(Bytes::new())
    });
    let body = stream::iter([Ok::<Bytes, std::io::Error>(body)]).chain(end);
    Response::from_parts(head, Body::from_stream(body))
}

fn dripping(bytes: usize, pause: Duration, response: Response) -> Response {
    let (head, body) = response.into_parts();
    let pieces = body.into_data_stream().flat_map(move |chunk| {
        let chunk = chunk.unwrap_or_default();
        let starts = (0..chunk.len()).step_by(bytes.max(1));
        let pieces: Vec<Bytes> = starts.map(|at| chunk.slice(at..chunk.len().min(at + bytes.max(1)))).collect();
        stream::iter(pieces)
    });
    let slow = pieces.then(move |piece| async move {
        tokio::time::sleep(pause).await;
        Ok::<Bytes, std::io::Error>(piece)
    });
    Response::from_parts(head, Body::from_stream(slow))
}

fn padded(bytes: usize, pause: Duration, all: usize, response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    head.headers.remove("content-length");
    let blanks = stream::unfold((all, Bytes::from(vec![b' '; bytes])), move |(left, piece)| async move {
        tokio::time::sleep(pause).await;
        let next = piece.slice(..piece.len().min(left));
        (left > 0).then(|| (Ok(next.clone()), (left - next.len(), piece)))
    });
    Response::from_parts(head, Body::from_stream(body.into_data_stream().chain(blanks)))
}

fn halting(after: usize, pause: Duration, response: Response) -> Response {
    let (head, body) = response.into_parts();
    let mut left = after;
    let pieces = body.into_data_stream().flat_map(move |chunk| {
        let mut before = chunk.unwrap_or_default();
        let halts = left > 0 && before.len() > left;
        let beyond = before.split_off(if halts { left } else { before.len() });
        left = left.saturating_sub(before.len());
        stream::iter([(before, Duration::ZERO), (beyond, if halts { pause } else { Duration::ZERO })])
    });
    let halting = pieces.filter(|(piece, _)| std::future::ready(!piece.is_empty())).then(|(piece, pause)| async move {
        tokio::time::sleep(pause).await;
        Ok::<Bytes, std::io::Error>(piece)
    });
    Response::from_parts(head, Body::from_stream(halting))
}

fn cut(peer: &Peer) -> Response {
    peer.cut();
    Response::builder().status(StatusCode::OK).body(Body::empty()).expect("an empty answer")
}

fn cut_after(bytes: u64, response: Response) -> Response {
    let (head, body) = response.into_parts();
    let mut left = usize::try_from(bytes).expect("a length that fits");
    let kept = body.into_data_stream().map(move |chunk| {
        let chunk = chunk.map_err(std::io::Error::other)?;
        let part = chunk.slice(..chunk.len().min(left));
        left -= part.len();
        Ok::<Bytes, std::io::Error>(part)
    });
    let kept = kept.take_while(|part| {
        let more = !matches!(part, Ok(bytes) if bytes.is_empty());
        async move { more }
    });
    let broken = stream::once(async {
        // what was written must leave the socket before the connection goes
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(std::io::ErrorKind::ConnectionReset.into())
    });
    Response::from_parts(head, Body::from_stream(kept.chain(broken)))
}
