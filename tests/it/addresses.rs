//! What becomes of the addresses of Zoom users between two runs, and lists on which one of them stands.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use standin::kaltura::Kaltura;
use standin::zoom::{User, Zoom};

use crate::campus::{Campus, Run, lecture};

pub(crate) const ADA: &str = "ada@uni.example";
pub(crate) const BERT: &str = "bert@uni.example";
pub(crate) const LOVELACE: &str = "lovelace@uni.example";
/// The number of the recording that is added between the runs.
pub(crate) const NUMBER: i64 = 81_000_000_002;
/// So many others stand on the list that it is believed without one of them.
pub(crate) const OTHERS: &str = "one@uni.example\ntwo@uni.example\n";

/// What happens between two runs.
pub(crate) type Change = fn(&Campus);

pub(crate) fn nothing(_: &Campus) {}

pub(crate) fn renamed(campus: &Campus) {
    campus.zoom.change_user("ada", |ada| ada.email(LOVELACE));
}

/// Somebody new has the address that Ada had.
pub(crate) fn recycled(campus: &Campus) {
    renamed(campus);
    campus.zoom.add_user(User::new("new", ADA));
}

pub(crate) fn departed(campus: &Campus) {
    campus.zoom.remove_user("ada");
}

/// Ada left, and somebody new got the address.
pub(crate) fn inherited(campus: &Campus) {
    departed(campus);
    campus.zoom.add_user(User::new("new", ADA));
}

pub(crate) fn swapped(campus: &Campus) {
    campus.zoom.change_user("ada", |ada| ada.email(BERT));
    campus.zoom.change_user("bert", |bert| bert.email(ADA));
}

/// A case of a list: the line before and after what happens between the runs, whose the next recording is, the address that
/// Zoom lists beside it, and what becomes of it.
pub(crate) type ListCase = (&'static str, [&'static str; 2], Change, &'static str, Option<&'static str>, &'static str);

/// Ada, Bert, and the accounts of all addresses that they may have.
pub(crate) fn campus_of(zoom: Zoom) -> Campus {
    let campus = Campus::of(zoom, Kaltura::start());
    for name in [LOVELACE, BERT, "x@uni.example"] {
        campus.kaltura.add_user(name, name);
    }
    campus.zoom.add_user(User::new("bert", BERT));
    campus.zoom.add_meeting(lecture("bert==", 81_000_000_009, "bert", 5));
    campus
}

/// A Zoom whose listing tells the addresses of hosts, or not.
pub(crate) fn zoom_with(emails: bool) -> Zoom {
    if emails { Zoom::start() } else { Zoom::builder().without_host_emails().start() }
}

/// A campus at which a case is about to be decided: its list stood through a first run, which copied a recording of Ada's
/// where one was `recorded` by then; what happens between the runs has happened, and the next recording is there.
pub(crate) fn campus_after(case: &ListCase, emails: bool, recorded: bool, settle: fn(&Campus, &str)) -> Campus {
    let (_, [before, _], change, host, listed, _) = case;
    let campus = campus_of(zoom_with(emails));
    if recorded {
        campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 5));
    }
    settle(&campus, before);
    change(&campus);
    next_lecture(&campus, host, *listed);
    campus
}

/// The recording that is added between the runs.
fn next_lecture(campus: &Campus, host: &str, listed: Option<&str>) {
    let mut next = lecture("two==", NUMBER, host, 4);
    if let Some(listed) = listed {
        next = next.listed_with("host_email", json!(listed));
    }
    campus.zoom.add_meeting(next);
}

/// Runs the program with a list, named by this setting, on which this line stands beside others.
pub(crate) fn run_with_line(campus: &Campus, (key, line): (&str, &str), more: &[(&str, &str)], args: &[&str]) -> Run {
    let file = campus.setup.path().join("list.txt").display().to_string();
    fs::write(&file, format!("{OTHERS}{line}\n")).expect("a list");
    campus.run_with(&[&[(key, file.as_str())], more].concat(), args)
}

/// Runs so until Kaltura has processed everything.
pub(crate) fn settle_with_line(campus: &Campus, line: (&str, &str), args: &[&str]) {
    for _ in 0..40 {
        let run = run_with_line(campus, line, &[], &[args, &["--format", "json"]].concat());
        assert_eq!(run.exit, 0, "{}", run.err);
        if !run.waits_for_kaltura() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// What was decided on the recording that is added between the runs: the owner, or why it is not copied.
pub(crate) fn fate(run: &Run) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let item = run.items().into_iter().find(|item| item["meeting_id"] == json!(NUMBER));
    item.map_or_else(
        || "nothing".to_owned(),
        |item| if item["action"] == "copy" { text(&item["owner"]) } else { text(&item["reason"]) },
    )
}
