//! The files of one recording, one after another.
//!
//! A recording's turn: what Zoom does not give in the first one is put off until all others had theirs, and comes back
//! once.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::circuit_breaker::{CircuitBreaker, Ended};
use super::{ApplyContext, Line};
use crate::copying::plan::{FilePlan, Step};
use crate::copying::transfer::{
    ClaimAhead, EarlyClaim, Job, RecordingSlot, TransferError, TransferTarget, give_up_claims, transfer_file,
};
use crate::ledger::LedgerError;
use crate::model::{Action, EntryId, FileCopy, FileKind, Role, one_line};
use crate::remotes::http::{Patience, Retry};

/// How long it is tried to give a claim up: the next run can do it, too.
const PATIENCE_AT_END: Duration = Duration::from_secs(2);

/// The files of one recording: its entry first, then the texts, which are small, then the children.
pub(super) async fn carry_recording(
    turn: &RecordingTurn,
    line: Arc<Line>,
    halted: &CircuitBreaker,
    context: ApplyContext<'_>,
) -> Vec<Carried> {
    let number = turn.line;
    // a long recording may still be fetching a part on a slot that was spare
    let slot = context.transfer.tuning.slots.acquire_for_recording().await;
    if halted.is_open() || context.cancel.is_cancelled() {
        give_up_early(turn.claim.take().into_iter().collect(), context).await;
        return Vec::new();
    }
    let line = &*line;
    let due: Vec<_> = due_in_order(line).into_iter().filter(|(file, ..)| !turn.ended.contains(file)).collect();
    // a purge acts on none whose entry is not confirmed
    if main_plan_of(line).is_some_and(|plan| plan.step == Step::Copy(Role::Parent)) {
        let carried = carry_due(turn, line, due, &slot, halted, context).await;
        give_up_early(turn.claim.take().into_iter().collect(), context).await;
        return carried;
    }
    let (ledger, key) = (context.transfer.systems.ledger, line.item.segment.key());
    let carried = match ledger.claim(key.clone()).await {
        Ok(true) => carry_due(turn, line, due, &slot, halted, context).await,
        // a purge beside this run has it
        Ok(false) => claimed_elsewhere(number, &due),
        Err(error) => vec![carried_unwritten(number, error)],
    };
    match ledger.release(key).await {
        Ok(()) => carried,
        Err(error) => vec![carried_unwritten(number, error)],
    }
}

/// Gives claims up that were made ahead and are not used; for so long an interrupted run may wait.
pub(super) async fn give_up_early(claims: Vec<EarlyClaim>, context: ApplyContext<'_>) {
    if !claims.is_empty() {
        let _ = tokio::time::timeout(PATIENCE_AT_END, give_up_claims(context.transfer, claims)).await;
    }
}

fn carried_unwritten(line: usize, error: LedgerError) -> Carried {
    Carried { line, file: 0, end: Err(Ended::before_it_began(error)) }
}

/// What the ledger knows of the copy of a file: as planned, or as an earlier turn left it.
fn known_copy(
    turn: &RecordingTurn,
    line: &Line,
    plan: &FilePlan,
    context: ApplyContext<'_>,
) -> Result<Option<FileCopy>, LedgerError> {
    let left =
        if turn.is_first() { None } else { context.transfer.systems.ledger.read_segment(&line.item.segment.key())? };
    let left = left.as_ref().and_then(|tracked| tracked.copy_of(&plan.file.id));
    Ok(left.or(plan.copy.as_ref()).map(|copy| FileCopy::clone(copy)))
}

fn claimed_elsewhere(line: usize, due: &[DueTransfer<'_>]) -> Vec<Carried> {
    let claimed = || Err(Ended::before_it_began(TransferError::BeingPurged));
    due.iter().map(|(file, ..)| Carried { line, file: *file, end: claimed() }).collect()
}

async fn carry_due(
    turn: &RecordingTurn,
    line: &Line,
    due: Vec<DueTransfer<'_>>,
    slot: &RecordingSlot,
    halted: &CircuitBreaker,
    context: ApplyContext<'_>,
) -> Vec<Carried> {
    let mut carried = Vec::new();
    let mut parent = match main_plan_of(line).map(|plan| known_copy(turn, line, plan, context)).transpose() {
        Ok(parent) => parent.flatten(),
        Err(error) => return vec![carried_unwritten(turn.line, error)],
    };
    let last = due.last().map(|(file, ..)| *file);
    for (file, plan, role) in due {
        if halted.is_open() || context.cancel.is_cancelled() {
            break;
        }
        let place = match (role, &line.item.owner, &parent) {
            (Role::Parent, Some(owner), _) => TransferTarget::Parent(owner),
            (Role::Caption, _, Some(parent)) => TransferTarget::Caption(parent),
            (Role::Attachment, _, Some(parent)) => TransferTarget::Attachment(parent),
            (Role::Child, _, Some(parent)) => TransferTarget::Child(parent),
            _ => break,
        };
        // before there is an entry, so that no end of the run can make it forgotten
        let end = match owe_rights(line, role, context).await {
            Ok(()) => carry_file(turn, line, plan, place, Some(slot).filter(|_| last == Some(file)), context).await,
            Err(error) => Err(Ended::before_it_began(error)),
        };
        match &end {
            Err(ended) if turn.puts_off(ended) => halted.note_put_off(line, ended),
            end => halted.count_end(line, role, end.as_ref(), context),
        }
        let ended = end.as_ref().err().map(|end| (end.error.ends_the_run(), end.error.is_about_the_parent()));
        if role == Role::Parent {
            parent = end.as_ref().ok().cloned();
        }
        carried.push(Carried { line: turn.line, file, end });
        match ended {
            Some((true, _)) => halted.open(),
            Some((_, true)) => break,
            // without its entry there is nothing to add to
            Some(_) if role == Role::Parent => break,
            _ => {}
        }
    }
    carried
}

async fn owe_rights(line: &Line, role: Role, context: ApplyContext<'_>) -> Result<(), LedgerError> {
    if role == Role::Parent && context.owes_rights {
        context.transfer.systems.ledger.owe_rights(line.item.segment.key()).await?;
    }
    Ok(())
}

fn main_plan_of(line: &Line) -> Option<&FilePlan> {
    line.item.files.get(line.item.main?)
}

/// The number of a file, its plan, and what it is to become.
type DueTransfer<'a> = (usize, &'a FilePlan, Role);

fn due_in_order(line: &Line) -> Vec<DueTransfer<'_>> {
    let due = line.item.files.iter().enumerate().filter_map(|(number, plan)| match plan.step {
        Step::Copy(role) => Some((number, plan, role)),
        _ => None,
    });
    let mut due: Vec<_> = due.collect();
    due.sort_by_key(|(.., role)| match role {
        Role::Parent => 0,
        Role::Caption | Role::Attachment => 1,
        Role::Child => 2,
    });
    due
}

async fn carry_file(
    turn: &RecordingTurn,
    line: &Line,
    plan: &FilePlan,
    place: TransferTarget<'_>,
    slot: Option<&RecordingSlot>,
    context: ApplyContext<'_>,
) -> Result<FileCopy, Ended> {
    let segment = &line.item.segment;
    let copy = match known_copy(turn, line, plan, context).map_err(Ended::before_it_began)? {
        Some(copy) => copy,
        None => context
            .transfer
            .systems
            .ledger
            .begin_copy(segment.key(), plan.file.clone(), place.role())
            .await
            .map_err(Ended::before_it_began)?,
    };
    let gauge = context.monitor.transfer(&label_file(line, plan, place.role()), plan.file.bytes.unwrap_or(copy.bytes));
    let remains: &[EntryId] = if place.role() == Role::Parent { &line.item.remains } else { &[] };
    let moved = AtomicBool::new(false);
    let (orphan, patience) = (plan.action == Action::CopyAsOrphan, turn.patience());
    let claim = Some(&turn.claim).filter(|_| place.role() == Role::Parent);
    let blocks_auto_captions = blocks_auto_captions(line, place.role(), context).map_err(Ended::before_it_began)?;
    let wording = &context.transfer.tuning.wording;
    let title = wording.name_entry(segment, &plan.file, place.role(), line.item.count_alike_before(plan));
    let job = Job {
        segment,
        place,
        orphan,
        file: &plan.file,
        title,
        remains,
        blocks_auto_captions,
        patience,
        claim,
        slot,
        moved: &moved,
        gauge: &*gauge,
    };
    let end = context
        .cancel
        .run_until_cancelled(Box::pin(transfer_file(context.transfer, &job, copy.clone())))
        .await
        .unwrap_or(Err(TransferError::Interrupted));
    end.map_err(|error| Ended { copy: Some(Box::new(copy)), error, moved: moved.into_inner() })
}

fn blocks_auto_captions(line: &Line, role: Role, context: ApplyContext<'_>) -> Result<bool, LedgerError> {
    if !role.is_entry() {
        return Ok(false);
    }
    let is_caption = |plan: &FilePlan| {
        matches!(plan.file.kind, FileKind::Transcript | FileKind::ClosedCaptions) && plan.action != Action::Skip
    };
    let transfer = context.transfer;
    let earlier = || transfer.systems.ledger.had_captions(&line.item.segment.meeting);
    transfer.tuning.auto_captions.blocks_new_entry(line.item.files.iter().any(is_caption), earlier)
}

fn label_file(line: &Line, plan: &FilePlan, role: Role) -> String {
    let topic = &line.item.segment.meeting.topic;
    one_line(&match (role, plan.file.kind) {
        (Role::Parent, _) => topic.clone(),
        (Role::Caption, FileKind::Transcript) => format!("{topic} (transcript)"),
        (Role::Caption, _) => format!("{topic} (closed captions)"),
        (Role::Attachment, FileKind::Side(side)) => format!("{topic} ({})", side.name().to_lowercase()),
        (Role::Attachment, _) => format!("{topic} (attachment)"),
        (Role::Child, _) => format!("{topic} ({})", plan.file.view()),
    })
}

/// What came of a transfer.
pub(super) struct Carried {
    /// The number of the line.
    pub(super) line: usize,
    /// The number of the file in it.
    pub(super) file: usize,
    /// All bytes are in Kaltura, or not.
    pub(super) end: Result<FileCopy, Ended>,
}

/// When a recording is worked on, and what of it.
#[derive(Default)]
pub(super) struct RecordingTurn {
    /// The number of its line.
    pub(super) line: usize,
    /// The numbers of the files that have come to their end in the first turn.
    pub(super) ended: Vec<usize>,
    /// What was put off then.
    put_off: Vec<Carried>,
    /// The claim of its entry, where that was made ahead and is not used yet.
    pub(super) claim: ClaimAhead,
}

/// What came of a turn.
pub(super) struct Taken {
    /// What has come to its end.
    pub(super) ended: Vec<Carried>,
    /// What comes back, and after how long a rest.
    pub(super) back: Option<(RecordingTurn, Duration)>,
}

impl RecordingTurn {
    /// The first one.
    pub(super) fn first_turn(line: usize) -> RecordingTurn {
        RecordingTurn { line, ..RecordingTurn::default() }
    }

    pub(super) fn is_first(&self) -> bool {
        self.put_off.is_empty()
    }

    /// In the first turn others wait for the slot.
    pub(super) fn patience(&self) -> Patience {
        if self.is_first() { Patience::Brief } else { Patience::Last }
    }

    /// Whether what failed so comes back. What got on before it broke off was given, and is for the next run to go on with.
    pub(super) fn puts_off(&self, ended: &Ended) -> bool {
        self.is_first() && !ended.moved && ended.error.can_wait()
    }

    /// Sorts what came of it. Nothing comes back unless `goes_on`.
    pub(super) fn sort_carried(self, carried: Vec<Carried>, goes_on: bool, retry: Retry) -> Taken {
        if !self.is_first() {
            return Taken { ended: self.with_what_was_put_off(carried), back: None };
        }
        let is_put_off = |one: &Carried| goes_on && one.end.as_ref().is_err_and(|end| self.puts_off(end));
        let (put_off, ended): (Vec<_>, Vec<_>) = carried.into_iter().partition(is_put_off);
        let rest =
            put_off.iter().filter_map(|one| one.end.as_ref().err()?.error.remote()).map(|error| retry.rest(error));
        let Some(rest) = rest.max() else {
            return Taken { ended, back: None };
        };
        let ended_files = ended.iter().map(|one| one.file).collect();
        let back = RecordingTurn { line: self.line, ended: ended_files, put_off, claim: ClaimAhead::default() };
        Taken { ended, back: Some((back, rest)) }
    }

    /// A second turn that was not taken, or not to its end, leaves what came of the first one.
    pub(super) fn with_what_was_put_off(self, carried: Vec<Carried>) -> Vec<Carried> {
        let again: HashSet<usize> = carried.iter().map(|one| one.file).collect();
        let mut all = carried;
        all.extend(self.put_off.into_iter().filter(|one| !again.contains(&one.file)));
        all
    }
}
