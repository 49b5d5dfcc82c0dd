//! The story of applying: decisions, transfers side by side, one look at what was sent, how each recording stands then.

use chrono::Utc;

use super::carry::{Carried, carry_all};
use super::failure::{Ended, failed};
use super::{Line, Means, Outcome, Outlook};
use crate::http::RemoteError;
use crate::ledger::{Decision, LedgerError};
use crate::model::{Action, CopyState, FileCopy, Reason, Segment};
use crate::plan::{Plan, Step, confirmed};

/// Carries `plan` out. A recording that fails is data; only the ledger itself failing ends the run here.
pub async fn apply(plan: Plan, trouble: Vec<RemoteError>, means: Means<'_>) -> Result<Outcome, LedgerError> {
    let Outcome { window, mut lines, mut trouble, .. } = Outcome::planned(plan, trouble);
    write_down(&lines, means, |line| (line.item.action, line.item.reason))?;
    for line in &mut lines {
        settle_planned(line, means)?;
    }
    let carried = carry_all(&lines, means).await;
    let got_through = carried.iter().any(|one| one.end.is_ok());
    let mut sent = Vec::new();
    for Carried { line, file, end } in carried {
        match end {
            Ok(copy) => {
                arrived(&mut lines[line], file, &copy);
                sent.push(Sent { line, file, copy });
            }
            Err(Ended { copy, error }) => {
                failed(&mut lines[line], file, copy, error, got_through, &mut trouble, means)?;
            }
        }
    }
    if !means.cancel.is_cancelled() {
        confirm(&mut lines, sent, &mut trouble, means).await?;
    }
    write_down(&lines, means, Line::standing)?;
    Ok(Outcome { window, lines, held: None, trouble })
}

/// Writes down what is decided on each recording. A meeting without files has no recording to remember yet: its
/// `recording_start` is not known.
fn write_down(
    lines: &[Line],
    means: Means<'_>,
    verdict: impl Fn(&Line) -> (Action, Option<Reason>),
) -> Result<(), LedgerError> {
    let worth_it = |line: &&Line| line.item.reason != Some(Reason::NoFiles);
    let decisions: Vec<Decision<'_>> = lines
        .iter()
        .filter(worth_it)
        .map(|line| {
            let (action, reason) = verdict(line);
            let owner = line.item.owner.as_ref().filter(|_| action.is_copy());
            Decision { segment: &line.item.segment, action, reason, owner }
        })
        .collect();
    means.tools.ledger.decide(means.tools.run, &decisions, Utc::now())
}

/// Writes down what gathering found out about copies that were sent earlier, and tells what failed in planning.
fn settle_planned(line: &mut Line, means: Means<'_>) -> Result<(), LedgerError> {
    for number in 0..line.item.files.len() {
        let plan = &line.item.files[number];
        if let (Step::Settle(state), Some(copy)) = (plan.step, plan.copy.clone()) {
            let reason = plan.reason;
            settle(line, number, &copy, state, reason, means)?;
        }
    }
    if line.item.reason == Some(Reason::OwnerLookupFailed) {
        line.set(line.item.main, Outlook::Failed);
        line.error.clone_from(&line.item.detail);
    }
    Ok(())
}

/// Writes down where a copy stands that was sent.
fn settle(
    line: &mut Line,
    number: usize,
    copy: &FileCopy,
    state: CopyState,
    reason: Option<Reason>,
    means: Means<'_>,
) -> Result<(), LedgerError> {
    let settled = FileCopy { state, token: None, ..copy.clone() };
    means.tools.ledger.advance(means.tools.run, copy.state, &settled, Utc::now())?;
    match state {
        CopyState::Done => line.set(Some(number), Outlook::Done),
        CopyState::Broken => {
            line.set(Some(number), Outlook::Failed);
            line.error = Some(why_broken(&line.item.segment, copy, reason));
        }
        _ => {}
    }
    Ok(())
}

fn why_broken(segment: &Segment, copy: &FileCopy, reason: Option<Reason>) -> String {
    let entry = copy.entry_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let what = match (reason, copy.lasted.or(segment.lasted)) {
        (Some(Reason::DurationDiffers), Some(lasted)) => {
            format!("plays it for another time than the {} minutes that Zoom recorded", lasted.num_minutes())
        }
        _ => "could not process the recording".to_owned(),
    };
    format!("Kaltura {what}; look at entry {entry} in the KMC, and play the recording in Zoom")
}

/// A copy whose bytes are all in Kaltura.
struct Sent {
    line: usize,
    file: usize,
    copy: FileCopy,
}

fn arrived(line: &mut Line, number: usize, copy: &FileCopy) {
    let is_main = line.item.main == Some(number);
    line.item.files[number].entry_id.clone_from(&copy.entry_id);
    if is_main {
        line.item.entry_id.clone_from(&copy.entry_id);
    }
    // captions are there as soon as they are sent
    line.set(Some(number), if copy.state == CopyState::Done { Outlook::Done } else { Outlook::Sent });
}

/// One look at what this run sent: some are READY by now, the others are confirmed by a later run.
async fn confirm(
    lines: &mut [Line],
    mut sent: Vec<Sent>,
    trouble: &mut Vec<RemoteError>,
    means: Means<'_>,
) -> Result<(), LedgerError> {
    sent.retain(|sent| sent.copy.state == CopyState::Sent);
    let ids: Vec<_> = sent.iter().filter_map(|sent| sent.copy.entry_id.clone()).collect();
    let answers = match means.tools.kaltura.copied(&ids).await {
        Ok(answers) => answers,
        Err(error) => {
            trouble.push(error);
            return Ok(());
        }
    };
    for (Sent { line, file, copy }, copied) in sent.into_iter().zip(answers) {
        let (state, action, reason) = confirmed(&copy, copied.as_ref());
        if state == copy.state {
            continue;
        }
        let line = &mut lines[line];
        // what went well stays told as what was done
        if (action, reason) != (Action::Done, None) {
            line.becomes(file, action, reason);
        }
        settle(line, file, &copy, state, reason, means)?;
    }
    Ok(())
}
