//! Runs that copy nothing: the first one of a big account whose meetings are all left out, the next one, and polls where
//! everything is copied.

use std::process::Command;

use chrono::Utc;
use tempfile::TempDir;

use crate::Extent;
use crate::contender::{lister, program};
use crate::ledger::fill;
use crate::measured::{Cost, run};
use crate::race::{Contender, Row, race};
use crate::remote::Remote;
use crate::scenario::Scenario;

/// The meetings of a big account began within so many days. Go-live was before.
const DAYS: u64 = 20;
/// So many days the script lists the first time, and then always.
const ALL: u64 = 25;
const LATEST: u64 = 7;

/// Milliseconds to servers that are not here.
const DISTANCE: u64 = 50;

/// Both ledgers of an account, the script's in a folder of its own.
struct Account {
    remote: Remote,
    folder: TempDir,
}

impl Account {
    fn start(scenario: &Scenario) -> Account {
        Account { remote: Remote::start(scenario, Utc::now()), folder: TempDir::new().expect("a folder") }
    }

    /// A run of the program that leaves out what the script leaves out.
    fn run_filtered(&mut self) -> Cost {
        let mut command = self.remote.program(4, &["sync"]);
        command.env("ZOOM2KALTURA_FILTER_EXCLUDE_TOPICS", "['^Lecture']");
        self.run(command)
    }

    /// Any run that moves nothing.
    fn run(&mut self, command: Command) -> Cost {
        self.remote.clear();
        let cost = run(vec![command]);
        let asked = self.remote.requests();
        Cost { requests: asked.sum(), ..cost }.only_if(asked.chunks == 0)
    }

    fn run_script(&mut self, days: u64) -> Option<Cost> {
        self.remote.clear();
        let cost = lister(&self.remote, days, &self.folder.path().join("seen.db"))?;
        Some(Cost { requests: self.remote.requests().sum(), ..cost })
    }
}

pub(crate) fn plan(extent: Extent) -> Vec<Row> {
    let scenario = Scenario { recordings: extent.choose(1_000, 60_000), days: DAYS, ..Scenario::default() };
    let work = format!("first plan of {} meetings that are left out", scenario.recordings);
    let goal = "≤ 0.5 × the script's wall and CPU, ≤ 48 MiB";
    let mut rows = first_plan(&work, goal, &scenario, extent);
    let (mut account, mut other) = (Account::start(&scenario), Account::start(&scenario));
    account.run_filtered();
    other.run_script(ALL);
    let next = [
        Contender::program("", "≤ 0.5 s, ≤ 15 requests, ≤ 40 MiB", || account.run_filtered()),
        Contender::script(|| other.run_script(LATEST)),
    ];
    rows.extend(race("the same, the next poll", 1, extent.rounds(), next.into()));
    let far = Scenario { round_trip: DISTANCE, ..scenario };
    rows.extend(first_plan(&format!("{work}, {DISTANCE} ms away"), goal, &far, extent));
    rows
}

fn first_plan(work: &str, goal: &'static str, scenario: &Scenario, extent: Extent) -> Vec<Row> {
    let first = [
        Contender::program("", goal, || Account::start(scenario).run_filtered()),
        Contender::script(|| Account::start(scenario).run_script(ALL)),
    ];
    race(work, 1, extent.rounds(), first.into())
}

pub(crate) fn poll(extent: Extent) -> Vec<Row> {
    let now = Utc::now();
    let scenario = Scenario { recordings: extent.choose(100, 2_000), ..Scenario::default() };
    let (mut account, mut other) = (Account::start(&scenario), Account::start(&scenario));
    fill(&account.remote, &scenario, scenario.recordings, now);
    // the first one lists again what a rescan does
    program(&account.remote, 4);
    other.run_script(ALL);
    let work = format!("poll, {} recordings copied", scenario.recordings);
    let contenders = [
        Contender::program("", "0.14 s, 8 requests, 23 MiB", || account.run(account.remote.program(4, &["sync"]))),
        Contender::script(|| other.run_script(LATEST)),
    ];
    race(&work, 1, extent.rounds(), contenders.into())
}
