//! A plan carried out, with all that comes before and after its copies, in the time that the run has.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::copying::apply::{ApplyContext, Outcome, apply_plan};
use crate::copying::plan::Plan;
use crate::copying::systems::Systems;
use crate::copying::transfer::TransferContext;
use crate::copying::{marks, replaced, rights, titles};
use crate::remotes::http::RemoteError;

/// Everything that a plan asks for: marks first, then the copies, then what follows from them.
pub(super) async fn carry_out_copying(
    plan: Plan,
    trouble: Vec<RemoteError>,
    context: ApplyContext<'_>,
    rights: rights::RightsContext<'_>,
    moved: bool,
) -> Outcome {
    let TransferContext { systems: Systems { kaltura, ledger, .. }, run, .. } = context.transfer;
    let trouble = match marks::give_marks(kaltura, ledger, run, context.cancel).await {
        Ok(given) => {
            if given.entries > 0 {
                tracing::info!(entries = given.entries, "gave entries their missing mark (referenceId)");
            }
            trouble.into_iter().chain(given.trouble).collect()
        }
        Err(error) => return Outcome { broken: Some(error), ..Outcome::of_plan(plan, trouble) },
    };
    let mut outcome = apply_plan(plan, trouble, context).await;
    if outcome.broken.is_none() && !moved {
        match replaced::remove_replaced(kaltura, ledger, run, context.cancel).await {
            Ok(trouble) => outcome.trouble.extend(trouble),
            Err(error) => outcome.broken = Some(error),
        }
    }
    if outcome.broken.is_none() {
        let items = outcome.lines.iter().map(|line| &line.item);
        match titles::follow_renames(items, context.transfer, context.cancel).await {
            Ok(trouble) => outcome.trouble.extend(trouble),
            Err(error) => outcome.broken = Some(error),
        }
    }
    if outcome.broken.is_none() {
        match rights::give_rights(rights).await {
            Ok(trouble) => outcome.trouble.extend(trouble),
            Err(error) => outcome.broken = Some(error),
        }
    }
    outcome
}

/// What was begun when its time is over comes to an orderly end.
pub(super) async fn run_within(
    left: Option<Duration>,
    cancel: &CancellationToken,
    applied: impl Future<Output = Outcome>,
) -> Outcome {
    let mut applied = std::pin::pin!(applied);
    let Some(left) = left else {
        return applied.await;
    };
    tokio::select! {
        outcome = &mut applied => outcome,
        () = tokio::time::sleep(left) => {
            cancel.cancel();
            applied.await
        }
    }
}
