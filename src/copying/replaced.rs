//! Entries that were no copies go once those that took their place are confirmed: first the new, then the old.

use chrono::{TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use crate::ledger::{Ledger, LedgerError, Replaced};
use crate::model::proof::{Proof, Replacement};
use crate::model::{Entry, EntryWithSource, Reason, Traces, one_line};
use crate::remotes::http::{Meaning, RemoteError};
use crate::remotes::kaltura::Kaltura;

/// So many are looked at in one run.
const MOST: u32 = 100;
/// So long what may yet change is looked at again.
const PATIENCE: TimeDelta = TimeDelta::days(7);

/// Both entries, as they are just now.
struct Both {
    new: EntryWithSource,
    new_traces: Traces,
    new_children: Vec<Entry>,
    old: EntryWithSource,
    old_traces: Traces,
    old_children: Vec<Entry>,
}

/// Deletes what may go; what stays for good is reported once. What went wrong comes back.
pub async fn remove_replaced(
    kaltura: &Kaltura,
    ledger: &Ledger,
    run: &str,
    cancel: &CancellationToken,
) -> Result<Vec<RemoteError>, LedgerError> {
    let mut trouble = Vec::new();
    for replaced in ledger.replaced(MOST)? {
        let Some(end) = cancel.run_until_cancelled(remove_one_replaced(kaltura, &replaced)).await else {
            // what was deleted is found so by the next run
            break;
        };
        let now = Utc::now();
        let event = match end {
            Ok(()) => Some("replaced_deleted"),
            Err(Stays::Gone) => None,
            Err(Stays::For(Reason::InConversion)) if now - replaced.since < PATIENCE => continue,
            Err(Stays::For(reason)) => {
                report_stay(&replaced, reason.meaning());
                Some("replaced_kept")
            }
            // every run would try it in vain
            Err(Stays::Trouble(error)) if error.means(Meaning::NotDone) => {
                report_stay(&replaced, &error.to_string());
                Some("replaced_kept")
            }
            Err(Stays::Trouble(error)) => {
                let is_end = error.ends_the_run();
                trouble.push(error.of_one_if_refused());
                if is_end {
                    break;
                }
                continue;
            }
        };
        ledger.settle_replaced(run, &replaced, event, now)?;
    }
    Ok(trouble)
}

/// Why an entry is still there.
enum Stays {
    /// It is not: people deleted it.
    Gone,
    For(Reason),
    Trouble(RemoteError),
}

impl From<RemoteError> for Stays {
    fn from(error: RemoteError) -> Stays {
        Stays::Trouble(error)
    }
}

async fn remove_one_replaced(kaltura: &Kaltura, replaced: &Replaced) -> Result<(), Stays> {
    let both = look_at_both(kaltura, replaced).await?;
    let proof = Proof::replaced(Replacement {
        copy: &replaced.copy,
        mark: &replaced.mark,
        new: &both.new,
        new_traces: &both.new_traces,
        new_children: &both.new_children,
        old: &both.old,
        old_bytes: replaced.bytes,
        old_traces: &both.old_traces,
        old_children: &both.old_children,
    });
    match proof {
        Ok(proof) => Ok(kaltura.delete(proof).await?),
        Err(Reason::DeletedInKaltura) => Err(Stays::Gone),
        Err(reason) => Err(Stays::For(reason)),
    }
}

async fn look_at_both(kaltura: &Kaltura, Replaced { old, copy, .. }: &Replaced) -> Result<Both, Stays> {
    let Some(new) = &copy.entry_id else {
        return Err(Stays::For(Reason::InConversion));
    };
    let Some(gone) = kaltura.copied_one(old).await? else {
        return Err(Stays::Gone);
    };
    let missing = || Stays::For(Reason::InConversion);
    let (old_traces, old_children) = (kaltura.traces(old).await?.ok_or(Stays::Gone)?, kaltura.children_of(old).await?);
    let (new_traces, new_children) = (kaltura.traces(new).await?.ok_or_else(missing)?, kaltura.children_of(new).await?);
    // the one that is to stay is looked at last
    let kept = kaltura.copied_one(new).await?.ok_or_else(missing)?;
    Ok(Both { new: kept, new_traces, new_children, old: gone, old_traces, old_children })
}

fn report_stay(replaced: &Replaced, why: &str) {
    let (entry, new) = (&replaced.old, replaced.copy.entry_id.as_ref().map(ToString::to_string).unwrap_or_default());
    tracing::warn!(
        entry_id = %entry,
        "{:?}: entry {entry} was a bad copy, entry {new} replaces it, but both stay: {}; look at both in the KMC",
        one_line(&replaced.topic),
        why.trim_end_matches('.')
    );
}
