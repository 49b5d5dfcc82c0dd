//! Which segments lie in an account: by the ledger, and by the marks in Kaltura. Changes nothing anywhere.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{AccountPair, ReassignError, SegmentInAccount};
use crate::copying::handover::{OwnedEntries, SegmentEntries};
use crate::copying::plan::Selection;
use crate::copying::systems::Systems;
use crate::ledger::{Ledger, LedgerError};
use crate::model::{CopyState, EntryId, KalturaUserId, Segment, SegmentKey, Tracked};
use crate::remotes::http::RemoteError;
use crate::remotes::kaltura::{AccountEntry, Kaltura};

/// What of an account is wanted. Nothing said means all.
#[derive(Clone, Debug, Default)]
pub struct WantedCopies {
    /// Hosts and meetings.
    pub selection: Selection,
    /// The first day of the meetings' start, UTC.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub to: Option<NaiveDate>,
}

impl WantedCopies {
    fn includes(&self, segment: &Segment) -> bool {
        let day = segment.meeting.day();
        self.from.is_none_or(|from| from <= day)
            && self.to.is_none_or(|to| day <= to)
            && self.selection.includes(segment)
    }
}

/// What was found.
#[derive(Debug)]
pub struct AccountContents {
    /// The segments, oldest first.
    pub found: Vec<SegmentInAccount>,
    /// All segments of the account, wanted or not.
    pub all: Vec<Segment>,
    /// What could not be read; the segments concerned stay where they are.
    pub trouble: Vec<RemoteError>,
}

/// Finds the segments of an account. What Kaltura lists of a deleted user is nothing, so what it has of those is found by
/// the mark that all our entries carry.
pub async fn gather_account(
    systems: Systems<'_>,
    accounts: &AccountPair,
    wanted: &WantedCopies,
) -> Result<AccountContents, ReassignError> {
    let holding = if accounts.from_is_active {
        systems.kaltura.holding(&accounts.from).await?
    } else {
        systems.kaltura.made_by_us(&accounts.from).await?
    };
    let mut segments: BTreeMap<SegmentKey, (Segment, Option<Tracked>, Option<EntryId>)> = BTreeMap::new();
    for tracked in systems.ledger.owned_by(&accounts.from)? {
        segments.insert(tracked.segment.key(), (tracked.segment.clone(), Some(tracked), None));
    }
    for held in holding.iter().filter(|held| held.entry.ours && !held.entry.recycled) {
        let Some(key) = held.entry.reference_id.segment_key() else {
            continue;
        };
        if let Entry::Vacant(place) = segments.entry(key) {
            let of_held = segments_of_account(systems.ledger, held, place.key())?;
            place.insert(of_held);
        }
    }
    let all = segments.values().map(|(segment, ..)| segment.clone()).collect();
    let wanted = segments.into_values().filter(|(segment, ..)| wanted.includes(segment));
    let mut found: Vec<SegmentInAccount> = wanted
        .filter_map(|(segment, tracked, entry)| entries_of_segment(segment, tracked, entry, &accounts.from))
        .collect();
    found.sort_by_key(|found| found.segment.started);
    let trouble = drop_unreadable(systems.kaltura, &mut found).await?;
    Ok(AccountContents { found, all, trouble })
}

/// What the ledger knows of an entry that lies in the account, which may be nothing.
fn segments_of_account(
    ledger: &Ledger,
    held: &AccountEntry,
    key: &SegmentKey,
) -> Result<(Segment, Option<Tracked>, Option<EntryId>), LedgerError> {
    let tracked = ledger.read_segment(key)?;
    let names_it = |tracked: &Tracked| {
        tracked.parent().and_then(|copy| copy.entry_id.as_ref()).is_some_and(|entry| *entry == held.entry.id)
    };
    Ok(match tracked.filter(names_it) {
        Some(tracked) => (tracked.segment.clone(), Some(tracked), None),
        None => (held.segment(), None, Some(held.entry.id.clone())),
    })
}

/// A segment of which an entry exists.
fn entries_of_segment(
    segment: Segment,
    tracked: Option<Tracked>,
    entry: Option<EntryId>,
    keeper: &KalturaUserId,
) -> Option<SegmentInAccount> {
    let is_gone = |state| matches!(state, CopyState::Deleted | CopyState::Purged);
    let parent = tracked.as_ref().and_then(Tracked::parent).filter(|copy| !is_gone(copy.state)).cloned();
    let entry = parent.as_ref().and_then(|copy| copy.entry_id.clone()).or(entry)?;
    let copies = tracked.iter().flat_map(|tracked| &tracked.copies);
    let children = copies.filter(|copy| copy.role.is_entry()).filter_map(|copy| copy.entry_id.clone());
    let kept = OwnedEntries {
        mark: segment.key().reference_id(),
        children: children.filter(|child| *child != entry).collect(),
        entry: Some(entry),
        keeper: keeper.clone(),
    };
    Some(SegmentInAccount {
        in_transfer: tracked.as_ref().is_some_and(Tracked::is_in_transfer),
        segment,
        tracked,
        kept,
        kin: SegmentEntries::default(),
    })
}

/// Leaves out those of which something cannot be read.
async fn drop_unreadable(
    kaltura: &Kaltura,
    found: &mut Vec<SegmentInAccount>,
) -> Result<Vec<RemoteError>, RemoteError> {
    let mut trouble = Vec::new();
    let parents: Vec<EntryId> = found.iter().filter_map(|found| found.kept.entry.clone()).collect();
    let mut ids: BTreeSet<EntryId> = parents.iter().cloned().collect();
    let mut listed = parents.iter().cloned().zip(kaltura.children(&parents).await?).collect::<BTreeMap<_, _>>();
    found.retain_mut(|found| match found.kept.entry.as_ref().and_then(|entry| listed.remove(entry)) {
        None => true,
        Some(Ok(listed)) => {
            let shown = listed.into_iter().map(|child| child.id);
            let all: BTreeSet<EntryId> = found.kept.children.drain(..).chain(shown).collect();
            ids.extend(all.iter().cloned());
            found.kept.children = all.into_iter().collect();
            true
        }
        Some(Err(error)) => {
            trouble.push(error);
            false
        }
    });
    let ids: Vec<EntryId> = ids.into_iter().collect();
    let answers = kaltura.entries_with_source(&ids).await?;
    let entries: BTreeMap<EntryId, _> = ids.into_iter().zip(answers).collect();
    found.retain_mut(|found| {
        let entry = |id: &EntryId| entries.get(id).cloned().unwrap_or(Ok(None)).map(|copied| Some(copied?.entry));
        let kin = || {
            let parent = found.kept.entry.as_ref().map_or(Ok(None), entry)?;
            let children = found.kept.children.iter().map(entry).collect::<Result<Vec<_>, RemoteError>>()?;
            Ok(SegmentEntries { parent, children: children.into_iter().flatten().collect() })
        };
        match kin() {
            Ok(kin) => found.kin = kin,
            Err(error) => {
                trouble.push(error);
                return false;
            }
        }
        true
    });
    Ok(trouble)
}
