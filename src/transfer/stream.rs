//! The bytes: chunk by chunk, going on after every fault from what Kaltura itself has.

use super::TransferError;
use super::attach::token_of;
use super::job::{Job, Tools};
use super::pump::send;
use crate::http::{RemoteError, RemoteKind, Service};
use crate::kaltura::{Chunk, TokenStatus, UploadToken};
use crate::model::{EntryStatus, FileCopy, UploadTokenId};
use crate::zoom::Download;

/// Sends what Kaltura does not have yet. `opened` is a download that stands at the beginning.
pub(super) async fn stream(
    tools: Tools<'_>,
    job: &Job<'_>,
    url: &str,
    copy: &FileCopy,
    mut opened: Option<Download>,
) -> Result<(), TransferError> {
    let token = token_of(copy)?;
    // a token that was just made holds nothing; of any other only Kaltura knows
    let mut at = if opened.is_some() { Some(0) } else { None };
    let mut pauses = tools.tuning.retry.pauses();
    loop {
        let from = match at {
            Some(at) => at,
            None => match position(tools, copy, &token).await? {
                Position::At(at) => at,
                Position::End => return Ok(()),
            },
        };
        job.gauge.at(from);
        let mut reached = from;
        let error = match sweep(tools, job, url, copy, &token, &mut reached, opened.take()).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if reached > from {
            pauses = tools.tuning.retry.pauses();
        }
        let pause = if is_passing(&error) { pauses.next() } else { None };
        let Some(pause) = pause else {
            return Err(error);
        };
        tracing::debug!(%error, at = reached, "the transfer goes on after a pause");
        tokio::time::sleep(pause).await;
        at = None;
    }
}

/// A session that expired in mid-transfer is renewed by the next call.
fn is_passing(error: &TransferError) -> bool {
    match error {
        TransferError::Remote(error) => error.is_passing() || error.kind == RemoteKind::Expired,
        _ => false,
    }
}

/// From `reached` to the end, as long as nothing goes wrong; `reached` tells how far it came.
async fn sweep(
    tools: Tools<'_>,
    job: &Job<'_>,
    url: &str,
    copy: &FileCopy,
    token: &UploadTokenId,
    reached: &mut u64,
    opened: Option<Download>,
) -> Result<(), TransferError> {
    let mut download = match opened {
        Some(download) => download,
        None => tools.zoom.open_media(url, copy.bytes, *reached).await?,
    };
    loop {
        let bytes = (copy.bytes - *reached).min(tools.tuning.chunk_bytes);
        let chunk = Chunk { at: *reached, bytes, last: *reached + bytes == copy.bytes };
        let answer = send(tools, job.gauge, token, chunk, &mut download).await?;
        match place(copy, &answer) {
            Some(Position::End) => return Ok(()),
            Some(Position::At(at)) if at == chunk.at + bytes && !chunk.last => *reached = at,
            Some(Position::At(at)) => {
                let message = format!("Kaltura has {at} bytes after {} were sent", chunk.at + bytes);
                return Err(RemoteError::new(Service::Kaltura, RemoteKind::Broken, message).into());
            }
            None => return Err(why_not_taken(tools, copy, &answer).await?),
        }
    }
}

/// Where a transfer stands.
enum Position {
    At(u64),
    End,
}

/// Where Kaltura says that it stands.
async fn position(tools: Tools<'_>, copy: &FileCopy, token: &UploadTokenId) -> Result<Position, TransferError> {
    let known = tools.kaltura.token(token).await?;
    match place(copy, &known) {
        Some(position) => Ok(position),
        None => Err(why_not_taken(tools, copy, &known).await?),
    }
}

/// `None` where the token leads nowhere any more.
fn place(copy: &FileCopy, token: &UploadToken) -> Option<Position> {
    match token.status {
        TokenStatus::Closed if token.uploaded == copy.bytes => Some(Position::End),
        // all bytes may be there without the final request having been carried out: it needs a byte to be sent again
        TokenStatus::Open if token.uploaded <= copy.bytes => Some(Position::At(token.uploaded.min(copy.bytes - 1))),
        _ => None,
    }
}

/// A full token that no entry took means that the entry was deleted meanwhile (recorded traffic).
async fn why_not_taken(tools: Tools<'_>, copy: &FileCopy, token: &UploadToken) -> Result<TransferError, TransferError> {
    if let Some(entry_id) = &copy.entry_id {
        let found = tools.kaltura.copied(std::slice::from_ref(entry_id)).await?.pop().flatten();
        if found.is_none_or(|found| found.entry.status == EntryStatus::Deleted) {
            return Ok(TransferError::Deleted);
        }
    }
    let message = format!(
        "Kaltura's upload token is {:?} with {} of {} bytes; nothing more can be sent by it",
        token.status, token.uploaded, copy.bytes
    );
    Ok(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message).into())
}
