//! How far a segment has come, before anybody asks whose it is: what tells which look-ups are worth making.

use chrono::{DateTime, Utc};

use super::Policy;
use super::rules::{excluded, main_file, usable};
use crate::model::{Action, CopyState, FileCopy, Reason, RecordingFile, Segment, Tracked};

/// What comes next for a segment.
#[derive(Debug, PartialEq)]
pub enum Stage<'a> {
    /// Nothing now.
    Rest(Action, Option<Reason>),
    /// The copy of this file begins; nothing of it exists in Kaltura that the ledger knows.
    Begin(&'a RecordingFile),
    /// The copy of this file goes on, under the owner once chosen.
    GoOn(&'a RecordingFile, &'a FileCopy),
    /// All bytes were sent; Kaltura is asked what became of them.
    Confirm(&'a FileCopy),
}

/// The stage of a segment that Zoom lists, or (`listed` false) that only the ledger remembers.
#[must_use]
pub fn stage<'a>(
    segment: &'a Segment,
    listed: bool,
    tracked: Option<&'a Tracked>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Stage<'a> {
    let copy = tracked.and_then(Tracked::main_copy);
    if let Some(stage) = copy.and_then(|copy| beyond_transfer(copy, policy)) {
        return stage;
    }
    if let Some(tracked) = tracked.filter(|tracked| stays(tracked)) {
        return Stage::Rest(tracked.action, tracked.reason);
    }
    if !listed {
        return Stage::Rest(Action::Wait, Some(Reason::NotListed));
    }
    match copy {
        Some(copy) if is_in_kaltura(copy.state) => go_on(segment, copy, now),
        Some(copy) if copy.next_try.is_some_and(|time| time > now) => wait(Reason::RetryLater),
        _ => begin(segment, policy, now),
    }
}

/// The stage of a copy that needs nothing from Zoom any more.
fn beyond_transfer<'a>(copy: &'a FileCopy, policy: &Policy) -> Option<Stage<'a>> {
    match copy.state {
        CopyState::Sent => Some(Stage::Confirm(copy)),
        CopyState::Done => Some(Stage::Rest(Action::Done, None)),
        CopyState::Deleted => Some(Stage::Rest(Action::Skip, Some(Reason::DeletedInKaltura))),
        CopyState::Broken => Some(wait(Reason::ConversionFailed)),
        _ if copy.attempts >= policy.max_attempts => Some(Stage::Rest(Action::Skip, Some(Reason::GivenUp))),
        _ => None,
    }
}

/// What was found in Kaltura stays; what a rule decided is decided anew, as rules may change.
fn stays(tracked: &Tracked) -> bool {
    tracked.action == Action::Done || tracked.reason == Some(Reason::DeletedInKaltura)
}

fn is_in_kaltura(state: CopyState) -> bool {
    matches!(state, CopyState::Attaching | CopyState::Attached)
}

fn begin<'a>(segment: &'a Segment, policy: &Policy, now: DateTime<Utc>) -> Stage<'a> {
    if let Some(reason) = excluded(segment, policy) {
        return Stage::Rest(Action::Skip, Some(reason));
    }
    match main_file(segment, now) {
        Ok(file) => Stage::Begin(file),
        Err(reason) => wait(reason),
    }
}

fn go_on<'a>(segment: &'a Segment, copy: &'a FileCopy, now: DateTime<Utc>) -> Stage<'a> {
    if copy.next_try.is_some_and(|time| time > now) {
        return wait(Reason::RetryLater);
    }
    let Some(file) = segment.files.iter().find(|file| file.id == copy.file_id) else {
        return wait(Reason::NotListed);
    };
    match usable(file) {
        Ok(file) if file.bytes == Some(copy.bytes) => Stage::GoOn(file, copy),
        Ok(_) => wait(Reason::SizeChanged),
        Err(reason) => wait(reason),
    }
}

fn wait(reason: Reason) -> Stage<'static> {
    Stage::Rest(Action::Wait, Some(reason))
}
