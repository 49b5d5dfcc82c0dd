//! What is to happen to the file that stands for its segment, and so to the segment's entry.

use std::sync::Arc;

use super::confirm::{UNSEEN, is_confirmed, look_at_copy};
use super::inputs::PlanInputs;
use super::item::FileDecision;
use super::mark::{LeftOut, MarkedEntries, SettledBy};
use super::rules::foremost_file;
use super::{Facts, Policy, Stage, Step, mark};
use crate::copying::copy_table::CopyFinding;
use crate::model::{
    Action, CopyState, Decision, Entry, EntryId, FileCopy, FileId, KalturaUserId, Orphan, Owner, OwnerProblem,
    OwnerRule, Reason, RecordingFile, Role, Segment, Tracked,
};

/// What was decided on the file that stands for its segment, and with it on the segment.
pub(super) struct Main {
    pub(super) file: Option<FileId>,
    pub(super) decision: Decision,
    pub(super) detail: Option<String>,
    pub(super) owner: Option<KalturaUserId>,
    pub(super) rule: Option<OwnerRule>,
    pub(super) entry_id: Option<EntryId>,
    pub(super) copy: Option<Arc<FileCopy>>,
    pub(super) step: Step,
    pub(super) remains: Vec<EntryId>,
    pub(super) orphan: Option<Orphan>,
}

/// The decision, by the stage that the file is at.
pub(super) fn decide_main_file(
    segment: &Segment,
    tracked: Option<&Tracked>,
    stage: &Stage<'_>,
    PlanInputs { facts, policy, .. }: PlanInputs<'_>,
) -> Main {
    if let (Stage::Rest(Decision { action: Action::Done, reason }), Some(tracked)) = (stage, tracked)
        && let Some(main) = plan_adoption(segment, tracked, *reason, facts, policy)
    {
        return main;
    }
    if let Some(main) = tracked.and_then(|tracked| whole_after_all(segment, tracked, stage, facts, policy)) {
        return main;
    }
    match stage {
        Stage::Rest(decision) => leave_as_is(segment, tracked, *decision, policy),
        Stage::Begin(file) => begin_main(segment, tracked, file, facts, policy),
        // the answer to the last of its bytes was lost
        Stage::GoOn(_, copy) => {
            let step = Step::Copy(Role::Parent);
            let goes_on = || FileDecision { decision: under_the_owner_chosen(tracked), step };
            decide_begun_copy(tracked, copy, look_at_copy(copy, facts, policy).unwrap_or_else(goes_on))
        }
        Stage::Confirm(copy) => decide_begun_copy(tracked, copy, look_at_copy(copy, facts, policy).unwrap_or(UNSEEN)),
        Stage::TakeBack(copy, reason) => match look_at_copy(copy, facts, policy) {
            Some(seen) => decide_begun_copy(tracked, copy, seen),
            None if policy.moved => {
                let decision = Decision::wait(Reason::AnotherInstallation);
                decide_begun_copy(tracked, copy, FileDecision::at_rest(decision))
            }
            None => {
                let decision = Decision::skip(*reason);
                decide_begun_copy(tracked, copy, FileDecision { decision, step: Step::TakeBack })
            }
        },
    }
}

/// A copy that is to be made again, or counts as lost, and is in Kaltura for all that: people repaired it, or the ledger never
/// heard of it.
fn whole_after_all(
    segment: &Segment,
    tracked: &Tracked,
    stage: &Stage<'_>,
    facts: &Facts,
    policy: &Policy,
) -> Option<Main> {
    use Reason::{ConversionFailed, GoneFromZoom};
    let is_lost = match stage {
        Stage::Begin(_) => false,
        Stage::Rest(Decision { action: Action::Skip, reason: Some(GoneFromZoom | ConversionFailed) })
        | Stage::TakeBack(_, GoneFromZoom) => true,
        _ => return None,
    };
    let is_replaced = |copy: &FileCopy| copy.entry_id.as_ref().is_some_and(|id| tracked.replaced.contains(id));
    let parents = tracked.parents();
    let mut broken = parents.iter().filter(|copy| copy.state == CopyState::Broken && !is_replaced(copy));
    let alive = broken.find_map(|copy| Some((copy, look_at_copy(copy, facts, policy)?)));
    if let Some((copy, seen)) = alive {
        return Some(decide_begun_copy(Some(tracked), copy, seen));
    }
    let marked = facts.marked.get(&segment.key()).filter(|_| is_lost)?;
    let entry = mark::sort_marked(&segment.key(), marked, LeftOut::default()).ours?;
    let file = parents.first()?.as_remembered();
    recognise_entry(segment, Some(tracked), &file, entry, facts)
}

/// An orphan whose host has an account by now is handed over, whole, as soon as nothing of it is on its way. Who opted out
/// meanwhile gets nothing.
fn plan_adoption(
    segment: &Segment,
    tracked: &Tracked,
    reason: Option<Reason>,
    facts: &Facts,
    policy: &Policy,
) -> Option<Main> {
    let orphan = tracked.as_orphan().filter(|orphan| policy.adopt && !orphan.in_transfer)?;
    // whose it is cannot be changed any more
    if orphan.kept == Some(Reason::Frozen) {
        return None;
    }
    let Some(Owner::Account(user, rule)) = facts.owners.get(&segment.key()) else {
        return None;
    };
    if policy.consent.verdict(segment).is_some() {
        return None;
    }
    let decision = Decision { action: Action::Adopt, reason };
    let copy = decide_begun_copy(Some(tracked), &orphan.copy, FileDecision { decision, step: Step::Adopt });
    Some(Main { owner: Some(user.clone()), rule: Some(rule.clone()), orphan: Some(orphan), ..copy })
}

fn leave_as_is(segment: &Segment, tracked: Option<&Tracked>, decision: Decision, policy: &Policy) -> Main {
    let copy = tracked.and_then(Tracked::parent).cloned();
    let chosen = || foremost_file(segment, policy).map(|file| file.id.clone());
    Main {
        file: copy.as_ref().map(|copy| copy.file_id.clone()).or_else(chosen),
        decision,
        detail: tracked.and_then(|tracked| tracked.unreadable.clone()),
        owner: tracked.and_then(|tracked| tracked.owner.clone()),
        rule: tracked.and_then(|tracked| tracked.rule.clone()),
        entry_id: copy.as_ref().and_then(|copy| copy.entry_id.clone()),
        copy,
        step: Step::Nothing,
        remains: Vec::new(),
        orphan: None,
    }
}

fn begin_main(
    segment: &Segment,
    tracked: Option<&Tracked>,
    file: &RecordingFile,
    facts: &Facts,
    policy: &Policy,
) -> Main {
    let key = segment.key();
    let is_replaced = |entry: &&Entry| tracked.is_some_and(|tracked| tracked.replaced.contains(&entry.id));
    let marked = facts.marked.get(&key).map(Vec::as_slice).unwrap_or_default();
    let marked: Vec<Entry> = marked.iter().filter(|entry| !is_replaced(entry)).cloned().collect();
    // what this program deleted, as it was no good copy, is under the mark too
    let left_out = LeftOut {
        deleted: policy.recopy_deleted || tracked.is_some_and(was_asked_for),
        recycled: policy.recopy_deleted,
    };
    let MarkedEntries { verdict, ours, mut remains } = mark::sort_marked(&key, &marked, left_out);
    if let Some(main) = ours.and_then(|entry| recognise_entry(segment, tracked, file, entry, facts)) {
        return main;
    }
    // what cannot be recognised is no copy
    remains.extend(ours.map(|entry| entry.id.clone()));
    let none = Main {
        file: Some(file.id.clone()),
        decision: Decision::plain(Action::Wait),
        detail: None,
        owner: None,
        rule: None,
        entry_id: None,
        copy: tracked.and_then(|tracked| tracked.copy_of(&file.id)).cloned(),
        step: Step::Nothing,
        remains,
        orphan: None,
    };
    if let Some(SettledBy { entry, decision }) = verdict {
        return Main { decision, owner: entry.owner_id(), entry_id: Some(entry.id.clone()), ..none };
    }
    // what looks left over may be what the other machine is working on
    if policy.moved && !none.remains.is_empty() {
        let decision = Decision::wait(Reason::AnotherInstallation);
        return Main { decision, remains: Vec::new(), ..none };
    }
    let Destination { decision, owner, detail } = choose_destination(segment, facts, policy);
    let step = if decision.action.is_copy() { Step::Copy(Role::Parent) } else { Step::Nothing };
    let (owner, rule) = owner.unzip();
    Main { decision, detail, owner, rule: rule.flatten(), step, ..none }
}

/// Whether the ledger knows that an entry was asked for: what lies deleted under its mark may be this program's own doing,
/// and of a copy that is sent or confirmed people's deletion is seen by its id.
fn was_asked_for(tracked: &Tracked) -> bool {
    tracked.copies.iter().any(|copy| copy.role == Role::Parent && copy.asked > 0)
}

/// A copy of our own that the ledger does not know becomes the copy of the file that it has the size of. `None` where it
/// no longer exists, or is no good one.
fn recognise_entry(
    segment: &Segment,
    tracked: Option<&Tracked>,
    proposed: &RecordingFile,
    entry: &Entry,
    facts: &Facts,
) -> Option<Main> {
    let copied = facts.sent.get(&entry.id)?.as_ref()?;
    let is_known = |tracked: &Tracked| {
        let is_it = |copy: &Arc<FileCopy>| copy.role.is_entry() && copy.entry_id.as_ref() == Some(&entry.id);
        tracked.copies.iter().any(is_it)
    };
    if tracked.is_some_and(is_known) {
        return None;
    }
    let same_size = |file: &&RecordingFile| file.is_media() && file.bytes == Some(copied.source_bytes);
    let file = segment.files.iter().find(same_size).unwrap_or(proposed);
    let found = is_confirmed(file.bytes.unwrap_or(copied.source_bytes), file.lasted, Some(copied));
    let CopyFinding { state, decision } = match found.state {
        // a copy for all that: the next look deals with it
        CopyState::Broken if copied.entry.milliseconds > 0 => {
            CopyFinding::waiting(CopyState::Sent, Reason::InConversion)
        }
        CopyState::Done | CopyState::Sent => found,
        _ => return None,
    };
    Some(Main {
        file: Some(file.id.clone()),
        decision: Decision { reason: decision.reason.or(Some(Reason::CopiedBefore)), ..decision },
        detail: None,
        owner: entry.owner_id(),
        rule: None,
        entry_id: Some(entry.id.clone()),
        copy: tracked.and_then(|tracked| tracked.copy_of(&file.id)).cloned(),
        step: Step::Recognise {
            state,
            orphan: facts.holding_user.as_ref() == entry.owner_id().as_ref()
                && (entry.tags.is_orphan || !entry.tags.is_signed),
            bytes: copied.source_bytes,
        },
        remains: Vec::new(),
        orphan: None,
    })
}

/// The decision on a copy that was begun before.
fn decide_begun_copy(tracked: Option<&Tracked>, copy: &FileCopy, decided: FileDecision) -> Main {
    let FileDecision { decision, step } = decided;
    Main {
        file: Some(copy.file_id.clone()),
        decision,
        detail: None,
        owner: tracked.and_then(|tracked| tracked.owner.clone()),
        rule: tracked.and_then(|tracked| tracked.rule.clone()),
        entry_id: copy.entry_id.clone(),
        copy: Some(Arc::new(copy.clone())),
        step,
        remains: Vec::new(),
        orphan: None,
    }
}

/// A copy under way stays with the account that it was begun for.
pub(super) fn under_the_owner_chosen(tracked: Option<&Tracked>) -> Decision {
    match tracked.filter(|tracked| tracked.orphan).map(|tracked| tracked.reason) {
        None => Decision::plain(Action::Copy),
        Some(Some(reason @ (Reason::HostUnknown | Reason::AmbiguousEmail))) => {
            Decision::because(Action::CopyAsOrphan, reason)
        }
        Some(_) => Decision::because(Action::CopyAsOrphan, Reason::NoAccount),
    }
}

/// Where a copy is to go.
struct Destination {
    decision: Decision,
    /// The account, and what led to it.
    owner: Option<(KalturaUserId, Option<OwnerRule>)>,
    detail: Option<String>,
}

/// A segment whose owner was not looked up waits like one whose look-up failed: nothing is given away on a guess.
fn choose_destination(segment: &Segment, facts: &Facts, policy: &Policy) -> Destination {
    let stays = |decision, detail: Option<String>| Destination { decision, owner: None, detail };
    let problem = match facts.owners.get(&segment.key()) {
        Some(Owner::Account(user, rule)) => {
            let owner = Some((user.clone(), Some(rule.clone())));
            return Destination { decision: Decision::plain(Action::Copy), owner, detail: None };
        }
        Some(Owner::NoAccount(problem)) => *problem,
        Some(Owner::WrongAlias(why)) => return stays(Decision::wait(Reason::WrongAlias), Some(why.clone())),
        Some(Owner::Undecided) => return stays(Decision::wait(Reason::ListInDoubt), None),
        Some(Owner::DomainsMissing) => return stays(Decision::wait(Reason::OwnerDomainsMissing), None),
        Some(Owner::Unknown(why)) => return stays(Decision::wait(Reason::OwnerLookupFailed), Some(why.clone())),
        None => return stays(Decision::wait(Reason::OwnerLookupFailed), None),
    };
    let reason = match problem {
        OwnerProblem::NoMatch => Reason::NoAccount,
        OwnerProblem::Ambiguous => Reason::AmbiguousEmail,
        OwnerProblem::HostUnknown => Reason::HostUnknown,
    };
    // somebody whom nobody can name any more may have opted out
    if problem == OwnerProblem::HostUnknown
        && segment.meeting.host_email.is_none()
        && policy.consent.asks_for_addresses()
    {
        return stays(Decision::skip(reason), None);
    }
    // one of several accounts may have opted out
    if problem == OwnerProblem::Ambiguous && policy.consent.may_mean_an_account(segment.started) {
        let why = "several Kaltura accounts may be the host's, and one of them may be in a group of filter.opt_out_kaltura_groups; add a line for the host to owner.aliases";
        return stays(Decision::wait(Reason::OwnerLookupFailed), Some(why.to_owned()));
    }
    match &facts.holding_user {
        None => stays(Decision::wait(Reason::NoHoldingUser), None),
        Some(keeper) => Destination {
            decision: Decision::because(Action::CopyAsOrphan, reason),
            owner: Some((keeper.clone(), None)),
            detail: None,
        },
    }
}
