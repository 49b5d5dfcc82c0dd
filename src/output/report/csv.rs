//! The report for spreadsheets: a row a file, and one for a recording without any.

use super::Report;
use super::render::{Cell, csv_table};
use crate::copying::apply::{FileResult, Line};
use crate::copying::plan::FilePlan;
use crate::model::Reason;

const HEADER: [&str; 22] = [
    "meeting_uuid",
    "meeting_id",
    "topic",
    "start",
    "recording_start",
    "host_email",
    "owner",
    "owner_rule",
    "action",
    "reason",
    "entry_id",
    "result",
    "error",
    "age_seconds",
    "file_id",
    "file_type",
    "file_bytes",
    "file_action",
    "file_reason",
    "file_entry_id",
    "file_result",
    "run_id",
];

pub(super) fn render_csv(report: &Report<'_>) -> Result<String, csv::Error> {
    let rows = report.outcome.all_lines().flat_map(|line| {
        let of_none = line.item.files.is_empty().then(|| csv_row(&line, None, None, report.run_id));
        let files = line.item.files.iter().zip(&line.files);
        let rows = files.map(|(file, outlook)| csv_row(&line, Some(file), *outlook, report.run_id));
        of_none.into_iter().chain(rows).collect::<Vec<_>>()
    });
    csv_table(HEADER, rows)
}

fn csv_row(line: &Line, file: Option<&FilePlan>, outlook: Option<FileResult>, run_id: &str) -> [Cell; HEADER.len()] {
    let item = &line.item;
    let meeting = &item.segment.meeting;
    let of_file = |cell: fn(&FilePlan) -> Cell| Cell::optional(file, cell);
    [
        Cell::foreign(meeting.uuid.as_str()),
        Cell::number(meeting.number),
        Cell::foreign(&meeting.topic),
        Cell::foreign(&meeting.start.to_rfc3339()),
        Cell::foreign(&item.segment.recording_start),
        Cell::optional(meeting.host_email.as_deref(), Cell::foreign),
        Cell::optional(item.owner.as_ref(), |owner| Cell::foreign(owner.as_str())),
        Cell::optional(item.rule.as_ref(), |rule| Cell::foreign(rule.word())),
        Cell::word(item.action.word()),
        reason_cell(item.reason),
        Cell::optional(item.entry_id.as_ref(), |entry| Cell::foreign(entry.as_str())),
        Cell::optional(line.worst_result(), |outlook| Cell::word(outlook.word())),
        Cell::optional(line.error.as_deref().or(item.detail.as_deref()), Cell::foreign),
        Cell::optional(item.age, |age| Cell::number(age.num_seconds())),
        of_file(|file| Cell::foreign(file.file.id.as_str())),
        of_file(|file| Cell::foreign(&file.file.file_type)),
        of_file(|file| Cell::optional(file.file.bytes, Cell::number)),
        of_file(|file| Cell::word(file.action.word())),
        of_file(|file| reason_cell(file.reason)),
        of_file(|file| Cell::optional(file.entry_id.as_ref(), |entry| Cell::foreign(entry.as_str()))),
        Cell::optional(outlook, |outlook| Cell::word(outlook.word())),
        Cell::foreign(run_id),
    ]
}

fn reason_cell(reason: Option<Reason>) -> Cell {
    Cell::optional(reason, |reason| Cell::word(reason.word()))
}
