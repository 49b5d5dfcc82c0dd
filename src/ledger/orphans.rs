//! Segments that change hands: orphans deleted, handed over or found to be somebody's; copies given away by hand.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{OptionalExtension, params};

use super::copies::set_state;
use super::decisions::append_story;
use super::notices::add_hand_over_news;
use super::runs::format_stamp;
use super::{Ledger, LedgerError};
use crate::model::{
    Action, CopyState, EntryId, FileCopy, KalturaUserId, Orphan, OwnerRule, Reason, SegmentKey, Tracked,
};

/// How many of some copies have no owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrphanShare {
    /// Those whose host had no account, purged ones too.
    pub orphans: u64,
    /// All of them.
    pub copies: u64,
}

impl Ledger {
    /// Notes that an orphaned segment was deleted, parent and all: it stays so.
    pub fn purged(&self, run: &str, orphan: &Orphan, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let purged = FileCopy { state: CopyState::Purged, ..orphan.copy.clone() };
        let recording = set_state(&change, orphan.copy.state, &purged, at)?;
        let sql = "UPDATE files SET state = ?2, token = NULL WHERE recording = ?1";
        change.execute(sql, params![recording, CopyState::Purged.word()])?;
        let sql = "UPDATE recordings SET action = ?2, reason = ?3, orphan = 0, claim = NULL WHERE id = ?1";
        change.execute(sql, params![recording, Action::Skip.word(), Reason::Purged.word()])?;
        append_story(&change, run, recording, None, CopyState::Purged.word(), None, at)?;
        change.commit()?;
        Ok(())
    }

    /// Notes that an orphaned segment, claimed by this run, belongs to `owner` now: handed over by `rule`, or, without
    /// one, by people. `false` where it is no orphan any more.
    pub fn adopted(
        &self,
        run: &str,
        orphan: &Orphan,
        owner: &KalturaUserId,
        rule: Option<&OwnerRule>,
        at: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let sql = "
            UPDATE recordings SET owner = ?2, owner_rule = ?3, orphan = 0, untagged = 0, claim = NULL
            WHERE id = ?1 AND orphan AND claim = ?4 RETURNING id";
        let work = self.work.map(super::LockKind::word);
        let values = params![orphan.row, owner.as_str(), rule.map(OwnerRule::word), work];
        let known: Option<i64> = change.query_row(sql, values, |row| row.get(0)).optional()?;
        if let Some(recording) = known {
            let event = if rule.is_some() { Action::Adopt.word() } else { Reason::OwnerChanged.word() };
            append_story(&change, run, recording, None, event, Some(owner.as_str()), at)?;
            if rule.is_some() {
                add_hand_over_news(&change, recording, at)?;
            }
        }
        change.commit()?;
        Ok(known.is_some())
    }

    /// Notes that a copy that people had given away lies with the holding user again, and still carries the mark of an
    /// orphan.
    pub fn given_back(
        &self,
        run: &str,
        entry: &EntryId,
        keeper: &KalturaUserId,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let sql = "
            UPDATE recordings SET owner = ?2, owner_rule = NULL, orphan = 1
            WHERE id IN (SELECT recording FROM files WHERE entry_id = ?1 AND role = 'parent' AND state = ?3)
                AND NOT orphan AND claim IS NULL RETURNING id";
        let values = params![entry.as_str(), keeper.as_str(), CopyState::Done.word()];
        let known: Option<i64> = change.query_row(sql, values, |row| row.get(0)).optional()?;
        if let Some(recording) = known {
            append_story(&change, run, recording, None, "given_back", Some(keeper.as_str()), at)?;
        }
        change.commit()?;
        Ok(())
    }

    /// Remembers why a purge left an orphan alone whose time had come, or that nothing speaks for it any more.
    pub fn keep(&self, orphan: &Orphan, why: Option<Reason>) -> Result<(), LedgerError> {
        let sql = "UPDATE recordings SET kept = ?2 WHERE id = ?1 AND kept IS NOT ?2";
        self.connection().execute(sql, params![orphan.row, why.map(Reason::word)])?;
        Ok(())
    }

    /// The rows of orphans that several accounts could own.
    pub fn ambiguous_orphans(&self) -> Result<BTreeSet<i64>, LedgerError> {
        let connection = self.connection();
        let sql = "
            SELECT id FROM recordings
            WHERE orphan AND EXISTS (SELECT 1 FROM events WHERE recording = recordings.id AND event = ?1 AND detail = ?2)";
        let mut orphans = connection.prepare(sql)?;
        let values = [Action::CopyAsOrphan.word(), Reason::AmbiguousEmail.word()];
        let rows = orphans.query_map(values, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether it knows the entry, or the segment whose mark it carries.
    pub fn knows(&self, entry: Option<&EntryId>, key: &SegmentKey) -> Result<bool, LedgerError> {
        let sql = "
            SELECT EXISTS (SELECT 1 FROM files WHERE entry_id = ?1)
                OR EXISTS (SELECT 1 FROM recordings WHERE meeting_uuid = ?2 AND recording_start = ?3)";
        let values = params![entry.map(EntryId::as_str), key.meeting_uuid.as_str(), key.recording_start];
        Ok(self.connection().query_row(sql, values, |row| row.get(0))?)
    }

    /// Notes that a segment, claimed by this run and as it was read, was given to `owner` by hand.
    pub fn reassigned(
        &self,
        run: &str,
        tracked: &Tracked,
        owner: &KalturaUserId,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let sql = "
            UPDATE recordings SET owner = ?2, owner_rule = NULL, orphan = 0, untagged = 0, claim = NULL
            WHERE id = ?1 AND owner IS ?3 AND claim = ?4";
        let (before, work) = (tracked.owner.as_ref().map(KalturaUserId::as_str), self.work.map(super::LockKind::word));
        if change.execute(sql, params![tracked.row, owner.as_str(), before, work])? == 1 {
            append_story(&change, run, tracked.row, None, "reassigned", Some(owner.as_str()), at)?;
        }
        change.commit()?;
        Ok(())
    }

    /// How many of the copies of meetings since `from` had no owner.
    pub fn share_of_orphans(&self, from: NaiveDate) -> Result<OrphanShare, LedgerError> {
        let sql = "
            SELECT count(*), count(CASE WHEN orphan OR state = ?3 THEN 1 END)
            FROM recordings CROSS JOIN files ON files.recording = recordings.id
            WHERE meeting_start >= ?1 AND role = 'parent' AND state IN (?2, ?3)";
        let since = format_stamp(from.and_time(chrono::NaiveTime::MIN).and_utc());
        let values = params![since, CopyState::Done.word(), CopyState::Purged.word()];
        let share = self.connection().query_row(sql, values, |row| {
            let count = |column| Ok::<_, rusqlite::Error>(row.get::<_, i64>(column)?.unsigned_abs());
            Ok(OrphanShare { copies: count(0)?, orphans: count(1)? })
        })?;
        Ok(share)
    }

    /// Some accounts that copies of meetings since `from` went to: Kaltura is known to know them.
    pub fn recent_owners(&self, from: NaiveDate, most: usize) -> Result<Vec<String>, LedgerError> {
        let connection = self.connection();
        let sql = "
            SELECT DISTINCT owner FROM recordings
            WHERE meeting_start >= ?1 AND NOT orphan AND action = 'done' AND reason IS NULL AND owner <> ''
            LIMIT ?2";
        let since = format_stamp(from.and_time(chrono::NaiveTime::MIN).and_utc());
        let mut owners = connection.prepare(sql)?;
        let rows = owners.query_map(params![since, i64::try_from(most).unwrap_or(i64::MAX)], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
