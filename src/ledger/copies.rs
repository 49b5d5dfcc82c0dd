//! The copies: begun, advanced from station to station, failed, settled. Every change of state is a compare-and-set.
//!
//! What failed is made due again, by hand and beside any run.
//!
//! Since when all bytes of a file have been in Kaltura.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::decisions::append_story;
use super::notices::add_arrival_news;
use super::runs::{format_fine_stamp, format_stamp, parse_stamp};
use super::{Ledger, LedgerError};
use crate::model::{
    Action, CopyState, EntryId, FileCopy, FileId, Reason, RecordingFile, Role, SegmentKey, UploadTokenId, Validator,
    ZoomTrash, masked,
};

impl Ledger {
    /// Notes that the copy of a file begins. The segment's decision was written before.
    pub async fn begin_copy(&self, key: SegmentKey, file: RecordingFile, role: Role) -> Result<FileCopy, LedgerError> {
        self.commit_together(move |change| begin_copy(change, &key, &file, role)).await
    }

    /// Moves a copy on: `copy` as it is now, `from` the state it had.
    pub async fn advance(
        &self,
        run: &str,
        from: CopyState,
        copy: FileCopy,
        at: DateTime<Utc>,
    ) -> Result<FileCopy, LedgerError> {
        let run = run.to_owned();
        self.commit_together(move |change| advance_one(change, &run, from, &copy, at).map(|()| copy)).await
    }

    /// The same for a step that what follows does not wait for: it is on disk with the next one that is waited for, or soon.
    /// A run that dies before finds the copy where it was.
    #[must_use]
    pub fn advance_later(&self, run: &str, from: CopyState, copy: FileCopy, at: DateTime<Utc>) -> FileCopy {
        let (run, moved) = (run.to_owned(), copy.clone());
        self.change_later(move |change| advance_one(change, &run, from, &moved, at));
        copy
    }

    /// The same for several at once. Returns the numbers of those that are not what they were any more.
    pub fn advance_each(
        &self,
        run: &str,
        copies: &[(CopyState, &FileCopy)],
        at: DateTime<Utc>,
    ) -> Result<Vec<(usize, LedgerError)>, LedgerError> {
        self.change_each(copies.len(), |change, number| {
            advance_one(change, run, copies[number].0, copies[number].1, at)
        })
    }

    /// The same for one, from where nothing waits.
    pub fn advance_now(
        &self,
        run: &str,
        from: CopyState,
        copy: &FileCopy,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        self.advance_each(run, &[(from, copy)], at)?.pop().map_or(Ok(()), |(_, error)| Err(error))
    }

    /// Notes that people deleted the entry: it stays deleted. One that a purge deleted meanwhile stays purged.
    pub fn bury(&self, run: &str, row: i64, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let sql = "
            UPDATE files SET state = ?2, token = NULL WHERE id = ?1 AND state NOT IN (?2, ?3)
            RETURNING recording, file_id";
        let values = params![row, CopyState::Deleted.word(), CopyState::Purged.word()];
        let buried: Option<(i64, String)> =
            change.query_row(sql, values, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        if let Some((recording, file_id)) = buried {
            append_story(&change, run, recording, Some(&file_id), CopyState::Deleted.word(), None, at)?;
        }
        change.commit()?;
        Ok(())
    }

    /// Remembers that Zoom's download announced another size than Zoom's list.
    pub fn announced(&self, copy: &FileCopy, bytes: u64) -> Result<(), LedgerError> {
        let sql = "UPDATE files SET announced = ?2 WHERE id = ?1";
        self.connection().execute(sql, params![copy.row, bytes.cast_signed()])?;
        Ok(())
    }

    /// Leaves a text out, as it is in Zoom now: `copy` names the state that says why, and `from` is the one it had. What was
    /// tried before counts no more.
    pub async fn leave_out(
        &self,
        run: &str,
        from: CopyState,
        copy: FileCopy,
        at: DateTime<Utc>,
    ) -> Result<FileCopy, LedgerError> {
        let run = run.to_owned();
        self.commit_together(move |change| {
            advance_one(change, &run, from, &copy, at)?;
            let sql = "UPDATE files SET attempts = 0, next_try = NULL, announced = NULL WHERE id = ?1";
            change.prepare_cached(sql)?.execute([copy.row])?;
            Ok(copy)
        })
        .await
    }

    /// Notes the tokens by which files are claimed, of copies that are new, by their rows.
    pub async fn note_claims(&self, claims: Vec<(i64, UploadTokenId)>) -> Result<(), LedgerError> {
        self.commit_together(move |change| {
            let sql = "UPDATE files SET token = ?2 WHERE id = ?1 AND state = 'new'";
            claims.iter().try_for_each(|(row, token)| {
                Ok(change.prepare_cached(sql)?.execute(params![row, token.expose()]).map(|_| ())?)
            })
        })
        .await
    }

    /// Forgets those that were given up.
    pub fn forget_claims(&self, claims: Vec<(i64, UploadTokenId)>) {
        self.change_later(move |change| {
            let sql = "UPDATE files SET token = NULL WHERE id = ?1 AND state = 'new' AND token = ?2";
            claims.iter().try_for_each(|(row, token)| {
                Ok(change.prepare_cached(sql)?.execute(params![row, token.expose()]).map(|_| ())?)
            })
        });
    }

    /// Forgets what was copied beside the entry of a segment: a new entry takes its place. On disk with the next change that is
    /// waited for.
    pub fn begin_anew(&self, parent: &FileCopy) {
        let row = parent.row;
        self.change_later(move |change| {
            let sql = "
                UPDATE files SET state = ?2, token = NULL, attach_sent = NULL, entry_id = NULL, confirmed = NULL,
                    by_kaltura = 0
                WHERE id <> ?1 AND role <> ?3 AND state <> ?2
                    AND recording = (SELECT recording FROM files WHERE id = ?1)";
            change.prepare_cached(sql)?.execute(params![row, CopyState::New.word(), Role::Parent.word()])?;
            Ok(())
        });
    }

    /// Keeps why a copy failed; with `next_try` the failure counts as an attempt, up to so many.
    pub fn fail(
        &self,
        run: &str,
        copy: &FileCopy,
        error: &str,
        next_try: Option<NextTry>,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let error = &masked(error);
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let sql = "
            UPDATE files SET error = ?2, attempts = max(attempts, min(attempts + 1, ?3)), next_try = coalesce(?4, next_try)
            WHERE id = ?1 RETURNING recording";
        let values =
            params![copy.row, error, next_try.map_or(0, |next| next.most), next_try.map(|next| format_stamp(next.at))];
        let recording = change.query_row(sql, values, |row| row.get(0))?;
        append_story(&change, run, recording, Some(copy.file_id.as_str()), "failed", Some(error), at)?;
        change.commit()?;
        Ok(())
    }

    /// Notes that Kaltura is about to be asked for other content of an attachment that was copied.
    pub fn ask_for_update(&self, copy: &FileCopy, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let sql = "UPDATE files SET attach_sent = ?2 WHERE id = ?1 AND state = 'done'";
        self.connection().execute(sql, params![copy.row, format_fine_stamp(at)])?;
        Ok(())
    }

    /// Takes back that a failure counted as an attempt: this copy was not to blame.
    pub fn forgive(&self, copy: &FileCopy) -> Result<(), LedgerError> {
        let sql = "UPDATE files SET attempts = ?2, next_try = NULL WHERE id = ?1";
        self.connection().execute(sql, params![copy.row, copy.attempts])?;
        Ok(())
    }
}

/// When a copy that failed is tried again.
#[derive(Clone, Copy, Debug)]
pub struct NextTry {
    /// Not before.
    pub at: DateTime<Utc>,
    /// The failure counts as an attempt unless so many are counted already.
    pub most: u32,
}

fn begin_copy(
    change: &Connection,
    key: &SegmentKey,
    file: &RecordingFile,
    role: Role,
) -> Result<FileCopy, LedgerError> {
    let sql = "
        INSERT INTO files (recording, file_id, file_type, role, bytes, listed, lasted, state)
        SELECT id, ?3, ?4, ?5, ?6, ?6, ?7, ?8 FROM recordings WHERE meeting_uuid = ?1 AND recording_start = ?2
        RETURNING id";
    let bytes = file.bytes.unwrap_or_default();
    let values = params![
        key.meeting_uuid.as_str(),
        key.recording_start,
        file.id.as_str(),
        file.file_type,
        role.word(),
        bytes.cast_signed(),
        file.lasted.map(|lasted| lasted.num_seconds()),
        CopyState::New.word()
    ];
    let row = change.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    Ok(FileCopy {
        row,
        file_id: file.id.clone(),
        file_type: file.file_type.clone(),
        role,
        state: CopyState::New,
        bytes,
        listed: bytes,
        announced: None,
        validator: None,
        lasted: file.lasted,
        token: None,
        attach_sent: None,
        asked: 0,
        entry_id: None,
        confirmed: None,
        by_kaltura: false,
        attempts: 0,
        next_try: None,
        zoom_trash: ZoomTrash::default(),
    })
}

pub(super) fn advance_one(
    change: &Connection,
    run: &str,
    from: CopyState,
    copy: &FileCopy,
    at: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let recording = set_state(change, from, copy, at)?;
    let detail = copy.entry_id.as_ref().map(EntryId::as_str);
    append_story(change, run, recording, Some(copy.file_id.as_str()), copy.state.word(), detail, at)?;
    // one that is recognised after the ledger was lost was news long ago
    if (from, copy.state, copy.role) == (CopyState::Sent, CopyState::Done, Role::Parent) {
        add_arrival_news(change, recording, at)?;
    }
    Ok(())
}

/// The token is kept only until nothing more is to be sent by it: whoever knows it can upload.
pub(super) fn set_state(
    change: &Connection,
    from: CopyState,
    copy: &FileCopy,
    at: DateTime<Utc>,
) -> Result<i64, LedgerError> {
    let sql = "
        UPDATE files SET state = ?3, token = ?4, attach_sent = ?5, entry_id = ?6, error = NULL, confirmed = ?7, bytes = ?8,
            role = ?9, lasted = ?10, listed = ?11, asked = ?12, by_kaltura = ?13, validator = ?14
        WHERE id = ?1 AND state = ?2 RETURNING recording";
    let theirs = copy.confirmed.filter(|_| copy.by_kaltura);
    let confirmed = (copy.state == CopyState::Done).then(|| theirs.unwrap_or(at));
    change
        .prepare_cached(sql)?
        .query_row(
            params![
                copy.row,
                from.word(),
                copy.state.word(),
                copy.token.as_ref().map(UploadTokenId::expose),
                copy.attach_sent.map(format_fine_stamp),
                copy.entry_id.as_ref().map(EntryId::as_str),
                confirmed.map(format_stamp),
                copy.bytes.cast_signed(),
                copy.role.word(),
                copy.lasted.map(|lasted| lasted.num_seconds()),
                copy.listed.cast_signed(),
                copy.asked,
                theirs.is_some() && confirmed.is_some(),
                copy.validator.as_ref().map(Validator::as_str),
            ],
            |row| row.get(0),
        )
        .optional()?
        .ok_or(LedgerError::Moved(copy.row))
}

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

/// Attachments that are there, but do not follow the file that was replaced in Zoom.
const FAILED_UPDATES: &str = "
SELECT files.id, recordings.id, recording_start, topic, meeting_start
FROM files JOIN recordings ON recordings.id = files.recording
WHERE attempts > 0 AND state = 'done' AND role = 'attachment' AND error IS NOT NULL
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
    for sql in [Some(FAILED), Some(FAILED_UPDATES), id.map(|_| LEFT_OUT)].into_iter().flatten() {
        let mut query = connection.prepare(sql)?;
        let mut rows = query.query(params![id, number])?;
        while let Some(row) = rows.next()? {
            let day = parse_stamp(&row.get::<_, String>(4)?)?.date_naive();
            found.push((row.get(0)?, row.get(1)?, DueAgain { recording_start: row.get(2)?, topic: row.get(3)? }, day));
        }
    }
    Ok(found)
}

impl Ledger {
    /// By the rows of segments and their files: when the last bytes of a file were sent.
    pub fn sent(&self, rows: &[i64]) -> Result<HashMap<(i64, FileId), DateTime<Utc>>, LedgerError> {
        let connection = self.connection();
        let mut events = connection.prepare(
            "SELECT recording, file_id, max(at) FROM events
             WHERE recording IN (SELECT value FROM json_each(?1)) AND event = 'sent' AND file_id IS NOT NULL
             GROUP BY recording, file_id",
        )?;
        let mut found = events.query([serde_json::Value::from(rows).to_string()])?;
        let mut sent = HashMap::new();
        while let Some(row) = found.next()? {
            let file = FileId::new(row.get::<_, String>(1)?);
            sent.insert((row.get(0)?, file), parse_stamp(&row.get::<_, String>(2)?)?);
        }
        Ok(sent)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use crate::copying::plan::samples::{sample_now, sample_segment, sample_video};
    use crate::ledger::{Identity, Journal, Ledger, LedgerError, LockKind};
    use crate::model::{CopyState, EntryId, FileCopy, Role};

    const RUN: &str = "run";

    fn at() -> DateTime<Utc> {
        sample_now()
    }

    /// A ledger with one copy, which is reserved.
    async fn reserved(folder: &std::path::Path) -> (Ledger, FileCopy) {
        let identity =
            Identity { zoom_account: "z".to_owned(), kaltura_url: "http://127.0.0.1".to_owned(), partner_id: 1 };
        let ledger = Ledger::open(folder, &identity, LockKind::Copying, Journal::Auto).expect("a ledger");
        let segment = sample_segment(vec![sample_video("v", "shared_screen")]);
        let sql = "
            INSERT INTO recordings (meeting_uuid, recording_start, meeting_id, webinar, topic, meeting_start, host_id, action)
            VALUES (?1, ?2, 1, 0, 'Optics', '2026-11-20T09:00:00Z', 'h', 'copy')";
        let key = segment.key();
        ledger.connection().execute(sql, (key.meeting_uuid.as_str(), &*key.recording_start)).expect("a recording");
        let new = ledger.begin_copy(key, segment.files[0].clone(), Role::Parent).await.expect("a copy");
        let reserved = FileCopy { state: CopyState::Reserved, ..new };
        let reserved = ledger.advance(RUN, CopyState::New, reserved, at()).await.expect("it is as it was");
        (ledger, reserved)
    }

    fn standing(ledger: &Ledger) -> (String, Option<String>) {
        let sql = "SELECT state, entry_id FROM files";
        ledger.connection().query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("the copy")
    }

    #[tokio::test]
    async fn copies_move_only_from_their_state() {
        use CopyState::{Attached, Attaching, Done, New, Purged, Reserved, Sent};
        for from in [New, Attaching, Attached, Sent, Done, Purged] {
            let folder = tempfile::tempdir().expect("a folder");
            let (ledger, copy) = reserved(folder.path()).await;
            let late = FileCopy { state: Attached, entry_id: Some(EntryId::new("0_late")), ..copy.clone() };
            let is_refused = |error: &LedgerError| matches!(error, LedgerError::Moved(row) if *row == copy.row);
            let each = ledger.advance_each(RUN, &[(from, &late)], at()).expect("a ledger");
            assert!(matches!(each.as_slice(), [(0, error)] if is_refused(error)), "{from:?} {each:?}");
            let now = ledger.advance_now(RUN, from, &late, at());
            let left_out = ledger.leave_out(RUN, from, late.clone(), at()).await.map(|_| ());
            let one = ledger.advance(RUN, from, late, at()).await.map(|_| ());
            for end in [now, left_out, one] {
                assert!(end.as_ref().is_err_and(is_refused), "{from:?} {end:?}");
            }
            assert_eq!(standing(&ledger), (Reserved.word().to_owned(), None), "{from:?}");
        }
    }

    #[tokio::test]
    async fn only_one_of_two_moves_wins() {
        let folder = tempfile::tempdir().expect("a folder");
        let (ledger, copy) = reserved(folder.path()).await;
        let to = |id: &str| FileCopy { state: CopyState::Attached, entry_id: Some(EntryId::new(id)), ..copy.clone() };
        let (one, other) = tokio::join!(
            ledger.advance(RUN, CopyState::Reserved, to("0_a"), at()),
            ledger.advance(RUN, CopyState::Reserved, to("0_b"), at())
        );
        let won = [one, other].into_iter().filter_map(Result::ok).map(|copy| copy.entry_id).collect::<Vec<_>>();
        let [Some(winner)] = won.as_slice() else { panic!("{won:?}") };
        assert_eq!(standing(&ledger), (CopyState::Attached.word().to_owned(), Some(winner.to_string())));
    }

    /// Those would be deleted by people.
    #[tokio::test]
    async fn purged_copies_are_not_deleted_ones() {
        for (state, expected) in [(CopyState::Done, CopyState::Deleted), (CopyState::Purged, CopyState::Purged)] {
            let folder = tempfile::tempdir().expect("a folder");
            let (ledger, copy) = reserved(folder.path()).await;
            let there = FileCopy { state, ..copy.clone() };
            ledger.advance_now(RUN, CopyState::Reserved, &there, at()).expect("it is as it was");
            ledger.bury(RUN, copy.row, at()).expect("a ledger");
            assert_eq!(standing(&ledger).0, expected.word());
        }
    }
}
