//! Facts and rules become a plan.
//!
//! Which recording is copied before which.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::inputs::PlanInputs;
use super::{Facts, Item, Policy, Presence, RuledOut, Step};
use crate::model::{Action, Owner, Reason, Segment, SegmentKey, Tracked, Window};

/// What is to happen to every recording of the window and to all that is still owed.
#[derive(Debug)]
pub struct Plan {
    /// The days that were listed.
    pub window: Window,
    /// Whether everything that Zoom lists there could be read.
    pub complete: bool,
    /// In order of the recordings' start.
    pub items: Vec<Item>,
    /// The other lines of the plan, in the same order: recordings that a rule leaves out.
    pub ruled_out: RuledOut,
    /// The numbers of those of which something is to be copied, in the order in which it is to be done.
    pub due: Vec<usize>,
}

/// Decides on every segment that Zoom lists and on every one that is still owed.
#[must_use]
pub fn plan_recordings(mut facts: Facts, policy: &Policy, now: DateTime<Utc>) -> Plan {
    let is_gone = |segment: &Segment| facts.gone.contains(&segment.key());
    let presence = |segment: &Segment| if is_gone(segment) { Presence::Gone } else { Presence::Unlisted };
    let remembered: Vec<_> =
        owed_only(&facts, policy).into_iter().map(|segment| (segment.clone(), presence(segment))).collect();
    // moved and not copied: there may be tens of thousands
    let mut ruled_out = std::mem::take(&mut facts.ruled_out);
    ruled_out.sort();
    let listed = std::mem::take(&mut facts.listed).into_iter().map(|segment| (segment, Presence::Listed));
    let all = listed.chain(remembered);
    let scene = PlanInputs { facts: &facts, policy, now };
    let mut items: Vec<Item> = all.map(|(segment, presence)| scene.plan_item(segment, presence)).collect();
    // a stable sort would hold a second list of them
    items.sort_unstable_by(|one, other| listing_place(&one.segment).cmp(&listing_place(&other.segment)));
    let due = order_items(&items, policy, now);
    Plan { window: facts.window, complete: facts.complete, items, ruled_out, due }
}

/// What Zoom does not list and is still to be decided on.
fn owed_only<'a>(facts: &'a Facts, policy: &Policy) -> Vec<&'a Segment> {
    let listed: HashSet<SegmentKey> = facts.listed.iter().map(Segment::key).collect();
    // what a backfill began before go-live is resumed by a backfill; only what it sent is confirmed by every run
    let matters = |tracked: &Tracked| {
        tracked.segment.started >= policy.go_live || tracked.copies.iter().any(|copy| copy.state.is_up_to_kaltura())
    };
    let found_their_host = |tracked: &Tracked| {
        tracked.orphan && matches!(facts.owners.get(&tracked.segment.key()), Some(Owner::Account(..)))
    };
    let is_owed = |tracked: &&Tracked| {
        !listed.contains(&tracked.segment.key())
            && ((!tracked.action.is_settled() && matters(tracked)) || found_their_host(tracked))
    };
    facts.tracked.values().filter(is_owed).map(|tracked| &tracked.segment).collect()
}

fn listing_place(segment: &Segment) -> (DateTime<Utc>, &str, &str) {
    (segment.started, segment.meeting.uuid.as_str(), &segment.recording_start)
}

impl Plan {
    /// Leaves all but the first `most` recordings that are to be copied for a later run.
    #[must_use]
    pub fn limited(mut self, most: usize) -> Plan {
        for number in self.due.split_off(most.min(self.due.len())) {
            let item = &mut self.items[number];
            for file in item.files.iter_mut().filter(|file| file.is_copied()) {
                (file.action, file.reason) = (Action::Wait, Some(Reason::BeyondLimit));
                file.step = Step::Nothing;
            }
            (item.action, item.reason) = (Action::Wait, Some(Reason::BeyondLimit));
        }
        self
    }
}

/// The smaller comes first: what Zoom deletes soon, by the day; then the small before the large, so that a recording of
/// nine hours does not hold up a hundred lectures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Soon(NaiveDate, u64),
    Later(u64),
}

/// The numbers of the items of which something is to be copied, in the order in which it is to be done. What failed before
/// comes behind all that was not tried: it may fail again, and hold up the others.
pub(super) fn order_items(items: &[Item], policy: &Policy, now: DateTime<Utc>) -> Vec<usize> {
    let due = items.iter().enumerate().filter(|(_, item)| item.is_copied());
    let place = |item: &Item| (item.has_failed_before(), rank_item(item, policy, now));
    let mut ranked: Vec<_> = due.map(|(number, item)| (place(item), number)).collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, number)| number).collect()
}

fn rank_item(item: &Item, policy: &Policy, now: DateTime<Utc>) -> Rank {
    let meeting = &item.segment.meeting;
    let deleted_on = meeting.deleted_on.unwrap_or_else(|| (meeting.start + policy.zoom_retention).date_naive());
    let bytes = item
        .files
        .iter()
        .filter(|file| file.is_copied())
        .filter_map(|file| file.file.bytes)
        .fold(0, u64::saturating_add);
    if deleted_on.and_time(NaiveTime::MIN).and_utc() - now < policy.at_risk {
        Rank::Soon(deleted_on, bytes)
    } else {
        Rank::Later(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};
    use std::sync::Arc;

    use chrono::{Days, TimeDelta};

    use super::{Facts, Item, Policy, Step, order_items, plan_recordings};
    use crate::copying::plan::samples::{
        sample_copy, sample_entry, sample_file, sample_item, sample_now, sample_policy, sample_segment, sample_tracked,
        sample_video,
    };
    use crate::copying::plan::{FilePlan, RuledOut};
    use crate::model::{
        Action, CopyState, Entry, EntryId, EntryStatus, EntryWithSource, FileCopy, FileId, FileKind, KalturaUserId,
        Owner, OwnerProblem, OwnerRule, Reason, RecordingFile, ReferenceId, Role, Segment, Tags, Tracked, Window,
    };

    fn facts(listed: Vec<Segment>, tracked: Option<Tracked>, owner: Option<Owner>) -> Facts {
        let day = sample_now().date_naive();
        let key = sample_segment(Vec::new()).key();
        Facts {
            here: sample_now(),
            in_kaltura: Some(sample_now()),
            window: Window { from: day, to: day },
            complete: true,
            listed,
            ruled_out: RuledOut::default(),
            gone: HashSet::new(),
            tracked: tracked.into_iter().map(|tracked| (key.clone(), tracked)).collect(),
            owners: owner.into_iter().map(|owner| (key.clone(), owner)).collect(),
            holding_user: Some(KalturaUserId::new("orphans")),
            marked: HashMap::new(),
            texts: HashMap::new(),
            sent: HashMap::new(),
        }
    }

    fn only_item(facts: &Facts) -> Item {
        let mut items = plan_recordings(facts.clone(), &sample_policy(), sample_now()).items;
        assert_eq!(items.len(), 1);
        items.remove(0)
    }

    fn lecture() -> Segment {
        sample_segment(vec![sample_video("v", "shared_screen"), sample_file("a", FileKind::Audio)])
    }

    /// Otherwise to the holding user or nowhere.
    #[test]
    fn recordings_go_to_their_host() {
        let account = KalturaUserId::new("ada@uni.example");
        let by_email = OwnerRule::new("{email}");
        let nobody = |problem| Some(Owner::NoAccount(problem));
        let cases = [
            (Some(Owner::Account(account, by_email)), true, "copy", None, Some("ada@uni.example")),
            (nobody(OwnerProblem::NoMatch), true, "copy_as_orphan", Some(Reason::NoAccount), Some("orphans")),
            (nobody(OwnerProblem::Ambiguous), true, "copy_as_orphan", Some(Reason::AmbiguousEmail), Some("orphans")),
            (Some(Owner::WrongAlias("line 2".to_owned())), true, "wait", Some(Reason::WrongAlias), None),
            (Some(Owner::Undecided), true, "wait", Some(Reason::ListInDoubt), None),
            (Some(Owner::DomainsMissing), true, "wait", Some(Reason::OwnerDomainsMissing), None),
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
            assert_eq!(item.files[0].step == Step::Copy(Role::Parent), item.action.is_copy());
        }
    }

    fn ada() -> Owner {
        Owner::Account(KalturaUserId::new("ada@uni.example"), OwnerRule::new("{email}"))
    }

    /// What is to happen to each file, in words.
    fn fates(item: &Item) -> Vec<String> {
        let word = |file: &FilePlan| match (file.step, file.reason) {
            (Step::Copy(role), _) => format!("{} {}", file.action, role.word()),
            (Step::Settle(state), _) => format!("settle {}", state.word()),
            (Step::Keep { state, .. }, _) => format!("keep {}", state.word()),
            (Step::Recognise { state, .. }, _) => format!("recognise {}", state.word()),
            (Step::Adopt, _) => "adopt".to_owned(),
            (Step::TakeBack, _) => "take back".to_owned(),
            (Step::Trash, _) => "trash".to_owned(),
            (Step::Nothing, reason) => format!("{} {}", file.action, reason.map_or("", Reason::word)),
        };
        item.files.iter().map(word).collect()
    }

    fn whole() -> Segment {
        sample_segment(vec![
            sample_video("g", "gallery_view"),
            sample_video("v", "shared_screen"),
            sample_file("a", FileKind::Audio),
            sample_file("t", FileKind::Transcript),
            sample_file("x", FileKind::Other),
        ])
    }

    /// The others hang on it.
    #[test]
    fn the_best_view_becomes_the_entry() {
        let item = only_item(&facts(vec![whole()], None, Some(ada())));
        assert_eq!(item.main, Some(1));
        let expected =
            ["copy child", "copy parent", "skip audio_beside_video", "copy caption", "skip file_type_not_copied"];
        assert_eq!(fates(&item), expected);
    }

    #[test]
    fn nothing_begins_without_an_owner() {
        let item = only_item(&facts(vec![whole()], None, None));
        assert_eq!(fates(&item)[..2], ["wait after_its_entry", "wait owner_lookup_failed"]);
        assert!(!item.is_copied());
    }

    #[test]
    fn later_files_join_their_existing_entry() {
        let known = sample_tracked(Action::Done, None, vec![sample_copy(CopyState::Done)]);
        let item = only_item(&facts(vec![whole()], Some(known), None));
        assert_eq!((item.action, item.reason), (Action::Copy, None));
        assert_eq!(fates(&item)[..4], ["copy child", "done ", "skip audio_beside_video", "copy caption"]);
    }

    /// Nor do those that people deleted.
    #[test]
    fn changed_or_foreign_entries_gain_nothing() {
        let edited = sample_tracked(Action::Done, Some(Reason::EditedInKaltura), vec![sample_copy(CopyState::Done)]);
        let deleted =
            sample_tracked(Action::Skip, Some(Reason::DeletedInKaltura), vec![sample_copy(CopyState::Deleted)]);
        let theirs = sample_tracked(Action::Done, Some(Reason::CopiedByAnotherTool), vec![]);
        let cases = [
            (edited, "skip edited_in_kaltura"),
            (deleted, "skip deleted_in_kaltura"),
            (theirs, "done copied_by_another_tool"),
        ];
        for (known, expected) in cases {
            let item = only_item(&facts(vec![whole()], Some(known), None));
            assert!(!item.is_copied());
            assert_eq!(fates(&item)[3], expected);
        }
    }

    #[test]
    fn sent_copies_are_confirmed_by_kaltura() {
        let child = FileCopy {
            file_id: FileId::new("g"),
            role: Role::Child,
            entry_id: Some(EntryId::new("0_b")),
            ..sample_copy(CopyState::Sent)
        };
        let known = sample_tracked(Action::Wait, None, vec![sample_copy(CopyState::Sent), child]);
        let ready = |id: &str| {
            let entry = Entry {
                id: EntryId::new(id),
                status: EntryStatus::Ready,
                owner: String::new(),
                reference_id: ReferenceId::new(""),
                ours: true,
                tags: Tags::default(),
                recycled: false,
                milliseconds: 1_800_000,
                changed: None,
            };
            (EntryId::new(id), Some(EntryWithSource { entry, source_bytes: 6000, source_failed: false }))
        };
        let mut facts = facts(vec![whole()], Some(known), None);
        facts.sent.extend([ready("0_a")]);
        let item = only_item(&facts);
        assert_eq!(fates(&item)[..2], ["wait in_conversion", "settle done"]);
        facts.sent.extend([ready("0_b")]);
        let item = only_item(&facts);
        assert_eq!(fates(&item)[..2], ["settle done", "settle done"]);
    }

    #[test]
    fn new_entries_get_all_their_files() {
        let child = FileCopy { file_id: FileId::new("g"), role: Role::Child, ..sample_copy(CopyState::Done) };
        let known = sample_tracked(Action::Skip, Some(Reason::Purged), vec![sample_copy(CopyState::Purged), child]);
        let facts = facts(vec![whole()], Some(known), Some(ada()));
        let again = Policy { recopy_deleted: true, ..sample_policy() };
        let items = plan_recordings(facts.clone(), &again, sample_now()).items;
        assert_eq!(fates(&items[0])[..2], ["copy child", "copy parent"]);
        assert_eq!(fates(&only_item(&facts))[..2], ["done ", "skip purged"]);
    }

    #[test]
    fn a_limit_counts_recordings_not_files() {
        let owners = facts(vec![whole()], None, Some(ada()));
        let limited = plan_recordings(owners.clone(), &sample_policy(), sample_now()).limited(1);
        assert_eq!(limited.items[0].files.iter().filter(|file| file.is_copied()).count(), 3);
        let limited = plan_recordings(owners, &sample_policy(), sample_now()).limited(0);
        assert!(!limited.items[0].is_copied());
        assert_eq!(limited.items[0].reason, Some(Reason::BeyondLimit));
    }

    #[test]
    fn copies_under_way_keep_their_owner() {
        let known = sample_tracked(Action::Copy, None, vec![sample_copy(CopyState::Attached)]);
        let stranger = Some(Owner::Account(KalturaUserId::new("eve"), OwnerRule::email()));
        let item = only_item(&facts(vec![lecture()], Some(known), stranger));
        assert_eq!(item.owner.as_ref().map(KalturaUserId::as_str), Some("ada@uni.example"));
    }

    /// The copy of the lecture, kept by the holding user, confirmed a day ago.
    fn orphan(reason: Option<Reason>) -> Tracked {
        let copy =
            FileCopy { confirmed: Some(sample_now() - chrono::TimeDelta::days(1)), ..sample_copy(CopyState::Done) };
        let owner = Some(KalturaUserId::new("orphans"));
        Tracked { orphan: true, owner, ..sample_tracked(Action::Done, reason, vec![copy]) }
    }

    #[test]
    fn orphans_go_to_hosts_with_accounts() {
        let nobody = || Owner::NoAccount(OwnerProblem::NoMatch);
        let sent = FileCopy { file_id: FileId::new("g"), role: Role::Child, ..sample_copy(CopyState::Sent) };
        let under_way = Tracked { copies: [orphan(None).copies, vec![sent.into()]].concat(), ..orphan(None) };
        let edited = Some(Reason::EditedInKaltura);
        let off = Policy { adopt: false, ..sample_policy() };
        let cases = [
            (orphan(None), ada(), sample_policy(), (Action::Adopt, None)),
            (orphan(edited), ada(), sample_policy(), (Action::Adopt, edited)),
            (orphan(None), nobody(), sample_policy(), (Action::Done, None)),
            (orphan(None), Owner::Unknown("down".to_owned()), sample_policy(), (Action::Done, None)),
            (orphan(None), ada(), off, (Action::Done, None)),
            (under_way, ada(), sample_policy(), (Action::Done, None)),
            (
                sample_tracked(Action::Done, None, vec![sample_copy(CopyState::Done)]),
                ada(),
                sample_policy(),
                (Action::Done, None),
            ),
        ];
        for (known, owner, policy, expected) in cases {
            let facts = facts(vec![sample_segment(vec![sample_video("v", "shared_screen")])], Some(known), Some(owner));
            let item = plan_recordings(facts.clone(), &policy, sample_now()).items.remove(0);
            let main = &item.files[item.main.expect("a file that stands for it")];
            assert_eq!((main.action, main.reason), expected, "{:?}", facts.owners);
            assert_eq!(item.orphan.is_some(), expected.0 == Action::Adopt);
        }
        let old = facts(vec![], Some(orphan(None)), Some(ada()));
        assert_eq!(only_item(&old).action, Action::Adopt, "Zoom need not list it any more");
        assert!(
            plan_recordings(facts(vec![], Some(orphan(None)), Some(nobody())), &sample_policy(), sample_now())
                .items
                .is_empty()
        );
    }

    /// This program deleted the copy to make it again.
    #[test]
    fn our_own_deletions_are_not_peoples() {
        let deleted = Entry { status: EntryStatus::Deleted, ..sample_entry("0_a", "ada@uni.example") };
        let fate = |known: Option<FileCopy>| {
            let known = known.map(|copy| sample_tracked(Action::Copy, None, vec![copy]));
            let marked = HashMap::from([(lecture().key(), vec![deleted.clone()])]);
            fates(&only_item(&Facts { marked, ..facts(vec![lecture()], known, Some(ada())) })).remove(0)
        };
        assert_eq!(fate(None), "skip deleted_in_kaltura");
        assert_eq!(fate(Some(FileCopy { asked: 0, ..sample_copy(CopyState::New) })), "skip deleted_in_kaltura");
        for state in [CopyState::Broken, CopyState::Reserved] {
            assert_eq!(fate(Some(FileCopy { asked: 1, ..sample_copy(state) })), "copy parent", "{state:?}");
        }
    }

    #[test]
    fn ledger_copies_are_held_only_once() {
        let known = sample_tracked(Action::Done, None, vec![sample_copy(CopyState::Done)]);
        let facts = facts(vec![lecture()], Some(known), None);
        let (item, known) = (only_item(&facts), &facts.tracked[&lecture().key()]);
        assert!(item.files[0].copy.as_ref().is_some_and(|copy| Arc::ptr_eq(copy, &known.copies[0])));
    }

    /// What is settled is not planned.
    #[test]
    fn owed_files_need_no_listing() {
        let owed = sample_tracked(Action::Wait, Some(Reason::Processing), vec![]);
        assert_eq!(only_item(&facts(vec![], Some(owed), None)).reason, Some(Reason::NotListed));
        let settled = sample_tracked(Action::Done, None, vec![sample_copy(CopyState::Done)]);
        assert!(plan_recordings(facts(vec![], Some(settled), None), &sample_policy(), sample_now()).items.is_empty());
    }

    /// A recording of so many bytes that began so many days ago.
    fn item(days: u64, bytes: u64) -> Item {
        let file = RecordingFile { bytes: Some(bytes), ..sample_video("v", "shared_screen") };
        let mut segment = sample_segment(vec![file.clone()]);
        Arc::make_mut(&mut segment.meeting).start = sample_now() - Days::new(days);
        let step = Step::Copy(Role::Parent);
        let plan = FilePlan { file, action: Action::Copy, reason: None, entry_id: None, copy: None, step };
        sample_item(segment, vec![plan])
    }

    /// By the day, then the small before the large.
    #[test]
    fn expiring_recordings_come_first() {
        let policy = sample_policy();
        assert_eq!((policy.zoom_retention, policy.at_risk), (TimeDelta::days(30), TimeDelta::days(7)));
        let mut named = item(1, 900);
        Arc::make_mut(&mut named.segment.meeting).deleted_on = Some(sample_now().date_naive() + Days::new(1));
        let items = [item(2, 500), item(1, 40), item(27, 800), item(26, 7), item(27, 300), named, item(40, 600)];
        assert_eq!(order_items(&items, &policy, sample_now()), [6, 5, 4, 2, 3, 1, 0]);
    }

    #[test]
    fn uncopied_files_have_no_place() {
        let mut done = item(1, 1);
        done.files[0].step = Step::Nothing;
        assert_eq!(order_items(&[done, item(1, 2)], &sample_policy(), sample_now()), [1]);
    }
}
