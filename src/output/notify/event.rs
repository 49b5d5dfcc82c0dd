//! Events, as a webhook and a command get them: one JSON object each, of the form that the README describes. A change
//! that breaks readers changes `VERSION`.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::alerts::AlertState;
use crate::copying::apply::{FileResult, Line, Outcome};
use crate::ledger::News;
use crate::model::{Action, EntryId, Orphan, Reason, Segment, format_count, one_line};
use crate::output::entry_terms::EntryTerms;
use crate::output::report::format_second;
use crate::output::status::{Alarm, Status, Waiting, resolved_text};

const VERSION: u32 = 1;
/// More recordings than this are counted only.
const MOST: usize = 50;

/// Alarms that are news, each with what is news about it; one that is over with what that means.
pub(super) fn alert_event(
    run: &str,
    news: &[(&str, AlertState, Option<Alarm>)],
    status: &Status,
    now: DateTime<Utc>,
) -> Value {
    let alarms = news.iter().map(|(word, turn, alarm)| {
        let recordings: Vec<Value> = alarm.map_or_else(Vec::new, |alarm| {
            let waiting = alarm.recordings(status).into_iter().map(waiting_event);
            waiting.chain(alarm.orphans(status).into_iter().map(orphan_json)).collect()
        });
        json!({
            "alarm": word,
            "state": turn.word(),
            "text": alarm.map_or_else(|| resolved_text(word, status), |alarm| alarm.to_string()),
            "count": recordings.len(),
            "recordings": &recordings[..recordings.len().min(MOST)],
        })
    });
    let words: Vec<String> = news
        .iter()
        .map(|(word, _, alarm)| alarm.map_or_else(|| resolved_text(word, status), |alarm| alarm.to_string()))
        .collect();
    let mut event = make_event("alert", &format!("alert-{run}"), &words.join("; "), run, now);
    event["alarms"] = alarms.collect();
    event
}

/// What a purge did; `None` where that is nothing.
pub(super) fn purge_event(run: &str, outcome: &Outcome, now: DateTime<Utc>) -> Option<Value> {
    let told: Vec<&Line> = outcome.lines.iter().filter(|line| line.worst_result().is_some()).collect();
    if told.is_empty() {
        return None;
    }
    let failed = |line: &Line| line.worst_result() == Some(FileResult::Failed);
    let count = |action| told.iter().filter(|line| !failed(line) && line.item.action == action).count();
    let (deleted, adopted) = (count(Action::Delete), count(Action::Adopt));
    let failures = told.iter().filter(|line| failed(line)).count();
    let text =
        format!("purge: {} deleted, {adopted} handed over, {failures} failed", format_count(deleted, "orphaned copy"));
    let mut event = make_event("purge", &format!("purge-{run}"), &text, run, now);
    (event["deleted"], event["handed_over"], event["failed"]) = (deleted.into(), adopted.into(), failures.into());
    let recordings = told.iter().take(MOST).map(|line| {
        let mut recording = recording_json(&line.item.segment, line.item.entry_id.as_ref());
        recording["action"] = line.item.action.word().into();
        recording["result"] = line.worst_result().map(FileResult::word).into();
        recording["reason"] = line.item.reason.map(Reason::word).into();
        recording["error"] = line.error.as_deref().map(one_line).into();
        recording
    });
    event["recordings"] = recordings.collect();
    Some(event)
}

/// One recording, for its host.
pub(super) fn host_event(run: &str, news: &News, terms: EntryTerms<'_>, now: DateTime<Utc>) -> Value {
    let topic = one_line(&news.segment.meeting.topic);
    let until = news.confirmed.filter(|_| news.what == "held").map(|confirmed| terms.kept_until(confirmed));
    let text = match until {
        Some(until) => {
            format!("{topic:?} is kept for its host, who has no Kaltura account, until {}", format_second(until))
        }
        None => format!("{topic:?} is in its host's My Media"),
    };
    let mut event = make_event("recording", &format!("recording-{}", news.id), &text, run, now);
    event["state"] = news.what.as_str().into();
    event["happened"] = format_second(news.at).into();
    event["recording"] = recording_json(&news.segment, news.entry_id.as_ref());
    event["owner"] = news.owner.as_deref().into();
    event["link"] = news.entry_id.as_ref().and_then(|entry| terms.link_to(entry)).into();
    event["deleted_after"] = until.map(format_second).into();
    event
}

fn make_event(kind: &str, id: &str, text: &str, run: &str, now: DateTime<Utc>) -> Value {
    json!({ "version": VERSION, "event": kind, "id": id, "at": format_second(now), "run_id": run, "text": text })
}

fn recording_json(segment: &Segment, entry_id: Option<&EntryId>) -> Value {
    let meeting = &segment.meeting;
    json!({
        "meeting_uuid": meeting.uuid.as_str(),
        "meeting_id": meeting.number,
        "topic": one_line(&meeting.topic),
        "recording_start": &*segment.recording_start,
        "host_email": meeting.host_email.as_deref().map(one_line),
        "entry_id": entry_id.map(EntryId::as_str),
    })
}

fn waiting_event(waiting: &Waiting) -> Value {
    let mut recording = recording_json(&waiting.pending.segment, waiting.pending.entry_id.as_ref());
    recording["reason"] = waiting.reason().map(Reason::word).into();
    recording["error"] = waiting.pending.error.as_deref().map(one_line).into();
    recording["zoom_deletes"] = format_second(waiting.deleted).into();
    recording
}

fn orphan_json(orphan: &Orphan) -> Value {
    recording_json(&orphan.segment, orphan.copy.entry_id.as_ref())
}
