//! Who opts in by an address is a person: they are copied whatever their address becomes, until the line is removed, and
//! nobody else is who gets the address, until the institution confirms it.

use std::fs;
use std::thread;
use std::time::Duration;

use standin::fault::Fault;
use standin::zoom::Zoom;

use crate::addresses::{
    ADA, BERT, LOVELACE, ListCase, NUMBER, campus_after, campus_of, fate, inherited, nothing, recycled, renamed,
    run_with_line, settle_with_line, swapped,
};
use crate::campus::{Campus, Run, lecture};

const IN: &str = "ZOOM2KALTURA_FILTER_OPT_IN";
const OUT: &str = "not_opted_in";
const DOUBT: &str = "list_in_doubt";

fn run(campus: &Campus, line: &str, args: &[&str]) -> Run {
    run_with_line(campus, (IN, line), &[], args)
}

/// Until Kaltura has processed everything.
fn settle(campus: &Campus, line: &str) {
    settle_with_line(campus, (IN, line), &["sync", "--accept-list"]);
}

const CASES: &[ListCase] = &[
    ("nothing", [ADA, ADA], nothing, "ada", None, ADA),
    ("another's recording", [ADA, ADA], nothing, "bert", None, OUT),
    ("the list is wrong", [ADA, ADA], nothing, "ada", Some("x@uni.example"), ADA),
    ("the list tells another's address, who opted in", [ADA, ADA], nothing, "bert", Some(ADA), OUT),
    ("renamed", [ADA, ADA], renamed, "ada", None, LOVELACE),
    ("renamed, and the list is late", [ADA, ADA], renamed, "ada", Some(ADA), LOVELACE),
    ("renamed to the address that opted in", [LOVELACE, LOVELACE], renamed, "ada", None, LOVELACE),
    ("the same, and the list is late", [LOVELACE, LOVELACE], renamed, "ada", Some(ADA), LOVELACE),
    ("renamed, and the line follows", [ADA, LOVELACE], renamed, "ada", None, LOVELACE),
    ("recycled: the old host", [ADA, ADA], recycled, "ada", Some(ADA), LOVELACE),
    ("recycled: the new host", [ADA, ADA], recycled, "new", None, DOUBT),
    ("recycled: the new host, and the list is late", [ADA, ADA], recycled, "new", Some("x@uni.example"), DOUBT),
    ("swapped", [ADA, ADA], swapped, "ada", None, BERT),
    ("swapped, the other", [ADA, ADA], swapped, "bert", None, DOUBT),
    ("departed, the new one has the address", [ADA, ADA], inherited, "new", None, DOUBT),
    ("a domain, and the list is wrong", ["*@uni.example", "*@uni.example"], nothing, "bert", Some("b@x.example"), BERT),
];

#[test]
fn opting_in_follows_the_person() {
    for case @ (name, [_, after], .., expected) in CASES {
        for (emails, recorded) in [(true, true), (true, false), (false, true), (false, false)] {
            let campus = campus_after(case, emails, recorded, settle);
            let case = format!("{name}, {emails}, {recorded}");
            let exit = if *expected == DOUBT { 6 } else { 0 };
            for args in [&["sync", "--dry-run", "--format", "json"][..], &["sync", "--format", "json"]] {
                let run = run(&campus, after, args);
                assert_eq!((run.exit, fate(&run).as_str()), (exit, *expected), "{case}: {}", run.err);
                let told = run.err.contains("now belongs to the Zoom user") && run.err.contains("sync --accept-list");
                assert!(exit == 0 || told, "{case}: {}", run.err);
            }
            campus.zoom.log().clear();
            settle(&campus, after);
            let idle = run(&campus, after, &["sync"]);
            assert_eq!((idle.exit, idle.err.as_str()), (0, ""), "confirmed for good: {case}");
            let is_copied = campus.kaltura.entries().iter().any(|entry| entry.name.contains(&NUMBER.to_string()));
            assert_eq!(is_copied, *expected != OUT, "{case}");
        }
    }
}

#[test]
fn long_list_is_asked_in_parts() {
    let campus = campus_of(Zoom::start());
    let people: String = (0..1_100).fold(String::new(), |people, number| format!("{people}u{number}@uni.example\n"));
    let file = campus.setup.path().join("long.txt").display().to_string();
    fs::write(&file, people).expect("a list");
    // beside them Bert, once, as he may have one of the addresses
    // what Zoom turned away as too much at a time is asked for once more
    for expected in [1_001..1_100, 100..200, 0..1] {
        campus.zoom.log().clear();
        let run = campus.run_with(&[(IN, &file)], &["sync"]);
        assert_eq!((run.exit, run.err.as_str()), (0, ""));
        let asked = campus.zoom.log().count("GET /users/{}");
        assert!(expected.contains(&asked), "{asked} {expected:?}");
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
    campus.zoom.add_meeting(lecture("two==", NUMBER, "new", 0));
    let run = run(&campus, ADA, &["sync", "--format", "json"]);
    assert_eq!((run.exit, fate(&run).as_str()), (0, ADA), "{}", run.err);
}

/// While Zoom cannot tell who has the address.
#[test]
fn first_copied_by_address_is_meant() {
    let campus = campus_of(Zoom::start());
    let settings = [("ZOOM2KALTURA_HTTP_RETRIES", "0")];
    campus.zoom.faults().queue("GET /users/{}", 1, Fault::answer(503, "busy"));
    campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 5));
    let first = run_with_line(&campus, (IN, ADA), &settings, &["sync"]);
    assert_eq!((first.exit, first.err.as_str()), (0, ""));
    recycled(&campus);
    campus.zoom.add_meeting(lecture("two==", NUMBER, "new", 4));
    let next = run_with_line(&campus, (IN, ADA), &settings, &["sync", "--format", "json"]);
    assert_eq!((next.exit, fate(&next).as_str()), (6, DOUBT), "{}", next.err);
}

#[test]
fn orphan_follows_the_opted_in_person() {
    let campus = campus_of(Zoom::start());
    campus.kaltura.delete_user(ADA);
    let owner = || {
        let entries = campus.kaltura.entries();
        entries.iter().find(|entry| entry.name.contains(&NUMBER.to_string())).map(|entry| entry.user_id.clone())
    };
    campus.zoom.add_meeting(lecture("two==", NUMBER, "ada", 5));
    settle(&campus, ADA);
    let orphaned = owner();
    swapped(&campus);
    campus.kaltura.delete_user(BERT);
    campus.kaltura.add_user("ada-new", BERT);
    settle(&campus, ADA);
    assert_ne!(orphaned, owner(), "whoever agreed gets it by the address of now");
    assert_eq!(owner().as_deref(), Some("ada-new"));
}
