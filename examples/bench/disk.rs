//! What it costs to wait for the disk below the folder of temporary files: a write alone, and a commit of `SQLite` in each of
//! its ways to keep a journal.

use std::fs::File;
use std::io::Write;
use std::time::Instant;

use rusqlite::Connection;
use tempfile::TempDir;

use crate::measured::written;
use crate::table::{figure, heading, row};

/// So many of each, one after the other.
const TIMES: u32 = 100;

pub(crate) fn measure(full: bool) {
    let times = if full { TIMES * 5 } else { TIMES };
    heading(&format!("waiting for the disk, {times} times"), &["", "each", "written each"]);
    let folder = TempDir::new().expect("a folder");
    let mut file = File::create(folder.path().join("plain")).expect("a file");
    time("4 kB and fdatasync", times, || {
        file.write_all(&[1; 4096]).expect("room for it");
        file.sync_data().expect("a disk");
    });
    for mode in ["DELETE", "PERSIST", "WAL"] {
        let ledger = Connection::open(folder.path().join(mode)).expect("a database");
        ledger.pragma_update(None, "synchronous", "FULL").expect("a setting");
        ledger.pragma_update(None, "journal_mode", mode).expect("a setting");
        ledger.execute_batch("CREATE TABLE events (id INTEGER PRIMARY KEY, what TEXT)").expect("a table");
        time(&format!("commit, {mode}"), times, || {
            ledger.execute("INSERT INTO events (what) VALUES ('sent')", []).expect("room for it");
        });
    }
}

fn time(name: &str, times: u32, mut wait: impl FnMut()) {
    let (before, since) = (written(), Instant::now());
    (0..times).for_each(|_| wait());
    let each = since.elapsed() / times;
    row(&[
        name.to_owned(),
        format!("{:.2} ms", each.as_secs_f64() * 1e3),
        format!("{:.1} kB", figure(written() - before) / f64::from(times) / 1e3),
    ]);
}
