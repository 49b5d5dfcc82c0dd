//! What the text and the page show alike: the figures, and a row for each recording concerned.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Status, Waiting};
use crate::model::{EntryId, Orphan, Reason, one_line};
use crate::output::report::{format_minute, format_size, shorten_topic};

/// What stands above [`waiting_row`].
pub(super) const WAITING: [&str; 10] =
    ["", "recorded", "host", "topic", "meeting", "reason", "next try", "Zoom deletes it", "entry", "last error"];
/// What stands above [`orphan_row`].
pub(super) const ORPHAN: [&str; 5] = ["recorded", "host", "topic", "entry", "goes after"];

/// The recordings that people look at.
pub(super) fn shown_recordings(status: &Status) -> Vec<&Waiting> {
    let is_shown = |waiting: &&Waiting| waiting.late || waiting.at_risk || waiting.failed();
    status.backlog.iter().filter(is_shown).chain(&status.given_up).collect()
}

/// Names and values, in the order in which they are shown.
pub(super) fn figure_rows(status: &Status) -> Vec<(&'static str, String)> {
    let run = |run: Option<(DateTime<Utc>, Option<i64>)>| match run {
        None => "never".to_owned(),
        Some((began, None)) => format!("{}, has not ended", format_minute(began)),
        Some((began, Some(code))) => format!("{}, exit {code}", format_minute(began)),
    };
    let listing = status.last_listing.map_or("never".to_owned(), |listing| {
        format!("{}, {} ago", format_minute(listing), format_ago(status.now - listing))
    });
    let mut figures = vec![
        ("last complete listing", listing),
        ("checkpoint", status.checkpoint.map_or("none yet".to_owned(), |day| day.to_string())),
        ("last sync", run(status.last_sync)),
        ("last purge", run(status.last_purge)),
        ("backlog", backlog_rows(status)),
    ];
    if let Some(begins) = status.begins {
        figures.insert(0, ("copying begins", format_minute(begins)));
    }
    if !status.reasons.is_empty() {
        let reasons: Vec<_> = status.reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        figures.push(("  waiting for", reasons.join(", ")));
    }
    let late = status.backlog.iter().filter(|waiting| waiting.late).count();
    let at_risk = status.backlog.iter().chain(&status.given_up).filter(|waiting| waiting.at_risk).count();
    figures.extend([
        ("failed, tried again", status.backlog.iter().filter(|waiting| waiting.failed()).count().to_string()),
        ("late", late.to_string()),
        ("at risk", at_risk.to_string()),
        ("given up", status.given_up.len().to_string()),
        ("orphans", orphan_summary(status)),
    ]);
    if status.texts_left_out > 0 {
        figures.push(("texts left out", status.texts_left_out.to_string()));
    }
    figures.extend(status.others.iter().map(|other| ("another installation", other.to_string())));
    figures
}

fn backlog_rows(status: &Status) -> String {
    let (files, bytes) = status.sums();
    match status.backlog.first() {
        None => "nothing".to_owned(),
        Some(oldest) => format!(
            "{} recordings, {files} files, {}, the oldest of {}",
            status.backlog.len(),
            format_size(bytes),
            format_minute(oldest.pending.segment.started)
        ),
    }
}

fn orphan_summary(status: &Status) -> String {
    match status.orphans.iter().filter(|(orphan, _)| orphan.kept.is_none()).map(|(_, goes)| *goes).min() {
        None if status.orphans.is_empty() => "none".to_owned(),
        None => format!("{}, and all of them stay", status.orphans.len()),
        Some(next) => format!("{}, the next goes after {}", status.orphans.len(), format_minute(next)),
    }
}

/// A recording that is not safely in Kaltura.
pub(super) fn waiting_row(waiting: &Waiting) -> [String; 10] {
    let (pending, meeting) = (&waiting.pending, &waiting.pending.segment.meeting);
    let what = match (pending.reason, waiting.at_risk) {
        (Some(Reason::GivenUp), false) => "given up",
        (Some(Reason::GivenUp), true) => "given up, at risk",
        (_, true) => "at risk",
        (_, false) if waiting.late => "late",
        (_, false) => "failed",
    };
    [
        what.to_owned(),
        format_minute(pending.segment.started),
        one_line(meeting.host_email.as_deref().unwrap_or("?")),
        shorten_topic(&meeting.topic),
        meeting.number.to_string(),
        pending.reason.map_or("due", Reason::word).to_owned(),
        pending.next_try.map(format_minute).unwrap_or_default(),
        waiting.deleted.date_naive().to_string(),
        one_line(pending.entry_id.as_ref().map_or("", EntryId::as_str)),
        one_line(pending.error.as_deref().unwrap_or_default()),
    ]
}

/// An orphan, and when it goes.
pub(super) fn orphan_row((orphan, goes): &(Orphan, DateTime<Utc>)) -> [String; 5] {
    let segment = &orphan.segment;
    let entry = one_line(orphan.copy.entry_id.as_ref().map_or("", EntryId::as_str));
    let host = one_line(segment.meeting.host_email.as_deref().unwrap_or("?"));
    let end = orphan.kept.map_or_else(|| format_minute(*goes), |why| format!("stays: {why}"));
    [format_minute(segment.started), host, shorten_topic(&segment.meeting.topic), entry, end]
}

fn format_ago(time: TimeDelta) -> String {
    match (time.num_days(), time.num_hours(), time.num_minutes()) {
        (0, 0, minutes) => format!("{minutes} minutes"),
        (0..2, hours, _) => format!("{hours} hours"),
        (days, ..) => format!("{days} days"),
    }
}
