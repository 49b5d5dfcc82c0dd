//! No answer is read without end: each is bounded in size and in time, whoever sends it. A case is a line.

use std::time::Duration;

use standin::fault::Fault;
use standin::media::Media;
use standin::zoom::Meeting;

use crate::at_once::check_each;
use crate::campus::{Campus, hours_ago};

const MIB: usize = 1 << 20;
const SHORT: [(&str, &str); 3] = [
    ("ZOOM2KALTURA_HTTP_STALL_AFTER", "1s"),
    ("ZOOM2KALTURA_HTTP_CALL_TIMEOUT", "2s"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "400ms"),
];
/// Nothing is ended for the time that it takes.
const PATIENT: [(&str, &str); 3] = [
    ("ZOOM2KALTURA_HTTP_CALL_TIMEOUT", "1h"),
    ("ZOOM2KALTURA_HTTP_STALL_AFTER", "1h"),
    ("ZOOM2KALTURA_HTTP_RETRIES", "0"),
];
const ZOOM: [&str; 2] = ["POST /oauth/token", "GET /accounts/me/recordings"];
const KALTURA: [&str; 6] = [
    "session.start",
    "multirequest of media.list",
    "multirequest of uploadToken.add",
    "multirequest of media.add",
    "uploadToken.upload",
    "caption_captionAsset.add",
];

fn campus() -> Campus {
    let campus = Campus::new();
    let meeting = Meeting::new("ada==", 81_000_000_001, "Optics").host("ada").starts(&hours_ago(5));
    campus.zoom.add_meeting(meeting.video("shared_screen", Media::mp4()).transcript(Media::vtt()));
    campus
}

fn queue(campus: &Campus, call: &str, fault: Fault) {
    let is_kaltura_call = KALTURA.contains(&call);
    let faults = if is_kaltura_call { campus.kaltura.faults() } else { campus.zoom.faults() };
    faults.queue(call, 1, fault);
}

fn endless() -> Fault {
    Fault::Endless { bytes: MIB, pause: Duration::ZERO }
}

fn trickle() -> Fault {
    Fault::Endless { bytes: 1, pause: Duration::from_millis(50) }
}

#[test]
fn odd_bodies_are_cut_and_retried() {
    let gzip = || Fault::Answer {
        status: 200,
        headers: vec![("content-type", "application/json".to_owned()), ("content-encoding", "gzip".to_owned())],
        body: "\u{1f}…".to_owned(),
    };
    let bodies = [
        ("without end", endless()),
        ("one byte at a time", trickle()),
        ("longer than any answer", Fault::Padded(65 * MIB)),
        ("shorter than announced", Fault::WrongLength(10)),
        ("longer than announced", Fault::WrongLength(-10)),
    ];
    check_each(bodies, |(body, fault)| {
        let campus = campus();
        for call in ZOOM.into_iter().chain(KALTURA) {
            queue(&campus, call, fault.clone());
        }
        let run = campus.run_with(&SHORT, &["sync"]);
        assert_eq!(run.exit, 0, "{body}: {}", run.err);
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
    });
    let campus = campus();
    for call in ZOOM.into_iter().chain(["session.start", "multirequest of media.list"]) {
        queue(&campus, call, gzip());
    }
    assert_eq!(campus.run_with(&SHORT, &["sync"]).exit, 0, "what is packed is not unpacked");
}

#[test]
fn longest_real_answers_are_read() {
    let campus = campus();
    for call in ZOOM.into_iter().chain(KALTURA) {
        queue(&campus, call, Fault::Padded(8 * MIB));
    }
    let run = campus.run_with(&PATIENT, &["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
}

#[test]
fn error_names_call_and_bound() {
    let late = [("ZOOM2KALTURA_HTTP_CALL_TIMEOUT", "300ms"), ("ZOOM2KALTURA_HTTP_RETRIES", "0")];
    let cases = [
        ("POST /oauth/token", "the login", endless(), &PATIENT[..], "longer than 64 MiB"),
        ("GET /accounts/me/recordings", "the list of recordings", endless(), &PATIENT[..], "longer than 64 MiB"),
        ("session.start", "session.start", endless(), &PATIENT[..], "longer than 64 MiB"),
        ("multirequest of media.list", "multirequest", endless(), &PATIENT[..], "longer than 64 MiB"),
        ("POST /oauth/token", "the login", trickle(), &late[..], "within 0.3 s (http.call_timeout)"),
        ("GET /accounts/me/recordings", "the list of recordings", trickle(), &late[..], "(http.call_timeout)"),
    ];
    check_each(cases, |(call, name, fault, settings, bound)| {
        let campus = campus();
        queue(&campus, call, fault);
        let run = campus.run_with(settings, &["sync"]);
        assert_eq!((run.exit, run.err.lines().count()), (5, 1), "{call}: {}", run.err);
        assert!(run.err.contains(bound), "{call}: {}", run.err);
        // on a busy machine an earlier call may be the one that is late
        assert!(run.err.contains(name) || settings == late, "{call}: {}", run.err);
    });
}

#[test]
fn error_bodies_are_not_read_whole() {
    for (call, status) in [("GET /accounts/me/recordings", 503), ("session.start", 503), ("GET /rec/download", 404)] {
        let campus = campus();
        let body = "x".repeat(9 * MIB);
        queue(&campus, call, Fault::answer(status, &body));
        let run = campus.run_with(&PATIENT, &["sync"]);
        assert!(run.err.contains(&status.to_string()) && run.err.len() < 2000, "{call}: {}", run.err.len());
    }
}

/// Five times as long as silence may last, less than a KiB a second.
#[test]
fn trickling_downloads_are_faults() {
    let settings = [("ZOOM2KALTURA_HTTP_STALL_AFTER", "500ms"), ("ZOOM2KALTURA_HTTP_RETRIES", "0")];
    let drip = || Fault::Drip { bytes: 1, pause: Duration::from_millis(50) };
    // the video is the first to be downloaded, the captions the second
    for (hit, what) in [(1, "the video"), (2, "the captions")] {
        let campus = campus();
        // once more when its turn comes back
        for hit in [hit, hit + 1] {
            campus.zoom.faults().queue("CDN", hit, drip());
        }
        let run = campus.run_with(&settings, &["sync"]);
        assert!(run.exit != 0 && run.err.contains("less than 1024 bytes a second"), "{what}: {}", run.err);
        campus.run(&["retry", "--failed"]);
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
    }
}
