//! Backfill by hand, the brake of a first run, and runs that are cut short on purpose.

use serde_json::json;
use standin::fault::Fault;
use standin::kaltura::{Conversion, Entry, Kaltura};
use standin::media::Media;
use standin::zoom::Zoom;

use crate::campus::{Campus, Run, day, hours_ago, lecture};

/// Recordings 20, 30 and 40 days old: go-live was three days ago.
fn campus() -> Campus {
    let campus = Campus::new();
    for (number, days) in [(1, 40), (2, 30), (3, 20)] {
        let host = if number == 2 { "guest" } else { "ada" };
        campus.zoom.add_meeting(lecture(&format!("old-{number}=="), 81_000_000_000 + number, host, 24 * days));
    }
    campus
}

fn backfill(campus: &Campus, more: &[&str]) -> Run {
    let (from, to) = (day(45), day(10));
    let mut args = vec!["backfill", "--from", &from, "--to", &to, "--format", "json"];
    args.extend(more);
    campus.run(&args)
}

#[test]
fn reaches_before_go_live() {
    let campus = campus();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert!(campus.left().is_empty());
    assert_eq!(backfill(&campus, &[]).exit, 0);
    campus.each_video_is_in_kaltura_once();
    std::thread::sleep(std::time::Duration::from_millis(100));
    let again = backfill(&campus, &[]).report();
    assert_eq!(again["totals"]["done"]["recordings"], 3, "{again:#}");
    assert_eq!(campus.kaltura.log().count("uploadToken.upload"), 3);
}

#[test]
fn narrows_by_host_and_meeting() {
    let campus = campus();
    assert_eq!(backfill(&campus, &["--user", "GUEST@elsewhere.example"]).exit, 0);
    assert_eq!(campus.left(), ["Lecture 81000000002"]);
    assert_eq!(backfill(&campus, &["--meeting", "810 0000 0003", "--meeting", "nothing=="]).exit, 3);
    assert_eq!(campus.left(), ["Lecture 81000000002", "Lecture 81000000003"]);
    assert_eq!(backfill(&campus, &["--meeting", "old-1==", "--user", "guest"]).exit, 0);
    assert_eq!(campus.left().len(), 2);
}

#[test]
fn limit_takes_the_oldest_first() {
    let campus = campus();
    let report = backfill(&campus, &["--limit", "1"]).report();
    let reasons: Vec<_> = report["items"].as_array().expect("items").iter().map(|item| &item["reason"]).collect();
    assert_eq!(json!(reasons), json!([null, "beyond_limit", "beyond_limit"]));
    assert_eq!(campus.left(), ["Lecture 81000000001"]);
    for _ in 0..2 {
        assert_eq!(backfill(&campus, &["--limit", "1"]).exit, 0);
    }
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn never_moves_the_checkpoint() {
    let campus = campus();
    campus.zoom.add_meeting(lecture("new==", 81_000_000_009, "ada", 5));
    backfill(&campus, &[]);
    let report = campus.run(&["sync", "--format", "json"]).report();
    assert_eq!(report["window"]["from"], json!(day(4)), "sync lists from the day before go-live as on a first run");
    assert_eq!(campus.left().len(), 4);
}

#[test]
fn leftovers_do_not_widen_syncs_window() {
    let campus = campus();
    for hit in 1..=30 {
        campus.zoom.faults().queue("CDN", hit, Fault::Cut(3000));
    }
    let (from, to) = (day(45), day(10));
    let args = ["backfill", "--from", &from, "--to", &to];
    campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0"), ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")], &args);
    let report = campus.run(&["sync", "--format", "json"]).report();
    assert_eq!(report["items"], json!([]), "{report:#}");
    let again = campus.run(&["sync", "--format", "json"]).report();
    assert_eq!(again["window"]["from"], json!(day(1)));
    for _ in 0..20 {
        campus.run_with(&[("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"), ("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "100")], &args);
    }
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn recopies_purged_only_when_told() {
    let campus = campus();
    backfill(&campus, &[]);
    std::thread::sleep(std::time::Duration::from_millis(100));
    backfill(&campus, &[]);
    assert_eq!(campus.run(&["purge", "--older-than", "0s"]).exit, 0);
    assert_eq!(campus.left().len(), 2);
    backfill(&campus, &[]);
    assert_eq!(campus.left().len(), 2);
    let run = backfill(&campus, &["--recopy-purged"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert_eq!(campus.left().len(), 3);
    std::thread::sleep(std::time::Duration::from_millis(100));
    backfill(&campus, &["--recopy-purged"]);
    assert_eq!(campus.left().len(), 3, "once is enough");
}

/// No run has noticed the deletion.
#[test]
fn recopies_deleted_only_when_told() {
    for what in ["the entry", "a further view"] {
        let campus = Campus::new();
        let view = Media::mp4().salted(7).padded_to(9_000);
        campus.zoom.add_meeting(lecture("old==", 81_000_000_001, "ada", 24 * 20).video("gallery_view", view));
        for _ in 0..2 {
            backfill(&campus, &[]);
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let is_it = |entry: &&Entry| entry.parent_entry_id.is_empty() == (what == "the entry");
        let id = campus.kaltura.entries().iter().find(is_it).expect("an entry").id.clone();
        campus.kaltura.delete_entry(&id);
        let left = campus.left().len();
        assert_eq!(backfill(&campus, &[]).exit, 0);
        assert_eq!(campus.left().len(), left, "{what}: it stays deleted");
        let dry = backfill(&campus, &["--recopy-purged", "--dry-run"]);
        assert_eq!(dry.report()["items"][0]["action"], "copy", "{what}: {}", dry.err);
        let run = backfill(&campus, &["--recopy-purged"]);
        assert_eq!((run.exit, campus.left().len()), (0, 2), "{what}: {}", run.err);
        std::thread::sleep(std::time::Duration::from_millis(100));
        backfill(&campus, &["--recopy-purged"]);
        assert_eq!(campus.left().len(), 2, "{what}: once is enough");
    }
}

#[test]
fn dry_run_estimates_and_changes_nothing() {
    let campus = campus();
    let (from, to) = (day(45), day(10));
    let before = (campus.zoom.fingerprint(), campus.kaltura.fingerprint());
    let run = campus.run(&["backfill", "--from", &from, "--to", &to, "--dry-run"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(run.out.contains("to copy: less than a minute at 100 Mbit/s"), "{}", run.out);
    assert_eq!((campus.zoom.fingerprint(), campus.kaltura.fingerprint()), before);
    assert!(!campus.setup.state().exists());
}

#[test]
fn impossible_spans_are_wrong_usage() {
    let campus = campus();
    let run = campus.run(&["backfill", "--from", "2026-11-02", "--to", "2026-11-01"]);
    assert_eq!((run.exit, run.err.lines().count()), (2, 1), "{}", run.err);
    assert_eq!(campus.run(&["backfill", "--from", "yesterday", "--to", "2026-11-01"]).exit, 2);
    assert_eq!(campus.run(&["backfill", "--from", "2026-11-01"]).exit, 2);
}

#[test]
fn long_first_run_needs_confirmation() {
    let campus = campus();
    let go_live = hours_ago(24 * 50);
    let settings = [("ZOOM2KALTURA_SYNC_GO_LIVE", go_live.as_str())];
    for args in [&["sync"][..], &["sync", "--dry-run"]] {
        let run = campus.run_with(&settings, args);
        assert_eq!(run.exit, 6);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
        assert!(run.err.contains("3 recordings") && run.err.contains("--first-run"), "{}", run.err);
        assert!(campus.left().is_empty());
    }
    assert_eq!(campus.run_with(&settings, &["sync", "--first-run", "--limit", "1"]).exit, 0);
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0, "a run that was confirmed needs no word more");
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn stops_cleanly_when_time_is_up() {
    let campus = campus();
    campus.zoom.faults().queue("CDN", 1, Fault::Stall(std::time::Duration::from_secs(30)));
    let run = backfill(&campus, &["--max-duration", "1s"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    assert_eq!(backfill(&campus, &[]).exit, 0);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn csv_has_one_row_per_file() {
    let campus = campus();
    campus.zoom.change_meeting("old-1==", |meeting| meeting.topic("=1+1, \"quoted\""));
    let (from, to) = (day(45), day(10));
    let out = campus.run(&["backfill", "--from", &from, "--to", &to, "--dry-run", "--format", "csv"]).out;
    let mut rows = csv::Reader::from_reader(out.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), campus.zoom.meetings().iter().map(|meeting| meeting.files().len()).sum::<usize>());
    assert_eq!(&rows[0][2], "'=1+1, \"quoted\"");
}

#[test]
fn lists_each_month_with_one_request() {
    let campus = Campus::of(Zoom::start(), Kaltura::start());
    let (from, to) = (day(89), day(0));
    campus.run(&["backfill", "--from", &from, "--to", &to]);
    assert_eq!(campus.zoom.log().calls().len(), 1 + 3, "{:?}", campus.zoom.log().calls());
}

#[test]
fn leaves_alone_what_sync_owes() {
    let campus = campus();
    campus.zoom.add_meeting(lecture("slow==", 81_000_000_009, "ada", 5).processing());
    assert_eq!(campus.run(&["sync"]).exit, 0);
    let report = backfill(&campus, &[]).report();
    assert_eq!(report["items"].as_array().map(Vec::len), Some(3), "{report:#}");
}

#[test]
fn endless_conversion_does_not_hold_checkpoint() {
    let kaltura = Kaltura::builder().conversion(Conversion::NeverEnds).start();
    let campus = Campus::of(Zoom::start(), kaltura);
    campus.zoom.add_meeting(lecture("old==", 81_000_000_001, "ada", 24 * 30));
    backfill(&campus, &[]);
    let go_live = hours_ago(24 * 20);
    let settings = [("ZOOM2KALTURA_SYNC_GO_LIVE", go_live.as_str())];
    let windows: Vec<_> = (0..2)
        .map(|_| campus.run_with(&settings, &["sync", "--format", "json"]).report()["window"]["from"].clone())
        .collect();
    assert_eq!(json!(windows), json!([day(21), day(1)]));
}
