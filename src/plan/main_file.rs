//! What is to happen to the file that stands for its segment, and so to the segment's entry.

use super::confirm::{confirmed, look};
use super::mark::{self, Found};
use super::rules::foremost;
use super::{Facts, Policy, Stage, Step, Verdict};
use crate::model::{
    Action, CopyState, Entry, EntryId, FileCopy, FileId, KalturaUserId, Owner, OwnerProblem, Reason, RecordingFile,
    Role, Segment, Tracked,
};

/// What was decided on the file that stands for its segment, and with it on the segment.
pub(super) struct Main {
    pub(super) file: Option<FileId>,
    pub(super) action: Action,
    pub(super) reason: Option<Reason>,
    pub(super) detail: Option<String>,
    pub(super) owner: Option<KalturaUserId>,
    pub(super) entry_id: Option<EntryId>,
    pub(super) copy: Option<FileCopy>,
    pub(super) step: Step,
    pub(super) remains: Vec<EntryId>,
}

/// The decision, by the stage that the file is at.
pub(super) fn main_file(
    segment: &Segment,
    tracked: Option<&Tracked>,
    stage: &Stage<'_>,
    facts: &Facts,
    policy: &Policy,
) -> Main {
    match stage {
        Stage::Rest(action, reason) => rest(segment, tracked, (*action, *reason), policy),
        Stage::Begin(file) => begin(segment, tracked, file, facts, policy),
        Stage::GoOn(_, copy) => of_copy(tracked, copy, under_the_owner_chosen(tracked), Step::Copy(Role::Parent)),
        Stage::Confirm(copy) => {
            let (action, reason, step) = look(copy, facts);
            of_copy(tracked, copy, (action, reason), step)
        }
        Stage::TakeBack(copy, reason) => of_copy(tracked, copy, (Action::Skip, Some(*reason)), Step::TakeBack),
    }
}

fn rest(segment: &Segment, tracked: Option<&Tracked>, (action, reason): Verdict, policy: &Policy) -> Main {
    let copy = tracked.and_then(Tracked::parent).cloned();
    let chosen = || foremost(segment, policy).map(|file| file.id.clone());
    Main {
        file: copy.as_ref().map(|copy| copy.file_id.clone()).or_else(chosen),
        action,
        reason,
        detail: None,
        owner: tracked.and_then(|tracked| tracked.owner.clone()),
        entry_id: copy.as_ref().and_then(|copy| copy.entry_id.clone()),
        copy,
        step: Step::Nothing,
        remains: Vec::new(),
    }
}

fn begin(segment: &Segment, tracked: Option<&Tracked>, file: &RecordingFile, facts: &Facts, policy: &Policy) -> Main {
    let key = segment.key();
    let marked = facts.marked.get(&key).map(Vec::as_slice).unwrap_or_default();
    let Found { verdict, ours, mut remains } = mark::found(&key, marked, policy.recopy_deleted);
    if let Some(main) = ours.and_then(|entry| adopt(segment, tracked, file, entry, facts)) {
        return main;
    }
    // what cannot be adopted is no copy
    remains.extend(ours.map(|entry| entry.id.clone()));
    let none = Main {
        file: Some(file.id.clone()),
        action: Action::Wait,
        reason: None,
        detail: None,
        owner: None,
        entry_id: None,
        copy: tracked.and_then(|tracked| tracked.copy_of(&file.id)).cloned(),
        step: Step::Nothing,
        remains,
    };
    if let Some((action, reason, entry)) = verdict {
        return Main { action, reason: Some(reason), owner: owner_of(entry), entry_id: Some(entry.id.clone()), ..none };
    }
    let (action, reason, owner, detail) = destination(facts.owners.get(&key), facts);
    let step = if action.is_copy() { Step::Copy(Role::Parent) } else { Step::Nothing };
    Main { action, reason, detail, owner, step, ..none }
}

/// A copy of our own that the ledger does not know becomes the copy of the file that it has the size of. `None` where it
/// no longer exists, or is no good one.
fn adopt(
    segment: &Segment,
    tracked: Option<&Tracked>,
    proposed: &RecordingFile,
    entry: &Entry,
    facts: &Facts,
) -> Option<Main> {
    let copied = facts.sent.get(&entry.id)?.as_ref()?;
    let is_known = |tracked: &Tracked| tracked.copies.iter().any(|copy| copy.entry_id.as_ref() == Some(&entry.id));
    if tracked.is_some_and(is_known) {
        return None;
    }
    let same_size = |file: &&RecordingFile| file.is_media() && file.bytes == Some(copied.source_bytes);
    let file = segment.files.iter().find(same_size).unwrap_or(proposed);
    let verdict = confirmed(file.bytes.unwrap_or(copied.source_bytes), file.lasted, Some(copied));
    let (state, action, reason) = match verdict {
        // a copy for all that: the next look deals with it
        (CopyState::Broken, ..) if copied.entry.milliseconds > 0 => {
            (CopyState::Sent, Action::Wait, Some(Reason::InConversion))
        }
        (CopyState::Done | CopyState::Sent, ..) => verdict,
        _ => return None,
    };
    Some(Main {
        file: Some(file.id.clone()),
        action,
        reason: reason.or(Some(Reason::CopiedBefore)),
        detail: None,
        owner: owner_of(entry),
        entry_id: Some(entry.id.clone()),
        copy: tracked.and_then(|tracked| tracked.copy_of(&file.id)).cloned(),
        step: Step::Adopt { state, orphan: facts.holding_user.as_ref() == owner_of(entry).as_ref() },
        remains: Vec::new(),
    })
}

fn owner_of(entry: &Entry) -> Option<KalturaUserId> {
    Some(entry.owner.as_str()).filter(|owner| !owner.is_empty()).map(KalturaUserId::new)
}

/// The decision on a copy that was begun before.
fn of_copy(tracked: Option<&Tracked>, copy: &FileCopy, (action, reason): Verdict, step: Step) -> Main {
    Main {
        file: Some(copy.file_id.clone()),
        action,
        reason,
        detail: None,
        owner: tracked.and_then(|tracked| tracked.owner.clone()),
        entry_id: copy.entry_id.clone(),
        copy: Some(copy.clone()),
        step,
        remains: Vec::new(),
    }
}

/// A copy under way stays with the account that it was begun for.
pub(super) fn under_the_owner_chosen(tracked: Option<&Tracked>) -> Verdict {
    match tracked.filter(|tracked| tracked.orphan).map(|tracked| tracked.reason) {
        None => (Action::Copy, None),
        Some(Some(Reason::HostUnknown)) => (Action::CopyAsOrphan, Some(Reason::HostUnknown)),
        Some(_) => (Action::CopyAsOrphan, Some(Reason::NoAccount)),
    }
}

type Destination = (Action, Option<Reason>, Option<KalturaUserId>, Option<String>);

/// A segment whose owner was not looked up waits like one whose look-up failed: nothing is given away on a guess.
fn destination(owner: Option<&Owner>, facts: &Facts) -> Destination {
    let problem = match owner {
        Some(Owner::Account(user)) => return (Action::Copy, None, Some(user.clone()), None),
        Some(Owner::NoAccount(problem)) => *problem,
        Some(Owner::Unknown(why)) => {
            return (Action::Wait, Some(Reason::OwnerLookupFailed), None, Some(why.clone()));
        }
        None => return (Action::Wait, Some(Reason::OwnerLookupFailed), None, None),
    };
    let Some(holding_user) = &facts.holding_user else {
        return (Action::Wait, Some(Reason::NoHoldingUser), None, None);
    };
    let reason = match problem {
        OwnerProblem::NoMatch => Reason::NoAccount,
        OwnerProblem::HostUnknown => Reason::HostUnknown,
    };
    (Action::CopyAsOrphan, Some(reason), Some(holding_user.clone()), None)
}
