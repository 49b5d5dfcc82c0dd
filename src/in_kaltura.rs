//! What Kaltura may have of copies whatever became of them: those on their way, and those that are about to count as lost.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::http::RemoteError;
use crate::kaltura::Kaltura;
use crate::model::{Action, Copied, CopyState, Entry, EntryId, FileCopy, Reason, Segment, SegmentKey, Tracked};
use crate::plan::{Policy, Presence, Stage, stage};

/// The segments that are about to be reported as lost: their copies may be in Kaltura all the same.
pub(crate) fn lost<'a>(
    tracked: &'a BTreeMap<SegmentKey, Tracked>,
    gone: &HashSet<SegmentKey>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> impl Iterator<Item = &'a Segment> {
    let is_lost = move |tracked: &&Tracked| {
        let stage = stage(&tracked.segment, Presence::Gone, Some(tracked), policy, now);
        tracked.reason != Some(Reason::GoneFromZoom)
            && gone.contains(&tracked.segment.key())
            && matches!(
                stage,
                Stage::Rest(Action::Skip, Some(Reason::GoneFromZoom | Reason::ConversionFailed))
                    | Stage::TakeBack(_, Reason::GoneFromZoom)
            )
    };
    tracked.values().filter(is_lost).map(|tracked| &tracked.segment)
}

/// What became of every copy that is on its way, and of every entry of ours that the ledger does not know. One that
/// cannot be read is left out, and waits.
pub(crate) async fn sent(
    kaltura: &Kaltura,
    (tracked, max_attempts): (&BTreeMap<SegmentKey, Tracked>, u32),
    marked: &HashMap<SegmentKey, Vec<Entry>>,
    trouble: &mut Vec<RemoteError>,
) -> Result<HashMap<EntryId, Option<Copied>>, RemoteError> {
    let copies = tracked.values().flat_map(|tracked| &tracked.copies);
    // the answer to the last bytes of a copy that is under way may have been lost
    // so may people have repaired one that Kaltura could not process
    let may_be_repaired = |copy: &FileCopy| copy.state == CopyState::Broken && copy.attempts < max_attempts;
    let matters = |copy: &&Arc<FileCopy>| copy.state.is_on_its_way() || may_be_repaired(copy);
    let sent = copies.filter(matters).filter_map(|copy| copy.entry_id.clone());
    let ours = marked.values().flatten().filter(|entry| entry.ours).map(|entry| entry.id.clone());
    let ids: Vec<EntryId> = sent.chain(ours).collect();
    let mut sent = HashMap::new();
    for (id, answer) in ids.iter().zip(kaltura.copied(&ids).await?) {
        match answer {
            Ok(known) => {
                sent.insert(id.clone(), known);
            }
            Err(error) => trouble.push(error),
        }
    }
    Ok(sent)
}
