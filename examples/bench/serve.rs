//! The role of the stand-ins: both services, and a plain download and upload for those who know no API.

use std::io::{BufRead, stdin};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::Response;
use axum::routing::{get, put};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures_util::StreamExt;
use serde_json::{Value, json};
use standin::kaltura::{IMPORTER, Importers, Kaltura};
use standin::media::Media;
use standin::request_log::RequestLog;
use standin::server::Server;
use standin::setup::{ADMIN_SECRET, HOLDING_USER, Setup};
use standin::zoom::{User, Zoom};

use crate::scenario::{Scenario, address, host};
use crate::table::say;

/// So much of an upload is kept: what tells its type and its length.
const KEPT: u64 = 1 << 16;
/// The status of an entry that can be played.
const READY: i32 = 2;
/// Less than a month ago, so that no first run is held back.
const GO_LIVE: TimeDelta = TimeDelta::days(25);

/// Serves the scenario that the arguments describe, and answers questions about what it was asked.
pub(crate) fn until_stdin_is_closed(args: &[String]) -> ExitCode {
    let described = args.first().map_or("", String::as_str);
    let now = args.get(1).and_then(|time| time.parse().ok()).unwrap_or_else(Utc::now);
    let scenario: Scenario = serde_json::from_str(described).expect("a scenario");
    let (zoom, kaltura) = start(&scenario, now);
    let setup = Setup::on_disk(&zoom, &kaltura, &(now - GO_LIVE).to_rfc3339_opts(SecondsFormat::Secs, true));
    let sink = Sink::default();
    let plain = Server::start_with(scenario.transport(), 0, scenario.distance().to(plain(sink.clone())));
    let addresses = json!({
        "config": setup.config(), "ledger": setup.state().join("ledger.db"), "plain": plain.url(),
        "kaltura": kaltura.url(), "secret": ADMIN_SECRET, "zoom": zoom.api_url(), "oauth": zoom.oauth_url(),
        "account": zoom.account_id(), "client": zoom.client_id(), "client secret": zoom.client_secret(),
    });
    say(&addresses.to_string());
    let mut latecomers = scenario.latecomers(now);
    for line in stdin().lock().lines() {
        match line.as_deref() {
            Ok("come") => {
                let meeting = latecomers.next().expect("one that has not come yet");
                zoom.add_meeting(meeting);
                say("null");
            }
            Ok("sunk") => say(&sink.0.load(Ordering::Relaxed).to_string()),
            Ok("clear") => {
                zoom.log().clear();
                zoom.cdn_log().clear();
                kaltura.log().clear();
                say("null");
            }
            Ok("requests") => say(&requests(&zoom, &kaltura).to_string()),
            Ok("entries") => say(&entries(&kaltura).to_string()),
            Ok("busy") => {
                kaltura.set_importers(Importers::Busy);
                say("null");
            }
            Ok("work") => {
                kaltura.set_importers(Importers::Work);
                say("null");
            }
            Ok("arrived") => say(&arrived(&kaltura).to_string()),
            _ => break,
        }
    }
    ExitCode::SUCCESS
}

fn start(scenario: &Scenario, now: DateTime<Utc>) -> (Zoom, Kaltura) {
    let (distance, transport) = (scenario.distance(), scenario.transport());
    let zoom = Zoom::builder().distance(distance).transport(transport).start();
    let kaltura = Kaltura::builder().keeps(KEPT).distance(distance).transport(transport).start();
    for number in 0..scenario.count_hosts() {
        zoom.add_user(User::new(&host(number), &address(number)));
        kaltura.add_user(&address(number), "");
    }
    kaltura.add_user(HOLDING_USER, "");
    scenario.meetings(now).into_iter().for_each(|meeting| zoom.add_meeting(meeting));
    (zoom, kaltura)
}

/// How many bytes were thrown away.
#[derive(Clone, Default)]
struct Sink(Arc<AtomicU64>);

/// `GET /media/BYTES` and `PUT /sink`: what a pipe needs, and no more.
fn plain(sink: Sink) -> Router {
    let media = get(|Path(bytes): Path<u64>| async move {
        let media = Media::mp4().padded_to(bytes);
        let answer = Response::builder().header(CONTENT_TYPE, "video/mp4").header(CONTENT_LENGTH, bytes);
        answer.body(Body::from_stream(media.stream(0, bytes))).expect("a valid answer")
    });
    let sink = put(|body: Body| async move {
        let pieces = body.into_data_stream();
        let bytes = pieces.fold(0, |sum, piece| async move { sum + piece.map_or(0, |piece| piece.len() as u64) }).await;
        sink.0.fetch_add(bytes, Ordering::Relaxed);
        bytes.to_string()
    });
    Router::new().route("/media/{bytes}", media).route("/sink", sink)
}

/// How many requests came in: a multirequest is one, and those of Kaltura's import workers are not the program's.
fn requests(zoom: &Zoom, kaltura: &Kaltura) -> Value {
    let whole = |call: &str, target: &str| !target.ends_with("/service/multirequest") || call == "multirequest";
    let kaltura: Vec<_> = kaltura.log().all().into_iter().filter(|asked| whole(&asked.call, &asked.target)).collect();
    let own = |log: &RequestLog| log.all().iter().filter(|asked| asked.header("user-agent") != IMPORTER).count();
    let chunks = kaltura.iter().filter(|asked| asked.call == "uploadToken.upload").count();
    json!({
        "zoom": own(zoom.log()), "downloads": own(zoom.cdn_log()),
        "kaltura": kaltura.len() - chunks, "chunks": chunks,
    })
}

/// How many entries there are, how many of them can be played, and of how many bytes all are.
fn entries(kaltura: &Kaltura) -> Value {
    let entries = kaltura.entries();
    let ready = entries.iter().filter(|entry| entry.status == READY).count();
    json!({ "made": entries.len(), "ready": ready, "bytes": entries.iter().map(|entry| entry.bytes).sum::<u64>() })
}

/// The names of the entries whose content is there.
fn arrived(kaltura: &Kaltura) -> Value {
    kaltura.entries().into_iter().filter(|entry| entry.bytes > 0).map(|entry| Value::from(entry.name)).collect()
}
