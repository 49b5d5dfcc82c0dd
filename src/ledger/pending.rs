//! What is not safely in Kaltura yet, and what the last runs came to.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row};

use super::copyable::{Decisions, read_with_kaltura};
use super::history::LAST_BEFORE;
use super::runs::{format_stamp, parse_stamp};
use super::tracked::{read_time, read_word, segment_of_row};
use super::{Ledger, LedgerError};
use crate::model::{Action, EntryId, Pending, Reason};

const PENDING: &str = "
SELECT recordings.*,
       (SELECT error FROM files WHERE recording = recordings.id AND error IS NOT NULL ORDER BY id LIMIT 1) AS error,
       (SELECT min(next_try) FROM files WHERE recording = recordings.id AND state NOT IN ('importing', 'sent', 'done', 'deleted',
                                                                              'purged')) AS next_try,
       (SELECT entry_id FROM files WHERE recording = recordings.id AND role = 'parent' AND entry_id IS NOT NULL LIMIT 1)
           AS entry_id
FROM recordings
WHERE id IN (SELECT id FROM recordings WHERE action NOT IN ('done', 'skip')
             UNION SELECT id FROM recordings WHERE reason = 'given_up')
ORDER BY meeting_start, id";

/// What was copied all the same since is lost no more.
const LOST: &str = "
SELECT recordings.*, NULL AS error, NULL AS next_try, NULL AS entry_id
FROM recordings
WHERE id IN (SELECT recording FROM each_event
             WHERE id > ?1 AND event = 'skip' AND detail IN ('gone_from_zoom', 'never_finished'))
    AND action = 'skip' AND reason IN ('gone_from_zoom', 'never_finished')
ORDER BY meeting_start, id";

const LAST: &str = "
SELECT id, started, finished, exit_code FROM runs
WHERE command = ?1 ORDER BY started DESC, id DESC LIMIT 1";
const LAST_ENDED: &str = "
SELECT id, started, finished, exit_code FROM runs
WHERE command = ?1 AND finished IS NOT NULL ORDER BY started DESC, id DESC LIMIT 1";
const LAST_GOOD: &str = "
SELECT id, started, finished, exit_code FROM runs
WHERE command = ?1 AND exit_code = 0 ORDER BY started DESC, id DESC LIMIT 1";

/// A run, as it was noted down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Its name in logs and events.
    pub id: String,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended; `None` while it is at work, and for one that died.
    pub finished: Option<DateTime<Utc>>,
    /// How it ended.
    pub exit_code: Option<i64>,
}

impl Ledger {
    /// Every recording that is owed or given up, oldest first.
    pub fn pending(&self) -> Result<Vec<Pending>, LedgerError> {
        let connection = self.connection();
        let mut pending = connection.prepare(PENDING)?;
        let mut rows = pending.query([])?;
        let mut found = Vec::new();
        let mut ids = Vec::new();
        while let Some(row) = rows.next()? {
            ids.push(row.get::<_, i64>("id")?);
            found.push(read_pending(row)?);
        }
        let (decisions, kaltura) = (Decisions::read(&connection, &ids)?, read_with_kaltura(&connection, &ids)?);
        for (pending, id) in found.iter_mut().zip(ids) {
            pending.copyable = decisions.first_copyable(id, i64::MAX);
            let with_kaltura = kaltura.get(&id).copied();
            pending.with_kaltura = with_kaltura.map(|since| since.or(pending.copyable).unwrap_or(pending.ended));
        }
        Ok(found)
    }

    /// Every recording that was lost since `since`, oldest first.
    pub fn lost(&self, since: DateTime<Utc>) -> Result<Vec<Pending>, LedgerError> {
        let connection = self.connection();
        let before: Option<i64> =
            connection.query_row(LAST_BEFORE, [format_stamp(since)], |row| row.get(0)).optional()?;
        let mut lost = connection.prepare(LOST)?;
        let mut rows = lost.query([before.unwrap_or_default()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read_pending(row)?);
        }
        Ok(found)
    }

    /// How many captions and side files are left out, as they are none.
    pub fn texts_left_out(&self) -> Result<u64, LedgerError> {
        let sql = "SELECT count(*) FROM files WHERE state IN ('not_a_caption', 'not_a_chat', 'empty')";
        let count: i64 = self.connection().query_row(sql, [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The run of this command that began last.
    pub fn last_run(&self, command: &str) -> Result<Option<RunRecord>, LedgerError> {
        self.first_run_of(LAST, command)
    }

    /// The one that began last of those that have ended.
    pub fn last_ended(&self, command: &str) -> Result<Option<RunRecord>, LedgerError> {
        self.first_run_of(LAST_ENDED, command)
    }

    /// The one that began last of those that ended well.
    pub fn last_good(&self, command: &str) -> Result<Option<RunRecord>, LedgerError> {
        self.first_run_of(LAST_GOOD, command)
    }

    fn first_run_of(&self, sql: &str, command: &str) -> Result<Option<RunRecord>, LedgerError> {
        let connection = self.connection();
        let found = connection.query_row(sql, [command], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?, row.get(3)?))
        });
        let Some((id, started, finished, exit_code)) = found.optional()? else {
            return Ok(None);
        };
        let finished = finished.as_deref().map(parse_stamp).transpose()?;
        Ok(Some(RunRecord { id, started: parse_stamp(&started)?, finished, exit_code }))
    }
}

fn read_pending(row: &Row<'_>) -> Result<Pending, LedgerError> {
    let segment = segment_of_row(row)?;
    let action: String = row.get("action")?;
    Ok(Pending {
        ended: read_time(row, "ended")?.unwrap_or(segment.started),
        copyable: None,
        with_kaltura: None,
        segment,
        action: Action::from_word(&action).unwrap_or(Action::Wait),
        reason: match read_word(row, "reason") {
            Err(LedgerError::Unreadable(_)) => Some(Reason::LedgerUnreadable),
            reason => reason?,
        },
        files: row.get::<_, i64>("owed_files")?.unsigned_abs(),
        bytes: row.get::<_, i64>("owed_bytes")?.unsigned_abs(),
        error: row.get("error")?,
        next_try: read_time(row, "next_try")?,
        entry_id: row.get::<_, Option<String>>("entry_id")?.map(EntryId::new),
    })
}
