//! What is late counts from when a recording could be copied, and is the same in every answer.

use std::fs;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use standin::fault::Fault;
use standin::media::Media;

use crate::campus::{Campus, lecture};

/// How many are late, by each answer alike; the settings hold for all of them.
fn late_with(campus: &Campus, settings: &[(&str, &str)]) -> usize {
    let report = campus.run_with(settings, &["status", "--format", "json"]).report();
    let late = report["late"].as_array().expect("a list").len();
    let text = campus.run_with(settings, &["status"]).out;
    assert!(text.contains(&format!("\nlate                  {late}\n")), "{late} by JSON: {text}");
    let page = campus.run_with(settings, &["status", "--format", "html"]).out;
    assert!(page.contains(&format!("<dt>late</dt><dd>{late}</dd>")), "{late} by JSON: {page}");
    let folder = tempfile::tempdir().expect("a folder");
    let (metrics, event) = (folder.path().join("all.prom"), folder.path().join("event.json"));
    let command = format!("tee {}", event.display());
    let outputs = [
        ("ZOOM2KALTURA_NOTIFY_METRICS_FILE", metrics.to_str().expect("a path")),
        ("ZOOM2KALTURA_NOTIFY_COMMAND", command.as_str()),
    ];
    // whoever was told within the hour is told anew
    campus.ledger().execute("DELETE FROM told", []).expect("alarms to forget");
    assert_eq!(campus.run_with(&[settings, &outputs].concat(), &["purge"]).exit, 0);
    let metrics = fs::read_to_string(metrics).expect("metrics");
    let account = format!("account=\"{}\"", campus.zoom.account_id());
    let alarm = format!("alarm{{{account},alarm=\"late\"}} {}", usize::from(late > 0));
    for series in [format!("late_recordings{{{account}}} {late}"), alarm] {
        assert!(metrics.contains(&format!("\nzoom2kaltura_{series}\n")), "{series}: {metrics}");
    }
    let event: Value = fs::read_to_string(event).map_or(json!({}), |text| serde_json::from_str(&text).expect("JSON"));
    let alarms = event["alarms"].as_array().cloned().unwrap_or_default();
    let told = alarms
        .iter()
        .find(|alarm| alarm["alarm"] == "late")
        .map_or(0, |alarm| alarm["count"].as_u64().expect("a count"));
    assert_eq!(told, late as u64, "{event:#}");
    late
}

fn late(campus: &Campus) -> usize {
    late_with(campus, &[])
}

fn age(campus: &Campus, hours: i64) {
    campus.setup.age_events(TimeDelta::hours(hours));
}

fn fail_download(campus: &Campus) {
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    assert_eq!(campus.run(&["sync"]).exit, 3);
}

#[test]
fn old_recordings_just_listed_are_not_late() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 60));
    fail_download(&campus);
    assert_eq!(late(&campus), 0, "it was recorded long ago, and listed a moment ago");
    age(&campus, 2);
    assert_eq!(late(&campus), 0);
    age(&campus, 2);
    assert_eq!(late(&campus), 1);
    assert!(campus.run(&["status"]).out.starts_with("1 thing needs attention: 1 recording is late.\n"));
}

#[test]
fn processing_raises_its_own_alert() {
    let campus = Campus::new();
    campus.kaltura.process_for(Duration::MAX);
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 60));
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(late(&campus), 0);
    age(&campus, 23);
    assert_eq!((late(&campus), campus.run(&["status", "--alert"]).exit), (0, 0));
    age(&campus, 2);
    assert_eq!((late(&campus), campus.run(&["status", "--alert"]).exit), (1, 7));
    let text = campus.run(&["status"]).out;
    let headline = "1 recording has been in Kaltura's processing for longer than sync.processing_alert";
    assert!(text.starts_with(&format!("1 thing needs attention: {headline}.\n")), "{text}");
    assert!(text.contains("\nlate in Kaltura  ") && text.contains("look at the queue of conversions"), "{text}");
    assert_eq!(late_with(&campus, &[("ZOOM2KALTURA_SYNC_PROCESSING_ALERT", "30h")]), 0);
}

/// All bytes were sent, and nobody wrote down more.
#[test]
fn killed_runs_leave_nothing_late() {
    let campus = Campus::with_lecture();
    campus.kaltura.process_for(Duration::MAX);
    assert_eq!(campus.run(&["sync"]).exit, 0);
    campus.ledger().execute("UPDATE recordings SET action = 'copy', reason = NULL", []).expect("an end in mid-run");
    age(&campus, 4);
    assert_eq!(late(&campus), 0);
    let report = campus.run(&["status", "--format", "json"]).report();
    assert_eq!(report["backlog"]["reasons"], json!({ "in_conversion": 1 }));
}

#[test]
fn zoom_processing_does_not_count() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 60).processing());
    assert_eq!(campus.run(&["sync"]).exit, 0);
    age(&campus, 50);
    assert_eq!(late(&campus), 0, "Zoom has it in processing");
    campus.zoom.finish_processing("ada==");
    fail_download(&campus);
    assert_eq!(late(&campus), 0, "Zoom has finished it just now");
    age(&campus, 4);
    assert_eq!(late(&campus), 1);
}

/// What the host misses is the transcript, since Zoom has it.
#[test]
fn late_files_count_from_their_listing() {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    age(&campus, 50);
    campus.zoom.change_meeting("ada==", |meeting| meeting.transcript(Media::vtt()));
    fail_download(&campus);
    assert_eq!(late(&campus), 0);
    age(&campus, 4);
    assert_eq!(late(&campus), 1);
}

#[test]
fn retry_of_abandoned_copies_stays_late() {
    let campus = Campus::with_lecture();
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    let once = [("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "1")];
    campus.run_with(&once, &["sync"]);
    campus.run_with(&once, &["sync"]);
    age(&campus, 4);
    assert_eq!(late(&campus), 0, "it was given up");
    assert_eq!(campus.run(&["retry", "--failed"]).exit, 0);
    assert_eq!(late(&campus), 1);
}

/// Of a recording that is in Kaltura for long, a view is tried again that was given up since its listing, and captions that
/// were none begin to be late.
#[test]
fn retry_of_single_files_counts_rightly() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 60).video("gallery_view", Media::mp4().salted(7)));
    campus.zoom.faults().queue("GET /rec/download", 2, Fault::answer(404, "gone"));
    let once = [("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "1")];
    assert_eq!(campus.run_with(&once, &["sync"]).exit, 3);
    campus.sync_until_done_with(&once);
    campus.zoom.add_meeting(lecture("text==", 81_000_000_002, "ada", 60).transcript(Media::text("{\"x\":1}")));
    campus.setup.age_lookback();
    campus.sync_until_done_with(&once);
    age(&campus, 50);
    assert_eq!(late(&campus), 0);
    assert_eq!(campus.run(&["retry", "81000000002"]).exit, 0);
    assert_eq!(late(&campus), 0, "made due just now");
    assert_eq!(campus.run(&["retry", "81000000001"]).exit, 0);
    assert_eq!(late(&campus), 1, "it was owed all the time");
    age(&campus, 4);
    assert_eq!(late(&campus), 2);
}
