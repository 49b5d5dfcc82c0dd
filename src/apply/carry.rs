//! Transfers side by side: a few recordings at a time, the files of one after one another.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{StreamExt, stream};

use super::failure::Ended;
use super::{Line, Means};
use crate::model::{FileCopy, FileKind, Role, one_line};
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

/// Carries out every transfer of the plan. One that fails does not stop the others, unless its error says that nothing
/// else can go well either.
pub(super) async fn carry_all(lines: &[Line], means: Means<'_>) -> Vec<Carried> {
    let halted = &AtomicBool::new(false);
    let due = lines.iter().enumerate().filter(|(_, line)| line.item.is_copied());
    let running = due.map(|(number, line)| carry(number, line, halted, means));
    stream::iter(running).buffer_unordered(means.parallel).map(stream::iter).flatten().collect().await
}

/// The files of one recording: its entry first, then the captions, which are small, then the children.
async fn carry(number: usize, line: &Line, halted: &AtomicBool, means: Means<'_>) -> Vec<Carried> {
    let mut carried = Vec::new();
    let mut parent = main(line).and_then(|plan| plan.copy.clone());
    for (file, plan, role) in in_order(line) {
        if halted.load(Ordering::Relaxed) || means.cancel.is_cancelled() {
            break;
        }
        let place = match (role, &line.item.owner, &parent) {
            (Role::Parent, Some(owner), _) => Place::Parent(owner),
            (Role::Caption, _, Some(parent)) => Place::Caption(parent),
            (Role::Child, _, Some(parent)) => Place::Child(parent),
            _ => break,
        };
        let end = one(line, plan, place, means).await;
        let ended = end.as_ref().err().map(|end| (end.error.ends_the_run(), end.error.is_about_the_parent()));
        if role == Role::Parent {
            parent = end.as_ref().ok().cloned();
        }
        carried.push(Carried { line: number, file, end });
        match ended {
            Some((true, _)) => halted.store(true, Ordering::Relaxed),
            Some((_, true)) => break,
            // without its entry there is nothing to add to
            Some(_) if role == Role::Parent => break,
            _ => {}
        }
    }
    carried
}

fn main(line: &Line) -> Option<&FilePlan> {
    line.item.files.get(line.item.main?)
}

fn in_order(line: &Line) -> Vec<(usize, &FilePlan, Role)> {
    let due = line.item.files.iter().enumerate().filter_map(|(number, plan)| match plan.step {
        Step::Copy(role) => Some((number, plan, role)),
        _ => None,
    });
    let mut due: Vec<_> = due.collect();
    due.sort_by_key(|(.., role)| match role {
        Role::Parent => 0,
        Role::Caption => 1,
        Role::Child => 2,
    });
    due
}

async fn one(line: &Line, plan: &FilePlan, place: Place<'_>, means: Means<'_>) -> Result<FileCopy, Ended> {
    let segment = &line.item.segment;
    let copy = match plan.copy.clone() {
        Some(copy) => copy,
        None => means
            .tools
            .ledger
            .begin_copy(&segment.key(), &plan.file, place.role())
            .map_err(|error| Ended { copy: None, error: error.into() })?,
    };
    let gauge = means.monitor.transfer(&label(line, plan, place.role()), plan.file.bytes.unwrap_or(copy.bytes));
    let job = Job { segment, place, file: &plan.file, gauge: &*gauge };
    let end = tokio::select! {
        end = transfer(means.tools, &job, copy.clone()) => end,
        () = means.cancel.cancelled() => Err(TransferError::Interrupted),
    };
    end.map_err(|error| Ended { copy: Some(copy), error })
}

fn label(line: &Line, plan: &FilePlan, role: Role) -> String {
    let topic = &line.item.segment.meeting.topic;
    one_line(&match (role, plan.file.kind) {
        (Role::Parent, _) => topic.clone(),
        (Role::Caption, FileKind::Transcript) => format!("{topic} (transcript)"),
        (Role::Caption, _) => format!("{topic} (closed captions)"),
        (Role::Child, _) => format!("{topic} ({})", plan.file.view()),
    })
}
