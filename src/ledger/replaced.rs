//! Entries that were no copies, and whose place new ones take: they stay until those are confirmed.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};

use super::decisions::append_story;
use super::runs::format_stamp;
use super::tracked::{read_file_copy, read_time};
use super::{Ledger, LedgerError};
use crate::model::{EntryId, FileCopy, Interner, MeetingUuid, ReferenceId, SegmentKey};

const FORGET: &str = "DELETE FROM replaced WHERE file = ?1 AND entry_id = ?2";

const REPLACED: &str = "
SELECT files.*, replaced.entry_id AS old, replaced.bytes AS old_bytes, replaced.at AS since, meeting_uuid, recording_start, topic
FROM replaced CROSS JOIN files ON files.id = replaced.file CROSS JOIN recordings ON recordings.id = files.recording
WHERE files.state IN ('done', 'broken') ORDER BY replaced.at LIMIT ?1";

/// An entry whose place a confirmed copy has taken.
#[derive(Clone, Debug)]
pub struct Replaced {
    recording: i64,
    /// The entry.
    pub old: EntryId,
    /// The size of its source then.
    pub bytes: u64,
    /// Since when it is known to be no copy.
    pub since: DateTime<Utc>,
    /// The copy that took its place.
    pub copy: FileCopy,
    /// The mark that both carry.
    pub mark: ReferenceId,
    /// What the recording is called: untrusted text.
    pub topic: String,
}

impl Ledger {
    /// Keeps that an entry is no copy of a file, and is to go once there is one.
    /// Its source has so many bytes.
    pub fn replace(&self, copy: &FileCopy, entry: &EntryId, bytes: u64, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let sql = "INSERT OR IGNORE INTO replaced (file, entry_id, bytes, at) VALUES (?1, ?2, ?3, ?4)";
        let values = params![copy.row, entry.as_str(), bytes.cast_signed(), format_stamp(at)];
        self.connection().prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Whether an entry is known to be no copy of a file.
    pub fn is_replaced(&self, copy: &FileCopy, entry: &EntryId) -> Result<bool, LedgerError> {
        let sql = "SELECT count(*) FROM replaced WHERE file = ?1 AND entry_id = ?2";
        let connection = self.connection();
        let found: i64 =
            connection.prepare_cached(sql)?.query_row(params![copy.row, entry.as_str()], |row| row.get(0))?;
        Ok(found > 0)
    }

    /// Forgets that an entry is no copy: it is.
    pub fn keep_replaced(&self, copy: &FileCopy, entry: &EntryId) -> Result<(), LedgerError> {
        self.connection().prepare_cached(FORGET)?.execute(params![copy.row, entry.as_str()])?;
        Ok(())
    }

    /// Entries whose place another one has taken, so many at most.
    pub fn replaced(&self, most: u32) -> Result<Vec<Replaced>, LedgerError> {
        let (connection, mut texts) = (self.connection(), Interner::default());
        let mut found = connection.prepare_cached(REPLACED)?;
        let mut rows = found.query([most])?;
        let mut replaced = Vec::new();
        while let Some(row) = rows.next()? {
            match read_replaced(row, &mut texts) {
                Ok(entry) => replaced.push(entry),
                // its recording is reported where it is planned
                Err(error) if error.is_of_one() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(replaced)
    }

    /// Forgets such an entry, with what became of it; `None` where people deleted it.
    pub fn settle_replaced(
        &self,
        run: &str,
        replaced: &Replaced,
        event: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        change.prepare_cached(FORGET)?.execute(params![replaced.copy.row, replaced.old.as_str()])?;
        if let Some(event) = event {
            let (file, entry) = (Some(replaced.copy.file_id.as_str()), Some(replaced.old.as_str()));
            append_story(&change, run, replaced.recording, file, event, entry, at)?;
        }
        change.commit()?;
        Ok(())
    }
}

fn read_replaced(row: &Row<'_>, texts: &mut Interner) -> Result<Replaced, LedgerError> {
    let copy = read_file_copy(row, texts)?;
    let key = SegmentKey {
        meeting_uuid: MeetingUuid::new(row.get::<_, String>("meeting_uuid")?),
        recording_start: row.get::<_, String>("recording_start")?.into(),
    };
    let since: String = row.get("since")?;
    Ok(Replaced {
        recording: row.get("recording")?,
        old: EntryId::new(row.get::<_, String>("old")?),
        bytes: row.get::<_, i64>("old_bytes")?.cast_unsigned(),
        since: read_time(row, "since")?.ok_or(LedgerError::Unreadable(since))?,
        mark: copy.mark(&key),
        topic: row.get("topic")?,
        copy,
    })
}
