//! The story of one transfer.

use super::attach::attach;
use super::caption::add_captions;
use super::job::{Job, Place, Tools, advance};
use super::stream::stream;
use super::{TransferError, Wording};
use crate::model::{CopyState, FileCopy};
use crate::zoom::Download;

/// Brings `copy` from wherever it stands to where all bytes are in Kaltura and its token is closed; captions to where
/// they are shown.
pub async fn transfer(tools: Tools<'_>, job: &Job<'_>, copy: FileCopy) -> Result<FileCopy, TransferError> {
    let Some(url) = &job.file.download_url else {
        return Err(TransferError::Recording("Zoom lists no address of the file".to_owned()));
    };
    match (job.place, job.file.bytes) {
        (Place::Caption(parent), _) => add_captions(tools, job, url, parent, copy).await,
        (_, Some(bytes)) => make_entry(tools, job, url, bytes, copy).await,
        (_, None) => Err(TransferError::Recording("Zoom does not list the size of the file".to_owned())),
    }
}

async fn make_entry(
    tools: Tools<'_>,
    job: &Job<'_>,
    url: &str,
    bytes: u64,
    mut copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    let mut opened: Option<Download> = None;
    if !matches!(copy.state, CopyState::Attaching | CopyState::Attached) {
        // nothing is made in Kaltura for a download that turns out to be a page or an error
        opened = Some(tools.zoom.open_media(url, bytes, 0).await?);
        copy = reserve(tools, copy, job, bytes).await?;
    }
    if matches!(copy.state, CopyState::Reserved | CopyState::Attaching) {
        copy = attach(tools, job, copy).await?;
    }
    if copy.state == CopyState::Sent {
        return Ok(copy);
    }
    stream(tools, job, url, &copy, opened).await?;
    let sent = FileCopy { state: CopyState::Sent, ..copy };
    advance(tools, CopyState::Attached, sent)
}

/// An unused token of an earlier run is left to be forgotten by Kaltura: it may be too old to be used.
async fn reserve(tools: Tools<'_>, copy: FileCopy, job: &Job<'_>, bytes: u64) -> Result<FileCopy, TransferError> {
    let token = tools.kaltura.add_token(&Wording::file_name(job.segment, job.file), bytes).await?;
    let from = copy.state;
    if matches!(from, CopyState::Deleted | CopyState::Purged) && matches!(job.place, Place::Parent(_)) {
        tools.ledger.begin_anew(&copy)?;
    }
    let reserved = FileCopy {
        state: CopyState::Reserved,
        role: job.place.role(),
        token: Some(token.id),
        attach_sent: None,
        entry_id: None,
        bytes,
        lasted: job.file.lasted,
        ..copy
    };
    advance(tools, from, reserved)
}
