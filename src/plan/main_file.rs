//! What is to happen to the file that stands for its segment, and so to the segment's entry.

use super::confirm::look;
use super::rules::best;
use super::{Facts, Policy, Stage, Step, mark};
use crate::model::{
    Action, EntryId, FileCopy, FileId, KalturaUserId, Owner, OwnerProblem, Reason, RecordingFile, Role, Segment,
    Tracked,
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
        Stage::GoOn(file, copy) => go_on(tracked, file, copy),
        Stage::Confirm(copy) => confirm(tracked, copy, facts),
    }
}

fn rest(
    segment: &Segment,
    tracked: Option<&Tracked>,
    (action, reason): (Action, Option<Reason>),
    policy: &Policy,
) -> Main {
    let copy = tracked.and_then(Tracked::parent).cloned();
    let chosen = || best(segment, policy).or_else(|| segment.files.first()).map(|file| file.id.clone());
    Main {
        file: copy.as_ref().map(|copy| copy.file_id.clone()).or_else(chosen),
        action,
        reason,
        detail: None,
        owner: tracked.and_then(|tracked| tracked.owner.clone()),
        entry_id: copy.as_ref().and_then(|copy| copy.entry_id.clone()),
        copy,
        step: Step::Nothing,
    }
}

fn begin(segment: &Segment, tracked: Option<&Tracked>, file: &RecordingFile, facts: &Facts, policy: &Policy) -> Main {
    let key = segment.key();
    let copy = tracked.and_then(|tracked| tracked.copy_of(&file.id)).cloned();
    let none = Main {
        file: Some(file.id.clone()),
        action: Action::Wait,
        reason: None,
        detail: None,
        owner: None,
        entry_id: None,
        copy,
        step: Step::Nothing,
    };
    let marked = facts.marked.get(&key).map(Vec::as_slice).unwrap_or_default();
    if let Some((action, reason, entry)) = mark::found(&key, marked, policy.recopy_deleted) {
        let owner = Some(entry.owner.as_str()).filter(|owner| !owner.is_empty()).map(KalturaUserId::new);
        return Main { action, reason: Some(reason), owner, entry_id: Some(entry.id.clone()), ..none };
    }
    let (action, reason, owner, detail) = destination(facts.owners.get(&key), facts);
    let step = if action.is_copy() { Step::Copy(Role::Parent) } else { Step::Nothing };
    Main { action, reason, detail, owner, step, ..none }
}

fn confirm(tracked: Option<&Tracked>, copy: &FileCopy, facts: &Facts) -> Main {
    let (action, reason, step) = look(copy, facts);
    Main {
        file: Some(copy.file_id.clone()),
        action,
        reason,
        detail: None,
        owner: tracked.and_then(|tracked| tracked.owner.clone()),
        entry_id: copy.entry_id.clone(),
        copy: Some(copy.clone()),
        step,
    }
}

/// A copy under way stays with the account that it was begun for.
pub(super) fn under_the_owner_chosen(tracked: Option<&Tracked>) -> (Action, Option<Reason>) {
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

fn go_on(tracked: Option<&Tracked>, file: &RecordingFile, copy: &FileCopy) -> Main {
    let (action, reason) = under_the_owner_chosen(tracked);
    Main {
        file: Some(file.id.clone()),
        action,
        reason,
        detail: None,
        owner: tracked.and_then(|tracked| tracked.owner.clone()),
        entry_id: copy.entry_id.clone(),
        copy: Some(copy.clone()),
        step: Step::Copy(Role::Parent),
    }
}
