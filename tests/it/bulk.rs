//! A first plan of thousands of recordings that are left out is written in bulk: all of it or nothing, whenever a run is killed.

use std::process::Stdio;
use std::time::Duration;

use rusqlite::Connection;

use crate::campus::{Campus, lecture};
use crate::doubles::LIST;

/// More than are written one by one.
const LEFT_OUT: i64 = 2_200;
const PRIVATE: (&str, &str) = ("ZOOM2KALTURA_FILTER_EXCLUDE_TOPICS", "['^Private']");

fn campus() -> Campus {
    let campus = Campus::with_lecture();
    for number in 0..LEFT_OUT {
        let meeting = lecture(&format!("private{number}=="), 82_000_000_000 + number, "ada", 5 + number % 20);
        campus.zoom.add_meeting(meeting.topic("Private"));
    }
    campus
}

/// A run that is killed so long after it began to write in bulk; `false` if it ended before that.
fn is_killed(campus: &Campus, after: Duration) -> bool {
    campus.zoom.log().clear();
    let journal = campus.setup.state().join("ledger.db-journal");
    let mut run = campus.program();
    run.arg("sync").envs([PRIVATE]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut run = run.spawn().expect("the program runs");
    // the ledger itself is made with a journal: before anything is listed
    while campus.zoom.log().count(LIST) == 0 || !journal.exists() {
        if run.try_wait().expect("it can be looked at").is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    std::thread::sleep(after);
    let is_running = run.try_wait().expect("it can be looked at").is_none();
    run.kill().expect("it is killed, or has ended");
    run.wait().expect("it ends");
    is_running
}

/// How many recordings and events there are, and the indexes by which recordings are found.
fn written(ledger: &Connection) -> (i64, i64, Vec<String>) {
    let count = |sql: &str| ledger.query_row(sql, [], |row| row.get(0)).expect("a count");
    let mut indexes = ledger.prepare("SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY name").expect("SQL");
    let indexes = indexes.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("names");
    let sound: String = ledger.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check");
    assert_eq!(sound, "ok");
    let private = "FROM recordings WHERE topic = 'Private'";
    let events = format!("SELECT count(*) FROM each_event WHERE recording IN (SELECT id {private})");
    (count(&format!("SELECT count(*) {private}")), count(&events), indexes)
}

/// What readers leave as it is: all but the memory that processes share. Where a run was killed as it changed the journal, they
/// make the empty log that the file asks for.
fn files(campus: &Campus) -> Vec<(String, Vec<u8>)> {
    campus.state().into_iter().filter(|(path, bytes)| !path.ends_with("-shm") && !bytes.is_empty()).collect()
}

#[test]
fn killed_bulk_is_all_or_nothing() {
    let campus = campus();
    let untouched = Campus::with_lecture();
    untouched.sync_until_done();
    let (.., indexes) = written(&untouched.ledger());
    let mut kills = 0;
    while kills < 6 && is_killed(&campus, Duration::from_millis((1 << (2 * kills)) - 1)) {
        kills += 1;
        let before = files(&campus);
        for args in [&["status"][..], &["explain", "Lecture"], &["sync", "--dry-run"]] {
            let run = campus.run_with(&[PRIVATE], args);
            assert_eq!((run.exit, run.err.as_str()), (0, ""), "{args:?} after {kills}");
        }
        assert!(files(&campus) == before, "nothing is written after {kills}");
    }
    assert!(kills > 0, "the case is what it says");
    let run = campus.run_with(&[PRIVATE], &["sync", "--full", "--format", "json"]);
    let left_out = run.items().iter().filter(|item| item["reason"] == "topic_excluded").count();
    assert_eq!((run.exit, i64::try_from(left_out)), (0, Ok(LEFT_OUT)), "{}", run.err);
    assert_eq!(written(&campus.ledger()), (LEFT_OUT, LEFT_OUT, indexes));
    assert_eq!(campus.kaltura.entries().len(), 1);
}
