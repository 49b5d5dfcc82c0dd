//! How many recordings this machine can hand over to Kaltura's import workers in a minute, beside how many it can stream,
//! and what either costs. There is no distance between the two sides, so that what is measured is the program's own share.
//! Bytes are those of the loopback interface: with nothing else on it (`unshare -rn sh -c 'ip link set lo up; …'`), those of
//! the run.

use std::fs;
use std::time::Duration;

use chrono::Utc;

use crate::contender::program_in_mode;
use crate::remote::Remote;
use crate::scenario::Scenario;
use crate::table::{figure, heading, row, seconds};

/// How many recordings, and of how many bytes each: in stream mode all of them pass through this machine, in and out.
const SIZES: [(u64, u64); 2] = [(500, 1 << 20), (100, 8 << 20)];
const MODES: [&str; 2] = ["stream", "pull"];
const PARALLEL: u64 = 4;
/// How often Kaltura is asked whether all that it fetched is ready, and for how long.
const LOOKS: (Duration, usize) = (Duration::from_millis(200), 3000);

pub(crate) fn measure(_full: bool) {
    for (recordings, bytes) in SIZES {
        heading(
            &format!("{recordings} recordings of {} MiB, streamed and pulled, {PARALLEL} at a time", bytes >> 20),
            &["for each recording", "wall", "a minute", "calls", "to confirm it", "on the wire", "in the ledger"],
        );
        for mode in MODES {
            compare(mode, &Scenario { recordings, bytes, ..Scenario::default() });
        }
    }
}

fn compare(mode: &str, scenario: &Scenario) {
    let mut remote = Remote::start(scenario, Utc::now());
    // what the import workers do is Kaltura's to pay for
    remote.set_importers("busy");
    let before = loopback();
    let moving = program_in_mode(&remote, PARALLEL, mode);
    let on_the_wire = loopback() - before;
    let calls = remote.requests().sum();
    let all_made = remote.entries().made == scenario.recordings;
    remote.set_importers("work");
    for _ in 0..LOOKS.1 {
        if remote.entries().ready == scenario.recordings {
            break;
        }
        std::thread::sleep(LOOKS.0);
    }
    remote.clear();
    let confirming = program_in_mode(&remote, PARALLEL, mode);
    let calls_to_confirm = remote.requests().sum();
    let ledger = fs::metadata(remote.ledger()).map_or(0, |file| file.len());
    let good = moving.good && confirming.good && all_made;
    let each = |sum: u64| figure(sum) / figure(scenario.recordings);
    row(&[
        format!("{}{mode}", if good { "" } else { "FAILED: " }),
        seconds(moving.wall),
        format!("{:.0}", figure(scenario.recordings) * 60.0 / moving.wall.as_secs_f64()),
        format!("{:.2}", each(calls)),
        format!("{:.3}", each(calls_to_confirm)),
        format!("{:.0} kB", each(on_the_wire) / 1000.0),
        format!("{:.0} B", each(ledger)),
    ]);
}

/// Bytes that were sent over the loopback interface so far.
fn loopback() -> u64 {
    let table = fs::read_to_string("/proc/self/net/dev").unwrap_or_default();
    let line = table.lines().find_map(|line| line.trim_start().strip_prefix("lo:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
