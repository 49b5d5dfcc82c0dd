//! What differs, by what all three say. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::facts::{Difference, DifferenceKind, VerifyFacts};
use super::outstanding::Deadlines;
use super::{copies, outstanding};
use crate::model::{Entry, EntryId, EntryStatus, Reason, ReferenceId, Role, Segment, SegmentKey, Tracked};
use crate::remotes::kaltura::AccountEntry;

/// Everything that differs, in the order of the recordings. What is still being copied and not yet late is no
/// difference.
#[must_use]
pub fn find_differences(evidence: &VerifyFacts, deadlines: Deadlines, now: DateTime<Utc>) -> Vec<Difference> {
    let mut found = outstanding::find_outstanding(evidence, deadlines, now);
    found.extend(evidence.tracked.values().flat_map(|tracked| copies::compare_copies(tracked, evidence)));
    let told: BTreeSet<SegmentKey> =
        found.iter().filter(|found| found.kind == DifferenceKind::Deleted).map(|found| found.segment.key()).collect();
    found.extend(deleted_since(evidence).into_iter().filter(|found| !told.contains(&found.segment.key())));
    found.extend(evidence.tracked.values().flat_map(|tracked| mark_differences(tracked, evidence)));
    found.extend(evidence.unmarked.iter().map(unmarked_differences));
    found.sort_by_key(|difference| (difference.segment.started, difference.segment.key(), difference.kind));
    found
}

/// What people deleted before it was confirmed, or before the ledger was lost: no copy in the ledger shows it. What
/// still carries the mark of an orphan may have been purged as well.
fn deleted_since(evidence: &VerifyFacts) -> Vec<Difference> {
    let is_deleted = |reason| reason == Some(Reason::DeletedInKaltura);
    let by_plan = evidence.items.iter().filter(|item| is_deleted(item.reason)).map(|item| &item.segment);
    let by_ledger = evidence.tracked.values().filter(|tracked| is_deleted(tracked.reason));
    let segments: BTreeMap<SegmentKey, &Segment> =
        by_ledger.map(|tracked| &tracked.segment).chain(by_plan).map(|segment| (segment.key(), segment)).collect();
    let of_segment = |(key, segment): (SegmentKey, &Segment)| {
        let mark = key.reference_id();
        let entry = evidence.marked.iter().find(|entry| entry.reference_id == mark);
        let is_purged = entry.is_some_and(|entry| entry.tags.is_orphan);
        (!is_purged).then(|| Difference {
            kind: DifferenceKind::Deleted,
            segment: segment.clone(),
            entry_id: entry.map(|entry| entry.id.clone()),
            said: copies::DELETED.to_owned(),
        })
    };
    segments.into_iter().filter_map(of_segment).collect()
}

/// What nobody knows what it is a copy of.
fn unmarked_differences(held: &AccountEntry) -> Difference {
    Difference {
        kind: DifferenceKind::Unmarked,
        segment: held.segment(),
        entry_id: Some(held.entry.id.clone()),
        said: "has no mark (referenceId), and the ledger does not know it: a recording may be copied twice; look at it in the KMC"
            .to_owned(),
    }
}

/// What carries the marks of a segment beside what the ledger names.
fn mark_differences(tracked: &Tracked, evidence: &VerifyFacts) -> Vec<Difference> {
    let key = tracked.segment.key();
    let known = tracked.copies.iter().filter_map(|copy| copy.entry_id.as_ref());
    // what another one takes the place of goes as soon as that is confirmed
    let known: BTreeSet<&EntryId> = known.chain(&tracked.replaced).collect();
    let is_there = |entry: &&Entry| entry.status != EntryStatus::Deleted && !entry.recycled;
    let is_of = |entry: &&Entry, mark: &ReferenceId| entry.reference_id == *mark;
    let marks = std::iter::once(key.reference_id()).chain(
        tracked.copies.iter().filter(|copy| copy.role == Role::Child).map(|copy| key.child_reference_id(&copy.file_id)),
    );
    let mut found = Vec::new();
    for mark in marks {
        let carriers: Vec<&Entry> = evidence
            .marked
            .iter()
            .chain(&evidence.children)
            .filter(is_there)
            .filter(|entry| is_of(entry, &mark))
            .collect();
        let (whole, bare): (Vec<&Entry>, Vec<&Entry>) = carriers.into_iter().partition(|entry| {
            matches!(entry.status, EntryStatus::Ready | EntryStatus::Processing | EntryStatus::Other)
        });
        let tell = |kind, entry: &Entry, said: &str| Difference {
            kind,
            segment: tracked.segment.clone(),
            entry_id: Some(entry.id.clone()),
            said: said.to_owned(),
        };
        let beyond = whole.iter().filter(|entry| !known.contains(&entry.id)).filter(|_| whole.len() > 1);
        found.extend(beyond.map(|entry| tell(DifferenceKind::Doubled, entry, "has the same mark as another entry")));
        // another tool may be about to fill its own, and a run beside this one too
        let settled = tracked.action.is_settled();
        let is_met = |entry: &Entry| entry.ours || entry.tags.another.is_some();
        let strange = bare.iter().filter(|entry| settled && is_met(entry) && !known.contains(&entry.id));
        found.extend(strange.map(|entry| match entry.status {
            EntryStatus::Failed => tell(
                DifferenceKind::NotReady,
                entry,
                "Kaltura could not process it, and it is not the copy; look at it in the KMC",
            ),
            _ if !entry.ours => tell(
                DifferenceKind::BareLeftOver,
                entry,
                "has no content; the other installation that made it deletes it; if that one no longer runs, delete it in the KMC",
            ),
            _ => tell(DifferenceKind::BareLeftOver, entry, "has no content; delete it in the KMC"),
        }));
    }
    found
}
