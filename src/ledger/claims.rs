//! Who is at work on a segment whose entry exists: a run that copies, or a purge beside it.
//!
//! A claim names the lock under which it was made. Whoever holds that lock now is the only one that may be at work under
//! it, so the claims of a run that died go with the next one that takes its lock; the other side leaves them alone.

use rusqlite::params;

use super::{Ledger, LedgerError, LockKind};
use crate::model::{Orphan, SegmentKey};

impl Ledger {
    /// Claims a segment for copying; `false` where a purge is at work on it.
    pub async fn claim(&self, key: SegmentKey) -> Result<bool, LedgerError> {
        self.together(move |change| {
            let sql = "
                UPDATE recordings SET claim = ?3
                WHERE meeting_uuid = ?1 AND recording_start = ?2 AND (claim IS NULL OR claim = ?3)";
            let values = params![key.meeting_uuid.as_str(), key.recording_start, LockKind::Copying.word()];
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
        let values = params![orphan.row, LockKind::Purging.word(), orphan.copy.row];
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
        let work = self.work.map(LockKind::word);
        self.connection().execute("UPDATE recordings SET claim = NULL WHERE claim = ?1", params![work])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::super::{Identity, Ledger, LockKind, SegmentDecision};
    use crate::model::{Action, CopyState, EntryId, FileCopy, KalturaUserId, Role, Tracked};
    use crate::plan::samples::{sample_segment, sample_video};

    #[tokio::test]
    async fn a_purge_claims_no_orphan_whose_entry_is_not_confirmed() {
        use CopyState::{Attached, Attaching, Broken, Deleted, Done, New, Purged, Reserved, Sent, Unfetched};
        let folder = tempfile::tempdir().expect("a folder");
        let identity = Identity { zoom_account: "z".to_owned(), kaltura_url: "k".to_owned(), partner_id: 1 };
        let ledger = Ledger::open(folder.path(), &identity, LockKind::Copying).expect("a ledger");
        let (segment, owner) =
            (sample_segment(vec![sample_video("v", "shared_screen")]), KalturaUserId::new("orphans"));
        let (action, owner) = (Action::CopyAsOrphan, Some(&owner));
        let decision =
            SegmentDecision { segment: &segment, action, reason: None, owner, rule: None, orphan: true, owed: None };
        ledger.decide("run", &[decision], Utc::now()).expect("a decision");
        let begun = ledger.begin_copy(segment.key(), segment.files[0].clone(), Role::Parent).await.expect("a copy");
        let step = |from, state| {
            let copy = FileCopy { state, entry_id: Some(EntryId::new("0_a")), ..begun.clone() };
            ledger.advance_now("run", from, &copy, Utc::now()).expect("a change");
        };
        step(New, Done);
        let known = ledger.read_segment(&segment.key()).expect("a ledger").expect("the segment");
        let orphan = Tracked::as_orphan(&known).expect("an orphan");
        let mut from = Done;
        for state in [New, Reserved, Attaching, Attached, Sent, Broken, Unfetched, Deleted, Purged] {
            step(from, state);
            assert!(!ledger.claim_orphan(&orphan).expect("a ledger"), "{state:?}");
            from = state;
        }
        step(from, Done);
        assert!(ledger.claim_orphan(&orphan).expect("a ledger"));
    }
}
