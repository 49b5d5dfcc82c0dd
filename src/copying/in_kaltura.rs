//! What Kaltura may have of copies whatever became of them: those on their way, and those that are about to count as lost.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::plan::{Policy, Presence, Stage, find_stage};
use crate::model::{
    Action, CopyState, Decision, Entry, EntryId, EntryStatus, EntryWithSource, FileCopy, Reason, Role, Segment,
    SegmentKey, Tracked,
};
use crate::remotes::http::RemoteError;
use crate::remotes::kaltura::Kaltura;

/// The segments that are about to be reported as lost: their copies may be in Kaltura all the same.
pub(crate) fn find_lost<'a>(
    tracked: &'a BTreeMap<SegmentKey, Tracked>,
    gone: &HashSet<SegmentKey>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> impl Iterator<Item = &'a Segment> {
    let is_lost = move |tracked: &&Tracked| {
        let stage = find_stage(&tracked.segment, Presence::Gone, Some(tracked), policy, now);
        tracked.reason != Some(Reason::GoneFromZoom)
            && gone.contains(&tracked.segment.key())
            && matches!(
                stage,
                Stage::Rest(Decision {
                    action: Action::Skip,
                    reason: Some(Reason::GoneFromZoom | Reason::ConversionFailed)
                }) | Stage::TakeBack(_, Reason::GoneFromZoom)
            )
    };
    tracked.values().filter(is_lost).map(|tracked| &tracked.segment)
}

/// Where what was deleted is to be copied again: of a copy that was confirmed nobody asks any more, and people may have deleted
/// it since.
pub(crate) async fn notice_deleted(
    kaltura: &Kaltura,
    tracked: &mut BTreeMap<SegmentKey, Tracked>,
    trouble: &mut Vec<RemoteError>,
) -> Result<(), RemoteError> {
    let is_confirmed = |copy: &FileCopy| copy.state == CopyState::Done && copy.role.is_entry();
    let copies = tracked.values().flat_map(|tracked| &tracked.copies).filter(|copy| is_confirmed(copy));
    let ids: Vec<EntryId> = copies.filter_map(|copy| copy.entry_id.clone()).collect();
    let mut gone = HashSet::new();
    for (id, answer) in ids.iter().zip(kaltura.entries_with_source(&ids).await?) {
        match answer {
            Ok(Some(found)) if found.entry.status != EntryStatus::Deleted && !found.entry.recycled => {}
            Ok(_) => {
                gone.insert(id);
            }
            Err(error) => trouble.push(error),
        }
    }
    for tracked in tracked.values_mut() {
        for copy in &mut tracked.copies {
            if is_confirmed(copy) && copy.entry_id.as_ref().is_some_and(|id| gone.contains(id)) {
                Arc::make_mut(copy).state = CopyState::Deleted;
                if copy.role == Role::Parent {
                    (tracked.action, tracked.reason) = (Action::Skip, Some(Reason::DeletedInKaltura));
                }
            }
        }
    }
    Ok(())
}

/// What became of every copy that is on its way, and of every entry of ours that the ledger does not know. One that
/// cannot be read is left out, and waits.
pub(crate) async fn find_sent(
    kaltura: &Kaltura,
    tracked: &BTreeMap<SegmentKey, Tracked>,
    max_attempts: u32,
    marked: &HashMap<SegmentKey, Vec<Entry>>,
    trouble: &mut Vec<RemoteError>,
) -> Result<HashMap<EntryId, Option<EntryWithSource>>, RemoteError> {
    let copies = tracked.values().flat_map(|tracked| &tracked.copies);
    // the answer to the last bytes of a copy that is under way may have been lost
    // so may people have repaired one that Kaltura could not process
    let may_be_repaired = |copy: &FileCopy| copy.state == CopyState::Broken && copy.attempts < max_attempts;
    let matters = |copy: &&Arc<FileCopy>| copy.state.is_on_its_way() || may_be_repaired(copy);
    let sent = copies.filter(matters).filter_map(|copy| copy.entry_id.clone());
    let ours = marked.values().flatten().filter(|entry| entry.ours).map(|entry| entry.id.clone());
    let ids: Vec<EntryId> = sent.chain(ours).collect();
    let mut sent = HashMap::new();
    for (id, answer) in ids.iter().zip(kaltura.entries_with_source(&ids).await?) {
        match answer {
            Ok(known) => {
                sent.insert(id.clone(), known);
            }
            Err(error) => trouble.push(error),
        }
    }
    Ok(sent)
}
