//! How things stand, for programs.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::summary::status_summary;
use super::{Alarm, Site, Status, Waiting};
use crate::model::{CaptionSurvey, Orphan, Reason, one_line};
use crate::output::document::{JsonDocument, recording_json};
use crate::output::report::format_second;

/// The whole of it.
#[must_use]
pub fn status_document(status: &Status, alarms: &[Alarm], site: &Site) -> JsonDocument<Value> {
    let run = |run: Option<(DateTime<Utc>, Option<i64>)>| {
        run.map(|(began, code)| json!({ "began": format_second(began), "exit_code": code }))
    };
    let (files, bytes) = status.sums();
    let backlog = |is_it: fn(&&Waiting) -> bool| -> Vec<Value> {
        status.backlog.iter().filter(is_it).map(waiting_json).collect()
    };
    let everything = status.backlog.iter().chain(&status.given_up);
    let at_risk: Vec<Value> = everything.filter(|waiting| waiting.at_risk).map(waiting_json).collect();
    JsonDocument::new(json!({
        "at": format_second(status.now),
        "account": one_line(&site.name),
        "summary": status_summary(status, alarms),
        "copying_begins": status.begins.map(format_second),
        "ledger_upgrade": status.upgrade.map(|(from, to)| json!({ "from": from, "to": to })),
        "last_listing": status.last_listing.map(format_second),
        "checkpoint": status.checkpoint.map(|day| day.to_string()),
        "last_sync": run(status.last_sync),
        "last_purge": run(status.last_purge),
        "backlog": {
            "recordings": status.backlog.len(),
            "files": files,
            "bytes": bytes,
            "oldest": status.backlog.first().map(|oldest| format_second(oldest.pending.segment.started)),
            "reasons": status.reasons,
        },
        "failed": backlog(|waiting| waiting.failed()),
        "late": backlog(|waiting| waiting.late.is_some()),
        "needs_person": backlog(|waiting| waiting.needs_people()),
        "at_risk": at_risk,
        "lost": status.lost.iter().map(waiting_json).collect::<Vec<_>>(),
        "captions": status.captions.map(captions_json),
        "texts_left_out": status.texts_left_out,
        "given_up": status.given_up.iter().map(waiting_json).collect::<Vec<_>>(),
        "orphans": status.orphans.iter().map(|(orphan, goes)| orphan_json(orphan, *goes)).collect::<Vec<_>>(),
        "other_installations": status.others.iter().map(|other| json!({
            "id": other.id.as_str(),
            "entry_id": other.entry.as_str(),
            "last": format_second(other.last),
            "open_uploads": other.open,
        })).collect::<Vec<_>>(),
        "alarms": alarms.iter().map(ToString::to_string).collect::<Vec<_>>(),
    }))
}

fn captions_json(survey: CaptionSurvey) -> Value {
    let reasons = survey.lacks().map(|(word, count)| (word.to_owned(), Value::from(count)));
    json!({
        "counted": format_second(survey.counted),
        "recordings": survey.recordings,
        "reasons": Map::from_iter(reasons),
    })
}

fn orphan_json(orphan: &Orphan, goes: DateTime<Utc>) -> Value {
    let more = json!({
        "deleted_after": orphan.kept.is_none().then(|| format_second(goes)),
        "kept": orphan.kept.map(Reason::word),
    });
    recording_json(&orphan.segment, orphan.copy.entry_id.as_ref(), more)
}

fn waiting_json(waiting: &Waiting) -> Value {
    let pending = &waiting.pending;
    let more = json!({
        "action": pending.action.word(),
        "reason": waiting.reason().map(Reason::word),
        "copyable_since": pending.copyable.map(format_second),
        "in_kaltura_since": pending.with_kaltura.map(format_second),
        "error": pending.error.as_deref().map(one_line),
        "next_try": pending.next_try.map(format_second),
        "zoom_deletes": format_second(waiting.deleted),
    });
    recording_json(&pending.segment, pending.entry_id.as_ref(), more)
}
