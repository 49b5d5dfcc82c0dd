//! Events, as a webhook and a command get them: one JSON object each.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::alerts::AlertState;
use crate::copying::apply::{FileResult, Line, Outcome};
use crate::ledger::News;
use crate::model::{Action, Orphan, Reason, format_count, one_line};
use crate::output::document::{JsonDocument, add_members, recording_json};
use crate::output::entry_terms::EntryTerms;
use crate::output::report::format_second;
use crate::output::status::{Alarm, Status, Waiting, resolved_text};

/// More recordings than this are counted only.
const MOST: usize = 50;

/// Alarms that are news, each with what is news about it; one that is over with what that means.
pub(super) fn alert_event(
    run: &str,
    news: &[(&str, AlertState, Option<Alarm>)],
    status: &Status,
    now: DateTime<Utc>,
) -> JsonDocument<Value> {
    let alarms = news.iter().map(|(word, turn, alarm)| {
        let items: Vec<Value> = alarm.map_or_else(Vec::new, |alarm| {
            let waiting = alarm.recordings(status).into_iter().map(waiting_event);
            waiting.chain(alarm.orphans(status).into_iter().map(orphan_event)).collect()
        });
        let first = &items[..items.len().min(MOST)];
        json!({
            "alarm": word,
            "state": turn.word(),
            "text": alarm.map_or_else(|| resolved_text(word, status), |alarm| alarm.to_string()),
            "count": items.len(),
            "items": first,
            // as it was called first
            "recordings": first,
        })
    });
    let words: Vec<String> = news
        .iter()
        .map(|(word, _, alarm)| alarm.map_or_else(|| resolved_text(word, status), |alarm| alarm.to_string()))
        .collect();
    let own = json!({ "alarms": alarms.collect::<Vec<_>>() });
    event_document("alert", &format!("alert-{run}"), &words.join("; "), run, now, own)
}

/// What a purge did; `None` where that is nothing.
pub(super) fn purge_event(run: &str, outcome: &Outcome, now: DateTime<Utc>) -> Option<JsonDocument<Value>> {
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
    let items: Vec<Value> = told.iter().take(MOST).map(|line| line_event(line)).collect();
    let own = json!({
        "deleted": deleted,
        "handed_over": adopted,
        "failed": failures,
        "items": items,
        // as it was called first
        "recordings": items,
    });
    Some(event_document("purge", &format!("purge-{run}"), &text, run, now, own))
}

/// One recording, for its host.
pub(super) fn host_event(run: &str, news: &News, terms: EntryTerms<'_>, now: DateTime<Utc>) -> JsonDocument<Value> {
    let topic = one_line(&news.segment.meeting.topic);
    let until = news.confirmed.filter(|_| news.what == "held").map(|confirmed| terms.kept_until(confirmed));
    let text = match until {
        Some(until) => {
            format!("{topic:?} is kept for its host, who has no Kaltura account, until {}", format_second(until))
        }
        None => format!("{topic:?} is in its host's My Media"),
    };
    let own = json!({
        "state": news.what,
        "happened": format_second(news.at),
        "recording": recording_json(&news.segment, news.entry_id.as_ref(), Value::Null),
        "owner": news.owner,
        "link": news.entry_id.as_ref().and_then(|entry| terms.link_to(entry)),
        "deleted_after": until.map(format_second),
    });
    event_document("recording", &format!("recording-{}", news.id), &text, run, now, own)
}

/// What all kinds have, and `own` of this kind.
fn event_document(kind: &str, id: &str, text: &str, run: &str, now: DateTime<Utc>, own: Value) -> JsonDocument<Value> {
    let event = json!({ "event": kind, "id": id, "at": format_second(now), "run_id": run, "text": text });
    JsonDocument::new(add_members(event, own))
}

fn line_event(line: &Line) -> Value {
    let more = json!({
        "action": line.item.action.word(),
        "result": line.worst_result().map(FileResult::word),
        "reason": line.item.reason.map(Reason::word),
        "error": line.error.as_deref().map(one_line),
    });
    recording_json(&line.item.segment, line.item.entry_id.as_ref(), more)
}

fn waiting_event(waiting: &Waiting) -> Value {
    let more = json!({
        "reason": waiting.reason().map(Reason::word),
        "error": waiting.pending.error.as_deref().map(one_line),
        "zoom_deletes": format_second(waiting.deleted),
    });
    recording_json(&waiting.pending.segment, waiting.pending.entry_id.as_ref(), more)
}

fn orphan_event(orphan: &Orphan) -> Value {
    recording_json(&orphan.segment, orphan.copy.entry_id.as_ref(), Value::Null)
}
