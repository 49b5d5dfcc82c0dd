//! Recording files on their way into Zoom's trash.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::decisions::append_story;
use super::runs::format_stamp;
use super::{Ledger, LedgerError};
use crate::model::{CopyState, FileCopy};

impl Ledger {
    /// Notes that Zoom is about to be asked; `false` where the copy is not what it was any more.
    pub fn ask_for_trash(&self, copy: &FileCopy, at: DateTime<Utc>) -> Result<bool, LedgerError> {
        let sql = "
            UPDATE files SET trash_asked = ?2
            WHERE id = ?1 AND state = ?3 AND trashed IS NULL
                AND NOT (SELECT orphan FROM recordings WHERE recordings.id = files.recording)";
        let values = params![copy.row, format_stamp(at), CopyState::Done.word()];
        Ok(self.connection().execute(sql, values)? == 1)
    }

    /// Notes that Zoom did not do what it was asked for.
    pub fn trash_not_asked(&self, copy: &FileCopy) -> Result<(), LedgerError> {
        self.connection().execute("UPDATE files SET trash_asked = NULL WHERE id = ?1", [copy.row])?;
        Ok(())
    }

    /// Notes that a file is in Zoom's trash, or `was_gone` before: it is never put there again.
    pub fn trashed(&self, run: &str, copy: &FileCopy, was_gone: bool, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let event = if was_gone { "gone_from_zoom" } else { "trashed" };
        let sql = "
            UPDATE files SET trashed = ?2, trash_asked = NULL, trash_not_before = NULL
            WHERE id = ?1 AND trashed IS NULL RETURNING recording";
        self.settle_trash(run, copy, sql, params![copy.row, format_stamp(at)], (event, None), at)
    }

    /// Notes that a file stays in Zoom, why, and that it is not looked at before `not_before`.
    pub fn stays_in_zoom(
        &self,
        run: &str,
        copy: &FileCopy,
        why: &str,
        not_before: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let sql = "
            UPDATE files SET trash_asked = NULL, trash_not_before = ?2
            WHERE id = ?1 AND trashed IS NULL RETURNING recording";
        self.settle_trash(run, copy, sql, params![copy.row, format_stamp(not_before)], ("stays_in_zoom", Some(why)), at)
    }

    fn settle_trash(
        &self,
        run: &str,
        copy: &FileCopy,
        sql: &str,
        values: impl rusqlite::Params,
        (event, detail): (&str, Option<&str>),
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let recording: Option<i64> = change.query_row(sql, values, |row| row.get(0)).optional()?;
        if let Some(recording) = recording {
            append_story(&change, run, recording, Some(copy.file_id.as_str()), event, detail, at)?;
        }
        change.commit()?;
        Ok(())
    }
}
