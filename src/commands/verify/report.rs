//! The differences as text, JSON or CSV.

use chrono_tz::Tz;
use serde_json::{Value, json};

use super::Difference;
use crate::model::{EntryId, Window, format_count, one_line};
use crate::output::document::{JsonDocument, recording_json};
use crate::output::report::{Cell, csv_table, shorten_topic};
use crate::output::table::{Fit, Screen, TextCell, TextColumn, Tone, text_table};

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

/// For people: the answer, then the table.
#[must_use]
pub fn verify_text(verified: Verified<'_>, zone: Tz, screen: Screen) -> String {
    let Verified { window, recordings, differences, unread } = verified;
    let answer = match (differences.len(), unread) {
        (0, 0) => "Zoom, the ledger and Kaltura agree".to_owned(),
        (0, _) => "no difference in what could be read".to_owned(),
        (found, _) => format_count(found, "difference"),
    };
    let unread =
        if unread > 0 { format!("; {} could not be read", format_count(unread, "part")) } else { String::new() };
    // UTC is what the days of the window are in, too
    let said = if zone == Tz::UTC { String::new() } else { format!("; all times {zone}") };
    let mut text = format!(
        "{answer}: {} from {} to {}{unread}{said}\n",
        format_count(recordings, "recording"),
        window.from,
        window.to
    );
    if !differences.is_empty() {
        let rows: Vec<_> = differences.iter().map(|difference| difference_row(difference, zone)).collect();
        text = text + "\n" + &text_table(COLUMNS, &rows, screen);
    }
    text
}

const COLUMNS: [TextColumn; 6] = [
    ("difference", Fit::Whole),
    ("recorded", Fit::Whole),
    ("host", Fit::Shortened),
    ("topic", Fit::Shortened),
    ("entry", Fit::Whole),
    ("found", Fit::Below),
];

fn difference_row(difference: &Difference, zone: Tz) -> [TextCell; COLUMNS.len()] {
    let segment = &difference.segment;
    [
        TextCell { text: difference.kind.word().to_owned(), tone: Tone::Bad },
        segment.started.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string().into(),
        one_line(segment.meeting.host_email.as_deref().unwrap_or("?")).into(),
        shorten_topic(&segment.meeting.topic).into(),
        one_line(difference_entry(difference)).into(),
        one_line(&difference.said).into(),
    ]
}

/// For programs.
#[must_use]
pub fn verify_document(Verified { window, recordings, differences, unread }: Verified<'_>) -> JsonDocument<Value> {
    let found = differences.iter().map(|difference| {
        let more = json!({ "difference": difference.kind.word(), "text": one_line(&difference.said) });
        recording_json(&difference.segment, difference.entry_id.as_ref(), more)
    });
    JsonDocument::new(json!({
        "window": { "from": window.from, "to": window.to },
        "recordings": recordings,
        "unread": unread,
        "differences": found.collect::<Vec<_>>(),
    }))
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
        "text",
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
