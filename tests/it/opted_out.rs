//! Who opted out by an address is a person: they are left out whatever their address becomes, until the line is removed, and
//! nobody else is by an address that is not theirs.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::json;
use standin::fault::Fault;
use standin::setup::HOLDING_USER;
use standin::zoom::Zoom;

use crate::addresses::{
    ADA, BERT, LOVELACE, ListCase, NUMBER, OTHERS, campus_after, campus_of, departed, fate, inherited, nothing,
    recycled, renamed, run_with_line, settle_with_line, swapped, zoom_with,
};
use crate::at_once::check_each;
use crate::campus::{Campus, Run, lecture};

const OUT: &str = "ZOOM2KALTURA_FILTER_OPT_OUT";

fn run(campus: &Campus, line: &str, args: &[&str]) -> Run {
    run_with_line(campus, (OUT, line), &[], args)
}

/// Until Kaltura has processed everything.
fn settle(campus: &Campus, line: &str) {
    settle_with_line(campus, (OUT, line), &["sync"]);
}

const CASES: &[ListCase] = &[
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
    check_each(CASES, |case @ (name, [_, after], .., expected)| {
        for recorded in [true, false] {
            let campus = campus_after(case, emails, recorded, settle);
            let case = format!("{name}, {emails}, {recorded}");
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
fn removed_line_readmits_the_person() {
    for emails in [true, false] {
        let campus = campus_of(zoom_with(emails));
        settle(&campus, ADA);
        renamed(&campus);
        settle(&campus, ADA);
        settle(&campus, "");
        campus.zoom.add_meeting(lecture("two==", NUMBER, "ada", 4));
        let past = run(&campus, "", &["sync", "--format", "json"]);
        assert_eq!(fate(&past), "opted_out", "recorded while the line stood: {}", past.err);
        thread::sleep(Duration::from_millis(1100));
        campus.zoom.remove_meeting("two==");
        campus.zoom.add_meeting(lecture("three==", NUMBER, "ada", 0));
        let run = run(&campus, "", &["sync", "--format", "json"]);
        let owners: Vec<String> = campus.kaltura.entries().into_iter().map(|entry| entry.user_id).collect();
        assert!(owners.contains(&LOVELACE.to_owned()), "{emails} {owners:?} {} {}", run.out, run.err);
    }
}

#[test]
fn returning_line_means_present_holder() {
    let campus = campus_of(Zoom::start());
    settle(&campus, ADA);
    recycled(&campus);
    settle(&campus, "");
    thread::sleep(Duration::from_millis(1100));
    settle(&campus, ADA);
    campus.zoom.add_meeting(lecture("two==", NUMBER, "ada", 0));
    let run = run(&campus, ADA, &["sync", "--format", "json"]);
    assert_eq!((run.exit, fate(&run).as_str()), (0, LOVELACE), "{}", run.err);
}

#[test]
fn unanswered_address_is_asked_next_run() {
    let campus = campus_of(Zoom::start());
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
    let campus = campus_of(Zoom::start());
    campus.zoom.add_meeting(lecture("guest==", NUMBER, "guest", 5));
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
