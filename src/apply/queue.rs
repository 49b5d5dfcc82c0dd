//! Recordings side by side, a few at a time, in the order of the plan; what is fresh comes before the backlog.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use chrono::Utc;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use super::carry::carry;
use super::halt::Halt;
use super::trash::{Cleared, clear};
use super::turn::{Carried, Taken, Turn};
use super::{Line, Means, write_down};
use crate::ledger::LedgerError;
use crate::model::SegmentKey;
use crate::plan::Item;

/// What came of the recordings.
#[derive(Default)]
pub(super) struct Worked {
    pub(super) carried: Vec<Carried>,
    pub(super) cleared: Vec<Cleared>,
}

/// Carries out every transfer of the plan, the files of the lines `due` in that order, then puts into Zoom's trash what is
/// due there. One that fails does not stop the others, unless its error says that nothing else can go well either. As long
/// as it lasts, it is looked now and then for recordings that are newer than the plan; they join `lines`. What Zoom does not
/// give in its turn comes back after all others.
pub(super) async fn carry_all(lines: &mut Vec<Line>, due: Vec<usize>, means: Means<'_>) -> Result<Worked, LedgerError> {
    // that nothing can be put into the trash keeps nothing from being copied
    let (halted, trash_halted) = (Halt::default(), Halt::default());
    let mut known: HashSet<SegmentKey> = lines.iter().map(|line| line.item.segment.key()).collect();
    let trashed = lines.iter().enumerate().filter(|(_, line)| line.item.is_trashed()).map(|(number, _)| number);
    let mut queue: VecDeque<Turn> = due.into_iter().chain(trashed).map(Turn::first).collect();
    let (mut running, mut worked) = (FuturesUnordered::new(), Worked::default());
    let mut resting: Vec<(Instant, Turn)> = Vec::new();
    let mut looking: Option<BoxFuture<'_, Vec<Item>>> = None;
    let mut look_again = tokio::time::interval_at(Instant::now() + means.relist_every, means.relist_every);
    loop {
        let open = if means.cancel.is_cancelled() { 0 } else { means.parallel.saturating_sub(running.len()) };
        for turn in queue.drain(..open.min(queue.len())) {
            let line = Arc::new(lines[turn.line].clone());
            running.push(work(turn, line, (&halted, &trash_halted), means));
        }
        let goes_on = !halted.is_reached() && !means.cancel.is_cancelled();
        if running.is_empty() && (resting.is_empty() || !goes_on) {
            let left = queue.into_iter().chain(resting.into_iter().map(|(_, turn)| turn));
            worked.carried.extend(left.flat_map(|turn| turn.with_what_was_put_off(Vec::new())));
            return Ok(worked);
        }
        tokio::select! {
            Some(end) = running.next() => match end {
                Finished::Carried(turn, files) => {
                    let Taken { ended, back } = turn.take(files, worked.carried.len(), goes_on, means.tools.tuning.retry);
                    worked.carried.extend(ended);
                    resting.extend(back.map(|(turn, rest)| (Instant::now() + rest, turn)));
                }
                Finished::Cleared(line, cleared) => worked.cleared.extend(lines[line].failed_alone(cleared)?),
            },
            () = rested(&resting), if !resting.is_empty() => {
                let now = Instant::now();
                queue.extend(resting.extract_if(.., |(until, _)| *until <= now).map(|(_, turn)| turn));
            }
            () = means.cancel.cancelled(), if running.is_empty() => {}
            _ = look_again.tick(), if looking.is_none() && !halted.is_reached() => looking = Some((means.look)()),
            fresh = async { looking.as_mut().expect("one that is under way").await }, if looking.is_some() => {
                looking = None;
                let fresh = fresh.into_iter().filter(|item| item.is_copied() && known.insert(item.segment.key()));
                let from = lines.len();
                lines.extend(fresh.map(Line::from));
                write_down(&mut lines[from..], |_, line| Some(line.item.verdict()), means, Utc::now())?;
                (from..lines.len()).rev().for_each(|number| queue.push_front(Turn::first(number)));
            }
        }
    }
}

/// Waits until the first of these has rested.
async fn rested(resting: &[(Instant, Turn)]) {
    if let Some(first) = resting.iter().map(|(until, _)| *until).min() {
        tokio::time::sleep_until(first).await;
    }
}

enum Finished {
    Carried(Turn, Vec<Carried>),
    Cleared(usize, Result<Cleared, LedgerError>),
}

async fn work(turn: Turn, line: Arc<Line>, (halted, trash_halted): (&Halt, &Halt), means: Means<'_>) -> Finished {
    if line.item.is_copied() {
        let carried = Box::pin(carry(&turn, line, halted, means)).await;
        return Finished::Carried(turn, carried);
    }
    Finished::Cleared(turn.line, clear(turn.line, line, trash_halted, means).await)
}
