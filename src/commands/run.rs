//! A run from its plan to its report: shown where it is a dry one, else carried out under its lock, noted down from beginning
//! to end, and reported to those who want to know.

use chrono::Utc;

use super::CommandContext;
use super::ending::{end_early, end_run, exit_of};
use super::failure::Failure;
use super::outages::note_outages;
use super::readings::keep_readings;
use super::setup::{Run, Services, ledger_identity, tell_clock};
use super::signals::Signals;
use crate::cli::ReportFormat;
use crate::config::Settings;
use crate::copying::apply::{FileResult, Outcome};
use crate::exit::Exit;
use crate::ledger::{Count, Ledger, LedgerError, LockKind};
use crate::model::{Action, TakeOver, format_count};
use crate::output::report::Report;
use crate::remotes::http::RemoteError;

/// A command that decides first, and then shows what it decided or carries it out.
pub(super) trait PlannedRun {
    /// The word for it.
    const COMMAND: &'static str;

    /// Which other runs may not be in progress meanwhile.
    const LOCK: LockKind;

    /// What was decided, and on what.
    type Prepared;

    /// What it takes over; anything but nothing: it keeps using a ledger from another machine, too.
    fn take_over(&self) -> TakeOver {
        TakeOver::Nothing
    }

    /// What comes under the lock before anything is decided; what could not be done of it is reported with the run.
    async fn begin(&self, _: Run<'_>, _: &Ledger, _: &CommandContext<'_>) -> Result<Vec<RemoteError>, Failure> {
        Ok(Vec::new())
    }

    /// Reads and decides. Changes nothing anywhere.
    async fn prepare(
        &self,
        run: Run<'_>,
        ledger: &Ledger,
        context: &CommandContext<'_>,
    ) -> Result<Self::Prepared, Failure>;

    /// What a run would come to that carried it out. Changes nothing anywhere.
    async fn show(&self, prepared: Self::Prepared, run: Run<'_>, ledger: &Ledger) -> Result<Outcome, Failure>;

    /// Carries it out.
    async fn carry_out(
        &self,
        prepared: Self::Prepared,
        run: Run<'_>,
        ledger: &Ledger,
        context: &CommandContext<'_>,
    ) -> Result<Outcome, Failure>;
}

/// A run from its plan to its report.
pub(super) async fn run_planned<R: PlannedRun>(
    planned: &R,
    settings: &Settings,
    dry_run: bool,
    format: Option<ReportFormat>,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let began = Utc::now();
    let mut services = Services::taking_over(settings, planned.take_over())?;
    if dry_run {
        services.only_look();
    }
    let id = context.run.clone();
    let run = Run { command: R::COMMAND, lock: R::LOCK, id: &id, began, settings, services: &services };
    let outcome = if dry_run {
        Box::pin(rehearse(planned, run, context)).await
    } else {
        Box::pin(under_lock(run, context, async |ledger| perform(planned, run, ledger, context).await)).await
    };
    let nothing = Outcome::of_items(Vec::new());
    let report =
        Report { command: R::COMMAND, dry_run, run_id: &id, outcome: &nothing, zone: settings.copy.wording.time_zone };
    tell_clock(&services);
    let outcome = end_early(outcome, format, &report, context);
    if outcome.is_err() {
        say_interrupted(&report, context);
    }
    let outcome = outcome?;
    let report = Report { outcome: &outcome, ..report };
    let exit = end_run(&report, format, Utc::now() - began, context)?;
    say_interrupted(&report, context);
    Ok(exit)
}

/// The last line of a run that a signal ended: how far it came, and that nothing of it is lost.
fn say_interrupted(report: &Report<'_>, context: &CommandContext<'_>) {
    let Some(exit) = context.interrupt.exit() else { return };
    let signal = if exit == Exit::Interrupted { "Ctrl-C (SIGINT)" } else { "SIGTERM" };
    let next = if report.dry_run { "nothing was changed" } else { "the next run resumes what is unfinished" };
    let (finished, planned) = report.progress();
    let came = match planned {
        0 => "before anything was planned".to_owned(),
        _ => format!("with {finished} of {} finished", format_count(planned, "recording")),
    };
    tracing::warn!("{} was interrupted by {signal} {came}; {next}", report.command);
}

/// The plan, not carried out. The ledger is opened so that nothing can be written.
async fn rehearse<R: PlannedRun>(planned: &R, run: Run<'_>, context: &CommandContext<'_>) -> Result<Outcome, Failure> {
    let ledger = Ledger::read_only(&run.settings.state_dir, &ledger_identity(run.settings))?;
    let prepared = planned.prepare(run, &ledger, context).await?;
    planned.show(prepared, run, &ledger).await
}

/// The same plan, carried out.
async fn perform<R: PlannedRun>(
    planned: &R,
    run: Run<'_>,
    ledger: &Ledger,
    context: &CommandContext<'_>,
) -> Result<Outcome, Failure> {
    let trouble = planned.begin(run, ledger, context).await?;
    let prepared = planned.prepare(run, ledger, context).await?;
    let mut outcome = Box::pin(planned.carry_out(prepared, run, ledger, context)).await?;
    outcome.trouble.splice(0..0, trouble);
    Ok(outcome)
}

/// Carries out `story`. A run that meets the lock is not reported.
async fn under_lock(
    run: Run<'_>,
    context: &CommandContext<'_>,
    story: impl AsyncFnOnce(&Ledger) -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    let settings = run.settings;
    let ledger = Ledger::open(&settings.state_dir, &ledger_identity(settings), run.lock, settings.journal);
    let ledger = ledger.and_then(|ledger| {
        ledger.change_together(|| {
            ledger.belongs_to(&run.services.installation, &run.settings.state_dir)?;
            ledger.forget_future(Utc::now())?;
            ledger.begin_run(run.id, run.command, run.began)
        })?;
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
    let noted = ledger
        .change_together(|| record_run(run, &ledger, outcome.as_ref().ok(), exit))
        .and_then(|()| note_outages(run, &ledger, (&outcome, exit), context));
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
    let off = run.services.clients.clocks.off(Utc::now());
    if off.is_some() || run.services.clients.clocks.were_read() {
        ledger.set_clock_off(off)?;
    }
    keep_readings(run.services, ledger, Utc::now())?;
    let one = |name: &str, label: String, value: u64| Count { name: name.to_owned(), label, value };
    let mut counts = vec![one("runs", format!("{} {}", run.command, exit.code()), 1)];
    for ((service, result), calls) in run.services.clients.calls.tally() {
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
        for file in line.copied_files() {
            files += 1;
            bytes = u64::saturating_add(bytes, file.bytes.unwrap_or_default());
        }
        match (line.item.action, line.worst_result()) {
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
