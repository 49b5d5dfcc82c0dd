//! The differences as text, JSON or CSV.

use std::fmt::Write;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json as object};

use super::Difference;
use crate::model::{EntryId, Window, one_line};
use crate::output::report::{Cell, csv_table, shorten_topic};

/// What came of holding the three against each other.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'a> {
    /// The days.
    pub window: Window,
    /// How many recordings Zoom lists of them.
    pub recordings: usize,
    /// What differs.
    pub differences: &'a [Difference],
    /// How many users or meetings could not be read at all.
    pub unread: usize,
}

/// For people.
#[must_use]
pub fn verify_text(Verified { window, recordings, differences, unread }: Verified<'_>) -> String {
    let mut text = format!("{recordings} recordings from {} to {}: ", window.from, window.to);
    if unread > 0 {
        let _ = write!(text, "{unread} parts could not be read, ");
    }
    match (differences.is_empty(), unread) {
        (true, 0) => text.push_str("Zoom, the ledger and Kaltura agree\n"),
        (true, _) => text.push_str("no difference in the rest\n"),
        (false, _) => tabulate_differences(&mut text, differences),
    }
    text
}

fn tabulate_differences(text: &mut String, differences: &[Difference]) {
    let many = if differences.len() == 1 { "" } else { "s" };
    let _ = writeln!(text, "{} difference{many}\n", differences.len());
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["difference", "recorded", "host", "topic", "entry", "found"]);
    for difference in differences {
        let segment = &difference.segment;
        table.add_row([
            difference.kind.word().to_owned(),
            segment.started.format("%Y-%m-%d %H:%M").to_string(),
            one_line(segment.meeting.host_email.as_deref().unwrap_or("?")),
            shorten_topic(&segment.meeting.topic),
            one_line(difference_entry(difference)),
            one_line(&difference.said),
        ]);
    }
    text.extend(table.lines().map(|row| row.trim().to_owned() + "\n"));
}

/// For programs.
#[must_use]
pub fn verify_json(Verified { window, recordings, differences, unread }: Verified<'_>) -> Value {
    let found: Vec<Value> = differences
        .iter()
        .map(|difference| {
            let meeting = &difference.segment.meeting;
            object!({
                "difference": difference.kind.word(),
                "meeting_uuid": meeting.uuid.as_str(),
                "meeting_id": meeting.number,
                "recording_start": &*difference.segment.recording_start,
                "topic": one_line(&meeting.topic),
                "host_email": meeting.host_email.as_deref().map(one_line),
                "entry_id": difference.entry_id.as_ref().map(EntryId::as_str),
                "said": one_line(&difference.said),
            })
        })
        .collect();
    object!({
        "window": { "from": window.from, "to": window.to },
        "recordings": recordings,
        "unread": unread,
        "differences": found,
    })
}

/// For spreadsheets: a row a difference.
pub fn verify_csv(differences: &[Difference]) -> Result<String, csv::Error> {
    let header = [
        "difference",
        "meeting_uuid",
        "meeting_id",
        "recording_start",
        "recorded",
        "topic",
        "host_email",
        "entry_id",
        "said",
    ];
    let row = |difference: &Difference| {
        let (segment, meeting) = (&difference.segment, &difference.segment.meeting);
        [
            Cell::word(difference.kind.word()),
            Cell::foreign(meeting.uuid.as_str()),
            Cell::number(meeting.number),
            Cell::foreign(&segment.recording_start),
            Cell::instant(segment.started),
            Cell::foreign(&meeting.topic),
            Cell::optional(meeting.host_email.as_deref(), Cell::foreign),
            Cell::foreign(difference_entry(difference)),
            Cell::foreign(&difference.said),
        ]
    };
    csv_table(header, differences.iter().map(row))
}

fn difference_entry(difference: &Difference) -> &str {
    difference.entry_id.as_ref().map_or("", EntryId::as_str)
}
