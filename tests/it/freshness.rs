//! A long run never makes fresh recordings wait.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::campus::{Campus, hours_ago, lecture};
use crate::standin::fault::Fault;

#[test]
fn fresh_recording_overtakes_the_backlog() {
    const BACKLOG: i64 = 200;
    let campus = Campus::new();
    for number in 0..BACKLOG {
        campus.zoom.add_meeting(lecture(&format!("old{number}=="), 81_000_000_000 + number, "ada", 24 * 30 + number));
    }
    for hit in 1..=60 {
        campus.kaltura.faults().queue("uploadToken.upload", hit, Fault::Stall(Duration::from_millis(100)));
    }
    let (from, to) = (hours_ago(24 * 60), hours_ago(24 * 20));
    let mut backfill = Command::new(env!("CARGO_BIN_EXE_zoom2kaltura"))
        .arg("--config")
        .arg(campus.setup.config())
        .args(["backfill", "--from", &from[..10], "--to", &to[..10]])
        .env("ZOOM2KALTURA_SYNC_RELIST_EVERY", "1s")
        .env("ZOOM2KALTURA_SYNC_PARALLEL", "2")
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    while campus.kaltura.log().count("uploadToken.upload") < 5 {
        std::thread::sleep(Duration::from_millis(10));
    }
    campus.zoom.add_meeting(lecture("fresh==", 81_000_001_000, "ada", 2));
    campus.zoom.add_meeting(lecture("before-go-live==", 81_000_001_001, "ada", 24 * 5));
    assert!(backfill.wait().expect("the backfill ends").success());
    let entries = campus.kaltura.entries();
    let place = entries.iter().position(|entry| entry.reference_id.contains("fresh==")).expect("it was copied");
    let backlog = usize::try_from(BACKLOG).expect("a small number");
    assert!(place < backlog - 20, "it came as number {place} of {}", entries.len());
    assert_eq!(entries.len(), backlog + 1, "what is older than go-live is not for sync to copy");
    let run = campus.run(&["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    assert_eq!(campus.kaltura.entries().len(), backlog + 1);
}

#[test]
fn limited_run_looks_for_no_more() {
    let campus = Campus::new();
    for number in 0..3 {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", 9));
    }
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Stall(Duration::from_millis(1500)));
    let settings = [("ZOOM2KALTURA_SYNC_RELIST_EVERY", "1s")];
    assert_eq!(campus.run_with(&settings, &["sync", "--limit", "1"]).exit, 0);
    assert_eq!(campus.kaltura.entries().len(), 1);
}
