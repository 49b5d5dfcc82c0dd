//! The findings as text, JSON or CSV.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::rules::{CaptionFinding, CaptionLack, count_lacks, group_findings};
use crate::model::{format_count, one_line};
use crate::output::document::JsonDocument;
use crate::output::report::{Cell, csv_table, format_second};
use crate::output::table::{Fit, Screen, TextCell, TextColumn, text_table};

/// For people: the answer, then a line for each host and month.
pub(super) fn captions_text(recordings: usize, findings: &[CaptionFinding], screen: Screen) -> String {
    let mut text = format!("{} of {} to look at\n", findings.len(), format_count(recordings, "recording"));
    for (lack, count) in CaptionLack::ALL.into_iter().zip(count_lacks(findings)) {
        let _ = writeln!(text, "{count:>6} {:<12} {}", lack.word(), lack_meaning(lack));
    }
    if !findings.is_empty() {
        let row = |((owner, month), (recordings, lacking)): ((&str, &str), (usize, [usize; 3]))| -> [TextCell; COLUMNS.len()] {
            let [none, machine_made, unreadable] = lacking.map(|count| count.to_string());
            let owner = if owner.is_empty() { "(nobody)".to_owned() } else { one_line(owner) };
            [
                owner.into(),
                month.to_owned().into(),
                recordings.to_string().into(),
                none.into(),
                machine_made.into(),
                unreadable.into(),
            ]
        };
        let rows: Vec<_> = group_findings(findings).into_iter().map(row).collect();
        text = text + "\n" + &text_table(COLUMNS, &rows, screen);
    }
    text
}

const COLUMNS: [TextColumn; 6] = [
    ("owner", Fit::Shortened),
    ("month", Fit::Whole),
    ("recordings", Fit::Number),
    ("no captions", Fit::Number),
    ("machine-made", Fit::Number),
    ("unreadable", Fit::Number),
];

/// For programs.
pub(super) fn captions_document(recordings: usize, findings: &[CaptionFinding]) -> JsonDocument<Value> {
    let owner_of = |owner: &str| (!owner.is_empty()).then(|| owner.to_owned());
    let item = |finding: &CaptionFinding| {
        let entry = &finding.entry;
        json!({
            "entry_id": entry.id.as_str(),
            "name": one_line(&entry.name),
            "owner": owner_of(&entry.owner),
            "created": format_second(entry.created),
            "month": finding.month,
            "reasons": finding.lacks.iter().map(|lack| lack.word()).collect::<Vec<_>>(),
        })
    };
    let counts = |lacking: [usize; 3]| -> Map<String, Value> {
        CaptionLack::ALL.into_iter().zip(lacking).map(|(lack, count)| (lack.word().to_owned(), count.into())).collect()
    };
    let groups = group_findings(findings).into_iter().map(|((owner, month), (recordings, lacking))| {
        json!({
            "owner": owner_of(owner), "month": month, "recordings": recordings, "reasons": counts(lacking),
        })
    });
    JsonDocument::new(json!({
        "recordings": recordings,
        "reasons": counts(count_lacks(findings)),
        "groups": groups.collect::<Vec<_>>(),
        "items": findings.iter().map(item).collect::<Vec<_>>(),
    }))
}

/// For spreadsheets: a row a recording.
pub(super) fn captions_csv(findings: &[CaptionFinding]) -> Result<String, csv::Error> {
    let header = ["entry_id", "reasons", "owner", "month", "created", "name"];
    let row = |finding: &CaptionFinding| {
        let entry = &finding.entry;
        [
            Cell::foreign(entry.id.as_str()),
            Cell::list(finding.lacks.iter().map(|lack| lack.word())),
            Cell::foreign(&entry.owner),
            Cell::foreign(&finding.month),
            Cell::instant(entry.created),
            Cell::foreign(&entry.name),
        ]
    };
    csv_table(header, findings.iter().map(row))
}

fn lack_meaning(lack: CaptionLack) -> &'static str {
    match lack {
        CaptionLack::NoCaptions => "viewers find no captions",
        CaptionLack::MachineMade => "only transcripts by Zoom",
        CaptionLack::Unreadable => "captions that Kaltura could not read",
    }
}
