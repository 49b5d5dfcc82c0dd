//! A run that finds nothing new: what it costs as the ledger grows.

use chrono::Utc;

use crate::contender::program;
use crate::ledger::fill;
use crate::measured::run;
use crate::remote::Remote;
use crate::scenario::Scenario;
use crate::table::{figure, heading, mib, row, seconds};

/// Recordings that the ledger knows, and how many of them Zoom lists.
const SIZES: [(u64, u64); 5] =
    [(10_000, 5_000), (100_000, 5_000), (100_000, 30_000), (1_000_000, 5_000), (1_000_000, 30_000)];

pub(crate) fn measure(full: bool) {
    let columns = ["recordings in the ledger, listed", "ledger", "a recording", "requests", "to Kaltura"];
    heading("a run with nothing to do", &[&columns[..], &["wall", "CPU", "memory", "status"]].concat());
    for (known, listed) in SIZES.into_iter().filter(|(known, _)| full || *known <= 100_000) {
        let now = Utc::now();
        let scenario = Scenario { recordings: listed, ..Scenario::default() };
        let mut remote = Remote::start(&scenario, now);
        let bytes = fill(&remote, &scenario, known, now);
        // the first one lists anew what a rescan does
        program(&remote, 4);
        remote.clear();
        let cost = program(&remote, 4);
        let asked = remote.requests();
        let status = run(vec![remote.program(4, &["status"])]);
        row(&[
            format!("{}{known}, {listed}", if cost.good { "" } else { "FAILED: " }),
            format!("{:.0} MB", figure(bytes) / 1e6),
            format!("{:.0} B", figure(bytes) / figure(known)),
            (asked.zoom + asked.downloads).to_string(),
            (asked.kaltura + asked.chunks).to_string(),
            seconds(cost.wall),
            seconds(cost.cpu),
            mib(cost.memory),
            seconds(status.wall),
        ]);
    }
}
