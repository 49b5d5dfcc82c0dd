//! Which orphaned copies go, and why the others stay. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::Seen;
use crate::model::{Action, Entry, EntryStatus, FileKind, Orphan, Reason, RecordingFile};
use crate::plan::{FilePlan, Item, Step};

/// Decides on every orphan, oldest first.
#[must_use]
pub fn plan(seen: &[Seen], older_than: TimeDelta, now: DateTime<Utc>) -> Vec<Item> {
    let mut items: Vec<Item> = seen.iter().map(|seen| item(seen, older_than, now)).collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.age));
    items
}

fn item(seen: &Seen, older_than: TimeDelta, now: DateTime<Utc>) -> Item {
    let orphan = &seen.orphan;
    let age = now - orphan.confirmed;
    let (action, reason) = if orphan.in_transfer {
        (Action::Keep, Reason::InTransfer)
    } else if age < older_than {
        (Action::Keep, Reason::TooYoung)
    } else {
        fate(seen)
    };
    let file = FilePlan {
        file: file(orphan),
        action,
        reason: Some(reason),
        entry_id: orphan.copy.entry_id.clone(),
        copy: Some(orphan.copy.clone()),
        step: Step::Nothing,
    };
    Item {
        segment: orphan.segment.clone(),
        action,
        reason: Some(reason),
        detail: None,
        loss: None,
        age: Some(age),
        owner: Some(orphan.keeper.clone()),
        entry_id: orphan.copy.entry_id.clone(),
        files: vec![file],
        remains: Vec::new(),
        main: Some(0),
    }
}

/// What is to happen to an orphan that is old enough, by what Kaltura says of its entry just now.
pub(super) fn fate(seen: &Seen) -> (Action, Reason) {
    let Some(entry) = seen.entry.as_ref().filter(|entry| entry.status != EntryStatus::Deleted) else {
        return (Action::Delete, Reason::AlreadyGone);
    };
    if !entry.ours || entry.reference_id != seen.orphan.segment.key().reference_id() {
        return (Action::Keep, Reason::NotOurs);
    }
    if entry.owner != seen.orphan.keeper.as_str() {
        return (Action::Keep, Reason::OwnerChanged);
    }
    if seen.children.iter().any(|child| !is_ours(child, entry)) {
        return (Action::Keep, Reason::ForeignChild);
    }
    (Action::Delete, Reason::OldEnough)
}

/// Children are deleted with their parent (recorded traffic): those of others must not be.
fn is_ours(child: &Entry, parent: &Entry) -> bool {
    child.ours && child.owner == parent.owner
}

fn file(orphan: &Orphan) -> RecordingFile {
    RecordingFile {
        id: orphan.copy.file_id.clone(),
        kind: FileKind::Unknown,
        file_type: orphan.copy.file_type.clone(),
        recording_type: String::new(),
        bytes: Some(orphan.copy.bytes),
        lasted: orphan.copy.lasted,
        completed: true,
        download_url: None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::Seen;
    use super::plan;
    use crate::model::{Action, CopyState, Entry, EntryId, EntryStatus, KalturaUserId, Orphan, Reason, ReferenceId};
    use crate::plan::samples::{copy, now, segment};

    /// An orphan confirmed so many hours ago, as the ledger knows it.
    fn orphan(hours: i64) -> Orphan {
        let confirmed = now() - TimeDelta::hours(hours);
        let keeper = KalturaUserId::new("orphans");
        Orphan {
            row: 1,
            segment: segment(Vec::new()),
            copy: copy(CopyState::Done),
            keeper,
            confirmed,
            in_transfer: false,
        }
    }

    fn entry() -> Entry {
        Entry {
            id: EntryId::new("0_a"),
            status: EntryStatus::Ready,
            owner: "orphans".to_owned(),
            reference_id: segment(Vec::new()).key().reference_id(),
            ours: true,
            milliseconds: 10_000,
        }
    }

    fn decided(hours: i64, entry: Option<Entry>, children: Vec<Entry>) -> (Action, Option<Reason>) {
        let seen = [Seen { orphan: orphan(hours), entry, children }];
        let items = plan(&seen, TimeDelta::hours(24), now());
        (items[0].action, items[0].reason)
    }

    #[test]
    fn an_orphan_goes_only_if_it_is_old_ours_still_ownerless_and_alone() {
        let given_away = Entry { owner: "ada@uni.example".to_owned(), ..entry() };
        let unowned = Entry { owner: String::new(), ..entry() };
        let unmarked = Entry { ours: false, ..entry() };
        let remarked = Entry { reference_id: ReferenceId::new("Zoom_other"), ..entry() };
        let deleted = Entry { status: EntryStatus::Deleted, ..entry() };
        let cases = [
            (24, Some(entry()), vec![], Action::Delete, Reason::OldEnough),
            (23, Some(entry()), vec![], Action::Keep, Reason::TooYoung),
            (-1, Some(entry()), vec![], Action::Keep, Reason::TooYoung),
            (25, Some(given_away.clone()), vec![], Action::Keep, Reason::OwnerChanged),
            (25, Some(unowned), vec![], Action::Keep, Reason::OwnerChanged),
            (25, Some(unmarked.clone()), vec![], Action::Keep, Reason::NotOurs),
            (25, Some(remarked), vec![], Action::Keep, Reason::NotOurs),
            (25, Some(deleted), vec![], Action::Delete, Reason::AlreadyGone),
            (25, None, vec![], Action::Delete, Reason::AlreadyGone),
            (25, Some(entry()), vec![entry()], Action::Delete, Reason::OldEnough),
            (25, Some(entry()), vec![unmarked], Action::Keep, Reason::ForeignChild),
            (25, Some(entry()), vec![given_away], Action::Keep, Reason::ForeignChild),
        ];
        for (hours, entry, children, action, reason) in cases {
            let found = decided(hours, entry.clone(), children.clone());
            assert_eq!(found, (action, Some(reason)), "{hours}h {entry:?} {children:?}");
        }
    }
}
