//! What failed is made due again, by hand and beside any run.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, params};

use super::decisions::append_story;
use super::runs::parse_stamp;
use super::{Ledger, LedgerError};
use crate::model::{Action, Reason};

/// A recording that is due again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueAgain {
    /// As Zoom gives it.
    pub recording_start: String,
    /// As it was last listed: untrusted text.
    pub topic: String,
}

const FAILED: &str = "
SELECT files.id, recordings.id, recording_start, topic, meeting_start
FROM files JOIN recordings ON recordings.id = files.recording
WHERE attempts > 0 AND state NOT IN ('importing', 'sent', 'done', 'deleted', 'purged')
    AND (?1 IS NULL OR ?1 IN (meeting_uuid, file_id) OR meeting_id = ?2
        OR EXISTS (SELECT 1 FROM files AS any_of_it WHERE any_of_it.recording = recordings.id AND any_of_it.entry_id = ?1))";

/// Texts that are left out as they are in Zoom: due again by name alone.
const LEFT_OUT: &str = "
SELECT files.id, recordings.id, recording_start, topic, meeting_start
FROM files JOIN recordings ON recordings.id = files.recording
WHERE state IN ('not_a_caption', 'not_a_chat', 'empty')
    AND (?1 IN (meeting_uuid, file_id) OR meeting_id = ?2
        OR EXISTS (SELECT 1 FROM files AS any_of_it WHERE any_of_it.recording = recordings.id AND any_of_it.entry_id = ?1))";

impl Ledger {
    /// Makes what failed due at once, and lets its attempts count anew: what goes by one of `ids`, or everything. By an id,
    /// texts that were left out are looked at again, too. An id by which nothing goes is an error, and changes nothing.
    pub fn retry(&self, ids: &[String], run: &str, at: DateTime<Utc>) -> Result<BTreeSet<DueAgain>, LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let mut due = BTreeSet::new();
        let mut oldest: Option<NaiveDate> = None;
        let all: Vec<Option<&String>> = if ids.is_empty() { vec![None] } else { ids.iter().map(Some).collect() };
        for id in all {
            let found = list_failed(&change, id)?;
            if let (Some(id), true) = (id, found.is_empty()) {
                return Err(LedgerError::NothingSuch(id.clone()));
            }
            for (file, recording, again, day) in found {
                let sql = "
                    UPDATE files SET attempts = 0, next_try = NULL,
                        state = CASE WHEN state IN ('not_a_caption', 'not_a_chat', 'empty') THEN 'new' ELSE state END
                    WHERE id = ?1";
                change.execute(sql, [file])?;
                let sql = "UPDATE recordings SET action = ?2, reason = ?3 WHERE id = ?1";
                change.execute(sql, params![recording, Action::Wait.word(), Reason::RetryLater.word()])?;
                append_story(&change, run, recording, None, "retry", None, at)?;
                oldest = Some(oldest.map_or(day, |oldest| oldest.min(day)));
                due.insert(again);
            }
        }
        if let Some(day) = oldest {
            // what was given up may lie behind the checkpoint
            let sql = "UPDATE meta SET value = min(value, ?1) WHERE key = 'checkpoint'";
            change.execute(sql, [day.to_string()])?;
        }
        change.commit()?;
        Ok(due)
    }
}

type Failed = (i64, i64, DueAgain, NaiveDate);

fn list_failed(connection: &Connection, id: Option<&String>) -> Result<Vec<Failed>, LedgerError> {
    let number = id.and_then(|id| id.replace([' ', '-'], "").parse::<i64>().ok());
    let mut found = Vec::new();
    for sql in [Some(FAILED), id.map(|_| LEFT_OUT)].into_iter().flatten() {
        let mut query = connection.prepare(sql)?;
        let mut rows = query.query(params![id, number])?;
        while let Some(row) = rows.next()? {
            let day = parse_stamp(&row.get::<_, String>(4)?)?.date_naive();
            found.push((row.get(0)?, row.get(1)?, DueAgain { recording_start: row.get(2)?, topic: row.get(3)? }, day));
        }
    }
    Ok(found)
}
