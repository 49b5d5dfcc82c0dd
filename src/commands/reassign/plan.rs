//! Which segments go to the other account, and why the others stay. Pure.

use crate::copying::handover::{HandoverPlan, OwnedEntries, SegmentEntries, judge_handover};
use crate::copying::plan::{FilePlan, Item, Step};
use crate::model::{Action, FileId, FileKind, KalturaUserId, Reason, RecordingFile, Segment, Tracked};

/// A segment of which an entry lies in the account, or did by the ledger.
#[derive(Clone, Debug)]
pub struct SegmentInAccount {
    /// The segment as it was last listed, or as its mark tells.
    pub segment: Segment,
    /// What the ledger knows of it.
    pub tracked: Option<Tracked>,
    /// Its entries.
    pub kept: OwnedEntries,
    /// The same as Kaltura has them.
    pub kin: SegmentEntries,
    /// Whether a file of it is on its way into Kaltura.
    pub in_transfer: bool,
}

/// Decides on every segment, in their order.
#[must_use]
pub fn plan_reassign(found: &[SegmentInAccount], to: &KalturaUserId) -> Vec<Item> {
    found.iter().map(|found| reassign_item(found, to)).collect()
}

fn reassign_item(found: &SegmentInAccount, to: &KalturaUserId) -> Item {
    let (action, reason) = decide_reassign(found, to);
    let copy = found.tracked.as_ref().and_then(Tracked::parent);
    let owner = match (action, &found.kin.parent) {
        (Action::Reassign, _) => Some(to.clone()),
        (_, Some(entry)) => entry.owner_id(),
        (_, None) => Some(found.kept.keeper.clone()),
    };
    let file = FilePlan {
        file: copy.map_or_else(unknown_file, |copy| copy.as_remembered()),
        action,
        reason,
        entry_id: found.kept.entry.clone(),
        copy: copy.cloned(),
        step: Step::Nothing,
    };
    Item {
        segment: found.segment.clone(),
        action,
        reason,
        detail: None,
        renamed_from: None,
        loss: None,
        age: None,
        owner,
        rule: None,
        entry_id: found.kept.entry.clone(),
        files: vec![file],
        remains: Vec::new(),
        main: Some(0),
        orphan: None,
    }
}

fn decide_reassign(found: &SegmentInAccount, to: &KalturaUserId) -> (Action, Option<Reason>) {
    match judge_handover(&found.kept, &found.kin, to) {
        _ if found.in_transfer => (Action::Keep, Some(Reason::InTransfer)),
        // what only the ledger does not know yet is written to it
        HandoverPlan::Give(_) => (Action::Reassign, found.tracked.is_none().then_some(Reason::NotInLedger)),
        HandoverPlan::TakenBy(_) => (Action::Keep, Some(Reason::OwnerChanged)),
        HandoverPlan::NotOurs => (Action::Keep, Some(Reason::NotOurs)),
        HandoverPlan::Gone | HandoverPlan::Recycled => (Action::Keep, Some(Reason::DeletedInKaltura)),
    }
}

/// The file of a copy that the ledger does not know.
fn unknown_file() -> RecordingFile {
    RecordingFile {
        id: FileId::new(""),
        kind: FileKind::Unknown,
        file_type: "".into(),
        recording_type: "".into(),
        bytes: None,
        lasted: None,
        completed: true,
        shares_id: false,
        download_url: None,
        language: None,
    }
}

#[cfg(test)]
mod tests {
    use super::{SegmentInAccount, plan_reassign};
    use crate::copying::handover::{OwnedEntries, SegmentEntries};
    use crate::copying::plan::samples::{sample_copy, sample_entry, sample_segment, sample_tracked};
    use crate::model::{Action, CopyState, Entry, EntryId, EntryStatus, KalturaUserId, ReferenceId};

    fn found(parent: Option<Entry>) -> SegmentInAccount {
        let segment = sample_segment(Vec::new());
        let kept = OwnedEntries {
            mark: segment.key().reference_id(),
            entry: Some(EntryId::new("0_a")),
            children: Vec::new(),
            keeper: KalturaUserId::new("eve"),
        };
        let tracked = Some(sample_tracked(Action::Done, None, vec![sample_copy(CopyState::Done)]));
        SegmentInAccount {
            segment,
            tracked,
            kept,
            kin: SegmentEntries { parent, children: Vec::new() },
            in_transfer: false,
        }
    }

    #[test]
    fn only_our_existing_entries_are_reassigned() {
        let unknown = SegmentInAccount { tracked: None, ..found(Some(sample_entry("0_a", "eve"))) };
        let moving = SegmentInAccount { in_transfer: true, ..found(Some(sample_entry("0_a", "eve"))) };
        let cases = [
            (found(Some(sample_entry("0_a", "eve"))), "reassign - ada"),
            (found(Some(sample_entry("0_a", "ada"))), "reassign - ada"),
            (unknown, "reassign not_in_ledger ada"),
            (moving, "keep in_transfer eve"),
            (found(Some(sample_entry("0_a", "bob"))), "keep owner_changed bob"),
            (found(Some(Entry { ours: false, ..sample_entry("0_a", "eve") })), "keep not_made_by_us eve"),
            (
                found(Some(Entry { reference_id: ReferenceId::new("Zoom_x"), ..sample_entry("0_a", "eve") })),
                "keep not_made_by_us eve",
            ),
            (
                found(Some(Entry { status: EntryStatus::Deleted, ..sample_entry("0_a", "eve") })),
                "keep deleted_in_kaltura eve",
            ),
            (found(None), "keep deleted_in_kaltura eve"),
        ];
        for (found, expected) in cases {
            let item = plan_reassign(&[found], &KalturaUserId::new("ada")).remove(0);
            let reason = item.reason.map_or("-", crate::model::Reason::word);
            let owner = item.owner.expect("an owner");
            assert_eq!(format!("{} {reason} {owner}", item.action), expected);
        }
    }
}
