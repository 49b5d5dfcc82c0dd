//! The report for programs. Texts are fit to be shown; ids are byte for byte what Zoom and Kaltura call things, as programs
//! give them back.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::Report;
use super::render::format_second;
use super::totals::{Total, Totals, count_reasons};
use crate::copying::apply::{FileResult, Line, Outcome};
use crate::model::{EntryId, KalturaUserId, OwnerRule, Reason, one_line};
use crate::output::document::JsonDocument;

#[derive(Serialize)]
struct ReportShape<'a> {
    command: &'a str,
    dry_run: bool,
    run_id: &'a str,
    window: Option<Days>,
    totals: Totals,
    reasons: BTreeMap<&'static str, Total>,
    items: ItemShapes<'a>,
}

/// Each is made when it is its turn to be written.
struct ItemShapes<'a>(&'a Outcome);

impl Serialize for ItemShapes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut items = to.serialize_seq(None)?;
        for line in self.0.all_lines() {
            items.serialize_element(&item_shape(&line))?;
        }
        items.end()
    }
}

#[derive(Serialize)]
struct Days {
    from: NaiveDate,
    to: NaiveDate,
}

#[derive(Serialize)]
struct ItemShape<'a> {
    meeting_uuid: &'a str,
    meeting_id: i64,
    topic: String,
    start: String,
    recording_start: &'a str,
    host_email: Option<String>,
    owner: Option<&'a str>,
    owner_rule: Option<&'a str>,
    action: &'a str,
    reason: Option<&'a str>,
    entry_id: Option<&'a str>,
    result: Option<&'a str>,
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    age_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed_from: Option<String>,
    files: Vec<FileShape<'a>>,
}

#[derive(Serialize)]
struct FileShape<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    file_type: &'a str,
    bytes: Option<u64>,
    entry_id: Option<&'a str>,
    action: &'a str,
    reason: Option<&'a str>,
    result: Option<&'a str>,
}

pub(super) fn report_document(report: &Report<'_>) -> JsonDocument<impl Serialize> {
    let outcome = report.outcome;
    JsonDocument::new(ReportShape {
        command: report.command,
        dry_run: report.dry_run,
        run_id: report.run_id,
        window: outcome.window.map(|window| Days { from: window.from, to: window.to }),
        totals: Totals::of(outcome),
        reasons: count_reasons(outcome),
        items: ItemShapes(outcome),
    })
}

fn item_shape(line: &Line) -> ItemShape<'_> {
    let item = &line.item;
    let meeting = &item.segment.meeting;
    let files = item.files.iter().zip(&line.files).map(|(file, outlook)| FileShape {
        id: file.file.id.as_str(),
        file_type: &file.file.file_type,
        bytes: file.file.bytes,
        entry_id: file.entry_id.as_ref().map(EntryId::as_str),
        action: file.action.word(),
        reason: file.reason.map(Reason::word),
        result: outlook.map(FileResult::word),
    });
    ItemShape {
        meeting_uuid: meeting.uuid.as_str(),
        meeting_id: meeting.number,
        topic: one_line(&meeting.topic),
        start: format_second(meeting.start),
        recording_start: &item.segment.recording_start,
        host_email: meeting.host_email.as_deref().map(one_line),
        owner: item.owner.as_ref().map(KalturaUserId::as_str),
        owner_rule: item.rule.as_ref().map(OwnerRule::word),
        action: item.action.word(),
        reason: item.reason.map(Reason::word),
        entry_id: item.entry_id.as_ref().map(EntryId::as_str),
        result: line.worst_result().map(FileResult::word),
        error: line.error.as_deref().or(item.detail.as_deref()).map(one_line),
        age_seconds: item.age.map(|age| age.num_seconds()),
        renamed_from: item.renamed_from.as_deref().map(one_line),
        files: files.collect(),
    }
}
