//! The story of applying: decisions, transfers side by side, one look at what was sent, how each recording stands then.
//!
//! What an earlier ledger copied is written down again, and nothing else of a plan is carried out.
//!
//! Entries and texts that Kaltura made late: asked for, not answered, and made when they had been asked for anew.
//! Nothing fills them any more.

use std::collections::HashSet;

use chrono::{TimeDelta, Utc};

use super::adopt::adopt_orphans;
use super::queue::{Worked, announce_recordings, carry_all};
use super::settle::{Placed, RecognisedFile, is_good, record_recognised, settle_copy, settle_good, take_back_given_up};
use super::trash::Cleared;
use super::{ApplyContext, FileResult, Line, Outcome, record_decisions, record_ruled_out, trash};
use crate::copying::copy_table::CopyFinding;
use crate::copying::plan::{Plan, Step, is_confirmed};
use crate::copying::transfer;
use crate::ledger::LedgerError;
use crate::model::{Action, CopyState, Decision, FileCopy, Reason, Role, Tracked};
use crate::remotes::http::RemoteError;

/// Carries `plan` out. A recording that fails is data, and so is what was done before the ledger itself failed.
pub async fn apply_plan(mut plan: Plan, trouble: Vec<RemoteError>, context: ApplyContext<'_>) -> Outcome {
    let due = std::mem::take(&mut plan.due);
    let mut outcome = Outcome::of_plan(plan, trouble);
    outcome.broken = carry_out_plan(&mut outcome, due, context).await.err();
    outcome
}

async fn carry_out_plan(outcome: &mut Outcome, due: Vec<usize>, context: ApplyContext<'_>) -> Result<(), LedgerError> {
    let Outcome { lines, ruled_out, trouble, .. } = outcome;
    let planned: Vec<Decision> = lines.iter().map(|line| line.item.decision()).collect();
    record_decisions(lines, |number, _| planned.get(number).copied(), context, Utc::now())?;
    record_ruled_out(lines, ruled_out, context, Utc::now())?;
    let good = list_planned_good(lines);
    settle_good(lines, &good, context)?;
    for line in lines.iter_mut() {
        let end = settle_planned(line, trouble, context).await;
        line.failed_alone(end)?;
    }
    announce_recordings(due.iter().map(|number| &lines[*number]), context);
    let Worked { books, cleared } = carry_all((lines, ruled_out), due, context).await?;
    trouble.extend(books.trouble);
    books.broken.map_or(Ok(()), Err)?;
    confirm_sent(lines, books.sent, trouble, context).await?;
    remove_late_copies(trouble, context).await?;
    for Cleared { line, files } in cleared {
        trash::report_trash(&mut lines[line], files, trouble);
    }
    trouble.extend(context.transfer.categories.take_trouble());
    // what stands as it was planned may have been purged, or made due again, beside this run
    let written: HashSet<usize> = books.written.into_iter().collect();
    let is_new = |number: usize, now: &Decision| written.contains(&number) || planned.get(number) != Some(now);
    let changed = |number: usize, line: &Line| Some(line.standing()).filter(|now| is_new(number, now));
    record_decisions(lines, changed, context, Utc::now())
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
    context: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    for number in 0..line.item.files.len() {
        let plan = &line.item.files[number];
        let (copy, decision) = (plan.copy.as_deref().cloned(), plan.decision());
        match (plan.step, copy) {
            // written down with all others of its kind
            (Step::Settle(state), Some(copy)) if is_good(state, &copy) => {}
            (Step::Settle(state), Some(copy)) => {
                settle_copy(line, number, &copy, CopyFinding { state, decision }, trouble, context).await?;
            }
            (Step::Adopt, _) => adopt_orphans(line, number, trouble, context).await?,
            (Step::Recognise { state, bytes, .. }, copy) => {
                let found = RecognisedFile { number, state, source_bytes: bytes };
                record_recognised(line, found, copy, context).await?;
            }
            // what people deleted is copied again as what is known to be deleted
            (Step::Copy(_), Some(copy)) if copy.state == CopyState::Deleted => {
                context.transfer.systems.ledger.bury(context.transfer.run, copy.row, context.transfer.utc_now())?;
            }
            (Step::TakeBack, Some(copy)) => take_back_given_up(line, number, &copy, trouble, context).await?,
            _ => {}
        }
    }
    if let Some(loss) = line.item.loss.clone() {
        line.set_result(line.item.main, FileResult::Failed);
        line.error = Some(loss);
    }
    let is_failure = match line.item.reason {
        Some(Reason::LedgerUnreadable) => line.item.action == Action::Wait,
        reason => reason.is_some_and(Reason::is_failure),
    };
    if is_failure {
        line.set_result(line.item.main, FileResult::Failed);
        line.error.clone_from(&line.item.detail);
    }
    Ok(())
}

/// One look at what this run sent: some are READY by now, the others are confirmed by a later run.
async fn confirm_sent(
    lines: &mut [Line],
    mut sent: Vec<Placed>,
    trouble: &mut Vec<RemoteError>,
    context: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    sent.retain(|sent| sent.copy.state == CopyState::Sent);
    let ids: Vec<_> = sent.iter().filter_map(|sent| sent.copy.entry_id.clone()).collect();
    let Some(answers) =
        context.cancel.run_until_cancelled(context.transfer.systems.kaltura.entries_with_source(&ids)).await
    else {
        return Ok(());
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
        let finding = is_confirmed(copy.bytes, copy.lasted, copied.as_ref());
        let CopyFinding { state, decision } = finding;
        // a server that reads from a copy of its database may not know yet what was made a moment ago
        if state == copy.state || copied.is_none() {
            continue;
        }
        let line = &mut lines[number];
        // what went well stays told as what was done
        if decision != Decision::plain(Action::Done) {
            line.change_file(file, decision.action, decision.reason);
        }
        if is_good(state, &copy) {
            good.push(Placed { line: number, file, copy });
        } else {
            let end = settle_copy(line, file, &copy, finding, trouble, context).await;
            line.failed_alone(end)?;
        }
    }
    settle_good(lines, &good, context)
}

/// Leaves everything as it is in Kaltura, and whatever is still to be copied.
pub async fn rebuild_ledger(lines: &mut [Line], context: ApplyContext<'_>) -> Result<(), LedgerError> {
    record_decisions(lines, |_, line| recognise_line(line).map(|_| line.item.decision()), context, Utc::now())?;
    for line in lines {
        let Some(found) = recognise_line(line) else {
            continue;
        };
        let copy = line.item.files[found.number].copy.as_deref().cloned();
        let end = record_recognised(line, found, copy, context).await;
        line.failed_alone(end)?;
    }
    Ok(())
}

/// The file of it that is recognised.
fn recognise_line(line: &Line) -> Option<RecognisedFile> {
    line.item.files.iter().enumerate().find_map(|(number, file)| match file.step {
        Step::Recognise { state, bytes, .. } => Some(RecognisedFile { number, state, source_bytes: bytes }),
        _ => None,
    })
}

/// So long after something was asked for it is looked for what came late.
const FOR_A_DAY: TimeDelta = TimeDelta::days(1);

/// Deletes them, of all that was asked for within a day. What cannot be looked for is looked for by the next run.
pub(super) async fn remove_late_copies(
    trouble: &mut Vec<RemoteError>,
    context: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    // what looks left over may be what the other machine is at work on
    if context.transfer.systems.kaltura.installation().moved || context.cancel.is_cancelled() {
        return Ok(());
    }
    for tracked in context.transfer.systems.ledger.in_doubt(Utc::now() - FOR_A_DAY)? {
        for copy in tracked.copies.iter().filter(|copy| may_have_come_late(copy)) {
            let Some(removed) = context.cancel.run_until_cancelled(remove_late_of(&tracked, copy, context)).await
            else {
                return Ok(());
            };
            match removed {
                Ok(0) => {}
                Ok(count) => tracing::info!(entries = count, "deleted empty entries that Kaltura made late"),
                Err(error) => {
                    trouble.push(error);
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

async fn remove_late_of(tracked: &Tracked, copy: &FileCopy, context: ApplyContext<'_>) -> Result<usize, RemoteError> {
    let kaltura = context.transfer.systems.kaltura;
    if !copy.role.is_entry() {
        return transfer::remove_late_texts(kaltura, copy).await;
    }
    let parent = tracked.parent().and_then(|parent| parent.entry_id.as_ref()).filter(|_| copy.role == Role::Child);
    if copy.role == Role::Child && parent.is_none() {
        return Ok(0);
    }
    transfer::remove_late_entries(kaltura, tracked, parent, &copy.mark(&tracked.segment.key())).await
}

fn may_have_come_late(copy: &FileCopy) -> bool {
    use CopyState::{Broken, Deleted, Done, New, Sent};
    copy.asked > 1 && matches!(copy.state, New | Sent | Done | Broken | Deleted)
}
