//! What happened is kept for a while, how things stand for good; a backup can be taken at any time.

use std::time::Duration;

use standin::fault::Fault;
use standin::media::Media;

use crate::campus::{Campus, lecture};

fn count(campus: &Campus, what: &str) -> i64 {
    campus.ledger().query_row(&format!("SELECT count(*) FROM {what}"), [], |row| row.get(0)).expect("a number")
}

/// Lets so many days pass for all that happened.
fn age(campus: &Campus, days: u32) {
    let earlier = |column| format!("{column} = strftime('%Y-%m-%dT%H:%M:%SZ', {column}, '-{days} days')");
    let sql = format!(
        "UPDATE events SET {}; UPDATE runs SET {}; UPDATE meta SET {} WHERE key = 'last_pruned'",
        earlier("at"),
        earlier("started"),
        earlier("value")
    );
    campus.ledger().execute_batch(&sql).expect("time passes");
}

/// A copy, and a recording whose first try failed.
fn campus() -> Campus {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    campus.zoom.add_meeting(lecture("owed==", 81_000_000_002, "ada", 4));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    campus.run(&["sync"]);
    campus.run(&["purge"]);
    campus
}

#[test]
fn settled_history_goes_owed_history_stays() {
    let campus = campus();
    age(&campus, 401);
    let (owed, before) = (campus.run(&["explain", "owed=="]).out, campus.kaltura.fingerprint());
    assert!(owed.contains("a try failed"), "{owed}");
    assert_eq!(campus.run(&["sync"]).exit, 0);
    let settled = campus.run(&["explain", "ada=="]).out;
    assert!(settled.contains("now: safely in Kaltura\n  entry: 0_"), "{settled}");
    assert!(settled.contains("account: ada@uni.example, found by {email}"), "{settled}");
    assert!(settled.contains("no longer kept (sync.keep_history)"), "{settled}");
    assert_eq!(campus.run(&["explain", "owed=="]).out, owed);
    assert_eq!(campus.kaltura.fingerprint(), before, "nothing is copied anew");
    assert_eq!(count(&campus, "runs WHERE command = 'sync'"), 1, "of each command its last run is kept");
    assert!(!campus.run(&["status"]).out.contains("last purge            never"));
}

#[test]
fn configured_time_decides_what_is_kept() {
    let campus = campus();
    age(&campus, 60);
    let (events, runs) = (count(&campus, "events"), count(&campus, "runs"));
    campus.run(&["sync"]);
    assert_eq!((count(&campus, "events"), count(&campus, "runs")), (events, runs + 1));
    age(&campus, 2);
    campus.run_with(&[("ZOOM2KALTURA_SYNC_KEEP_HISTORY", "31d")], &["sync"]);
    assert!(count(&campus, "events") < events);
    let run = campus.run_with(&[("ZOOM2KALTURA_SYNC_KEEP_HISTORY", "30d")], &["sync"]);
    assert!(run.exit == 2 && run.err.contains("sync.keep_history"), "{}", run.err);
}

#[test]
fn pruning_runs_daily_never_dry() {
    let campus = campus();
    age(&campus, 401);
    let events = count(&campus, "events");
    campus.run(&["sync", "--dry-run"]);
    assert_eq!(count(&campus, "events"), events);
    campus.run(&["sync"]);
    assert!(count(&campus, "events") < events);
    let sql = "
        INSERT INTO events (at, run, recording, event)
        SELECT '2020-01-01T00:00:00Z', 'r', id, 'done' FROM recordings WHERE meeting_uuid = 'ada==';
        UPDATE events SET at = '2020-01-01T00:00:00Z'";
    campus.ledger().execute_batch(sql).expect("more that is old");
    let events = count(&campus, "events WHERE at < '2021'");
    campus.run(&["sync"]);
    assert_eq!(count(&campus, "events WHERE at < '2021'"), events);
    age(&campus, 1);
    campus.run(&["sync"]);
    assert_eq!(count(&campus, "events WHERE at < '2021'"), events - 1);
}

#[test]
fn backup_beside_run_is_usable() {
    let campus = Campus::new();
    for number in 1..9 {
        let meeting = lecture(&format!("m{number}=="), 81_000_000_000 + number, "ada", 4);
        campus.zoom.add_meeting(meeting.video("gallery_view", Media::mp4().salted(number.unsigned_abs() + 100)));
    }
    campus.kaltura.faults().queue("uploadToken.upload", 16, Fault::Stall(Duration::from_millis(60)));
    let backup = campus.setup.path().join("ledger.bak");
    let settings = [("ZOOM2KALTURA_SYNC_PARALLEL", "2")];
    std::thread::scope(|scope| {
        let run = scope.spawn(|| campus.run_with(&settings, &["sync"]));
        while campus.kaltura.entries().len() < 5 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let made = campus.run(&["backup", &backup.display().to_string()]);
        assert_eq!(made.exit, 0, "{}", made.err);
        assert!(!run.is_finished(), "the backup was taken beside the run");
        assert_eq!(run.join().expect("a run").exit, 0);
    });
    std::fs::rename(&backup, campus.setup.ledger_file()).expect("the backup is restored");
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}
