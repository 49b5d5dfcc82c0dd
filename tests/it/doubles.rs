//! What Zoom lists twice, or by another name: the same counts once, and what differs is copied each.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::setup::HOLDING_USER;
use standin::zoom::{Meeting, Zoom};

use crate::campus::{Campus, Run, lecture, walked};

pub(crate) const LIST: &str = "GET /accounts/me/recordings";
pub(crate) const USERS: &str = "GET /users";
pub(crate) const OF_USER: &str = "GET /users/{}/recordings";

/// What happens to the lecture `odd==` where it is listed; beside it is another one.
type Change = fn(&mut Vec<Value>);

fn meeting<'a>(list: &'a mut [Value], uuid: &str) -> &'a mut Value {
    list.iter_mut().find(|meeting| meeting["uuid"] == uuid).expect("a meeting that is listed")
}

pub(crate) fn odd(list: &mut [Value]) -> &mut Value {
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
pub(crate) fn campus(zoom: Zoom) -> Campus {
    let campus = Campus::of(zoom, Kaltura::start());
    let odd = lecture("odd==", 81_000_000_001, "ada", 6).video("gallery_view", Media::mp4().salted(77));
    let odd = odd.closed_caption(Media::vtt()).closed_caption(Media::vtt());
    campus.zoom.add_meeting(odd);
    campus.zoom.add_meeting(lecture("other==", 81_000_000_002, "ada", 5));
    campus
}

pub(crate) fn sync(campus: &Campus) -> Run {
    campus.run(&["sync", "--format", "json"])
}

/// Runs until nothing is left to do; the exit codes of the runs.
pub(crate) fn settle(campus: &Campus) -> BTreeSet<i32> {
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
pub(crate) fn in_kaltura(campus: &Campus) -> Copies {
    let entries = campus.kaltura.entries();
    let (children, parents): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| !entry.parent_entry_id.is_empty());
    let captions = parents.iter().map(|entry| campus.kaltura.texts_of(&entry.id).len()).sum();
    (parents.len(), children.len(), captions)
}

/// How many entries there are to be then, how many children, and how many captions.
pub(crate) type Copies = (usize, usize, usize);

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
fn twice_listed_is_copied_once() {
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
fn second_caption_leaves_the_first() {
    let campus = campus(Zoom::start());
    lists_with(&campus.zoom, |list| drop(files(odd(list)).pop()));
    settle(&campus);
    assert_eq!(in_kaltura(&campus), (2, 1, 1));
    campus.zoom.answer_rightly(LIST);
    settle(&campus);
    assert_eq!(in_kaltura(&campus), (2, 1, 2));
}

#[test]
fn meeting_on_two_pages_counts_once() {
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

#[test]
fn twice_listed_user_counts_once() {
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
fn recording_under_two_users_copied_once() {
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
#[test]
fn other_spellings_mean_one_recording() {
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
                campus.lose_ledger();
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
    let ledger = campus.ledger();
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
