//! No recording falls behind: what is owed is listed again, and half a list is no list.

use chrono::{TimeDelta, Utc};
use serde_json::json;
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::zoom::{Category, Zoom};

use crate::campus::{Campus, hours_ago, lecture};

/// Go-live long enough ago for the lookback to be shorter.
const LONG_AGO: &str = "ZOOM2KALTURA_SYNC_GO_LIVE";

fn answer(body: &str) -> Fault {
    let headers = vec![("content-type", "application/json".to_owned())];
    Fault::Answer { status: 200, headers, body: body.to_owned() }
}

#[test]
fn owed_recordings_are_listed_however_old() {
    let campus = Campus::new();
    let go_live = hours_ago(24 * 20);
    let settings = [(LONG_AGO, go_live.as_str())];
    campus.zoom.add_meeting(lecture("slow==", 81_000_000_001, "ada", 24 * 12).processing());
    campus.zoom.add_meeting(lecture("fast==", 81_000_000_002, "ada", 24 * 10));
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    assert_eq!(campus.kaltura.entries().len(), 1);
    campus.zoom.finish_processing("slow==");
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn settled_account_lists_lookback_hourly() {
    let campus = Campus::new();
    let go_live = hours_ago(24 * 20);
    let settings = [(LONG_AGO, go_live.as_str())];
    campus.zoom.add_meeting(lecture("old==", 81_000_000_001, "ada", 24 * 10));
    for _ in 0..4 {
        assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
        std::thread::sleep(std::time::Duration::from_millis(100));
        campus.setup.age_lookback();
    }
    campus.zoom.log().clear();
    campus.run_with(&settings, &["sync"]);
    let listings: Vec<String> = campus.zoom.log().all().into_iter().map(|request| request.target).collect();
    let from = (Utc::now() - TimeDelta::days(7)).date_naive();
    assert!(listings[1].contains(&format!("from={from}")), "{listings:?}");
}

#[test]
fn every_page_is_read_before_copying() {
    let campus = Campus::of(Zoom::builder().page_size_cap(2).start(), Kaltura::start());
    for number in 1..=5 {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", number));
    }
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
    let calls = campus.zoom.log().calls();
    let last_listing = calls.iter().take(4).filter(|call| call.contains("recordings")).count();
    assert_eq!(last_listing, 3, "{calls:?}");
}

#[test]
fn half_a_list_is_an_error() {
    let today = Utc::now().date_naive();
    let short = json!({"from": hours_ago(96)[..10], "to": today.succ_opt(), "page_size": 300, "total_records": 2,
        "next_page_token": "", "meetings": []});
    let other_days = json!({"from": "2020-01-01", "to": "2020-01-30", "total_records": 0, "meetings": []});
    let bodies = [short.to_string(), other_days.to_string(), "{}".to_owned(), "null".to_owned(), String::new()];
    for body in bodies {
        let campus = Campus::with_lecture();
        for hit in 1..=5 {
            campus.zoom.faults().queue("GET /accounts/me/recordings", hit, answer(&body));
        }
        let run = campus.run(&["sync"]);
        assert_eq!(run.exit, 5, "{body}: {}", run.err);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
        let recovers = (0..5).any(|_| campus.run(&["sync"]).exit == 0);
        assert!(recovers, "{body}");
        campus.each_video_is_in_kaltura_once();
    }
}

#[test]
fn throttling_is_waited_out() {
    let campus =
        Campus::of(Zoom::builder().page_size_cap(1).limit(Category::Medium, 1, u32::MAX).start(), Kaltura::start());
    for number in 1..=3 {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", number));
    }
    let run = campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], &["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn daily_limit_ends_with_exit_5() {
    let zoom = Zoom::builder().limit(Category::Medium, 60, 0).start();
    let campus = Campus::of(zoom, Kaltura::start());
    let run = campus.run(&["sync"]);
    assert_eq!((run.exit, run.err.lines().count()), (5, 1), "{}", run.err);
    assert!(run.err.contains("daily limit") && run.err.contains("try again after 20"), "{}", run.err);
    assert_eq!(campus.zoom.log().count("GET /accounts/me/recordings"), 1, "asking again would be of no use");
}
