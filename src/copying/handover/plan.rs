//! What is to be handed over, by what Kaltura says of a segment just now. Pure.

use crate::model::{Entry, EntryId, EntryStatus, KalturaUserId, Orphan, ReferenceId};

/// What lies of a segment in one account, as far as is known here.
#[derive(Clone, Debug)]
pub struct OwnedEntries {
    /// The mark of the segment.
    pub mark: ReferenceId,
    /// The entry that stands for it.
    pub entry: Option<EntryId>,
    /// The entries of its further views.
    pub children: Vec<EntryId>,
    /// Whose account it is.
    pub keeper: KalturaUserId,
}

impl From<&Orphan> for OwnedEntries {
    fn from(orphan: &Orphan) -> OwnedEntries {
        OwnedEntries {
            mark: orphan.segment.key().reference_id(),
            entry: orphan.copy.entry_id.clone(),
            children: orphan.children.clone(),
            keeper: orphan.keeper.clone(),
        }
    }
}

/// A segment's entries, as Kaltura's database has them.
#[derive(Clone, Debug, Default)]
pub struct SegmentEntries {
    /// The entry that stands for it; `None` where it no longer exists.
    pub parent: Option<Entry>,
    /// Its children, those of others too.
    pub children: Vec<Entry>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandoverPlan {
    /// These are given to the account, in this order: the one that everybody sees comes last, and tells that the others
    /// are there. None is left once everything is handed over.
    Give(Vec<Entry>),
    /// People gave the entry to somebody else, or to nobody.
    TakenBy(Option<KalturaUserId>),
    /// The entry does not carry our mark any more.
    NotOurs,
    /// The entry no longer exists.
    Gone,
    /// People put the entry into the recycle bin: deleted, until somebody restores it.
    Recycled,
}

/// Judges a hand-over to `to`. What people did is not undone: a child that they gave to somebody else stays there.
#[must_use]
pub fn judge_handover(kept: &OwnedEntries, kin: &SegmentEntries, to: &KalturaUserId) -> HandoverPlan {
    let is_there = |entry: &&Entry| entry.status != EntryStatus::Deleted && !entry.recycled;
    let Some(parent) = kin.parent.as_ref().filter(|entry| entry.status != EntryStatus::Deleted) else {
        return HandoverPlan::Gone;
    };
    if parent.recycled {
        return HandoverPlan::Recycled;
    }
    if !parent.ours || parent.reference_id != kept.mark {
        return HandoverPlan::NotOurs;
    }
    let is_kept = |entry: &Entry| entry.owner == kept.keeper.as_str();
    if !is_kept(parent) && parent.owner != to.as_str() {
        return HandoverPlan::TakenBy(parent.owner_id());
    }
    let same = kept.keeper == *to;
    let children = kin.children.iter().filter(is_there).filter(|child| child.ours);
    // what has its owner and is still marked as nobody's would be purged from under them
    let is_due = |entry: &&Entry| (is_kept(entry) && !same) || (entry.owner == to.as_str() && entry.tags.is_orphan);
    HandoverPlan::Give(children.chain([parent]).filter(is_due).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::{HandoverPlan, OwnedEntries, SegmentEntries, judge_handover};
    use crate::copying::plan::samples::{sample_copy, sample_entry, sample_now, sample_segment};
    use crate::model::{CopyState, Entry, EntryStatus, KalturaUserId, Orphan, ReferenceId};

    fn orphan() -> Orphan {
        Orphan {
            row: Some(1),
            segment: sample_segment(Vec::new()),
            copy: sample_copy(CopyState::Done),
            children: Vec::new(),
            keeper: KalturaUserId::new("orphans"),
            confirmed: sample_now(),
            by_kaltura: true,
            in_transfer: false,
            kept: None,
            untagged: false,
        }
    }

    fn word(parent: Option<Entry>, children: Vec<Entry>) -> String {
        match judge_handover(
            &OwnedEntries::from(&orphan()),
            &SegmentEntries { parent, children },
            &KalturaUserId::new("ada"),
        ) {
            HandoverPlan::Give(due) => {
                format!("give {}", due.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>().join(" "))
            }
            HandoverPlan::TakenBy(taker) => {
                format!("taken by {}", taker.map(|user| user.to_string()).unwrap_or_default())
            }
            other => format!("{other:?}"),
        }
    }

    /// What was handed over before is left alone.
    #[test]
    fn children_are_handed_over_first() {
        let child = |owner| sample_entry("0_b", owner);
        let cases = [
            (sample_entry("0_a", "orphans"), vec![child("orphans")], "give 0_b 0_a"),
            (sample_entry("0_a", "orphans"), vec![child("ada")], "give 0_a"),
            (sample_entry("0_a", "ada"), vec![child("orphans")], "give 0_b"),
            (sample_entry("0_a", "ada"), vec![child("ada")], "give "),
        ];
        for (parent, children, expected) in cases {
            assert_eq!(word(Some(parent.clone()), children.clone()), expected, "{parent:?} {children:?}");
        }
    }

    /// What people did is not undone.
    #[test]
    fn foreign_and_edited_entries_stay_untouched() {
        let ours = || sample_entry("0_a", "orphans");
        let foreign = Entry { ours: false, ..sample_entry("0_c", "orphans") };
        let deleted = Entry { status: EntryStatus::Deleted, ..sample_entry("0_c", "orphans") };
        assert_eq!(word(Some(ours()), vec![sample_entry("0_b", "eve"), foreign, deleted]), "give 0_a");
        assert_eq!(word(Some(sample_entry("0_a", "eve")), vec![sample_entry("0_b", "orphans")]), "taken by eve");
        assert_eq!(word(Some(sample_entry("0_a", "")), vec![]), "taken by ");
        assert_eq!(word(Some(Entry { ours: false, ..ours() }), vec![]), "NotOurs");
        assert_eq!(word(Some(Entry { reference_id: ReferenceId::new("Zoom_x"), ..ours() }), vec![]), "NotOurs");
        assert_eq!(word(Some(Entry { status: EntryStatus::Deleted, ..ours() }), vec![]), "Gone");
        assert_eq!(word(Some(Entry { recycled: true, ..ours() }), vec![]), "Recycled");
        assert_eq!(word(None, vec![sample_entry("0_b", "orphans")]), "Gone");
    }
}
