//! A link with latency: 50 ms to an answer, and 20 MB/s a download, as content networks ration them.

use chrono::Utc;

use crate::contender::{curl, program, script};
use crate::remote::Remote;
use crate::scenario::Scenario;
use crate::streams::tell;
use crate::table::{heading, size};

const MB: u64 = 1_000_000;
const COLUMNS: [&str; 6] = ["", "wall", "MB/s", "CPU s/GB", "memory", "requests"];
const FAR: Scenario = Scenario { recordings: 0, bytes: 0, long: 0, round_trip: 50, bytes_per_second: 20 * MB };

pub(crate) fn measure(full: bool) {
    let many = if full { 200 } else { 50 };
    compare(&Scenario { recordings: many, bytes: MB, ..FAR }, &[1, 4, 16]);
    let long = if full { 1_000 * MB } else { 200 * MB };
    compare(&Scenario { recordings: 1, bytes: long, ..FAR }, &[1, 4, 16]);
}

fn compare(scenario: &Scenario, parallel: &[u64]) {
    let what = format!("{} recordings of {}", scenario.recordings, size(scenario.bytes));
    heading(&format!("{what}, 50 ms away, 20 MB/s a download"), &COLUMNS);
    for parallel in parallel {
        let mut remote = Remote::start(scenario, Utc::now());
        let cost = program(&remote, *parallel);
        let requests = remote.requests().sum();
        tell(&format!("zoom2kaltura, {parallel} at a time"), cost, scenario, &requests.to_string());
    }
    let remote = Remote::start(scenario, Utc::now());
    tell("curl | curl, one after the other", curl(&remote, scenario.recordings, scenario.bytes), scenario, "");
    if let Some(cost) = script(&remote, scenario.recordings, scenario.bytes) {
        tell("script", cost, scenario, "");
    }
}
