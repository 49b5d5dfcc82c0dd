//! Entries and texts that Kaltura made late: asked for, not answered, and made when they had been asked for anew. Nothing
//! fills them any more.

use chrono::{TimeDelta, Utc};

use super::ApplyContext;
use crate::http::RemoteError;
use crate::ledger::LedgerError;
use crate::model::{CopyState, FileCopy, Role, Tracked};
use crate::transfer;

/// So long after something was asked for it is looked for what came late.
const FOR_A_DAY: TimeDelta = TimeDelta::days(1);

/// Deletes them, of all that was asked for within a day. What cannot be looked for is looked for by the next run.
pub(super) async fn remove_late_copies(
    trouble: &mut Vec<RemoteError>,
    means: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    // what looks left over may be what the other machine is at work on
    if means.tools.kaltura.installation().moved || means.cancel.is_cancelled() {
        return Ok(());
    }
    for tracked in means.tools.ledger.in_doubt(Utc::now() - FOR_A_DAY)? {
        for copy in tracked.copies.iter().filter(|copy| may_have_come_late(copy)) {
            let removed = tokio::select! {
                removed = remove_late_of(&tracked, copy, means) => removed,
                () = means.cancel.cancelled() => return Ok(()),
            };
            match removed {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "what was made late, and is empty, was deleted"),
                Err(error) => {
                    trouble.push(error);
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

async fn remove_late_of(tracked: &Tracked, copy: &FileCopy, means: ApplyContext<'_>) -> Result<usize, RemoteError> {
    let kaltura = means.tools.kaltura;
    if !copy.role.is_entry() {
        return transfer::remove_late_texts(kaltura, copy).await;
    }
    let parent = tracked.parent().and_then(|parent| parent.entry_id.as_ref()).filter(|_| copy.role == Role::Child);
    if copy.role == Role::Child && parent.is_none() {
        return Ok(0);
    }
    transfer::remove_late_entries(kaltura, tracked, parent, &copy.mark(&tracked.segment.key())).await
}

fn may_have_come_late(copy: &FileCopy) -> bool {
    use CopyState::{Broken, Deleted, Done, New, Sent};
    copy.asked > 1 && matches!(copy.state, New | Sent | Done | Broken | Deleted)
}
