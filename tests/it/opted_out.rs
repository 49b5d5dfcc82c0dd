//! Who opted out by an address is a person: they are left out whatever their address becomes, until the line is removed, and
//! nobody else is by an address that is not theirs.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::at_once::check_each;
use crate::campus::{Campus, Run, lecture};
use crate::standin::fault::Fault;
use crate::standin::kaltura::Kaltura;
use crate::standin::setup::HOLDING_USER;
use crate::standin::zoom::{User, Zoom};

const OUT: &str = "ZOOM2KALTURA_FILTER_OPT_OUT";
const ADA: &str = "ada@uni.example";
const BERT: &str = "bert@uni.example";
const LOVELACE: &str = "lovelace@uni.example";
/// So many others stand on the list that it is believed without one of them.
const OTHERS: &str = "one@uni.example\ntwo@uni.example\n";
const NUMBER: u64 = 81_000_000_002;

/// Ada, Bert, and the accounts of all addresses that they may have.
fn campus(zoom: Zoom) -> Campus {
    let campus = Campus::of(zoom, Kaltura::start());
    for name in [LOVELACE, BERT, "x@uni.example"] {
        campus.kaltura.add_user(name, name);
    }
    campus.zoom.add_user(User::new("bert", BERT));
    campus.zoom.add_meeting(lecture("bert==", 81_000_000_009, "bert", 5));
    campus
}

fn run(campus: &Campus, line: &str, args: &[&str]) -> Run {
    let file = campus.setup.path().join("list.txt");
    fs::write(&file, format!("{OTHERS}{line}\n")).expect("a list");
    campus.run_with(&[(OUT, &file.display().to_string())], args)
}

/// Until Kaltura has processed everything.
fn settle(campus: &Campus, line: &str) {
    for _ in 0..40 {
        let run = run(campus, line, &["sync", "--format", "json"]);
        assert_eq!(run.exit, 0, "{}", run.err);
        if !run.waits_for_kaltura() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// What was decided on the recording that is added between the runs: the owner, or why it is not copied.
fn fate(run: &Run) -> String {
    let report = run.report();
    let items = report["items"].as_array().expect("items").iter();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut found = items.filter(|item| item["meeting_id"] == json!(NUMBER));
    found.next().map_or_else(
        || "nothing".to_owned(),
        |item| if item["action"] == "skip" { text(&item["reason"]) } else { text(&item["owner"]) },
    )
}

type Change = fn(&Campus);

fn nothing(_: &Campus) {}

fn renamed(campus: &Campus) {
    campus.zoom.change_user("ada", |ada| ada.email(LOVELACE));
}

fn recycled(campus: &Campus) {
    renamed(campus);
    campus.zoom.add_user(User::new("new", ADA));
}

fn departed(campus: &Campus) {
    campus.zoom.remove_user("ada");
}

fn inherited(campus: &Campus) {
    departed(campus);
    campus.zoom.add_user(User::new("new", ADA));
}

fn swapped(campus: &Campus) {
    campus.zoom.change_user("ada", |ada| ada.email(BERT));
    campus.zoom.change_user("bert", |bert| bert.email(ADA));
}

/// A case: the line before and after what happens between the runs, whose the next recording is, the address that Zoom lists
/// beside it, and what becomes of it.
type Case = (&'static str, [&'static str; 2], Change, &'static str, Option<&'static str>, &'static str);

const CASES: &[Case] = &[
    ("nothing", [ADA, ADA], nothing, "ada", None, "opted_out"),
    ("another's recording", [ADA, ADA], nothing, "bert", None, BERT),
    ("renamed", [ADA, ADA], renamed, "ada", None, "opted_out"),
    ("renamed, and the list is late", [ADA, ADA], renamed, "ada", Some(ADA), "opted_out"),
    ("renamed, and the list is wrong", [ADA, ADA], renamed, "ada", Some("x@uni.example"), "opted_out"),
    ("renamed to the address that opted out", [LOVELACE, LOVELACE], renamed, "ada", None, "opted_out"),
    ("the same, and the list is late", [LOVELACE, LOVELACE], renamed, "ada", Some(ADA), "opted_out"),
    ("renamed, and the line follows", [ADA, LOVELACE], renamed, "ada", None, "opted_out"),
    ("recycled: the old host", [ADA, ADA], recycled, "ada", None, "opted_out"),
    ("recycled: the old host, and the list is late", [ADA, ADA], recycled, "ada", Some(ADA), "opted_out"),
    ("recycled: the new host", [ADA, ADA], recycled, "new", None, "opted_out"),
    ("swapped", [ADA, ADA], swapped, "ada", None, "opted_out"),
    ("swapped, the other", [ADA, ADA], swapped, "bert", None, "opted_out"),
    ("swapped, and the other opted out", [BERT, BERT], swapped, "bert", None, "opted_out"),
    ("departed", [ADA, ADA], departed, "ada", Some(ADA), "opted_out"),
    ("departed, and the list is silent", [ADA, ADA], departed, "ada", None, "opted_out"),
    ("departed, and the address is another's", [ADA, ADA], inherited, "ada", Some(ADA), "opted_out"),
    ("departed, the new one has the address", [ADA, ADA], inherited, "new", None, "opted_out"),
    ("the list tells another's address, who opted out", [ADA, ADA], nothing, "bert", Some(ADA), BERT),
    (
        "the same of a whole domain",
        ["*@other.example", "*@other.example"],
        nothing,
        "bert",
        Some("b@other.example"),
        BERT,
    ),
    ("the list hides the address that opted out", [BERT, BERT], nothing, "bert", Some("x@uni.example"), "opted_out"),
];

#[test]
fn opting_out_follows_the_person() {
    try_all(true);
}

#[test]
fn opting_out_needs_no_listed_address() {
    try_all(false);
}

fn try_all(emails: bool) {
    check_each(CASES, |(name, [before, after], change, host, listed, expected)| {
        for recorded in [true, false] {
            let case = format!("{name}, {emails}, {recorded}");
            let campus = campus(if emails { Zoom::start() } else { Zoom::builder().without_host_emails().start() });
            if recorded {
                campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 5));
            }
            settle(&campus, before);
            change(&campus);
            let mut next = lecture("two==", 81_000_000_002, host, 4);
            if let Some(listed) = listed {
                next = next.listed_with("host_email", json!(listed));
            }
            campus.zoom.add_meeting(next);
            let dry = run(&campus, after, &["sync", "--dry-run", "--format", "json"]);
            assert_eq!((dry.exit, fate(&dry).as_str()), (0, *expected), "{case}: {}", dry.err);
            let real = run(&campus, after, &["sync", "--format", "json"]);
            assert_eq!((real.exit, fate(&real).as_str()), (0, *expected), "{case}: {}", real.err);
            settle(&campus, after);
            campus.zoom.log().clear();
            let idle = run(&campus, after, &["sync"]);
            assert_eq!((idle.exit, idle.err.as_str()), (0, ""), "told once: {case}");
            assert_eq!(campus.zoom.log().count("GET /users/{}"), 0, "{case}");
        }
    });
}

/// What was recorded before stays out.
#[test]
fn removed_line_lets_the_person_in() {
    for emails in [true, false] {
        let campus = campus(if emails { Zoom::start() } else { Zoom::builder().without_host_emails().start() });
        settle(&campus, ADA);
        renamed(&campus);
        settle(&campus, ADA);
        settle(&campus, "");
        campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 4));
        let past = run(&campus, "", &["sync", "--format", "json"]);
        assert_eq!(fate(&past), "opted_out", "recorded while the line stood: {}", past.err);
        thread::sleep(Duration::from_millis(1100));
        campus.zoom.remove_meeting("two==");
        campus.zoom.add_meeting(lecture("three==", 81_000_000_002, "ada", 0));
        let run = run(&campus, "", &["sync", "--format", "json"]);
        let owners: Vec<String> = campus.kaltura.entries().into_iter().map(|entry| entry.user_id).collect();
        assert!(owners.contains(&LOVELACE.to_owned()), "{emails} {owners:?} {} {}", run.out, run.err);
    }
}

#[test]
fn returning_line_means_present_holder() {
    let campus = campus(Zoom::start());
    settle(&campus, ADA);
    recycled(&campus);
    settle(&campus, "");
    thread::sleep(Duration::from_millis(1100));
    settle(&campus, ADA);
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 0));
    let run = run(&campus, ADA, &["sync", "--format", "json"]);
    assert_eq!((run.exit, fate(&run).as_str()), (0, LOVELACE), "{}", run.err);
}

#[test]
fn unanswered_address_is_asked_next_run() {
    let campus = campus(Zoom::start());
    settle(&campus, "");
    campus.zoom.faults().queue("GET /users/{}", 1, Fault::answer(503, "busy"));
    let list = campus.setup.path().join("list.txt").display().to_string();
    fs::write(&list, format!("{OTHERS}{ADA}\n")).expect("a list");
    let run = campus.run_with(&[(OUT, &list), ("ZOOM2KALTURA_HTTP_RETRIES", "0")], &["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    campus.zoom.log().clear();
    settle(&campus, ADA);
    assert_eq!(campus.zoom.log().count("GET /users/{}"), 1, "the others are known");
}

fn orphan(line: &str) -> Campus {
    let campus = campus(Zoom::start());
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 5));
    settle(&campus, line);
    let entries = campus.kaltura.entries();
    assert!(entries.iter().any(|entry| entry.user_id == HOLDING_USER), "{entries:?}");
    campus
}

/// The owner of the guest's copy.
fn owner_of_guests(campus: &Campus) -> String {
    let entries = campus.kaltura.entries();
    let it = entries.iter().find(|entry| entry.name.contains(&format!("{NUMBER}"))).expect("the guest's");
    it.user_id.clone()
}

/// Unless that address opted out.
#[test]
fn orphan_follows_its_hosts_new_address() {
    for (line, listed, expected) in [
        ("", None, LOVELACE),
        (LOVELACE, None, HOLDING_USER),
        (LOVELACE, Some("guest@elsewhere.example"), HOLDING_USER),
    ] {
        let campus = orphan(line);
        campus.zoom.change_user("guest", |guest| guest.email(LOVELACE));
        if let Some(listed) = listed {
            campus.zoom.change_meeting("guest==", |meeting| meeting.listed_with("host_email", json!(listed)));
            campus.setup.forget_hosts();
        }
        for args in [&["sync"][..], &["purge", "--older-than", "365d"]] {
            let run = run(&campus, line, args);
            assert_eq!(run.exit, 0, "{}", run.err);
            assert_eq!(owner_of_guests(&campus), expected, "{line} {listed:?}");
        }
    }
}
