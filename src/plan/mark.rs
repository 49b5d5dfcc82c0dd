//! What an entry means that already carries the mark of a segment, and of which the ledger knows nothing.

use crate::model::{Action, Entry, EntryStatus, Reason, SegmentKey};

/// What is to happen to the segment, on the ground of the entries found under its marks; `None`: they do not matter.
/// A copy that exists wins over the remains of one.
pub(super) fn found<'a>(
    key: &SegmentKey,
    entries: &'a [Entry],
    recopy_deleted: bool,
) -> Option<(Action, Reason, &'a Entry)> {
    let matters = |entry: &&Entry| !(recopy_deleted && entry.status == EntryStatus::Deleted);
    let meant = entries.iter().filter(matters).filter_map(|entry| {
        let (action, reason) = meaning(key, entry)?;
        Some((action, reason, entry))
    });
    meant.max_by_key(|(action, ..)| match action {
        Action::Done => 2,
        Action::Skip => 1,
        _ => 0,
    })
}

fn meaning(key: &SegmentKey, entry: &Entry) -> Option<(Action, Reason)> {
    match entry.status {
        // the old form of the mark covers the whole meeting, and only other tools ever wrote it
        _ if entry.ours && entry.reference_id != key.reference_id() => None,
        EntryStatus::NoContent | EntryStatus::Importing if entry.ours => Some((Action::Wait, Reason::UnfinishedEntry)),
        // without a duration it never was a copy, only the remains of one that was taken back
        EntryStatus::Deleted if entry.ours && entry.milliseconds > 0 => Some((Action::Skip, Reason::DeletedInKaltura)),
        EntryStatus::Failed | EntryStatus::NoContent | EntryStatus::Deleted => None,
        _ if entry.ours => Some((Action::Done, Reason::CopiedBefore)),
        _ => Some((Action::Done, Reason::CopiedByAnotherTool)),
    }
}

#[cfg(test)]
mod tests {
    use super::found;
    use crate::model::{
        Action, Entry, EntryId, EntryStatus, EntryStatus::*, MeetingUuid, Reason, ReferenceId, SegmentKey,
    };

    fn key() -> SegmentKey {
        SegmentKey { meeting_uuid: MeetingUuid::new("u=="), recording_start: "2026-11-20T09:00:00Z".to_owned() }
    }

    fn entry(reference_id: ReferenceId, ours: bool, status: EntryStatus, milliseconds: u64) -> Entry {
        Entry { id: EntryId::new("0_a"), status, owner: String::new(), reference_id, ours, milliseconds }
    }

    fn outcome(entries: &[Entry]) -> Option<(Action, Reason)> {
        found(&key(), entries, false).map(|(action, reason, _)| (action, reason))
    }

    #[test]
    fn each_kind_of_entry_under_our_mark_has_its_meaning() {
        let another = Some((Action::Done, Reason::CopiedByAnotherTool));
        let before = Some((Action::Done, Reason::CopiedBefore));
        let cases = [
            (false, Ready, 1000, another),
            (false, Processing, 0, another),
            (false, Importing, 0, another),
            (false, Failed, 0, None),
            (false, NoContent, 0, None),
            (false, Deleted, 1000, None),
            (true, Ready, 1000, before),
            (true, Processing, 0, before),
            (true, Importing, 0, Some((Action::Wait, Reason::UnfinishedEntry))),
            (true, NoContent, 0, Some((Action::Wait, Reason::UnfinishedEntry))),
            (true, Failed, 0, None),
            (true, Deleted, 1000, Some((Action::Skip, Reason::DeletedInKaltura))),
            (true, Deleted, 0, None),
        ];
        for (ours, status, milliseconds, expected) in cases {
            let entries = [entry(key().reference_id(), ours, status, milliseconds)];
            assert_eq!(outcome(&entries), expected, "ours: {ours}, {status:?}, {milliseconds} ms");
        }
    }

    #[test]
    fn the_old_mark_of_another_tool_covers_every_segment_of_the_meeting() {
        let old = key().meeting_reference_id();
        let expected = Some((Action::Done, Reason::CopiedByAnotherTool));
        assert_eq!(outcome(&[entry(old.clone(), false, Ready, 1000)]), expected);
        assert_eq!(outcome(&[entry(old, true, Ready, 1000)]), None);
    }

    #[test]
    fn a_copy_that_exists_wins_over_the_remains_of_one() {
        let reference = key().reference_id();
        let entries = [
            entry(reference.clone(), true, NoContent, 0),
            entry(reference.clone(), true, Deleted, 1000),
            entry(reference, false, Ready, 1000),
        ];
        assert_eq!(outcome(&entries), Some((Action::Done, Reason::CopiedByAnotherTool)));
    }

    #[test]
    fn what_was_deleted_matters_no_more_once_it_is_to_be_copied_again() {
        let entries = [entry(key().reference_id(), true, Deleted, 1000)];
        assert_eq!(found(&key(), &entries, true), None);
        let entries = [entry(key().reference_id(), true, Ready, 1000)];
        assert!(found(&key(), &entries, true).is_some());
    }
}
