//! Clocks that differ: each age is a difference of that side's own times, and what a clock that was wrong left behind holds
//! nothing up.

use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::json;
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::zoom::Zoom;

use crate::campus::{Campus, hours_ago, lecture};

const TRASH: (&str, &str) = ("ZOOM2KALTURA_ZOOM_TRASH_AFTER", "7d");
const ONE: &str = "GET /meetings/{}/recordings";

fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

/// As far as this machine's clock is concerned it is the same whether it is behind, or both others are ahead.
fn set_both_ahead(campus: &Campus, by: TimeDelta) {
    campus.zoom.clock().set_ahead(by);
    campus.kaltura.clock().set_ahead(by);
}

fn with_an_orphan() -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 2));
    campus
}

/// Whether a purge of what is a day old deletes the only orphan.
fn is_purged(campus: &Campus) -> bool {
    let run = campus.run(&["purge", "--older-than", "1d", "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    let action = run.report()["items"][0]["action"].clone();
    assert!(action == json!("delete") || run.report()["items"][0]["reason"] == json!("not_old_enough"), "{}", run.out);
    action == json!("delete")
}

#[test]
fn orphan_age_follows_kaltura_clock() {
    // how far Kaltura's clock is ahead when the copy is confirmed, and later; how old the copy is then
    let cases =
        [(0, 0, false), (-3, -3, false), (3, 3, false), (0, 2, true), (-3, -1, true), (3, 5, true), (3, 0, false)];
    for (then, later, expected) in cases {
        let campus = with_an_orphan();
        campus.kaltura.clock().set_ahead(days(then));
        campus.sync_until_done();
        campus.kaltura.clock().set_ahead(days(later));
        assert_eq!(is_purged(&campus), expected, "{then} {later}");
    }
}

/// From the confirmation by this machine's clock, or from the entry's last change by Kaltura's.
#[test]
fn old_rows_count_from_later_stamp() {
    // how many days ago: the stamp, and the last change of the entry by Kaltura's clock
    let cases = [(3, 0, false), (0, 3, false), (3, 3, true), (-3, 3, false)];
    for (stamp, change, expected) in cases {
        let campus = with_an_orphan();
        campus.kaltura.clock().set_ahead(days(-change));
        campus.sync_until_done();
        campus.kaltura.clock().set_ahead(days(0));
        let stamp = (Utc::now() - days(stamp)).to_rfc3339_opts(SecondsFormat::Secs, true);
        campus.ledger().execute("UPDATE files SET by_kaltura = 0, confirmed = ?1", [&stamp]).expect("an old row");
        assert_eq!(is_purged(&campus), expected, "{stamp} {change}");
    }
}

/// Whether the only recording, copied while Kaltura's clock was so far ahead, is trashed at once.
fn count_trashed(campus: &Campus) -> usize {
    assert_eq!(campus.run_with(&[TRASH], &["sync"]).exit, 0);
    campus.zoom.trash().len()
}

fn with_a_lecture() -> Campus {
    let zoom = Zoom::builder().with_scope("cloud_recording:delete:recording_file:admin").start();
    let campus = Campus::of(zoom, Kaltura::start());
    campus.zoom.add_meeting(
        lecture("ada==", 81_000_000_001, "ada", 5)
            .with_id("screen")
            .video("gallery_view", Media::mp4().salted(1001))
            .with_id("gallery"),
    );
    campus
}

/// This machine's clock decides nothing.
#[test]
fn trash_waits_for_both_clocks() {
    // how far both clocks are ahead when the copies are confirmed; how far Zoom's and Kaltura's are later
    let cases =
        [((0, 0), (0, 0), 0), ((0, -8), (0, -8), 0), ((0, 0), (8, 8), 2), ((0, 0), (8, 0), 0), ((0, 0), (0, 8), 0)];
    for ((zoom, kaltura), (zoom_later, kaltura_later), expected) in cases {
        let campus = with_a_lecture();
        campus.zoom.clock().set_ahead(days(zoom));
        campus.kaltura.clock().set_ahead(days(kaltura));
        campus.sync_until_done();
        campus.zoom.clock().set_ahead(days(zoom_later));
        campus.kaltura.clock().set_ahead(days(kaltura_later));
        assert_eq!(count_trashed(&campus), expected, "{zoom} {kaltura} {zoom_later} {kaltura_later}");
    }
}

#[test]
fn old_rows_wait_for_last_change() {
    for (changed, expected) in [(0, 0), (8, 2)] {
        let campus = with_a_lecture();
        campus.kaltura.clock().set_ahead(days(-changed));
        campus.sync_until_done();
        campus.kaltura.clock().set_ahead(days(0));
        let long_ago = (Utc::now() - days(8)).to_rfc3339_opts(SecondsFormat::Secs, true);
        campus.ledger().execute("UPDATE files SET by_kaltura = 0, confirmed = ?1", [long_ago]).expect("old rows");
        assert_eq!(count_trashed(&campus), expected, "{changed}");
    }
}

fn copied_long_ago() -> Campus {
    let campus = with_a_lecture();
    campus.sync_until_done();
    campus.setup.age_confirmations(days(8));
    campus
}

#[test]
fn trash_takes_whole_recordings_only() {
    type Change = fn(&mut serde_json::Value);
    let changes: [(&str, Change); 4] = [
        ("another size", |files| files[0]["file_size"] = json!(77)),
        ("processing again", |files| files[0]["status"] = json!("processing")),
        ("a new view", |files| {
            let mut file = files[0].clone();
            (file["id"], file["recording_type"]) = (json!("new"), json!("speaker_view"));
            files.as_array_mut().expect("files").push(file);
        }),
        ("a view whose place another file took", |files| files[1]["id"] = json!("new")),
    ];
    for (what, change) in changes {
        // as its list shows it to the plan too, and only to the last look
        for is_listed_so in [true, false] {
            let campus = copied_long_ago();
            campus.zoom.answer_with(ONE, move |_, mut answer| {
                change(&mut answer["recording_files"]);
                answer
            });
            if is_listed_so {
                campus.zoom.answer_with("GET /accounts/me/recordings", move |_, mut answer| {
                    change(&mut answer["meetings"][0]["recording_files"]);
                    answer
                });
            }
            campus.run_with(&[TRASH], &["sync"]);
            assert!(campus.zoom.writes().is_empty(), "{what} {is_listed_so}: {:?}", campus.zoom.writes());
        }
    }
}

#[test]
fn unplayable_for_owner_stays_in_zoom() {
    type Deed = fn(&Campus);
    let deeds: [(&str, Deed); 2] = [
        ("blocked", |campus| campus.kaltura.block_user("ada@uni.example")),
        ("deleted", |campus| campus.kaltura.delete_user("ada@uni.example")),
    ];
    for (what, deed) in deeds {
        let campus = copied_long_ago();
        deed(&campus);
        let run = campus.run_with(&[TRASH], &["sync", "--format", "json"]);
        assert_eq!(run.exit, 0, "{what}: {}", run.err);
        assert!(run.out.contains("no_account"), "{what}: {}", run.out);
        assert!(campus.zoom.writes().is_empty(), "{what}");
    }
}

#[test]
fn slow_clock_leaves_nothing_uncopied() {
    let campus = Campus::new();
    set_both_ahead(&campus, days(3));
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 2 - 72));
    campus.run(&["sync"]);
    assert_eq!(campus.kaltura.entries().len(), 1);
}

#[test]
fn wrong_clock_warns_and_alarms() {
    let campus = with_an_orphan();
    campus.kaltura.add_user("bert@uni.example", "bert@uni.example");
    let reassign = ["reassign", "ada@uni.example", "bert@uni.example", "--dry-run"];
    for (minutes, expected) in [(4, None), (7, Some("behind")), (-7, Some("ahead of")), (0, None)] {
        set_both_ahead(&campus, TimeDelta::minutes(minutes));
        for args in [&["sync"][..], &["sync", "--dry-run"], &["purge"], &["purge", "--dry-run"], &reassign] {
            let run = campus.run(args);
            let lines: Vec<&str> = run.err.lines().filter(|line| line.contains("this machine's clock")).collect();
            assert_eq!(
                (run.exit, lines.len()),
                (0, usize::from(expected.is_some())),
                "{minutes} {args:?}: {}",
                run.err
            );
            assert!(expected.is_none_or(|side| lines[0].contains(side)), "{minutes} {args:?}: {lines:?}");
        }
        let status = campus.run(&["status", "--format", "json", "--alert"]);
        assert_eq!(status.out.contains("this machine's clock"), expected.is_some(), "{minutes}: {}", status.out);
    }
}

#[test]
fn future_listing_mutes_no_alarm() {
    let campus = Campus::new();
    campus.run(&["sync"]);
    assert_eq!(campus.run(&["status", "--alert"]).exit, 0);
    let ahead = (Utc::now() + days(3)).to_rfc3339_opts(SecondsFormat::Secs, true);
    campus.ledger().execute("UPDATE meta SET value = ?1 WHERE key = 'last_listing'", [ahead]).expect("a listing");
    let status = campus.run(&["status", "--format", "json", "--alert"]);
    assert_eq!(status.exit, 7);
    assert!(status.out.contains("ahead of this machine"), "{}", status.out);
    campus.run(&["sync"]);
    assert_eq!(campus.run(&["status", "--alert"]).exit, 0);
}

#[test]
fn nothing_waits_for_future_stamps() {
    // where a try is put off to, and where what happened is dated
    let instants = [
        "UPDATE files SET next_try = ?1",
        "UPDATE files SET attach_sent = ?1",
        "UPDATE files SET trash_asked = ?1",
        "UPDATE files SET trash_not_before = ?1",
        "UPDATE recordings SET rights_not_before = ?1",
        "UPDATE hosts SET asked = ?1",
        "UPDATE accounts SET asked = ?1",
        "UPDATE runs SET started = ?1, finished = ?1",
        "INSERT OR REPLACE INTO meta (key, value) VALUES ('rests_webhook', ?1)",
        "INSERT OR REPLACE INTO meta (key, value) VALUES ('last_pruned', ?1)",
        "INSERT OR REPLACE INTO meta (key, value) VALUES ('last_lookback', ?1)",
        "INSERT OR REPLACE INTO meta (key, value) VALUES ('last_rescan', ?1)",
        "INSERT OR REPLACE INTO meta (key, value) VALUES ('short_since', ?1)",
    ];
    let ahead = (Utc::now() + days(3)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    for sql in instants {
        campus.ledger().execute(sql, [&ahead]).expect("an instant");
        assert_eq!(campus.run(&["sync"]).exit, 0, "{sql}");
        let left: i64 = [
            "SELECT count(*) FROM files WHERE ?1 IN (next_try, attach_sent, trash_asked, trash_not_before)",
            "SELECT count(*) FROM recordings WHERE rights_not_before = ?1",
            "SELECT count(*) FROM hosts WHERE asked = ?1",
            "SELECT count(*) FROM accounts WHERE asked = ?1",
            "SELECT count(*) FROM runs WHERE ?1 IN (started, finished)",
            "SELECT count(*) FROM meta WHERE value = ?1",
        ]
        .iter()
        .map(|sql| campus.ledger().query_row(sql, [&ahead], |row| row.get::<_, i64>(0)).expect("a count"))
        .sum();
        assert_eq!(left, 0, "{sql}");
    }
}

#[test]
fn future_retry_runs_at_once() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 2));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    assert_eq!(campus.run(&["sync"]).exit, 3);
    // twenty hours: less than the longest time for which a try is put off
    let ahead = (Utc::now() + TimeDelta::hours(20)).to_rfc3339_opts(SecondsFormat::Secs, true);
    campus.ledger().execute("UPDATE files SET next_try = ?1", [&ahead]).expect("a try");
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert!(campus.kaltura.entries().is_empty(), "it may have been put off rightly");
    campus.ledger().execute("UPDATE runs SET started = ?1", [&ahead]).expect("runs");
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(campus.kaltura.entries().len(), 1);
}

#[test]
fn future_attach_delays_nothing() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 2));
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Reset);
    campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], &["sync"]);
    let ahead = (Utc::now() + days(3)).to_rfc3339_opts(SecondsFormat::Millis, true);
    let sql = "UPDATE files SET state = 'attaching', entry_id = NULL, next_try = NULL, attach_sent = ?1";
    campus.ledger().execute(sql, [&ahead]).expect("a copy in doubt");
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn window_follows_zoom_clock() {
    let campus = Campus::new();
    set_both_ahead(&campus, days(-40));
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 24 * 40 + 2));
    let go_live = [("ZOOM2KALTURA_SYNC_GO_LIVE", &*hours_ago(24 * 41))];
    for _ in 0..2 {
        campus.run_with(&go_live, &["sync"]);
    }
    assert_eq!(campus.kaltura.entries().len(), 1);
    let status: serde_json::Value =
        serde_json::from_str(&campus.run(&["status", "--format", "json"]).out).expect("how things stand");
    assert_eq!(status["at_risk"], json!([]));
}
