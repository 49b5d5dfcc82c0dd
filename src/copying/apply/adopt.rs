//! Orphaned segments handed over to the accounts that their hosts have by now.

use chrono::Utc;

use super::settle::tell_of_frozen;
use super::{ApplyContext, FileResult, Line};
use crate::copying::categories::Unfiled;
use crate::copying::handover::{HandedOver, hand_over};
use crate::ledger::LedgerError;
use crate::model::{Action, KalturaUserId, Orphan, Reason};
use crate::remotes::http::RemoteError;

/// What may be refused to one owner alone.
const HANDING_OVER: &str = "handing over";

/// Hands the segment of a line over, under a claim: a purge beside this run may be at work on it.
pub(super) async fn adopt_orphans(
    line: &mut Line,
    number: usize,
    trouble: &mut Vec<RemoteError>,
    context: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    let (Some(orphan), Some(owner)) = (line.item.orphan.clone(), line.item.owner.clone()) else {
        return Ok(());
    };
    let (ledger, key) = (context.transfer.systems.ledger, orphan.segment.key());
    if !ledger.claim(key.clone()).await? {
        line.change_file(number, Action::Wait, Some(Reason::BeingPurged));
        return Ok(());
    }
    let Some(handed_over) = context.cancel.run_until_cancelled(hand_to_account(&orphan, &owner, context)).await else {
        // what was handed over of it is found so by the next run
        return ledger.release(key).await;
    };
    match handed_over {
        Ok(end) => {
            context.breaker.passed(HANDING_OVER);
            record_adoption(line, number, &orphan, &owner, end, context)?;
        }
        Err(Unfiled::Ledger(error)) => return Err(error),
        Err(Unfiled::Remote(error)) => {
            line.set_result(Some(number), FileResult::Failed);
            line.error = Some(error.to_string());
            let is_about_all = if error.may_be_about_one() {
                context.note_refusal(line, HANDING_OVER, &error)
            } else {
                error.is_outage() || error.ends_the_run()
            };
            if is_about_all {
                trouble.push(error);
            }
        }
    }
    ledger.release(key).await
}

/// What has an owner may be shown where the copies of others are.
async fn hand_to_account(
    orphan: &Orphan,
    owner: &KalturaUserId,
    context: ApplyContext<'_>,
) -> Result<HandedOver, Unfiled> {
    let end = hand_over(context.transfer.systems.kaltura, &orphan.into(), owner).await?;
    if let (HandedOver::Done, Some(entry)) = (&end, &orphan.copy.entry_id) {
        context
            .transfer
            .categories
            .assign_category(context.transfer.systems, context.transfer.run, &orphan.segment, entry)
            .await?;
    }
    Ok(end)
}

fn record_adoption(
    line: &mut Line,
    number: usize,
    orphan: &Orphan,
    owner: &KalturaUserId,
    end: HandedOver,
    context: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    let (ledger, run, now) = (context.transfer.systems.ledger, context.transfer.run, Utc::now());
    let rule = line.item.rule.clone();
    let as_it_was = match end {
        HandedOver::Done => {
            ledger.adopted(run, orphan, owner, rule.as_ref(), now)?;
            line.set_result(Some(number), FileResult::Done);
            return Ok(());
        }
        HandedOver::TakenBy(taker) => {
            // what belongs to nobody at all may yet be given to its host by hand
            if let Some(somebody) = &taker {
                ledger.adopted(run, orphan, somebody, None, now)?;
            }
            line.item.owner = taker;
            Some(Reason::OwnerChanged)
        }
        HandedOver::NotOurs => Some(Reason::NotOurs),
        HandedOver::Frozen => {
            ledger.keep(orphan, Some(Reason::Frozen))?;
            tell_of_frozen(&orphan.segment, orphan.copy.entry_id.as_ref());
            Some(Reason::Frozen)
        }
        HandedOver::NoAccount => None,
        // it may be restored, and is handed over then
        HandedOver::Recycled => Some(Reason::DeletedInKaltura),
        HandedOver::Gone => {
            ledger.bury(run, orphan.copy.row, now)?;
            line.change_file(number, Action::Skip, Some(Reason::DeletedInKaltura));
            return Ok(());
        }
    };
    line.change_file(number, Action::Done, as_it_was);
    Ok(())
}
