//! Transfers that did not get to their end: whose fault it is, and what is written down.

use chrono::TimeDelta;

use super::circuit_breaker::{CircuitBreaker, Ended};
use super::{ApplyContext, FileResult, Line};
use crate::copying::transfer::TransferError;
use crate::ledger::{LedgerError, NextTry};
use crate::model::{Action, Decision, FileCopy, Reason, Role};
use crate::remotes::http::{Meaning, RemoteError, RemoteKind, Service};

/// A failing recording is tried at least this often.
const LONGEST_DISTANCE: TimeDelta = TimeDelta::days(1);

/// What a failure counts for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// It uses up a try.
    Counts,
    /// It uses up a try, but for the last one: the remote side is down, or the copy got on and will be whole in the end.
    CountsButLast,
    /// The remote side says that no recording is to blame.
    OfAll,
}

/// Keeps why a file failed, and when it is tried again.
pub(super) fn record_failure(
    line: &mut Line,
    file: usize,
    Ended { copy, error, moved }: Ended,
    halted: &CircuitBreaker,
    trouble: &mut Vec<RemoteError>,
    context: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    let copy = copy.map(|copy| *copy);
    let (ledger, run, now) = (context.transfer.systems.ledger, context.transfer.run, context.transfer.utc_now());
    match error {
        TransferError::Interrupted => return Ok(()),
        TransferError::Ledger(error) if !error.is_of_one() => return Err(error),
        TransferError::BeingPurged => {
            line.change_file(file, Action::Wait, Some(Reason::BeingPurged));
            return Ok(());
        }
        TransferError::ClaimedElsewhere => {
            line.change_file(file, Action::Wait, Some(Reason::AnotherInstallation));
            return Ok(());
        }
        TransferError::Deleted | TransferError::ParentDeleted | TransferError::ParentEdited => {
            return leave_alone(line, file, copy, &error, context);
        }
        _ => {}
    }
    line.set_result(Some(file), FileResult::Failed);
    line.error = Some(error.to_string());
    let what = line.item.files[file].step.role().map_or("", Role::word);
    let weight = match weigh_failure(&error, line, what, halted, context) {
        Weight::Counts if moved => Weight::CountsButLast,
        weight => weight,
    };
    if let (TransferError::Remote(error) | TransferError::CategoryOwed(error), true) =
        (&error, weight == Weight::OfAll || is_unreachable(&error))
    {
        trouble.push(error.clone());
    }
    let Some(copy) = copy else {
        return Ok(());
    };
    let most = match weight {
        Weight::Counts => context.max_attempts,
        Weight::CountsButLast => context.max_attempts - 1,
        Weight::OfAll => 0,
    };
    // what gets on is not waited for ever longer
    let attempts = if moved { 0 } else { copy.attempts };
    let next_try = NextTry { at: now + retry_distance(context.retry_after, attempts), most };
    let next_try = Some(next_try).filter(|_| weight != Weight::OfAll);
    if weight == Weight::Counts && copy.attempts + 1 >= context.max_attempts {
        line.give_up_file(file);
    }
    ledger.fail(run, &copy, &error.to_string(), next_try, now)
}

/// What people deleted or changed stays as they left it, and nothing is added to it.
fn leave_alone(
    line: &mut Line,
    file: usize,
    copy: Option<FileCopy>,
    error: &TransferError,
    context: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    let parent = line.item.main.and_then(|main| line.item.files[main].copy.clone());
    let (decision, gone) = match error {
        TransferError::ParentEdited => (Decision::because(Action::Done, Reason::EditedInKaltura), None),
        TransferError::ParentDeleted => (Decision::skip(Reason::DeletedInKaltura), parent),
        _ => {
            line.change_file(file, Action::Skip, Some(Reason::DeletedInKaltura));
            return copy.map_or(Ok(()), |copy| give_up_copy(&copy, context));
        }
    };
    for number in 0..line.files.len() {
        if line.item.files[number].is_copied() && line.files[number].is_none() {
            line.change_file(number, Action::Skip, decision.reason);
        }
    }
    if let Some(main) = line.item.main {
        line.change_file(main, decision.action, decision.reason);
    }
    gone.map_or(Ok(()), |parent| give_up_copy(&parent, context))
}

fn give_up_copy(copy: &FileCopy, context: ApplyContext<'_>) -> Result<(), LedgerError> {
    context.transfer.systems.ledger.bury(context.transfer.run, copy.row, context.transfer.utc_now())
}

/// A failure counts when it happens, whatever becomes of others. It counts for nothing where the remote side itself speaks
/// of all, and it is not the last one where the side is down.
fn weigh_failure(
    error: &TransferError,
    line: &Line,
    what: &'static str,
    halted: &CircuitBreaker,
    context: ApplyContext<'_>,
) -> Weight {
    match error {
        // the copy itself is there: it is not given up for the sake of a category
        TransferError::CategoryOwed(_) => Weight::OfAll,
        TransferError::Remote(remote) if remote.may_be_about_one() && remote.service == Service::Kaltura => {
            if context.is_refused_to_all(line, what, remote) { Weight::OfAll } else { Weight::Counts }
        }
        TransferError::Remote(remote) if is_said_of_all(remote) => Weight::OfAll,
        TransferError::Remote(remote) if is_unreachable(error) || halted.is_outage(remote.service) => {
            Weight::CountsButLast
        }
        _ => Weight::Counts,
    }
}

/// Kaltura answers every call alike; of Zoom's answers to a download only those to the login and of the account's limits are
/// about more than the one file.
fn is_said_of_all(error: &RemoteError) -> bool {
    let of_login = [Meaning::LoginRefused, Meaning::StaleToken, Meaning::MissingScope];
    match error.service {
        Service::Kaltura => error.ends_the_run(),
        Service::Zoom => {
            matches!(error.kind, RemoteKind::DailyLimit | RemoteKind::Setup)
                || of_login.iter().any(|meaning| error.means(*meaning))
        }
    }
}

/// Whether Kaltura could not be reached at all: the run ends.
fn is_unreachable(error: &TransferError) -> bool {
    error.remote().is_some_and(|error| error.service == Service::Kaltura && error.kind == RemoteKind::Unreachable)
}

pub(super) fn retry_distance(first: TimeDelta, attempts: u32) -> TimeDelta {
    let factor = 2_i32.saturating_pow(attempts.min(20));
    first.checked_mul(factor).unwrap_or(LONGEST_DISTANCE).min(LONGEST_DISTANCE)
}
