//! The report for people: a line for every recording on which something is to be done or known, then the sums.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::TimeDelta;
use comfy_table::{ContentArrangement, Table, presets};

use super::Report;
use super::render::{format_size, shorten_topic};
use super::totals::{HEADINGS, Totals, reasons_of_recordings};
use crate::copying::apply::{FileResult, Line};
use crate::copying::plan::{Item, Step};
use crate::model::{Action, EntryId, KalturaUserId, Reason, Role, one_line};

/// At 100 Mbit/s.
const BYTES_A_MINUTE: u64 = 750_000_000;

pub(super) fn render_text(report: &Report<'_>) -> String {
    let outcome = report.outcome;
    let rehearsal = if report.dry_run { ", dry run: nothing was changed" } else { "" };
    let window = outcome.window.map(|window| format!(" of recordings from {} to {}", window.from, window.to));
    let mut text = format!("{}{} (run {}{rehearsal})\n", report.command, window.unwrap_or_default(), report.run_id);
    let shown: Vec<&Line> = outcome.lines.iter().filter(|line| is_news(line)).collect();
    if !shown.is_empty() {
        text.push('\n');
        text.push_str(&text_table(&shown));
    }
    text.push('\n');
    for line in shown.iter().filter(|line| line.error.is_some() || line.item.detail.is_some()) {
        let why = one_line(line.error.as_deref().or(line.item.detail.as_deref()).unwrap_or_default());
        let segment = &line.item.segment;
        let _ = writeln!(text, "{} ({}): {why}", shorten_topic(&segment.meeting.topic), segment.recording_start);
    }
    text.push_str(&sum_up(report));
    if report.dry_run {
        text.push_str(&estimate_time(report));
    }
    text
}

/// What earlier runs had settled is counted, not shown.
fn is_news(line: &Line) -> bool {
    line.item.action != Action::Done || line.worst_result().is_some() || line.item.reason.is_some()
}

const COLUMNS: [&str; 10] =
    ["action", "result", "recorded", "age", "host", "size", "topic", "beside it", "entry", "reason"];

/// The columns that hold anything.
fn text_table(lines: &[&Line]) -> String {
    let rows: Vec<_> = lines.iter().map(|line| text_row(line)).collect();
    let used = |column: &usize| rows.iter().any(|row| !row[*column].is_empty());
    let used: Vec<usize> = (0..COLUMNS.len()).filter(used).collect();
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(used.iter().map(|column| COLUMNS[*column]));
    for row in &rows {
        table.add_row(used.iter().map(|column| &row[*column]));
    }
    table.lines().map(|row| row.trim().to_owned() + "\n").collect()
}

fn text_row(line: &Line) -> [String; COLUMNS.len()] {
    let item = &line.item;
    let main = item.main.and_then(|number| item.files.get(number));
    [
        item.action.word().to_owned(),
        line.worst_result().map_or("", FileResult::word).to_owned(),
        item.segment.started.format("%Y-%m-%d %H:%M").to_string(),
        item.age.map(format_age).unwrap_or_default(),
        list_people(line),
        main.and_then(|file| file.file.bytes).map(format_size).unwrap_or_default(),
        shorten_topic(&item.segment.meeting.topic),
        list_beside(item),
        one_line(item.entry_id.as_ref().map_or("", EntryId::as_str)),
        item.reason.map_or("", Reason::word).to_owned(),
    ]
}

/// What is copied beside the file that stands for the recording.
fn list_beside(item: &Item) -> String {
    let count = |wanted| item.files.iter().filter(|file| file.step == Step::Copy(wanted)).count();
    let said = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(one.to_owned()),
        _ => Some(format!("{count} × {one}")),
    };
    let parts = [
        said(count(Role::Child), "view"),
        said(count(Role::Caption), "captions"),
        said(count(Role::Attachment), "chat"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" + ")
}

/// The host, and the account that has or gets the copy where it goes by another name, with what led to it.
fn list_people(line: &Line) -> String {
    let host = one_line(line.item.segment.meeting.host_email.as_deref().unwrap_or("?"));
    let owner = one_line(line.item.owner.as_ref().map_or("", KalturaUserId::as_str));
    if owner.is_empty() || owner.eq_ignore_ascii_case(&host) {
        return host;
    }
    match &line.item.rule {
        Some(rule) => format!("{host} → {owner} (by {})", one_line(rule.word())),
        None => format!("{host} → {owner}"),
    }
}

fn sum_up(report: &Report<'_>) -> String {
    let totals = Totals::of(&report.outcome.lines);
    let mut text = String::new();
    let rows: Vec<_> = totals.in_order().filter(|(_, total)| total.recordings + total.files > 0).collect();
    if rows.is_empty() {
        return "nothing\n".to_owned();
    }
    let _ = writeln!(text, "{:<15} {:>10} {:>8} {:>10}", "", "recordings", "files", "bytes");
    for (heading, total) in rows {
        let bytes = format_size(total.bytes);
        let _ = writeln!(text, "{heading:<15} {:>10} {:>8} {bytes:>10}", total.recordings, total.files);
    }
    let why = HEADINGS.map(|heading| (heading, reasons_of_recordings(&report.outcome.lines, heading)));
    for (subject, counts) in why.into_iter().chain([("beside the recordings' main files", count_other_files(report))]) {
        if !counts.is_empty() {
            let _ = writeln!(text, "{subject}: {}", outcome_in_words(&counts));
        }
    }
    text
}

/// The most frequent first.
fn outcome_in_words(counts: &BTreeMap<&str, usize>) -> String {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(**count));
    counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// How long the copying would take, roughly.
fn estimate_time(report: &Report<'_>) -> String {
    let totals = Totals::of(&report.outcome.lines);
    let bytes = totals.copy.bytes.saturating_add(totals.copy_as_orphan.bytes);
    let minutes = bytes / BYTES_A_MINUTE;
    match (bytes, minutes) {
        (0, _) => String::new(),
        (_, 0) => format!("{} to copy: less than a minute at 100 Mbit/s\n", format_size(bytes)),
        (_, 1..120) => format!("{} to copy: about {minutes} minutes at 100 Mbit/s\n", format_size(bytes)),
        _ => format!("{} to copy: about {} hours at 100 Mbit/s\n", format_size(bytes), minutes / 60),
    }
}

/// The files that do not share their recording's fate, by reason.
fn count_other_files(report: &Report<'_>) -> BTreeMap<&'static str, usize> {
    let mut others = BTreeMap::new();
    for item in report.outcome.lines.iter().map(|line| &line.item) {
        for (_, file) in item.files.iter().enumerate().filter(|(number, _)| Some(*number) != item.main) {
            *others.entry(file.reason.map_or_else(|| file.action.word(), Reason::word)).or_default() += 1;
        }
    }
    others
}

/// Hours, as `older_than` is mostly given in.
fn format_age(age: TimeDelta) -> String {
    format!("{}h", age.num_hours())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{format_size, outcome_in_words};

    #[test]
    fn reasons_sort_by_count_then_word() {
        let counts = BTreeMap::from([("too_short", 3), ("before_go_live", 12), ("meetings_off", 3)]);
        assert_eq!(outcome_in_words(&counts), "12 before_go_live, 3 meetings_off, 3 too_short");
    }

    #[test]
    fn sizes_read_as_people_say_them() {
        let cases = [(0, "0 B"), (999, "999 B"), (6000, "6.0 kB"), (999_600, "999 kB"), (65_712_345_678, "65.7 GB")];
        for (bytes, text) in cases {
            assert_eq!(format_size(bytes), text);
        }
    }
}
