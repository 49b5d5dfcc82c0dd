//! What entries mean that already carry the mark of a segment, and of which the ledger knows nothing.

use crate::copying::copy_table::{MarkMeaning, meaning_of_marked};
use crate::copying::observed::Maker;
use crate::model::{Decision, Entry, EntryId, EntryStatus, Reason, SegmentKey};

/// What was found under the marks of a segment.
#[derive(Debug, Default)]
pub(super) struct MarkedEntries<'a> {
    /// What settles the matter.
    pub(super) verdict: Option<SettledBy<'a>>,
    /// A copy that this program made.
    pub(super) ours: Option<&'a Entry>,
    /// What this program began and did not finish.
    pub(super) remains: Vec<EntryId>,
}

/// An entry that settles what happens to the recording.
#[derive(Clone, Copy, Debug)]
pub(super) struct SettledBy<'a> {
    pub(super) entry: &'a Entry,
    pub(super) decision: Decision,
}

/// What counts as if it had never been.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LeftOut {
    /// What was deleted.
    pub(super) deleted: bool,
    /// What lies in the recycle bin: this program puts nothing there that it makes again.
    pub(super) recycled: bool,
}

/// Sorts the entries found. A copy of our own comes first, then one of another tool, then what was deleted.
pub(super) fn sort_marked<'a>(key: &SegmentKey, entries: &'a [Entry], left_out: LeftOut) -> MarkedEntries<'a> {
    let mut found = MarkedEntries::default();
    let matters = |entry: &&Entry| match entry.status {
        EntryStatus::Deleted => !left_out.deleted,
        _ => !(left_out.recycled && entry.recycled),
    };
    for entry in entries.iter().filter(matters) {
        // the old form of the mark covers the whole meeting, and only other tools ever wrote it
        if entry.ours && entry.reference_id != key.reference_id() {
            continue;
        }
        // the recycle bin keeps an entry as it was
        let status = if entry.recycled { EntryStatus::Deleted } else { entry.status };
        let maker = match (entry.ours, &entry.tags.another) {
            (true, _) => Maker::Ours,
            (false, Some(_)) => Maker::AnotherInstallation,
            (false, None) => Maker::AnotherTool,
        };
        // only people put a copy there, whether it was ever played or not
        let was_put_there =
            entry.recycled && matches!(entry.status, EntryStatus::Ready | EntryStatus::Processing | EntryStatus::Other);
        match meaning_of_marked(status, maker, entry.milliseconds > 0 || was_put_there) {
            MarkMeaning::Nothing => {}
            MarkMeaning::Copy => found.ours = Some(entry),
            MarkMeaning::Remains => found.remains.push(entry.id.clone()),
            // a copy that exists comes before what another tool or people made of the mark
            MarkMeaning::Settles(decision @ Decision { reason: Some(Reason::CopiedByAnotherTool), .. }) => {
                found.verdict = Some(SettledBy { entry, decision });
            }
            MarkMeaning::Settles(decision) => {
                found.verdict.get_or_insert(SettledBy { entry, decision });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{LeftOut, sort_marked};
    use crate::model::EntryStatus::*;
    use crate::model::{Entry, EntryId, EntryStatus, MeetingUuid, ReferenceId, SegmentKey, Tags};

    fn key() -> SegmentKey {
        SegmentKey { meeting_uuid: MeetingUuid::new("u=="), recording_start: "2026-11-20T09:00:00Z".into() }
    }

    fn entry(reference_id: ReferenceId, ours: bool, status: EntryStatus, milliseconds: u64) -> Entry {
        Entry {
            id: EntryId::new("0_a"),
            status,
            owner: String::new(),
            reference_id,
            ours,
            tags: Tags::default(),
            recycled: false,
            milliseconds,
            changed: None,
        }
    }

    /// What was found, in words.
    fn outcome(entries: &[Entry]) -> String {
        let found = sort_marked(&key(), entries, LeftOut::default());
        match (found.ours, found.verdict, found.remains.len()) {
            (Some(_), ..) => "ours".to_owned(),
            (None, Some(settled), _) => settled.decision.to_string(),
            (None, None, 0) => String::new(),
            (None, None, _) => "remains".to_owned(),
        }
    }

    #[test]
    fn each_marked_entry_has_a_meaning() {
        let another = "done copied_by_another_tool";
        let cases = [
            (false, Ready, 1000, another),
            (false, Processing, 0, "wait copied_by_another_tool"),
            (false, Importing, 0, "wait copied_by_another_tool"),
            (false, Failed, 0, ""),
            (false, NoContent, 0, ""),
            (false, Deleted, 1000, ""),
            (true, Ready, 1000, "ours"),
            (true, Processing, 0, "ours"),
            (true, Importing, 0, "remains"),
            (true, NoContent, 0, "remains"),
            (true, Failed, 0, "remains"),
            (true, Deleted, 1000, "skip deleted_in_kaltura"),
            (true, Deleted, 0, ""),
        ];
        for (ours, status, milliseconds, expected) in cases {
            let entries = [entry(key().reference_id(), ours, status, milliseconds)];
            assert_eq!(outcome(&entries), expected, "ours: {ours}, {status:?}, {milliseconds} ms");
        }
    }

    #[test]
    fn recycled_entries_count_as_deleted() {
        let recycled = |ours| [Entry { recycled: true, ..entry(key().reference_id(), ours, Ready, 1000) }];
        assert_eq!(outcome(&recycled(true)), "skip deleted_in_kaltura");
        assert_eq!(outcome(&recycled(false)), "");
        let left_out = |deleted, recycled| LeftOut { deleted, recycled };
        assert!(
            sort_marked(&key(), &recycled(true), left_out(true, false)).verdict.is_some(),
            "nobody but people put it there"
        );
        assert!(sort_marked(&key(), &recycled(true), left_out(true, true)).verdict.is_none());
        let unplayed = [Entry { recycled: true, ..entry(key().reference_id(), true, Processing, 0) }];
        assert_eq!(outcome(&unplayed), "skip deleted_in_kaltura");
        let restored = [Entry { recycled: false, ..recycled(true)[0].clone() }];
        assert_eq!(outcome(&restored), "ours");
        let frozen = [Entry { milliseconds: 0, ..recycled(true)[0].clone() }];
        assert_eq!(outcome(&frozen), "skip deleted_in_kaltura");
        let moderated = [Entry { status: Other, ..frozen[0].clone() }];
        assert_eq!(outcome(&moderated), "skip deleted_in_kaltura");
        for status in [NoContent, Importing, Failed] {
            let bare = [Entry { status, ..frozen[0].clone() }];
            assert_eq!(outcome(&bare), "", "{status:?} without content never was a copy");
        }
    }

    /// The old mark of another tool.
    #[test]
    fn foreign_marks_cover_whole_meetings() {
        let old = key().meeting_reference_id();
        assert_eq!(outcome(&[entry(old.clone(), false, Ready, 1000)]), "done copied_by_another_tool");
        assert_eq!(outcome(&[entry(old, true, Ready, 1000)]), "");
    }

    #[test]
    fn an_existing_copy_beats_remains() {
        let reference = key().reference_id();
        let mut entries = vec![
            entry(reference.clone(), false, Ready, 1000),
            entry(reference.clone(), true, NoContent, 0),
            entry(reference.clone(), true, Deleted, 1000),
        ];
        assert_eq!(outcome(&entries), "done copied_by_another_tool");
        entries.push(entry(reference, true, Ready, 1000));
        assert_eq!(outcome(&entries), "ours");
    }

    #[test]
    fn copying_again_ignores_deleted_entries() {
        let entries = [entry(key().reference_id(), true, Deleted, 1000)];
        assert!(sort_marked(&key(), &entries, LeftOut { deleted: true, recycled: true }).verdict.is_none());
        let entries = [entry(key().reference_id(), true, Ready, 1000)];
        assert!(sort_marked(&key(), &entries, LeftOut { deleted: true, recycled: true }).ours.is_some());
    }
}
