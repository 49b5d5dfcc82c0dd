//! The findings as text, JSON or CSV.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Map, Value, json as object};

use super::{RetentionFinding, RetentionLimits, Why};
use crate::model::{EntryId, one_line};
use crate::output::report::{Cell, csv_table, format_second, shorten_topic};

/// For people.
#[must_use]
pub fn retention_text(recordings: usize, limits: RetentionLimits, findings: &[RetentionFinding]) -> String {
    let mut text = format!("{recordings} recordings made by zoom2kaltura, {} to look at\n", findings.len());
    for why in Why::ALL {
        let _ = writeln!(text, "{:>6} {:<11} {}", count_findings(findings, why), why.word(), why_meaning(why, limits));
    }
    if findings.is_empty() {
        return text;
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["reason", "made", "last played", "plays", "owner", "name", "entry", "children"]);
    for finding in findings {
        table.add_row([
            why_words(finding),
            format_day(finding.entry.created),
            finding.last_played.map(format_day).unwrap_or_default(),
            finding.plays.to_string(),
            one_line(&finding.entry.owner),
            shorten_topic(&finding.entry.name),
            one_line(finding.entry.id.as_str()),
            finding.children.len().to_string(),
        ]);
    }
    text.push('\n');
    text.extend(table.lines().map(|row| row.trim().to_owned() + "\n"));
    text
}

/// For programs.
#[must_use]
pub fn retention_json(recordings: usize, limits: RetentionLimits, findings: &[RetentionFinding]) -> Value {
    let items: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let entry = &finding.entry;
            object!({
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
    object!({
        "recordings": recordings,
        "not_played_since": format_second(limits.played_since),
        "made_before": format_second(limits.made_since),
        "reasons": reasons,
        "items": items,
    })
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
        Why::OwnerGone => "Kaltura does not know its owner any more, or it has none".to_owned(),
    }
}

fn why_words(finding: &RetentionFinding) -> String {
    finding.why.iter().map(|why| why.word()).collect::<Vec<_>>().join(" ")
}

fn format_day(time: DateTime<Utc>) -> String {
    time.date_naive().to_string()
}
