//! Recordings side by side, a few at a time, in the order of the plan; what is fresh comes before the backlog.
//!
//! What a run has tried, so that it takes up what is decided anew while it lasts, and nothing without end.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use chrono::Utc;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::time::Instant;

use super::ahead::{Begun, MOST_AHEAD, Prepared, begin_ahead, claim_lines, count_claimed, lacks_copy, may_be_claimed};
use super::carry::{Carried, RecordingTurn, Taken, carry_recording, give_up_early};
use super::circuit_breaker::CircuitBreaker;
use super::records::Books;
use super::trash::{Cleared, trash_due};
use super::{ApplyContext, Line, record_decisions};
use crate::copying::plan::{FilePlan, Item, RuledOut};
use crate::copying::transfer::{ClaimAhead, EarlyClaim};
use crate::ledger::LedgerError;
use crate::model::{FileId, SegmentKey};

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
    (lines, ruled_out): (&mut Vec<Line>, &mut RuledOut),
    due: Vec<usize>,
    context: ApplyContext<'_>,
) -> Result<Worked, LedgerError> {
    // that nothing can be put into the trash keeps nothing from being copied
    let (halted, trash_halted) = (CircuitBreaker::default(), CircuitBreaker::default());
    let mut queue = Queue::of_lines(lines, due);
    let (mut running, mut worked) = (FuturesUnordered::new(), Worked::default());
    let mut looking: Option<BoxFuture<'_, Vec<Item>>> = None;
    let mut preparing: Option<BoxFuture<'_, Prepared>> = None;
    let mut look_again = tokio::time::interval_at(Instant::now() + context.relist_every, context.relist_every);
    loop {
        let goes_on = !halted.is_open() && !context.cancel.is_cancelled();
        let open = if context.cancel.is_cancelled() { 0 } else { count_open(running.len(), context) };
        preparing = preparing.or_else(|| if goes_on { queue.prepare_next(lines, open, context) } else { None });
        for turn in queue.next_turns(open, lines, goes_on) {
            let line = Arc::new(lines[turn.line].clone());
            running.push(work_on(turn, line, Halted { copies: &halted, trash: &trash_halted }, context));
        }
        if running.is_empty() && preparing.is_none() && (queue.resting.is_empty() || !goes_on) {
            give_up_early(queue.claims.drain().map(|(_, claim)| claim).collect(), context).await;
            worked.books.keep_error(context.transfer.systems.ledger.write_waiting().await);
            worked.books.take_in(lines, queue.drain_rest(), &halted, context);
            worked.books.settle_refusals(lines, &halted, context);
            return Ok(worked);
        }
        tokio::select! {
            Some(end) = running.next() => match end {
                Finished::Carried(turn, files) => {
                    let ended = queue.end_turn(turn, files, goes_on, context);
                    worked.books.take_in(lines, ended, &halted, context);
                    if worked.books.broken.is_some() {
                        halted.open();
                    }
                }
                Finished::Cleared(line, cleared) => {
                    queue.agenda.note_ended(line);
                    worked.cleared.extend(lines[line].failed_alone(cleared)?);
                }
            },
            () = context.transfer.tuning.slots.wait_for_finishing() => {}
            end = async { preparing.as_mut().expect("one that is under way").await }, if preparing.is_some() => {
                preparing = None;
                queue.note_prepared(lines, end);
            }
            () = rest_before(&queue.resting), if !queue.resting.is_empty() => queue.wake_rested(),
            () = context.cancel.cancelled(), if running.is_empty() => {}
            _ = look_again.tick(), if looking.is_none() && goes_on => {
                queue.agenda.note_look();
                looking = Some((context.look)());
            }
            fresh = async { looking.as_mut().expect("one that is under way").await }, if looking.is_some() => {
                looking = None;
                queue.add_fresh((lines, ruled_out), fresh, &mut worked.books, context)?;
            }
        }
    }
}

/// How many recordings may begin. One whose last bytes come makes room for the next one, and as many as are fetched may wait
/// for Kaltura.
fn count_open(running: usize, context: ApplyContext<'_>) -> usize {
    let (parallel, slots) = (context.parallel, &context.transfer.tuning.slots);
    let fetched = running.saturating_sub(slots.count_finishing());
    parallel.saturating_sub(fetched).min((2 * parallel + slots.most_last()).saturating_sub(running))
}

/// What is still to be done.
#[derive(Default)]
struct Queue {
    turns: VecDeque<RecordingTurn>,
    resting: Vec<(Instant, RecordingTurn)>,
    agenda: Agenda,
    /// The lines of which the ledger has noted that a copy begins.
    begun: HashSet<usize>,
    /// The lines that were claimed ahead, or are just now: each once.
    asked: HashSet<usize>,
    /// Those that are just now.
    being_claimed: HashSet<usize>,
    /// The claims that wait for their turn, by the lines.
    claims: HashMap<usize, EarlyClaim>,
}

impl Queue {
    /// The lines `due` in that order, then those of which something goes to Zoom's trash.
    fn of_lines(lines: &[Line], due: Vec<usize>) -> Queue {
        let mut agenda = Agenda::default();
        lines.iter().enumerate().for_each(|(number, line)| agenda.note_known(number, line));
        let trashed = lines.iter().enumerate().filter(|(_, line)| line.item.is_trashed()).map(|(number, _)| number);
        let turns: VecDeque<RecordingTurn> = due.into_iter().chain(trashed).map(RecordingTurn::first_turn).collect();
        for turn in &turns {
            agenda.note_begun(turn.line, &lines[turn.line]);
        }
        Queue { turns, agenda, ..Queue::default() }
    }

    /// The next ones, up to one that is not prepared.
    fn next_turns(&mut self, most: usize, lines: &[Line], goes_on: bool) -> Vec<RecordingTurn> {
        let is_prepared =
            |turn: &&RecordingTurn| !self.is_unbegun(turn, lines) && !self.being_claimed.contains(&turn.line);
        let count = self.turns.iter().take_while(|turn| !goes_on || is_prepared(turn)).take(most).count();
        let mut next: Vec<RecordingTurn> = self.turns.drain(..count).collect();
        for turn in &mut next {
            turn.claim = ClaimAhead::new(self.claims.remove(&turn.line));
        }
        next
    }

    /// What is to be done for those that come next, where so many begin now.
    fn prepare_next<'a>(
        &mut self,
        lines: &[Line],
        open: usize,
        context: ApplyContext<'a>,
    ) -> Option<BoxFuture<'a, Prepared>> {
        if let Some(next) = self.find_unbegun(lines, open + context.parallel) {
            return Some(begin_ahead(next, context).map(Prepared::Begun).boxed());
        }
        let next = self.find_unclaimed(lines, open, count_claimed(context))?;
        self.asked.extend(next.iter().map(|(number, _)| *number));
        self.being_claimed = next.iter().map(|(number, _)| *number).collect();
        Some(claim_lines(next, context).map(Prepared::Claimed).boxed())
    }

    /// Those behind the next `open` that are to be claimed, where few are.
    fn find_unclaimed(&self, lines: &[Line], open: usize, most: usize) -> Option<Vec<(usize, Arc<Line>)>> {
        let soon = || self.turns.iter().skip(open).take(most);
        let claimed = soon().filter(|turn| self.claims.contains_key(&turn.line)).count();
        let is_to_be = |turn: &&RecordingTurn| !self.asked.contains(&turn.line) && may_be_claimed(&lines[turn.line]);
        let next: Vec<_> =
            soon().filter(is_to_be).map(|turn| (turn.line, Arc::new(lines[turn.line].clone()))).collect();
        (claimed <= most / 4 && !next.is_empty()).then_some(next)
    }

    fn is_unbegun(&self, turn: &RecordingTurn, lines: &[Line]) -> bool {
        !self.begun.contains(&turn.line) && lacks_copy(&lines[turn.line])
    }

    /// Those of which the ledger is to be told, where that is due for one of so many: it and others that come soon.
    fn find_unbegun(&self, lines: &[Line], most: usize) -> Option<Vec<(usize, Arc<Line>)>> {
        self.turns.iter().take(most).any(|turn| self.is_unbegun(turn, lines)).then(|| {
            let soon = self.turns.iter().take(MOST_AHEAD).filter(|turn| self.is_unbegun(turn, lines));
            soon.map(|turn| (turn.line, Arc::new(lines[turn.line].clone()))).collect()
        })
    }

    /// Notes them. What the ledger did not take says so in its turn, and what is not claimed is claimed then.
    fn note_prepared(&mut self, lines: &mut [Line], prepared: Prepared) {
        let begun = match prepared {
            Prepared::Begun(begun) => begun,
            Prepared::Claimed(claims) => {
                self.being_claimed.clear();
                return self.claims.extend(claims);
            }
        };
        for Begun { line, file, copy } in begun {
            self.begun.insert(line);
            if let (Some(copy), Some(plan)) = (copy, lines[line].item.files.get_mut(file)) {
                plan.copy = Some(Arc::new(copy));
            }
        }
    }

    /// What has come to its end in a turn; the rest comes back.
    fn end_turn(
        &mut self,
        turn: RecordingTurn,
        files: Vec<Carried>,
        goes_on: bool,
        context: ApplyContext<'_>,
    ) -> Vec<Carried> {
        let line = turn.line;
        let Taken { ended, back } = turn.sort_carried(files, goes_on, context.transfer.tuning.retry);
        if let Some((turn, rest)) = back {
            self.resting.push((Instant::now() + rest, turn));
        } else {
            self.agenda.note_ended(line);
            context.monitor.end_recording();
        }
        ended
    }

    /// Those that have rested come after all others.
    fn wake_rested(&mut self) {
        let now = Instant::now();
        self.turns.extend(self.resting.extract_if(.., |(until, _)| *until <= now).map(|(_, turn)| turn));
    }

    /// What came of those that do not come back any more.
    fn drain_rest(&mut self) -> Vec<Carried> {
        let left = self.turns.drain(..).chain(self.resting.drain(..).map(|(_, turn)| turn));
        left.flat_map(|turn| turn.with_what_was_put_off(Vec::new())).collect()
    }

    /// Takes up what is to be copied by now: ahead of all others, and what failed before behind them.
    fn add_fresh(
        &mut self,
        (lines, ruled_out): (&mut Vec<Line>, &mut RuledOut),
        fresh: Vec<Item>,
        books: &mut Books,
        context: ApplyContext<'_>,
    ) -> Result<(), LedgerError> {
        let mut first = Vec::new();
        for item in fresh {
            let has_failed = item.has_failed_before();
            let number = match self.agenda.find_place(&item) {
                None => continue,
                Some(AgendaPlace::Anew) => {
                    // a rule left it out when the run began
                    let before = ruled_out.find(&item.segment.key());
                    if let Some(before) = before {
                        ruled_out.replace(before, lines.len());
                    }
                    lines.push(Line::from(item));
                    lines.len() - 1
                }
                Some(AgendaPlace::Instead(number)) => {
                    lines[number] = lines[number].decide_anew(item);
                    self.begun.remove(&number);
                    number
                }
            };
            books.follow_line(number, &lines[number]);
            announce_recordings([&lines[number]], context);
            self.agenda.note_begun(number, &lines[number]);
            record_decisions(&mut lines[number..=number], |_, line| Some(line.item.decision()), context, Utc::now())?;
            if has_failed {
                self.turns.push_back(RecordingTurn::first_turn(number));
            } else {
                first.push(RecordingTurn::first_turn(number));
            }
        }
        first.into_iter().rev().for_each(|turn| self.turns.push_front(turn));
        Ok(())
    }
}

/// Tells the monitor that these are to be copied.
pub(super) fn announce_recordings<'a>(lines: impl IntoIterator<Item = &'a Line>, context: ApplyContext<'_>) {
    let (mut recordings, mut bytes) = (0, 0);
    for line in lines {
        let due = line.item.files.iter().filter(|plan| plan.is_copied());
        bytes = due.filter_map(|plan| plan.file.bytes).fold(bytes, u64::saturating_add);
        recordings += 1;
    }
    if recordings > 0 {
        context.monitor.announce(recordings, bytes);
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

/// What ends the run early.
#[derive(Clone, Copy)]
struct Halted<'a> {
    /// For what is copied.
    copies: &'a CircuitBreaker,
    /// For what goes to Zoom's trash.
    trash: &'a CircuitBreaker,
}

async fn work_on(turn: RecordingTurn, line: Arc<Line>, halted: Halted<'_>, context: ApplyContext<'_>) -> Finished {
    if line.item.is_copied() {
        let carried = Box::pin(carry_recording(&turn, line, halted.copies, context)).await;
        return Finished::Carried(turn, carried);
    }
    Finished::Cleared(turn.line, trash_due(turn.line, line, halted.trash, context).await)
}

/// The recordings that a run knows, and what it tried of them.
#[derive(Default)]
pub(super) struct Agenda {
    /// The numbers of their lines.
    known: HashMap<SegmentKey, usize>,
    /// How often a file had failed when it was tried last.
    tried: HashMap<(usize, FileId), Option<u32>>,
    /// The lines that wait for their turn, or have it now.
    busy: HashSet<usize>,
    /// The lines that were busy since the last look began: what was decided on them meanwhile is out of date.
    touched: HashSet<usize>,
}

/// Where a recording that was decided on anew has its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AgendaPlace {
    /// Behind all lines.
    Anew,
    /// It takes the place of this line.
    Instead(usize),
}

impl Agenda {
    /// Notes the recording of a line.
    pub(super) fn note_known(&mut self, number: usize, line: &Line) {
        self.known.insert(line.item.segment.key(), number);
    }

    /// Notes that a line is to have its turn.
    pub(super) fn note_begun(&mut self, number: usize, line: &Line) {
        self.note_known(number, line);
        self.busy.insert(number);
        self.touched.insert(number);
        for plan in line.item.files.iter().filter(|plan| plan.is_copied()) {
            self.tried.insert((number, plan.file.id.clone()), failure_count(plan));
        }
    }

    /// Notes that a line has had its turns.
    pub(super) fn note_ended(&mut self, number: usize) {
        self.busy.remove(&number);
    }

    /// Notes that a look for what is to be copied by now begins.
    pub(super) fn note_look(&mut self) {
        self.touched = self.busy.clone();
    }

    /// Where a recording has its place that is to be copied by now; `None` where this run has done its part. A file that
    /// was tried is tried again only after a failure that counted: so many count until it is given up.
    pub(super) fn find_place(&self, item: &Item) -> Option<AgendaPlace> {
        if !item.is_copied() {
            return None;
        }
        let Some(&number) = self.known.get(&item.segment.key()) else {
            return Some(AgendaPlace::Anew);
        };
        let is_news = |plan: &FilePlan| self.tried.get(&(number, plan.file.id.clone())) != Some(&failure_count(plan));
        let is_due = !self.touched.contains(&number) && item.files.iter().any(|plan| plan.is_copied() && is_news(plan));
        is_due.then_some(AgendaPlace::Instead(number))
    }
}

fn failure_count(plan: &FilePlan) -> Option<u32> {
    plan.copy.as_ref().map(|copy| copy.attempts).filter(|attempts| *attempts > 0)
}

#[cfg(test)]
mod tests {
    use super::{Agenda, AgendaPlace};
    use crate::copying::apply::Line;
    use crate::copying::plan::samples::{sample_copy, sample_item, sample_segment, sample_video};
    use crate::copying::plan::{FilePlan, Item, Step};
    use crate::model::{Action, CopyState, FileCopy, Role};

    /// A recording whose video failed so often.
    fn item(attempts: u32, step: Step) -> Item {
        let file = sample_video("v", "shared_screen");
        let copy = FileCopy { attempts, ..sample_copy(CopyState::New) };
        let plan = FilePlan {
            file: file.clone(),
            action: Action::Copy,
            reason: None,
            entry_id: None,
            copy: Some(copy.into()),
            step,
        };
        sample_item(sample_segment(vec![file]), vec![plan])
    }

    /// What happened before, a word each: the run came to know the recording, it began or ended its turn after so many
    /// failures, a look began. Then after how many failures, of 0 to 2, it is taken up, if it is decided to be copied.
    fn taken_up(story: &str) -> Vec<u32> {
        let mut agenda = Agenda::default();
        for word in story.split_whitespace() {
            let line = |attempts| Line::from(item(attempts, Step::Copy(Role::Parent)));
            match word {
                "know" => agenda.note_known(0, &line(0)),
                "look" => agenda.note_look(),
                "end" => agenda.note_ended(0),
                begin => agenda.note_begun(0, &line(begin.parse().expect("a number of failures"))),
            }
        }
        assert_eq!(agenda.find_place(&item(1, Step::Nothing)), None, "{story}");
        let place = |attempts: &u32| agenda.find_place(&item(*attempts, Step::Copy(Role::Parent)));
        let taken: Vec<u32> = (0..3).filter(|attempts| place(attempts).is_some()).collect();
        let expected = if story.is_empty() { AgendaPlace::Anew } else { AgendaPlace::Instead(0) };
        assert!(taken.iter().all(|attempts| place(attempts) == Some(expected)), "{story}");
        taken
    }

    #[test]
    fn only_counted_failures_are_tried_again() {
        let cases: &[(&str, &[u32])] = &[
            ("", &[0, 1, 2]),
            ("know look", &[0, 1, 2]),
            ("know 0", &[]),
            ("know 0 look", &[]),
            // what was listed during its turn is out of date
            ("know look 0 end", &[]),
            ("know 0 look end", &[]),
            ("know 0 end look", &[1, 2]),
            ("know 0 end look 1 end look", &[0, 2]),
        ];
        for (story, expected) in cases {
            assert_eq!(taken_up(story), *expected, "{story}");
        }
    }
}
