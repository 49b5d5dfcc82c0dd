//! What is decided and what came of it, written to the ledger.
//!
//! What came of the transfers, told in their lines and written down as it happens: a run that dies forgets nothing of it.
//!
//! What is decided on each recording, written down.

use chrono::{DateTime, Utc};

use super::carry::Carried;
use super::circuit_breaker::CircuitBreaker;
use super::failure::record_failure;
use super::settle::Placed;
use super::{ApplyContext, FileResult, Line};
use crate::copying::plan::{RuledOut, Step};
use crate::ledger::{LedgerError, OwedWork, SegmentDecision, WriteDecision};
use crate::model::{Action, CopyState, Decision, FileCopy, Reason, Role};
use crate::remotes::http::RemoteError;

/// What came of the transfers so far.
#[derive(Default)]
pub(super) struct Books {
    /// What was sent, to be looked at when all is over.
    pub(super) sent: Vec<Placed>,
    /// What says nothing of a single recording.
    pub(super) trouble: Vec<RemoteError>,
    /// The lines whose standing was written down since they were planned.
    pub(super) written: Vec<usize>,
    /// Why nothing more can be written down.
    pub(super) broken: Option<LedgerError>,
    /// What Kaltura refused of copies: perhaps to these alone.
    refused: Vec<(Placed, RemoteError)>,
}

impl Books {
    /// Takes in what came of a turn.
    pub(super) fn take_in(
        &mut self,
        lines: &mut [Line],
        ended: Vec<Carried>,
        halted: &CircuitBreaker,
        context: ApplyContext<'_>,
    ) {
        for Carried { line: number, file, end } in ended {
            let line = &mut lines[number];
            match end {
                Ok(copy) => {
                    note_arrival(line, file, &copy);
                    self.sent.push(Placed { line: number, file, copy });
                }
                // nothing more can be written down; what came of the others is reported all the same
                Err(_) if self.broken.is_some() => {}
                Err(ended) => {
                    if let (Some(copy), Some(error)) = (&ended.copy, ended.error.refusal()) {
                        let copy = FileCopy::clone(copy);
                        self.refused.push((Placed { line: number, file, copy }, error.clone()));
                    }
                    let end = record_failure(line, file, ended, halted, &mut self.trouble, context);
                    self.keep_error(line.failed_alone(end));
                    self.write_down(lines, number, context);
                }
            }
        }
    }

    /// A line was decided on anew: what was sent of it is found by its file.
    pub(super) fn follow_line(&mut self, number: usize, line: &Line) {
        self.written.push(number);
        let place = |placed: &Placed| line.item.files.iter().position(|plan| plan.file.id == placed.copy.file_id);
        self.sent.retain_mut(|placed| {
            let found = if placed.line == number { place(placed) } else { Some(placed.file) };
            placed.file = found.unwrap_or_default();
            found.is_some()
        });
        self.refused.retain(|(placed, _)| placed.line != number);
    }

    /// What turned out to be refused to all is not the fault of those who were refused it first.
    pub(super) fn settle_refusals(&mut self, lines: &mut [Line], halted: &CircuitBreaker, context: ApplyContext<'_>) {
        for (Placed { line: number, file, copy }, error) in std::mem::take(&mut self.refused) {
            let line = &mut lines[number];
            let what = line.item.files[file].step.role().map_or("", Role::word);
            if self.broken.is_none() && context.is_refused_to_all(line, what, &error) {
                line.pardon_file(file);
                let end = context.transfer.systems.ledger.forgive(&copy);
                self.keep_error(line.failed_alone(end));
                self.write_down(lines, number, context);
                self.trouble.push(error);
            }
        }
        self.trouble.extend(halted.collect_blame());
    }

    fn write_down(&mut self, lines: &mut [Line], number: usize, context: ApplyContext<'_>) {
        self.written.push(number);
        let standing = |_: usize, line: &Line| Some(line.standing());
        let end = record_decisions(&mut lines[number..=number], standing, context, context.transfer.utc_now());
        self.keep_error(end);
    }

    /// Keeps why nothing more can be written down.
    pub(super) fn keep_error<T>(&mut self, end: Result<T, LedgerError>) {
        if let Err(error) = end {
            self.broken.get_or_insert(error);
        }
    }
}

fn note_arrival(line: &mut Line, number: usize, copy: &FileCopy) {
    if let Some(reason) = copy.state.left_out() {
        return line.change_file(number, Action::Skip, Some(reason));
    }
    let was_done = line.item.files[number].copy.as_ref().is_some_and(|before| before.state == CopyState::Done);
    // Zoom replaced what people changed or deleted in Kaltura
    if was_done && !copy.by_kaltura {
        return line.change_file(number, Action::Done, Some(Reason::EditedInKaltura));
    }
    let is_main = line.item.main == Some(number);
    line.item.files[number].entry_id.clone_from(&copy.entry_id);
    if is_main {
        line.item.entry_id.clone_from(&copy.entry_id);
    }
    let outlook = match copy.state {
        // captions and attachments are there as soon as they are sent
        CopyState::Done => FileResult::Done,
        CopyState::Importing => FileResult::Importing,
        _ => FileResult::Sent,
    };
    line.set_result(Some(number), outlook);
}

/// Writes down what is decided on each recording. A meeting without files has no recording to remember yet: its
/// `recording_start` is not known. What the ledger does not take of one fails that one.
pub(super) fn record_decisions(
    lines: &mut [Line],
    decide: impl Fn(usize, &Line) -> Option<Decision>,
    context: ApplyContext<'_>,
    at: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let due = |(number, line): (usize, &Line)| Some((number, decide(number, line)?));
    // what cannot be read is not written over
    let is_kept = |line: &Line| line.item.reason.is_none_or(Reason::is_written_down);
    let due = lines.iter().enumerate().filter(|(_, line)| is_kept(line)).filter_map(due);
    let due: Vec<(usize, Decision)> = due.collect();
    let decisions: Vec<SegmentDecision<'_>> = due
        .iter()
        .map(|&(number, Decision { action, reason })| {
            let line = &lines[number];
            // where its files are in Zoom is reported for each of them
            let action = if action == Action::Trash { Action::Done } else { action };
            let recognised = line.item.files.iter().find_map(|file| match file.step {
                Step::Recognise { orphan, .. } => Some(orphan),
                _ => None,
            });
            let owner = line.item.owner.as_ref().filter(|_| action.is_copy() || recognised.is_some());
            let orphan = recognised.unwrap_or(action == Action::CopyAsOrphan);
            let rule = line.item.rule.as_ref();
            SegmentDecision {
                segment: line.item.segment.outline(),
                action,
                reason,
                owner,
                rule,
                orphan,
                follows_rename: line.item.renamed_from.is_some(),
                owed: owed_of_line(line),
            }
        })
        .collect();
    for (number, error) in context.transfer.systems.ledger.decide(context.transfer.run, &decisions, at)? {
        lines[due[number].0].failed_alone::<()>(Err(error))?;
    }
    Ok(())
}

/// The same of what a rule leaves out. Of what the ledger does not take a line of its own is made.
pub(super) fn record_ruled_out(
    lines: &mut Vec<Line>,
    ruled_out: &mut RuledOut,
    context: ApplyContext<'_>,
    at: DateTime<Utc>,
) -> Result<(), LedgerError> {
    // the ledger has one event for neighbours that are left out for one reason, and finds them by their names: one after the
    // other costs less than here and there
    let order = ruled_out.by_reason_and_name();
    let decide = |number: usize, write: &mut WriteDecision<'_>| {
        let (segment, has_files, reason) = ruled_out.outline(order[number]);
        write(&SegmentDecision::leave_out(segment, reason, has_files.then(OwedWork::default)))
    };
    let refused = context.transfer.systems.ledger.decide_each(context.transfer.run, order.len(), decide, at)?;
    for (number, error) in refused.into_iter().map(|(number, error)| (order[number], error)) {
        let mut line = Line::from(ruled_out.item(number));
        line.failed_alone::<()>(Err(error))?;
        ruled_out.replace(number, lines.len());
        lines.push(line);
    }
    Ok(())
}

/// What of a recording that Zoom lists is still to be copied.
fn owed_of_line(line: &Line) -> Option<OwedWork> {
    if line.item.segment.files.is_empty() {
        return None;
    }
    let files = (0..line.files.len()).filter(|file| !line.file_standing(*file).action.is_settled());
    Some(files.fold(OwedWork::default(), |owed, file| OwedWork {
        files: owed.files + 1,
        bytes: owed.bytes.saturating_add(line.item.files[file].file.bytes.unwrap_or_default()),
    }))
}
