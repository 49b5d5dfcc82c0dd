//! Recordings of several sizes, several at a time, as fast as this machine can.

use chrono::Utc;

use crate::contender::{curl, halves, program, script};
use crate::measured::Cost;
use crate::remote::Remote;
use crate::scenario::Scenario;
use crate::table::{figure, heading, mib, row, seconds, size};

const MB: u64 = 1_000_000;
const PARALLEL: [u64; 3] = [1, 4, 16];
/// So many bytes are moved in one measurement, unless all is asked for.
const MOST: u64 = 4_000 * MB;

const COLUMNS: [&str; 6] = ["", "wall", "MB/s", "CPU s/GB", "memory", "requests"];

pub(crate) fn measure(full: bool) {
    let sizes: &[u64] = if full { &[100 * MB, 1_000 * MB, 10_000 * MB] } else { &[100 * MB, 1_000 * MB] };
    for &bytes in sizes {
        heading(&format!("recordings of {}, as many as transfers at a time", size(bytes)), &COLUMNS);
        for parallel in PARALLEL.into_iter().filter(|parallel| full || parallel * bytes <= MOST) {
            let scenario = Scenario { recordings: parallel, bytes, ..Scenario::default() };
            let mut remote = Remote::start(&scenario, Utc::now());
            let cost = program(&remote, parallel);
            let requests = remote.requests().sum();
            tell(&format!("zoom2kaltura, {parallel} at a time"), cost, &scenario, &format!("{requests}"));
        }
        let one = Scenario { recordings: 1, bytes, ..Scenario::default() };
        let mut remote = Remote::start(&one, Utc::now());
        let cost = program(&remote, 4);
        let requests = remote.requests().sum();
        tell("zoom2kaltura, one, in parts", cost, &one, &requests.to_string());
        let remote = Remote::start(&one, Utc::now());
        tell_rival("curl | curl", curl(&remote, 1, bytes), &one, "2");
        tell_rival("curl, down and up apart", halves(&remote, bytes), &one, "2");
        tell_rival("script", script(&remote, 1, bytes), &one, "");
    }
    small();
}

/// Two hundred small ones.
fn small() {
    const RECORDINGS: u64 = 200;
    let scenario = Scenario { recordings: RECORDINGS, bytes: MB, ..Scenario::default() };
    heading(&format!("{RECORDINGS} recordings of {}", size(MB)), &COLUMNS);
    for parallel in PARALLEL {
        let mut remote = Remote::start(&scenario, Utc::now());
        let cost = program(&remote, parallel);
        let requests = figure(remote.requests().sum()) / figure(RECORDINGS);
        tell(&format!("zoom2kaltura, {parallel} at a time"), cost, &scenario, &format!("{requests:.2} each"));
    }
    let remote = Remote::start(&scenario, Utc::now());
    tell_rival("curl | curl, one after the other", curl(&remote, RECORDINGS, MB), &scenario, "2 each");
    tell_rival("script", script(&remote, RECORDINGS, MB), &scenario, "");
}

/// A row of the table, if this machine has what it needs.
pub(crate) fn tell_rival(name: &str, cost: Option<Cost>, scenario: &Scenario, requests: &str) {
    match cost {
        Some(cost) => tell(name, cost, scenario, requests),
        None => row(&[format!("{name}: not on this machine")]),
    }
}

/// A row of the table.
pub(crate) fn tell(name: &str, cost: Cost, scenario: &Scenario, requests: &str) {
    let name = if cost.good { name.to_owned() } else { format!("FAILED: {name}") };
    let rate = figure(scenario.total()) / figure(MB) / cost.wall.as_secs_f64();
    let per_gb = cost.cpu.as_secs_f64() / (figure(scenario.total()) / figure(1_000 * MB));
    row(&[
        name,
        seconds(cost.wall),
        format!("{rate:.0}"),
        format!("{per_gb:.2}"),
        mib(cost.memory),
        requests.to_owned(),
    ]);
}
