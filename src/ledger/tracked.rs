//! What the ledger knows: the segments of a window and all that are still owed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rusqlite::{Params, Row};

use super::runs::{format_stamp, parse_stamp};
use super::{Ledger, LedgerError};
use crate::model::{
    Action, CopyState, EntryId, FileCopy, FileId, HostId, Interner, KalturaUserId, Meeting, MeetingKind, MeetingUuid,
    Orphan, OwnerRule, Reason, Role, Segment, SegmentKey, Tracked, UploadTokenId, Validator, ZoomTrash, believed_start,
    is_usual_start,
};

const REPLACED: &str = "
SELECT recording, replaced.entry_id FROM replaced JOIN files ON files.id = replaced.file
WHERE recording IN (SELECT value FROM json_each(?1))";

const RECORDINGS: &str = "
SELECT id, meeting_uuid, recording_start, meeting_id, webinar, topic, meeting_start, host_id, host_email,
       action, reason, owner, owner_rule, orphan, deleted_on, kept, untagged, topic_before
FROM recordings WHERE id IN (SELECT value FROM json_each(?1))";

const FILES: &str = "
SELECT id, recording, file_id, file_type, role, lasted, listed, announced, validator, asked, state, bytes, token, attach_sent,
       entry_id, confirmed, by_kaltura, attempts, next_try, trashed, trash_asked, trash_not_before
FROM files WHERE recording IN (SELECT value FROM json_each(?1)) ORDER BY id";

/// Each part by an index of its own: an OR would read the whole table. Some come twice.
const SINCE_OR_OWED: &str = "
SELECT id FROM recordings WHERE meeting_start >= ?1
UNION ALL SELECT id FROM recordings WHERE action NOT IN ('done', 'skip')
UNION ALL SELECT id FROM recordings WHERE orphan";
const ORPHANED: &str = "SELECT id FROM recordings WHERE orphan";
const BY_KEY: &str = "SELECT id FROM recordings WHERE meeting_uuid = ?1 AND recording_start = ?2";
const OF_MEETINGS: &str = "SELECT id FROM recordings WHERE meeting_uuid IN (SELECT value FROM json_each(?1))";
const OWNED: &str = "SELECT id FROM recordings WHERE owner = ?1 AND NOT orphan";

/// The rows since a day, and what tells those of which nothing is known but that a rule leaves them out.
const SINCE: &str = "
SELECT id, recording_start, meeting_start, host_id, host_email, deleted_on, action, reason,
       owner IS NULL AND owner_rule IS NULL AND NOT orphan AND kept IS NULL AND NOT untagged AND topic_before IS NULL
           AND NOT EXISTS (SELECT 1 FROM files WHERE recording = recordings.id) AS bare
FROM recordings WHERE meeting_start >= ?1 ORDER BY meeting_start";
/// The same of meetings.
const BARE_OF_MEETINGS: &str = "
SELECT meeting_uuid, recording_start, meeting_start, deleted_on, action, reason,
       owner IS NULL AND owner_rule IS NULL AND NOT orphan AND kept IS NULL AND NOT untagged AND topic_before IS NULL
           AND NOT EXISTS (SELECT 1 FROM files WHERE recording = recordings.id) AS bare
FROM recordings WHERE meeting_uuid IN (SELECT value FROM json_each(?1))";
const OWED_OR_ORPHANED: &str = "
SELECT id FROM recordings WHERE action NOT IN ('done', 'skip')
UNION ALL SELECT id FROM recordings WHERE orphan";

/// What is known of recordings, without those of which nothing is known but that a rule leaves them out.
#[derive(Debug, Default)]
pub struct KnownRecordings {
    /// By key.
    pub tracked: BTreeMap<SegmentKey, Tracked>,
    /// Of the others: the last address beside each host, and when that recording's meeting began.
    pub addresses: BTreeMap<HostId, (DateTime<Utc>, String)>,
}

impl Ledger {
    /// What [`Ledger::tracked`] knows, without the recordings of which nothing is known but that a rule leaves them out:
    /// there may be tens of thousands, and whatever is listed of them is decided anew.
    pub fn known_since(&self, from: NaiveDate) -> Result<KnownRecordings, LedgerError> {
        let since = format_stamp(from.and_time(chrono::NaiveTime::MIN).and_utc());
        let (mut ids, mut addresses) = (self.select_ids(OWED_OR_ORPHANED, [])?, BTreeMap::new());
        let connection = self.connection();
        let mut recordings = connection.prepare_cached(SINCE)?;
        let mut rows = recordings.query([since])?;
        while let Some(row) = rows.next()? {
            match start_if_ruled_out(row)? {
                None => ids.push(row.get("id")?),
                Some(start) => {
                    if let Some(email) = row.get::<_, Option<String>>("host_email")? {
                        addresses.insert(HostId::new(row.get::<_, String>("host_id")?), (start, email));
                    }
                }
            }
        }
        drop(rows);
        drop(recordings);
        drop(connection);
        let tracked = self.tracked_by(&ids)?;
        Ok(KnownRecordings {
            tracked: tracked.into_iter().map(|tracked| (tracked.segment.key(), tracked)).collect(),
            addresses,
        })
    }

    /// Those of some meetings of which more is known than that a rule leaves them out.
    pub fn find_mattering<'a>(
        &self,
        meetings: impl Iterator<Item = &'a MeetingUuid>,
    ) -> Result<HashSet<MeetingUuid>, LedgerError> {
        let meetings: Vec<&str> = meetings.map(MeetingUuid::as_str).collect();
        let connection = self.connection();
        let mut recordings = connection.prepare_cached(BARE_OF_MEETINGS)?;
        let mut rows = recordings.query([serde_json::Value::from(meetings).to_string()])?;
        let mut mattering = HashSet::new();
        while let Some(row) = rows.next()? {
            if start_if_ruled_out(row)?.is_none() {
                mattering.insert(MeetingUuid::new(row.get::<_, String>("meeting_uuid")?));
            }
        }
        Ok(mattering)
    }

    /// Segments of meetings since `from`, all that are still owed, and all orphans, by key: in a tree, as a hash table
    /// of so many would be half empty.
    pub fn tracked(&self, from: NaiveDate) -> Result<BTreeMap<SegmentKey, Tracked>, LedgerError> {
        let since = format_stamp(from.and_time(chrono::NaiveTime::MIN).and_utc());
        let tracked = self.tracked_by(&self.select_ids(SINCE_OR_OWED, [since.as_str()])?)?;
        Ok(tracked.into_iter().map(|tracked| (tracked.segment.key(), tracked)).collect())
    }

    /// The days of the meetings of which something is owed that Zoom is asked for, one for each.
    pub fn owed_days(&self) -> Result<Vec<NaiveDate>, LedgerError> {
        let connection = self.connection();
        let sql = "SELECT meeting_uuid, meeting_start, reason FROM recordings WHERE action NOT IN ('done', 'skip')";
        let mut owed = connection.prepare(sql)?;
        let mut rows = owed.query([])?;
        let mut days: BTreeMap<String, NaiveDate> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            // what cannot be read is reported where it is planned
            let reason = read_word(row, "reason").ok().flatten();
            let start = parse_stamp(&row.get::<_, String>("meeting_start")?).ok();
            if let Some(start) = start.filter(|_| !reason.is_some_and(Reason::waits_for_kaltura)) {
                days.insert(row.get("meeting_uuid")?, start.date_naive());
            }
        }
        Ok(days.into_values().collect())
    }

    /// All segments of these meetings.
    pub fn tracked_of(&self, meetings: &BTreeSet<&MeetingUuid>) -> Result<Vec<Tracked>, LedgerError> {
        if meetings.is_empty() {
            return Ok(Vec::new());
        }
        let meetings: Vec<&str> = meetings.iter().map(|uuid| uuid.as_str()).collect();
        self.tracked_by(&self.select_ids(OF_MEETINGS, [serde_json::Value::from(meetings).to_string()])?)
    }

    /// The segments whose confirmed copy the holding user keeps, oldest first.
    pub fn orphans(&self) -> Result<Vec<Orphan>, LedgerError> {
        let tracked = self.tracked_by(&self.select_ids(ORPHANED, [])?)?;
        let mut orphans: Vec<Orphan> = tracked.iter().filter_map(Tracked::as_orphan).collect();
        orphans.sort_by_key(|orphan| orphan.confirmed);
        Ok(orphans)
    }

    /// What is known of one segment.
    pub fn read_segment(&self, key: &SegmentKey) -> Result<Option<Tracked>, LedgerError> {
        let values = [key.meeting_uuid.as_str(), &*key.recording_start];
        Ok(self.tracked_by(&self.select_ids(BY_KEY, values)?)?.pop())
    }

    /// The segments that were or are being copied to this account, but for orphans.
    pub fn owned_by(&self, owner: &KalturaUserId) -> Result<Vec<Tracked>, LedgerError> {
        self.tracked_by(&self.select_ids(OWNED, [owner.as_str()])?)
    }

    /// The segments of these rows, each once, in no order.
    pub(super) fn tracked_by(&self, rows: &[i64]) -> Result<Vec<Tracked>, LedgerError> {
        let rows = serde_json::Value::from(rows).to_string();
        let (connection, mut texts) = (self.connection(), Interner::default());
        let mut copies: HashMap<i64, Vec<Arc<FileCopy>>> = HashMap::new();
        let mut odd: HashMap<i64, String> = HashMap::new();
        let mut files = connection.prepare_cached(FILES)?;
        let mut found = files.query([&rows])?;
        while let Some(row) = found.next()? {
            let recording = row.get("recording")?;
            match read_file_copy(row, &mut texts) {
                Ok(copy) => copies.entry(recording).or_default().push(Arc::new(copy)),
                Err(error) if error.is_of_one() => drop(odd.insert(recording, error.to_string())),
                Err(error) => return Err(error),
            }
        }
        let mut replaced: HashMap<i64, Vec<EntryId>> = HashMap::new();
        let mut entries = connection.prepare_cached(REPLACED)?;
        let mut found = entries.query([&rows])?;
        while let Some(row) = found.next()? {
            replaced.entry(row.get(0)?).or_default().push(EntryId::new(row.get::<_, String>(1)?));
        }
        let mut recordings = connection.prepare_cached(RECORDINGS)?;
        let mut found = recordings.query([&rows])?;
        let mut tracked = Vec::new();
        while let Some(row) = found.next()? {
            let id = row.get("id")?;
            let mut copies = copies.remove(&id).unwrap_or_default();
            copies.shrink_to_fit();
            tracked.push(match (odd.remove(&id), read_tracked(row, copies, &mut texts)) {
                (Some(why), _) => unreadable_column(row, why)?,
                (None, Err(error)) if error.is_of_one() => unreadable_column(row, error.to_string())?,
                (None, read) => Tracked { replaced: replaced.remove(&id).unwrap_or_default(), ..read? },
            });
        }
        Ok(tracked)
    }

    /// The rows that a query tells the numbers of.
    pub(super) fn select_ids(&self, sql: &str, values: impl Params) -> Result<Vec<i64>, LedgerError> {
        let connection = self.connection();
        let mut ids = connection.prepare(sql)?;
        let rows = ids.query_map(values, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// When its meeting began, of a recording of which nothing is known but that a rule leaves it out. One whose row cannot be read is
/// none, and neither is one under another name than Zoom's usual one.
fn start_if_ruled_out(row: &Row<'_>) -> Result<Option<DateTime<Utc>>, LedgerError> {
    let is_rule = |word: &str| Reason::from_word(word).is_some_and(Reason::is_rule);
    let word = |column| Ok::<_, LedgerError>(row.get_ref(column)?.as_str_or_null().ok().flatten());
    let is_ruled_out = row.get::<_, bool>("bare")?
        && word("action")? == Some(Action::Skip.word())
        && word("reason")?.is_some_and(is_rule)
        && word("recording_start")?.is_some_and(is_usual_start)
        && read_day(row, "deleted_on").is_ok();
    let start = word("meeting_start")?.and_then(|start| parse_stamp(start).ok());
    Ok(start.filter(|_| is_ruled_out))
}

fn read_tracked(row: &Row<'_>, copies: Vec<Arc<FileCopy>>, texts: &mut Interner) -> Result<Tracked, LedgerError> {
    let action: String = row.get("action")?;
    let mut shared = |column: &str| -> Result<Option<Arc<str>>, LedgerError> {
        Ok(row.get::<_, Option<String>>(column)?.map(|text| texts.shared(&text)))
    };
    Ok(Tracked {
        row: row.get("id")?,
        segment: segment_of_row(row)?,
        action: Action::from_word(&action).ok_or(LedgerError::Unreadable(action))?,
        reason: read_word(row, "reason")?,
        owner: shared("owner")?.map(KalturaUserId::new),
        rule: shared("owner_rule")?.map(OwnerRule::new),
        orphan: row.get("orphan")?,
        kept: read_word(row, "kept")?,
        untagged: row.get("untagged")?,
        topic_before: row.get::<_, Option<String>>("topic_before")?.map(String::into_boxed_str),
        copies,
        replaced: Vec::new(),
        unreadable: None,
    })
}

/// A segment of which nothing counts but that it is known: its row holds what this version does not know.
fn unreadable_column(row: &Row<'_>, why: String) -> Result<Tracked, LedgerError> {
    let recording_start: Arc<str> = row.get("recording_start")?;
    let started = parse_stamp(&recording_start).unwrap_or(DateTime::UNIX_EPOCH);
    let meeting = Meeting {
        uuid: MeetingUuid::new(row.get::<_, String>("meeting_uuid")?),
        number: row.get("meeting_id").unwrap_or_default(),
        kind: MeetingKind::Meeting,
        topic: row.get("topic").unwrap_or_default(),
        start: started,
        host_id: HostId::new(row.get::<_, String>("host_id").unwrap_or_default()),
        host_email: None,
        deleted_on: None,
    };
    Ok(Tracked {
        row: row.get("id")?,
        segment: Segment::bare(meeting, recording_start, started),
        action: Action::Wait,
        reason: Some(Reason::LedgerUnreadable),
        owner: None,
        rule: None,
        orphan: false,
        kept: None,
        untagged: false,
        topic_before: None,
        copies: Vec::new(),
        replaced: Vec::new(),
        unreadable: Some(why),
    })
}

/// A reason, where the column has one.
pub(super) fn read_word(row: &Row<'_>, column: &str) -> Result<Option<Reason>, LedgerError> {
    let word: Option<String> = row.get(column)?;
    word.map(|word| Reason::from_word(&word).ok_or(LedgerError::Unreadable(word))).transpose()
}

pub(super) fn segment_of_row(row: &Row<'_>) -> Result<Segment, LedgerError> {
    let start = parse_stamp(&row.get::<_, String>("meeting_start")?)?;
    let meeting = Meeting {
        uuid: MeetingUuid::new(row.get::<_, String>("meeting_uuid")?),
        number: row.get("meeting_id")?,
        kind: if row.get("webinar")? { MeetingKind::Webinar } else { MeetingKind::Meeting },
        topic: row.get("topic")?,
        start,
        host_id: HostId::new(row.get::<_, String>("host_id")?),
        host_email: row.get("host_email")?,
        deleted_on: read_day(row, "deleted_on")?,
    };
    let recording_start: Arc<str> = row.get("recording_start")?;
    let started = parse_stamp(&recording_start).map_or(start, |started| believed_start(started, start));
    Ok(Segment::bare(meeting, recording_start, started))
}

pub(super) fn read_file_copy(row: &Row<'_>, texts: &mut Interner) -> Result<FileCopy, LedgerError> {
    let (state, role): (String, String) = (row.get("state")?, row.get("role")?);
    Ok(FileCopy {
        row: row.get("id")?,
        file_id: FileId::new(row.get::<_, String>("file_id")?),
        file_type: texts.shared(&row.get::<_, String>("file_type")?),
        role: Role::from_word(&role).ok_or(LedgerError::Unreadable(role))?,
        lasted: row.get::<_, Option<i64>>("lasted")?.and_then(TimeDelta::try_seconds),
        state: CopyState::from_word(&state).ok_or(LedgerError::Unreadable(state))?,
        bytes: row.get::<_, i64>("bytes")?.cast_unsigned(),
        token: row.get::<_, Option<String>>("token")?.map(UploadTokenId::new),
        listed: row.get::<_, i64>("listed")?.cast_unsigned(),
        announced: row.get::<_, Option<i64>>("announced")?.map(i64::cast_unsigned),
        validator: row.get::<_, Option<String>>("validator")?.as_deref().map(Validator::new),
        attach_sent: read_time(row, "attach_sent")?,
        asked: row.get("asked")?,
        entry_id: row.get::<_, Option<String>>("entry_id")?.map(EntryId::new),
        confirmed: read_time(row, "confirmed")?,
        by_kaltura: row.get("by_kaltura")?,
        attempts: row.get("attempts")?,
        next_try: read_time(row, "next_try")?,
        zoom_trash: ZoomTrash {
            trashed: read_time(row, "trashed")?,
            asked: read_time(row, "trash_asked")?,
            not_before: read_time(row, "trash_not_before")?,
        },
    })
}

pub(super) fn read_day(row: &Row<'_>, column: &str) -> Result<Option<NaiveDate>, LedgerError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(|_| LedgerError::Unreadable(text))).transpose()
}

pub(super) fn read_time(row: &Row<'_>, column: &str) -> Result<Option<DateTime<Utc>>, LedgerError> {
    row.get::<_, Option<String>>(column)?.as_deref().map(parse_stamp).transpose()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chrono::Utc;

    use crate::copying::plan::samples::{sample_segment, sample_video};
    use crate::ledger::{Identity, Journal, Ledger, LockKind, OwedWork, SegmentDecision};
    use crate::model::{MeetingUuid, Reason, Segment};

    fn segment(uuid: &str) -> Segment {
        let mut segment = sample_segment(vec![sample_video("v", "shared_screen")]);
        std::sync::Arc::make_mut(&mut segment.meeting).uuid = MeetingUuid::new(uuid);
        segment
    }

    /// Whatever else is known of one, it matters.
    #[test]
    fn only_ruled_out_rows_matter_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let identity = Identity { zoom_account: "z".to_owned(), kaltura_url: "k".to_owned(), partner_id: 1 };
        let ledger = Ledger::open(folder.path(), &identity, LockKind::Copying, Journal::Rollback).expect("a ledger");
        let of = "UPDATE recordings SET";
        let cases = [
            ("plain", String::new(), false),
            ("too short", format!("{of} reason = 'too_short'"), false),
            ("early", format!("{of} reason = 'before_go_live'"), false),
            ("to be copied", format!("{of} action = 'copy', reason = NULL"), true),
            ("waits", format!("{of} action = 'wait'"), true),
            ("the host's choice", format!("{of} reason = 'opted_out'"), true),
            ("deleted by people", format!("{of} reason = 'deleted_in_kaltura'"), true),
            ("without media", format!("{of} reason = 'no_media'"), true),
            ("of a later version", format!("{of} reason = 'what_comes_next'"), true),
            ("somebody's", format!("{of} owner = 'ada'"), true),
            ("by a rule", format!("{of} owner_rule = 'email'"), true),
            ("an orphan", format!("{of} orphan = 1"), true),
            ("kept", format!("{of} kept = 'frozen_in_kaltura'"), true),
            ("without its tag", format!("{of} untagged = 1"), true),
            ("renamed", format!("{of} topic_before = 'Optics'"), true),
            ("of an odd day", format!("{of} deleted_on = 'soon'"), true),
            ("of an odd start", format!("{of} meeting_start = '9999'"), true),
            ("spelt otherwise", format!("{of} recording_start = '2026-11-22T09:00:00.000Z'"), true),
            (
                "with a copy",
                "INSERT INTO files (recording, file_id, bytes, state) SELECT id, 'v', 1, 'new' FROM recordings"
                    .to_owned(),
                true,
            ),
        ];
        for (what, sql, matters) in cases {
            let segment = segment(what);
            let decision =
                SegmentDecision::leave_out(segment.outline(), Reason::TopicExcluded, Some(OwedWork::default()));
            ledger.decide("run", &[decision], Utc::now()).expect("a ledger");
            if !sql.is_empty() {
                let sql = format!("{sql} WHERE meeting_uuid = ?1");
                ledger.connection().execute(&sql, [what]).expect("a change");
            }
            let uuid = &segment.meeting.uuid;
            let mattering = ledger.find_mattering(std::iter::once(uuid)).expect("an answer");
            assert_eq!(mattering, matters.then(|| uuid.clone()).into_iter().collect::<HashSet<_>>(), "{what}");
            let known = ledger.known_since("2026-11-20".parse().expect("a day")).expect("an answer");
            let is_tracked = known.tracked.keys().any(|key| key.meeting_uuid == *uuid);
            assert_eq!(is_tracked, matters, "{what}");
            let whole = ledger.tracked("2026-11-20".parse().expect("a day")).expect("an answer");
            assert!(whole.keys().any(|key| key.meeting_uuid == *uuid), "{what}");
            assert_eq!(known.addresses.len(), 1, "the host of what matters not");
        }
        let none = ledger.find_mattering(std::iter::once(&MeetingUuid::new("unknown"))).expect("an answer");
        assert!(none.is_empty());
    }
}
