//! Who is at work on a segment whose entry exists: a run that copies, or a purge beside it.
//!
//! A claim names the lock under which it was made. Whoever holds that lock now is the only one that may be at work under
//! it, so the claims of a run that died go with the next one that takes its lock; the other side leaves them alone.

use rusqlite::{Connection, params};

use super::copies::begin_all;
use super::{Ledger, LedgerError, Work};
use crate::model::{FileCopy, Orphan, RecordingFile, Role, SegmentKey};

impl Ledger {
    /// Claims a segment for copying; `false` where a purge is at work on it.
    pub fn claim(&self, key: &SegmentKey) -> Result<bool, LedgerError> {
        claim(&self.connection(), key)
    }

    /// Claims a segment to which files are added, and notes that their copies begin; `None` where a purge is at work on it.
    pub async fn take_up(
        &self,
        key: SegmentKey,
        files: Vec<(RecordingFile, Role)>,
    ) -> Result<Option<Vec<FileCopy>>, LedgerError> {
        self.together(
            move |change| {
                if claim(change, &key)? { begin_all(change, &key, &files).map(Some) } else { Ok(None) }
            },
        )
        .await
    }

    /// Claims an orphaned segment for deletion; `false` where a run is at work on it, or it is not what it was any more.
    pub fn claim_orphan(&self, orphan: &Orphan) -> Result<bool, LedgerError> {
        let sql = "
            UPDATE recordings SET claim = ?2
            WHERE id = ?1 AND orphan AND (claim IS NULL OR claim = ?2)
                AND EXISTS (SELECT 1 FROM files WHERE files.id = ?3 AND state = 'done')
                AND NOT EXISTS (SELECT 1 FROM files WHERE recording = ?1
                                AND state IN ('attaching', 'attached', 'importing', 'sent', 'unfetched'))";
        let values = params![orphan.row, Work::Purging.word(), orphan.copy.row];
        Ok(self.connection().execute(sql, values)? == 1)
    }

    /// Gives up the claim on a segment.
    pub fn release(&self, key: &SegmentKey) -> Result<(), LedgerError> {
        let Some(work) = self.work else {
            return Ok(());
        };
        let sql = "UPDATE recordings SET claim = NULL WHERE meeting_uuid = ?1 AND recording_start = ?2 AND claim = ?3";
        self.connection().execute(sql, params![key.meeting_uuid.as_str(), key.recording_start, work.word()])?;
        Ok(())
    }

    /// Whoever made them under this lock is gone.
    pub(super) fn drop_old_claims(&self) -> Result<(), LedgerError> {
        let work = self.work.map(Work::word);
        self.connection().execute("UPDATE recordings SET claim = NULL WHERE claim = ?1", params![work])?;
        Ok(())
    }
}

fn claim(connection: &Connection, key: &SegmentKey) -> Result<bool, LedgerError> {
    let sql = "
        UPDATE recordings SET claim = ?3
        WHERE meeting_uuid = ?1 AND recording_start = ?2 AND (claim IS NULL OR claim = ?3)";
    let values = params![key.meeting_uuid.as_str(), key.recording_start, Work::Copying.word()];
    Ok(connection.prepare_cached(sql)?.execute(values)? == 1)
}
