//! Recordings that are moved, by the program and by its rivals: a large one, over TLS too, many small and many tiny ones, and
//! some between servers that are far away.

use chrono::Utc;

use crate::Extent;
use crate::contender::{curl, program, script};
use crate::measured::Cost;
use crate::race::{Contender, Row, race};
use crate::remote::Remote;
use crate::scenario::Scenario;
use crate::table::size;

const KB: u64 = 1_000;
const MB: u64 = 1_000 * KB;
/// How many at a time, and what is aimed at.
type Aim = (u64, &'static str);

pub(crate) fn one(extent: Extent) -> Vec<Row> {
    move_by_turns(extent, &[(4, "≤ 0.65 × wall and CPU")], "", &large(extent))
}

pub(crate) fn tls(extent: Extent) -> Vec<Row> {
    move_by_turns(
        extent,
        &[(4, "≤ 0.75 × wall and CPU")],
        ", TLS 1.3 on both sides",
        &Scenario { tls: true, ..large(extent) },
    )
}

fn large(extent: Extent) -> Scenario {
    Scenario { recordings: 1, bytes: extent.choose(16 * MB, 1_000 * MB), ..Scenario::default() }
}

pub(crate) fn small(extent: Extent) -> Vec<Row> {
    let scenario = Scenario { recordings: extent.choose(8, 200), bytes: MB, ..Scenario::default() };
    move_by_turns(extent, &[(1, "90 a second"), (4, "250 a second"), (16, "400 a second")], "", &scenario)
}

pub(crate) fn tiny(extent: Extent) -> Vec<Row> {
    const WRITTEN: [Aim; 2] = [(1, "110 a second, ≤ 20 kB written each"), (4, "300 a second, ≤ 20 kB written each")];
    let scenario = Scenario { recordings: extent.choose(8, 300), bytes: 10 * KB, ..Scenario::default() };
    move_by_turns(extent, &WRITTEN, "", &scenario)
}

pub(crate) fn far(extent: Extent) -> Vec<Row> {
    let scenario = Scenario {
        recordings: extent.choose(4, 32),
        bytes: extent.choose(MB, 4 * MB),
        round_trip: extent.choose(10, 50),
        bytes_per_second: 20 * MB,
        ..Scenario::default()
    };
    let place = format!(", {} ms away, 20 MB/s a download", scenario.round_trip);
    move_by_turns(extent, &[(1, "6 s"), (4, "2.5 s"), (16, "1.8 s")], &place, &scenario)
}

/// The short form has no more at a time than one and four.
fn move_by_turns(extent: Extent, aims: &[Aim], place: &str, scenario: &Scenario) -> Vec<Row> {
    let (count, bytes) = (scenario.recordings, scenario.bytes);
    let work = if count == 1 { size(bytes) } else { format!("{count} of {}", size(bytes)) };
    let aims = aims.iter().filter(|(parallel, _)| extent != Extent::Short || *parallel <= 4);
    let own = aims.map(|&(parallel, goal)| {
        let how = if count == 1 { String::new() } else { format!("{parallel} at a time") };
        Contender::program(&how, goal, move || move_all(scenario, parallel))
    });
    let pipes = Contender::pipes(|| {
        let mut remote = Remote::start(scenario, Utc::now());
        let cost = curl(&remote, count, bytes)?;
        Some(cost.only_if(remote.sunk() == scenario.total()))
    });
    let script = Contender::script(|| {
        let mut remote = Remote::start(scenario, Utc::now());
        let cost = script(&remote, count, bytes)?;
        Some(cost.only_if(has_all(&mut remote, scenario)))
    });
    race(&format!("{work}{place}"), count, extent.rounds(), own.chain([pipes, script]).collect())
}

fn move_all(scenario: &Scenario, parallel: u64) -> Cost {
    let mut remote = Remote::start(scenario, Utc::now());
    let cost = program(&remote, parallel);
    let requests = remote.requests().sum();
    Cost { requests, ..cost }.only_if(has_all(&mut remote, scenario))
}

/// Whether Kaltura has an entry for each recording, and every byte.
fn has_all(remote: &mut Remote, scenario: &Scenario) -> bool {
    let entries = remote.entries();
    entries.made == scenario.recordings && entries.bytes == scenario.total()
}
