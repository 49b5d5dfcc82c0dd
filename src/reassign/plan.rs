//! Which segments go to the other account, and why the others stay. Pure.

use crate::handover::{Kept, Kin, Verdict, judge};
use crate::model::{Action, FileId, FileKind, KalturaUserId, Reason, RecordingFile, Segment, Tracked};
use crate::plan::{FilePlan, Item, Step};

/// A segment of which an entry lies in the account, or did by the ledger.
#[derive(Clone, Debug)]
pub struct Found {
    /// The segment as it was last listed, or as its mark tells.
    pub segment: Segment,
    /// What the ledger knows of it.
    pub tracked: Option<Tracked>,
    /// Its entries.
    pub kept: Kept,
    /// The same as Kaltura has them.
    pub kin: Kin,
    /// Whether a file of it is on its way into Kaltura.
    pub in_transfer: bool,
}

/// Decides on every segment, in their order.
#[must_use]
pub fn plan(found: &[Found], to: &KalturaUserId) -> Vec<Item> {
    found.iter().map(|found| item(found, to)).collect()
}

fn item(found: &Found, to: &KalturaUserId) -> Item {
    let (action, reason) = verdict(found, to);
    let copy = found.tracked.as_ref().and_then(Tracked::parent);
    let owner = match (action, &found.kin.parent) {
        (Action::Reassign, _) => to.clone(),
        (_, Some(entry)) => KalturaUserId::new(entry.owner.clone()),
        (_, None) => found.kept.keeper.clone(),
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
        loss: None,
        age: None,
        owner: Some(owner),
        rule: None,
        entry_id: found.kept.entry.clone(),
        files: vec![file],
        remains: Vec::new(),
        main: Some(0),
        orphan: None,
    }
}

fn verdict(found: &Found, to: &KalturaUserId) -> (Action, Option<Reason>) {
    match judge(&found.kept, &found.kin, to) {
        _ if found.in_transfer => (Action::Keep, Some(Reason::InTransfer)),
        // what only the ledger has not heard of yet is told to it
        Verdict::Give(_) => (Action::Reassign, found.tracked.is_none().then_some(Reason::NotInLedger)),
        Verdict::TakenBy(_) => (Action::Keep, Some(Reason::OwnerChanged)),
        Verdict::NotOurs => (Action::Keep, Some(Reason::NotOurs)),
        Verdict::Gone | Verdict::Recycled => (Action::Keep, Some(Reason::DeletedInKaltura)),
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
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, plan};
    use crate::handover::{Kept, Kin};
    use crate::model::{Action, CopyState, Entry, EntryId, EntryStatus, KalturaUserId, ReferenceId};
    use crate::plan::samples::{copy, entry, segment, tracked};

    fn found(parent: Option<Entry>) -> Found {
        let segment = segment(Vec::new());
        let kept = Kept {
            mark: segment.key().reference_id(),
            entry: Some(EntryId::new("0_a")),
            children: Vec::new(),
            keeper: KalturaUserId::new("eve"),
        };
        let tracked = Some(tracked(Action::Done, None, vec![copy(CopyState::Done)]));
        Found { segment, tracked, kept, kin: Kin { parent, children: Vec::new() }, in_transfer: false }
    }

    #[test]
    fn only_what_is_ours_and_still_in_the_account_goes() {
        let unknown = Found { tracked: None, ..found(Some(entry("0_a", "eve"))) };
        let moving = Found { in_transfer: true, ..found(Some(entry("0_a", "eve"))) };
        let cases = [
            (found(Some(entry("0_a", "eve"))), "reassign - ada"),
            (found(Some(entry("0_a", "ada"))), "reassign - ada"),
            (unknown, "reassign not_in_ledger ada"),
            (moving, "keep in_transfer eve"),
            (found(Some(entry("0_a", "bob"))), "keep owner_changed bob"),
            (found(Some(Entry { ours: false, ..entry("0_a", "eve") })), "keep not_made_by_us eve"),
            (
                found(Some(Entry { reference_id: ReferenceId::new("Zoom_x"), ..entry("0_a", "eve") })),
                "keep not_made_by_us eve",
            ),
            (found(Some(Entry { status: EntryStatus::Deleted, ..entry("0_a", "eve") })), "keep deleted_in_kaltura eve"),
            (found(None), "keep deleted_in_kaltura eve"),
        ];
        for (found, expected) in cases {
            let item = plan(&[found], &KalturaUserId::new("ada")).remove(0);
            let reason = item.reason.map_or("-", crate::model::Reason::word);
            let owner = item.owner.expect("an owner");
            assert_eq!(format!("{} {reason} {owner}", item.action), expected);
        }
    }
}
