//! Captions of Kaltura's own, kept off copies that have Zoom's: nobody wants both.

use super::TransferError;
use super::job::{BlockAutoCaptions, Job, TransferContext};
use super::parent::parent_entry_id;
use crate::model::{FileCopy, Role};
use crate::remotes::http::RemoteKind;

/// Blocks Kaltura's own captions of an entry to which Zoom's are about to be added, and of its children. Zoom's matter more: where
/// Kaltura refuses or does not keep it, they are added all the same.
pub(super) async fn block_beside_captions(
    context: TransferContext<'_>,
    job: &Job<'_>,
    parent: &FileCopy,
) -> Result<(), TransferError> {
    if job.place.role() != Role::Caption || context.tuning.auto_captions == BlockAutoCaptions::Never {
        return Ok(());
    }
    let entry_id = parent_entry_id(parent)?;
    let advice = "Kaltura may add captions of its own beside Zoom's; look at the entry in the KMC";
    match context.systems.kaltura.block_auto_captions(entry_id).await {
        Ok(not_kept) => {
            for entry_id in not_kept {
                tracing::warn!(%entry_id, "Kaltura did not keep blockAutoTranscript: {advice}");
            }
        }
        Err(error) if matches!(error.kind, RemoteKind::Refused | RemoteKind::Rejected | RemoteKind::NotFound) => {
            tracing::warn!(%entry_id, "{error}; {advice}");
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
