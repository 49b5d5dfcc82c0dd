//! A run that is carried out: under its lock, noted down from beginning to end, and told to whoever is to hear of it.

use chrono::Utc;

use super::CommandContext;
use super::end::exit_of;
use super::failure::Failure;
use super::signals::Signals;
use super::world::{Run, ledger_identity};
use crate::apply::{FileResult, Outcome};
use crate::exit::Exit;
use crate::ledger::{Count, Ledger, LedgerError};
use crate::model::Action;
use crate::plan::Step;

/// Carries out `story`. Of a run that meets the lock nobody hears.
pub(super) async fn under_lock(
    run: Run<'_>,
    skin: &CommandContext<'_>,
    story: impl AsyncFnOnce(&Ledger) -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    let ledger = Ledger::open(&run.settings.state_dir, &ledger_identity(run.settings), run.work);
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
                Box::pin(Signals::begin_late(run).end_without_ledger(failure.exit, skin)).await;
            }
            return Err(failure);
        }
    };
    let signals = Signals::begin(run);
    let outcome = story(&ledger).await;
    let exit = outcome.as_ref().map_or_else(|failure| failure.exit, |outcome| exit_of(outcome, skin));
    let noted = record_run(run, &ledger, outcome.as_ref().ok(), exit);
    match &noted {
        Ok(()) => Box::pin(signals.end(&ledger, outcome.as_ref().ok(), exit, skin)).await,
        // who cannot write down what was told would tell it again and again
        Err(_) => Box::pin(signals.end_without_ledger(exit, skin)).await,
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
