//! Carrying a purge plan out: each orphan is looked at again just before it is deleted or handed over.

use std::path::Path;

use chrono::Utc;
use tokio_util::sync::CancellationToken;

use super::NewOwner;
use super::gather::look_again;
use super::plan::{decide_fate, is_ownerless};
use crate::copying::apply::{FileResult, Line, Outcome, tell_of_frozen};
use crate::copying::categories::{Categories, Unfiled};
use crate::copying::directory::Directory;
use crate::copying::handover::{HandedOver, hand_over};
use crate::copying::plan::Item;
use crate::copying::systems::Systems;
use crate::ledger::{LedgerError, Lock, LockKind};
use crate::model::proof::Proof;
use crate::model::{Action, Decision, EntryId, KalturaUserId, Orphan, OwnerRule, Reason};
use crate::remotes::http::{Breaker, Meaning, RemoteError};
use crate::remotes::kaltura::Kaltura;

/// So many outages in a row, and the rest is left for the next purge.
const OUTAGES: usize = 3;
/// What may be refused for one entry alone.
const CHANGES: &str = "changes";

/// Where deleted copies go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bin {
    /// They are deleted.
    None,
    /// To Kaltura's recycle bin.
    Recycle,
}

/// What a purge is carried out with.
#[derive(Clone, Copy, Debug)]
pub struct PurgeContext<'a> {
    /// Where it is looked again.
    pub systems: Systems<'a>,
    /// What to go by when owners are looked for again.
    pub directory: Option<&'a Directory>,
    /// The run, as the ledger names it.
    pub run: &'a str,
    /// Where the locks lie.
    pub state_dir: &'a Path,
    /// Where deleted copies go.
    pub bin: Bin,
    /// Where those are shown that are handed over.
    pub categories: &'a Categories,
    /// Tells the purge to end.
    pub cancel: &'a CancellationToken,
}

/// What came of one orphan.
enum PurgeEnd {
    /// It is no longer there.
    Gone(Reason),
    /// Its host has it.
    Adopted(KalturaUserId, OwnerRule),
    /// Somebody gave it to another account.
    GivenAway(KalturaUserId),
    /// It stays.
    Kept(Reason),
}

/// Carries the plan out. One entry's error does not stop the rest; what was done before the ledger itself failed is reported.
pub async fn apply_purge(items: Vec<Item>, context: PurgeContext<'_>) -> Outcome {
    let mut outcome = Outcome::of_items(items);
    outcome.broken = purge_lines(&mut outcome, context).await.err();
    outcome
}

async fn purge_lines(outcome: &mut Outcome, context: PurgeContext<'_>) -> Result<(), LedgerError> {
    let (mut outages, breaker) = (0, Breaker::default());
    // what no ledger knows cannot be claimed: no run may be working on it
    let mut alone: Option<Option<Lock>> = None;
    for line in &mut outcome.lines {
        let due = matches!(line.item.action, Action::Delete | Action::Adopt)
            || line.item.reason == Some(Reason::OwnerChanged);
        let due = due && !context.cancel.is_cancelled() && outages < OUTAGES;
        let Some(orphan) = line.item.orphan.clone().filter(|_| due) else {
            continue;
        };
        let claimed = if orphan.is_in_ledger() {
            context.systems.ledger.claim_orphan(&orphan)?
        } else {
            let lock = alone.get_or_insert_with(|| Lock::take(context.state_dir, LockKind::Copying).ok());
            lock.is_some() && !context.systems.ledger.knows(orphan.copy.entry_id.as_ref(), &orphan.segment.key())?
        };
        if !claimed {
            let reason = if orphan.is_in_ledger() { Reason::InTransfer } else { Reason::NotInLedger };
            line.item.becomes(Action::Keep, Some(reason));
            continue;
        }
        let Some(end) = context.cancel.run_until_cancelled(delete_orphan(&orphan, line.item.decision(), context)).await
        else {
            // what was done and not written down is found so by the next purge
            break;
        };
        match end {
            Ok(end) => {
                let written = record_purge(line, &orphan, end, context).await;
                line.failed_alone(written)?;
                breaker.passed(CHANGES);
                outages = 0;
            }
            Err(Unfiled::Ledger(error)) => {
                line.failed_alone::<()>(Err(error))?;
            }
            Err(Unfiled::Remote(error)) if error.means(Meaning::NoRecycleBin) => {
                context.systems.ledger.release(orphan.segment.key()).await?;
                outcome.held = Some(
                    "Kaltura's recycle bin is not switched on for this account: nothing was deleted; have FEATURE_RECYCLE_BIN enabled, or set purge.recycle_bin = false".to_owned(),
                );
                break;
            }
            Err(Unfiled::Remote(error)) => {
                context.systems.ledger.release(orphan.segment.key()).await?;
                if error.means(Meaning::NotDone) && line.item.action == Action::Delete {
                    line.item.becomes(Action::Keep, Some(Reason::NotDeletable));
                }
                line.set_result(Some(0), FileResult::Failed);
                line.error = Some(error.to_string());
                let host = line.item.segment.meeting.host_id.as_str();
                // what is refused for one entry alone keeps the others from nothing
                let error =
                    if error.may_be_about_one() && !breaker.refused(CHANGES, host) { error.about_one() } else { error };
                outages += if error.ends_the_run() { OUTAGES } else { usize::from(error.is_outage()) };
                if error.is_outage() || error.ends_the_run() {
                    outcome.trouble.push(error);
                }
            }
        }
    }
    for line in &outcome.lines {
        remember_why_it_stays(line, context)?;
    }
    outcome.trouble.extend(context.categories.take_trouble());
    Ok(())
}

/// What people made something of stays for good, and nobody need look why it is still there.
fn remember_why_it_stays(line: &Line, context: PurgeContext<'_>) -> Result<(), LedgerError> {
    let why = line.item.reason.filter(|reason| line.item.action == Action::Keep && reason.keeps_orphan());
    match &line.item.orphan {
        Some(orphan) if orphan.is_in_ledger() => context.systems.ledger.keep(orphan, why),
        _ => Ok(()),
    }
}

async fn record_purge(
    line: &mut Line,
    orphan: &Orphan,
    end: PurgeEnd,
    context: PurgeContext<'_>,
) -> Result<(), LedgerError> {
    let (ledger, now) = (context.systems.ledger, Utc::now());
    match end {
        PurgeEnd::Gone(reason) => {
            if orphan.is_in_ledger() {
                ledger.purged(context.run, orphan, now)?;
            }
            line.item.becomes(Action::Delete, Some(reason));
            line.set_result(Some(0), FileResult::Done);
        }
        PurgeEnd::Adopted(owner, rule) => {
            ledger.adopted(context.run, orphan, &owner, Some(&rule), now)?;
            line.item.becomes(Action::Adopt, None);
            (line.item.owner, line.item.rule) = (Some(owner), Some(rule));
            line.set_result(Some(0), FileResult::Done);
        }
        PurgeEnd::GivenAway(owner) => {
            ledger.adopted(context.run, orphan, &owner, None, now)?;
            line.item.becomes(Action::Keep, Some(Reason::OwnerChanged));
            line.item.owner = Some(owner);
        }
        PurgeEnd::Kept(reason) => {
            if reason == Reason::Frozen && orphan.kept != Some(reason) {
                tell_of_frozen(&orphan.segment, orphan.copy.entry_id.as_ref());
            }
            line.item.becomes(Action::Keep, Some(reason));
        }
    }
    ledger.release(orphan.segment.key()).await
}

/// Looks once more, as somebody may have taken the copy since the plan was made, and deletes it or hands it over.
async fn delete_orphan(orphan: &Orphan, planned: Decision, context: PurgeContext<'_>) -> Result<PurgeEnd, Unfiled> {
    let kaltura = context.systems.kaltura;
    let Some(seen) = look_again(context.systems, context.directory, orphan).await? else {
        return Ok(PurgeEnd::Kept(Reason::NotOurs));
    };
    match (decide_fate(&seen), &seen.entry, &seen.heir) {
        // the brake counted what was to be deleted, and nothing else: the next purge decides again
        ((Action::Delete, Reason::OldEnough), ..) if planned.action != Action::Delete => {
            Ok(PurgeEnd::Kept(planned.reason.unwrap_or(Reason::OwnerLookupFailed)))
        }
        ((Action::Delete, Reason::OldEnough), ..) => {
            let proof = match is_ownerless(&seen).map(Proof::orphan) {
                Some(Ok(proof)) => proof,
                Some(Err(reason)) => return Ok(PurgeEnd::Kept(reason)),
                None => return Ok(PurgeEnd::Gone(Reason::AlreadyGone)),
            };
            let is_gone = delete_entries(kaltura, proof, context.bin).await?;
            Ok(if is_gone { PurgeEnd::Gone(Reason::OldEnough) } else { PurgeEnd::Kept(Reason::Frozen) })
        }
        ((Action::Delete, reason), ..) => Ok(PurgeEnd::Gone(reason)),
        ((Action::Adopt, _), _, NewOwner::Account(owner, rule)) => {
            let end = hand_over(kaltura, &orphan.into(), owner).await?;
            if let (HandedOver::Done, Some(entry)) = (&end, &orphan.copy.entry_id) {
                context.categories.assign_category(context.systems, context.run, &orphan.segment, entry).await?;
            }
            Ok(hand_to_owner(end, owner.clone(), rule.clone()))
        }
        // what belongs to nobody at all may yet be given to its host by hand
        ((_, Reason::OwnerChanged), Some(entry), _) if orphan.is_in_ledger() => {
            Ok(entry.owner_id().map_or(PurgeEnd::Kept(Reason::OwnerChanged), PurgeEnd::GivenAway))
        }
        ((_, reason), ..) => Ok(PurgeEnd::Kept(reason)),
    }
}

fn hand_to_owner(end: HandedOver, owner: KalturaUserId, rule: OwnerRule) -> PurgeEnd {
    match end {
        HandedOver::Done => PurgeEnd::Adopted(owner, rule),
        HandedOver::NoAccount => PurgeEnd::Kept(Reason::OwnerLookupFailed),
        HandedOver::TakenBy(taker) => taker.map_or(PurgeEnd::Kept(Reason::OwnerChanged), PurgeEnd::GivenAway),
        HandedOver::NotOurs => PurgeEnd::Kept(Reason::NotOurs),
        HandedOver::Frozen => PurgeEnd::Kept(Reason::Frozen),
        HandedOver::Gone => PurgeEnd::Gone(Reason::AlreadyGone),
        HandedOver::Recycled => PurgeEnd::Kept(Reason::DeletedInKaltura),
    }
}

/// Whether the entry is gone; `false` where it can never be deleted.
async fn delete_entries(kaltura: &Kaltura, proof: Proof<EntryId>, bin: Bin) -> Result<bool, RemoteError> {
    let id = &proof.of().clone();
    let done = match bin {
        Bin::None => kaltura.delete(proof).await,
        Bin::Recycle => kaltura.recycle(proof).await,
    };
    match done {
        Err(error) if error.means(Meaning::NotDone) && kaltura.is_frozen(id).await? => Ok(false),
        done => done.map(|()| true),
    }
}
