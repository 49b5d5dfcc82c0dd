//! Carrying it out: each segment is looked at again just before, its children given first, and read back.

use chrono::Utc;
use tokio_util::sync::CancellationToken;

use super::{AccountPair, SegmentInAccount};
use crate::copying::apply::{FileResult, Outcome};
use crate::copying::handover::{HandedOver, hand_over};
use crate::copying::plan::Item;
use crate::copying::systems::Systems;
use crate::ledger::LedgerError;
use crate::model::{Action, Reason};
use crate::remotes::http::Breaker;

/// So many outages in a row, and the rest is left for the next time.
const OUTAGES: usize = 3;
/// What may be refused for one entry alone.
const CHANGES: &str = "changes";

/// What it is carried out with.
#[derive(Clone, Copy, Debug)]
pub struct ReassignContext<'a> {
    /// Has the entries, and gets their new owner.
    pub systems: Systems<'a>,
    /// The run, as the ledger names it.
    pub run: &'a str,
    /// From whom to whom.
    pub accounts: &'a AccountPair,
    /// Tells the run to end.
    pub cancel: &'a CancellationToken,
}

/// Carries the plan out, an item for each of `found`. One segment's error does not stop the rest; what was done before the
/// ledger itself failed is reported.
pub async fn apply_reassign(items: Vec<Item>, found: &[SegmentInAccount], context: ReassignContext<'_>) -> Outcome {
    let mut outcome = Outcome::of_items(items);
    outcome.broken = reassign_lines(&mut outcome, found, context).await.err();
    outcome
}

async fn reassign_lines(
    outcome: &mut Outcome,
    found: &[SegmentInAccount],
    context: ReassignContext<'_>,
) -> Result<(), LedgerError> {
    let (mut outages, breaker) = (0, Breaker::default());
    for (line, found) in outcome.lines.iter_mut().zip(found) {
        if line.item.action != Action::Reassign || outages >= OUTAGES || context.cancel.is_cancelled() {
            continue;
        }
        let key = found.segment.key();
        if found.tracked.is_some() && !context.systems.ledger.claim(key.clone()).await? {
            line.item.becomes(Action::Keep, Some(Reason::BeingPurged));
            continue;
        }
        let Some(end) = context
            .cancel
            .run_until_cancelled(hand_over(context.systems.kaltura, &found.kept, &context.accounts.to))
            .await
        else {
            // what was given and not written down is found so by the next one
            context.systems.ledger.release(key).await?;
            break;
        };
        match end {
            Ok(HandedOver::Done) => {
                if let Some(tracked) = &found.tracked {
                    let written =
                        context.systems.ledger.reassigned(context.run, tracked, &context.accounts.to, Utc::now());
                    if line.failed_alone(written)?.is_some() {
                        line.set_result(Some(0), FileResult::Done);
                    }
                } else {
                    line.set_result(Some(0), FileResult::Done);
                }
                breaker.passed(CHANGES);
                outages = 0;
            }
            Ok(HandedOver::NoAccount) => {
                line.set_result(Some(0), FileResult::Failed);
                line.error = Some(format!(
                    "the account {:?} no longer exists in Kaltura, or is blocked",
                    context.accounts.to.as_str()
                ));
                outages = OUTAGES;
            }
            Ok(HandedOver::TakenBy(taker)) => {
                line.item.becomes(Action::Keep, Some(Reason::OwnerChanged));
                line.item.owner = taker;
            }
            Ok(HandedOver::Frozen) => line.item.becomes(Action::Keep, Some(Reason::Frozen)),
            Ok(HandedOver::NotOurs) => line.item.becomes(Action::Keep, Some(Reason::NotOurs)),
            Ok(HandedOver::Gone | HandedOver::Recycled) => {
                line.item.becomes(Action::Keep, Some(Reason::DeletedInKaltura));
            }
            Err(error) => {
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
        context.systems.ledger.release(key).await?;
    }
    Ok(())
}
