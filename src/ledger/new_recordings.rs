//! Recordings that come into the ledger: one by one, or many at once, as the first plan of a big account has tens of thousands.

use std::collections::HashMap;

use rusqlite::{Connection, Statement, params};

use super::LedgerError;
use super::runs::format_stamp;
use super::segment_decision::{ListedState, SegmentDecision};
use crate::model::{Action, KalturaUserId, MeetingKind, OwnerRule, Reason};

/// Without RETURNING: for that `SQLite` keeps a journal of the statement.
const ADD_SEGMENT: &str = "
INSERT INTO recordings (meeting_uuid, recording_start, meeting_id, webinar, topic, meeting_start, host_id,
                        host_email, action, reason, owner, orphan, owner_rule,
                        owed_files, owed_bytes, ended, deleted_on)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
ON CONFLICT (meeting_uuid, recording_start) DO NOTHING";

/// By its address a host is found, and so are the recordings.
const REMEMBER_ADDRESS: &str = "INSERT OR IGNORE INTO listed_addresses (address, host_id) VALUES (?1, ?2)";

/// Adds a recording; returns its row, `None` where it is known.
pub(super) fn add_recording(
    change: &Connection,
    decision: &SegmentDecision<'_>,
    listed: Option<&ListedState>,
) -> Result<Option<i64>, LedgerError> {
    if !add_segment(&mut *change.prepare_cached(ADD_SEGMENT)?, decision, listed)? {
        return Ok(None);
    }
    let row = change.last_insert_rowid();
    if let Some(email) = decision.segment.host_email {
        change.prepare_cached(REMEMBER_ADDRESS)?.execute([email, decision.segment.host_id])?;
    }
    Ok(Some(row))
}

/// Whether it was not known.
fn add_segment(
    add: &mut Statement<'_>,
    decision: &SegmentDecision<'_>,
    listed: Option<&ListedState>,
) -> Result<bool, LedgerError> {
    let segment = &decision.segment;
    let added = add.execute(params![
        segment.uuid,
        segment.recording_start,
        segment.number,
        segment.kind == MeetingKind::Webinar,
        segment.topic,
        format_stamp(segment.meeting_start),
        segment.host_id,
        segment.host_email,
        decision.action.word(),
        decision.reason.map(Reason::word),
        decision.owner.map(KalturaUserId::as_str),
        decision.orphan,
        decision.rule.map(OwnerRule::word),
        listed.map_or(0, |listed| listed.files),
        listed.map_or(0, |listed| listed.bytes),
        listed.map(|listed| &listed.ended),
        listed.and_then(|listed| listed.deleted_on.as_ref()),
    ])?;
    Ok(added > 0)
}

/// From so many new recordings on, in a ledger that has no more than that, they are written in bulk. Each index is made anew at
/// the end: a row in each index for each of them, at a place of its own, costs several times as much. And they do not go through
/// a log, where each page is written twice.
pub(super) const MANY: usize = 2000;

/// So many recordings side by side that are left out for one reason have one event together: those events are looked through, and
/// are to be few.
const WORTH_ONE: i64 = 50;

/// Adds what `fill` adds of what is decided in `run`, with the events.
pub(super) fn fill_in_bulk<'a>(
    all: &'a Connection,
    run: &'a str,
    at: &'a str,
    fill: impl FnOnce(&mut Bulk<'a>) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    fill_without_indexes(all, || {
        let mut bulk = Bulk::begin(all, run, at)?;
        fill(&mut bulk)?;
        bulk.write_event()
    })
}

/// Fills the tables while recordings are in no index that has all of them, but in the one by which they are found by their names.
fn fill_without_indexes(all: &Connection, fill: impl FnOnce() -> Result<(), LedgerError>) -> Result<(), LedgerError> {
    let sql = "
        SELECT name, sql FROM sqlite_schema
        WHERE type = 'index' AND tbl_name = 'recordings' AND sql IS NOT NULL AND sql NOT LIKE '% WHERE %'";
    let mut indexes = all.prepare(sql)?;
    let indexes = indexes.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let indexes: Vec<(String, String)> = indexes.collect::<Result<_, _>>()?;
    for (name, _) in &indexes {
        all.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    fill()?;
    indexes.iter().try_for_each(|(_, sql)| Ok(all.execute_batch(sql)?))
}

/// What is kept from one new recording to the next while many are added.
pub(super) struct Bulk<'a> {
    all: &'a Connection,
    run: &'a str,
    at: &'a str,
    add: Statement<'a>,
    remember: Statement<'a>,
    /// The last address of each host, as it is remembered.
    addresses: HashMap<String, String>,
    /// Not written yet.
    event: Option<EventOfMany>,
}

/// What was decided on recordings that follow each other, from the first row to the last one.
struct EventOfMany {
    first: i64,
    last: i64,
    decision: (Action, Option<Reason>),
}

impl<'a> Bulk<'a> {
    fn begin(all: &'a Connection, run: &'a str, at: &'a str) -> Result<Bulk<'a>, LedgerError> {
        let (add, remember) = (all.prepare(ADD_SEGMENT)?, all.prepare(REMEMBER_ADDRESS)?);
        Ok(Bulk { all, run, at, add, remember, addresses: HashMap::new(), event: None })
    }

    /// Adds a recording; returns whether it was not known. Its event is written with those of its neighbours.
    pub(super) fn add(
        &mut self,
        decision: &SegmentDecision<'_>,
        listed: Option<&ListedState>,
    ) -> Result<bool, LedgerError> {
        if !add_segment(&mut self.add, decision, listed)? {
            return Ok(false);
        }
        let row = self.all.last_insert_rowid();
        let decided = (decision.action, decision.reason);
        match &mut self.event {
            Some(event) if event.decision == decided && event.last + 1 == row => event.last = row,
            _ => {
                self.write_event()?;
                self.event = Some(EventOfMany { first: row, last: row, decision: decided });
            }
        }
        let host = decision.segment.host_id;
        if let Some(email) = decision.segment.host_email
            && self.addresses.get(host).is_none_or(|known| known != email)
        {
            self.remember.execute([email, host])?;
            self.addresses.insert(host.to_owned(), email.to_owned());
        }
        Ok(true)
    }

    /// Writes the event of those that were added last: before another one of any of them.
    pub(super) fn write_event(&mut self) -> Result<(), LedgerError> {
        let Some(EventOfMany { first, last, decision: (action, reason) }) = self.event.take() else {
            return Ok(());
        };
        let sql = "
            INSERT INTO events (at, run, recording, last_recording, event, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let mut write = self.all.prepare_cached(sql)?;
        let mut write = |first: i64, last: Option<i64>| {
            write.execute(params![self.at, self.run, first, last, action.word(), reason.map(Reason::word)]).map(drop)
        };
        if action == Action::Skip && last - first + 1 >= WORTH_ONE {
            write(first, Some(last))?;
        } else {
            (first..=last).try_for_each(|row| write(row, None))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{TimeDelta, Utc};

    use super::MANY;
    use crate::copying::plan::samples::{sample_segment, sample_video};
    use crate::ledger::{Identity, Journal, Ledger, LockKind, OwedWork, SegmentDecision};
    use crate::model::{Action, MeetingUuid, Reason, Segment};

    /// What is owed of one keeps it for all of them.
    #[test]
    fn events_of_many_are_pruned_together() {
        let identity = Identity { zoom_account: "z".to_owned(), kaltura_url: "k".to_owned(), partner_id: 1 };
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = Ledger::open(folder.path(), &identity, LockKind::Copying, Journal::Auto).expect("a ledger");
        let segment = |number: usize| {
            let mut segment = sample_segment(vec![sample_video("v", "shared_screen")]);
            Arc::make_mut(&mut segment.meeting).uuid = MeetingUuid::new(format!("{number}=="));
            segment
        };
        let segments: Vec<Segment> = (0..MANY).map(segment).collect();
        let nothing = Some(OwedWork::default());
        let left_out =
            segments.iter().map(|left| SegmentDecision::leave_out(left.outline(), Reason::TooShort, nothing));
        let left_out: Vec<_> = left_out.collect();
        let began = Utc::now() - TimeDelta::days(400);
        assert!(ledger.decide("run", &left_out, began).expect("a ledger").is_empty());
        let events = |number: usize| {
            let stories = ledger.stories(&format!("{number}==")).expect("a ledger");
            let events = stories[0].events.iter().map(|event| (event.event.clone(), event.detail.clone(), event.at));
            events.map(|(event, detail, at)| (event, detail, at.timestamp())).collect::<Vec<_>>()
        };
        let first = ("skip".to_owned(), Some("too_short".to_owned()), began.timestamp());
        assert_eq!((events(0), events(MANY - 1)), (vec![first.clone()], vec![first.clone()]));
        let mut owed = left_out[7];
        (owed.action, owed.reason) = (Action::Copy, None);
        let then = began + TimeDelta::days(1);
        assert!(ledger.decide("run", &[owed], then).expect("a ledger").is_empty());
        let oldest = then + TimeDelta::days(1);
        ledger.prune(oldest, oldest).expect("a ledger");
        assert_eq!(events(0), std::slice::from_ref(&first));
        assert_eq!(events(7), [first, ("copy".to_owned(), None, then.timestamp())]);
        (owed.action, owed.reason) = (Action::Skip, Some(Reason::TooShort));
        assert!(ledger.decide("run", &[owed], then).expect("a ledger").is_empty());
        ledger.prune(oldest, oldest).expect("a ledger");
        assert_eq!((events(0), events(7)), (vec![], vec![]));
    }
}
