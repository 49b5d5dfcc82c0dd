//! The story of one transfer.

use super::TransferError;
use super::attach::attach;
use super::job::{Job, Tools, advance};
use super::stream::stream;
use crate::model::{CopyState, FileCopy};
use crate::zoom::Download;

/// Brings `copy` from wherever it stands to where all bytes are in Kaltura and its token is closed.
pub async fn transfer(tools: Tools<'_>, job: &Job<'_>, mut copy: FileCopy) -> Result<FileCopy, TransferError> {
    let (Some(url), Some(bytes)) = (&job.file.download_url, job.file.bytes) else {
        return Err(TransferError::Recording("Zoom lists neither size nor address of the file".to_owned()));
    };
    let mut opened: Option<Download> = None;
    if !matches!(copy.state, CopyState::Attaching | CopyState::Attached) {
        // nothing is made in Kaltura for a download that turns out to be a page or an error
        opened = Some(tools.zoom.open_video(url, bytes, 0).await?);
        copy = reserve(tools, copy, job, bytes).await?;
    }
    if matches!(copy.state, CopyState::Reserved | CopyState::Attaching) {
        copy = attach(tools, job, copy).await?;
    }
    stream(tools, job, url, &copy, opened).await?;
    let sent = FileCopy { state: CopyState::Sent, ..copy };
    advance(tools, CopyState::Attached, sent)
}

/// An unused token of an earlier run is left to be forgotten by Kaltura: it may be too old to be used.
async fn reserve(tools: Tools<'_>, copy: FileCopy, job: &Job<'_>, bytes: u64) -> Result<FileCopy, TransferError> {
    let name = format!("{}.mp4", job.segment.started.format("%Y%m%dT%H%M%SZ"));
    let token = tools.kaltura.add_token(&name, bytes).await?;
    let from = copy.state;
    let reserved = FileCopy { state: CopyState::Reserved, token: Some(token.id), bytes, entry_id: None, ..copy };
    advance(tools, from, reserved)
}
