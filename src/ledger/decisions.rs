//! Decisions: the present one on each segment, and an event for every change.

use std::cell::Cell;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::journal::{rest_log, resume_log};
use super::new_recordings::{Bulk, MANY, add_recording, fill_in_bulk};
use super::runs::format_stamp;
use super::segment_decision::{ListedState, SegmentDecision};
use super::{Ledger, LedgerError};
use crate::model::{KalturaUserId, OwnerRule, Reason, SegmentOutline, masked};

impl Ledger {
    /// Writes down the decisions that are new or differ from the last ones, in one transaction. Of those that it does not
    /// take it returns the numbers.
    pub fn decide(
        &self,
        run: &str,
        decisions: &[SegmentDecision<'_>],
        at: DateTime<Utc>,
    ) -> Result<Vec<(usize, LedgerError)>, LedgerError> {
        self.decide_each(run, decisions.len(), |number, write| write(&decisions[number]), at)
    }

    /// The same of `count` decisions, each of which is made when it is its turn to be written.
    pub fn decide_each(
        &self,
        run: &str,
        count: usize,
        decide: impl Fn(usize, &mut WriteDecision<'_>) -> Result<(), LedgerError>,
        at: DateTime<Utc>,
    ) -> Result<Vec<(usize, LedgerError)>, LedgerError> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let sql = "SELECT coalesce(max(id), 0) FROM recordings";
        let last: i64 = self.connection().query_row(sql, [], |row| row.get(0))?;
        let in_bulk = count >= MANY && usize::try_from(last).is_ok_and(|last| last <= count);
        let (at, expects_new) = (&*format_stamp(at), Cell::new(false));
        let writing = Writing { run, at, expects_new };
        let change =
            |change: &Connection, number| decide(number, &mut |decision| writing.decide(change, decision, None));
        if !in_bulk {
            return self.change_each(count, change);
        }
        let has_left = rest_log(&self.connection())?;
        let fill = |all: &Connection| {
            fill_in_bulk(all, run, at, |bulk| {
                (0..count).try_for_each(|number| {
                    decide(number, &mut |decision| writing.decide(all, decision, Some(&mut *bulk)))
                })
            })
        };
        let refused = self.change_all_or_each(count, fill, change);
        if has_left {
            resume_log(&self.connection());
        }
        refused
    }
}

/// Writes a decision down.
pub type WriteDecision<'a> = dyn FnMut(&SegmentDecision<'_>) -> Result<(), LedgerError> + 'a;

/// What the ledger has of a segment: what a decision may differ from.
struct Known {
    row: i64,
    topic: String,
    action: String,
    reason: Option<String>,
    owner: Option<String>,
    owed: (i64, i64),
    ended: Option<String>,
    deleted_on: Option<String>,
}

impl Known {
    fn read(change: &Connection, segment: SegmentOutline<'_>) -> Result<Option<Known>, LedgerError> {
        let sql = "
            SELECT id, action, reason, owner, owed_files, owed_bytes, ended, deleted_on, topic FROM recordings
            WHERE meeting_uuid = ?1 AND recording_start = ?2";
        let known = |row: &Row<'_>| {
            Ok(Known {
                row: row.get(0)?,
                topic: row.get(8)?,
                action: row.get(1)?,
                reason: row.get(2)?,
                owner: row.get(3)?,
                owed: (row.get(4)?, row.get(5)?),
                ended: row.get(6)?,
                deleted_on: row.get(7)?,
            })
        };
        let values = [segment.uuid, segment.recording_start];
        Ok(change.prepare_cached(sql)?.query_row(values, known).optional()?)
    }

    fn is_decided_so(&self, decision: &SegmentDecision<'_>) -> bool {
        self.action == decision.action.word()
            && self.reason.as_deref() == decision.reason.map(Reason::word)
            && decision.owner.is_none_or(|owner| self.owner.as_deref() == Some(owner.as_str()))
    }

    /// Whether Zoom lists it under another topic by now. No topic at all is no other one.
    fn is_renamed(&self, decision: &SegmentDecision<'_>) -> bool {
        let topic = decision.segment.topic;
        decision.owed.is_some() && !topic.trim().is_empty() && self.topic != topic
    }

    fn is_listed_so(&self, listed: &ListedState) -> bool {
        let ListedState { files, bytes, ended, deleted_on } = listed;
        self.owed == (*files, *bytes) && self.ended.as_ref() == Some(ended) && self.deleted_on == *deleted_on
    }
}

/// How decisions of a run are written down.
struct Writing<'a> {
    run: &'a str,
    at: &'a str,
    /// Whether the last one was not known: then the next one is probably not known either.
    expects_new: Cell<bool>,
}

impl Writing<'_> {
    fn decide(
        &self,
        change: &Connection,
        decision: &SegmentDecision<'_>,
        mut bulk: Option<&mut Bulk<'_>>,
    ) -> Result<(), LedgerError> {
        let listed = decision.owed.map(|owed| ListedState::of(decision.segment, owed));
        if self.expects_new.get() && self.add(change, decision, listed.as_ref(), bulk.as_deref_mut())? {
            return Ok(());
        }
        // most were decided on before, and a change that changes nothing costs more than a look
        let Some(known) = Known::read(change, decision.segment)? else {
            self.expects_new.set(true);
            return self.add(change, decision, listed.as_ref(), bulk).map(drop);
        };
        self.expects_new.set(false);
        if !known.is_decided_so(decision) {
            // one that was added a moment ago was decided on before
            bulk.map_or(Ok(()), Bulk::write_event)?;
            change_decision(change, known.row, decision)?;
            self.append_event(change, known.row, decision)?;
        }
        if known.is_renamed(decision) {
            remember_topic(change, known.row, decision.segment.topic, decision.follows_rename)?;
        }
        match listed {
            Some(listed) if !known.is_listed_so(&listed) => remember_listed(change, known.row, &listed),
            _ => Ok(()),
        }
    }

    /// Whether it was not known.
    fn add(
        &self,
        change: &Connection,
        decision: &SegmentDecision<'_>,
        listed: Option<&ListedState>,
        bulk: Option<&mut Bulk<'_>>,
    ) -> Result<bool, LedgerError> {
        if let Some(bulk) = bulk {
            return bulk.add(decision, listed);
        }
        let Some(recording) = add_recording(change, decision, listed)? else {
            return Ok(false);
        };
        self.append_event(change, recording, decision)?;
        Ok(true)
    }

    fn append_event(
        &self,
        change: &Connection,
        recording: i64,
        decision: &SegmentDecision<'_>,
    ) -> Result<(), LedgerError> {
        let (event, detail) = (decision.action.word(), decision.reason.map(Reason::word));
        append_event(change, self.run, recording, None, event, detail, self.at)
    }
}

fn change_decision(change: &Connection, row: i64, decision: &SegmentDecision<'_>) -> Result<(), LedgerError> {
    let sql = "
        UPDATE recordings SET
            host_id = ?2, host_email = coalesce(?3, host_email), action = ?4, reason = ?5,
            owner = coalesce(?6, owner),
            owner_rule = CASE WHEN ?6 IS NULL THEN owner_rule ELSE ?8 END,
            orphan = CASE WHEN ?6 IS NULL THEN orphan ELSE ?7 END
        WHERE id = ?1";
    change.prepare_cached(sql)?.execute(params![
        row,
        decision.segment.host_id,
        decision.segment.host_email,
        decision.action.word(),
        decision.reason.map(Reason::word),
        decision.owner.map(KalturaUserId::as_str),
        decision.orphan,
        decision.rule.map(OwnerRule::word),
    ])?;
    // a host without an address keeps the one that was listed before
    let sql = "
        INSERT OR IGNORE INTO listed_addresses (address, host_id)
        SELECT host_email, host_id FROM recordings WHERE id = ?1 AND host_email IS NOT NULL";
    change.prepare_cached(sql)?.execute([row])?;
    Ok(())
}

/// Writes down that Zoom calls a recording otherwise by now. Where titles are to follow, what it was called when they were
/// given is kept until they do.
fn remember_topic(change: &Connection, row: i64, topic: &str, follows: bool) -> Result<(), LedgerError> {
    let sql = "
        UPDATE recordings SET topic = ?2,
            topic_before = CASE WHEN ?3 THEN coalesce(topic_before, topic) ELSE topic_before END
        WHERE id = ?1";
    change.prepare_cached(sql)?.execute(params![row, topic, follows])?;
    Ok(())
}

fn remember_listed(change: &Connection, row: i64, listed: &ListedState) -> Result<(), LedgerError> {
    let sql = "UPDATE recordings SET owed_files = ?2, owed_bytes = ?3, ended = ?4, deleted_on = ?5 WHERE id = ?1";
    change.prepare_cached(sql)?.execute(params![row, listed.files, listed.bytes, listed.ended, listed.deleted_on,])?;
    Ok(())
}

/// Appends to the story that `explain` tells.
pub(super) fn append_story(
    change: &Connection,
    run: &str,
    recording: i64,
    file_id: Option<&str>,
    event: &str,
    detail: Option<&str>,
    at: DateTime<Utc>,
) -> Result<(), LedgerError> {
    append_event(change, run, recording, file_id, event, detail.map(masked).as_deref(), &format_stamp(at))
}

/// The same with a detail that is no text from outside.
fn append_event(
    change: &Connection,
    run: &str,
    recording: i64,
    file_id: Option<&str>,
    event: &str,
    detail: Option<&str>,
    at: &str,
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO events (at, run, recording, file_id, event, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    change.prepare_cached(sql)?.execute(params![at, run, recording, file_id, event, detail])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;

    use chrono::Utc;
    use rusqlite::types::Value;

    use super::{MANY, SegmentDecision, WriteDecision};
    use crate::copying::plan::samples::{sample_segment, sample_video};
    use crate::ledger::{Identity, Journal, Ledger, LedgerError, LockKind, OwedWork};
    use crate::model::{HostId, MeetingUuid, Reason, Segment};

    /// How many transactions have changed the file: what `SQLite`'s file format counts in its header, without a log.
    fn transactions(folder: &Path) -> u32 {
        let bytes = fs::read(folder.join("ledger.db")).expect("a ledger");
        u32::from_be_bytes(bytes[24..28].try_into().expect("four bytes"))
    }

    fn skip(segment: &Segment, reason: Reason, owed: OwedWork) -> SegmentDecision<'_> {
        SegmentDecision::leave_out(segment.outline(), reason, Some(owed))
    }

    /// One transaction for those that are new or changed, an event for each, and nothing for the others.
    #[test]
    fn decisions_write_only_what_differs() {
        let folder = tempfile::tempdir().expect("a folder");
        let identity = Identity { zoom_account: "z".to_owned(), kaltura_url: "k".to_owned(), partner_id: 1 };
        let ledger = Ledger::open(folder.path(), &identity, LockKind::Copying, Journal::Rollback).expect("a ledger");
        let at = |minute: i64| Segment {
            recording_start: format!("2026-11-22T09:{minute:02}:00Z").into(),
            ..sample_segment(vec![sample_video("v", "shared_screen")])
        };
        let segments: Vec<Segment> = (0..50).map(at).collect();
        let (nothing, work) = (OwedWork::default(), OwedWork { files: 1, bytes: 6000 });
        let cases = [
            ("new", 50, Reason::TopicExcluded, nothing, 1, 50),
            ("the same", 50, Reason::TopicExcluded, nothing, 0, 50),
            ("owed", 1, Reason::TopicExcluded, work, 1, 50),
            ("the same", 1, Reason::TopicExcluded, work, 0, 50),
            ("for another reason", 20, Reason::TooShort, nothing, 1, 70),
            ("none", 0, Reason::TooShort, nothing, 0, 70),
        ];
        for (what, count, reason, owed, written, events) in cases {
            let before = transactions(folder.path());
            let decisions: Vec<_> = segments[..count].iter().map(|segment| skip(segment, reason, owed)).collect();
            assert!(ledger.decide("run", &decisions, Utc::now()).expect("a ledger").is_empty(), "{what}");
            assert_eq!(transactions(folder.path()) - before, written, "{what}");
            let told = "SELECT count(*) FROM events";
            let told: i64 = ledger.connection().query_row(told, [], |row| row.get(0)).expect("a count");
            assert_eq!(told, events, "{what}");
        }
        let sql = "SELECT reason, owed_files, owed_bytes, count(*) FROM recordings GROUP BY 1, 2, 3 ORDER BY 1";
        let connection = ledger.connection();
        let mut rows = connection.prepare(sql).expect("a query");
        let found = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
        let found: Vec<(String, i64, i64, i64)> = found.and_then(Iterator::collect).expect("rows");
        assert_eq!(found, [("too_short".to_owned(), 0, 0, 20), ("topic_excluded".to_owned(), 0, 0, 30)]);
    }

    /// All that is written, and the indexes that there are.
    fn everything(ledger: &Ledger) -> Vec<String> {
        let queries = [
            "SELECT concat_ws('|', id, meeting_uuid, recording_start, topic, action, reason, ended) FROM recordings ORDER BY id",
            "SELECT concat_ws('|', recording, at, run, event, detail) FROM each_event ORDER BY recording, id",
            "SELECT concat_ws('|', address, host_id) FROM listed_addresses ORDER BY address, host_id",
            "SELECT concat_ws('|', name, sql) FROM sqlite_schema ORDER BY name",
            "SELECT count(*) FROM recordings INDEXED BY recordings_by_host_id WHERE host_id = 'h'",
            "PRAGMA integrity_check",
        ];
        let connection = ledger.connection();
        let read = |sql| {
            let mut rows = connection.prepare(sql).expect("a query");
            let rows = rows.query_map([], |row| row.get(0).map(|value: Value| format!("{value:?}")));
            rows.and_then(Iterator::collect::<Result<Vec<_>, _>>).expect("rows")
        };
        queries.into_iter().flat_map(read).collect()
    }

    /// Those of a first plan: some were known before, one comes twice, and not all are left out for one reason.
    #[test]
    fn bulk_writes_what_singles_write() {
        let identity = Identity { zoom_account: "z".to_owned(), kaltura_url: "k".to_owned(), partner_id: 1 };
        let segment = |number: usize| {
            let mut segment = sample_segment(vec![sample_video("v", "shared_screen")]);
            let meeting = Arc::make_mut(&mut segment.meeting);
            meeting.uuid = MeetingUuid::new(format!("{}==", number * 7919 % 100_003));
            meeting.host_id = HostId::new(format!("host {}", number % 100));
            // some have two addresses, and some have none
            meeting.host_email = Some(format!("{}@uni.example", number % 150)).filter(|_| !number.is_multiple_of(7));
            segment
        };
        let reason = |number: usize| match number {
            // the one that comes twice is left out for another reason by then
            1 | 3 | 100..150 | 2005.. => Reason::TooShort,
            _ => Reason::TopicExcluded,
        };
        let mut segments: Vec<(Segment, Reason)> =
            (0..MANY + 10).map(|number| (segment(number), reason(number))).collect();
        segments.push((segment(MANY + 9), Reason::TopicExcluded));
        let at = Utc::now();
        let write = |each: usize| {
            let folder = tempfile::tempdir().expect("a folder");
            let ledger = Ledger::open(folder.path(), &identity, LockKind::Copying, Journal::Auto).expect("a ledger");
            let decide = |segments: &[(Segment, Reason)]| {
                let decisions = segments.iter().map(|(segment, reason)| skip(segment, *reason, OwedWork::default()));
                let decisions: Vec<_> = decisions.collect();
                assert!(ledger.decide("run", &decisions, at).expect("a ledger").is_empty());
            };
            decide(&segments[..3]);
            segments.chunks(each).for_each(decide);
            let count = ledger.connection().query_row("SELECT count(*) FROM events", [], |row| row.get::<_, i64>(0));
            (everything(&ledger), count.expect("a count"))
        };
        let ((bulk, few), (singles, all)) = (write(segments.len()), write(100));
        assert_eq!(bulk.iter().zip(&singles).find(|(one, other)| one != other), None);
        assert_eq!(bulk.len(), singles.len());
        // those that were known, one, three times many, few, and the one that comes twice
        assert_eq!((few, all), (3 + 1 + 3 + 5 + 1, segments.len().cast_signed() as i64));
    }

    /// One that is refused keeps the others from nothing, in bulk either.
    #[test]
    fn refused_ones_leave_bulk_whole() {
        let identity = Identity { zoom_account: "z".to_owned(), kaltura_url: "k".to_owned(), partner_id: 1 };
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = Ledger::open(folder.path(), &identity, LockKind::Copying, Journal::Auto).expect("a ledger");
        let before = everything(&ledger);
        let segment = sample_segment(vec![sample_video("v", "shared_screen")]);
        let decide = |number: usize, write: &mut WriteDecision<'_>| {
            if number == 7 {
                return Err(LedgerError::Refused("of one".to_owned()));
            }
            let recording_start = format!("{number}").into();
            let segment = Segment { recording_start, ..segment.clone() };
            write(&skip(&segment, Reason::TooShort, OwedWork::default()))
        };
        let refused = ledger.decide_each("run", MANY, decide, Utc::now()).expect("a ledger");
        assert_eq!(refused.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [7]);
        let after = everything(&ledger);
        let schema = |lines: &[String]| lines.iter().filter(|line| line.contains("INDEX")).cloned().collect::<Vec<_>>();
        assert_eq!(schema(&before), schema(&after));
        assert_eq!(after.iter().filter(|line| line.contains("|run|")).count(), MANY - 1);
    }

    /// Also by one that another user has by now, and by one that was listed with the user before.
    #[test]
    fn hosts_are_found_by_each_address() {
        let identity = Identity { zoom_account: "z".to_owned(), kaltura_url: "k".to_owned(), partner_id: 1 };
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = Ledger::open(folder.path(), &identity, LockKind::Copying, Journal::Auto).expect("a ledger");
        let listed = |uuid: &str, host: &str, email: Option<&str>, reason| {
            let mut segment = sample_segment(vec![sample_video("v", "shared_screen")]);
            let meeting = Arc::make_mut(&mut segment.meeting);
            (meeting.uuid, meeting.host_id) = (MeetingUuid::new(uuid), HostId::new(host));
            meeting.host_email = email.map(str::to_owned);
            let decision = skip(&segment, reason, OwedWork::default());
            assert!(ledger.decide("run", &[decision], Utc::now()).expect("a ledger").is_empty());
        };
        listed("one==", "ada", Some("Ada@uni.example"), Reason::TooShort);
        listed("two==", "ada", Some("lovelace@uni.example"), Reason::TooShort);
        listed("three==", "eve", Some("ada@uni.example"), Reason::TooShort);
        // without an address Zoom does not take back the one that it listed
        listed("two==", "bob", None, Reason::TopicExcluded);
        let found = |what: &str| {
            let stories = ledger.stories(what).expect("a ledger").into_iter();
            let mut found: Vec<_> = stories.map(|story| story.tracked.segment.meeting.uuid.to_string()).collect();
            found.sort();
            found
        };
        assert_eq!(found("ADA@uni.example"), ["one==", "three=="]);
        assert_eq!(found("lovelace@uni.example"), ["two=="]);
        for (host, uuid) in [("ada", "one=="), ("bob", "two=="), ("eve", "three==")] {
            assert_eq!(found(host), [uuid]);
        }
        assert!(found("nobody@uni.example").is_empty());
    }
}
