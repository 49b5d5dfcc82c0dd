//! Who is at work on a segment whose entry exists: a run that copies, or a purge beside it.
//!
//! A claim names the lock under which it was made. Whoever holds that lock now is the only one that may be at work under
//! it, so the claims of a run that died go with the next one that takes its lock; the other side leaves them alone.

use rusqlite::params;

use super::{Ledger, LedgerError, Work};
use crate::model::{Orphan, SegmentKey};

impl Ledger {
    /// Claims a segment for copying; `false` where a purge is at work on it.
    pub async fn claim(&self, key: SegmentKey) -> Result<bool, LedgerError> {
        self.together(move |change| {
            let sql = "
                UPDATE recordings SET claim = ?3
                WHERE meeting_uuid = ?1 AND recording_start = ?2 AND (claim IS NULL OR claim = ?3)";
            let values = params![key.meeting_uuid.as_str(), key.recording_start, Work::Copying.word()];
            Ok(change.prepare_cached(sql)?.execute(values)? == 1)
        })
        .await
    }

    /// Claims an orphaned segment for deletion, one whose entry is confirmed and of which nothing is on its way: a run that
    /// makes an entry relies on that and claims nothing. `false` where a run is at work on it, or it is not what it was any more.
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

    /// Gives up the claim on a segment, after all changes that were asked for before.
    pub async fn release(&self, key: SegmentKey) -> Result<(), LedgerError> {
        let Some(work) = self.work else {
            return Ok(());
        };
        self.together(move |change| {
            let sql =
                "UPDATE recordings SET claim = NULL WHERE meeting_uuid = ?1 AND recording_start = ?2 AND claim = ?3";
            let values = params![key.meeting_uuid.as_str(), key.recording_start, work.word()];
            change.prepare_cached(sql)?.execute(values)?;
            Ok(())
        })
        .await
    }

    /// Whoever made them under this lock is gone.
    pub(super) fn drop_old_claims(&self) -> Result<(), LedgerError> {
        let work = self.work.map(Work::word);
        self.connection().execute("UPDATE recordings SET claim = NULL WHERE claim = ?1", params![work])?;
        Ok(())
    }
}
