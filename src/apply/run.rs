//! The story of applying: decisions, transfers side by side, one look at what was sent, how each recording stands then.

use chrono::Utc;

use super::adopt::adopt;
use super::failure::{Ended, failed};
use super::queue::{Worked, carry_all};
use super::settle::{Placed, is_good, recognise, settle, settle_good, take_back};
use super::trash::{self, Cleared};
use super::turn::Carried;
use super::{Line, Means, Outcome, Outlook, write_down};
use crate::http::RemoteError;
use crate::ledger::LedgerError;
use crate::model::{Action, CopyState, FileCopy, Reason};
use crate::plan::{Plan, Step, Verdict, confirmed};

/// Carries `plan` out. A recording that fails is data; only the ledger itself failing ends the run here.
pub async fn apply(mut plan: Plan, trouble: Vec<RemoteError>, means: Means<'_>) -> Result<Outcome, LedgerError> {
    let due = std::mem::take(&mut plan.due);
    let Outcome { window, complete, mut lines, mut trouble, .. } = Outcome::planned(plan, trouble);
    let planned: Vec<Verdict> = lines.iter().map(|line| line.item.verdict()).collect();
    write_down(lines.iter().zip(planned.iter().copied()), means, Utc::now())?;
    let good = planned_good(&lines);
    settle_good(&mut lines, good, means)?;
    for line in &mut lines {
        settle_planned(line, &mut trouble, means).await?;
    }
    let Worked { carried, cleared } = carry_all(&mut lines, due, means).await?;
    let last_success = carried.iter().rposition(|one| one.end.is_ok());
    let mut sent = Vec::new();
    for (number, Carried { line, file, end, put_off_after }) in carried.into_iter().enumerate() {
        match end {
            Ok(copy) => {
                arrived(&mut lines[line], file, &copy);
                sent.push(Placed { line, file, copy });
            }
            Err(Ended { copy, error, .. }) => {
                // once a remote side is down for good, nothing gets through after it any more
                let since = put_off_after.unwrap_or(number);
                let others_got_through = last_success.is_some_and(|last| last >= since);
                failed(&mut lines[line], file, copy.map(|copy| *copy), error, others_got_through, &mut trouble, means)?;
            }
        }
    }
    confirm(&mut lines, sent, &mut trouble, means).await?;
    for Cleared { line, files } in cleared {
        trash::tell(&mut lines[line], files, &mut trouble);
    }
    trouble.extend(means.tools.categories.trouble());
    // what stands as it was planned may have been purged, or made due again, beside this run
    let changed = lines.iter().map(|line| (line, line.standing())).enumerate();
    let changed =
        changed.filter(|(number, (_, standing))| planned.get(*number) != Some(standing)).map(|(_, line)| line);
    write_down(changed, means, Utc::now())?;
    Ok(Outcome { window, complete, lines, held: None, trouble })
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
    if matches!(line.item.reason, Some(Reason::OwnerLookupFailed | Reason::WrongAlias)) {
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
            settle(line, file, &copy, (state, reason), trouble, means).await?;
        }
    }
    settle_good(lines, good, means)
}
