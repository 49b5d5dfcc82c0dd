//! Reading what all three say of some days.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Days, NaiveTime, Utc};

use super::Evidence;
use crate::gather::{GatherError, Gathered, Origins, gather as facts};
use crate::http::RemoteError;
use crate::model::{EntryId, ReferenceId, Role, Segment, Window};
use crate::plan::{Policy, Scope, Selection, plan};

/// What is listed under one day may have begun on the day before.
const MARGIN: Days = Days::new(2);

/// Reads them; what could not be read of single meetings is told beside.
pub async fn gather(
    from: Origins<'_>,
    window: Window,
    policy: Policy,
    now: DateTime<Utc>,
) -> Result<(Evidence, Vec<RemoteError>), GatherError> {
    let scope = Scope { window, selection: Selection::default(), owed: false };
    let Gathered { facts, policy, mut trouble, .. } = Box::pin(facts(from, &scope, policy, now)).await?;
    let complete = facts.complete;
    let items = plan(&facts, &policy, now).items;
    let mut tracked = from.ledger.tracked(window.from - MARGIN)?;
    let in_window = |segment: &Segment| (window.from..=window.to).contains(&segment.meeting.day());
    tracked.retain(|_, tracked| in_window(&tracked.segment));
    let marks: BTreeSet<ReferenceId> = tracked.keys().map(crate::model::SegmentKey::reference_id).collect();
    let marks: Vec<ReferenceId> = marks.into_iter().collect();
    let all = || tracked.values().flat_map(|tracked| &tracked.copies);
    let entries: BTreeSet<EntryId> =
        all().filter(|copy| copy.role.is_entry()).filter_map(|copy| copy.entry_id.clone()).collect();
    let entries: Vec<EntryId> = entries.into_iter().collect();
    let parents: Vec<EntryId> =
        all().filter(|copy| copy.role == Role::Parent).filter_map(|copy| copy.entry_id.clone()).collect();
    let marked = from.kaltura.entries_marked(&marks).await?;
    let mut copied = HashMap::new();
    for (id, answer) in entries.iter().zip(from.kaltura.copied(&entries).await?) {
        match answer {
            Ok(known) => {
                copied.insert(id.clone(), known);
            }
            Err(error) => trouble.push(error),
        }
    }
    let mut children = Vec::new();
    for answer in from.kaltura.children_ever(&parents).await? {
        match answer {
            Ok(listed) => children.extend(listed),
            Err(error) => trouble.push(error),
        }
    }
    let mut unmarked = Vec::new();
    for held in from.kaltura.unmarked(window.from.and_time(NaiveTime::MIN).and_utc()).await? {
        if !from.ledger.knows(Some(&held.entry.id), &held.segment().key())? {
            unmarked.push(held);
        }
    }
    Ok((Evidence { items, complete, tracked, marked, copied, children, unmarked }, trouble))
}
