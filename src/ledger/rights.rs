//! Copies on which others than their owner are still to get rights.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;

use super::runs::format_stamp;
use super::{Ledger, LedgerError};
use crate::model::{SegmentKey, Tracked};

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
        self.together(move |change| {
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
        self.tracked_by(&self.ids(DUE, [now.as_str(), ended.as_str()])?)
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
