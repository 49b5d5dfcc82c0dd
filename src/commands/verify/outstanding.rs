//! What should be in Kaltura by now, and is not, or is and lies unprocessed. Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::facts::{Difference, DifferenceKind, VerifyFacts};
use crate::copying::plan::{FilePlan, Item};
use crate::model::{Action, CopyState, EntryId, FileCopy, Reason, Segment, SegmentKey, Tracked};

/// Where a file stands that is not done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum FilePlace {
    /// All its bytes are in Kaltura, since then where that is known.
    Queued(Option<DateTime<Utc>>),
    /// Kaltura could make nothing of it.
    Broken,
    /// Not all of it is in Kaltura.
    Outside,
}

/// How long something may wait before it is a difference.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// For this program to copy it.
    pub late_after: TimeDelta,
    /// For Kaltura to process it.
    pub processing_alert: TimeDelta,
}

/// What is owed of a segment.
struct OwedSegment<'a> {
    segment: &'a Segment,
    /// Since when it could be copied, where the ledger knows that.
    copyable: Option<DateTime<Utc>>,
    entry_id: Option<&'a EntryId>,
    reason: Option<Reason>,
    /// Where what is worst of it stands.
    place: FilePlace,
}

/// Everything that is late: by what Zoom lists, and by the ledger of what Zoom lists no more.
pub(super) fn find_outstanding(evidence: &VerifyFacts, deadlines: Deadlines, now: DateTime<Utc>) -> Vec<Difference> {
    let listed: BTreeSet<SegmentKey> = evidence.items.iter().map(|item| item.segment.key()).collect();
    let unlisted = evidence.tracked.iter().filter(|(key, _)| evidence.complete && !listed.contains(key));
    let of_items = evidence.items.iter().filter_map(|item| owed_of_item(item, evidence));
    let of_ledger = unlisted.filter_map(|(_, tracked)| owed_of_tracked(tracked, evidence));
    of_items.chain(of_ledger).filter_map(|owed| owed.find_difference(deadlines, now)).collect()
}

impl OwedSegment<'_> {
    fn find_difference(&self, deadlines: Deadlines, now: DateTime<Utc>) -> Option<Difference> {
        let ended = self.segment.started + self.segment.lasted.unwrap_or_default();
        // what is lost needs no patience
        let is_loss = self.reason.is_some_and(Reason::is_loss);
        let could = self.copyable.filter(|_| !is_loss).unwrap_or(ended);
        let (late_since, kind, said) = match self.place {
            FilePlace::Queued(since) => {
                let since = since.unwrap_or(ended);
                let said = format!(
                    "all bytes have been in Kaltura since {}, but it has not processed them; look at its queue in the KMC",
                    since.format("%Y-%m-%d %H:%M")
                );
                (since + deadlines.processing_alert, DifferenceKind::InConversion, said)
            }
            FilePlace::Broken => (
                could + deadlines.late_after,
                DifferenceKind::NotReady,
                "Kaltura could not process it; look at it in the KMC".to_owned(),
            ),
            FilePlace::Outside => {
                let due = || "due; the next run copies it".to_owned();
                let said = self.reason.map_or_else(due, |reason| reason.meaning().to_owned());
                (could + deadlines.late_after, DifferenceKind::Missing, said)
            }
        };
        let (segment, entry_id) = (self.segment.clone(), self.entry_id.cloned());
        (now > late_since).then_some(Difference { kind, segment, entry_id, said })
    }
}

fn owed_of_item<'a>(item: &'a Item, evidence: &VerifyFacts) -> Option<OwedSegment<'a>> {
    // a meeting without files never becomes a recording
    if !owes_copy(item.action, item.reason) || item.reason == Some(Reason::NoFiles) {
        return None;
    }
    let row = evidence.tracked.get(&item.segment.key()).map(|tracked| tracked.row);
    // what waits for the entry it belongs to comes when that is there
    let waits = |file: &FilePlan| file.reason == Some(Reason::AfterParent);
    let owed = item.files.iter().filter(|file| owes_copy(file.action, file.reason) && !waits(file));
    let place = owed.map(|file| file_place(file, item, row, evidence)).max().unwrap_or(FilePlace::Outside);
    let copyable = row.and_then(|row| evidence.copyable.get(&row).copied());
    Some(OwedSegment { segment: &item.segment, copyable, entry_id: item.entry_id.as_ref(), reason: item.reason, place })
}

/// What Zoom lists no more and was never copied, or not all of it.
fn owed_of_tracked<'a>(tracked: &'a Tracked, evidence: &VerifyFacts) -> Option<OwedSegment<'a>> {
    let is_owed = !tracked.action.is_settled() || tracked.reason.is_some_and(Reason::is_loss);
    let is_over = |state| matches!(state, CopyState::Done | CopyState::Deleted | CopyState::Purged);
    let copies = tracked.copies.iter().filter(|copy| !is_over(copy.state) && copy.state.left_out().is_none());
    let place = copies.map(|copy| copy_place(copy, tracked.row, evidence)).max().unwrap_or(FilePlace::Outside);
    is_owed.then(|| OwedSegment {
        segment: &tracked.segment,
        copyable: evidence.copyable.get(&tracked.row).copied(),
        entry_id: tracked.parent().and_then(|copy| copy.entry_id.as_ref()),
        reason: tracked.reason,
        place,
    })
}

fn owes_copy(action: Action, reason: Option<Reason>) -> bool {
    matches!(action, Action::Copy | Action::CopyAsOrphan | Action::Wait) || reason.is_some_and(Reason::is_loss)
}

/// Kaltura was just asked about what the plan says of a file that was sent; the ledger knows of the others.
fn file_place(file: &FilePlan, item: &Item, row: Option<i64>, evidence: &VerifyFacts) -> FilePlace {
    match (file.reason, &file.copy, row) {
        (Some(Reason::ConversionFailed), ..) => FilePlace::Broken,
        (_, Some(copy), Some(row)) => copy_place(copy, row, evidence),
        // the ledger was lost
        (Some(Reason::InConversion), ..) => {
            let id = file.entry_id.as_ref().or(item.entry_id.as_ref());
            let entry = evidence.marked.iter().find(|entry| Some(&entry.id) == id);
            FilePlace::Queued(entry.and_then(|entry| entry.changed))
        }
        _ => FilePlace::Outside,
    }
}

fn copy_place(copy: &FileCopy, row: i64, evidence: &VerifyFacts) -> FilePlace {
    match copy.state {
        CopyState::Sent => {
            let sent = evidence.sent.get(&(row, copy.file_id.clone())).copied();
            FilePlace::Queued(sent.or(copy.attach_sent))
        }
        CopyState::Broken => FilePlace::Broken,
        _ => FilePlace::Outside,
    }
}
