//! The story of applying: decisions, transfers side by side, one look at what was sent, how each recording stands then.

use chrono::Utc;

use super::adopt::adopt;
use super::failure::{Ended, failed};
use super::late::remove_late;
use super::queue::{Worked, carry_all};
use super::settle::{Placed, is_good, recognise, settle, settle_good, take_back};
use super::trash::{self, Cleared};
use super::turn::Carried;
use super::{Line, Means, Outcome, Outlook, write_down};
use crate::http::RemoteError;
use crate::ledger::LedgerError;
use crate::model::{Action, CopyState, FileCopy, Reason};
use crate::plan::{Plan, Step, Verdict, confirmed};

/// Carries `plan` out. A recording that fails is data, and so is what was done before the ledger itself failed.
pub async fn apply(mut plan: Plan, trouble: Vec<RemoteError>, means: Means<'_>) -> Outcome {
    let due = std::mem::take(&mut plan.due);
    let mut outcome = Outcome::planned(plan, trouble);
    outcome.broken = carry_out(&mut outcome, due, means).await.err();
    outcome
}

async fn carry_out(outcome: &mut Outcome, due: Vec<usize>, means: Means<'_>) -> Result<(), LedgerError> {
    let Outcome { lines, trouble, .. } = outcome;
    let planned: Vec<Verdict> = lines.iter().map(|line| line.item.verdict()).collect();
    write_down(lines, |number, _| planned.get(number).copied(), means, Utc::now())?;
    let good = planned_good(lines);
    settle_good(lines, &good, means)?;
    for line in lines.iter_mut() {
        let end = settle_planned(line, trouble, means).await;
        line.failed_alone(end)?;
    }
    let Worked { carried, cleared } = carry_all(lines, due, means).await?;
    let sent = take_in(lines, carried, trouble, means)?;
    confirm(lines, sent, trouble, means).await?;
    remove_late(trouble, means).await?;
    for Cleared { line, files } in cleared {
        trash::tell(&mut lines[line], files, trouble);
    }
    trouble.extend(means.tools.categories.trouble());
    // what stands as it was planned may have been purged, or made due again, beside this run
    let changed = |number: usize, line: &Line| Some(line.standing()).filter(|now| planned.get(number) != Some(now));
    write_down(lines, changed, means, Utc::now())
}

/// What came of the transfers, told in their lines. What was sent is given back, to be looked at.
fn take_in(
    lines: &mut [Line],
    carried: Vec<Carried>,
    trouble: &mut Vec<RemoteError>,
    means: Means<'_>,
) -> Result<Vec<Placed>, LedgerError> {
    let last_success = carried.iter().rposition(|one| one.end.is_ok());
    let (mut sent, mut broken) = (Vec::new(), None);
    for (number, Carried { line, file, end, put_off_after }) in carried.into_iter().enumerate() {
        match end {
            Ok(copy) => {
                arrived(&mut lines[line], file, &copy);
                sent.push(Placed { line, file, copy });
            }
            // nothing more can be written down; what came of the others is reported all the same
            Err(Ended { .. }) if broken.is_some() => {}
            Err(Ended { copy, error, .. }) => {
                // once a remote side is down for good, nothing gets through after it any more
                let since = put_off_after.unwrap_or(number);
                let others_got_through = last_success.is_some_and(|last| last >= since);
                let line = &mut lines[line];
                let end = failed(line, file, copy.map(|copy| *copy), error, others_got_through, trouble, means);
                broken = line.failed_alone(end).err();
            }
        }
    }
    broken.map_or(Ok(sent), Err)
}

/// Copies that gathering found to be good.
fn planned_good(lines: &[Line]) -> Vec<Placed> {
    let good = |(number, line): (usize, &Line)| {
        let files = line.item.files.iter().enumerate().filter_map(|(file, plan)| match (plan.step, &plan.copy) {
            (Step::Settle(state), Some(copy)) if is_good(state, copy) => Some((file, FileCopy::clone(copy))),
            _ => None,
        });
        files.map(|(file, copy)| Placed { line: number, file, copy }).collect::<Vec<_>>()
    };
    lines.iter().enumerate().flat_map(good).collect()
}

/// Carries out what needs no bytes: what gathering found out about copies is written down, what is given up is taken
/// back. Tells what failed in planning.
async fn settle_planned(line: &mut Line, trouble: &mut Vec<RemoteError>, means: Means<'_>) -> Result<(), LedgerError> {
    for number in 0..line.item.files.len() {
        let plan = &line.item.files[number];
        let (copy, reason) = (plan.copy.as_deref().cloned(), plan.reason);
        match (plan.step, copy) {
            // written down with all others of its kind
            (Step::Settle(state), Some(copy)) if is_good(state, &copy) => {}
            (Step::Settle(state), Some(copy)) => settle(line, number, &copy, (state, reason), trouble, means).await?,
            (Step::Adopt, _) => adopt(line, number, trouble, means).await?,
            (Step::Recognise { state, bytes, .. }, copy) => {
                recognise(line, number, copy, (state, bytes), means).await?;
            }
            (Step::TakeBack, Some(copy)) => take_back(line, number, &copy, trouble, means).await?,
            _ => {}
        }
    }
    if let Some(loss) = line.item.loss.clone() {
        line.set(line.item.main, Outlook::Failed);
        line.error = Some(loss);
    }
    let is_failure = match line.item.reason {
        Some(Reason::OwnerLookupFailed | Reason::WrongAlias) => true,
        Some(Reason::LedgerUnreadable) => line.item.action == Action::Wait,
        _ => false,
    };
    if is_failure {
        line.set(line.item.main, Outlook::Failed);
        line.error.clone_from(&line.item.detail);
    }
    Ok(())
}

fn arrived(line: &mut Line, number: usize, copy: &FileCopy) {
    if let Some(reason) = copy.state.left_out() {
        return line.becomes(number, Action::Skip, Some(reason));
    }
    let is_main = line.item.main == Some(number);
    line.item.files[number].entry_id.clone_from(&copy.entry_id);
    if is_main {
        line.item.entry_id.clone_from(&copy.entry_id);
    }
    let outlook = match copy.state {
        // captions and chats are there as soon as they are sent
        CopyState::Done => Outlook::Done,
        CopyState::Importing => Outlook::Importing,
        _ => Outlook::Sent,
    };
    line.set(Some(number), outlook);
}

/// One look at what this run sent: some are READY by now, the others are confirmed by a later run.
async fn confirm(
    lines: &mut [Line],
    mut sent: Vec<Placed>,
    trouble: &mut Vec<RemoteError>,
    means: Means<'_>,
) -> Result<(), LedgerError> {
    sent.retain(|sent| sent.copy.state == CopyState::Sent);
    let ids: Vec<_> = sent.iter().filter_map(|sent| sent.copy.entry_id.clone()).collect();
    let answers = tokio::select! {
        answers = means.tools.kaltura.copied(&ids) => answers,
        () = means.cancel.cancelled() => return Ok(()),
    };
    let answers = match answers {
        Ok(answers) => answers,
        Err(error) => {
            trouble.push(error);
            return Ok(());
        }
    };
    let mut good = Vec::new();
    for (Placed { line: number, file, copy }, copied) in sent.into_iter().zip(answers) {
        let copied = match copied {
            Ok(copied) => copied,
            Err(error) => {
                trouble.push(error);
                continue;
            }
        };
        let (state, action, reason) = confirmed(copy.bytes, copy.lasted, copied.as_ref());
        // a server that reads from a copy of its database may not know yet what was made a moment ago
        if state == copy.state || copied.is_none() {
            continue;
        }
        let line = &mut lines[number];
        // what went well stays told as what was done
        if (action, reason) != (Action::Done, None) {
            line.becomes(file, action, reason);
        }
        if is_good(state, &copy) {
            good.push(Placed { line: number, file, copy });
        } else {
            let end = settle(line, file, &copy, (state, reason), trouble, means).await;
            line.failed_alone(end)?;
        }
    }
    settle_good(lines, &good, means)
}
