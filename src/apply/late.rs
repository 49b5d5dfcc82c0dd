//! Entries that Kaltura made late: asked for, not answered, and made when their file had been claimed anew. They have no
//! upload token that could fill them.

use chrono::{TimeDelta, Utc};

use super::Means;
use crate::http::RemoteError;
use crate::ledger::LedgerError;
use crate::model::{CopyState, FileCopy, Role};
use crate::transfer;

/// So long after an entry was asked for it is looked for one that came late.
const FOR_A_DAY: TimeDelta = TimeDelta::days(1);

/// Deletes them, of all that was asked for within a day. What cannot be looked for is looked for by the next run.
pub(super) async fn remove_late(trouble: &mut Vec<RemoteError>, means: Means<'_>) -> Result<(), LedgerError> {
    // what looks left over may be what the other machine is at work on
    if means.tools.kaltura.installation().moved || means.cancel.is_cancelled() {
        return Ok(());
    }
    for tracked in means.tools.ledger.in_doubt(Utc::now() - FOR_A_DAY)? {
        for copy in tracked.copies.iter().filter(|copy| may_have_come_late(copy)) {
            let parent = tracked.parent().and_then(|parent| parent.entry_id.clone());
            let parent = if copy.role == Role::Child { parent } else { None };
            if copy.role == Role::Child && parent.is_none() {
                continue;
            }
            let mark = copy.mark(&tracked.segment.key());
            let removed = tokio::select! {
                removed = transfer::remove_late(means.tools.kaltura, &tracked, parent.as_ref(), &mark) => removed,
                () = means.cancel.cancelled() => return Ok(()),
            };
            match removed {
                Ok(0) => {}
                Ok(entries) => tracing::info!(entries, "entries that were made late were deleted"),
                Err(error) => {
                    trouble.push(error);
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

fn may_have_come_late(copy: &FileCopy) -> bool {
    use CopyState::{Broken, Deleted, Done, New, Sent};
    copy.role.is_entry() && copy.asked > 1 && matches!(copy.state, New | Sent | Done | Broken | Deleted)
}
