//! How long a recording takes from "available in Zoom" to "in My Media", where a long one came first.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::Utc;

use crate::measured::run_beside;
use crate::remote::Remote;
use crate::scenario::Scenario;
use crate::table::{heading, row, seconds, size};

const MB: u64 = 1_000_000;

/// One recording of nine hours and a hundred lectures, all there when the run begins.
pub(crate) fn measure(full: bool) {
    let scale = if full { 1 } else { 10 };
    let scenario = Scenario {
        recordings: 100,
        bytes: 100 * MB / scale,
        long: 2_000 * MB / scale,
        round_trip: 50,
        bytes_per_second: 20 * MB,
        ..Scenario::default()
    };
    let (lecture, long) = (size(scenario.bytes), size(scenario.long));
    let what = format!("one recording of {long} and 100 of {lecture}, 50 ms away, 20 MB/s a download");
    heading(&what, &["", "median lecture", "last lecture", "the long one"]);
    for parallel in [1, 4, 16] {
        let mut remote = Remote::start(&scenario, Utc::now());
        let command = remote.program(parallel, &["sync"]);
        let (since, mut arrived) = (Instant::now(), HashMap::new());
        let mut look = || {
            for name in remote.arrived() {
                arrived.entry(name).or_insert_with(|| since.elapsed());
            }
        };
        run_beside(vec![command], &mut look);
        let long = arrived.remove("Conference").unwrap_or_default();
        let mut lectures: Vec<Duration> = arrived.into_values().collect();
        lectures.sort_unstable();
        let at = |place: usize| lectures.get(place).copied().map_or_else(String::new, seconds);
        row(&[
            format!("zoom2kaltura, {parallel} at a time"),
            at(lectures.len() / 2),
            at(lectures.len() - 1),
            seconds(long),
        ]);
    }
}
