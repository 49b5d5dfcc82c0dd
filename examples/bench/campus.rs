//! A campus: a busy day of a term, poll by poll, and polls of the evening. What is measured is the program's own share and its
//! calls; recordings are small, as their bytes cost what the other parts say.

use std::fs;

use chrono::Utc;

use crate::contender::program;
use crate::ledger::fill;
use crate::measured::Cost;
use crate::remote::Remote;
use crate::scenario::Scenario;
use crate::table::{figure, heading, mib, row, seconds};

/// A term, and one of a few minutes: people who record, recordings in the ledger, those that Zoom lists, those of the day, and
/// the polls in which they come.
const TERM: [u64; 5] = [30_000, 200_000, 14_000, 4_000, 96];
const SAMPLE: [u64; 5] = [3_000, 20_000, 1_400, 400, 10];
/// Polls of the evening.
const IDLE: usize = 12;
const MB: u64 = 1_000_000;

pub(crate) fn measure(full: bool) {
    let now = Utc::now();
    let [hosts, known, listed, arriving, polls] = if full { TERM } else { SAMPLE };
    let scenario = Scenario { recordings: listed, bytes: MB, hosts, arriving, ..Scenario::default() };
    let what =
        format!("{hosts} hosts, {known} recordings in the ledger, {listed} listed; {arriving} come in {polls} polls");
    heading(&what, &["", "polls", "wall", "CPU", "memory", "written", "Zoom", "Kaltura", "wall of all"]);
    let mut remote = Remote::start(&scenario, now);
    let ledger_before = fill(&remote, &scenario, known, now);
    // lists again what a rescan does
    tell("the first one, with a rescan", &[poll(&mut remote)]);
    let before = remote.entries().made;
    let mut day = Vec::new();
    for number in 0..polls {
        remote.let_come(arriving * (number + 1) / polls - arriving * number / polls);
        day.push(poll(&mut remote));
    }
    let all_made = remote.entries().made - before == arriving;
    // confirms what is left of the day
    poll(&mut remote);
    let evening: Vec<_> = (0..IDLE).map(|_| poll(&mut remote)).collect();
    tell(if all_made { "of the day" } else { "FAILED: of the day" }, &day);
    tell("of the evening", &evening);
    let ledger = fs::metadata(remote.ledger()).map_or(0, |file| file.len());
    let grown = figure(ledger.saturating_sub(ledger_before)) / figure(arriving);
    row(&[format!("ledger: {:.0} MB, and {grown:.0} B more for each recording", figure(ledger_before) / 1e6)]);
    day[0].0.only_if(all_made);
}

/// What a poll costs, and how often it asks Zoom and Kaltura.
type Poll = (Cost, u64, u64);

fn poll(remote: &mut Remote) -> Poll {
    remote.clear();
    let cost = program(remote, 4);
    let asked = remote.requests();
    (cost, asked.zoom + asked.downloads, asked.kaltura + asked.chunks)
}

/// The middle poll of them, and the wall of all together.
fn tell(name: &str, polls: &[Poll]) {
    let costs: Vec<Cost> = polls.iter().map(|(cost, ..)| *cost).collect();
    let (cost, count) = (Cost::median(&costs), figure(polls.len() as u64));
    let mean = |asked: fn(&Poll) -> u64| format!("{:.1}", figure(polls.iter().map(asked).sum()) / count);
    row(&[
        name.to_owned(),
        polls.len().to_string(),
        seconds(cost.wall),
        seconds(cost.cpu),
        mib(cost.memory),
        format!("{:.0} kB", figure(cost.written) / 1e3),
        mean(|(_, zoom, _)| *zoom),
        mean(|(.., kaltura)| *kaltura),
        seconds(costs.iter().map(|cost| cost.wall).sum()),
    ]);
}
