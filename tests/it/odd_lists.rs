//! Lists as Zoom may send them and nobody expects: with doubles, with numbers that are none, with times of other days,
//! without an end. Whatever is odd about one recording or one user, the others are copied.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::campus::{Campus, Run, hours_ago, lecture};
use crate::standin::kaltura::Kaltura;
use crate::standin::media::Media;
use crate::standin::setup::HOLDING_USER;
use crate::standin::zoom::{Group, Meeting, Part, User, Zoom};

const LIST: &str = "GET /accounts/me/recordings";
const USERS: &str = "GET /users";
const OF_USER: &str = "GET /users/{}/recordings";

/// What happens to the lecture `odd==` where it is listed; beside it is another one.
type Change = fn(&mut Vec<Value>);

fn meeting<'a>(list: &'a mut [Value], uuid: &str) -> &'a mut Value {
    list.iter_mut().find(|meeting| meeting["uuid"] == uuid).expect("a meeting that is listed")
}

fn odd(list: &mut [Value]) -> &mut Value {
    meeting(list, "odd==")
}

fn files(meeting: &mut Value) -> &mut Vec<Value> {
    meeting["recording_files"].as_array_mut().expect("files")
}

fn later(time: &Value, hours: i64) -> Value {
    let time: DateTime<Utc> = time.as_str().and_then(|time| time.parse().ok()).expect("a time");
    json!((time + TimeDelta::hours(hours)).to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// A second video of its own, whose bytes are in Zoom, in place of the caption; listed as `change` says.
fn with_second(list: &mut [Value], change: impl FnOnce(&mut Value, &Value)) {
    let files = files(odd(list));
    let first = files[0].clone();
    change(&mut files[1], &first);
}

fn lists_with(zoom: &Zoom, change: Change) {
    zoom.answer_with(LIST, move |_, mut answer| {
        if let Some(list) = answer["meetings"].as_array_mut()
            && list.iter().any(|meeting| meeting["uuid"] == "odd==")
        {
            change(list);
            answer["total_records"] = json!(list.len());
        }
        answer
    });
}

/// Two videos and two captions of `odd==`, and another lecture.
fn campus(zoom: Zoom) -> Campus {
    let campus = Campus::of(zoom, Kaltura::start());
    let odd = lecture("odd==", 81_000_000_001, "ada", 6).video("gallery_view", Media::mp4().salted(77));
    let odd = odd.closed_caption(Media::vtt()).closed_caption(Media::vtt());
    campus.zoom.add_meeting(odd);
    campus.zoom.add_meeting(lecture("other==", 81_000_000_002, "ada", 5));
    campus
}

fn sync(campus: &Campus) -> Run {
    campus.run(&["sync", "--format", "json"])
}

/// Runs until nothing is left to do; the exit codes of the runs.
fn settle(campus: &Campus) -> BTreeSet<i32> {
    let mut exits = BTreeSet::new();
    for _ in 0..50 {
        let run = sync(campus);
        exits.insert(run.exit);
        assert!(run.report()["items"].is_array(), "{}", run.err);
        let waits = run.waits_for_kaltura() || run.out.contains("retry_later") || run.out.contains("after_its_entry");
        if !waits {
            return exits;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("it is never settled");
}

/// How many entries stand for recordings, how many are children, and how many captions there are.
fn in_kaltura(campus: &Campus) -> Copies {
    let entries = campus.kaltura.entries();
    let (children, parents): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| !entry.parent_entry_id.is_empty());
    let captions = parents.iter().map(|entry| campus.kaltura.texts_of(&entry.id).len()).sum();
    (parents.len(), children.len(), captions)
}

/// How many entries there are to be then, how many children, and how many captions.
type Copies = (usize, usize, usize);

/// What is odd about a list, and what is to be in Kaltura then.
const DOUBLES: [(&str, Change, Copies); 13] = [
    ("as it is", |_| {}, (2, 1, 2)),
    (
        "a file twice",
        |list| {
            let first = files(odd(list))[0].clone();
            files(odd(list)).push(first);
        },
        (2, 1, 2),
    ),
    (
        "a file twice, first as it was before it was ready",
        |list| {
            let mut early = files(odd(list))[0].clone();
            (early["status"], early["file_size"]) = (json!("processing"), json!(0));
            files(odd(list)).insert(0, early);
        },
        (2, 1, 2),
    ),
    ("two views with one id", |list| with_second(list, |second, first| second["id"] = first["id"].clone()), (2, 1, 2)),
    ("the meeting twice", |list| list.extend_from_within(..), (2, 1, 2)),
    (
        "the meeting twice, each time with a part of its files",
        |list| {
            let mut part = odd(list).clone();
            files(&mut part).truncate(1);
            files(odd(list)).remove(0);
            list.push(part);
        },
        (2, 1, 2),
    ),
    (
        "the meeting twice, once without files",
        |list| {
            let mut bare = odd(list).clone();
            files(&mut bare).clear();
            list.insert(0, bare);
        },
        (2, 1, 2),
    ),
    (
        "one id in two segments",
        |list| {
            with_second(list, |second, first| {
                second["id"] = first["id"].clone();
                second["recording_start"] = later(&first["recording_start"], 2);
                second["recording_end"] = later(&first["recording_end"], 2);
            });
        },
        (3, 0, 2),
    ),
    (
        "one id in two meetings",
        |list| {
            let id = files(odd(list))[0]["id"].clone();
            files(meeting(list, "other=="))[0]["id"] = id;
        },
        (2, 1, 2),
    ),
    (
        "two spellings of its start",
        |list| {
            with_second(list, |second, first| {
                let start = first["recording_start"].as_str().expect("a start").replace('Z', ".000Z");
                second["recording_start"] = json!(start);
            });
        },
        (2, 1, 2),
    ),
    (
        "UUIDs that differ in case",
        |list| {
            let mut large = odd(list).clone();
            large["uuid"] = json!("ODD==");
            files(&mut large).truncate(1);
            files(odd(list)).remove(0);
            list.push(large);
        },
        (3, 0, 2),
    ),
    ("the files backwards", |list| files(odd(list)).reverse(), (2, 1, 2)),
    ("the meeting in each other's place", |list| list.reverse(), (2, 1, 2)),
];

#[test]
fn what_is_listed_twice_is_copied_once_and_what_differs_is_copied_each() {
    for (what, change, expected) in DOUBLES {
        let campus = campus(Zoom::start());
        lists_with(&campus.zoom, change);
        let dry = campus.run(&["sync", "--dry-run", "--format", "json"]);
        assert_eq!(dry.exit, 0, "{what}: {}", dry.err);
        assert_eq!(settle(&campus), BTreeSet::from([0]), "{what}");
        assert_eq!(in_kaltura(&campus), expected, "{what}");
        // in another order it is the same
        campus.zoom.answer_with(LIST, move |_, mut answer| {
            let list = answer["meetings"].as_array_mut().expect("meetings");
            change(list);
            list.reverse();
            for meeting in list.iter_mut() {
                files(meeting).reverse();
            }
            answer["total_records"] = json!(list.len());
            answer
        });
        campus.kaltura.log().clear();
        campus.zoom.add_meeting(lecture("new==", 81_000_000_003, "ada", 2));
        assert_eq!(settle(&campus), BTreeSet::from([0]), "{what}");
        assert_eq!(in_kaltura(&campus), (expected.0 + 1, expected.1, expected.2), "{what}");
    }
}

#[test]
fn a_second_caption_that_comes_later_is_added_and_the_first_is_not_made_anew() {
    let campus = campus(Zoom::start());
    lists_with(&campus.zoom, |list| drop(files(odd(list)).pop()));
    settle(&campus);
    assert_eq!(in_kaltura(&campus), (2, 1, 1));
    campus.zoom.answer_rightly(LIST);
    settle(&campus);
    assert_eq!(in_kaltura(&campus), (2, 1, 2));
}

#[test]
fn a_meeting_on_two_pages_counts_once() {
    let campus = campus(Zoom::builder().page_size_cap(1).start());
    // what was on the first page has moved to the second meanwhile
    let pages = AtomicUsize::new(0);
    let first = Mutex::new(Value::Null);
    campus.zoom.answer_with(LIST, move |target, mut answer| {
        let mut first = first.lock().expect("a page");
        if !target.contains("next_page_token") {
            *first = answer["meetings"].clone();
        } else if pages.fetch_add(1, Ordering::Relaxed) == 0 {
            let token = answer["next_page_token"].clone();
            let repeated = first.as_array().expect("meetings").clone();
            answer["meetings"].as_array_mut().expect("meetings").extend(repeated);
            answer["next_page_token"] = token;
        }
        answer["total_records"] = json!(3);
        answer
    });
    assert_eq!(settle(&campus), BTreeSet::from([0]));
    assert_eq!(in_kaltura(&campus), (2, 1, 2));
}

/// An account that can only be walked user by user.
fn walked() -> Zoom {
    Zoom::builder().without_scope("cloud_recording:read:list_account_recordings:admin").start()
}

#[test]
fn a_user_who_is_listed_twice_counts_once() {
    let cases: [(&str, Change); 3] = [
        ("twice in a list", |users| users.extend(users.clone())),
        ("under both statuses", |users| {
            *users = vec![
                json!({"id": "ada", "email": "ada@uni.example"}),
                json!({"id": "guest", "email": "guest@elsewhere.example"}),
            ];
        }),
        ("beside one without an id", |users| users.insert(0, json!({"email": "ada@uni.example"}))),
    ];
    for (what, change) in cases {
        let campus = campus(walked());
        campus.zoom.answer_with(USERS, move |_, mut answer| {
            change(answer["users"].as_array_mut().expect("users"));
            answer
        });
        assert_eq!(settle(&campus), BTreeSet::from([0]), "{what}");
        assert_eq!(in_kaltura(&campus), (2, 1, 2), "{what}");
    }
}

#[test]
fn a_recording_under_two_users_is_copied_once_and_to_its_host_or_to_nobody() {
    type OfMeeting = fn(&mut Value);
    let cases: [(&str, OfMeeting, &str); 3] = [
        ("with its host", |_| {}, "ada@uni.example"),
        ("without a host", |meeting| meeting["host_id"] = json!(""), HOLDING_USER),
        ("with a host each", |meeting| meeting["host_id"] = json!("guest"), HOLDING_USER),
    ];
    for (what, change, owner) in cases {
        let campus = campus(walked());
        let of_ada = Mutex::new(Vec::new());
        campus.zoom.answer_with(OF_USER, move |target, mut answer| {
            let mut of_ada = of_ada.lock().expect("a list");
            let list = answer["meetings"].as_array_mut().expect("meetings");
            if target.contains("/users/ada/") {
                of_ada.clone_from(list);
            } else {
                list.extend(of_ada.clone());
                list.iter_mut().for_each(change);
            }
            answer["total_records"] = json!(answer["meetings"].as_array().map(Vec::len));
            answer
        });
        // both lists are asked for at a time: from the second look on either has them
        campus.run(&["sync", "--dry-run"]);
        assert_eq!(settle(&campus), BTreeSet::from([0]), "{what}");
        assert_eq!(in_kaltura(&campus), (2, 1, 2), "{what}");
        let owners: Vec<_> = campus.kaltura.entries().into_iter().map(|entry| entry.user_id).collect();
        assert!(owners.iter().all(|user| user == owner), "{what}: {owners:?}");
    }
}

fn checkpoint(campus: &Campus) -> String {
    let ledger = Connection::open(campus.setup.state().join("ledger.db")).expect("a ledger");
    let sql = "SELECT value FROM meta WHERE key = 'checkpoint'";
    ledger.query_row(sql, [], |row| row.get(0)).unwrap_or_default()
}

fn today() -> String {
    Utc::now().date_naive().to_string()
}

#[test]
fn a_user_whose_list_cannot_be_read_is_named_and_alone_holds_the_checkpoint() {
    let campus = campus(walked());
    campus.zoom.answer_with(OF_USER, |target, answer| {
        if target.contains("/users/guest/") { json!({"meetings": "none"}) } else { answer }
    });
    assert_eq!(settle(&campus), BTreeSet::from([3]));
    assert_eq!(in_kaltura(&campus), (2, 1, 2));
    let run = sync(&campus);
    assert!(run.err.contains("guest@elsewhere.example") && run.exit == 3, "{}", run.err);
    assert_eq!(checkpoint(&campus), "", "no list was ever complete");
    let short = [("ZOOM2KALTURA_SYNC_ZOOM_RETENTION", "1d")];
    assert_eq!(campus.run_with(&short, &["sync"]).exit, 3);
    let yesterday = Utc::now().date_naive().pred_opt().expect("a day").to_string();
    assert_eq!(checkpoint(&campus), yesterday, "what Zoom has deleted by now holds nothing");
    campus.zoom.add_meeting(lecture("new==", 81_000_000_003, "ada", 2));
    assert_eq!(settle(&campus), BTreeSet::from([3]));
    assert_eq!(in_kaltura(&campus), (3, 1, 2));
    assert_eq!(checkpoint(&campus), yesterday, "it never goes back");
    campus.zoom.answer_rightly(OF_USER);
    assert_eq!(settle(&campus), BTreeSet::from([0]));
    assert_eq!(checkpoint(&campus), today());
}

#[test]
fn a_list_that_falls_short_of_what_zoom_counts_is_copied_and_the_checkpoint_waits() {
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
        assert!(run.err.contains("Zoom counts") && run.err.contains("the checkpoint waits"), "{}", run.err);
        assert_ne!(checkpoint(&campus), today(), "{call}");
        let alarms = || campus.run(&["status", "--alert", "--format", "json"]);
        assert_eq!(alarms().exit, 0, "{call}");
        let ledger = Connection::open(campus.setup.state().join("ledger.db")).expect("a ledger");
        let then = |days| (Utc::now() - TimeDelta::days(days)).to_rfc3339_opts(SecondsFormat::Secs, true);
        ledger.execute("UPDATE meta SET value = ?1 WHERE key = 'short_since'", [then(31)]).expect("a month ago");
        ledger.execute("UPDATE meta SET value = ?1 WHERE key = 'last_listing'", [then(2)]).expect("two days ago");
        drop(ledger);
        sync(&campus);
        assert!(alarms().out.contains("not_listed") || alarms().exit == 7, "{}", alarms().out);
        campus.zoom.answer_rightly(call);
        sync(&campus);
        assert_eq!((alarms().exit, checkpoint(&campus)), (0, today()), "{call}");
    }
}

#[test]
fn lists_without_an_end_are_given_up_and_nothing_is_asked_for_ever() {
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
fn tomorrow_need_not_be_answered_for() {
    let campus = campus(Zoom::start());
    campus.zoom.answer_with(LIST, |_, mut answer| {
        // a day that was not asked for is answered too
        answer["to"] = json!(today());
        answer
    });
    assert_eq!(settle(&campus), BTreeSet::from([0]));
    assert_eq!(in_kaltura(&campus), (2, 1, 2));
    assert_eq!(checkpoint(&campus), today());
}

#[test]
fn a_time_of_another_day_is_harmless() {
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
        assert_eq!(checkpoint(&campus), today(), "start_time {what}");
    }
}

#[test]
fn a_recording_spelt_otherwise_is_the_one_that_is_there() {
    let spellings: [fn(&str) -> String; 5] = [
        |start| start.replace('Z', ".000Z"),
        |start| start.replace('Z', "+00:00"),
        |start| start.to_lowercase(),
        |start| {
            let time = chrono::DateTime::parse_from_rfc3339(start).expect("a time");
            time.with_timezone(&chrono::FixedOffset::east_opt(19_800).expect("an offset")).to_rfc3339()
        },
        str::to_owned,
    ];
    let spelt = |campus: &Campus, spell: fn(&str) -> String| {
        campus.zoom.answer_with(LIST, move |_, mut answer| {
            for meeting in answer["meetings"].as_array_mut().expect("meetings") {
                for file in files(meeting) {
                    file["recording_start"] = json!(spell(file["recording_start"].as_str().expect("a start")));
                }
            }
            answer
        });
    };
    let campus = campus(Zoom::start());
    for spell in spellings {
        spelt(&campus, spell);
        assert_eq!(settle(&campus), BTreeSet::from([0]));
        assert_eq!(in_kaltura(&campus), (2, 1, 2));
    }
    let marks = |campus: &Campus| {
        let entries = campus.kaltura.entries().into_iter().filter(|entry| entry.parent_entry_id.is_empty());
        entries.map(|entry| entry.reference_id).collect::<Vec<_>>()
    };
    let is_usual = |mark: &String| ["Zoom_odd==", "Zoom_other=="].iter().any(|name| mark.len() == name.len() + 20);
    assert!(marks(&campus).iter().all(is_usual), "{:?}", marks(&campus));
    // a ledger that knows it by another spelling keeps that, and so does one that was lost
    for is_lost in [false, true] {
        for spell in spellings {
            let campus = self::campus(Zoom::start());
            settle(&campus);
            rename_everywhere(&campus, spellings[0]);
            if is_lost {
                std::fs::remove_dir_all(campus.setup.state()).expect("the ledger is lost");
            }
            spelt(&campus, spell);
            assert_eq!(settle(&campus), BTreeSet::from([0]), "lost: {is_lost}");
            assert_eq!(in_kaltura(&campus), (2, 1, 2), "lost: {is_lost}: {:?}", marks(&campus));
        }
    }
}

/// As an older version left it when Zoom spelt its times otherwise.
fn rename_everywhere(campus: &Campus, spell: fn(&str) -> String) {
    let starts: BTreeSet<String> = campus
        .zoom
        .meetings()
        .iter()
        .flat_map(Meeting::files)
        .map(|file| file.start.to_rfc3339_opts(SecondsFormat::Secs, true))
        .collect();
    let ledger = Connection::open(campus.setup.state().join("ledger.db")).expect("a ledger");
    for start in &starts {
        let other = spell(start);
        for sql in [
            "UPDATE recordings SET recording_start = ?2 WHERE recording_start = ?1",
            "UPDATE files SET file_id = replace(file_id, ?1, ?2)",
        ] {
            ledger.execute(sql, [start, &other]).expect("another spelling");
        }
        for entry in campus.kaltura.entries() {
            campus.kaltura.set_mark(&entry.id, &entry.reference_id.replace(start, &other));
        }
    }
}

/// Numbers that are none, or none that anything can be counted with.
fn numbers() -> [Value; 9] {
    [
        json!(0),
        json!(-1),
        json!(2_147_483_648_u64),
        json!(9_007_199_254_740_993_u64),
        json!(9_223_372_036_854_775_808_u64),
        json!(u64::MAX),
        json!(1e300),
        json!("12"),
        Value::Null,
    ]
}

/// Where Zoom sends a number, and whether a recording is lost for it for the time being.
const NUMBERS: [(&str, &str); 14] = [
    ("POST /oauth/token", "/expires_in"),
    (LIST, "/total_records"),
    (LIST, "/page_size"),
    (LIST, "/page_count"),
    (LIST, "/meetings/0/id"),
    (LIST, "/meetings/0/duration"),
    (LIST, "/meetings/0/type"),
    (LIST, "/meetings/0/total_size"),
    (LIST, "/meetings/0/recording_count"),
    (LIST, "/meetings/0/recording_files/0/file_size"),
    (LIST, "/meetings/0/recording_files/0/id"),
    (LIST, "/meetings/0/recording_files/0/recording_start"),
    (LIST, "/meetings/0/host_id"),
    (LIST, "/meetings/0/start_time"),
];

#[test]
fn no_number_of_zooms_ends_a_run_or_keeps_another_recording_from_being_copied() {
    for (call, place) in NUMBERS {
        for number in numbers() {
            let campus = Campus::new();
            campus.zoom.add_meeting(lecture("odd==", 81_000_000_001, "ada", 4));
            campus.zoom.add_meeting(lecture("other==", 81_000_000_002, "ada", 5));
            let given = number.clone();
            campus.zoom.answer_with(call, move |_, mut answer| {
                if let Some(value) = answer.pointer_mut(place) {
                    *value = given.clone();
                }
                answer
            });
            let run = sync(&campus);
            assert!([0, 3].contains(&run.exit), "{place} {number}: {} {}", run.exit, run.err);
            assert!(run.report()["items"].as_array().is_some_and(|items| items.len() == 2), "{place} {number}");
            let entries = campus.kaltura.entries();
            let other = entries.iter().filter(|entry| entry.reference_id.starts_with("Zoom_other=="));
            assert_eq!(other.count(), 1, "{place} {number}: {}", run.err);
        }
    }
}

/// The same for what is read beside the list of recordings: users, groups, people, what a meeting was scheduled with.
#[test]
fn no_number_in_zooms_other_lists_ends_a_run() {
    let places = [
        (USERS, "/total_records"),
        (USERS, "/users/0/id"),
        (USERS, "/users/0/email"),
        (USERS, "/users/0"),
        ("GET /users/{}", "/id"),
        ("GET /users/{}", "/employee_unique_id"),
        (OF_USER, "/total_records"),
    ];
    for (call, place) in places {
        for number in numbers() {
            let campus = campus(walked());
            let given = number.clone();
            campus.zoom.answer_with(call, move |target, mut answer| {
                // the guest's, who is listed second, is left as it is
                if !target.contains("inactive")
                    && let Some(value) = answer.pointer_mut(place)
                {
                    *value = given.clone();
                }
                answer
            });
            campus.zoom.add_user(User::new("eve", "eve@uni.example"));
            let run = sync(&campus);
            assert!([0, 3].contains(&run.exit), "{call} {place} {number}: {} {}", run.exit, run.err);
            assert!(run.report()["items"].is_array());
        }
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
fn a_list_of_those_who_opt_out_is_believed_as_a_whole_or_not_at_all() {
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
fn an_odd_list_of_those_who_took_part_keeps_nobody_else_from_their_rights() {
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
        let settings = [("ZOOM2KALTURA_RIGHTS_PARTICIPANTS", "viewer")];
        let runs: BTreeSet<i32> = (0..3).map(|_| campus.run_with(&settings, &["sync"]).exit).collect();
        assert_eq!(runs.last(), Some(&exit), "{what}");
        let seen = campus.kaltura.entries()[0].entitled[0].clone();
        assert_eq!(seen.contains("cara@uni.example"), exit == 0, "{what}");
        assert!(campus.zoom.log().count(REPORT) < 100, "{what}");
    }
}

#[test]
fn what_the_ledger_refuses_of_one_recording_fails_that_one_alone() {
    let triggers = [
        "BEFORE INSERT ON recordings WHEN NEW.meeting_uuid = 'odd=='",
        "BEFORE UPDATE ON recordings WHEN NEW.meeting_uuid = 'odd==' AND NEW.action <> OLD.action",
        "BEFORE INSERT ON files WHEN NEW.recording = (SELECT id FROM recordings WHERE meeting_uuid = 'odd==')",
        "BEFORE UPDATE ON files WHEN NEW.state = 'attaching' AND NEW.recording = (SELECT id FROM recordings WHERE meeting_uuid = 'odd==')",
        "BEFORE UPDATE ON files WHEN NEW.state = 'done' AND NEW.recording = (SELECT id FROM recordings WHERE meeting_uuid = 'odd==')",
        "BEFORE INSERT ON events WHEN NEW.recording = (SELECT id FROM recordings WHERE meeting_uuid = 'odd==')",
    ];
    for trigger in triggers {
        let campus = Campus::new();
        assert_eq!(campus.run(&["sync"]).exit, 0);
        let ledger = Connection::open(campus.setup.state().join("ledger.db")).expect("a ledger");
        let sql = format!("CREATE TRIGGER fault {trigger} BEGIN SELECT RAISE(ABORT, 'it does not like it'); END");
        ledger.execute_batch(&sql).expect("a trigger");
        campus.zoom.add_meeting(lecture("odd==", 81_000_000_001, "ada", 4));
        campus.zoom.add_meeting(lecture("other==", 81_000_000_002, "ada", 5));
        let mut told = String::new();
        for _ in 0..3 {
            let run = sync(&campus);
            assert!([0, 3].contains(&run.exit), "{trigger}: {} {}", run.exit, run.err);
            assert_eq!(run.report()["items"].as_array().map(Vec::len), Some(2), "{trigger}");
            told += &run.err;
        }
        assert!(told.contains("Lecture 81000000001") && told.contains("it does not like it"), "{trigger}: {told}");
        let entries = campus.kaltura.entries();
        let other = entries.iter().filter(|entry| entry.reference_id.starts_with("Zoom_other==") && entry.status == 2);
        assert_eq!(other.count(), 1, "{trigger}");
        ledger.execute_batch("DROP TRIGGER fault").expect("no trigger");
        campus.run(&["retry", "--failed"]);
        settle(&campus);
        campus.each_video_is_in_kaltura_once();
    }
}

#[test]
fn a_ledger_that_fails_as_a_whole_ends_the_run_and_the_report_is_printed() {
    let campus = Campus::new();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    let ledger = Connection::open(campus.setup.state().join("ledger.db")).expect("a ledger");
    // to write there is an error of the ledger, not of a row
    ledger
        .execute_batch("CREATE TRIGGER fault BEFORE INSERT ON files BEGIN INSERT INTO nowhere VALUES (1); END")
        .expect("a trigger");
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 4));
    let run = sync(&campus);
    assert_eq!((run.exit, run.report()["items"].as_array().map(Vec::len)), (1, Some(1)), "{}", run.err);
    assert!(run.err.contains("the ledger cannot be used"), "{}", run.err);
    ledger.execute_batch("DROP TRIGGER fault").expect("no trigger");
    settle(&campus);
    campus.each_video_is_in_kaltura_once();
}
