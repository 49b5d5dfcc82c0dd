//! Deleting what a purge plan says, each looked at again just before.

use std::fmt;

use chrono::Utc;
use tokio_util::sync::CancellationToken;

use super::gather::{Seen, gather};
use super::plan::fate;
use crate::apply::{Outcome, Outlook};
use crate::http::RemoteError;
use crate::kaltura::Kaltura;
use crate::ledger::{Ledger, LedgerError};
use crate::model::{Action, EntryId, Orphan, Reason};
use crate::plan::Item;

/// So many outages in a row, and the rest is left for the next purge.
const OUTAGES: usize = 3;

/// More is due than may be deleted at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brake {
    /// So many copies are due.
    pub due: usize,
    /// So many may be deleted.
    pub allowed: usize,
}

impl fmt::Display for Brake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Brake { due, allowed } = self;
        write!(
            f,
            "{due} orphaned copies are due to be deleted, {allowed} at once are allowed: nothing was deleted; look at them with purge --dry-run, then allow as many with --max-deletes {due}"
        )
    }
}

/// Whether the brake holds the whole plan back.
#[must_use]
pub fn brake(items: &[Item], max_deletes: usize) -> Option<Brake> {
    let due = items.iter().filter(|item| is_deletion(item)).count();
    (due > max_deletes).then_some(Brake { due, allowed: max_deletes })
}

/// What is gone already is no deletion any more.
fn is_deletion(item: &Item) -> bool {
    item.action == Action::Delete && item.reason != Some(Reason::AlreadyGone)
}

/// Carries the plan out. One entry's error does not stop the rest.
pub async fn apply(
    items: Vec<Item>,
    orphans: &[Orphan],
    kaltura: &Kaltura,
    (ledger, run): (&Ledger, &str),
    cancel: &CancellationToken,
) -> Result<Outcome, LedgerError> {
    let mut outcome = Outcome::of_items(items);
    let mut outages = 0;
    for line in &mut outcome.lines {
        let orphan = orphans.iter().find(|orphan| orphan.copy.entry_id == line.item.entry_id);
        let due = line.item.action == Action::Delete && !cancel.is_cancelled() && outages < OUTAGES;
        let Some(orphan) = orphan.filter(|_| due) else {
            continue;
        };
        if !ledger.claim_orphan(orphan)? {
            line.item.becomes(Action::Keep, Some(Reason::InTransfer));
            continue;
        }
        let end = tokio::select! {
            end = let_go(kaltura, orphan) => end,
            // what was deleted and not written down is found gone by the next purge
            () = cancel.cancelled() => break,
        };
        match end {
            Ok((Action::Delete, reason)) => {
                ledger.purged(run, orphan, Utc::now())?;
                line.item.becomes(Action::Delete, Some(reason));
                line.set(Some(0), Outlook::Done);
                outages = 0;
            }
            Ok((action, reason)) => {
                ledger.release(&orphan.segment.key())?;
                line.item.becomes(action, Some(reason));
            }
            Err(error) => {
                ledger.release(&orphan.segment.key())?;
                line.set(Some(0), Outlook::Failed);
                line.error = Some(error.to_string());
                outages += if error.ends_the_run() { OUTAGES } else { usize::from(error.is_outage()) };
                if error.is_outage() || error.ends_the_run() {
                    outcome.trouble.push(error);
                }
            }
        }
    }
    Ok(outcome)
}

/// Looks once more, as somebody may have taken the copy since the plan was made, and deletes it.
async fn let_go(kaltura: &Kaltura, orphan: &Orphan) -> Result<(Action, Reason), RemoteError> {
    let Some(seen) = gather(kaltura, vec![orphan.clone()]).await?.pop() else {
        return Ok((Action::Keep, Reason::NotOurs));
    };
    let verdict = fate(&seen);
    if let (Seen { entry: Some(entry), .. }, (Action::Delete, Reason::OldEnough)) = (&seen, verdict) {
        delete(kaltura, &entry.id).await?;
    }
    Ok(verdict)
}

/// An answer that was lost, or an error from the search index behind it, says nothing: the entry itself does.
async fn delete(kaltura: &Kaltura, id: &EntryId) -> Result<(), RemoteError> {
    let Err(error) = kaltura.delete(id).await else {
        return Ok(());
    };
    let gone = kaltura.copied(std::slice::from_ref(id)).await?.iter().flatten().next().is_none();
    if gone { Ok(()) } else { Err(error) }
}
