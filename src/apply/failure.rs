//! Transfers that did not get to their end: whose fault it is, and what is written down.

use chrono::TimeDelta;

use super::{Line, Means, Outlook};
use crate::http::{RemoteError, RemoteKind, Service};
use crate::ledger::LedgerError;
use crate::model::{Action, FileCopy, Reason, Role};
use crate::transfer::TransferError;

/// A failing recording is tried at least this often.
const LONGEST_DISTANCE: TimeDelta = TimeDelta::days(1);

/// A transfer that did not get to its end.
pub(super) struct Ended {
    /// The copy as it was when the transfer began.
    pub(super) copy: Option<Box<FileCopy>>,
    /// Why.
    pub(super) error: TransferError,
    /// Whether Kaltura has taken more of its bytes all the same.
    pub(super) moved: bool,
}

impl Ended {
    /// A transfer that was not begun.
    pub(super) fn before_it_began(error: impl Into<TransferError>) -> Ended {
        Ended { copy: None, error: error.into(), moved: false }
    }
}

/// Keeps why a file failed, and decides whether the failure is its own.
pub(super) fn failed(
    line: &mut Line,
    file: usize,
    copy: Option<FileCopy>,
    error: TransferError,
    others_got_through: bool,
    trouble: &mut Vec<RemoteError>,
    means: Means<'_>,
) -> Result<(), LedgerError> {
    let (ledger, run, now) = (means.tools.ledger, means.tools.run, means.tools.now());
    match error {
        TransferError::Interrupted => return Ok(()),
        TransferError::Ledger(error) if !error.is_of_one() => return Err(error),
        TransferError::BeingPurged => {
            line.becomes(file, Action::Wait, Some(Reason::BeingPurged));
            return Ok(());
        }
        TransferError::ClaimedElsewhere => {
            line.becomes(file, Action::Wait, Some(Reason::AnotherInstallation));
            return Ok(());
        }
        TransferError::Deleted | TransferError::ParentDeleted | TransferError::ParentEdited => {
            return left_alone(line, file, copy, &error, means);
        }
        _ => {}
    }
    line.set(Some(file), Outlook::Failed);
    line.error = Some(error.to_string());
    let own_fault = match error.refusal() {
        Some(refusal) => {
            let what = line.item.files[file].step.role().map_or("", Role::word);
            !means.is_refused_to_all(line, what, refusal)
        }
        None => is_its_own_fault(&error, others_got_through),
    };
    if let (TransferError::Remote(error) | TransferError::CategoryOwed(error), false) = (&error, own_fault) {
        trouble.push(error.clone());
    }
    let Some(copy) = copy else {
        return Ok(());
    };
    let next_try = own_fault.then(|| now + distance(means.retry_after, copy.attempts));
    if own_fault && copy.attempts + 1 >= means.max_attempts {
        line.given_up(file);
    }
    ledger.fail(run, &copy, &error.to_string(), next_try, now)
}

/// What people deleted or changed stays as they left it, and nothing is added to it.
fn left_alone(
    line: &mut Line,
    file: usize,
    copy: Option<FileCopy>,
    error: &TransferError,
    means: Means<'_>,
) -> Result<(), LedgerError> {
    let parent = line.item.main.and_then(|main| line.item.files[main].copy.clone());
    let (verdict, gone) = match error {
        TransferError::ParentEdited => ((Action::Done, Some(Reason::EditedInKaltura)), None),
        TransferError::ParentDeleted => ((Action::Skip, Some(Reason::DeletedInKaltura)), parent),
        _ => {
            line.becomes(file, Action::Skip, Some(Reason::DeletedInKaltura));
            return copy.map_or(Ok(()), |copy| bury(&copy, means));
        }
    };
    for number in 0..line.files.len() {
        if line.item.files[number].is_copied() && line.files[number].is_none() {
            line.becomes(number, Action::Skip, verdict.1);
        }
    }
    if let Some(main) = line.item.main {
        line.becomes(main, verdict.0, verdict.1);
    }
    gone.map_or(Ok(()), |parent| bury(&parent, means))
}

fn bury(copy: &FileCopy, means: Means<'_>) -> Result<(), LedgerError> {
    means.tools.ledger.bury(means.tools.run, copy.row, means.tools.now())
}

/// When a remote side is down, no recording is to blame: only where others got through does an error that may pass
/// count as the recording's own.
fn is_its_own_fault(error: &TransferError, others_got_through: bool) -> bool {
    match error {
        TransferError::Recording(_)
        | TransferError::OtherSize { .. }
        | TransferError::OtherContent
        | TransferError::Ledger(LedgerError::Refused(_)) => true,
        // to be refused one download while others are served says something of that one
        TransferError::NotServed(_) => others_got_through,
        TransferError::Remote(remote)
            if remote.service == Service::Zoom && matches!(remote.kind, RemoteKind::Expired | RemoteKind::Refused) =>
        {
            others_got_through
        }
        TransferError::Remote(remote) if error.ends_the_run() || remote.ends_the_run() => false,
        TransferError::Remote(remote) => !remote.is_passing() || others_got_through,
        // the copy itself is there: it is not given up for the sake of a category
        TransferError::CategoryOwed(_)
        | TransferError::Deleted
        | TransferError::ParentDeleted
        | TransferError::ParentEdited
        | TransferError::BeingPurged
        | TransferError::ClaimedElsewhere
        | TransferError::Ledger(_)
        | TransferError::Interrupted => false,
    }
}

pub(super) fn distance(first: TimeDelta, attempts: u32) -> TimeDelta {
    let factor = 2_i32.saturating_pow(attempts.min(20));
    first.checked_mul(factor).unwrap_or(LONGEST_DISTANCE).min(LONGEST_DISTANCE)
}
