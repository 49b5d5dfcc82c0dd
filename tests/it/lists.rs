//! Lists of people that make no sense, or are not believed: nobody is left out for good by them, nobody who may be meant is
//! copied, and everybody else is.

use std::fs;

use serde_json::Value;
use standin::zoom::{Group, User};

use crate::campus::{Campus, Run, lecture};

const OUT: &str = "ZOOM2KALTURA_FILTER_OPT_OUT";
const IN: &str = "ZOOM2KALTURA_FILTER_OPT_IN";
const ALIASES: &str = "ZOOM2KALTURA_OWNER_ALIASES";
const ADA: &str = "ada@uni.example\n";

/// A lecture of Ada's and one of the guest's, who both have an account.
fn campus() -> Campus {
    let campus = Campus::new();
    campus.kaltura.add_user("guest@elsewhere.example", "guest@elsewhere.example");
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    campus
}

fn list(campus: &Campus, text: &str) -> String {
    let list = campus.setup.path().join("list.txt");
    fs::write(&list, text).expect("a list");
    list.display().to_string()
}

fn run(campus: &Campus, key: &str, text: &str, args: &[&str]) -> Run {
    campus.run_with(&[(key, &list(campus, text))], args)
}

/// By each meeting, what was decided: `copy`, `done` and the like, or the reason.
fn fates(report: &Value) -> Vec<(String, String)> {
    let word = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let items = report["items"].as_array().expect("items").iter();
    let fate = |item: &Value| if item["reason"].is_null() { word(item, "action") } else { word(item, "reason") };
    items.map(|item| (word(item, "meeting_uuid"), fate(item))).collect()
}

fn both<'a>(ada: &'a str, guest: &'a str) -> Vec<(String, String)> {
    [("ada==", ada), ("guest==", guest)].map(|(uuid, fate)| (uuid.to_owned(), fate.to_owned())).to_vec()
}

/// What a list says, what is decided while it says so, and what is after it was mended: `-` for what stays as it was.
#[test]
fn bad_line_leaves_nobody_out_forever() {
    let doubt = "list_in_doubt";
    let cases = [
        (OUT, "ada@uni.example guest@elsewhere.example\n", (doubt, doubt), ADA, ("opted_out", "copy")),
        (OUT, "ada@uni.example\nAda Lovelace\n", ("opted_out", doubt), ADA, ("opted_out", "copy")),
        (IN, "ada@@uni.example\n", (doubt, doubt), ADA, ("copy", "not_opted_in")),
        (IN, "ada@uni.example\nguest\n", ("copy", doubt), "ada@uni.example\nguest@elsewhere.example\n", ("", "copy")),
        (ALIASES, "guest@elsewhere.example,ada@uni.example,x\n", (doubt, doubt), "", ("copy", "copy")),
        (ALIASES, "ada@uni.example,ada@uni.example\nx\n", ("copy", doubt), "", ("", "copy")),
    ];
    for (key, text, (ada, guest), mended, (ada_then, guest_then)) in cases {
        let campus = campus();
        for args in [&["sync", "--dry-run", "--format", "json"][..], &["sync", "--format", "json"]] {
            let run = run(&campus, key, text, args);
            assert_eq!((run.exit, run.err.lines().count()), (6, 1), "{text:?}: {}", run.err);
            assert!(run.err.contains("list.txt has invalid lines: line "), "{text:?}: {}", run.err);
            assert_eq!(fates(&run.report()), both(ada, guest), "{text:?}");
        }
        let run = run(&campus, key, mended, &["sync", "--format", "json"]);
        assert_eq!(run.exit, 0, "{text:?}: {}", run.err);
        for (found, expected) in fates(&run.report()).into_iter().zip(both(ada_then, guest_then)) {
            assert!(expected.1.is_empty() || found == expected, "{text:?}: {found:?} {expected:?}");
        }
    }
}

#[test]
fn every_bad_line_is_reported() {
    let campus = campus();
    let text = "ada\n# fine\nguest@@uni.example\n".to_owned() + &"bad\n".repeat(10);
    for key in [OUT, IN, ALIASES, "ZOOM2KALTURA_COPY_CATEGORY_FILE"] {
        let mut settings = vec![(key, list(&campus, &text))];
        if key.ends_with("CATEGORY_FILE") {
            settings.push(("ZOOM2KALTURA_COPY_CATEGORY_FIELD", "Course".to_owned()));
        }
        let settings: Vec<(&str, &str)> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let run = campus.run_with(&settings, &["config", "validate"]);
        assert_eq!((run.exit, run.err.lines().count(), run.out.as_str()), (2, 12, ""), "{key}: {}", run.err);
        assert!(run.err.contains("line 3 ") && run.err.contains("line 13 "), "{key}: {}", run.err);
    }
    let run = run(&campus, OUT, &text, &["check"]);
    assert_eq!((run.exit, run.out.matches("list.txt has invalid lines").count()), (7, 12), "{}", run.out);
    assert_eq!(self::run(&campus, OUT, ADA, &["config", "validate"]).exit, 0);
}

#[test]
fn shrunken_list_needs_confirmation() {
    let (file, cut) = ("ada@uni.example\nguest@elsewhere.example\n", "ada@uni.example\nguest@elsewhere.ex");
    for (key, before, now, (ada, guest)) in [
        (IN, ADA, "", ("list_in_doubt", "list_in_doubt")),
        (IN, file, cut, ("copy", "list_in_doubt")),
        (OUT, ADA, "", ("list_in_doubt", "copy")),
        (OUT, file, cut, ("opted_out", "list_in_doubt")),
    ] {
        let campus = Campus::new();
        campus.kaltura.add_user("guest@elsewhere.example", "guest@elsewhere.example");
        assert_eq!(run(&campus, key, before, &["sync"]).exit, 0);
        campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
        campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
        for args in [&["sync", "--dry-run", "--format", "json"][..], &["sync", "--format", "json"]] {
            let run = run(&campus, key, now, args);
            assert_eq!((run.exit, run.err.lines().count()), (6, 1), "{now:?}: {}", run.err);
            assert!(run.err.contains("sync --accept-list"), "{now:?}: {}", run.err);
            assert_eq!(fates(&run.report()), both(ada, guest), "{key} {now:?}");
        }
        // every other verb that copies holds back the same, and nothing is accepted by it
        let today = chrono::Utc::now().date_naive();
        let (from, to) = ((today - chrono::Days::new(2)).to_string(), today.to_string());
        let run = run(&campus, key, now, &["backfill", "--from", &from, "--to", &to]);
        assert_eq!(run.exit, 6, "{}", run.err);
        let run = self::run(&campus, key, before, &["sync"]);
        assert_eq!(run.exit, 0, "{}", run.err);
        let expected = if key == IN { before.lines().count() } else { 2 - before.lines().count() };
        assert_eq!(campus.copied().len(), expected, "{key}: the list is back");
        assert_eq!(self::run(&campus, key, now, &["sync", "--accept-list"]).exit, 0, "confirmed");
        assert_eq!(self::run(&campus, key, now, &["sync"]).exit, 0, "and believed from then on");
    }
}

#[test]
fn shrunken_group_needs_confirmation() {
    let campus = campus();
    let people: Vec<String> = (0..50).map(|number| format!("u{number}@uni.example\n")).collect();
    let file = list(&campus, &people.concat());
    let settings = [(IN, file.as_str()), ("ZOOM2KALTURA_FILTER_OPT_IN_GROUPS", "Pilot")];
    campus.zoom.set_group(Group::new("g1", "Pilot").member("ada", "ada@uni.example"));
    campus.run_with(&settings, &["sync"]);
    assert_eq!(campus.copied(), ["Lecture 81000000001"]);
    campus.zoom.set_group(Group::new("g1", "Pilot"));
    campus.zoom.add_meeting(lecture("two==", 81_000_000_003, "ada", 2));
    let run = campus.run_with(&settings, &["sync"]);
    assert!(run.exit == 6 && run.err.contains("the group \"Pilot\" had 1 name before"), "{}", run.err);
    campus.zoom.set_group(Group::new("g1", "Pilot").member("ada", "ada@uni.example"));
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    assert_eq!(campus.copied(), ["Lecture 81000000001", "Lecture 81000000003"]);
}

#[test]
fn whole_domain_opts_in_when_confirmed() {
    let campus = campus();
    let report = run(&campus, OUT, "*@elsewhere.example\n", &["sync", "--dry-run", "--format", "json"]).report();
    assert_eq!(fates(&report), both("copy", "opted_out"));
    let run = run(&campus, IN, "*@uni.example\n", &["sync", "--format", "json"]);
    assert!(run.exit == 6 && run.err.contains("everyone at uni.example"), "{}", run.err);
    assert_eq!(fates(&run.report()), both("list_in_doubt", "list_in_doubt"));
    assert_eq!(self::run(&campus, IN, "*@uni.example\n", &["sync", "--accept-list"]).exit, 0);
    assert_eq!(campus.copied(), ["Lecture 81000000001"]);
    campus.zoom.add_user(User::new("new", "new@uni.example"));
    campus.zoom.add_meeting(lecture("new==", 81_000_000_003, "new", 1));
    assert_eq!(self::run(&campus, IN, "*@uni.example\n", &["sync"]).exit, 0);
    assert_eq!(campus.copied().len(), 2);
}

#[test]
fn purge_spares_whoever_may_be_meant() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    campus.sync_until_done();
    campus.setup.age_confirmations(chrono::TimeDelta::days(5));
    let run = run(&campus, ALIASES, "guest\n", &["purge"]);
    assert!(run.exit == 6 && run.err.contains("line 1 is not of the form"), "{} {}", run.exit, run.err);
    assert_eq!(campus.kaltura.entries()[0].status, 2);
    assert_eq!(self::run(&campus, ALIASES, "", &["purge"]).exit, 0);
    assert_eq!(campus.kaltura.entries()[0].status, 3);
}
