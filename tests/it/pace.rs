//! How often which days are listed, and what a poll costs that finds nothing new: counted, not timed.

use std::fs;

use chrono::Utc;
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::zoom::{Meeting, Zoom};

use crate::campus::{Campus, Run, hours_ago, lecture};

const LIST: &str = "GET /accounts/me/recordings";

/// An account in which nothing is copied, as every topic is a private one: three recordings of the last day, four older
/// ones, each page with two at most. Go-live was twenty days ago.
struct Account {
    campus: Campus,
    go_live: String,
}

/// What a run asked Zoom to list.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// How many days ago the first day was.
    days: i64,
    pages: usize,
    /// All requests to Zoom.
    requests: usize,
}

impl Account {
    fn new() -> Account {
        let campus = Campus::of(Zoom::builder().page_size_cap(2).start(), Kaltura::start());
        for (number, hours) in (1..).zip([1, 2, 3, 72, 73, 96, 97]) {
            campus.zoom.add_meeting(private(number, hours));
        }
        Account { campus, go_live: hours_ago(24 * 20) }
    }

    fn run(&self, settings: &[(&str, &str)], args: &[&str]) -> Run {
        let settings = [&[("ZOOM2KALTURA_SYNC_GO_LIVE", self.go_live.as_str())], settings].concat();
        self.campus.run_with(&settings, args)
    }

    fn sync(&self, settings: &[(&str, &str)], args: &[&str]) -> Asked {
        self.campus.zoom.log().clear();
        let run = self.run(settings, &[&["sync"], args].concat());
        assert_eq!(run.exit, 0, "{}", run.err);
        let asked = self.campus.zoom.log().all();
        let lists: Vec<_> = asked.iter().filter(|request| request.call == LIST).collect();
        let from = lists.first().and_then(|list| list.target.split_once("from=")?.1.get(..10)).expect("a list");
        let from: chrono::NaiveDate = from.parse().expect("a day");
        Asked { days: (Utc::now().date_naive() - from).num_days(), pages: lists.len(), requests: asked.len() }
    }

    /// How many recordings a run has decided on.
    fn known(&self) -> i64 {
        let ledger = self.campus.ledger();
        ledger.query_row("SELECT count(*) FROM recordings", [], |row| row.get(0)).expect("a count")
    }
}

fn private(number: i64, hours: i64) -> Meeting {
    lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", hours).topic("Private")
}

fn asked(days: i64, pages: usize) -> Asked {
    // and one for the login
    Asked { days, pages, requests: pages + 1 }
}

/// And a dry run lists what the run would.
#[test]
fn idle_polls_list_two_days() {
    let account = Account::new();
    assert_eq!(account.sync(&[], &[]), asked(21, 4));
    for _ in 0..2 {
        assert_eq!(account.sync(&[], &[]), asked(1, 2));
    }
    assert_eq!(account.campus.kaltura.log().len(), 0, "nothing is new");
    account.campus.setup.age_lookback();
    assert_eq!(account.sync(&[], &["--dry-run"]), asked(7, 4));
    assert_eq!(account.sync(&[], &[]), asked(7, 4));
    assert_eq!(account.sync(&[], &["--dry-run"]), asked(1, 2));
    assert_eq!(account.sync(&[], &["--full"]), asked(21, 4));
    assert_eq!(account.sync(&[], &[]), asked(1, 2));
}

/// It is found within an hour, and by `--full` at once.
#[test]
fn late_recordings_are_found_hourly() {
    let account = Account::new();
    account.sync(&[], &[]);
    account.campus.zoom.add_meeting(private(8, 74));
    assert_eq!(account.sync(&[], &[]).days, 1);
    assert_eq!(account.known(), 7, "the days before yesterday are listed once an hour");
    account.campus.setup.age_lookback();
    account.sync(&[], &[]);
    assert_eq!(account.known(), 8);
    account.campus.zoom.add_meeting(private(9, 75));
    account.sync(&[], &["--full"]);
    assert_eq!(account.known(), 9);
}

/// It does not count, nor does one of which something is missing.
#[test]
fn interrupted_listings_are_made_again() {
    let account = Account::new();
    account.sync(&[], &[]);
    account.campus.setup.age_lookback();
    let faults = account.campus.zoom.faults();
    (2..12).for_each(|hit| faults.queue(LIST, hit, Fault::answer(500, "")));
    assert_eq!(account.run(&[], &["sync"]).exit, 5);
    faults.clear();
    account.campus.zoom.add_meeting(private(8, 74).listed_with("uuid", serde_json::Value::Null));
    account.campus.zoom.log().clear();
    assert_eq!(account.run(&[], &["sync"]).exit, 3, "one of the meetings cannot be read");
    account.campus.zoom.remove_meeting("u8==");
    assert_eq!(account.sync(&[], &[]).days, 7);
    assert_eq!(account.sync(&[], &[]).days, 1);
}

/// What was left out by earlier rules is decided again, whenever it was listed.
#[test]
fn changed_rules_list_all_days() {
    let account = Account::new();
    let list = account.campus.setup.path().join("opt-out");
    fs::write(&list, "eve@uni.example\n").expect("a list");
    let list = list.to_str().expect("a path");
    let before = ("ZOOM2KALTURA_FILTER_OPT_OUT", list);
    account.sync(&[before], &[]);
    assert_eq!(account.sync(&[before], &[]).days, 1);
    fs::write(list, "eve@uni.example\nmallory@uni.example\n").expect("a list");
    let changes = [
        ("a list", vec![before]),
        ("a rule", vec![before, ("ZOOM2KALTURA_FILTER_MIN_DURATION", "5m")]),
        ("the lookback", vec![before, ("ZOOM2KALTURA_SYNC_LOOKBACK", "5d")]),
        ("what is copied", vec![before, ("ZOOM2KALTURA_COPY_VIEWS", "best")]),
    ];
    for (what, settings) in changes {
        assert_eq!(account.sync(&settings, &[]).days, 21, "{what}");
        assert_eq!(account.sync(&settings, &[]).days, 1, "{what}");
    }
}

/// What is owed from before yesterday is asked for by its meeting, or its days are listed where it is much.
#[test]
fn owed_recordings_are_asked_for_alone() {
    let account = Account::new();
    let owed = |number: i64| lecture(&format!("owed{number}=="), 82_000_000_000 + number, "ada", 72).processing();
    account.campus.zoom.add_meeting(owed(0));
    account.sync(&[], &[]);
    let alone = account.sync(&[], &[]);
    assert_eq!((alone.days, alone.pages, alone.requests), (1, 2, 4));
    let held = account.campus.checkpoint();
    assert_eq!(held, hours_ago(72)[..10], "a day that was not listed is not passed");
    (1..11).for_each(|number| account.campus.zoom.add_meeting(owed(number)));
    account.sync(&[], &["--full"]);
    assert_eq!(account.sync(&[], &[]), asked(3, 8));
}

/// How many transactions have changed the ledger: what `SQLite` counts in the header of a file without a log.
fn transactions(campus: &Campus) -> u32 {
    let bytes = fs::read(campus.setup.ledger_file()).expect("a ledger");
    u32::from_be_bytes(bytes[24..28].try_into().expect("four bytes"))
}

/// However many pages they fill; and each takes few bytes.
#[test]
fn left_out_meetings_share_a_transaction() {
    let first_run = |meetings: i64| {
        let campus = Campus::of(Zoom::builder().page_size_cap(100).start(), Kaltura::start());
        (0..meetings).for_each(|number| campus.zoom.add_meeting(private(number, 2)));
        let settings = [("ZOOM2KALTURA_LEDGER_JOURNAL", "rollback")];
        assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
        (transactions(&campus), fs::metadata(campus.setup.ledger_file()).expect("a ledger").len())
    };
    let ((few, little), (many, much)) = (first_run(1), first_run(401));
    // those of the run itself: what it notes is written together, too
    assert_eq!((few, many), (8, 8));
    assert!(much - little <= 400 * 600, "{} bytes for each", (much - little) / 400);
}
