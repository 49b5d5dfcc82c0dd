//! Copies whose entries may lack their mark: those that were made before Kaltura's answers were compared.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};

use super::decisions::append_story;
use super::{Ledger, LedgerError};
use crate::model::{EntryId, FileId, MeetingUuid, ReferenceId, Role, SegmentKey};

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
