//! Recordings side by side, a few at a time, in the order of the plan; what is fresh comes before the backlog.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use chrono::Utc;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;

use super::carry::{Carried, carry};
use super::halt::Halt;
use super::trash::{Cleared, clear};
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
/// as it lasts, it is looked now and then for recordings that are newer than the plan; they join `lines`.
pub(super) async fn carry_all(lines: &mut Vec<Line>, due: Vec<usize>, means: Means<'_>) -> Result<Worked, LedgerError> {
    // that nothing can be put into the trash keeps nothing from being copied
    let (halted, trash_halted) = (Halt::default(), Halt::default());
    let mut known: HashSet<SegmentKey> = lines.iter().map(|line| line.item.segment.key()).collect();
    let trashed = lines.iter().enumerate().filter(|(_, line)| line.item.is_trashed()).map(|(number, _)| number);
    let mut queue: VecDeque<usize> = due.into_iter().chain(trashed).collect();
    let (mut running, mut worked) = (FuturesUnordered::new(), Worked::default());
    let mut looking: Option<BoxFuture<'_, Vec<Item>>> = None;
    let mut look_again = tokio::time::interval_at(tokio::time::Instant::now() + means.relist_every, means.relist_every);
    loop {
        let open = if means.cancel.is_cancelled() { 0 } else { means.parallel.saturating_sub(running.len()) };
        for number in queue.drain(..open.min(queue.len())) {
            running.push(work(number, Arc::new(lines[number].clone()), (&halted, &trash_halted), means));
        }
        if running.is_empty() {
            return Ok(worked);
        }
        tokio::select! {
            Some(end) = running.next() => match end {
                Finished::Carried(files) => worked.carried.extend(files),
                Finished::Cleared(line, cleared) => worked.cleared.extend(lines[line].failed_alone(cleared)?),
            },
            _ = look_again.tick(), if looking.is_none() && !halted.is_reached() => looking = Some((means.look)()),
            fresh = async { looking.as_mut().expect("one that is under way").await }, if looking.is_some() => {
                looking = None;
                let fresh = fresh.into_iter().filter(|item| item.is_copied() && known.insert(item.segment.key()));
                let from = lines.len();
                lines.extend(fresh.map(Line::from));
                write_down(&mut lines[from..], |_, line| Some(line.item.verdict()), means, Utc::now())?;
                (from..lines.len()).rev().for_each(|number| queue.push_front(number));
            }
        }
    }
}

enum Finished {
    Carried(Vec<Carried>),
    Cleared(usize, Result<Cleared, LedgerError>),
}

async fn work(number: usize, line: Arc<Line>, (halted, trash_halted): (&Halt, &Halt), means: Means<'_>) -> Finished {
    if line.item.is_copied() {
        return Finished::Carried(carry(number, line, halted, means).await);
    }
    Finished::Cleared(number, clear(number, line, trash_halted, means).await)
}
