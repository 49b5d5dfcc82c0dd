//! How many calls a run makes, and in which order recordings travel: stated exactly, so that none creeps in.

use std::collections::BTreeMap;

use chrono::{Days, Utc};
use serde_json::Value;
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::request_log::{Logged, RequestLog};
use standin::zoom::{Meeting, User, Zoom};

use crate::campus::{Campus, Run, hours_ago, lecture};

/// The requests to Kaltura, each by its name, a multirequest by the parts in it.
fn requests(log: &RequestLog) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let all = log.all();
    // the parts of a multirequest are logged too, with the address of the whole
    let whole = all.iter().filter(|logged| !is_part(logged));
    for logged in whole {
        let name = if logged.call == "multirequest" { parts(logged) } else { logged.call.clone() };
        *found.entry(name).or_default() += 1;
    }
    found
}

fn is_part(logged: &Logged) -> bool {
    logged.target.ends_with("/service/multirequest") && logged.call != "multirequest"
}

/// The kinds of calls in a multirequest, such as `media.add+media.addContent`.
fn parts(logged: &Logged) -> String {
    let body: Value = serde_json::from_str(&logged.body).expect("JSON");
    let part = |number: usize| {
        let part = body.get(number.to_string())?;
        Some(format!("{}.{}", part["service"].as_str()?, part["action"].as_str()?))
    };
    let mut names: Vec<String> = (1..).map_while(part).collect();
    names.dedup();
    names.truncate(2);
    names.join("+")
}

fn settings(list: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    list.to_vec()
}

/// Beside its chunks; the rest comes in batches.
#[test]
fn each_recording_costs_few_kaltura_calls() {
    const RECORDINGS: i64 = 30;
    let campus = Campus::new();
    for number in 0..RECORDINGS {
        campus.zoom.add_user(User::new(&format!("u{number}"), &format!("u{number}@uni.example")));
        campus.kaltura.add_user(&format!("u{number}@uni.example"), "");
        campus.zoom.add_meeting(lecture(&format!("m{number}=="), 81_000_000_000 + number, &format!("u{number}"), 9));
    }
    let run = campus.run(&["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let expected = [
        ("session.start", 1),
        // all owners in one request, all marks in one, and one look for other installations in 12 hours
        ("user.get", 1),
        ("media.list", 2),
        ("media.add+media.addContent", 30),
        ("uploadToken.upload", 30),
        // 25 copies confirmed in a request
        ("media.get+flavorAsset.getByEntryId", 2),
    ];
    let expected: BTreeMap<String, usize> = expected.map(|(name, count)| (name.to_owned(), count)).into();
    let mut found = requests(campus.kaltura.log());
    // the first four claim their own; the others are claimed up to eight in a request
    let claims = found.remove("uploadToken.add+uploadToken.list").unwrap_or_default();
    assert!((4 + 4..=4 + 9).contains(&claims), "{claims}");
    assert_eq!(campus.kaltura.log().count("uploadToken.add"), 30);
    assert_eq!(found, expected);
    let zoom = campus.zoom.log();
    assert_eq!(zoom.count("POST /oauth/token"), 1);
    assert_eq!(zoom.count("GET /accounts/me/recordings"), 1);
    assert_eq!(zoom.count("GET /rec/download"), 30);
    // who each host is, by the id
    assert_eq!(zoom.count("GET /users/{}"), 30);
    assert_eq!(zoom.all().len(), 62);
    assert_eq!(campus.zoom.cdn_log().len(), 30);
}

#[test]
fn owner_is_asked_with_token() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("first==", 81_000_000_001, "ada", 9));
    campus.sync_until_done();
    campus.zoom.add_meeting(lecture("second==", 81_000_000_002, "ada", 8));
    campus.kaltura.log().clear();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    let found = requests(campus.kaltura.log());
    assert_eq!(found.get("uploadToken.add+user.get"), Some(&1), "{found:?}");
    assert!(!found.contains_key("user.get") && !found.contains_key("uploadToken.add"), "{found:?}");
}

#[test]
fn idle_run_asks_kaltura_nothing() {
    let campus = Campus::of(Zoom::builder().page_size_cap(3).start(), Kaltura::start());
    for number in 0..7 {
        campus.zoom.add_meeting(lecture(&format!("m{number}=="), 81_000_000_000 + number, "ada", 9));
    }
    campus.sync_until_done();
    campus.zoom.log().clear();
    campus.kaltura.log().clear();
    let run = campus.run(&["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let page = "GET /accounts/me/recordings";
    assert_eq!(campus.zoom.log().calls(), ["POST /oauth/token", page, page, page]);
    assert_eq!(requests(campus.kaltura.log()), BTreeMap::new());
}

/// A recording of so many bytes, whose UUID tells of it.
fn recording(number: i64, hours: i64, bytes: u64) -> Meeting {
    Meeting::new(&format!("{bytes} bytes, {hours} hours ago"), 81_000_000_000 + number, "Lecture")
        .host("ada")
        .starts(&hours_ago(hours))
        .video("shared_screen", Media::mp4().padded_to(bytes))
}

/// The UUIDs in the order in which their downloads began.
fn order(campus: &Campus) -> Vec<String> {
    let meetings = campus.zoom.meetings();
    let is_of = |meeting: &Meeting, target: &str| meeting.files().iter().any(|file| target.contains(&file.name()));
    let uuid = |target: &str| meetings.iter().find(|meeting| is_of(meeting, target)).map(Meeting::uuid);
    let downloads = campus.zoom.cdn_log().all();
    downloads.iter().map(|asked| uuid(&asked.target).expect("a recording file").to_owned()).collect()
}

fn one_at_a_time(campus: &Campus, args: &[&str]) -> Run {
    let run = campus.run_with(&settings(&[("ZOOM2KALTURA_SYNC_PARALLEL", "1")]), args);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    run
}

#[test]
fn urgent_recordings_first_long_ones_last() {
    let campus = Campus::new();
    let tomorrow = (Utc::now().date_naive() + Days::new(1)).to_string();
    campus.zoom.add_meeting(recording(1, 20, 900_000));
    campus.zoom.add_meeting(recording(2, 10, 30_000));
    campus.zoom.add_meeting(recording(3, 9, 20_000));
    campus.zoom.add_meeting(recording(4, 8, 400_000).deleted_on(&tomorrow));
    one_at_a_time(&campus, &["sync"]);
    let expected = ["400000 bytes, 8 hours ago", "20000 bytes, 9 hours ago", "30000 bytes, 10 hours ago"];
    assert_eq!(order(&campus), [&expected[..], &["900000 bytes, 20 hours ago"]].concat());
}

#[test]
fn limit_follows_the_same_order() {
    let campus = Campus::new();
    campus.zoom.add_meeting(recording(1, 20, 900_000));
    campus.zoom.add_meeting(recording(2, 10, 30_000));
    campus.zoom.add_meeting(recording(3, 9, 20_000));
    one_at_a_time(&campus, &["sync", "--limit", "2"]);
    assert_eq!(order(&campus), ["20000 bytes, 9 hours ago", "30000 bytes, 10 hours ago"]);
}

#[test]
fn low_bandwidth_breaks_no_transfer() {
    let campus = Campus::new();
    for number in 0..2 {
        campus.zoom.add_meeting(recording(number, 9 + number, 500_000));
    }
    // five seconds of transfer; patience enough for a machine whose disk is busy with other tests
    let settings = settings(&[("ZOOM2KALTURA_SYNC_BANDWIDTH", "200kB/s"), ("ZOOM2KALTURA_HTTP_STALL_AFTER", "3s")]);
    let run = campus.run_with(&settings, &["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    assert_eq!(campus.zoom.cdn_log().len(), 2, "each was downloaded once, without a break");
    assert_eq!(campus.kaltura.log().count("uploadToken.upload"), 2);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}
