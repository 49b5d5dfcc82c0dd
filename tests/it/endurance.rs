//! Long outages, odd clocks, and commands by hand in between: everything arrives, once.

use std::process::Stdio;
use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta, Utc};
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::zoom::{Meeting, Segment, Zoom};

use crate::campus::{Campus, hours_ago, lecture};

fn media(salt: i64, bytes: u64) -> Media {
    Media::mp4().salted(salt.unsigned_abs()).padded_to(bytes)
}

/// Lectures of Ada's, an hour apart.
fn lectures(campus: &Campus, count: i64) {
    for number in 0..count {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_001 + number, "ada", 4 + number));
    }
}

fn set_checkpoint(campus: &Campus, from_now: TimeDelta) {
    let ledger = campus.ledger();
    let day = (Utc::now() + from_now).date_naive().to_string();
    let changed = ledger.execute("UPDATE meta SET value = ?1 WHERE key = 'checkpoint'", [day]);
    assert_eq!(changed.expect("a checkpoint"), 1);
}

#[test]
fn future_checkpoint_hides_nothing() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 60));
    campus.sync_until_done();
    set_checkpoint(&campus, TimeDelta::days(60));
    campus.setup.age_lookback();
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 50));
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn fifty_days_outage_loses_nothing() {
    let campus = Campus::new();
    let go_live = hours_ago(24 * 70);
    let settings = [("ZOOM2KALTURA_SYNC_GO_LIVE", go_live.as_str())];
    campus.zoom.add_meeting(lecture("before==", 81_000_000_001, "ada", 24 * 52));
    for _ in 0..3 {
        campus.run_with(&settings, &["sync", "--first-run"]);
        std::thread::sleep(Duration::from_millis(80));
    }
    set_checkpoint(&campus, TimeDelta::days(-50));
    campus.setup.age_lookback();
    for (number, days) in [(1, 49), (2, 31), (3, 30), (4, 29), (5, 8), (6, 1)] {
        campus.zoom.add_meeting(lecture(&format!("day{days}=="), 81_000_000_010 + number, "ada", 24 * days + 1));
    }
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn start_equal_to_go_live_counts() {
    let campus = Campus::new();
    let start = hours_ago(20);
    let meeting = Meeting::new("equal==", 81_000_000_001, "Equal").host("ada").starts(&start);
    campus.zoom.add_meeting(meeting.video("shared_screen", media(1, 20_000)));
    assert_eq!(campus.run_with(&[("ZOOM2KALTURA_SYNC_GO_LIVE", start.as_str())], &["sync"]).exit, 0);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn deleted_hosts_recordings_stay_the_same() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("early==", 81_000_000_001, "ada", 30));
    campus.zoom.add_meeting(lecture("late==", 81_000_000_002, "ada", 3).processing());
    campus.run(&["sync"]);
    for uuid in ["early==", "late=="] {
        campus.zoom.change_meeting(uuid, |meeting| meeting.host("guest"));
    }
    campus.zoom.remove_user("ada");
    campus.zoom.finish_processing("late==");
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn retry_beside_run_doubles_nothing() {
    let campus = Campus::new();
    lectures(&campus, 4);
    let settings = [("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"), ("ZOOM2KALTURA_HTTP_RETRIES", "0")];
    for hit in 1..=2 {
        campus.zoom.faults().queue("GET /rec/download", hit, Fault::answer(404, "gone"));
    }
    campus.run_with(&settings, &["sync"]);
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Stall(Duration::from_secs(2)));
    campus.kaltura.log().clear();
    let mut sync = campus
        .program()
        .arg("sync")
        .envs(settings)
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    while campus.kaltura.log().count("uploadToken.upload") == 0 && sync.try_wait().expect("a child").is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    for _ in 0..3 {
        campus.run(&["retry", "--failed"]);
    }
    assert!(sync.wait().expect("it ends").success());
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn limited_runs_and_backfills_copy_once() {
    let campus = Campus::new();
    lectures(&campus, 6);
    let (from, to) = (hours_ago(48), hours_ago(0));
    for number in 0..8 {
        if number % 2 == 0 {
            campus.run(&["sync", "--limit", "1"]);
        } else {
            campus.run(&["backfill", "--from", &from[..10], "--to", &to[..10], "--limit", "1"]);
        }
    }
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

/// Paused and resumed all the time.
#[test]
fn thousand_segments_are_planned() {
    let campus = Campus::new();
    let mut meeting = Meeting::new("big==", 81_000_000_001, "Big").host("ada").starts(&hours_ago(30));
    let begin = Utc::now() - TimeDelta::hours(30);
    for number in 0..1000 {
        let time = (begin + TimeDelta::seconds(number * 10)).to_rfc3339_opts(SecondsFormat::Secs, true);
        meeting =
            meeting.segment(Segment::starting(&time).lasting_minutes(1).video("shared_screen", media(number, 8000)));
    }
    campus.zoom.add_meeting(meeting);
    let run = campus.run(&["sync", "--dry-run", "--format", "json"]);
    assert_eq!((run.exit, run.report()["items"].as_array().map(Vec::len)), (0, Some(1000)), "{}", run.err);
}

#[test]
fn wrong_size_without_length_is_noticed() {
    let campus = Campus::of(Zoom::builder().without_lengths().start(), Kaltura::start());
    let meeting = Meeting::new("big==", 81_000_000_001, "Big").host("ada").starts(&hours_ago(30));
    campus.zoom.add_meeting(meeting.video("shared_screen", media(1, 50_000)).listed_as(49_900));
    for _ in 0..4 {
        campus.run_with(&[("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")], &["sync"]);
        std::thread::sleep(Duration::from_millis(80));
    }
    campus.each_video_is_in_kaltura_once();
}
