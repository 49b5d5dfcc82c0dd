//! Since when recordings could be copied, and since when they wait for Kaltura alone.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde_json::Value;

use super::runs::parse_stamp;
use super::{Ledger, LedgerError};
use crate::model::{Action, CopyState, Reason};

const DECISIONS: &str = "
SELECT id, recording, at, event, detail FROM each_event
WHERE recording IN (SELECT value FROM json_each(?1)) AND file_id IS NULL ORDER BY id";

/// What was only decided on, or taken back, is not on its way.
const FILES: &str = "
SELECT files.recording, files.state, max(events.at) AS since
FROM files LEFT JOIN events
    ON events.recording = files.recording AND events.file_id = files.file_id AND events.event = files.state
WHERE files.recording IN (SELECT value FROM json_each(?1)) AND NOT (files.state = 'new' AND files.error IS NULL)
GROUP BY files.id";

/// A decision on a recording.
struct Decided {
    event: i64,
    at: DateTime<Utc>,
    could_be_copied: Option<bool>,
}

/// All decisions on some recordings, in order.
pub(super) struct Decisions(HashMap<i64, Vec<Decided>>);

impl Decisions {
    /// Those on these recordings.
    pub(super) fn read(connection: &Connection, recordings: &[i64]) -> Result<Decisions, LedgerError> {
        let mut query = connection.prepare(DECISIONS)?;
        let mut rows = query.query([Value::from(recordings).to_string()])?;
        let mut found: HashMap<i64, Vec<Decided>> = HashMap::new();
        while let Some(row) = rows.next()? {
            let (event, detail): (String, Option<String>) = (row.get("event")?, row.get("detail")?);
            let reason = detail.as_deref().and_then(Reason::from_word);
            let could_be_copied = match Action::from_word(&event) {
                Some(action) => could_be_copied(action, reason),
                // made due again by hand
                None if event == "retry" => Some(true),
                None => continue,
            };
            let at = parse_stamp(&row.get::<_, String>("at")?)?;
            let decided = Decided { event: row.get("id")?, at, could_be_copied };
            found.entry(row.get("recording")?).or_default().push(decided);
        }
        Ok(Decisions(found))
    }

    /// Since when a recording could be copied, by the decisions before this event: the first one since it was last
    /// settled that does not wait for Zoom.
    pub(super) fn first_copyable(&self, recording: i64, before: i64) -> Option<DateTime<Utc>> {
        let decisions = self.0.get(&recording).into_iter().flatten().filter(|decided| decided.event < before);
        decisions.fold(None, |since, decided| match decided.could_be_copied {
            Some(true) => since.or(Some(decided.at)),
            Some(false) => None,
            None => since,
        })
    }
}

/// Whether a recording could be copied, as it was decided on; `None` where that does not tell. What was settled and is
/// owed anew, such as a transcript that came later, could be copied from then on only. What was given up never stopped
/// to be owed.
fn could_be_copied(action: Action, reason: Option<Reason>) -> Option<bool> {
    match (action, reason) {
        (Action::Wait, Some(reason)) if reason.waits_for_zoom() => None,
        (Action::Copy | Action::CopyAsOrphan | Action::Wait, _) => Some(true),
        (Action::Done | Action::Skip, Some(Reason::GivenUp))
        | (Action::Adopt | Action::Delete | Action::Keep | Action::Reassign | Action::Trash, _) => None,
        (Action::Done | Action::Skip, _) => Some(false),
    }
}

/// The recordings of which nothing that was begun is left to this program, and since when: that of the file that waits
/// longest, `None` where that is not known.
pub(super) fn read_with_kaltura(
    connection: &Connection,
    recordings: &[i64],
) -> Result<HashMap<i64, Option<DateTime<Utc>>>, LedgerError> {
    let mut query = connection.prepare(FILES)?;
    let mut rows = query.query([Value::from(recordings).to_string()])?;
    let mut found: HashMap<i64, Vec<Option<DateTime<Utc>>>> = HashMap::new();
    let mut ours = HashSet::new();
    while let Some(row) = rows.next()? {
        let (recording, state): (i64, String) = (row.get("recording")?, row.get("state")?);
        match CopyState::from_word(&state) {
            Some(state) if state.is_up_to_kaltura() => {
                let since = row.get::<_, Option<String>>("since")?.as_deref().map(parse_stamp).transpose()?;
                found.entry(recording).or_default().push(since);
            }
            Some(state) if state.is_settled() => {}
            _ => {
                ours.insert(recording);
            }
        }
    }
    found.retain(|recording, _| !ours.contains(recording));
    Ok(found.into_iter().map(|(recording, since)| (recording, since.into_iter().flatten().min())).collect())
}

impl Ledger {
    /// By the rows of recordings: since when each could be copied, where a run has listed it whole.
    pub fn copyable(&self, rows: &[i64]) -> Result<HashMap<i64, DateTime<Utc>>, LedgerError> {
        let decisions = Decisions::read(&self.connection(), rows)?;
        let since = |row: &i64| Some((*row, decisions.first_copyable(*row, i64::MAX)?));
        Ok(rows.iter().filter_map(since).collect())
    }
}
