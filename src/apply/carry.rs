//! The files of one recording, one after another.

use std::sync::Arc;

use super::failure::Ended;
use super::halt::Halt;
use super::{Line, Means};
use crate::ledger::LedgerError;
use crate::model::{Action, EntryId, FileCopy, FileKind, Role, one_line};
use crate::plan::{FilePlan, Step};
use crate::transfer::{Job, Place, TransferError, transfer};

/// What came of a transfer.
pub(super) struct Carried {
    /// The number of the line.
    pub(super) line: usize,
    /// The number of the file in it.
    pub(super) file: usize,
    /// All bytes are in Kaltura, or not.
    pub(super) end: Result<FileCopy, Ended>,
}

/// The files of one recording: its entry first, then the texts, which are small, then the children.
pub(super) async fn carry(number: usize, line: Arc<Line>, halted: &Halt, means: Means<'_>) -> Vec<Carried> {
    let line = &*line;
    // another recording may still fetch a part by it
    let _slot = means.tools.tuning.slots.one().await;
    let key = line.item.segment.key();
    let ledger = means.tools.ledger;
    let is_claimed = !begins(line);
    let carried = match take_up(line, is_claimed, means).await {
        Ok(Some(due)) => carry_due(number, line, due, halted, means).await,
        // a purge beside this run has it
        Ok(None) => return claimed_elsewhere(number, line),
        Err(error) => return vec![unwritten(number, error)],
    };
    match if is_claimed { ledger.release(&key) } else { Ok(()) } {
        Ok(()) => carried,
        Err(error) => vec![unwritten(number, error)],
    }
}

/// Whether its entry is made in this run. A purge acts on none whose entry is not confirmed: no claim is needed.
fn begins(line: &Line) -> bool {
    main(line).is_some_and(|plan| plan.step == Step::Copy(Role::Parent))
}

/// Its files in order; that those begin which the ledger does not know is written down in one change. `None` where a
/// purge has the segment.
async fn take_up<'a>(line: &'a Line, is_claimed: bool, means: Means<'_>) -> Result<Option<Vec<Due<'a>>>, LedgerError> {
    let (ledger, key) = (means.tools.ledger, line.item.segment.key());
    let files = in_order(line);
    let new = files.iter().filter(|(_, plan, _)| plan.copy.is_none()).map(|(_, plan, role)| (plan.file.clone(), *role));
    let new: Vec<_> = new.collect();
    let begun = if is_claimed { ledger.take_up(key, new).await? } else { Some(ledger.begin_copies(key, new).await?) };
    let Some(begun) = begun else {
        return Ok(None);
    };
    let mut begun = begun.into_iter();
    let due = files.into_iter().filter_map(|(number, plan, role)| {
        let copy = plan.copy.as_deref().cloned().or_else(|| begun.next())?;
        Some(Due { number, plan, role, copy })
    });
    Ok(Some(due.collect()))
}

fn unwritten(line: usize, error: LedgerError) -> Carried {
    Carried { line, file: 0, end: Err(Ended { copy: None, error: error.into() }) }
}

fn claimed_elsewhere(number: usize, line: &Line) -> Vec<Carried> {
    let claimed = || Err(Ended { copy: None, error: TransferError::BeingPurged });
    in_order(line).into_iter().map(|(file, ..)| Carried { line: number, file, end: claimed() }).collect()
}

async fn carry_due(number: usize, line: &Line, due: Vec<Due<'_>>, halted: &Halt, means: Means<'_>) -> Vec<Carried> {
    let mut carried = Vec::new();
    let mut parent = main(line).and_then(|plan| plan.copy.as_deref().cloned());
    for Due { number: file, plan, role, copy } in due {
        if halted.is_reached() || means.cancel.is_cancelled() {
            break;
        }
        let place = match (role, &line.item.owner, &parent) {
            (Role::Parent, Some(owner), _) => Place::Parent(owner),
            (Role::Caption, _, Some(parent)) => Place::Caption(parent),
            (Role::Attachment, _, Some(parent)) => Place::Attachment(parent),
            (Role::Child, _, Some(parent)) => Place::Child(parent),
            _ => break,
        };
        // before there is an entry, so that no end of the run can make it forgotten
        let end = match owe_rights(line, role, means) {
            Ok(()) => one(line, plan, copy, place, means).await,
            Err(error) => Err(Ended { copy: None, error: error.into() }),
        };
        halted.count(end.as_ref().map_err(|end| &end.error));
        let ended = end.as_ref().err().map(|end| (end.error.ends_the_run(), end.error.is_about_the_parent()));
        if role == Role::Parent {
            parent = end.as_ref().ok().cloned();
        }
        carried.push(Carried { line: number, file, end });
        match ended {
            Some((true, _)) => halted.reach(),
            Some((_, true)) => break,
            // without its entry there is nothing to add to
            Some(_) if role == Role::Parent => break,
            _ => {}
        }
    }
    carried
}

fn owe_rights(line: &Line, role: Role, means: Means<'_>) -> Result<(), LedgerError> {
    if role == Role::Parent && means.owes_rights {
        means.tools.ledger.owe_rights(&line.item.segment.key())?;
    }
    Ok(())
}

fn main(line: &Line) -> Option<&FilePlan> {
    line.item.files.get(line.item.main?)
}

/// A file that is to be copied.
struct Due<'a> {
    number: usize,
    plan: &'a FilePlan,
    role: Role,
    copy: FileCopy,
}

/// The number of each file, its plan, and what it is to become.
fn in_order(line: &Line) -> Vec<(usize, &FilePlan, Role)> {
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

async fn one(
    line: &Line,
    plan: &FilePlan,
    copy: FileCopy,
    place: Place<'_>,
    means: Means<'_>,
) -> Result<FileCopy, Ended> {
    let segment = &line.item.segment;
    let gauge = means.monitor.transfer(&label(line, plan, place.role()), plan.file.bytes.unwrap_or(copy.bytes));
    let remains: &[EntryId] = if place.role() == Role::Parent { &line.item.remains } else { &[] };
    let job =
        Job { segment, place, orphan: plan.action == Action::CopyAsOrphan, file: &plan.file, remains, gauge: &*gauge };
    let end = tokio::select! {
        end = transfer(means.tools, &job, copy.clone()) => end,
        () = means.cancel.cancelled() => Err(TransferError::Interrupted),
    };
    end.map_err(|error| Ended { copy: Some(Box::new(copy)), error })
}

fn label(line: &Line, plan: &FilePlan, role: Role) -> String {
    let topic = &line.item.segment.meeting.topic;
    one_line(&match (role, plan.file.kind) {
        (Role::Parent, _) => topic.clone(),
        (Role::Caption, FileKind::Transcript) => format!("{topic} (transcript)"),
        (Role::Caption, _) => format!("{topic} (closed captions)"),
        (Role::Attachment, _) => format!("{topic} (chat)"),
        (Role::Child, _) => format!("{topic} ({})", plan.file.view()),
    })
}
