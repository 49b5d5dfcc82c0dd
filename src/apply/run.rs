//! The story of applying: decisions, transfers side by side, one look at what was sent, the checkpoint.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{Line, Outcome, Outlook};
use crate::http::{RemoteError, RemoteKind};
use crate::ledger::{Decision, LedgerError};
use crate::model::{Action, CopyState, FileCopy, KalturaUserId, Reason, RecordingFile, Segment, one_line};
use crate::plan::{Item, Plan, Step, confirmed, settled_as};
use crate::progress::Monitor;
use crate::transfer::{Job, Tools, TransferError, transfer};

/// A failing recording is tried at least this often.
const LONGEST_DISTANCE: TimeDelta = TimeDelta::days(1);

/// What a plan is carried out with.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// The clients, the ledger and how bytes are sent.
    pub tools: Tools<'a>,
    /// Transfers at a time.
    pub parallel: usize,
    /// Distance to the next try after a first failure; doubles from there.
    pub retry_after: TimeDelta,
    /// After so many failures of its own a recording is given up.
    pub max_attempts: u32,
    /// Hears of the transfers.
    pub monitor: &'a dyn Monitor,
    /// Tells the run to end.
    pub cancel: &'a CancellationToken,
}

/// Carries `plan` out. A recording that fails is data; only the ledger itself failing ends the run here.
pub async fn apply(plan: Plan, trouble: Vec<RemoteError>, means: Means<'_>) -> Result<Outcome, LedgerError> {
    write_decisions(&plan, means)?;
    let Outcome { window, mut lines, mut trouble, .. } = Outcome::planned(plan, trouble);
    for line in &mut lines {
        settle_planned(line, means)?;
    }
    let ends = transfers(&lines, means).await;
    let got_through = ends.iter().any(|(_, end)| end.is_ok());
    let mut sent = Vec::new();
    for (index, end) in ends {
        let line = &mut lines[index];
        match end {
            Ok(copy) => {
                line.outlook = Some(Outlook::Sent);
                line.item.entry_id.clone_from(&copy.entry_id);
                sent.push((index, copy));
            }
            Err(Ended { copy, error }) => failed(line, copy, error, got_through, &mut trouble, means)?,
        }
    }
    if !means.cancel.is_cancelled() {
        confirm(&mut lines, sent, &mut trouble, means).await?;
    }
    Ok(Outcome { window, lines, held: None, trouble })
}

/// A meeting without files has no recording to remember yet: its `recording_start` is not known.
fn write_decisions(plan: &Plan, means: Means<'_>) -> Result<(), LedgerError> {
    let worth_it = |item: &&Item| !matches!(item.step, Step::Settle { .. }) && item.reason != Some(Reason::NoFiles);
    let decisions: Vec<Decision<'_>> = plan
        .items
        .iter()
        .filter(worth_it)
        .map(|item| Decision {
            segment: &item.segment,
            action: item.action,
            reason: item.reason,
            owner: item.owner.as_ref().filter(|_| item.action.is_copy()),
        })
        .collect();
    means.tools.ledger.decide(means.tools.run, &decisions, Utc::now())
}

/// Writes down what gathering found out about copies that were sent earlier, and tells what failed in planning.
fn settle_planned(line: &mut Line, means: Means<'_>) -> Result<(), LedgerError> {
    if let Step::Settle { copy, state } = &line.item.step {
        let verdict = (line.item.action, line.item.reason);
        let settled = FileCopy { state: *state, token: None, ..copy.clone() };
        means.tools.ledger.settle(means.tools.run, copy.state, &settled, verdict, Utc::now())?;
        line.outlook = outlook_of(*state);
        line.error = why_broken(*state);
    }
    if line.item.reason == Some(Reason::OwnerLookupFailed) {
        line.outlook = Some(Outlook::Failed);
        line.error.clone_from(&line.item.detail);
    }
    Ok(())
}

fn outlook_of(state: CopyState) -> Option<Outlook> {
    match state {
        CopyState::Done => Some(Outlook::Done),
        CopyState::Sent => Some(Outlook::Sent),
        CopyState::Broken => Some(Outlook::Failed),
        _ => None,
    }
}

fn why_broken(state: CopyState) -> Option<String> {
    (state == CopyState::Broken).then(|| {
        "Kaltura: its processing of the recording failed; look at the entry in the KMC, and play the recording in Zoom"
            .to_owned()
    })
}

/// A transfer that did not get to its end.
struct Ended {
    copy: Option<FileCopy>,
    error: TransferError,
}

/// Carries out every transfer of the plan, a few at a time. One that fails does not stop the others, unless its error
/// says that nothing else can go well either.
async fn transfers(lines: &[Line], means: Means<'_>) -> Vec<(usize, Result<FileCopy, Ended>)> {
    let halted = AtomicBool::new(false);
    let due = lines.iter().enumerate().filter_map(|(index, line)| match (&line.item.step, &line.item.owner) {
        (Step::Transfer { file, copy }, Some(owner)) => Some((index, &line.item.segment, file, copy, owner)),
        _ => None,
    });
    let halted = &halted;
    let running = due.map(|(index, segment, file, copy, owner)| async move {
        if halted.load(Ordering::Relaxed) || means.cancel.is_cancelled() {
            return None;
        }
        let end = one(segment, file, copy.clone(), owner, means).await;
        if end.as_ref().is_err_and(|end| end.error.ends_the_run()) {
            halted.store(true, Ordering::Relaxed);
        }
        Some((index, end))
    });
    stream::iter(running).buffer_unordered(means.parallel).filter_map(std::future::ready).collect().await
}

async fn one(
    segment: &Segment,
    file: &RecordingFile,
    copy: Option<FileCopy>,
    owner: &KalturaUserId,
    means: Means<'_>,
) -> Result<FileCopy, Ended> {
    let copy = match copy {
        Some(copy) => copy,
        None => means
            .tools
            .ledger
            .begin_copy(&segment.key(), &file.id, file.bytes.unwrap_or_default())
            .map_err(|error| Ended { copy: None, error: error.into() })?,
    };
    let gauge = means.monitor.transfer(&one_line(&segment.meeting.topic), copy.bytes);
    let job = Job { segment, owner, file, gauge: &*gauge };
    let end = tokio::select! {
        end = transfer(means.tools, &job, copy.clone()) => end,
        () = means.cancel.cancelled() => Err(TransferError::Interrupted),
    };
    end.map_err(|error| Ended { copy: Some(copy), error })
}

/// Keeps why a recording failed, and decides whether the failure is its own.
fn failed(
    line: &mut Line,
    copy: Option<FileCopy>,
    error: TransferError,
    others_got_through: bool,
    trouble: &mut Vec<RemoteError>,
    means: Means<'_>,
) -> Result<(), LedgerError> {
    let (ledger, run, now) = (means.tools.ledger, means.tools.run, Utc::now());
    match error {
        TransferError::Interrupted => return Ok(()),
        TransferError::Ledger(error) if !matches!(error, LedgerError::Moved(_)) => return Err(error),
        TransferError::Deleted => {
            line.item.becomes(Action::Skip, Some(Reason::DeletedInKaltura));
            return deleted(copy, means);
        }
        _ => {}
    }
    line.outlook = Some(Outlook::Failed);
    line.error = Some(error.to_string());
    let own_fault = is_its_own_fault(&error, others_got_through);
    if let (TransferError::Remote(error), false) = (&error, own_fault) {
        trouble.push(error.clone());
    }
    let Some(copy) = copy else {
        return Ok(());
    };
    let next_try = own_fault.then(|| now + distance(means.retry_after, copy.attempts));
    if own_fault && copy.attempts + 1 >= means.max_attempts {
        line.item.reason = Some(Reason::GivenUp);
    }
    ledger.fail(run, &copy, &error.to_string(), next_try, now)
}

fn deleted(copy: Option<FileCopy>, means: Means<'_>) -> Result<(), LedgerError> {
    let Some(copy) = copy else {
        return Ok(());
    };
    means.tools.ledger.bury(means.tools.run, copy.row, Utc::now())
}

/// When a remote side is down, no recording is to blame: only where others got through does an error that may pass
/// count as the recording's own.
fn is_its_own_fault(error: &TransferError, others_got_through: bool) -> bool {
    match error {
        TransferError::Recording(_) => true,
        TransferError::Remote(remote)
            if error.ends_the_run() || remote.ends_the_run() || matches!(remote.kind, RemoteKind::RateLimited(_)) =>
        {
            false
        }
        TransferError::Remote(remote) => !remote.is_passing() || others_got_through,
        TransferError::Deleted | TransferError::Ledger(_) | TransferError::Interrupted => false,
    }
}

fn distance(first: TimeDelta, attempts: u32) -> TimeDelta {
    let factor = 2_i32.saturating_pow(attempts.min(20));
    first.checked_mul(factor).unwrap_or(LONGEST_DISTANCE).min(LONGEST_DISTANCE)
}

/// One look at what this run sent: some are READY by now, the others are confirmed by a later run.
async fn confirm(
    lines: &mut [Line],
    sent: Vec<(usize, FileCopy)>,
    trouble: &mut Vec<RemoteError>,
    means: Means<'_>,
) -> Result<(), LedgerError> {
    let ids: Vec<_> = sent.iter().filter_map(|(_, copy)| copy.entry_id.clone()).collect();
    let answers = match means.tools.kaltura.copied(&ids).await {
        Ok(answers) => answers,
        Err(error) => {
            trouble.push(error);
            return Ok(());
        }
    };
    for ((index, copy), copied) in sent.into_iter().zip(answers) {
        let state = confirmed(copied.as_ref());
        if state == copy.state {
            continue;
        }
        let (action, reason) = settled_as(state, &copy, copied.as_ref());
        let settled = FileCopy { state, token: None, ..copy.clone() };
        means.tools.ledger.settle(means.tools.run, copy.state, &settled, (action, reason), Utc::now())?;
        let line = &mut lines[index];
        line.outlook = outlook_of(state);
        line.error = why_broken(state);
        if state != CopyState::Done {
            line.item.becomes(action, reason);
        }
    }
    Ok(())
}
