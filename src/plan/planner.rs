//! Facts and rules become a plan.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::rules::fate;
use super::{Facts, FilePlan, Item, Policy, Stage, Step, confirm, mark, stage};
use crate::model::{
    Action, CopyState, EntryId, FileCopy, FileId, KalturaUserId, Owner, OwnerProblem, Reason, RecordingFile, Segment,
    SegmentKey, Tracked, Window,
};

/// What is to happen to every recording of the window and to all that is still owed.
#[derive(Debug)]
pub struct Plan {
    /// The days that were listed.
    pub window: Window,
    /// In order of the recordings' start.
    pub items: Vec<Item>,
}

/// Decides on every segment that Zoom lists and on every one that is still owed.
#[must_use]
pub fn plan(facts: &Facts, policy: &Policy, now: DateTime<Utc>) -> Plan {
    let listed: HashSet<SegmentKey> = facts.listed.iter().map(Segment::key).collect();
    // what a backfill began before go-live is gone on with by a backfill; only what it sent is confirmed by every run
    let matters = |tracked: &Tracked| {
        tracked.segment.started >= policy.go_live
            || tracked.main_copy().is_some_and(|copy| copy.state == CopyState::Sent)
    };
    let owed_only = |tracked: &&Tracked| {
        !tracked.action.is_settled() && !listed.contains(&tracked.segment.key()) && matters(tracked)
    };
    let remembered = facts.tracked.values().filter(owed_only).map(|tracked| (&tracked.segment, false));
    let all = facts.listed.iter().map(|segment| (segment, true)).chain(remembered);
    let mut items: Vec<Item> = all.map(|(segment, listed)| item(segment, listed, facts, policy, now)).collect();
    items.sort_by(|a, b| {
        (a.segment.started, &a.segment.meeting.uuid).cmp(&(b.segment.started, &b.segment.meeting.uuid))
    });
    Plan { window: facts.window, items }
}

impl Plan {
    /// Leaves all but the first `most` transfers for a later run.
    #[must_use]
    pub fn limited(mut self, most: usize) -> Plan {
        let transfers = self.items.iter_mut().filter(|item| matches!(item.step, Step::Transfer { .. }));
        for item in transfers.skip(most) {
            item.becomes(Action::Wait, Some(Reason::BeyondLimit));
            item.step = Step::Nothing;
        }
        self
    }
}

fn item(segment: &Segment, listed: bool, facts: &Facts, policy: &Policy, now: DateTime<Utc>) -> Item {
    let tracked = facts.tracked.get(&segment.key());
    match stage(segment, listed, tracked, policy, now) {
        Stage::Rest(action, reason) => rest(segment, tracked, action, reason),
        Stage::Begin(file) => begin(segment, tracked, file, facts, policy.recopy_deleted),
        Stage::GoOn(file, copy) => go_on(segment, tracked, file, copy),
        Stage::Confirm(copy) => confirm(segment, tracked, copy, facts),
    }
}

fn rest(segment: &Segment, tracked: Option<&Tracked>, action: Action, reason: Option<Reason>) -> Item {
    let copy = tracked.and_then(Tracked::main_copy);
    let main = copy.map(|copy| &copy.file_id).or_else(|| segment.best_video().map(|file| &file.id));
    Item {
        owner: tracked.and_then(|tracked| tracked.owner.clone()),
        entry_id: copy.and_then(|copy| copy.entry_id.clone()),
        ..new(segment, main, action, reason, Step::Nothing)
    }
}

fn begin(
    segment: &Segment,
    tracked: Option<&Tracked>,
    file: &RecordingFile,
    facts: &Facts,
    recopy_deleted: bool,
) -> Item {
    let key = segment.key();
    let marked = facts.marked.get(&key).map(Vec::as_slice).unwrap_or_default();
    if let Some((action, reason, entry)) = mark::found(&key, marked, recopy_deleted) {
        let owner = Some(entry.owner.as_str()).filter(|owner| !owner.is_empty()).map(KalturaUserId::new);
        let item = new(segment, Some(&file.id), action, Some(reason), Step::Nothing);
        return Item { entry_id: Some(entry.id.clone()), owner, ..item };
    }
    let (action, reason, owner, detail) = destination(facts.owners.get(&key), facts);
    let copy = tracked.and_then(|tracked| tracked.copies.iter().find(|copy| copy.file_id == file.id)).cloned();
    let step = if action.is_copy() { Step::Transfer { file: file.clone(), copy } } else { Step::Nothing };
    Item { detail, owner, ..new(segment, Some(&file.id), action, reason, step) }
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

fn go_on(segment: &Segment, tracked: Option<&Tracked>, file: &RecordingFile, copy: &FileCopy) -> Item {
    let orphan = tracked.is_some_and(|tracked| tracked.orphan);
    let action = if orphan { Action::CopyAsOrphan } else { Action::Copy };
    let reason = tracked.filter(|_| orphan).and_then(|tracked| tracked.reason);
    let step = Step::Transfer { file: file.clone(), copy: Some(copy.clone()) };
    Item {
        owner: tracked.and_then(|tracked| tracked.owner.clone()),
        entry_id: copy.entry_id.clone(),
        ..new(segment, Some(&file.id), action, reason, step)
    }
}

fn confirm(segment: &Segment, tracked: Option<&Tracked>, copy: &FileCopy, facts: &Facts) -> Item {
    let copied = copy.entry_id.as_ref().and_then(|id: &EntryId| facts.sent.get(id));
    let state = copied.map_or(copy.state, |copied| confirm::confirmed(copied.as_ref()));
    let (action, reason) = confirm::settled_as(state, copy, copied.and_then(Option::as_ref));
    let step = if state == copy.state { Step::Nothing } else { Step::Settle { copy: copy.clone(), state } };
    Item {
        owner: tracked.and_then(|tracked| tracked.owner.clone()),
        entry_id: copy.entry_id.clone(),
        ..new(segment, Some(&copy.file_id), action, reason, step)
    }
}

/// An item in which the file `main` shares the fate of its segment and the others have their own.
fn new(segment: &Segment, main: Option<&FileId>, action: Action, reason: Option<Reason>, step: Step) -> Item {
    let skipped = action == Action::Skip;
    let main = segment.files.iter().position(|file| Some(&file.id) == main);
    let files = segment.files.iter().enumerate().map(|(number, file)| {
        let (action, reason) = if skipped || Some(number) == main {
            (action, reason)
        } else {
            let (action, reason) = fate(file);
            (action, Some(reason))
        };
        FilePlan { file: file.clone(), action, reason }
    });
    Item {
        files: files.collect(),
        main,
        segment: segment.clone(),
        action,
        reason,
        detail: None,
        age: None,
        owner: None,
        entry_id: None,
        step,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::samples::{copy, file, now, policy, segment, tracked, video};
    use super::{Facts, Item, Step, plan};
    use crate::model::{
        Action, CopyState, FileKind, KalturaUserId, Owner, OwnerProblem, Reason, Segment, Tracked, View, Window,
    };

    fn facts(listed: Vec<Segment>, tracked: Option<Tracked>, owner: Option<Owner>) -> Facts {
        let day = now().date_naive();
        let key = segment(Vec::new()).key();
        Facts {
            window: Window { from: day, to: day },
            listed,
            tracked: tracked.into_iter().map(|tracked| (key.clone(), tracked)).collect(),
            owners: owner.into_iter().map(|owner| (key.clone(), owner)).collect(),
            holding_user: Some(KalturaUserId::new("orphans")),
            marked: HashMap::new(),
            sent: HashMap::new(),
        }
    }

    fn only_item(facts: &Facts) -> Item {
        let mut items = plan(facts, &policy(), now()).items;
        assert_eq!(items.len(), 1);
        items.remove(0)
    }

    fn lecture() -> Segment {
        segment(vec![video("v", View::SharedScreen), file("a", FileKind::Audio)])
    }

    #[test]
    fn a_recording_goes_to_its_host_to_the_holding_user_or_nowhere() {
        let account = KalturaUserId::new("ada@uni.example");
        let nobody = |problem| Some(Owner::NoAccount(problem));
        let cases = [
            (Some(Owner::Account(account)), true, "copy", None, Some("ada@uni.example")),
            (nobody(OwnerProblem::NoMatch), true, "copy_as_orphan", Some(Reason::NoAccount), Some("orphans")),
            (nobody(OwnerProblem::HostUnknown), true, "copy_as_orphan", Some(Reason::HostUnknown), Some("orphans")),
            (nobody(OwnerProblem::NoMatch), false, "wait", Some(Reason::NoHoldingUser), None),
            (Some(Owner::Unknown("Zoom is down".to_owned())), true, "wait", Some(Reason::OwnerLookupFailed), None),
            (None, true, "wait", Some(Reason::OwnerLookupFailed), None),
        ];
        for (owner, there_is_one, action, reason, user) in cases {
            let holding_user = there_is_one.then(|| KalturaUserId::new("orphans"));
            let facts = Facts { holding_user, ..facts(vec![lecture()], None, owner.clone()) };
            let item = only_item(&facts);
            let found = (item.action.word(), item.reason, item.owner.as_ref().map(KalturaUserId::as_str));
            assert_eq!(found, (action, reason, user), "{owner:?}");
            assert_eq!(matches!(item.step, Step::Transfer { .. }), item.action.is_copy());
        }
    }

    #[test]
    fn the_main_file_shares_the_fate_of_the_recording_and_the_others_have_their_own() {
        let owner = Some(Owner::Account(KalturaUserId::new("ada@uni.example")));
        let item = only_item(&facts(vec![lecture()], None, owner));
        assert_eq!(item.main, Some(0));
        let fates: Vec<_> = item.files.iter().map(|file| (file.action, file.reason)).collect();
        assert_eq!(fates, [(Action::Copy, None), (Action::Wait, Some(Reason::Audio))]);
    }

    #[test]
    fn a_copy_under_way_keeps_the_owner_once_chosen() {
        let known = tracked(Action::Copy, None, vec![copy(CopyState::Attached)]);
        let stranger = Some(Owner::Account(KalturaUserId::new("eve")));
        let item = only_item(&facts(vec![lecture()], Some(known), stranger));
        assert_eq!(item.owner.as_ref().map(KalturaUserId::as_str), Some("ada@uni.example"));
    }

    #[test]
    fn what_is_owed_is_planned_though_zoom_no_longer_lists_it_and_what_is_settled_is_not() {
        let owed = tracked(Action::Wait, Some(Reason::Processing), vec![]);
        assert_eq!(only_item(&facts(vec![], Some(owed), None)).reason, Some(Reason::NotListed));
        let settled = tracked(Action::Done, None, vec![copy(CopyState::Done)]);
        assert!(plan(&facts(vec![], Some(settled), None), &policy(), now()).items.is_empty());
    }
}
