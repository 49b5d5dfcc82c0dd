//! A ledger as years of runs leave it.

use std::fs;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use rusqlite::{Connection, params};

use crate::measured::run;
use crate::remote::Remote;
use crate::scenario::{Scenario, address, file_id, host, uuid};

/// What the story of a recording that was copied without trouble consists of: its decisions, and the stations of its file.
const STORY: [(&str, bool); 7] = [
    ("copy", false),
    ("attaching", true),
    ("attached", true),
    ("sent", true),
    ("wait", false),
    ("done", true),
    ("done", false),
];

/// A day on which nothing was recorded.
const LONG_AGO: &str = "2020-01-01";

/// Lets `known` recordings be copied and confirmed: those that Zoom lists, and older ones. Tells the size of the ledger.
pub(crate) fn fill(remote: &Remote, scenario: &Scenario, known: u64, now: DateTime<Utc>) -> u64 {
    // the program makes it, so that the format is its own
    run(vec![remote.program(1, &["backfill", "--from", LONG_AGO, "--to", LONG_AGO])]);
    let mut ledger = Connection::open(remote.ledger()).expect("a ledger");
    ledger.pragma_update(None, "synchronous", "OFF").expect("haste");
    let change = ledger.transaction().expect("a transaction");
    change.execute_batch("DELETE FROM events; DELETE FROM files; DELETE FROM recordings").expect("an empty ledger");
    {
        let mut recording = change
            .prepare(
                "INSERT INTO recordings (id, meeting_uuid, recording_start, meeting_id, webinar, topic, meeting_start,
                     host_id, host_email, action, owner, owner_rule, ended)
                 VALUES (?1, ?2, ?3, ?4, 0, ?5, ?3, ?6, ?7, 'done', ?7, '{email}', ?8)",
            )
            .expect("the newest format");
        let mut file = change
            .prepare(
                "INSERT INTO files (recording, file_id, bytes, state, entry_id, confirmed, role, file_type, lasted, listed,
                     asked)
                 VALUES (?1, ?2, ?3, 'done', ?4, ?5, 'parent', 'MP4', 3000, ?3, 1)",
            )
            .expect("the newest format");
        let mut event = change
            .prepare("INSERT INTO events (at, run, recording, file_id, event, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .expect("the newest format");
        for number in 0..known {
            let start = if number < scenario.recordings {
                scenario.start(number, now)
            } else {
                now - TimeDelta::days(8) - TimeDelta::seconds(120 * number.cast_signed())
            };
            let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
            let (start, end) = (text(start), text(start + TimeDelta::minutes(50)));
            let (id, entry, file_id) = (number + 1, format!("0_{number:08x}"), file_id(number));
            recording
                .execute(params![
                    id.cast_signed(),
                    uuid(number),
                    start,
                    (81_000_000_000 + number).cast_signed(),
                    format!("Lecture {number}"),
                    host(number % scenario.count_hosts()),
                    address(number % scenario.count_hosts()),
                    end
                ])
                .expect("a recording");
            file.execute(params![id.cast_signed(), file_id, 300_000_000, entry, end]).expect("a file");
            for (what, of_file) in STORY {
                let of_file = of_file.then_some(&file_id);
                let run = "20261125T120000000Z-12345";
                event
                    .execute(params![end, run, id.cast_signed(), of_file, what, of_file.map(|_| &entry)])
                    .expect("an event");
            }
        }
    }
    change.commit().expect("room for it");
    drop(ledger);
    fs::metadata(remote.ledger()).expect("a ledger").len()
}
