//! What happened to recordings, and how long it is kept.
//!
//! What happened to single recordings: what `explain` tells.
//!
//! What happened of late: which copies became ready, and what went wrong.
//!
//! How long what happened is kept. How a recording stands is kept for good.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::copyable::Decisions;
use super::decisions::append_story;
use super::runs::{format_stamp, parse_stamp};
use super::tracked::read_word;
use super::{Ledger, LedgerError};
use crate::model::{EventKind, HistoryEvent, Reason, SegmentKey, Tracked};

/// So many recordings are shown at most, the newest.
pub const MOST_STORIES: usize = 50;

/// Each part by an index of its own: an OR would read the whole table.
const BY_NAME: &str = "
SELECT id FROM recordings
    WHERE host_id IN (SELECT host_id FROM listed_addresses WHERE address = ?1) AND host_email = ?1 COLLATE NOCASE
UNION SELECT id FROM recordings WHERE host_id = ?1
UNION SELECT id FROM recordings WHERE meeting_uuid = ?1
UNION SELECT id FROM recordings WHERE meeting_id = ?2
UNION SELECT recording FROM files WHERE entry_id = ?1";

/// The one query that may read every recording: a part of a text is in no index. It begins with the newest, and ends
/// with the last one that is shown.
const BY_TOPIC: &str = "
SELECT id FROM recordings WHERE instr(lower(topic), lower(?1)) > 0 ORDER BY meeting_start DESC LIMIT ?2";

/// A recording and what happened to it.
#[derive(Clone, Debug)]
pub struct Story {
    /// How it stands.
    pub tracked: Tracked,
    /// In order.
    pub events: Vec<Event>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// The file it happened to, where it is not about the recording as a whole.
    pub file_id: Option<String>,
    /// An action, the state of a copy, or another fixed word.
    #[expect(clippy::struct_field_names, reason = "the ledger's column")]
    pub event: String,
    /// A reason, an entry, an account or an error.
    pub detail: Option<String>,
}

impl Ledger {
    /// The recordings that go by `what`: the address or id of a host, the number or UUID of a meeting, an entry, or else
    /// a part of the topic. The newest first, [`MOST_STORIES`] at most.
    pub fn stories(&self, what: &str) -> Result<Vec<Story>, LedgerError> {
        let mut found = self.find_named(what)?;
        if found.is_empty() {
            let most = i64::try_from(MOST_STORIES).unwrap_or(i64::MAX);
            found = self.select_ids(BY_TOPIC, params![what, most])?;
        }
        let mut stories = Vec::new();
        for id in found {
            let tracked = self.tracked_by(&[id])?;
            let events = self.read_events(id)?;
            stories.extend(tracked.into_iter().map(|tracked| Story { tracked, events: events.clone() }));
        }
        stories.sort_by_key(|story| std::cmp::Reverse(story.tracked.segment.started));
        stories.truncate(MOST_STORIES);
        Ok(stories)
    }

    /// Whether any recording goes by this: the address or id of a host, the number or UUID of a meeting, an entry.
    pub fn knows_name(&self, what: &str) -> Result<bool, LedgerError> {
        Ok(!self.find_named(what)?.is_empty())
    }

    fn find_named(&self, what: &str) -> Result<Vec<i64>, LedgerError> {
        let number = what.replace([' ', '-'], "").parse::<i64>().ok();
        self.select_ids(BY_NAME, params![what, number])
    }

    /// Adds to the story of a recording what changes nothing of how it stands.
    pub fn tell(
        &self,
        run: &str,
        key: &SegmentKey,
        event: &str,
        detail: &str,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let sql = "SELECT id FROM recordings WHERE meeting_uuid = ?1 AND recording_start = ?2";
        let values = params![key.meeting_uuid.as_str(), key.recording_start];
        let recording: Option<i64> = change.query_row(sql, values, |row| row.get(0)).optional()?;
        if let Some(recording) = recording {
            append_story(&change, run, recording, None, event, Some(detail), at)?;
        }
        change.commit()?;
        Ok(())
    }

    fn read_events(&self, recording: i64) -> Result<Vec<Event>, LedgerError> {
        let connection = self.connection();
        let mut events = connection
            .prepare("SELECT id, at, file_id, event, detail FROM each_event WHERE recording = ?1 ORDER BY id")?;
        let mut rows = events.query([recording])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let at = parse_stamp(&row.get::<_, String>("at")?)?;
            let (event, detail) = (row.get("event")?, row.get("detail")?);
            found.push(Event { at, file_id: row.get("file_id")?, event, detail });
        }
        Ok(found)
    }
}

/// Ids grow with time, so that the search goes back from the newest and ends where it is old enough.
pub(super) const LAST_BEFORE: &str = "SELECT id FROM events WHERE at < ?1 ORDER BY id DESC LIMIT 1";

/// What has an entry that this program began is a copy of its own; what was only recognised in Kaltura has none.
const READY: &str = "
SELECT events.recording, events.at, runs.command IS 'backfill' AS by_hand,
       (SELECT max(earlier.id) FROM events AS earlier
        WHERE earlier.recording = events.recording AND earlier.file_id = events.file_id
            AND earlier.event = 'attached' AND earlier.id < events.id) AS attached
FROM events
    JOIN files ON files.recording = events.recording AND files.file_id = events.file_id AND role = 'parent'
    LEFT JOIN runs ON runs.id = events.run
WHERE events.id > ?1 AND event = 'done' AND attached IS NOT NULL
ORDER BY events.id";

const WENT_WRONG: &str = "
SELECT id, recording, at, event, coalesce(detail, '') AS detail
FROM each_event
WHERE id > ?1 AND (event = 'failed' OR (event IN ('wait', 'skip') AND detail IS NOT NULL))
ORDER BY id";

/// Those that stand so by now: what was left out for a while, and then copied, was not left out.
const LEFT_OUT: &str = "
SELECT each_event.id, recording, at, reason
FROM each_event CROSS JOIN recordings ON recordings.id = recording
WHERE each_event.id > ?1 AND event = 'skip' AND file_id IS NULL AND action = 'skip' AND reason = detail
ORDER BY each_event.id";

impl Ledger {
    /// What happened since `since`, each kind in order. Of decisions only those count here that count as gone wrong.
    pub fn lately(&self, since: DateTime<Utc>) -> Result<Vec<HistoryEvent>, LedgerError> {
        let connection = self.connection();
        let before: Option<i64> =
            connection.query_row(LAST_BEFORE, [format_stamp(since)], |row| row.get(0)).optional()?;
        let values = [before.unwrap_or_default()];
        let mut found = Vec::new();
        let mut ready = connection.prepare(READY)?;
        let mut rows = ready.query(values)?;
        let mut attached = Vec::new();
        while let Some(row) = rows.next()? {
            attached.push(row.get::<_, i64>("attached")?);
            found.push(read_events(row, EventKind::Ready { since: None, by_hand: row.get("by_hand")? })?);
        }
        let decisions = Decisions::read(&connection, &found.iter().map(|ready| ready.recording).collect::<Vec<_>>())?;
        for (ready, attached) in found.iter_mut().zip(attached) {
            let could = decisions.first_copyable(ready.recording, attached);
            if let EventKind::Ready { since, .. } = &mut ready.what {
                *since = could;
            }
        }
        let mut wrong = connection.prepare(WENT_WRONG)?;
        let mut rows = wrong.query(values)?;
        while let Some(row) = rows.next()? {
            let (event, detail): (String, String) = (row.get("event")?, row.get("detail")?);
            if event == "failed" {
                found.push(read_events(row, EventKind::Failed(detail))?);
            } else if let Some(reason) = Reason::from_word(&detail).filter(|reason| reason.is_wrong()) {
                found.push(read_events(row, EventKind::Decided(reason))?);
            }
        }
        found.extend(read_left_out(&connection, values)?);
        Ok(found)
    }
}

/// What is left out, each recording once: when that was decided last.
fn read_left_out(connection: &Connection, values: [i64; 1]) -> Result<Vec<HistoryEvent>, LedgerError> {
    let mut left_out = connection.prepare(LEFT_OUT)?;
    let mut rows = left_out.query(values)?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        if let Some(reason) = read_word(row, "reason").ok().flatten().filter(|reason| reason.leaves_out()) {
            let event = read_events(row, EventKind::LeftOut(reason))?;
            found.insert(event.recording, event);
        }
    }
    Ok(found.into_values().collect())
}

fn read_events(row: &Row<'_>, what: EventKind) -> Result<HistoryEvent, LedgerError> {
    Ok(HistoryEvent { recording: row.get("recording")?, at: parse_stamp(&row.get::<_, String>("at")?)?, what })
}

const LAST_PRUNED: &str = "last_pruned";

impl Ledger {
    /// When old history was last deleted.
    pub fn last_pruned(&self) -> Result<Option<DateTime<Utc>>, LedgerError> {
        self.read_meta(LAST_PRUNED)?.as_deref().map(parse_stamp).transpose()
    }

    /// Forgets what happened before `oldest` to recordings of which nothing is owed, what happened to many together where nothing
    /// is owed of any of them, and the runs of that time but the last one of each command. The file keeps its size, and what comes next takes the room.
    pub fn prune(&self, oldest: DateTime<Utc>, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.savepoint()?;
        // ids grow with time, so that one search bounds what is old, however much there is since
        let sql = "SELECT id FROM events WHERE id > 0 AND at >= ?1 ORDER BY id LIMIT 1";
        let first_kept: Option<i64> = change.query_row(sql, [format_stamp(oldest)], |row| row.get(0)).optional()?;
        let sql = "
            DELETE FROM events WHERE id < ?1 AND NOT EXISTS
                (SELECT 1 FROM recordings WHERE action NOT IN ('done', 'skip')
                 AND id BETWEEN events.recording AND coalesce(events.last_recording, events.recording))";
        change.execute(sql, [first_kept.unwrap_or(i64::MAX)])?;
        let sql = "
            DELETE FROM runs WHERE started < ?1 AND EXISTS
                (SELECT 1 FROM runs AS later WHERE later.command = runs.command AND later.started > runs.started)";
        change.execute(sql, [format_stamp(oldest)])?;
        let sql =
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        change.execute(sql, params![LAST_PRUNED, format_stamp(at)])?;
        change.commit()?;
        Ok(())
    }
}
