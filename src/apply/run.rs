//! The story of applying: decisions, transfers side by side, one look at what was sent, how each recording stands then.

use std::collections::HashSet;

use chrono::Utc;

use super::adopt::adopt_orphans;
use super::late::remove_late_copies;
use super::queue::{Worked, carry_all};
use super::settle::{Placed, is_good, record_recognised, settle_copy, settle_good, take_back_given_up};
use super::trash::{self, Cleared};
use super::{ApplyContext, FileResult, Line, Outcome, record_decisions};
use crate::http::RemoteError;
use crate::ledger::LedgerError;
use crate::model::{Action, CopyState, FileCopy, Reason};
use crate::plan::{Decision, Plan, Step, is_confirmed};

/// Carries `plan` out. A recording that fails is data, and so is what was done before the ledger itself failed.
pub async fn apply_plan(mut plan: Plan, trouble: Vec<RemoteError>, means: ApplyContext<'_>) -> Outcome {
    let due = std::mem::take(&mut plan.due);
    let mut outcome = Outcome::planned(plan, trouble);
    outcome.broken = carry_out_plan(&mut outcome, due, means).await.err();
    outcome
}

async fn carry_out_plan(outcome: &mut Outcome, due: Vec<usize>, means: ApplyContext<'_>) -> Result<(), LedgerError> {
    let Outcome { lines, trouble, .. } = outcome;
    let planned: Vec<Decision> = lines.iter().map(|line| line.item.verdict()).collect();
    record_decisions(lines, |number, _| planned.get(number).copied(), means, Utc::now())?;
    let good = list_planned_good(lines);
    settle_good(lines, &good, means)?;
    for line in lines.iter_mut() {
        let end = settle_planned(line, trouble, means).await;
        line.failed_alone(end)?;
    }
    let Worked { books, cleared } = carry_all(lines, due, means).await?;
    trouble.extend(books.trouble);
    books.broken.map_or(Ok(()), Err)?;
    confirm_sent(lines, books.sent, trouble, means).await?;
    remove_late_copies(trouble, means).await?;
    for Cleared { line, files } in cleared {
        trash::report_trash(&mut lines[line], files, trouble);
    }
    trouble.extend(means.tools.categories.trouble());
    // what stands as it was planned may have been purged, or made due again, beside this run
    let written: HashSet<usize> = books.written.into_iter().collect();
    let is_new = |number: usize, now: &Decision| written.contains(&number) || planned.get(number) != Some(now);
    let changed = |number: usize, line: &Line| Some(line.standing()).filter(|now| is_new(number, now));
    record_decisions(lines, changed, means, Utc::now())
}

/// Copies that gathering found to be good.
fn list_planned_good(lines: &[Line]) -> Vec<Placed> {
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
async fn settle_planned(
    line: &mut Line,
    trouble: &mut Vec<RemoteError>,
    means: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    for number in 0..line.item.files.len() {
        let plan = &line.item.files[number];
        let (copy, reason) = (plan.copy.as_deref().cloned(), plan.reason);
        match (plan.step, copy) {
            // written down with all others of its kind
            (Step::Settle(state), Some(copy)) if is_good(state, &copy) => {}
            (Step::Settle(state), Some(copy)) => {
                settle_copy(line, number, &copy, (state, reason), trouble, means).await?
            }
            (Step::Adopt, _) => adopt_orphans(line, number, trouble, means).await?,
            (Step::Recognise { state, bytes, .. }, copy) => {
                record_recognised(line, number, copy, (state, bytes), means).await?;
            }
            // what people deleted is copied again as what is known to be deleted
            (Step::Copy(_), Some(copy)) if copy.state == CopyState::Deleted => {
                means.tools.ledger.bury(means.tools.run, copy.row, means.tools.utc_now())?;
            }
            (Step::TakeBack, Some(copy)) => take_back_given_up(line, number, &copy, trouble, means).await?,
            _ => {}
        }
    }
    if let Some(loss) = line.item.loss.clone() {
        line.set(line.item.main, FileResult::Failed);
        line.error = Some(loss);
    }
    let is_failure = match line.item.reason {
        Some(Reason::OwnerLookupFailed | Reason::WrongAlias) => true,
        Some(Reason::LedgerUnreadable) => line.item.action == Action::Wait,
        _ => false,
    };
    if is_failure {
        line.set(line.item.main, FileResult::Failed);
        line.error.clone_from(&line.item.detail);
    }
    Ok(())
}

/// One look at what this run sent: some are READY by now, the others are confirmed by a later run.
async fn confirm_sent(
    lines: &mut [Line],
    mut sent: Vec<Placed>,
    trouble: &mut Vec<RemoteError>,
    means: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    sent.retain(|sent| sent.copy.state == CopyState::Sent);
    let ids: Vec<_> = sent.iter().filter_map(|sent| sent.copy.entry_id.clone()).collect();
    let answers = tokio::select! {
        answers = means.tools.kaltura.read_entry_with_source(&ids) => answers,
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
        let (state, action, reason) = is_confirmed(copy.bytes, copy.lasted, copied.as_ref());
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
            let end = settle_copy(line, file, &copy, (state, reason), trouble, means).await;
            line.failed_alone(end)?;
        }
    }
    settle_good(lines, &good, means)
}
