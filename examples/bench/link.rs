//! A link with latency: 50 ms to an answer, and 20 MB/s a download, as content networks ration them.

use chrono::Utc;

use crate::contender::{curl, program, script};
use crate::remote::Remote;
use crate::scenario::Scenario;
use crate::streams::{tell, tell_rival};
use crate::table::{heading, size};

const MB: u64 = 1_000_000;
const COLUMNS: [&str; 6] = ["", "wall", "MB/s", "CPU s/GB", "memory", "requests"];
pub(crate) fn measure(full: bool) {
    let far = Scenario { round_trip: 50, bytes_per_second: 20 * MB, ..Scenario::default() };
    let many = if full { 200 } else { 50 };
    compare(&Scenario { recordings: many, bytes: MB, ..far }, &[1, 4, 16]);
    let long = if full { 1_000 * MB } else { 200 * MB };
    compare(&Scenario { recordings: 1, bytes: long, ..far }, &[1, 4, 16]);
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
    let (recordings, bytes) = (scenario.recordings, scenario.bytes);
    tell_rival("curl | curl, one after the other", curl(&remote, recordings, bytes), scenario, "");
    tell_rival("script", script(&remote, recordings, bytes), scenario, "");
}
