//! Who opts out is not copied, and neither is what was recorded meanwhile; a pilot begins with a few who opt in.

use std::fs;

use crate::campus::{Campus, Run, lecture};

const OUT: &str = "ZOOM2KALTURA_FILTER_OPT_OUT";
const IN: &str = "ZOOM2KALTURA_FILTER_OPT_IN";

fn write(campus: &Campus, text: &str) {
    fs::write(campus.setup.path().join("list.txt"), text).expect("a list");
}

fn sync(campus: &Campus, key: &str, args: &[&str]) -> Run {
    let list = campus.setup.path().join("list.txt").display().to_string();
    let run = campus.run_with(&[(key, &list)], args);
    assert_eq!(run.exit, 0, "{}", run.err);
    run
}

/// A lecture that begins now.
fn now(uuid: &str, number: i64, host: &str) -> standin::zoom::Meeting {
    lecture(uuid, number, host, 0)
}

#[test]
fn opted_out_host_is_never_copied() {
    let campus = Campus::with_lecture();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    write(&campus, "# by request\nGUEST@elsewhere.example\n");
    let report = sync(&campus, OUT, &["sync", "--format", "json"]).report();
    assert_eq!((&report["items"][1]["action"], &report["items"][1]["reason"]), (&"skip".into(), &"opted_out".into()));
    assert_eq!(campus.copied(), ["Lecture 81000000001"]);
    assert_eq!(campus.kaltura.log().calls().iter().filter(|call| call.contains("Lecture 81000000002")).count(), 0);
}

/// A backfill can.
#[test]
fn struck_line_copies_no_past_recording() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 5));
    write(&campus, "ada@uni.example\n");
    sync(&campus, OUT, &["sync"]);
    // recorded while the line stood, and in Zoom only after it was struck
    write(&campus, "");
    sync(&campus, OUT, &["sync", "--accept-list"]);
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 1));
    for _ in 0..2 {
        sync(&campus, OUT, &["sync"]);
        assert_eq!(campus.copied(), Vec::<String>::new());
    }
    std::thread::sleep(std::time::Duration::from_millis(1100));
    campus.zoom.add_meeting(now("three==", 81_000_000_003, "ada"));
    sync(&campus, OUT, &["sync"]);
    assert_eq!(campus.copied(), ["Lecture 81000000003"]);
    let today = chrono::Utc::now().date_naive();
    let (from, to) = ((today - chrono::Days::new(2)).to_string(), today.to_string());
    sync(&campus, OUT, &["backfill", "--from", &from, "--to", &to]);
    assert_eq!(campus.copied().len(), 3);
}

#[test]
fn backfill_obeys_a_standing_line() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 5));
    write(&campus, "ada@uni.example\n");
    let today = chrono::Utc::now().date_naive();
    let (from, to) = ((today - chrono::Days::new(2)).to_string(), today.to_string());
    sync(&campus, OUT, &["backfill", "--from", &from, "--to", &to]);
    assert_eq!(campus.copied(), Vec::<String>::new());
}

#[test]
fn late_opt_out_undoes_unfinished_only() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 5));
    campus.sync_until_done();
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 4));
    campus.kaltura.faults().queue("uploadToken.upload", 1, standin::fault::Fault::Reset);
    let settings = [("ZOOM2KALTURA_HTTP_RETRIES", "0"), ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")];
    campus.run_with(&settings, &["sync"]);
    assert_eq!(campus.copied().len(), 2);
    write(&campus, "ada@uni.example\n");
    let before = campus.kaltura.entries()[0].updated_at;
    sync(&campus, OUT, &["sync"]);
    let left: Vec<_> = campus.kaltura.alive();
    assert_eq!((left.len(), left[0].name.as_str(), left[0].updated_at), (1, "Lecture 81000000001", before));
}

#[test]
fn ended_pilot_skips_others_past() {
    let campus = Campus::new();
    campus.kaltura.add_user("guest@elsewhere.example", "");
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    write(&campus, "ada@uni.example\n");
    let report = sync(&campus, IN, &["sync", "--format", "json"]).report();
    assert_eq!(report["items"][1]["reason"], "not_opted_in");
    assert_eq!(campus.copied(), ["Lecture 81000000001"]);
    // the pilot is over
    campus.run(&["sync"]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    campus.zoom.add_meeting(now("new==", 81_000_000_003, "guest"));
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(campus.copied(), ["Lecture 81000000001", "Lecture 81000000003"]);
}

#[test]
fn address_only_zoom_knows_counts() {
    let campus =
        Campus::of(standin::zoom::Zoom::builder().without_host_emails().start(), standin::kaltura::Kaltura::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    write(&campus, "ada@uni.example\n");
    sync(&campus, OUT, &["sync"]);
    assert_eq!(campus.copied(), ["Lecture 81000000002"]);
}

#[test]
fn dry_run_remembers_no_list() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 5));
    sync(&campus, OUT_OF_NOBODY, &["sync", "--dry-run"]);
    write(&campus, "ada@uni.example\n");
    sync(&campus, OUT, &["sync", "--dry-run"]);
    assert!(!campus.setup.state().exists());
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(campus.copied(), ["Lecture 81000000001"]);
}

/// A variable that the program leaves alone.
const OUT_OF_NOBODY: &str = "NO_OPT_OUT";

#[test]
fn left_out_recordings_stay_out() {
    let campus = Campus::new();
    write(&campus, "");
    sync(&campus, OUT, &["sync"]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 5));
    write(&campus, "ada@uni.example\n");
    sync(&campus, OUT, &["sync"]);
    write(&campus, "");
    sync(&campus, OUT, &["sync", "--accept-list"]);
    for _ in 0..2 {
        sync(&campus, OUT, &["sync"]);
        assert_eq!(campus.copied(), Vec::<String>::new());
    }
}
