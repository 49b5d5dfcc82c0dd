//! What happened of late: which copies became ready, and what went wrong.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row};

use super::runs::{format_stamp, parse_stamp};
use super::tracked::read_time;
use super::{Ledger, LedgerError};
use crate::model::{EventKind, HistoryEvent, Reason};

/// Ids grow with time, so that the search goes back from the newest and ends where it is old enough.
pub(super) const LAST_BEFORE: &str = "SELECT id FROM events WHERE at < ?1 ORDER BY id DESC LIMIT 1";

/// What has an entry that this program began is a copy of its own; what was only recognised in Kaltura has none.
const READY: &str = "
SELECT events.recording, events.at, ended, runs.command IS 'backfill' AS by_hand
FROM events
    JOIN recordings ON recordings.id = events.recording
    JOIN files ON files.recording = events.recording AND files.file_id = events.file_id AND role = 'parent'
    LEFT JOIN runs ON runs.id = events.run
WHERE events.id > ?1 AND event = 'done'
    AND EXISTS (SELECT 1 FROM events AS earlier
                WHERE earlier.recording = events.recording AND earlier.file_id = events.file_id
                    AND earlier.event = 'attached')
ORDER BY events.id";

const WENT_WRONG: &str = "
SELECT recording, at, event, coalesce(detail, '') AS detail
FROM events
WHERE id > ?1 AND (event = 'failed' OR (event IN ('wait', 'skip') AND detail IS NOT NULL))
ORDER BY id";

impl Ledger {
    /// What happened since `since`, each kind in order. Of a decision only those for one of `reasons` are told.
    pub fn lately(&self, since: DateTime<Utc>, reasons: &[Reason]) -> Result<Vec<HistoryEvent>, LedgerError> {
        let connection = self.connection();
        let before: Option<i64> =
            connection.query_row(LAST_BEFORE, [format_stamp(since)], |row| row.get(0)).optional()?;
        let values = [before.unwrap_or_default()];
        let mut found = Vec::new();
        let mut ready = connection.prepare(READY)?;
        let mut rows = ready.query(values)?;
        while let Some(row) = rows.next()? {
            let what = EventKind::Ready { ended: read_time(row, "ended")?, by_hand: row.get("by_hand")? };
            found.push(read_events(row, what)?);
        }
        let mut wrong = connection.prepare(WENT_WRONG)?;
        let mut rows = wrong.query(values)?;
        while let Some(row) = rows.next()? {
            let (event, detail): (String, String) = (row.get("event")?, row.get("detail")?);
            if event == "failed" {
                found.push(read_events(row, EventKind::Failed(detail))?);
            } else if let Some(reason) = Reason::from_word(&detail).filter(|reason| reasons.contains(reason)) {
                found.push(read_events(row, EventKind::Decided(reason))?);
            }
        }
        Ok(found)
    }
}

fn read_events(row: &Row<'_>, what: EventKind) -> Result<HistoryEvent, LedgerError> {
    Ok(HistoryEvent { recording: row.get("recording")?, at: parse_stamp(&row.get::<_, String>("at")?)?, what })
}
