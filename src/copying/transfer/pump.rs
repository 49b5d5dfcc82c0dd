//! One chunk: from Zoom's response straight into Kaltura's request, a few buffers in memory, nothing on disk.
//!
//! Where a transfer stands, by what Kaltura says of its upload token.

use std::io;

use bytes::Bytes;
use futures_util::stream;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::TransferError;
use super::job::{Job, TransferContext};
use crate::model::{FileCopy, TokenStatus, UploadTokenId};
use crate::progress::Gauge;
use crate::remotes::http::{RemoteError, RemoteKind, Service};
use crate::remotes::kaltura::{Chunk, UploadToken};
use crate::remotes::zoom::Download;

/// Buffers between the two sides, each as large as what one read from Zoom gave: up to 400 KiB. Both sides have some of
/// their own, so that more than one would only take memory.
const BUFFERS: usize = 1;

/// Sends `chunk` with the next bytes of `download`. A fault of the source is reported as such, not as the broken upload
/// that follows from it.
pub(super) async fn send_chunk(
    context: TransferContext<'_>,
    job: &Job<'_>,
    gauge: &dyn Gauge,
    token: &UploadTokenId,
    chunk: Chunk,
    download: &mut Download,
) -> Result<UploadToken, TransferError> {
    let (sender, receiver) = channel(BUFFERS);
    let body = reqwest::Body::wrap_stream(stream::unfold((receiver, chunk.bytes), next_part));
    let mut upload = std::pin::pin!(context.systems.kaltura.send_chunk(token, chunk, body));
    let mut feed = std::pin::pin!(feed_chunk(context, job, gauge, sender, chunk, download));
    tokio::select! {
        // an answer before the last byte is a refusal: nothing more needs to be read
        answer = &mut upload => return Ok(answer?),
        passed_on = &mut feed => passed_on?,
    }
    if chunk.last {
        job.give_slot_back();
    }
    match tokio::time::timeout(context.tuning.stall, upload).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(stalled_transfer("did not answer the chunk in time").into()),
    }
}

/// The next part of the body. One that ends before its announced length must break the request: ended in good order, a
/// server could take what has come for all there is.
async fn next_part(
    (mut receiver, left): (Receiver<Bytes>, u64),
) -> Option<(Result<Bytes, io::Error>, (Receiver<Bytes>, u64))> {
    match receiver.recv().await {
        Some(part) => {
            let left = left.saturating_sub(part.len() as u64);
            Some((Ok(part), (receiver, left)))
        }
        None if left == 0 => None,
        None => Some((Err(io::ErrorKind::UnexpectedEof.into()), (receiver, left))),
    }
}

/// Passes on exactly as many bytes as the chunk announces.
async fn feed_chunk(
    context: TransferContext<'_>,
    job: &Job<'_>,
    gauge: &dyn Gauge,
    sender: Sender<Bytes>,
    chunk: Chunk,
    download: &mut Download,
) -> Result<(), TransferError> {
    let mut left = chunk.bytes;
    while left > 0 {
        if chunk.last {
            job.note_left(left);
        }
        let part = match download.next(left).await {
            Ok(Some(part)) => part,
            Ok(None) => return Err(TransferError::Recording("Zoom: the download is shorter than listed".to_owned())),
            Err(error) => return Err(error.into()),
        };
        left -= part.len() as u64;
        if chunk.last && left == 0 {
            // the last bytes are held back until it is sure that nothing follows them
            download.end().await?;
        }
        if let Some(bandwidth) = &context.tuning.bandwidth {
            bandwidth.admit_bytes(part.len() as u64).await;
        }
        let taken = async {
            if sender.send(part).await.is_err() {
                // the request has ended: its own answer says why
                std::future::pending::<()>().await;
            }
        };
        if tokio::time::timeout(context.tuning.stall, taken).await.is_err() {
            return Err(stalled_transfer("takes no more bytes").into());
        }
        gauge.at(chunk.at + chunk.bytes - left);
    }
    Ok(())
}

fn stalled_transfer(what: &str) -> RemoteError {
    RemoteError::new(Service::Kaltura, RemoteKind::TimedOut, format!("Kaltura {what}"))
}

/// Where a transfer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// So many bytes are there, and more are taken.
    At(u64),
    /// All bytes are there.
    End,
    /// It was closed with another size.
    Wrong,
    /// The token leads nowhere any more.
    Nowhere,
}

/// Where Kaltura says that it stands.
pub(super) async fn ask_position(
    context: TransferContext<'_>,
    copy: &FileCopy,
    token: &UploadTokenId,
) -> Result<Position, TransferError> {
    match context.systems.kaltura.token(token).await {
        Ok(known) => Ok(position_of_token(copy, &known)),
        Err(error) if error.kind == RemoteKind::NotFound => Ok(Position::Nowhere),
        Err(error) => Err(error.into()),
    }
}

/// The same by what it said of the token.
pub(super) fn position_of_token(copy: &FileCopy, token: &UploadToken) -> Position {
    match token.status {
        TokenStatus::Closed if token.uploaded == copy.bytes => Position::End,
        TokenStatus::Closed => Position::Wrong,
        // all bytes may be there without the final request having been carried out: it needs a byte to be sent again
        TokenStatus::Open if token.uploaded <= copy.bytes => Position::At(token.uploaded.min(copy.bytes - 1)),
        _ => Position::Nowhere,
    }
}
