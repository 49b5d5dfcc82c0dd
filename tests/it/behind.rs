//! Nothing falls behind: late, odd, lost and hidden recordings, and a Zoom that is not as documented.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::json;
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::zoom::{Meeting, Segment, User, Zoom};

use crate::campus::{Campus, big, day, hours_ago, lecture, walked};

const GO_LIVE: &str = "ZOOM2KALTURA_SYNC_GO_LIVE";

#[test]
fn three_weeks_outage_loses_nothing() {
    let campus = Campus::new();
    let go_live = hours_ago(24 * 30);
    let settings = [(GO_LIVE, go_live.as_str())];
    campus.zoom.add_meeting(lecture("before==", 81_000_000_001, "ada", 24 * 25));
    for _ in 0..3 {
        assert_eq!(campus.run_with(&settings, &["sync", "--first-run"]).exit, 0);
        std::thread::sleep(Duration::from_millis(60));
    }
    let ledger = campus.ledger();
    let then = (Utc::now() - TimeDelta::days(21)).date_naive().to_string();
    ledger.execute("UPDATE meta SET value = ?1 WHERE key = 'checkpoint'", [then]).expect("three weeks ago");
    drop(ledger);
    campus.setup.age_lookback();
    for week in 0..3 {
        campus.zoom.add_meeting(lecture(&format!("week{week}=="), 81_000_000_010 + week, "ada", 24 * (7 * week + 1)));
    }
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn slow_processing_holds_the_checkpoint() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("slow==", 81_000_000_001, "ada", 60).processing());
    campus.run(&["sync"]);
    let first = (Utc::now() - TimeDelta::hours(60)).date_naive().to_string();
    assert_eq!(campus.checkpoint(), first);
    campus.zoom.finish_processing("slow==");
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
    campus.setup.age_lookback();
    campus.run(&["sync"]);
    assert_eq!(campus.checkpoint(), day(0));
}

#[test]
fn meeting_over_midnight_is_copied_whole() {
    let campus = Campus::new();
    let evening = format!("{}T23:40:00Z", (Utc::now() - TimeDelta::days(2)).date_naive());
    let night = format!("{}T00:20:00Z", (Utc::now() - TimeDelta::days(1)).date_naive());
    let part = |time: &str, salt| Segment::starting(time).video("shared_screen", Media::mp4().salted(salt));
    let meeting = Meeting::new("night==", 81_000_000_001, "Until late").host("ada").starts(&evening);
    campus.zoom.add_meeting(meeting.segment(part(&evening, 1)).segment(part(&night, 2)));
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
    assert_eq!(campus.kaltura.entries().len(), 2);
}

#[test]
fn rescan_finds_recordings_recovered_from_trash() {
    let campus = Campus::new();
    let go_live = hours_ago(24 * 50);
    let settings = [(GO_LIVE, go_live.as_str())];
    assert_eq!(campus.run_with(&settings, &["sync", "--first-run"]).exit, 0);
    campus.zoom.add_meeting(lecture("recovered==", 81_000_000_001, "ada", 24 * 40));
    campus.run_with(&settings, &["sync"]);
    assert!(campus.kaltura.entries().is_empty(), "the next rescan is due in half a day");
    let ledger = campus.ledger();
    let then = (Utc::now() - TimeDelta::hours(13)).to_rfc3339();
    ledger.execute("UPDATE meta SET value = ?1 WHERE key = 'last_rescan'", [then]).expect("half a day ago");
    drop(ledger);
    campus.run_with(&settings, &["sync"]);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn vanished_recording_is_reported_once() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("lost==", 81_000_000_001, "ada", 40).processing());
    campus.run(&["sync"]);
    assert_ne!(campus.checkpoint(), day(0));
    campus.zoom.remove_meeting("lost==");
    campus.setup.age_lookback();
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!((run.exit, run.reasons()), (3, vec!["gone_from_zoom".to_owned()]), "{}", run.err);
    assert!(run.err.contains("Zoom no longer has it") && run.err.contains("trash"), "{}", run.err);
    assert_eq!(campus.checkpoint(), day(0));
    let again = campus.run(&["sync", "--format", "json"]);
    assert_eq!((again.exit, again.err.as_str()), (0, ""));
}

#[test]
fn vanished_recordings_leave_no_entry_behind() {
    let campus = Campus::new();
    let meeting = Meeting::new("lost==", 81_000_000_001, "Lost").host("ada").starts(&hours_ago(5));
    campus.zoom.add_meeting(meeting.video("shared_screen", Media::mp4().padded_to(2_500_000)));
    campus.zoom.faults().queue("CDN", 1, Fault::Cut(1_200_000));
    let settings = [("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1"), ("ZOOM2KALTURA_HTTP_RETRIES", "0")];
    campus.run_with(&settings, &["sync"]);
    assert_eq!(campus.kaltura.entries().len(), 1);
    campus.zoom.remove_meeting("lost==");
    assert_eq!(campus.run(&["sync"]).exit, 3);
    assert!(campus.kaltura.entries().iter().all(|entry| entry.status == 3));
    assert!(campus.kaltura.tokens().is_empty());
    assert_eq!(campus.run(&["sync"]).exit, 0);
}

#[test]
fn errors_never_count_as_gone() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("hidden==", 81_000_000_001, "ada", 40).processing());
    campus.run(&["sync"]);
    let before = campus.checkpoint();
    campus.zoom.remove_meeting("hidden==");
    for fault in [
        Fault::answer(404, "{\"code\":1001,\"message\":\"User does not exist\"}"),
        Fault::html(),
        Fault::answer(500, ""),
    ] {
        for hit in 1..=5 {
            campus.zoom.faults().queue("GET /meetings/{}/recordings", hit, fault.clone());
        }
        let run = campus.run(&["sync", "--format", "json"]);
        assert_ne!(run.exit, 0, "{fault:?}");
        assert_eq!(campus.checkpoint(), before, "{fault:?}");
        for _ in 0..5 {
            // what is left in the queue is used up
            let _ = campus.zoom.faults().take("GET /meetings/{}/recordings");
        }
    }
    assert_eq!(campus.run(&["sync"]).exit, 3, "now it is known");
}

#[test]
fn never_finished_is_reported_after_retention() {
    let campus = Campus::new();
    let go_live = hours_ago(24 * 20);
    let settings = [(GO_LIVE, go_live.as_str()), ("ZOOM2KALTURA_SYNC_ZOOM_RETENTION", "5d")];
    campus.zoom.add_meeting(lecture("stuck==", 81_000_000_001, "ada", 24 * 6).processing());
    campus.zoom.add_meeting(lecture("empty==", 81_000_000_002, "ada", 24 * 8).without_files());
    let run = campus.run_with(&settings, &["sync", "--format", "json"]);
    assert_eq!((run.exit, run.reasons()), (3, vec!["no_files".to_owned(), "never_finished".to_owned()]), "{}", run.err);
    assert_eq!(campus.checkpoint(), day(0));
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    campus.zoom.finish_processing("stuck==");
    campus.setup.age_lookback();
    campus.run_with(&settings, &["sync"]);
    assert_eq!(campus.kaltura.entries().len(), 1, "and it is copied if it comes all the same");
}

#[test]
fn one_odd_meeting_stops_no_other() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("good==", 81_000_000_001, "ada", 40));
    campus.zoom.add_meeting(lecture("odd==", 81_000_000_002, "ada", 39).listed_with("uuid", json!(null)));
    let lenient = lecture("lenient==", 81_000_000_003, "ada", 38)
        .listed_with("type", json!("8"))
        .listed_with("topic", json!(null))
        .listed_with("id", json!("81000000003"))
        .listed_with("duration", json!("an hour"));
    campus.zoom.add_meeting(lenient);
    let run = campus.run(&["sync"]);
    assert_eq!(run.exit, 3, "{}", run.err);
    assert!(run.err.contains("the meeting \"Lecture 81000000002\" (81000000002) has no uuid"), "{}", run.err);
    assert_eq!(campus.kaltura.entries().len(), 2);
    assert_eq!(campus.checkpoint(), "", "a list that could not be read whole moves no checkpoint");
    campus.zoom.change_meeting("odd==", |_| lecture("odd==", 81_000_000_002, "ada", 39));
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn without_account_list_users_are_walked() {
    let zoom = walked();
    let campus = Campus::of(zoom, Kaltura::start());
    campus.zoom.add_user(User::new("left", "left@uni.example").inactive());
    campus.kaltura.add_user("left@uni.example", "");
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("left==", 81_000_000_002, "left", 4));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_003, "guest", 3));
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
    let owners: Vec<String> = campus.kaltura.entries().into_iter().map(|entry| entry.user_id).collect();
    assert!(owners.contains(&"left@uni.example".to_owned()), "{owners:?}");
    assert_eq!(campus.zoom.log().count("GET /users/{}"), 0, "the addresses are known from the list of users");
}

#[test]
fn one_users_error_holds_the_checkpoint() {
    let zoom = walked();
    let campus = Campus::of(zoom, Kaltura::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 40));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 39));
    let refused = Fault::zoom_error(400, 4711, "Invalid access token, does not contain scopes:[a].");
    campus.zoom.faults().queue("GET /users/{}/recordings", 1, refused);
    let run = campus.run(&["sync"]);
    assert_ne!(run.exit, 0, "{}", run.err);
    assert_eq!(campus.kaltura.entries().len(), 1);
    assert_eq!(campus.checkpoint(), "");
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn broken_page_tokens_restart_listing() {
    let expired = Fault::zoom_error(400, 300, "The next page token is invalid or expired.");
    let campus = Campus::of(Zoom::builder().page_size_cap(1).start(), Kaltura::start());
    for number in 1..=3 {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", number));
    }
    campus.zoom.faults().queue("GET /accounts/me/recordings", 2, expired);
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(campus.zoom.log().count("GET /accounts/me/recordings"), 2 + 3);
    campus.each_video_is_in_kaltura_once();
    let endless =
        Campus::of(Zoom::builder().page_size_cap(1).page_token_lifetime(Duration::ZERO).start(), Kaltura::start());
    for number in 1..=2 {
        endless.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", number));
    }
    let run = endless.run(&["sync"]);
    assert_ne!(run.exit, 0);
    assert!(run.err.contains("page token"), "{}", run.err);
    assert!(endless.kaltura.entries().is_empty());
}

#[test]
fn shorter_windows_than_asked_hide_nothing() {
    let campus = Campus::of(Zoom::builder().longest_range(7).start(), Kaltura::start());
    for week in 0..8 {
        campus.zoom.add_meeting(lecture(&format!("week{week}=="), 81_000_000_000 + week, "ada", 24 * 7 * week + 30));
    }
    let (from, to) = (hours_ago(24 * 60), hours_ago(0));
    let run = campus.run(&["backfill", "--from", &from[..10], "--to", &to[..10]]);
    assert_eq!(run.exit, 0, "{}", run.err);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn per_meeting_tokens_open_their_files() {
    let campus = Campus::of(Zoom::builder().files_need_their_own_token().start(), Kaltura::start());
    for uuid in ["plain==", "/slash==", "two//slashes=="] {
        campus.zoom.add_meeting(lecture(uuid, 81_000_000_001, "ada", 5).transcript(Media::vtt()));
    }
    let run = campus.run(&["-vv", "sync"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    for secret in campus.secrets() {
        assert!(!run.err.contains(&secret) && !run.out.contains(&secret));
    }
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn refused_range_is_read_and_skipped() {
    let campus = Campus::new();
    campus.zoom.add_meeting(big(3_500_000));
    campus.zoom.faults().queue("CDN", 1, Fault::Cut(2_500_000));
    campus.zoom.faults().queue("CDN", 2, Fault::answer(416, ""));
    let run = campus.run_with(&[("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1")], &["sync"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
    assert_eq!(campus.zoom.cdn_log().len(), 3);
}

#[test]
fn hosts_are_asked_once_per_run() {
    let campus = Campus::of(Zoom::builder().without_host_emails().start(), Kaltura::start());
    for number in 1..=3 {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", 9 - number));
        campus.sync_until_done();
    }
    assert_eq!(campus.zoom.log().count("GET /users/{}"), 3);
    // Ada has another address now, and somebody else has her old one
    campus.zoom.change_user("ada", |user| user.email("ada.new@uni.example"));
    campus.kaltura.add_user("ada.new@uni.example", "");
    campus.zoom.add_meeting(lecture("new==", 81_000_000_009, "ada", 2));
    campus.sync_until_done();
    let newest = campus.kaltura.entries().pop().expect("an entry");
    assert_eq!(newest.user_id, "ada.new@uni.example");
}

#[test]
fn known_recordings_cost_only_list_requests() {
    let campus = Campus::of(Zoom::builder().page_size_cap(3).start(), Kaltura::start());
    for number in 0..10 {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", number + 1));
    }
    campus.sync_until_done();
    let (zoom, kaltura) = (campus.zoom.log(), campus.kaltura.log());
    zoom.clear();
    kaltura.clear();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(zoom.count("GET /accounts/me/recordings"), 4, "ten meetings by three");
    assert_eq!(zoom.calls().len(), 1 + 4, "a login beside them: {:?}", zoom.calls());
    assert!(kaltura.calls().is_empty(), "{:?}", kaltura.calls());
}

#[test]
fn token_is_fetched_once_until_revoked() {
    let campus = Campus::new();
    for number in 1..=4 {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", number));
    }
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(campus.zoom.log().count("POST /oauth/token"), 1);
    campus.zoom.add_meeting(lecture("late==", 81_000_000_009, "ada", 9));
    let stale = Fault::zoom_error(401, 124, "Access token is expired.");
    campus.zoom.faults().queue("GET /rec/download", 1, stale);
    campus.zoom.log().clear();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(campus.zoom.log().count("POST /oauth/token"), 2);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn host_look_ups_keep_zoom_rate() {
    use standin::zoom::Category;
    let zoom = Zoom::builder().without_host_emails().limit(Category::Light, 8, u32::MAX).start();
    let campus = Campus::of(zoom, Kaltura::start());
    for number in 0..12 {
        let host = format!("host{number}");
        campus.zoom.add_user(User::new(&host, &format!("{host}@uni.example")));
        campus.kaltura.add_user(&format!("{host}@uni.example"), "");
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, &host, 5));
    }
    let settings = [("ZOOM2KALTURA_ZOOM_LIGHT_PER_SECOND", "6")];
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    assert_eq!(campus.zoom.log().count("GET /users/{}"), 12, "none was turned away and asked again");
    campus.each_video_is_in_kaltura_once();
}
