//! The findings as text, JSON or CSV.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{RetentionFinding, RetentionLimits, Why};
use crate::model::{EntryId, format_count, one_line};
use crate::output::document::JsonDocument;
use crate::output::report::{Cell, csv_table, format_second, shorten_topic};
use crate::output::table::{Fit, Screen, TextCell, TextColumn, text_table};

/// For people: the answer, then the table.
#[must_use]
pub fn retention_text(
    recordings: usize,
    limits: RetentionLimits,
    findings: &[RetentionFinding],
    screen: Screen,
) -> String {
    let mut text = format!("{} of {} to look at\n", findings.len(), format_count(recordings, "recording"));
    for why in Why::ALL {
        let _ = writeln!(text, "{:>6} {:<11} {}", count_findings(findings, why), why.word(), why_meaning(why, limits));
    }
    if !findings.is_empty() {
        let rows: Vec<_> = findings.iter().map(finding_row).collect();
        text = text + "\n" + &text_table(COLUMNS, &rows, screen);
    }
    text
}

const COLUMNS: [TextColumn; 8] = [
    ("reason", Fit::Whole),
    ("made", Fit::Whole),
    ("last played", Fit::Whole),
    ("plays", Fit::Number),
    ("owner", Fit::Shortened),
    ("name", Fit::Shortened),
    ("entry", Fit::Below),
    ("children", Fit::Number),
];

fn finding_row(finding: &RetentionFinding) -> [TextCell; COLUMNS.len()] {
    [
        why_words(finding).into(),
        format_day(finding.entry.created).into(),
        finding.last_played.map(format_day).unwrap_or_default().into(),
        finding.plays.to_string().into(),
        one_line(&finding.entry.owner).into(),
        shorten_topic(&finding.entry.name).into(),
        one_line(finding.entry.id.as_str()).into(),
        finding.children.len().to_string().into(),
    ]
}

/// For programs.
#[must_use]
pub fn retention_document(
    recordings: usize,
    limits: RetentionLimits,
    findings: &[RetentionFinding],
) -> JsonDocument<Value> {
    let items: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let entry = &finding.entry;
            json!({
                "entry_id": entry.id.as_str(),
                "child_entry_ids": finding.children.iter().map(EntryId::as_str).collect::<Vec<_>>(),
                "name": one_line(&entry.name),
                "owner": (!entry.owner.is_empty()).then_some(&entry.owner),
                "created": format_second(entry.created),
                "last_played": finding.last_played.map(format_second),
                "plays": finding.plays,
                "reasons": finding.why.iter().map(|why| why.word()).collect::<Vec<_>>(),
            })
        })
        .collect();
    let reasons: Map<String, Value> =
        Why::ALL.into_iter().map(|why| (why.word().to_owned(), count_findings(findings, why).into())).collect();
    JsonDocument::new(json!({
        "recordings": recordings,
        "not_played_since": format_second(limits.played_since),
        "made_before": format_second(limits.made_since),
        "reasons": reasons,
        "items": items,
    }))
}

/// For spreadsheets: a row a recording.
pub fn retention_csv(findings: &[RetentionFinding]) -> Result<String, csv::Error> {
    let header = ["entry_id", "reasons", "created", "last_played", "plays", "owner", "name", "child_entry_ids"];
    let row = |finding: &RetentionFinding| {
        let entry = &finding.entry;
        [
            Cell::foreign(entry.id.as_str()),
            Cell::list(finding.why.iter().map(|why| why.word())),
            Cell::instant(entry.created),
            Cell::optional(finding.last_played, Cell::instant),
            Cell::number(finding.plays),
            Cell::foreign(&entry.owner),
            Cell::foreign(&entry.name),
            Cell::list(&finding.children),
        ]
    };
    csv_table(header, findings.iter().map(row))
}

fn count_findings(findings: &[RetentionFinding], why: Why) -> usize {
    findings.iter().filter(|finding| finding.why.contains(&why)).count()
}

fn why_meaning(why: Why, limits: RetentionLimits) -> String {
    match why {
        Why::NotPlayed => format!("nobody has played it since {}", format_day(limits.played_since)),
        Why::Old => format!("made before {}", format_day(limits.made_since)),
        Why::OwnerGone => "Kaltura no longer knows its owner, or it has none".to_owned(),
    }
}

fn why_words(finding: &RetentionFinding) -> String {
    finding.why.iter().map(|why| why.word()).collect::<Vec<_>>().join(" ")
}

fn format_day(time: DateTime<Utc>) -> String {
    time.date_naive().to_string()
}
