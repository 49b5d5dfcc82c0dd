//! How far away a stand-in is: how long a question is on its way, and how fast a download comes.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use futures_util::StreamExt;
use tokio::time::Instant;

use super::server::Peer;

/// None unless said otherwise.
#[derive(Clone, Copy, Default)]
pub struct Distance {
    /// From a question to its answer; a new connection takes one more, and one for TLS.
    pub round_trip: Duration,
    /// Of each download by itself, as content networks ration them.
    pub bytes_per_second: Option<u64>,
}

impl Distance {
    /// Puts a server so far away.
    pub fn to(self, router: Router) -> Router {
        if self.round_trip.is_zero() && self.bytes_per_second.is_none() {
            return router;
        }
        router.layer(from_fn(move |request: Request, next: Next| self.carry(request, next)))
    }

    async fn carry(self, request: Request, next: Next) -> Response {
        let peer = request.extensions().get::<ConnectInfo<Peer>>();
        tokio::time::sleep(self.round_trip * peer.map_or(1, |peer| peer.0.count_round_trips())).await;
        let answer = next.run(request).await;
        match self.bytes_per_second {
            Some(rate) => paced(answer, rate),
            None => answer,
        }
    }
}

fn paced(answer: Response, rate: u64) -> Response {
    let (head, body) = answer.into_parts();
    let (start, mut sent) = (Instant::now(), 0_u64);
    let pieces = body.into_data_stream().then(move |piece| {
        sent += piece.as_ref().map_or(0, |bytes: &Bytes| bytes.len() as u64);
        let due = start + Duration::from_secs_f64(sent as f64 / rate as f64);
        async move {
            tokio::time::sleep_until(due).await;
            piece
        }
    });
    Response::from_parts(head, Body::from_stream(pieces))
}
