//! Which files go to Zoom's trash: those of a segment of which everything is safely in Kaltura, long enough ago.
//!
//! So much at once is probably a mistake: the brake on Zoom's trash.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{FilePlan, Item, Plan, Policy, Step, is_confirmed};
use crate::copying::copy_table::CopyFinding;
use crate::model::format_count;
use crate::model::{
    Action, CopyState, Decision, EntryWithSource, FileCopy, FileId, KalturaUserId, Reason, RecordingFile, Role,
    SegmentKey, Tracked,
};

/// So long a request whose answer is not known is repeated. Later the file, if it is there, has been recovered.
const IN_DOUBT: TimeDelta = TimeDelta::days(1);

/// What time it is.
pub(super) struct ClockTimes {
    /// By Kaltura's clock, where it told.
    pub(super) in_kaltura: Option<DateTime<Utc>>,
    /// By Zoom's.
    pub(super) in_zoom: DateTime<Utc>,
}

/// Whether what was confirmed then was confirmed long enough ago, by Kaltura's clock: where it tells no time, nothing was.
#[must_use]
pub fn is_long_confirmed(
    confirmed: Option<DateTime<Utc>>,
    in_kaltura: Option<DateTime<Utc>>,
    after: TimeDelta,
) -> bool {
    confirmed.zip(in_kaltura).is_some_and(|(confirmed, now)| now - confirmed >= after)
}

/// Whether a file of the segment may be due by what the ledger knows: then Kaltura is asked what time it is.
#[must_use]
pub fn may_be_due(tracked: &Tracked, policy: &Policy, now: DateTime<Utc>) -> bool {
    let is_left = |copy: &Arc<FileCopy>| copy.state == CopyState::Done && copy.zoom_trash.trashed.is_none();
    let is_old = policy.trash_after.is_some_and(|after| is_long_confirmed(last_confirmed(tracked), Some(now), after));
    is_old
        && tracked.action == Action::Done
        && !tracked.reason.is_some_and(Reason::is_about_a_copy)
        && !was_doubtful(tracked, now)
        && tracked.copies.iter().filter(|copy| copy.role.is_entry()).any(is_left)
}

/// Marks the files of a segment that are due: all of them, or none where Zoom has changed anything.
pub(super) fn mark_trash_due(
    item: &mut Item,
    tracked: Option<&Tracked>,
    policy: &Policy,
    ClockTimes { in_kaltura, in_zoom: now }: ClockTimes,
) {
    let (Some(after), Some(tracked)) = (policy.trash_after, tracked) else {
        return;
    };
    let is_due_at_all =
        may_be_due(tracked, policy, now) && is_long_confirmed(last_confirmed(tracked), in_kaltura, after);
    if !is_due_at_all || !is_safe_to_trash(item, tracked, policy) {
        return;
    }
    let listed: HashSet<&FileId> = item.segment.files.iter().map(|file| &file.id).collect();
    let is_changed = |file: &FilePlan| {
        let copy = file.copy.as_ref().filter(|copy| copy.role.is_entry());
        listed.contains(&file.file.id) && copy.is_some_and(|copy| !is_same(&file.file, copy))
    };
    if item.files.iter().any(is_changed) {
        item.files
            .iter_mut()
            .filter(|file| is_changed(file))
            .for_each(|file| file.reason = Some(Reason::ChangedInZoom));
        return;
    }
    for file in item.files.iter_mut().filter(|file| listed.contains(&file.file.id) && is_trash_due(file, now)) {
        (file.action, file.reason, file.step) = (Action::Trash, None, Step::Trash);
    }
    if item.files.iter().any(|file| file.step == Step::Trash) {
        item.action = Action::Trash;
    }
}

/// Whether Zoom has the file that was copied, and knows it from every other one.
#[must_use]
pub fn is_same(file: &RecordingFile, copy: &FileCopy) -> bool {
    file.completed && !file.shares_id && file.bytes == Some(copy.listed)
}

/// Whether the copy of a file is still as good as when it was confirmed, ours, and whose it was; else why it is not.
pub fn still_safe(
    segment: &SegmentKey,
    copy: &FileCopy,
    owner: Option<&KalturaUserId>,
    copied: Option<&EntryWithSource>,
) -> Result<(), Reason> {
    let Some(EntryWithSource { entry, .. }) = copied.filter(|copied| !copied.entry.recycled) else {
        return Err(Reason::DeletedInKaltura);
    };
    let mark =
        if copy.role == Role::Child { segment.child_reference_id(&copy.file_id) } else { segment.reference_id() };
    if !entry.ours || entry.reference_id != mark {
        return Err(Reason::NotOurs);
    }
    if owner.is_none_or(|owner| entry.owner != owner.as_str()) {
        return Err(Reason::OwnerChanged);
    }
    let CopyFinding { state, decision } = is_confirmed(copy.bytes, copy.lasted, copied);
    let is_good = state == CopyState::Done && decision == Decision::plain(Action::Done);
    if is_good && copied.is_some_and(|copied| copied.source_bytes > 0) {
        Ok(())
    } else {
        Err(decision.reason.unwrap_or(Reason::SourceGone))
    }
}

/// Everything of the segment that was to be copied is in Kaltura, in its host's account, as it was copied; and its host
/// agrees.
fn is_safe_to_trash(item: &Item, tracked: &Tracked, policy: &Policy) -> bool {
    let is_settled = item.decision() == Decision::plain(Action::Done) && item.orphan.is_none();
    let segment = &item.segment;
    is_settled
        && !tracked.orphan
        && tracked.copies.iter().any(|copy| copy.role == Role::Parent && copy.state == CopyState::Done)
        && policy.consent.verdict(segment).is_none()
        && item.files.iter().all(is_copied_or_left_out)
}

/// What a rule left out was never to be copied, and stays in Zoom.
fn is_copied_or_left_out(file: &FilePlan) -> bool {
    match (file.action, file.reason) {
        // what was sent and is confirmed by this run is too young
        (Action::Done, None) => file.copy.as_ref().is_some_and(|copy| copy.state == CopyState::Done),
        (Action::Skip, Some(reason)) => reason.leaves_out_file(),
        _ => false,
    }
}

/// Whether one of its files stayed in Zoom, not long enough ago for another look.
fn was_doubtful(tracked: &Tracked, now: DateTime<Utc>) -> bool {
    tracked.copies.iter().any(|copy| copy.zoom_trash.not_before.is_some_and(|time| time > now))
}

/// When the last picture or sound of the segment was confirmed.
fn last_confirmed(tracked: &Tracked) -> Option<DateTime<Utc>> {
    tracked.copies.iter().filter(|copy| copy.role.is_entry()).filter_map(|copy| copy.confirmed).max()
}

/// Captions and attachments weigh nothing, and nobody compares their copy with them: they stay.
fn is_trash_due(file: &FilePlan, now: DateTime<Utc>) -> bool {
    let Some(copy) = file.copy.as_ref().filter(|copy| copy.role.is_entry()) else {
        return false;
    };
    let was_answered = |asked: DateTime<Utc>| now - asked >= IN_DOUBT;
    let is_there = file.file.is_media() && file.file.id.is_given_by_zoom();
    is_there
        && copy.state == CopyState::Done
        && copy.entry_id.is_some()
        && copy.confirmed.is_some()
        && copy.zoom_trash.trashed.is_none()
        && !copy.zoom_trash.asked.is_some_and(was_answered)
}

impl Plan {
    /// Leaves everything in Zoom if more files than `most` are due for the trash, and tells why.
    #[must_use]
    pub fn with_trash_brake(mut self, most: usize) -> (Plan, Option<String>) {
        let all = || self.items.iter().flat_map(|item| &item.files).filter(|file| file.step == Step::Trash);
        let (due, bytes) = (all().count(), all().filter_map(|file| file.file.bytes).fold(0, u64::saturating_add));
        if due <= most {
            return (self, None);
        }
        for item in self.items.iter_mut().filter(|item| item.action == Action::Trash) {
            for file in item.files.iter_mut().filter(|file| file.step == Step::Trash) {
                (file.action, file.reason, file.step) = (Action::Done, Some(Reason::TrashHeldBack), Step::Nothing);
            }
            (item.action, item.reason) = (Action::Done, Some(Reason::TrashHeldBack));
        }
        let why = format!(
            "{} ({}) due for Zoom's trash, but zoom_trash.max_files allows {most} at once: nothing went there; look at them with sync --dry-run, then allow as many once with ZOOM2KALTURA_ZOOM_TRASH_MAX_FILES={due}",
            format_count(due, "recording file"),
            format_count(bytes, "byte")
        );
        (self, Some(why))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap, HashSet};
    use std::sync::Arc;

    use chrono::TimeDelta;

    use super::still_safe;
    use crate::copying::plan::samples::{
        sample_copy, sample_file, sample_now, sample_policy, sample_segment, sample_tracked, sample_video,
    };
    use crate::copying::plan::{Facts, Plan, Policy, RuledOut, Step, plan_recordings};
    use crate::model::{
        Action, CopyState, Entry, EntryId, EntryStatus, EntryWithSource, FileCopy, FileId, FileKind, KalturaUserId,
        Reason, RecordingFile, ReferenceId, Role, Segment, SideFile, Tags, Tracked, Window, ZoomTrash,
    };

    fn lecture() -> Segment {
        let sound = sample_file("a", FileKind::Audio);
        sample_segment(vec![
            sample_video("v", "shared_screen"),
            sample_video("g", "gallery_view"),
            sound,
            sample_file("c", FileKind::Side(SideFile::Chat)),
        ])
    }

    fn confirmed(days: i64, copy: FileCopy) -> FileCopy {
        FileCopy { confirmed: Some(sample_now() - TimeDelta::days(days)), ..copy }
    }

    fn gallery(state: CopyState) -> FileCopy {
        FileCopy { row: 2, file_id: FileId::new("g"), role: Role::Child, ..sample_copy(state) }
    }

    /// Both views, confirmed eight days ago.
    fn known() -> Tracked {
        let copies = vec![confirmed(8, sample_copy(CopyState::Done)), confirmed(8, gallery(CopyState::Done))];
        sample_tracked(Action::Done, None, copies)
    }

    fn after(days: i64) -> Policy {
        Policy { trash_after: Some(TimeDelta::days(days)), ..sample_policy() }
    }

    fn planned(segment: Segment, known: Tracked, policy: &Policy) -> Plan {
        let day = sample_now().date_naive();
        let facts = Facts {
            window: Window { from: day, to: day },
            complete: true,
            tracked: BTreeMap::from([(segment.key(), known)]),
            listed: vec![segment],
            ruled_out: RuledOut::default(),
            gone: HashSet::new(),
            owners: HashMap::new(),
            holding_user: None,
            marked: HashMap::new(),
            texts: HashMap::new(),
            sent: HashMap::new(),
            here: sample_now(),
            in_kaltura: Some(sample_now()),
        };
        plan_recordings(facts, policy, sample_now())
    }

    /// The ids of the files that go to the trash.
    fn due(segment: Segment, known: Tracked, policy: &Policy) -> String {
        let plan = planned(segment, known, policy);
        let files = plan.items[0].files.iter().filter(|file| file.step == Step::Trash);
        files.map(|file| file.file.id.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// By default and before its time nothing goes.
    #[test]
    fn only_due_copied_files_are_trashed() {
        assert_eq!(due(lecture(), known(), &sample_policy()), "");
        assert_eq!(due(lecture(), known(), &after(9)), "");
        assert_eq!(due(lecture(), known(), &after(8)), "v g");
        let item = planned(lecture(), known(), &after(8)).items.remove(0);
        assert_eq!((item.action, item.reason), (Action::Trash, None));
    }

    /// Anything of them is owed, lost or doubtful.
    #[test]
    fn unsettled_recordings_stay_whole() {
        let with = |change: &dyn Fn(&mut Tracked)| {
            let mut known = known();
            change(&mut known);
            due(lecture(), known, &after(7))
        };
        assert_eq!(with(&|known| known.orphan = true), "");
        assert_eq!(with(&|known| known.reason = Some(Reason::EditedInKaltura)), "");
        assert_eq!(with(&|known| known.copies[0] = confirmed(8, sample_copy(CopyState::Deleted)).into()), "");
        assert_eq!(with(&|known| known.copies[0] = confirmed(8, sample_copy(CopyState::Purged)).into()), "");
        for state in [CopyState::New, CopyState::Attached, CopyState::Sent, CopyState::Broken, CopyState::Deleted] {
            assert_eq!(with(&|known| known.copies[1] = gallery(state).into()), "", "{state:?}");
        }
        assert_eq!(with(&|known| known.copies[1] = confirmed(6, gallery(CopyState::Done)).into()), "");
        assert_eq!(with(&|known| known.copies.clear()), "");
        let later = ZoomTrash { not_before: Some(sample_now() + TimeDelta::hours(1)), ..ZoomTrash::default() };
        assert_eq!(with(&|known| Arc::make_mut(&mut known.copies[1]).zoom_trash = later), "");
        let due_again = ZoomTrash { not_before: Some(sample_now()), ..ZoomTrash::default() };
        assert_eq!(with(&|known| Arc::make_mut(&mut known.copies[1]).zoom_trash = due_again), "v g");
    }

    /// One in doubt is asked for again for a day.
    #[test]
    fn each_file_is_trashed_only_once() {
        let with = |zoom_trash| {
            let mut known = known();
            Arc::make_mut(&mut known.copies[0]).zoom_trash = zoom_trash;
            due(lecture(), known, &after(7))
        };
        let ago = |hours| Some(sample_now() - TimeDelta::hours(hours));
        assert_eq!(with(ZoomTrash { trashed: ago(1), ..ZoomTrash::default() }), "g");
        assert_eq!(with(ZoomTrash { asked: ago(23), ..ZoomTrash::default() }), "v g");
        assert_eq!(with(ZoomTrash { asked: ago(24), ..ZoomTrash::default() }), "g");
    }

    /// By Zoom's own id.
    #[test]
    fn only_the_copied_file_is_trashed() {
        let with = |change: &dyn Fn(&mut RecordingFile)| {
            let mut changed = lecture();
            change(&mut Arc::make_mut(&mut changed.files)[0]);
            due(changed, known(), &after(7))
        };
        assert_eq!(with(&|file| file.bytes = Some(6001)), "", "a recording goes whole or not at all");
        assert_eq!(with(&|file| file.bytes = None), "");
        assert_eq!(with(&|file| file.completed = false), "");
        assert_eq!(with(&|file| file.id = FileId::new("another")), "", "a view that is still to be copied");
        let mut without = lecture();
        Arc::make_mut(&mut without.files).remove(0);
        assert_eq!(due(without, known(), &after(7)), "g", "Zoom has it no more");
        let mut nameless = known();
        Arc::make_mut(&mut nameless.copies[0]).file_id = FileId::made_of(&["u==", "MP4"]);
        let mut unnamed = lecture();
        Arc::make_mut(&mut unnamed.files)[0].id = FileId::made_of(&["u==", "MP4"]);
        assert_eq!(due(unnamed, nameless, &after(7)), "g");
    }

    /// Its video is in the trash.
    #[test]
    fn leftover_sound_is_no_new_recording() {
        let mut rest = lecture();
        Arc::make_mut(&mut rest.files).drain(..2);
        let item = planned(rest, known(), &after(7)).items.remove(0);
        assert!(!item.is_copied(), "{item:?}");
        assert_eq!(item.files[0].reason, Some(Reason::AudioBesideVideo));
    }

    #[test]
    fn more_than_allowed_and_nothing_goes() {
        let held = |most| planned(lecture(), known(), &after(7)).with_trash_brake(most);
        assert_eq!(held(2).1, None);
        let (plan, why) = held(1);
        assert!(why.expect("a reason").starts_with("2 recording files (12000 bytes) due"));
        assert!(!plan.items[0].is_trashed());
        assert_eq!((plan.items[0].action, plan.items[0].reason), (Action::Done, Some(Reason::TrashHeldBack)));
    }

    /// They are as they were confirmed, ours, and with their owner.
    #[test]
    fn safe_copies_are_confirmed_and_owned() {
        let key = lecture().key();
        let entry = || Entry {
            id: EntryId::new("0_a"),
            status: EntryStatus::Ready,
            owner: "ada".to_owned(),
            reference_id: key.reference_id(),
            ours: true,
            tags: Tags::default(),
            recycled: false,
            milliseconds: 1_800_000,
            changed: None,
        };
        let judged = |entry, source_bytes| {
            let owner = Some(KalturaUserId::new("ada"));
            still_safe(
                &key,
                &sample_copy(CopyState::Done),
                owner.as_ref(),
                Some(&EntryWithSource { entry, source_bytes, source_failed: false }),
            )
        };
        assert_eq!(judged(entry(), 6000), Ok(()));
        assert_eq!(judged(entry(), 6001), Err(Reason::EditedInKaltura));
        assert_eq!(judged(entry(), 0), Err(Reason::SourceGone));
        assert_eq!(judged(Entry { owner: "eve".to_owned(), ..entry() }, 6000), Err(Reason::OwnerChanged));
        assert_eq!(judged(Entry { ours: false, ..entry() }, 6000), Err(Reason::NotOurs));
        let other = ReferenceId::new("Zoom_x");
        assert_eq!(judged(Entry { reference_id: other, ..entry() }, 6000), Err(Reason::NotOurs));
        assert_eq!(judged(Entry { recycled: true, ..entry() }, 6000), Err(Reason::DeletedInKaltura));
        assert_eq!(judged(Entry { milliseconds: 0, ..entry() }, 6000), Err(Reason::Frozen));
        let states = [
            (EntryStatus::Deleted, Reason::DeletedInKaltura),
            (EntryStatus::Failed, Reason::ConversionFailed),
            (EntryStatus::Importing, Reason::InConversion),
            (EntryStatus::Processing, Reason::InConversion),
            (EntryStatus::NoContent, Reason::InConversion),
            (EntryStatus::Other, Reason::InConversion),
        ];
        for (status, reason) in states {
            assert_eq!(judged(Entry { status, ..entry() }, 6000), Err(reason), "{status:?}");
        }
        let ada = KalturaUserId::new("ada");
        assert_eq!(still_safe(&key, &sample_copy(CopyState::Done), Some(&ada), None), Err(Reason::DeletedInKaltura));
        let ownerless = EntryWithSource {
            entry: Entry { owner: String::new(), ..entry() },
            source_bytes: 6000,
            source_failed: false,
        };
        assert_eq!(still_safe(&key, &sample_copy(CopyState::Done), None, Some(&ownerless)), Err(Reason::OwnerChanged));
    }
}
