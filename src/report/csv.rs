//! The report for spreadsheets: a row a file, and one for a recording without any.

use csv::Writer;

use super::Report;
use crate::apply::{Line, Outlook};
use crate::model::{EntryId, KalturaUserId, OwnerRule, Reason, one_line};
use crate::plan::FilePlan;

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

pub(super) fn render(report: &Report<'_>) -> Result<String, csv::Error> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for line in &report.outcome.lines {
        if line.item.files.is_empty() {
            writer.write_record(row(line, None, None, report.run_id))?;
        }
        for (file, outlook) in line.item.files.iter().zip(&line.files) {
            writer.write_record(row(line, Some(file), *outlook, report.run_id))?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn row(line: &Line, file: Option<&FilePlan>, outlook: Option<Outlook>, run_id: &str) -> [String; HEADER.len()] {
    let item = &line.item;
    let meeting = &item.segment.meeting;
    let of_file = |text: fn(&FilePlan) -> String| file.map(text).unwrap_or_default();
    [
        meeting.uuid.as_str().to_owned(),
        meeting.number.to_string(),
        meeting.topic.clone(),
        meeting.start.to_rfc3339(),
        item.segment.recording_start.to_string(),
        meeting.host_email.clone().unwrap_or_default(),
        item.owner.as_ref().map_or("", KalturaUserId::as_str).to_owned(),
        item.rule.as_ref().map_or("", OwnerRule::word).to_owned(),
        item.action.word().to_owned(),
        item.reason.map_or("", Reason::word).to_owned(),
        item.entry_id.as_ref().map_or("", EntryId::as_str).to_owned(),
        line.outlook().map_or("", Outlook::word).to_owned(),
        line.error.clone().or_else(|| item.detail.clone()).unwrap_or_default(),
        item.age.map(|age| age.num_seconds().to_string()).unwrap_or_default(),
        of_file(|file| file.file.id.as_str().to_owned()),
        of_file(|file| file.file.file_type.to_string()),
        of_file(|file| file.file.bytes.map(|bytes| bytes.to_string()).unwrap_or_default()),
        of_file(|file| file.action.word().to_owned()),
        of_file(|file| file.reason.map_or("", Reason::word).to_owned()),
        of_file(|file| file.entry_id.as_ref().map_or("", EntryId::as_str).to_owned()),
        outlook.map_or("", Outlook::word).to_owned(),
        run_id.to_owned(),
    ]
    .map(|text| harmless(&text))
}

/// Foreign text that a spreadsheet would take for a formula is kept from it by an apostrophe.
#[must_use]
pub fn harmless(text: &str) -> String {
    let text = one_line(text);
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_topic_that_is_a_formula_is_no_formula_in_a_spreadsheet() {
        assert_eq!(harmless("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(harmless("Optics"), "Optics");
    }
}
