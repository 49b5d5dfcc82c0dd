//! Attachments that are in Kaltura as this program left them: what people changed is theirs.
//!
//! Kaltura moves the time of an asset with every change of its content or of its name (facts-kaltura.md#k39).

use super::TransferError;
use super::job::{Job, TransferContext, now};
use crate::model::{CopyState, FileCopy, Role, TextAsset};

/// Whether the asset is as this program left it when it made this copy.
pub(super) fn is_as_left(asset: &TextAsset, copy: &FileCopy) -> bool {
    let ours = copy.confirmed.filter(|_| copy.by_kaltura && copy.state == CopyState::Done);
    ours.is_some() && ours == asset.changed && asset.bytes == copy.bytes && copy.role == Role::Attachment
}

/// The copy of a file that Zoom lists no more, whose content `asset` has as this program left it: Zoom made the file of `job`
/// in its place.
pub(super) fn find_replaced_copy(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
    asset: &TextAsset,
) -> Result<Option<FileCopy>, TransferError> {
    if copy.asked > 0 || asset.bytes == 0 {
        return Ok(None);
    }
    let tracked = context.systems.ledger.read_segment(&job.segment.key())?;
    let is_listed = |other: &FileCopy| job.segment.files.iter().any(|file| file.id == other.file_id);
    let mut others = tracked.iter().flat_map(|tracked| &tracked.copies);
    Ok(others.find(|other| !is_listed(other) && is_as_left(asset, other)).map(|other| FileCopy::clone(other)))
}

/// Its content is no longer there.
pub(super) fn forget_replaced_copy(
    context: TransferContext<'_>,
    replaced: Option<&FileCopy>,
) -> Result<(), TransferError> {
    match replaced {
        Some(replaced) => Ok(context.systems.ledger.bury(context.run, replaced.row, now())?),
        None => Ok(()),
    }
}
