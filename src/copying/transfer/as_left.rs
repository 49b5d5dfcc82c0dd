//! Attachments that are in Kaltura as this program left them: what people changed is theirs.
//!
//! Kaltura moves the time of an asset with every change of its content or of its name (facts-kaltura.md#k39).

use std::sync::Arc;

use super::TransferError;
use super::job::{Job, TransferContext, now};
use crate::model::{CopyState, FileCopy, Role, TextAsset};

/// Whether the asset is as this program left it when it made this copy.
pub(super) fn is_as_left(asset: &TextAsset, copy: &FileCopy) -> bool {
    let ours = copy.confirmed.filter(|_| copy.by_kaltura && copy.state == CopyState::Done);
    ours.is_some() && ours == asset.changed && asset.bytes == copy.bytes && copy.role == Role::Attachment
}

/// Whether Zoom still lists its file.
pub(super) fn is_listed(job: &Job<'_>, copy: &FileCopy) -> bool {
    job.segment.files.iter().any(|file| file.id == copy.file_id)
}

/// The attachments that were made of other files of the recording of the same type, oldest first.
pub(super) fn list_other_attachments(
    context: TransferContext<'_>,
    job: &Job<'_>,
) -> Result<Vec<FileCopy>, TransferError> {
    if job.place.role() != Role::Attachment {
        return Ok(Vec::new());
    }
    let tracked = context.systems.ledger.read_segment(&job.segment.key())?;
    let is_other = |copy: &&Arc<FileCopy>| {
        let is_copied = copy.role == Role::Attachment && copy.state == CopyState::Done;
        is_copied && copy.file_id != job.file.id && copy.file_type == job.file.file_type
    };
    let copies = tracked.iter().flat_map(|tracked| &tracked.copies).filter(is_other);
    let mut copies: Vec<FileCopy> = copies.map(|copy| FileCopy::clone(copy)).collect();
    copies.sort_by_key(|copy| copy.row);
    Ok(copies)
}

/// The copy of a file that Zoom lists no more, in whose place Zoom made the file of `job`, where `asset` has its content:
/// rather one that is as this program left it.
pub(super) fn find_replaced_copy(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
    asset: &TextAsset,
) -> Result<Option<FileCopy>, TransferError> {
    if copy.asked > 0 || asset.bytes == 0 {
        return Ok(None);
    }
    let gone = list_other_attachments(context, job)?.into_iter().filter(|other| !is_listed(job, other));
    Ok(gone.min_by_key(|other| (!is_as_left(asset, other), other.row)))
}

/// Its content is no longer there, or another's.
pub(super) fn forget_replaced_copy(
    context: TransferContext<'_>,
    replaced: Option<&FileCopy>,
) -> Result<(), TransferError> {
    match replaced {
        Some(replaced) => Ok(context.systems.ledger.bury(context.run, replaced.row, now())?),
        None => Ok(()),
    }
}

/// An attachment that has its content. What was asked for twice may still come late, and is looked for.
pub(super) fn settle_request(copy: FileCopy) -> FileCopy {
    let attach_sent = copy.attach_sent.filter(|_| copy.asked > 1);
    FileCopy { attach_sent, ..copy }
}
