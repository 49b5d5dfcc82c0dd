//! A run that is carried out: under its lock, noted down from beginning to end, and told to whoever is to hear of it.
//!
//! How a run ends: what a person must hear, the report where it was asked for, the exit code.

use std::collections::BTreeSet;

use chrono::Utc;

use super::CommandContext;
use super::failure::{Failure, exit_for};
use super::setup::{Run, ledger_identity};
use super::signals::Signals;
use crate::cli::ReportFormat;
use crate::copying::apply::{FileResult, Outcome};
use crate::copying::plan::Step;
use crate::exit::Exit;
use crate::ledger::{Count, Ledger, LedgerError};
use crate::model::{Action, Reason, one_line};
use crate::output::report::Report;

/// Carries out `story`. Of a run that meets the lock nobody hears.
pub(super) async fn under_lock(
    run: Run<'_>,
    context: &CommandContext<'_>,
    story: impl AsyncFnOnce(&Ledger) -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    let settings = run.settings;
    let ledger = Ledger::open(&settings.state_dir, &ledger_identity(settings), run.work, settings.journal);
    let ledger = ledger.and_then(|ledger| {
        ledger.belongs_to(run.installation, &run.settings.state_dir)?;
        ledger.forget_future(Utc::now())?;
        ledger.begin_run(run.id, run.command, run.began)?;
        Ok(ledger)
    });
    let ledger = match ledger {
        Ok(ledger) => ledger,
        Err(error) => {
            let failure = Failure::from(error);
            if failure.exit != Exit::Locked {
                Box::pin(Signals::begin_late(run).end_without_ledger(failure.exit, context)).await;
            }
            return Err(failure);
        }
    };
    let signals = Signals::begin(run);
    let outcome = story(&ledger).await;
    let exit = outcome.as_ref().map_or_else(|failure| failure.exit, |outcome| exit_of(outcome, context));
    let noted = record_run(run, &ledger, outcome.as_ref().ok(), exit);
    match &noted {
        Ok(()) => Box::pin(signals.end(&ledger, outcome.as_ref().ok(), exit, context)).await,
        // who cannot write down what was told would tell it again and again
        Err(_) => Box::pin(signals.end_without_ledger(exit, context)).await,
    }
    match (noted, outcome) {
        (Err(error), Ok(outcome)) => Ok(Outcome { broken: Some(outcome.broken.unwrap_or(error)), ..outcome }),
        (_, outcome) => outcome,
    }
}

fn record_run(run: Run<'_>, ledger: &Ledger, outcome: Option<&Outcome>, exit: Exit) -> Result<(), LedgerError> {
    ledger.end_run(run.id, exit.code(), Utc::now())?;
    let off = run.clients.clocks.off(Utc::now());
    if off.is_some() || run.clients.clocks.were_read() {
        ledger.set_clock_off(off)?;
    }
    let one = |name: &str, label: String, value: u64| Count { name: name.to_owned(), label, value };
    let mut counts = vec![one("runs", format!("{} {}", run.command, exit.code()), 1)];
    for ((service, result), calls) in run.clients.calls.tally() {
        counts.push(one("calls", format!("{service} {result}"), calls));
    }
    if let Some(outcome) = outcome {
        counts.extend(count_done(outcome).into_iter().map(|(name, value)| one(name, String::new(), value)));
    }
    ledger.count(&counts)
}

/// What a run did, in numbers.
fn count_done(outcome: &Outcome) -> Vec<(&'static str, u64)> {
    let (mut files, mut bytes, mut failed, mut purged, mut handed_over) = (0, 0, 0, 0, 0);
    for line in &outcome.lines {
        for (file, outlook) in line.item.files.iter().zip(&line.files) {
            if matches!(file.step, Step::Copy(_)) && matches!(outlook, Some(FileResult::Sent | FileResult::Done)) {
                files += 1;
                bytes = u64::saturating_add(bytes, file.file.bytes.unwrap_or_default());
            }
        }
        match (line.item.action, line.outlook()) {
            (_, Some(FileResult::Failed)) => failed += 1,
            (Action::Delete, Some(_)) => purged += 1,
            (Action::Adopt, Some(_)) => handed_over += 1,
            _ => {}
        }
    }
    let counts = [
        ("copied_files", files),
        ("copied_bytes", bytes),
        ("failed_recordings", failed),
        ("purged_recordings", purged),
        ("handed_over_recordings", handed_over),
    ];
    counts.into_iter().filter(|(_, value)| *value > 0).collect()
}

/// Tells and prints what came of a run.
pub(super) fn end_run(
    report: &Report<'_>,
    format: Option<ReportFormat>,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let exit = exit_of(report.outcome, context);
    log_outcome(report.outcome, exit);
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
        Some(ReportFormat::Json) => writeln!(context.out, "{}", report.json()?)?,
        Some(ReportFormat::Csv) => write!(context.out, "{}", report.csv()?)?,
        Some(ReportFormat::Text) => write!(context.out, "{}", report.text())?,
        None if report.dry_run || context.terminal => write!(context.out, "{}", report.text())?,
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

/// What a person must hear of, a line each, and with -v what went well.
fn log_outcome(outcome: &Outcome, exit: Exit) {
    for line in &outcome.lines {
        let segment = &line.item.segment;
        let (topic, recording) = (one_line(&segment.meeting.topic), &*segment.recording_start);
        let (meeting_uuid, host) =
            (one_line(segment.meeting.uuid.as_str()), one_line(segment.meeting.host_id.as_str()));
        let entry = line.item.entry_id.as_ref().map(tracing::field::display);
        match (line.outlook(), &line.error) {
            (Some(FileResult::Failed), Some(error)) => {
                tracing::error!(meeting_uuid, "{topic:?} of {recording} failed: {error}");
            }
            // who reads the log of good runs need not know what people talked about
            (Some(outlook), _) => tracing::info!(meeting_uuid, recording, host, entry, "{}", outlook.word()),
            (None, _) => tracing::debug!(meeting_uuid, recording, host, "{topic:?}: {}", line.item.action),
        }
    }
    let mut told: BTreeSet<String> = outcome.lines.iter().filter_map(|line| line.error.clone()).collect();
    for message in outcome.trouble.iter().map(ToString::to_string) {
        if !told.contains(&message) {
            tracing::error!("{message}");
            told.insert(message);
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
        tracing::error!(
            "{waiting} recordings of hosts without an account wait for a holding user: owner.holding_user does not exist in Kaltura, or is the account of a host; create the user, or correct the setting"
        );
    }
    tracing::info!(exit_code = exit.code(), "the run has ended");
}
