//! Handing over, and reading back what Kaltura made of it.

use std::collections::BTreeSet;

use super::{HandoverPlan, OwnedEntries, SegmentEntries, judge_handover};
use crate::model::{Entry, EntryId, KalturaUserId, format_count};
use crate::remotes::http::{RemoteError, RemoteKind, Service};
use crate::remotes::kaltura::Kaltura;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandedOver {
    /// Every entry of ours was read back, and belongs to the account.
    Done,
    /// The account does not exist any more: Kaltura would create it silently.
    NoAccount,
    /// People gave the entry to somebody else, or to nobody.
    TakenBy(Option<KalturaUserId>),
    /// The entry does not carry our mark any more.
    NotOurs,
    /// The entry no longer exists.
    Gone,
    /// The entry lies in the recycle bin.
    Recycled,
    /// Kaltura answers as if the entry were given, and nothing is stored: so it stays for good.
    Frozen,
}

/// Hands the segment over to `to`. At whatever moment it is interrupted, the next one resumes there.
pub async fn hand_over(kaltura: &Kaltura, kept: &OwnedEntries, to: &KalturaUserId) -> Result<HandedOver, RemoteError> {
    if kaltura.active_user(to.as_str()).await?.is_none_or(|user| user.id != *to) {
        return Ok(HandedOver::NoAccount);
    }
    let due = match judge_handover(kept, &look_at_family(kaltura, kept).await?, to) {
        HandoverPlan::Give(due) => due,
        other => return Ok(why_left_alone(other)),
    };
    for entry in &due {
        kaltura.give(entry, to).await?;
    }
    if due.is_empty() {
        return Ok(HandedOver::Done);
    }
    match judge_handover(kept, &look_at_family(kaltura, kept).await?, to) {
        HandoverPlan::Give(rest) if rest.is_empty() => Ok(HandedOver::Done),
        HandoverPlan::Give(rest) if is_stuck(kaltura, kept, &due, &rest).await? => {
            let is_parent = kept.entry.as_ref().is_some_and(|parent| rest.iter().any(|entry| entry.id == *parent));
            Ok(if is_parent { HandedOver::Frozen } else { HandedOver::Done })
        }
        HandoverPlan::Give(rest) => {
            let message = format!(
                "{} of {} given to {:?} still belong to {:?} or are still marked as orphans; the next run tries again",
                rest.len(),
                format_count(due.len(), "entry"),
                to.as_str(),
                kept.keeper.as_str()
            );
            Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message))
        }
        other => Ok(why_left_alone(other)),
    }
}

/// What became of it where some entries are still whose they were. Where the entry that everybody sees can never be given,
/// its segment stays together: the children that were given go back. A child that cannot be given stays behind.
async fn is_stuck(kaltura: &Kaltura, kept: &OwnedEntries, due: &[Entry], rest: &[Entry]) -> Result<bool, RemoteError> {
    let stays = |id: &EntryId| rest.iter().any(|entry| entry.id == *id);
    if let Some(parent) = kept.entry.as_ref().filter(|parent| stays(parent)) {
        if !kaltura.is_frozen(parent).await? {
            return Ok(false);
        }
        for entry in due.iter().filter(|entry| !stays(&entry.id)) {
            kaltura.give_back(entry).await?;
        }
        return Ok(true);
    }
    for entry in rest {
        if !kaltura.is_frozen(&entry.id).await? {
            return Ok(false);
        }
        tracing::warn!(entry_id = %entry.id, "a view cannot be handed over with its recording: Kaltura can no longer change its entry");
    }
    Ok(true)
}

fn why_left_alone(verdict: HandoverPlan) -> HandedOver {
    match verdict {
        HandoverPlan::Give(_) => HandedOver::Done,
        HandoverPlan::TakenBy(owner) => HandedOver::TakenBy(owner),
        HandoverPlan::NotOurs => HandedOver::NotOurs,
        HandoverPlan::Gone => HandedOver::Gone,
        HandoverPlan::Recycled => HandedOver::Recycled,
    }
}

/// The children are those that the ledger knows and those that the index shows; whose each one is, the database tells.
async fn look_at_family(kaltura: &Kaltura, kept: &OwnedEntries) -> Result<SegmentEntries, RemoteError> {
    let Some(parent) = &kept.entry else {
        return Ok(SegmentEntries::default());
    };
    let listed = kaltura.children_of(parent).await?.into_iter().map(|child| child.id);
    let children: BTreeSet<EntryId> = listed.chain(kept.children.iter().cloned()).collect();
    let ids: Vec<EntryId> = [parent.clone()].into_iter().chain(children).collect();
    let found: Vec<_> = kaltura.entries_with_source(&ids).await?.into_iter().collect::<Result<_, _>>()?;
    let mut found = found.into_iter().map(|copied| copied.map(|copied| copied.entry));
    Ok(SegmentEntries { parent: found.next().flatten(), children: found.flatten().collect() })
}
