//! The copies: begun, advanced from station to station, failed, settled. Every change of state is a compare-and-set.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};

use super::decisions::note;
use super::runs::stamp;
use super::{Ledger, LedgerError};
use crate::model::{Action, CopyState, EntryId, FileCopy, FileId, Reason, SegmentKey, UploadTokenId};

impl Ledger {
    /// Notes that the copy of a file begins. The segment's decision was written before.
    pub fn begin_copy(&self, key: &SegmentKey, file_id: &FileId, bytes: u64) -> Result<FileCopy, LedgerError> {
        let sql = "
            INSERT INTO files (recording, file_id, bytes, state)
            SELECT id, ?3, ?4, ?5 FROM recordings WHERE meeting_uuid = ?1 AND recording_start = ?2
            RETURNING id";
        let values = params![
            key.meeting_uuid.as_str(),
            key.recording_start,
            file_id.as_str(),
            bytes.cast_signed(),
            CopyState::New.word()
        ];
        let row = self.connection().query_row(sql, values, |row| row.get(0))?;
        Ok(FileCopy {
            row,
            file_id: file_id.clone(),
            state: CopyState::New,
            bytes,
            token: None,
            attach_sent: None,
            entry_id: None,
            attempts: 0,
            next_try: None,
        })
    }

    /// Moves a copy on: `copy` as it is now, `from` the state it had.
    pub fn advance(&self, run: &str, from: CopyState, copy: &FileCopy, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let recording = set_state(&change, from, copy, at)?;
        let detail = copy.entry_id.as_ref().map(EntryId::as_str);
        note(&change, run, recording, Some(copy.file_id.as_str()), copy.state.word(), detail, at)?;
        change.commit()?;
        Ok(())
    }

    /// Moves a copy to where nothing more is done about it, and its segment with it.
    pub fn settle(
        &self,
        run: &str,
        from: CopyState,
        copy: &FileCopy,
        (action, reason): (Action, Option<Reason>),
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let recording = set_state(&change, from, copy, at)?;
        let sql = "UPDATE recordings SET action = ?2, reason = ?3 WHERE id = ?1";
        change.execute(sql, params![recording, action.word(), reason.map(Reason::word)])?;
        let detail = reason.map(Reason::word);
        note(&change, run, recording, Some(copy.file_id.as_str()), copy.state.word(), detail, at)?;
        change.commit()?;
        Ok(())
    }

    /// Notes that people deleted the entry while its bytes were on their way: it stays deleted.
    pub fn bury(&self, run: &str, row: i64, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let sql = "
            UPDATE files SET state = ?2, token = NULL WHERE id = ?1 AND state IN (?3, ?4) RETURNING recording";
        let states = [CopyState::Deleted, CopyState::Attaching, CopyState::Attached].map(CopyState::word);
        let recording = change
            .query_row(sql, params![row, states[0], states[1], states[2]], |row| row.get(0))
            .optional()?
            .ok_or(LedgerError::Moved(row))?;
        let (action, reason) = (Action::Skip, Reason::DeletedInKaltura);
        let sql = "UPDATE recordings SET action = ?2, reason = ?3 WHERE id = ?1";
        change.execute(sql, params![recording, action.word(), reason.word()])?;
        note(&change, run, recording, None, CopyState::Deleted.word(), Some(reason.word()), at)?;
        change.commit()?;
        Ok(())
    }

    /// Keeps why a copy failed; with `next_try` the failure counts as an attempt.
    pub fn fail(
        &self,
        run: &str,
        copy: &FileCopy,
        error: &str,
        next_try: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let sql = "
            UPDATE files SET error = ?2, attempts = attempts + ?3, next_try = coalesce(?4, next_try)
            WHERE id = ?1 RETURNING recording";
        let values = params![copy.row, error, i64::from(next_try.is_some()), next_try.map(stamp)];
        let recording = change.query_row(sql, values, |row| row.get(0))?;
        note(&change, run, recording, Some(copy.file_id.as_str()), "failed", Some(error), at)?;
        change.commit()?;
        Ok(())
    }
}

/// The token is kept only until nothing more is to be sent by it: whoever knows it can upload.
fn set_state(
    change: &Transaction<'_>,
    from: CopyState,
    copy: &FileCopy,
    at: DateTime<Utc>,
) -> Result<i64, LedgerError> {
    let sql = "
        UPDATE files SET state = ?3, token = ?4, attach_sent = ?5, entry_id = ?6, error = NULL, confirmed = ?7, bytes = ?8
        WHERE id = ?1 AND state = ?2 RETURNING recording";
    let confirmed = (copy.state == CopyState::Done).then(|| stamp(at));
    change
        .prepare_cached(sql)?
        .query_row(
            params![
                copy.row,
                from.word(),
                copy.state.word(),
                copy.token.as_ref().map(UploadTokenId::expose),
                copy.attach_sent.map(stamp),
                copy.entry_id.as_ref().map(EntryId::as_str),
                confirmed,
                copy.bytes.cast_signed(),
            ],
            |row| row.get(0),
        )
        .optional()?
        .ok_or(LedgerError::Moved(copy.row))
}
