//! How a run ends: what a person must know, the report where it was asked for, the exit code.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::CommandContext;
use super::console::shows_debug;
use super::failure::{Failure, exit_for};
use crate::cli::ReportFormat;
use crate::copying::apply::{FileResult, Outcome};
use crate::copying::plan::Item;
use crate::exit::Exit;
use crate::model::{Reason, format_count, one_line};
use crate::output::report::Report;

/// Logs and prints what came of a run.
pub(super) fn end_run(
    report: &Report<'_>,
    format: Option<ReportFormat>,
    took: TimeDelta,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let exit = exit_of(report.outcome, context);
    log_outcome(report.outcome, context.is_hushed());
    tracing::info!(exit_code = exit.code(), "{} {}", report.command, report.summary(took));
    print_report(report, format, context)?;
    Ok(exit)
}

/// A run that failed before there was anything to report prints the report that was asked for all the same.
pub(super) fn end_early<T>(
    outcome: Result<T, Failure>,
    format: Option<ReportFormat>,
    empty: &Report<'_>,
    context: &mut CommandContext<'_>,
) -> Result<T, Failure> {
    // without a message it is to be quiet, unless it was interrupted
    if let Err(failure) = &outcome
        && format.is_some()
        && (failure.error.is_some() || context.interrupt.exit().is_some())
    {
        print_report(empty, format, context)?;
    }
    outcome
}

fn print_report(
    report: &Report<'_>,
    format: Option<ReportFormat>,
    context: &mut CommandContext<'_>,
) -> Result<(), Failure> {
    match format {
        Some(ReportFormat::Json) => context.print_document(&report.document())?,
        Some(ReportFormat::Csv) => write!(context.out, "{}", report.csv()?)?,
        Some(ReportFormat::Text) => write!(context.out, "{}", report.text(context.screen))?,
        None if report.dry_run || context.shows_report => write!(context.out, "{}", report.text(context.screen))?,
        None => {}
    }
    Ok(())
}

/// The exit code, by the order in which they outrank one another.
pub(super) fn exit_of(outcome: &Outcome, context: &CommandContext<'_>) -> Exit {
    match context.interrupt.exit().or(outcome.broken.as_ref().map(exit_for)) {
        Some(exit) => exit,
        None if outcome.needs_setup() => Exit::Configuration,
        None if outcome.was_refused() => Exit::Refused,
        None if outcome.met_an_outage() => Exit::Outage,
        None if outcome.held.is_some() || outcome.lacks_the_holding_user() => Exit::HeldBack,
        None if outcome.has_failures() => Exit::Failures,
        None => Exit::Good,
    }
}

/// What several brakes say, a line each; `None` where there is none.
pub(super) fn join_lines(held: impl Iterator<Item = String>) -> Option<String> {
    held.reduce(|all, next| format!("{all}\n{next}"))
}

/// What was decided, and why.
fn say_decision(item: &Item) -> String {
    let files = item.files.iter().map(|file| match file.reason {
        Some(reason) => format!("{} {}: {}", one_line(&file.file.file_type), file.action, reason.word()),
        None => format!("{} {}", one_line(&file.file.file_type), file.action),
    });
    let files = files.collect::<Vec<_>>().join(", ");
    let why = item.reason.map(|reason| format!(": {} ({})", reason.word(), reason.meaning())).unwrap_or_default();
    let files = if files.is_empty() { String::new() } else { format!("; files: {files}") };
    format!("{}{why}{files}", item.action)
}

/// What must be reported, a line each, and with -v what went well. What an outage brings is news once.
fn log_outcome(outcome: &Outcome, hushed: bool) {
    let says_all = shows_debug();
    let unpacked = says_all.then(|| outcome.all_lines()).into_iter().flatten();
    let plain =
        (!says_all).then_some(&outcome.lines).into_iter().flatten().filter(|line| line.worst_result().is_some());
    for line in unpacked.chain(plain.map(Cow::Borrowed)) {
        let segment = &line.item.segment;
        let (topic, recording_start) = (one_line(&segment.meeting.topic), &*segment.recording_start);
        let (meeting_uuid, host_id) =
            (one_line(segment.meeting.uuid.as_str()), one_line(segment.meeting.host_id.as_str()));
        let entry_id = line.item.entry_id.as_ref().map(tracing::field::display);
        match (line.worst_result(), &line.error) {
            (Some(FileResult::Failed), Some(error)) if hushed => {
                tracing::info!(meeting_uuid, "{topic:?} of {recording_start} failed: {error}");
            }
            (Some(FileResult::Failed), Some(error)) => {
                tracing::error!(meeting_uuid, "{topic:?} of {recording_start} failed: {error}");
            }
            // who reads the log of good runs need not know what people talked about
            (Some(outlook), _) => {
                tracing::info!(meeting_uuid, recording_start, host_id, entry_id, "{}", outlook.word());
            }
            (None, _) => {
                tracing::debug!(
                    meeting_uuid,
                    recording_start,
                    host_id,
                    entry_id,
                    "{topic:?}: {}",
                    say_decision(&line.item)
                );
            }
        }
    }
    let mut told: BTreeSet<String> = outcome.lines.iter().filter_map(|line| line.error.clone()).collect();
    for error in &outcome.trouble {
        let message = error.to_string();
        if told.insert(message.clone()) {
            if hushed && error.is_outage() {
                tracing::info!("{message}");
            } else {
                tracing::error!("{message}");
            }
        }
    }
    if let Some(why) = &outcome.broken {
        tracing::error!("{why}");
    }
    for why in outcome.held.iter().flat_map(|held| held.lines()) {
        tracing::error!("{why}");
    }
    if outcome.lacks_the_holding_user() {
        let waiting = outcome.lines.iter().filter(|line| line.item.reason == Some(Reason::NoHoldingUser)).count();
        let waiting = format_count(waiting, "recording");
        tracing::error!(
            "recordings of hosts without an account wait for a holding user ({waiting}): owner.holding_user does not exist in Kaltura, or is the account of a host; create the user, or correct the setting"
        );
    }
}
