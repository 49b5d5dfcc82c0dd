//! Things go wrong on the way: nothing is lost, nothing is doubled, and a person reads why.

use std::time::Duration;

use serde_json::json;
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::zoom::{Meeting, User, Zoom};

use crate::campus::{Campus, big, hours_ago, lecture};

const EXCEPTION: &str = r#"{"objectType":"KalturaAPIException","code":"INTERNAL_SERVERL_ERROR","message":"Internal server error","args":[]}"#;

/// A recording of several chunks, and the settings that make them.
fn with_chunks(zoom: Zoom) -> (Campus, [(&'static str, &'static str); 1]) {
    let campus = Campus::of(zoom, Kaltura::start());
    campus.zoom.add_meeting(big(3_500_000));
    (campus, [("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1")])
}

/// Every call of a run, once with each fault, then clean runs: one entry, the right bytes.
fn one_fault_at(call: &str, hit: usize, on_kaltura: bool) {
    let faults = [
        Fault::answer(503, "busy"),
        Fault::answer(200, "<html>maintenance</html>"),
        Fault::answer(200, EXCEPTION),
        Fault::Reset,
        Fault::LostAnswer,
    ];
    for fault in faults {
        let campus = Campus::with_lecture();
        let side = if on_kaltura { campus.kaltura.faults() } else { campus.zoom.faults() };
        side.queue(call, hit, fault.clone());
        let settings = [("ZOOM2KALTURA_HTTP_SETTLE", "300ms"), ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")];
        let run = campus.run_with(&settings, &["sync"]);
        assert!([0, 3, 5].contains(&run.exit), "{call} {fault:?}: {} {}", run.exit, run.err);
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
    }
}

#[test]
fn faults_in_zoom_are_harmless() {
    for call in ["POST /oauth/token", "GET /accounts/me/recordings", "GET /rec/download", "CDN"] {
        one_fault_at(call, 1, false);
    }
}

#[test]
fn faults_in_look_ups_are_harmless() {
    for call in ["session.start", "multirequest of user.get", "multirequest of media.list"] {
        one_fault_at(call, 1, true);
    }
}

#[test]
fn faults_in_claims_are_harmless() {
    one_fault_at("multirequest of uploadToken.add", 1, true);
}

#[test]
fn faults_in_attaches_are_harmless() {
    one_fault_at("multirequest of media.add", 1, true);
}

#[test]
fn faults_in_uploads_are_harmless() {
    one_fault_at("uploadToken.upload", 1, true);
}

#[test]
fn faults_in_confirmations_are_harmless() {
    one_fault_at("multirequest of media.get", 1, true);
}

#[test]
fn late_token_link_is_waited_for() {
    let kaltura = Kaltura::builder().link_delay(Duration::from_millis(700)).start();
    let campus = Campus::of(Zoom::start(), kaltura);
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.kaltura.faults().queue("multirequest of media.add", 1, Fault::LostAnswer);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn cut_upload_resumes_from_kaltura_bytes() {
    let (campus, settings) = with_chunks(Zoom::start());
    campus.kaltura.cut_upload_after(600_000);
    campus.kaltura.faults().queue("uploadToken.upload", 3, Fault::Reset);
    let run = campus.run_with(&settings, &["sync"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    campus.each_video_is_in_kaltura_once();
    let ranges: Vec<String> =
        campus.zoom.cdn_log().all().iter().map(|request| request.header("range").to_owned()).collect();
    let expected = [String::new(), String::new(), format!("bytes={}-", 1 << 20)];
    assert_eq!(ranges, expected, "after a chunk that arrived, only what follows it is fetched again");
}

#[test]
fn cut_download_resumes_by_range() {
    let (campus, settings) = with_chunks(Zoom::start());
    campus.zoom.faults().queue("CDN", 1, Fault::Cut(2_500_000));
    let run = campus.run_with(&settings, &["sync"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn cdn_without_ranges_is_skipped_through() {
    let (campus, settings) = with_chunks(Zoom::builder().without_ranges().without_lengths().start());
    campus.zoom.faults().queue("CDN", 1, Fault::Cut(2_500_000));
    let run = campus.run_with(&settings, &["sync"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn next_run_finishes_half_sent_files() {
    let (campus, settings) = with_chunks(Zoom::start());
    for hit in 1..=20 {
        campus.zoom.faults().queue("CDN", hit, Fault::Cut(1_200_000 + hit as u64));
    }
    let impatient = [settings[0], ("ZOOM2KALTURA_HTTP_RETRIES", "0"), ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")];
    assert_ne!(campus.run_with(&impatient, &["sync"]).exit, 0);
    assert_eq!(campus.kaltura.entries().len(), 1, "the entry stands and waits for its bytes");
    let reserved = campus.kaltura.log().count("uploadToken.add");
    for _ in 0..5 {
        campus.run_with(&impatient, &["sync"]);
    }
    assert_eq!(campus.kaltura.log().count("uploadToken.add"), reserved, "no second token");
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn page_instead_of_media_creates_nothing() {
    let json = Fault::Answer {
        status: 200,
        headers: vec![("content-type", "application/json".to_owned())],
        body: r#"{"status":false,"errorCode":124}"#.to_owned(),
    };
    let page = Fault::Answer {
        status: 200,
        headers: vec![("content-type", "text/html".to_owned())],
        body: "<html>Sign in</html>".to_owned(),
    };
    for fault in [json, page] {
        let campus = Campus::with_lecture();
        for hit in 1..=2 {
            campus.zoom.faults().queue("GET /rec/download", hit, fault.clone());
        }
        let run = campus.run(&["sync", "--format", "json"]);
        assert_eq!(run.exit, 3, "{}", run.err);
        assert!(run.err.contains("\"Lecture 81000000001\" of ") && run.err.contains("instead of media"), "{}", run.err);
        assert_eq!(run.report()["items"][0]["result"], "failed");
        assert_eq!(run.report()["totals"]["failed"]["recordings"], 1);
        assert!(campus.kaltura.entries().is_empty() && campus.kaltura.tokens().is_empty());
    }
}

#[test]
fn one_bad_recording_stops_no_other() {
    let campus = Campus::with_lecture();
    let bad = Meeting::new("bad==", 81_000_000_002, "Not a video").host("ada").starts(&hours_ago(6));
    campus.zoom.add_meeting(bad.video("shared_screen", Media::vtt()));
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!(run.exit, 3);
    assert!(run.err.contains("does not begin like an MP4"), "{}", run.err);
    let results: Vec<_> = run.items().iter().map(|item| item["result"].clone()).collect();
    assert_eq!(results[0], "failed");
    assert_ne!(results[1], "failed");
    let again = campus.run(&["sync", "--format", "json"]);
    assert_eq!((again.exit, &again.report()["items"][0]["reason"]), (0, &json!("retry_later")));
}

#[test]
fn permanent_failure_is_given_up_visibly() {
    let campus = Campus::new();
    let bad = Meeting::new("bad==", 81_000_000_002, "Not a video").host("ada").starts(&hours_ago(6));
    campus.zoom.add_meeting(bad.video("shared_screen", Media::vtt()));
    let settings = [("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"), ("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "3")];
    let exits: Vec<i32> = (0..4).map(|_| campus.run_with(&settings, &["sync"]).exit).collect();
    assert_eq!(exits, [3, 3, 3, 0]);
    let report = campus.run_with(&settings, &["sync", "--format", "json"]).report();
    let item = &report["items"][0];
    assert_eq!(json!([item["action"], item["reason"]]), json!(["skip", "given_up"]));
}

#[test]
fn refused_uploads_count_as_tries() {
    let campus = Campus::with_lecture();
    // alone, and with the owner, who is asked for anew by the second run
    for call in ["uploadToken.add", "multirequest of uploadToken.add"] {
        for hit in 1..=5 {
            campus.kaltura.faults().queue(call, hit, Fault::answer(503, "busy"));
        }
    }
    let run = campus.run(&["sync"]);
    assert_eq!((run.exit, run.err.lines().count()), (3, 1), "{}", run.err);
    // nobody hears of it again before its next try
    let run = campus.run(&["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    campus.kaltura.faults().clear();
    campus.run(&["retry", "--failed"]);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn failed_conversion_is_no_copy() {
    let campus = Campus::with_lecture();
    campus.kaltura.process_for(Duration::MAX);
    campus.run(&["sync"]);
    let id = campus.kaltura.entries()[0].id.clone();
    campus.kaltura.set_status(&id, -1);
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!(run.exit, 3, "{}", run.err);
    assert_eq!(run.report()["items"][0]["reason"], "conversion_failed");
}

#[test]
fn entry_deleted_mid_transfer_stays_deleted() {
    let (campus, settings) = with_chunks(Zoom::start());
    for hit in 1..=2 {
        campus.zoom.faults().queue("CDN", hit, Fault::Cut(1_200_000));
    }
    let impatient = [settings[0], ("ZOOM2KALTURA_HTTP_RETRIES", "0"), ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")];
    campus.run_with(&impatient, &["sync"]);
    campus.kaltura.delete_entry(&campus.kaltura.entries()[0].id);
    let report = campus.run(&["sync", "--format", "json"]).report();
    let after = campus.run(&["sync", "--format", "json"]).report();
    for report in [report, after] {
        assert_eq!(report["items"][0]["reason"], "deleted_in_kaltura", "{report:#}");
    }
}

#[test]
fn outage_leaves_untried_recordings_unbegun() {
    let campus = Campus::new();
    for number in 0..12 {
        let host = format!("host{number}");
        campus.zoom.add_user(User::new(&host, &format!("{host}@uni.example")));
        campus.zoom.add_meeting(lecture(&format!("m{number}=="), 81_000_000_000 + number, &host, 5));
    }
    // more than are asked for, claims made ahead included
    for hit in 1..=500 {
        campus.kaltura.faults().queue("uploadToken.add", hit, Fault::answer(503, "as ordered"));
    }
    let settings = [("ZOOM2KALTURA_SYNC_PARALLEL", "1"), ("ZOOM2KALTURA_HTTP_RETRIES", "0")];
    assert_ne!(campus.run_with(&settings, &["sync"]).exit, 0);
    let ledger = campus.ledger();
    let count = |what: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM files WHERE {what}");
        ledger.query_row(&sql, [], |row| row.get(0)).expect("files")
    };
    let tried = count("attempts > 0");
    assert!((1..12).contains(&tried), "the run was to end early: {tried}");
    assert_eq!(count("error IS NOT NULL OR next_try IS NOT NULL OR token IS NOT NULL OR state <> 'new'"), tried);
}
