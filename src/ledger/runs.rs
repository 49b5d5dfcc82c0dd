//! Runs: their checkpoint, their numbers, and what they are at work on.
//!
//! Runs, the checkpoint and the last wide listing.
//!
//! What runs have done since the ledger was made, and how its recordings stand: numbers for metrics.
//!
//! Who is at work on a segment whose entry exists: a run that copies, or a purge beside it. A claim names the lock under
//! which it was made. Whoever holds that lock now is the only one that may be at work under it, so the claims of a run
//! that died go with the next one that takes its lock; the other side leaves them alone.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use rusqlite::params;

use super::{Ledger, LedgerError, LockKind};
use crate::model::{Listings, Orphan, SegmentKey};
use crate::remotes::http::{ClockOff, Service};

const CHECKPOINT: &str = "checkpoint";
/// Whether a first run was held back that wrote down what it found.
const FIRST_RUN_HELD: &str = "first_run_held";
const LAST_LOOKBACK: &str = "last_lookback";
const LAST_RESCAN: &str = "last_rescan";
/// By which rules these were listed and decided on.
const LISTED_BY: &str = "listed_by";
const LAST_LISTING: &str = "last_listing";
/// How far this machine's clock was off in the last run that could compare it: whose clock differs, and by how many seconds.
const CLOCK_OFF: &str = "clock_off";
/// Since when each list fell short of what Zoom counts.
const SHORT_SINCE: &str = "short_since";

impl Ledger {
    /// The day before which everything is settled; `None` before the first complete run.
    pub fn checkpoint(&self) -> Result<Option<NaiveDate>, LedgerError> {
        self.read_meta(CHECKPOINT)?.map(|text| text.parse().map_err(|_| LedgerError::Unreadable(text))).transpose()
    }

    /// Moves the checkpoint.
    pub fn set_checkpoint(&self, day: NaiveDate) -> Result<(), LedgerError> {
        self.set_meta(CHECKPOINT, &day.to_string())
    }

    /// When which days were last listed by these rules.
    pub fn listings(&self, rules: &str) -> Result<Listings, LedgerError> {
        if self.read_meta(LISTED_BY)?.is_none_or(|listed_by| listed_by != rules) {
            return Ok(Listings::default());
        }
        let read = |key| self.read_meta(key)?.filter(|at| !at.is_empty()).as_deref().map(parse_stamp).transpose();
        Ok(Listings { lookback: read(LAST_LOOKBACK)?, rescan: read(LAST_RESCAN)? })
    }

    /// Remembers when they were, and by which rules where these are others.
    pub fn set_listings(&self, listings: Listings, rules: Option<&str>) -> Result<(), LedgerError> {
        let stamp = |at: Option<DateTime<Utc>>| at.map(format_stamp).unwrap_or_default();
        self.set_meta(LAST_LOOKBACK, &stamp(listings.lookback))?;
        self.set_meta(LAST_RESCAN, &stamp(listings.rescan))?;
        rules.map_or(Ok(()), |rules| self.set_meta(LISTED_BY, rules))
    }

    /// Makes all listings due: who is to be copied is decided by other rules now.
    pub fn forget_listings(&self) -> Result<(), LedgerError> {
        self.set_meta(LISTED_BY, "")
    }

    /// When everything that Zoom lists of the last days was last read, to the end.
    pub fn last_listing(&self) -> Result<Option<DateTime<Utc>>, LedgerError> {
        self.read_meta(LAST_LISTING)?.as_deref().map(parse_stamp).transpose()
    }

    /// Remembers that it was. Where Zoom counts more than it sends, that is believed for `patience`, and no longer.
    pub fn set_last_listing(&self, at: DateTime<Utc>, is_whole: bool, patience: TimeDelta) -> Result<(), LedgerError> {
        let since = self.read_meta(SHORT_SINCE)?.filter(|since| !since.is_empty());
        let since = since.as_deref().map(parse_stamp).transpose()?;
        match (is_whole, since) {
            (true, Some(_)) => self.set_meta(SHORT_SINCE, "")?,
            (false, None) => self.set_meta(SHORT_SINCE, &format_stamp(at))?,
            (false, Some(since)) if at - since > patience => return Ok(()),
            _ => {}
        }
        self.set_meta(LAST_LISTING, &format_stamp(at))
    }

    /// How far this machine's clock was off when a run last compared it, where that is too far.
    pub fn clock_off(&self) -> Result<Option<ClockOff>, LedgerError> {
        let Some(said) = self.read_meta(CLOCK_OFF)?.filter(|said| !said.is_empty()) else {
            return Ok(None);
        };
        let off = said.split_once(' ').and_then(|(side, seconds)| {
            let service = [Service::Zoom, Service::Kaltura].into_iter().find(|service| service.word() == side)?;
            Some(ClockOff { service, by: TimeDelta::try_seconds(seconds.parse().ok()?)? })
        });
        off.map(Some).ok_or(LedgerError::Unreadable(said))
    }

    /// Remembers how far it is off, or that it is right.
    pub fn set_clock_off(&self, off: Option<ClockOff>) -> Result<(), LedgerError> {
        let said = off.map(|off| format!("{} {}", off.service.word(), off.by.num_seconds()));
        self.set_meta(CLOCK_OFF, &said.unwrap_or_default())
    }

    /// Whether no run has decided anything yet.
    pub fn is_empty(&self) -> Result<bool, LedgerError> {
        let sql = "SELECT max(id) IS NULL FROM recordings";
        Ok(self.connection().query_row(sql, [], |row| row.get(0))?)
    }

    /// Whether everything that was decided so far was found in Kaltura by a first run that is still to be confirmed.
    pub fn is_first_run_held(&self) -> Result<bool, LedgerError> {
        Ok(self.read_meta(FIRST_RUN_HELD)?.is_some_and(|held| !held.is_empty()))
    }

    /// Remembers that it is, or that a run went past it.
    pub fn set_first_run_held(&self, is_held: bool) -> Result<(), LedgerError> {
        if self.is_first_run_held()? == is_held {
            return Ok(());
        }
        self.set_meta(FIRST_RUN_HELD, if is_held { "held" } else { "" })
    }

    /// Notes the start of a run.
    pub fn begin_run(&self, id: &str, command: &str, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let sql = "INSERT INTO runs (id, command, started) VALUES (?1, ?2, ?3)";
        self.connection().execute(sql, (id, command, format_stamp(at)))?;
        Ok(())
    }

    /// Notes its end.
    pub fn end_run(&self, id: &str, exit_code: u8, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let sql = "UPDATE runs SET finished = ?2, exit_code = ?3 WHERE id = ?1";
        self.connection().execute(sql, (id, format_stamp(at), exit_code))?;
        Ok(())
    }
}

/// UTC to the second, in a form whose order as text is that of time.
pub(super) fn format_stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The same to the millisecond, for what is waited for.
pub(super) fn format_fine_stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(super) fn parse_stamp(text: &str) -> Result<DateTime<Utc>, LedgerError> {
    // a year of more than four digits is none of RFC 3339, and may have been written down by an older version
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).or_else(|_| text.parse());
    time.map_err(|_| LedgerError::Unreadable(text.to_owned()))
}

/// A number that only grows, of as many kinds as it has labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// What is counted.
    pub name: String,
    /// Of which kind: values of labels, divided by blanks; empty where there is one kind only.
    pub label: String,
    /// How much of it.
    pub value: u64,
}

/// How many recordings stand alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    /// What was last decided about them.
    pub action: String,
    /// And why.
    pub reason: Option<String>,
    /// How many.
    pub recordings: u64,
}

impl Ledger {
    /// Adds up, all or nothing.
    pub fn count(&self, counts: &[Count]) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.savepoint()?;
        let sql = "
            INSERT INTO counters (name, label, value) VALUES (?1, ?2, ?3)
            ON CONFLICT (name, label) DO UPDATE SET value = value + excluded.value";
        for count in counts {
            change.prepare_cached(sql)?.execute(params![count.name, count.label, count.value.cast_signed()])?;
        }
        change.commit()?;
        Ok(())
    }

    /// All that was ever counted.
    pub fn counts(&self) -> Result<Vec<Count>, LedgerError> {
        let connection = self.connection();
        let mut counts = connection.prepare("SELECT name, label, value FROM counters ORDER BY name, label")?;
        let read = counts.query_map([], |row| {
            Ok(Count { name: row.get(0)?, label: row.get(1)?, value: row.get::<_, i64>(2)?.unsigned_abs() })
        })?;
        Ok(read.collect::<Result<_, _>>()?)
    }

    /// How the recordings of meetings since `from` stand.
    pub fn census(&self, from: NaiveDate) -> Result<Vec<Census>, LedgerError> {
        let connection = self.connection();
        let sql = "
            SELECT action, reason, count(*) FROM recordings WHERE meeting_start >= ?1
            GROUP BY action, reason ORDER BY action, reason";
        let since = format_stamp(from.and_time(chrono::NaiveTime::MIN).and_utc());
        let mut census = connection.prepare(sql)?;
        let read = census.query_map([since], |row| {
            Ok(Census { action: row.get(0)?, reason: row.get(1)?, recordings: row.get::<_, i64>(2)?.unsigned_abs() })
        })?;
        Ok(read.collect::<Result<_, _>>()?)
    }
}

impl Ledger {
    /// Claims a segment for copying; `false` where a purge is at work on it.
    pub async fn claim(&self, key: SegmentKey) -> Result<bool, LedgerError> {
        self.commit_together(move |change| {
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
        self.commit_together(move |change| {
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

    use crate::copying::plan::samples::{sample_segment, sample_video};
    use crate::ledger::{Identity, Journal, Ledger, LockKind, SegmentDecision};
    use crate::model::{Action, CopyState, EntryId, FileCopy, KalturaUserId, Role, Tracked};

    #[tokio::test]
    async fn purges_claim_only_confirmed_orphans() {
        use CopyState::{Attached, Attaching, Broken, Deleted, Done, New, Purged, Reserved, Sent, Unfetched};
        let folder = tempfile::tempdir().expect("a folder");
        let identity = Identity { zoom_account: "z".to_owned(), kaltura_url: "k".to_owned(), partner_id: 1 };
        let ledger = Ledger::open(folder.path(), &identity, LockKind::Copying, Journal::Auto).expect("a ledger");
        let (segment, owner) =
            (sample_segment(vec![sample_video("v", "shared_screen")]), KalturaUserId::new("orphans"));
        let (action, owner) = (Action::CopyAsOrphan, Some(&owner));
        let decision = SegmentDecision {
            segment: segment.outline(),
            action,
            reason: None,
            owner,
            rule: None,
            orphan: true,
            follows_rename: false,
            owed: None,
        };
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
