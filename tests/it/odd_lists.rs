//! Lists that nobody expects: short, without an end, of other days, of people who cannot be read. Whatever is odd about one
//! recording or one user, the others are copied.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use standin::kaltura::Kaltura;
use standin::zoom::{Group, Part, Zoom};

use crate::campus::{Campus, day, hours_ago, lecture, walked};
use crate::doubles::{LIST, OF_USER, USERS, campus, in_kaltura, odd, settle, sync};

#[test]
fn unreadable_users_list_holds_checkpoint() {
    let campus = campus(walked());
    campus.zoom.answer_with(OF_USER, |target, answer| {
        if target.contains("/users/guest/") { json!({"meetings": "none"}) } else { answer }
    });
    assert_eq!(settle(&campus), BTreeSet::from([3]));
    assert_eq!(in_kaltura(&campus), (2, 1, 2));
    let run = sync(&campus);
    assert!(run.err.contains("guest@elsewhere.example") && run.exit == 3, "{}", run.err);
    assert_eq!(campus.checkpoint(), "", "no list was ever complete");
    let short = [("ZOOM2KALTURA_SYNC_ZOOM_RETENTION", "1d")];
    assert_eq!(campus.run_with(&short, &["sync"]).exit, 3);
    let yesterday = Utc::now().date_naive().pred_opt().expect("a day").to_string();
    assert_eq!(campus.checkpoint(), yesterday, "what Zoom has deleted by now holds nothing");
    campus.zoom.add_meeting(lecture("new==", 81_000_000_003, "ada", 2));
    assert_eq!(settle(&campus), BTreeSet::from([3]));
    assert_eq!(in_kaltura(&campus), (3, 1, 2));
    assert_eq!(campus.checkpoint(), yesterday, "it never goes back");
    campus.zoom.answer_rightly(OF_USER);
    assert_eq!(settle(&campus), BTreeSet::from([0]));
    assert_eq!(campus.checkpoint(), day(0));
}

#[test]
fn short_list_is_copied_checkpoint_waits() {
    let one_more: fn(&str, Value) -> Value = |_, mut answer| {
        answer["total_records"] = json!(answer["total_records"].as_u64().map(|total| total + 1));
        answer
    };
    for (zoom, call) in [(Zoom::start(), LIST), (walked(), OF_USER), (walked(), USERS)] {
        let campus = campus(zoom);
        campus.zoom.answer_with(call, move |target, answer| {
            let is_empty = ["meetings", "users"].iter().all(|list| answer[list].as_array().is_none_or(Vec::is_empty));
            if is_empty { answer } else { one_more(target, answer) }
        });
        assert_eq!(settle(&campus), BTreeSet::from([0]), "{call}");
        assert_eq!(in_kaltura(&campus), (2, 1, 2), "{call}");
        let run = sync(&campus);
        assert!(run.err.contains("Zoom counts") && run.err.contains("the checkpoint stays"), "{}", run.err);
        assert_ne!(campus.checkpoint(), day(0), "{call}");
        let alarms = || campus.run(&["status", "--alert", "--format", "json"]);
        assert_eq!(alarms().exit, 0, "{call}");
        let ledger = campus.ledger();
        let then = |days| (Utc::now() - TimeDelta::days(days)).to_rfc3339_opts(SecondsFormat::Secs, true);
        ledger.execute("UPDATE meta SET value = ?1 WHERE key = 'short_since'", [then(31)]).expect("a month ago");
        ledger.execute("UPDATE meta SET value = ?1 WHERE key = 'last_listing'", [then(2)]).expect("two days ago");
        drop(ledger);
        sync(&campus);
        assert!(alarms().out.contains("not_listed") || alarms().exit == 7, "{}", alarms().out);
        campus.zoom.answer_rightly(call);
        sync(&campus);
        assert_eq!((alarms().exit, campus.checkpoint()), (0, day(0)), "{call}");
    }
}

#[test]
fn endless_lists_are_given_up() {
    let without_end = |same: bool| {
        let pages = AtomicUsize::new(0);
        move |_: &str, answer: Value| {
            let page = pages.fetch_add(1, Ordering::Relaxed);
            let mut made = json!({"from": answer["from"], "to": answer["to"], "total_records": 1,
                "next_page_token": format!("token {page}")});
            let uuid = if same { "same==".to_owned() } else { format!("{page}==") };
            made["meetings"] = json!([{"uuid": uuid, "id": 5, "topic": "x", "start_time": hours_ago(5)}]);
            made["users"] = json!([{"id": uuid, "email": "x@uni.example"}]);
            made
        }
    };
    for (zoom, call) in [(Zoom::start as fn() -> Zoom, LIST), (walked, OF_USER), (walked, USERS)] {
        for same in [true, false] {
            let campus = campus(zoom());
            campus.zoom.answer_with(call, without_end(same));
            let run = sync(&campus);
            assert_ne!(run.exit, 0, "{call}: {}", run.err);
            assert!(run.err.contains("not complete"), "{}", run.err);
            assert!(campus.zoom.log().count(call) < 2000, "{call}: {}", campus.zoom.log().count(call));
        }
    }
}

#[test]
fn tomorrow_may_stay_unanswered() {
    let campus = campus(Zoom::start());
    campus.zoom.answer_with(LIST, |_, mut answer| {
        // a day that was not asked for is answered too
        answer["to"] = json!(day(0));
        answer
    });
    assert_eq!(settle(&campus), BTreeSet::from([0]));
    assert_eq!(in_kaltura(&campus), (2, 1, 2));
    assert_eq!(campus.checkpoint(), day(0));
}

#[test]
fn odd_start_times_are_harmless() {
    let cases: [(&str, Value); 8] = [
        ("far ahead", json!("2999-01-01T00:00:00Z")),
        ("long ago", json!("2005-01-01T00:00:00Z")),
        ("the first year", json!("0001-01-01T00:00:00Z")),
        ("after the last year", json!("9999-12-31T23:59:59-12:00")),
        ("missing", Value::Null),
        ("no time", json!("soon")),
        ("a number", json!(1_700_000_000)),
        ("spelt otherwise", json!(hours_ago(6).replace('Z', ".000+00:00"))),
    ];
    for (what, time) in cases {
        let campus = campus(Zoom::start());
        let given = time.clone();
        campus.zoom.answer_with(LIST, move |_, mut answer| {
            odd(answer["meetings"].as_array_mut().expect("meetings"))["start_time"] = given.clone();
            answer
        });
        assert_eq!(settle(&campus), BTreeSet::from([0]), "start_time {what}");
        campus.zoom.add_meeting(lecture("new==", 81_000_000_003, "ada", 2));
        assert_eq!(settle(&campus), BTreeSet::from([0]), "start_time {what}");
        assert_eq!(in_kaltura(&campus), (3, 1, 2), "start_time {what}");
        assert_eq!(campus.checkpoint(), day(0), "start_time {what}");
    }
}

/// What becomes of a page, by its number.
type OfList = fn(Value, usize) -> Value;

/// What is odd about a list of groups or of people, and whether it is believed all the same.
const OF_PEOPLE: [(&str, &str, OfList, bool); 9] = [
    ("a group twice", "GET /groups", |answer, _| doubled(answer, "groups"), true),
    (
        "a group whose name is a number",
        "GET /groups",
        |answer, _| with_another(answer, "groups", json!({"id": 5, "name": 6})),
        true,
    ),
    ("no group at all", "GET /groups", |answer, _| with_another(answer, "groups", json!("x")), false),
    ("one group more is counted", "GET /groups", |answer, _| counting(answer, 2), false),
    ("groups without an end", "GET /groups", endless, false),
    ("a member twice", "GET /groups/{}/members", |answer, _| doubled(answer, "members"), true),
    (
        "a member whose id is a number",
        "GET /groups/{}/members",
        |answer, _| with_another(answer, "members", json!({"id": 7, "email": 8})),
        true,
    ),
    ("one member more is counted", "GET /groups/{}/members", |answer, _| counting(answer, 2), false),
    ("members without an end", "GET /groups/{}/members", endless, false),
];

fn doubled(mut answer: Value, list: &str) -> Value {
    let records = answer[list].as_array_mut().expect("a list");
    records.extend_from_within(..);
    answer["total_records"] = json!(records.len());
    answer
}

fn with_another(mut answer: Value, list: &str, record: Value) -> Value {
    let records = answer[list].as_array_mut().expect("a list");
    records.push(record);
    answer["total_records"] = json!(records.len());
    answer
}

fn counting(mut answer: Value, total: u64) -> Value {
    answer["total_records"] = json!(total);
    answer
}

fn endless(mut answer: Value, page: usize) -> Value {
    answer["next_page_token"] = json!(format!("token {page}"));
    answer
}

/// Answers with the first page whatever page is asked for.
fn answers_with(zoom: &Zoom, call: &str, change: OfList) {
    let (pages, first) = (AtomicUsize::new(0), Mutex::new(Value::Null));
    zoom.answer_with(call, move |target, answer| {
        let mut first = first.lock().expect("a page");
        if !target.contains("next_page_token") {
            *first = answer;
        }
        change(first.clone(), pages.fetch_add(1, Ordering::Relaxed))
    });
}

#[test]
fn odd_groups_are_believed_whole_only() {
    for (what, call, change, is_believed) in OF_PEOPLE {
        let campus = Campus::new();
        campus.zoom.set_group(Group::new("g1", "Counselling").member("ada", "ada@uni.example"));
        campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 4));
        campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 5));
        answers_with(&campus.zoom, call, change);
        let settings = [("ZOOM2KALTURA_FILTER_OPT_OUT_GROUPS", "Counselling")];
        let run = campus.run_with(&settings, &["sync", "--format", "json"]);
        assert_eq!(run.exit == 0, is_believed, "{what}: {}", run.err);
        assert_eq!(campus.kaltura.entries().len(), usize::from(is_believed), "{what}");
        assert!(campus.zoom.log().count(call) < 100, "{what}");
    }
}

#[test]
fn odd_participant_list_harms_no_others() {
    const REPORT: &str = "GET /report/{}/participants";
    let cases: [(&str, OfList, i32); 4] = [
        ("twice", |answer, _| doubled(answer, "participants"), 0),
        ("numbers", |answer, _| with_another(answer, "participants", json!({"user_email": 5, "role": -1})), 0),
        ("one more is counted", |answer, _| counting(answer, 9), 0),
        ("without an end", endless, 3),
    ];
    for (what, change, exit) in cases {
        let zoom = Zoom::builder().with_scope("report:read:list_meeting_participants:admin").start();
        let campus = Campus::of(zoom, Kaltura::start());
        campus.kaltura.add_user("cara@uni.example", "");
        let attended = lecture("odd==", 81_000_000_001, "ada", 4).with(Part::Participant, "cara@uni.example");
        campus.zoom.add_meeting(attended);
        answers_with(&campus.zoom, REPORT, change);
        // rights are given once the copy is confirmed, which is not what three quick runs wait for
        campus.kaltura.process_for(Duration::ZERO);
        let settings = [("ZOOM2KALTURA_RIGHTS_PARTICIPANTS", "viewer")];
        let runs: BTreeSet<i32> = (0..3).map(|_| campus.run_with(&settings, &["sync"]).exit).collect();
        assert_eq!(runs.last(), Some(&exit), "{what}");
        let seen = campus.kaltura.entries()[0].entitled[0].clone();
        assert_eq!(seen.contains("cara@uni.example"), exit == 0, "{what}");
        assert!(campus.zoom.log().count(REPORT) < 100, "{what}");
    }
}
