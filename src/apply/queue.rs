//! Recordings side by side, a few at a time, in the order of the plan; what is fresh comes before the backlog.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::Utc;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use super::agenda::{Agenda, AgendaPlace};
use super::books::Books;
use super::carry::carry_recording;
use super::halt::CircuitBreaker;
use super::trash::{Cleared, trash_due};
use super::turn::{Carried, RecordingTurn, Taken};
use super::{ApplyContext, Line, record_decisions};
use crate::ledger::LedgerError;
use crate::plan::Item;

/// What came of the recordings.
#[derive(Default)]
pub(super) struct Worked {
    pub(super) books: Books,
    pub(super) cleared: Vec<Cleared>,
}

/// Carries out every transfer of the plan, the files of the lines `due` in that order, then puts into Zoom's trash what is
/// due there. One that fails does not stop the others, unless its error says that nothing else can go well either. As long
/// as it lasts, it is looked now and then what is to be copied by then: what is newer than the plan, what was not finished
/// or not decided when that was made, what failed and is due again. What Zoom does not give in its turn comes back after
/// all others.
pub(super) async fn carry_all(
    lines: &mut Vec<Line>,
    due: Vec<usize>,
    means: ApplyContext<'_>,
) -> Result<Worked, LedgerError> {
    // that nothing can be put into the trash keeps nothing from being copied
    let (halted, trash_halted) = (CircuitBreaker::default(), CircuitBreaker::default());
    let mut queue = Queue::of(lines, due);
    let (mut running, mut worked) = (FuturesUnordered::new(), Worked::default());
    let mut looking: Option<BoxFuture<'_, Vec<Item>>> = None;
    let mut look_again = tokio::time::interval_at(Instant::now() + means.relist_every, means.relist_every);
    loop {
        let open = if means.cancel.is_cancelled() { 0 } else { means.parallel.saturating_sub(running.len()) };
        for turn in queue.next(open) {
            let line = Arc::new(lines[turn.line].clone());
            running.push(work_on(turn, line, (&halted, &trash_halted), means));
        }
        let goes_on = !halted.is_reached() && !means.cancel.is_cancelled();
        if running.is_empty() && (queue.resting.is_empty() || !goes_on) {
            worked.books.take_in(lines, queue.left(), &halted, means);
            worked.books.close(lines, &halted, means);
            return Ok(worked);
        }
        tokio::select! {
            Some(end) = running.next() => match end {
                Finished::Carried(turn, files) => {
                    let ended = queue.take(turn, files, goes_on, means);
                    worked.books.take_in(lines, ended, &halted, means);
                    if worked.books.broken.is_some() {
                        halted.reach();
                    }
                }
                Finished::Cleared(line, cleared) => {
                    queue.agenda.end(line);
                    worked.cleared.extend(lines[line].failed_alone(cleared)?);
                }
            },
            () = rest_before(&queue.resting), if !queue.resting.is_empty() => queue.wake(),
            () = means.cancel.cancelled(), if running.is_empty() => {}
            _ = look_again.tick(), if looking.is_none() && goes_on => {
                queue.agenda.look();
                looking = Some((means.look)());
            }
            fresh = async { looking.as_mut().expect("one that is under way").await }, if looking.is_some() => {
                looking = None;
                queue.add(lines, fresh, &mut worked.books, means)?;
            }
        }
    }
}

/// What is still to be done.
struct Queue {
    turns: VecDeque<RecordingTurn>,
    resting: Vec<(Instant, RecordingTurn)>,
    agenda: Agenda,
}

impl Queue {
    /// The lines `due` in that order, then those of which something goes to Zoom's trash.
    fn of(lines: &[Line], due: Vec<usize>) -> Queue {
        let mut agenda = Agenda::default();
        lines.iter().enumerate().for_each(|(number, line)| agenda.know(number, line));
        let trashed = lines.iter().enumerate().filter(|(_, line)| line.item.is_trashed()).map(|(number, _)| number);
        let turns: VecDeque<RecordingTurn> = due.into_iter().chain(trashed).map(RecordingTurn::first).collect();
        for turn in &turns {
            agenda.begin(turn.line, &lines[turn.line]);
        }
        Queue { turns, resting: Vec::new(), agenda }
    }

    fn next(&mut self, most: usize) -> Vec<RecordingTurn> {
        self.turns.drain(..most.min(self.turns.len())).collect()
    }

    /// What has come to its end in a turn; the rest comes back.
    fn take(
        &mut self,
        turn: RecordingTurn,
        files: Vec<Carried>,
        goes_on: bool,
        means: ApplyContext<'_>,
    ) -> Vec<Carried> {
        let line = turn.line;
        let Taken { ended, back } = turn.take(files, goes_on, means.tools.tuning.retry);
        match back {
            Some((turn, rest)) => self.resting.push((Instant::now() + rest, turn)),
            None => self.agenda.end(line),
        }
        ended
    }

    /// Those that have rested come after all others.
    fn wake(&mut self) {
        let now = Instant::now();
        self.turns.extend(self.resting.extract_if(.., |(until, _)| *until <= now).map(|(_, turn)| turn));
    }

    /// What came of those that do not come back any more.
    fn left(&mut self) -> Vec<Carried> {
        let left = self.turns.drain(..).chain(self.resting.drain(..).map(|(_, turn)| turn));
        left.flat_map(|turn| turn.with_what_was_put_off(Vec::new())).collect()
    }

    /// Takes up what is to be copied by now: ahead of all others, and what failed before behind them.
    fn add(
        &mut self,
        lines: &mut Vec<Line>,
        fresh: Vec<Item>,
        books: &mut Books,
        means: ApplyContext<'_>,
    ) -> Result<(), LedgerError> {
        let mut first = Vec::new();
        for item in fresh {
            let has_failed = item.has_failed_before();
            let number = match self.agenda.place(&item) {
                None => continue,
                Some(AgendaPlace::Anew) => {
                    lines.push(Line::from(item));
                    lines.len() - 1
                }
                Some(AgendaPlace::Instead(number)) => {
                    lines[number] = lines[number].decided_anew(item);
                    number
                }
            };
            books.follow(number, &lines[number]);
            self.agenda.begin(number, &lines[number]);
            record_decisions(&mut lines[number..=number], |_, line| Some(line.item.verdict()), means, Utc::now())?;
            if has_failed {
                self.turns.push_back(RecordingTurn::first(number))
            } else {
                first.push(RecordingTurn::first(number))
            }
        }
        first.into_iter().rev().for_each(|turn| self.turns.push_front(turn));
        Ok(())
    }
}

/// Waits until the first of these has rested.
async fn rest_before(resting: &[(Instant, RecordingTurn)]) {
    if let Some(first) = resting.iter().map(|(until, _)| *until).min() {
        tokio::time::sleep_until(first).await;
    }
}

enum Finished {
    Carried(RecordingTurn, Vec<Carried>),
    Cleared(usize, Result<Cleared, LedgerError>),
}

async fn work_on(
    turn: RecordingTurn,
    line: Arc<Line>,
    (halted, trash_halted): (&CircuitBreaker, &CircuitBreaker),
    means: ApplyContext<'_>,
) -> Finished {
    if line.item.is_copied() {
        let carried = Box::pin(carry_recording(&turn, line, halted, means)).await;
        return Finished::Carried(turn, carried);
    }
    Finished::Cleared(turn.line, trash_due(turn.line, line, trash_halted, means).await)
}
