//! What the text and the page show alike: the figures, and what is said of each recording concerned.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{Lateness, Site, Status, Waiting};
use crate::model::{CaptionSurvey, EntryId, Orphan, Reason, format_count, one_line};
use crate::output::report::{format_size, shorten_topic};
use crate::output::table::{Fit, TextColumn};

/// What stands above [`waiting_row`].
pub(super) const WAITING: [TextColumn; 10] = [
    ("", Fit::Whole),
    ("recorded", Fit::Whole),
    ("host", Fit::Shortened),
    ("topic", Fit::Shortened),
    ("meeting", Fit::Whole),
    ("reason", Fit::Below),
    ("next try", Fit::Below),
    ("Zoom deletes it", Fit::Below),
    ("entry", Fit::Below),
    ("last error", Fit::Below),
];
/// What stands above [`orphan_row`].
pub(super) const ORPHAN: [TextColumn; 5] = [
    ("recorded", Fit::Whole),
    ("host", Fit::Shortened),
    ("topic", Fit::Shortened),
    ("entry", Fit::Below),
    ("deleted in Kaltura", Fit::Below),
];

/// The recordings that people look at.
pub(super) fn shown_recordings(status: &Status) -> Vec<&Waiting> {
    let is_shown =
        |waiting: &&Waiting| waiting.late.is_some() || waiting.at_risk || waiting.failed() || waiting.needs_people();
    status.backlog.iter().filter(is_shown).chain(&status.given_up).collect()
}

/// Names and values, in the order in which they are shown.
pub(super) fn figure_rows(status: &Status, site: &Site) -> Vec<(&'static str, String)> {
    let run = |run: Option<(DateTime<Utc>, Option<i64>)>| match run {
        None => "never".to_owned(),
        Some((began, None)) => format!("{}, has not ended", site.format_minute(began)),
        Some((began, Some(code))) => format!("{}, exit {code}", site.format_minute(began)),
    };
    let listing = status.last_listing.map_or("never".to_owned(), |listing| {
        let (time, ago) = (site.format_minute(listing), status.now - listing);
        let direction = if ago < TimeDelta::zero() { "ahead of this machine's clock" } else { "ago" };
        format!("{time}, {} {direction}", format_ago(ago.abs()))
    });
    let mut figures = vec![
        ("last complete listing", listing),
        ("checkpoint", status.checkpoint.map_or("none yet".to_owned(), |day| checkpoint_day(day, site))),
        ("last sync", run(status.last_sync)),
        ("last purge", run(status.last_purge)),
        ("backlog", backlog_rows(status, site)),
    ];
    if let Some((from, to)) = status.upgrade {
        let said = format!(
            "has format {from}; the next run brings it to {to}, which older versions refuse: run zoom2kaltura backup FILE first"
        );
        figures.insert(0, ("ledger", said));
    }
    if let Some(begins) = status.begins {
        figures.insert(0, ("copying begins", site.format_minute(begins)));
    }
    if !status.reasons.is_empty() {
        let reasons: Vec<_> = status.reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        figures.push(("  waiting for", reasons.join(", ")));
    }
    let late = status.backlog.iter().filter(|waiting| waiting.late.is_some()).count();
    let at_risk = status.backlog.iter().chain(&status.given_up).filter(|waiting| waiting.at_risk).count();
    figures.extend([
        ("failed, tried again", status.backlog.iter().filter(|waiting| waiting.failed()).count().to_string()),
        ("late", late.to_string()),
        ("at risk", at_risk.to_string()),
        ("given up", status.given_up.len().to_string()),
        ("orphans", orphan_summary(status, site)),
    ]);
    if status.texts_left_out > 0 {
        figures.push(("texts left out", status.texts_left_out.to_string()));
    }
    figures.extend(status.captions.map(|survey| ("captions", caption_summary(survey, site))));
    figures.extend(status.others.iter().map(|other| ("another installation", other.to_string())));
    figures
}

fn caption_summary(survey: CaptionSurvey, site: &Site) -> String {
    let CaptionSurvey { counted, recordings, no_captions, machine_made, unreadable } = survey;
    let (recordings, counted) = (format_count(recordings, "recording"), site.format_minute(counted));
    format!(
        "none for {no_captions} of {recordings}, only machine-made for {machine_made}, unreadable for {unreadable}; counted {counted}"
    )
}

/// Zoom's days are those of UTC.
fn checkpoint_day(day: NaiveDate, site: &Site) -> String {
    if site.zone == Tz::UTC { day.to_string() } else { format!("{day} (a day in UTC)") }
}

fn backlog_rows(status: &Status, site: &Site) -> String {
    let (files, bytes) = status.sums();
    match status.backlog.first() {
        None => "nothing".to_owned(),
        Some(oldest) => format!(
            "{}, {}, {}, the oldest of {}",
            format_count(status.backlog.len(), "recording"),
            format_count(files, "file"),
            format_size(bytes),
            site.format_minute(oldest.pending.segment.started)
        ),
    }
}

/// What is due goes with the next purge, whenever that runs.
fn orphan_summary(status: &Status, site: &Site) -> String {
    let goes = || status.orphans.iter().filter(|(orphan, _)| orphan.kept.is_none()).map(|(_, goes)| *goes);
    let due = goes().filter(|goes| *goes <= status.now).count();
    let next = goes().filter(|goes| *goes > status.now).min().map(|next| site.format_minute(next));
    let number = status.orphans.len();
    match (due, next) {
        _ if number == 0 => "none".to_owned(),
        (0, None) => format!("{number}, and all of them stay"),
        (0, Some(next)) => format!("{number}, the next one is due after {next}"),
        (due, None) => format!("{number}, {due} due: the next purge deletes them"),
        (due, Some(next)) => format!("{number}, {due} due: the next purge deletes them; the next one after {next}"),
    }
}

/// How it stands with a recording that is not safely in Kaltura.
pub(super) fn waiting_state(waiting: &Waiting) -> String {
    let states = [
        (waiting.pending.reason == Some(Reason::GivenUp), "given up"),
        (waiting.at_risk, "at risk"),
        (waiting.late == Some(Lateness::Copying), "late"),
        (waiting.late == Some(Lateness::Processing), "late in Kaltura"),
        (waiting.needs_people(), "waits for you"),
    ];
    let states: Vec<&str> = states.into_iter().filter(|(is_so, _)| *is_so).map(|(_, state)| state).collect();
    if states.is_empty() { "failed".to_owned() } else { states.join(", ") }
}

/// Why it is not there.
pub(super) fn waiting_reason(waiting: &Waiting) -> &'static str {
    waiting.reason().map_or("due", Reason::word)
}

/// The day on which Zoom deletes it: the one that Zoom names, where it does.
pub(super) fn deletion_day(waiting: &Waiting, site: &Site) -> String {
    let named = waiting.pending.segment.meeting.deleted_on;
    named.unwrap_or_else(|| waiting.deleted.with_timezone(&site.zone).date_naive()).to_string()
}

/// The address of its host.
pub(super) fn host_address(host_email: Option<&str>) -> String {
    one_line(host_email.unwrap_or("?"))
}

/// A recording that is not safely in Kaltura.
pub(super) fn waiting_row(waiting: &Waiting, site: &Site) -> [String; 10] {
    let (pending, meeting) = (&waiting.pending, &waiting.pending.segment.meeting);
    [
        waiting_state(waiting),
        site.format_minute(pending.segment.started),
        host_address(meeting.host_email.as_deref()),
        shorten_topic(&meeting.topic),
        meeting.number.to_string(),
        waiting_reason(waiting).to_owned(),
        pending.next_try.map(|time| site.format_minute(time)).unwrap_or_default(),
        deletion_day(waiting, site),
        one_line(pending.entry_id.as_ref().map_or("", EntryId::as_str)),
        one_line(pending.error.as_deref().unwrap_or_default()),
    ]
}

/// An orphan, and when it goes.
pub(super) fn orphan_row((orphan, goes): &(Orphan, DateTime<Utc>), status: &Status, site: &Site) -> [String; 5] {
    let segment = &orphan.segment;
    let entry = one_line(orphan.copy.entry_id.as_ref().map_or("", EntryId::as_str));
    let end = match orphan.kept {
        Some(why) => format!("stays: {why}"),
        None if *goes <= status.now => "with the next purge".to_owned(),
        None => format!("after {}", site.format_minute(*goes)),
    };
    let host = host_address(segment.meeting.host_email.as_deref());
    [site.format_minute(segment.started), host, shorten_topic(&segment.meeting.topic), entry, end]
}

/// How long ago something was.
pub(super) fn format_ago(time: TimeDelta) -> String {
    match (time.num_days(), time.num_hours(), time.num_minutes()) {
        (0, 0, minutes) => format_count(minutes, "minute"),
        (0..2, hours, _) => format_count(hours, "hour"),
        (days, ..) => format_count(days, "day"),
    }
}
