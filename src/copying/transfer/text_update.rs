//! Attachments of files that Zoom replaced after they were copied: what people changed in Kaltura stays as they made it.

use super::TransferError;
use super::as_left::is_as_left;
use super::job::{Job, TransferContext, advance_copy};
use super::parent::parent_entry_id;
use super::text::{fill_asset, name_text, read_text_file, those_there};
use crate::model::{CopyState, FileCopy, TextState, xml_text};
use crate::remotes::zoom::{Source, Text};

/// Brings an attachment that was copied up to what Zoom has now. What came of it shows in whether the copy is still
/// confirmed by Kaltura's clock: where it is not, people changed or deleted it.
pub(super) async fn update_attachment(
    context: TransferContext<'_>,
    job: &Job<'_>,
    source: Source<'_>,
    parent: &FileCopy,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    let read = read_text_file(context, job, source, &copy).await?;
    let name = name_text(context, job, &copy, &read)?;
    let known = job.with_size(copy.clone(), copy.bytes);
    let Text::Whole(text) = read else {
        // what Zoom had before is better than nothing
        return settle_updated(context, known).await;
    };
    let text = xml_text(&text);
    let there = those_there(context, parent, &name).await?;
    let wanted = FileCopy { bytes: text.len() as u64, ..known.clone() };
    if let Some(asset) = there.iter().find(|asset| is_as_left(asset, &copy)) {
        let filled = fill_asset(context, parent, &name, &wanted, asset, &text, true).await?;
        if filled.state == TextState::Refused {
            return settle_updated(context, known).await;
        }
        return settle_updated(context, wanted.confirmed_at(filled.changed)).await;
    }
    // an earlier run wrote it, and ended before it could write that down
    if let Some(asset) = there.iter().find(|asset| asset.bytes == wanted.bytes) {
        return settle_updated(context, wanted.confirmed_at(asset.changed)).await;
    }
    let entry_id = parent_entry_id(parent)?;
    tracing::info!(%entry_id, "Zoom replaced a file whose attachment people changed or deleted in Kaltura; it stays as it is");
    settle_updated(context, FileCopy { by_kaltura: false, ..known }).await
}

async fn settle_updated(context: TransferContext<'_>, copy: FileCopy) -> Result<FileCopy, TransferError> {
    advance_copy(context, CopyState::Done, copy).await
}
