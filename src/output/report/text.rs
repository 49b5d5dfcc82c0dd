//! The report for people: a line for every recording on which something is to be done or known, then the sums.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::Report;
use super::render::{format_size, shorten_topic};
use super::totals::{HEADINGS, Totals, reasons_of_recordings};
use crate::copying::apply::{FileResult, Line};
use crate::copying::plan::{Item, Step};
use crate::model::{Action, EntryId, KalturaUserId, Reason, Role, format_count, one_line};
use crate::output::table::{Fit, Screen, TextCell, TextColumn, Tone, text_table};

/// At 100 Mbit/s.
const BYTES_A_MINUTE: u64 = 750_000_000;

pub(super) fn render_text(report: &Report<'_>, screen: Screen) -> String {
    let outcome = report.outcome;
    let rehearsal = if report.dry_run { ", dry run: nothing was changed" } else { "" };
    // UTC is what the days of the window are in, too
    let zone = if report.zone == Tz::UTC { String::new() } else { format!(", all times {}", report.zone) };
    let window = outcome.window.map(|window| format!(" of recordings from {} to {}", window.from, window.to));
    let mut text =
        format!("{}{} (run {}{zone}{rehearsal})\n", report.command, window.unwrap_or_default(), report.run_id);
    let shown = || outcome.all_lines().filter(|line| is_news(line));
    let rows: Vec<_> = shown().map(|line| text_row(&line, report.zone)).collect();
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&text_table(COLUMNS, &rows, screen));
    }
    text.push('\n');
    for line in shown().filter(|line| line.error.is_some() || line.item.detail.is_some()) {
        let why = one_line(line.error.as_deref().or(line.item.detail.as_deref()).unwrap_or_default());
        let segment = &line.item.segment;
        let _ = writeln!(text, "{} ({}): {why}", shorten_topic(&segment.meeting.topic), segment.recording_start);
    }
    // of what a rule leaves out nothing is renamed
    for (Item { segment, .. }, before) in
        outcome.lines.iter().filter_map(|line| Some((&line.item, line.item.renamed_from.as_deref()?)))
    {
        let (topic, before) = (shorten_topic(&segment.meeting.topic), shorten_topic(before));
        let _ = writeln!(
            text,
            "{topic} ({}): renamed in Zoom, it was {before}; titles in Kaltura that nobody changed there follow",
            segment.recording_start
        );
    }
    text.push_str(&sum_up(report));
    if report.dry_run {
        text.push_str(&estimate_time(report));
    }
    text
}

/// What earlier runs had settled is counted, not shown.
fn is_news(line: &Line) -> bool {
    line.item.action != Action::Done
        || line.worst_result().is_some()
        || line.item.reason.is_some()
        || line.item.renamed_from.is_some()
}

const COLUMNS: [TextColumn; 10] = [
    ("action", Fit::Whole),
    ("result", Fit::Whole),
    ("recorded", Fit::Whole),
    ("age", Fit::Number),
    ("host", Fit::Shortened),
    ("size", Fit::Number),
    ("topic", Fit::Shortened),
    ("also", Fit::Below),
    ("entry", Fit::Below),
    ("reason", Fit::Below),
];

fn text_row(line: &Line, zone: Tz) -> [TextCell; COLUMNS.len()] {
    let item = &line.item;
    let main = item.main.and_then(|number| item.files.get(number));
    let result = line.worst_result();
    let action = TextCell { text: item.action.word().to_owned(), tone: action_tone(item.action) };
    let result = TextCell { text: result.map_or("", FileResult::word).to_owned(), tone: result_tone(result) };
    [
        action,
        result,
        item.segment.started.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string().into(),
        item.age.map(format_age).unwrap_or_default().into(),
        list_people(line).into(),
        main.and_then(|file| file.file.bytes).map(format_size).unwrap_or_default().into(),
        shorten_topic(&item.segment.meeting.topic).into(),
        list_beside(item).into(),
        one_line(item.entry_id.as_ref().map_or("", EntryId::as_str)).into(),
        item.reason.map_or("", Reason::word).into(),
    ]
}

fn action_tone(action: Action) -> Tone {
    match action {
        Action::Copy | Action::Adopt | Action::Reassign | Action::Done => Tone::Good,
        Action::CopyAsOrphan | Action::Wait => Tone::Waiting,
        Action::Skip | Action::Keep => Tone::Faint,
        Action::Delete | Action::Trash => Tone::Bad,
    }
}

fn result_tone(result: Option<FileResult>) -> Tone {
    match result {
        Some(FileResult::Failed) => Tone::Bad,
        Some(FileResult::Importing) => Tone::Waiting,
        Some(FileResult::Done | FileResult::Sent) => Tone::Good,
        None => Tone::Plain,
    }
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
        said(count(Role::Attachment), "attachment"),
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
    let totals = Totals::of(report.outcome);
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
    let why = HEADINGS.map(|heading| (heading, reasons_of_recordings(report.outcome, heading)));
    for (subject, counts) in why.into_iter().chain([("other files of these recordings", count_other_files(report))]) {
        if !counts.is_empty() {
            let _ = writeln!(text, "{subject}: {}", words_by_count(&counts));
        }
    }
    text
}

/// The most frequent first.
pub(super) fn words_by_count(counts: &BTreeMap<&str, u64>) -> String {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(**count));
    counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// How long the copying would take, roughly.
fn estimate_time(report: &Report<'_>) -> String {
    let totals = Totals::of(report.outcome);
    let bytes = totals.copy.bytes.saturating_add(totals.copy_as_orphan.bytes);
    let minutes = bytes / BYTES_A_MINUTE;
    match (bytes, minutes) {
        (0, _) => String::new(),
        (_, 0) => format!("{} to copy: less than a minute at 100 Mbit/s\n", format_size(bytes)),
        (_, 1..120) => {
            format!("{} to copy: about {} at 100 Mbit/s\n", format_size(bytes), format_count(minutes, "minute"))
        }
        _ => format!("{} to copy: about {} hours at 100 Mbit/s\n", format_size(bytes), minutes / 60),
    }
}

/// The files that do not share their recording's fate, by reason.
fn count_other_files(report: &Report<'_>) -> BTreeMap<&'static str, u64> {
    let sums = report.outcome.ruled_out.sums().into_iter().filter(|(_, sum)| sum.other_files > 0);
    let mut others: BTreeMap<_, _> = sums.map(|(reason, sum)| (reason.word(), sum.other_files)).collect();
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

    use super::{format_size, words_by_count};

    #[test]
    fn reasons_sort_by_count_then_word() {
        let counts = BTreeMap::from([("too_short", 3), ("before_go_live", 12), ("meetings_off", 3)]);
        assert_eq!(words_by_count(&counts), "12 before_go_live, 3 meetings_off, 3 too_short");
    }

    #[test]
    fn sizes_read_as_people_say_them() {
        let cases = [(0, "0 B"), (999, "999 B"), (6000, "6.0 kB"), (999_600, "999 kB"), (65_712_345_678, "65.7 GB")];
        for (bytes, text) in cases {
            assert_eq!(format_size(bytes), text);
        }
    }
}
