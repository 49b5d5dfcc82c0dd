//! Decisions: the present one on each segment, and an event for every change.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::runs::format_stamp;
use super::{Ledger, LedgerError};
use crate::model::{Action, KalturaUserId, MeetingKind, OwnerRule, Reason, Segment, masked};

/// What was decided on a segment.
#[derive(Clone, Copy, Debug)]
pub struct SegmentDecision<'a> {
    /// The segment as listed.
    pub segment: &'a Segment,
    /// What is to happen.
    pub action: Action,
    /// And why, where not plainly copied.
    pub reason: Option<Reason>,
    /// The account it goes to.
    pub owner: Option<&'a KalturaUserId>,
    /// What led to that account.
    pub rule: Option<&'a OwnerRule>,
    /// Whether that is the holding user.
    pub orphan: bool,
    /// What of it is still to be copied; `None` where Zoom does not list it just now.
    pub owed: Option<OwedWork>,
}

/// What is still to be copied of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwedWork {
    /// How many files.
    pub files: u64,
    /// How many bytes, as far as Zoom tells.
    pub bytes: u64,
}

impl Ledger {
    /// Writes down the decisions that are new or differ from the last ones. Of those that it does not take it returns the
    /// numbers.
    pub fn decide(
        &self,
        run: &str,
        decisions: &[SegmentDecision<'_>],
        at: DateTime<Utc>,
    ) -> Result<Vec<(usize, LedgerError)>, LedgerError> {
        self.change_each(decisions.len(), |change, number| decide_one(change, run, &decisions[number], at))
    }
}

fn decide_one(
    change: &Connection,
    run: &str,
    decision: &SegmentDecision<'_>,
    at: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let meeting = &decision.segment.meeting;
    let sql = "
        INSERT INTO recordings (meeting_uuid, recording_start, meeting_id, webinar, topic, meeting_start, host_id,
                                host_email, action, reason, owner, orphan, owner_rule)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        ON CONFLICT (meeting_uuid, recording_start) DO UPDATE SET
            topic = excluded.topic, host_id = excluded.host_id,
            host_email = coalesce(excluded.host_email, host_email), action = excluded.action, reason = excluded.reason,
            owner = coalesce(excluded.owner, owner),
            owner_rule = CASE WHEN excluded.owner IS NULL THEN owner_rule ELSE excluded.owner_rule END,
            orphan = CASE WHEN excluded.owner IS NULL THEN orphan ELSE excluded.orphan END
        WHERE action <> excluded.action OR reason IS NOT excluded.reason
            OR (excluded.owner IS NOT NULL AND owner IS NOT excluded.owner)
        RETURNING id";
    let row: Option<i64> = change
        .prepare_cached(sql)?
        .query_row(
            params![
                meeting.uuid.as_str(),
                decision.segment.recording_start,
                meeting.number,
                meeting.kind == MeetingKind::Webinar,
                meeting.topic,
                format_stamp(meeting.start),
                meeting.host_id.as_str(),
                meeting.host_email,
                decision.action.word(),
                decision.reason.map(Reason::word),
                decision.owner.map(KalturaUserId::as_str),
                decision.orphan,
                decision.rule.map(OwnerRule::word),
            ],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(owed) = decision.owed {
        remember_listed(change, decision.segment, owed)?;
    }
    if let Some(recording) = row {
        append_story(change, run, recording, None, decision.action.word(), decision.reason.map(Reason::word), at)?;
    }
    Ok(())
}

/// Remembers what changes without a decision: what is owed, and until when Zoom has it.
fn remember_listed(change: &Connection, segment: &Segment, owed: OwedWork) -> Result<(), LedgerError> {
    let sql = "
        UPDATE recordings SET owed_files = ?3, owed_bytes = ?4, ended = ?5, deleted_on = ?6
        WHERE meeting_uuid = ?1 AND recording_start = ?2
            AND (owed_files <> ?3 OR owed_bytes <> ?4 OR ended IS NOT ?5 OR deleted_on IS NOT ?6)";
    change.prepare_cached(sql)?.execute(params![
        segment.meeting.uuid.as_str(),
        segment.recording_start,
        owed.files.cast_signed(),
        owed.bytes.cast_signed(),
        format_stamp(segment.started + segment.lasted.unwrap_or_default()),
        segment.meeting.deleted_on.map(|day| day.to_string()),
    ])?;
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
    let detail = detail.map(masked);
    let sql = "INSERT INTO events (at, run, recording, file_id, event, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    change.prepare_cached(sql)?.execute(params![format_stamp(at), run, recording, file_id, event, detail])?;
    Ok(())
}
