//! What happened to single recordings: what `explain` tells.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::decisions::append_story;
use super::runs::parse_stamp;
use super::{Ledger, LedgerError};
use crate::model::{SegmentKey, Tracked};

/// So many recordings are told of at most, the newest.
pub const MOST_STORIES: usize = 50;

/// Each part by an index of its own: an OR would read the whole table.
const BY_NAME: &str = "
SELECT id FROM recordings WHERE host_email = ?1 COLLATE NOCASE
UNION SELECT id FROM recordings WHERE host_id = ?1
UNION SELECT id FROM recordings WHERE meeting_uuid = ?1
UNION SELECT id FROM recordings WHERE meeting_id = ?2
UNION SELECT recording FROM files WHERE entry_id = ?1";

/// The one query that may read every recording: a part of a text is in no index. It begins with the newest, and ends
/// with the last one that is told of.
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
    pub event: String,
    /// A reason, an entry, an account or an error.
    pub detail: Option<String>,
}

impl Ledger {
    /// The recordings that go by `what`: the address or id of a host, the number or UUID of a meeting, an entry, or else
    /// a part of the topic. The newest first, [`MOST_STORIES`] at most.
    pub fn stories(&self, what: &str) -> Result<Vec<Story>, LedgerError> {
        let mut found = self.named(what)?;
        if found.is_empty() {
            let most = i64::try_from(MOST_STORIES).unwrap_or(i64::MAX);
            found = self.ids(BY_TOPIC, params![what, most])?;
        }
        let mut stories = Vec::new();
        for id in found {
            let tracked = self.tracked_by(&[id])?;
            let events = self.events(id)?;
            stories.extend(tracked.into_iter().map(|tracked| Story { tracked, events: events.clone() }));
        }
        stories.sort_by_key(|story| std::cmp::Reverse(story.tracked.segment.started));
        stories.truncate(MOST_STORIES);
        Ok(stories)
    }

    /// Whether any recording goes by this: the address or id of a host, the number or UUID of a meeting, an entry.
    pub fn knows_name(&self, what: &str) -> Result<bool, LedgerError> {
        Ok(!self.named(what)?.is_empty())
    }

    fn named(&self, what: &str) -> Result<Vec<i64>, LedgerError> {
        let number = what.replace([' ', '-'], "").parse::<i64>().ok();
        self.ids(BY_NAME, params![what, number])
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

    fn events(&self, recording: i64) -> Result<Vec<Event>, LedgerError> {
        let connection = self.connection();
        let mut events =
            connection.prepare("SELECT at, file_id, event, detail FROM events WHERE recording = ?1 ORDER BY id")?;
        let mut rows = events.query([recording])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let at = parse_stamp(&row.get::<_, String>(0)?)?;
            found.push(Event { at, file_id: row.get(1)?, event: row.get(2)?, detail: row.get(3)? });
        }
        Ok(found)
    }
}
