//! What is still to be done for copies: files for Zoom's trash, rights, marks, answers that never came.
//!
//! Recording files on their way into Zoom's trash.
//!
//! Copies on which others than their owner are still to get rights.
//!
//! Copies whose entries may lack their mark: those that were made before Kaltura's answers were compared.
//!
//! Copies that were asked for and whose answer never came: what was asked may yet be carried out.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, Row, params};

use super::decisions::append_story;
use super::runs::{format_fine_stamp, format_stamp};
use super::{Ledger, LedgerError};
use crate::model::{CopyState, EntryId, FileCopy, FileId, MeetingUuid, ReferenceId, Role, SegmentKey, Tracked};

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
        let word = if was_gone { "gone_from_zoom" } else { "trashed" };
        let sql = "
            UPDATE files SET trashed = ?2, trash_asked = NULL, trash_not_before = NULL
            WHERE id = ?1 AND trashed IS NULL RETURNING recording";
        self.settle_trash(run, copy, sql, params![copy.row, format_stamp(at)], TrashEvent { word, detail: None }, at)
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
        let event = TrashEvent { word: "stays_in_zoom", detail: Some(why) };
        self.settle_trash(run, copy, sql, params![copy.row, format_stamp(not_before)], event, at)
    }

    fn settle_trash(
        &self,
        run: &str,
        copy: &FileCopy,
        sql: &str,
        values: impl rusqlite::Params,
        event: TrashEvent<'_>,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let recording: Option<i64> = change.query_row(sql, values, |row| row.get(0)).optional()?;
        if let Some(recording) = recording {
            append_story(&change, run, recording, Some(copy.file_id.as_str()), event.word, event.detail, at)?;
        }
        change.commit()?;
        Ok(())
    }
}

/// What happened to a file in Zoom's trash, or on its way there.
#[derive(Clone, Copy)]
struct TrashEvent<'a> {
    /// The word of the history.
    word: &'a str,
    /// More than the word says.
    detail: Option<&'a str>,
}

/// Until then Zoom may not know yet who took part (half an hour), or whoever it was may still be there.
const AFTER_ITS_END: TimeDelta = TimeDelta::hours(1);

const DUE: &str = "
SELECT id FROM recordings
WHERE rights = 'owed' AND NOT orphan AND coalesce(rights_not_before, '') <= ?1 AND coalesce(ended, meeting_start) <= ?2
AND EXISTS (SELECT 1 FROM files AS parents WHERE parents.recording = recordings.id AND parents.role = 'parent'
            AND parents.state = 'done')";

impl Ledger {
    /// Notes, before the entry of a segment is made, that others are to get rights on it. Once for each segment.
    pub async fn owe_rights(&self, key: SegmentKey) -> Result<(), LedgerError> {
        self.commit_together(move |change| {
            let sql = "
                UPDATE recordings SET rights = 'owed'
                WHERE meeting_uuid = ?1 AND recording_start = ?2 AND rights IS NULL";
            change.execute(sql, params![key.meeting_uuid.as_str(), key.recording_start])?;
            Ok(())
        })
        .await
    }

    /// The confirmed copies with an owner on which rights are due.
    pub fn rights_due(&self, now: DateTime<Utc>) -> Result<Vec<Tracked>, LedgerError> {
        let (now, ended) = (format_stamp(now), format_stamp(now - AFTER_ITS_END));
        self.tracked_by(&self.select_ids(DUE, [now.as_str(), ended.as_str()])?)
    }

    /// Notes that they are given: once, so that what people change is theirs to change.
    pub fn rights_given(&self, recording: i64) -> Result<(), LedgerError> {
        let sql = "UPDATE recordings SET rights = 'given', rights_not_before = NULL WHERE id = ?1";
        self.connection().execute(sql, [recording])?;
        Ok(())
    }

    /// Notes that they could not be given, and are not tried before.
    pub fn rights_failed(&self, recording: i64, not_before: DateTime<Utc>) -> Result<(), LedgerError> {
        let sql = "UPDATE recordings SET rights_not_before = ?2 WHERE id = ?1";
        self.connection().execute(sql, params![recording, format_stamp(not_before)])?;
        Ok(())
    }
}

const UNMARKED: &str = "
SELECT files.id, recording, file_id, role, entry_id, meeting_uuid, recording_start
FROM files JOIN recordings ON recordings.id = recording
WHERE unmarked AND state IN ('sent', 'done') LIMIT ?1";

/// A copy whose entry may lack its mark.
#[derive(Clone, Debug)]
pub struct Unmarked {
    row: i64,
    recording: i64,
    file_id: FileId,
    /// The entry.
    pub entry: EntryId,
    /// The mark that it is to carry.
    pub mark: ReferenceId,
}

impl Ledger {
    /// Copies whose entries may lack their mark, so many at most.
    pub fn unmarked(&self, most: u32) -> Result<Vec<Unmarked>, LedgerError> {
        let connection = self.connection();
        let mut found = connection.prepare_cached(UNMARKED)?;
        let mut rows = found.query([most])?;
        let mut unmarked = Vec::new();
        while let Some(row) = rows.next()? {
            match read_unmarked(row) {
                Ok(copy) => unmarked.push(copy),
                // its recording is reported where it is planned
                Err(error) if error.is_of_one() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(unmarked)
    }

    /// Notes that these have been looked at, and need not be again; with `event`, what came of it.
    pub fn looked_at(
        &self,
        run: &str,
        copies: &[(&Unmarked, Option<&str>)],
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        for (copy, event) in copies {
            change.prepare_cached("UPDATE files SET unmarked = 0 WHERE id = ?1")?.execute(params![copy.row])?;
            if let Some(event) = event {
                let (file, entry) = (Some(copy.file_id.as_str()), Some(copy.entry.as_str()));
                append_story(&change, run, copy.recording, file, event, entry, at)?;
            }
        }
        change.commit()?;
        Ok(())
    }
}

fn read_unmarked(row: &Row<'_>) -> Result<Unmarked, LedgerError> {
    let role: String = row.get("role")?;
    let key = SegmentKey {
        meeting_uuid: MeetingUuid::new(row.get::<_, String>("meeting_uuid")?),
        recording_start: row.get::<_, String>("recording_start")?.into(),
    };
    let file_id = FileId::new(row.get::<_, String>("file_id")?);
    let mark = match Role::from_word(&role).ok_or(LedgerError::Unreadable(role))? {
        Role::Child => key.child_reference_id(&file_id),
        Role::Parent | Role::Caption | Role::Attachment => key.reference_id(),
    };
    Ok(Unmarked {
        row: row.get("id")?,
        recording: row.get("recording")?,
        file_id,
        entry: EntryId::new(row.get::<_, String>("entry_id")?),
        mark,
    })
}

/// One that is on its way is not over yet.
const IN_DOUBT: &str = "
SELECT DISTINCT recording FROM files
WHERE asked > 1 AND attach_sent >= ?1
    AND state IN ('new', 'sent', 'done', 'broken', 'deleted')";

impl Ledger {
    /// The segments of which an entry, or a text on one, may have been made late, of those asked for since then.
    pub fn in_doubt(&self, since: DateTime<Utc>) -> Result<Vec<Tracked>, LedgerError> {
        self.tracked_by(&self.select_ids(IN_DOUBT, [format_fine_stamp(since)])?)
    }
}
