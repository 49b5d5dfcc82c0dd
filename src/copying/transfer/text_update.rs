//! Attachments of files that Zoom replaced after they were copied: what people changed in Kaltura stays as they made it.

use std::iter;

use super::TransferError;
use super::as_left::{is_as_left, list_other_attachments, settle_request};
use super::job::{Job, TransferContext, advance_copy, now};
use super::parent::parent_entry_id;
use super::text::{earlier_alike, fill_asset, name_text, read_text_file, those_there};
use crate::model::{CopyState, FileCopy, TextAsset, TextState, xml_text};
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
    let known = job.with_size(copy.clone(), copy.bytes);
    let Text::Whole(whole) = &read else {
        // what Zoom had before is better than nothing
        return settle_updated(context, known).await;
    };
    let text = &xml_text(whole);
    let wanted = FileCopy { bytes: text.len() as u64, ..known.clone() };
    let (own, others) = (earlier_alike(context, job, &copy)?, list_other_attachments(context, job)?);
    // its number is not that of today where files before it are gone
    for number in iter::once(own).chain(0..=others.len()) {
        let name = name_text(context, job, number, &read)?;
        let there = those_there(context, parent, &name).await?;
        let is_others = |asset: &TextAsset| others.iter().any(|other| is_as_left(asset, other));
        // two of one size and second cannot be told apart
        let is_own = |asset: &&TextAsset| is_as_left(asset, &copy) && (number == own || !is_others(asset));
        if let Some(asset) = there.iter().find(is_own) {
            context.systems.ledger.ask_for_update(&copy, now())?;
            let filled = fill_asset(context, parent, &name, &wanted, asset, text, true).await?;
            return match filled.state {
                TextState::Refused => settle_updated(context, known).await,
                _ => settle_updated(context, wanted.confirmed_at(filled.changed)).await,
            };
        }
        // an earlier run wrote it, and ended before it could write that down; where none was about to, people did
        let is_written = |asset: &&TextAsset| asset.bytes == wanted.bytes && !is_others(asset);
        if let Some(asset) = there.iter().find(is_written).filter(|_| is_update_asked(&copy)) {
            return settle_updated(context, wanted.confirmed_at(asset.changed)).await;
        }
    }
    let entry_id = parent_entry_id(parent)?;
    tracing::info!(%entry_id, "Zoom replaced a file whose attachment people changed or deleted in Kaltura; it stays as it is");
    settle_updated(context, FileCopy { by_kaltura: false, ..known }).await
}

/// Whether an earlier run was about to ask for other content. Of what was asked for twice when it was made, that is not known.
fn is_update_asked(copy: &FileCopy) -> bool {
    copy.attach_sent.is_some()
}

/// Nothing is asked for any more, and what failed before counts no more.
async fn settle_updated(context: TransferContext<'_>, copy: FileCopy) -> Result<FileCopy, TransferError> {
    let copy = FileCopy { attempts: 0, ..settle_request(copy) };
    let copy = advance_copy(context, CopyState::Done, copy).await?;
    context.systems.ledger.forgive(&copy)?;
    Ok(copy)
}
