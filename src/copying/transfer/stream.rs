//! The bytes: chunk by chunk, going on after every fault from what Kaltura itself has.

use std::sync::atomic::Ordering;

use super::TransferError;
use super::attach::copy_token;
use super::job::{Job, TransferContext};
use super::leftovers::find_existing_entry;
use super::parts::{EDGE, MediaUpload, is_worth_it, send_the_rest};
use super::pump::{Position, ask_position, position_of_token, send_chunk};
use crate::model::FileCopy;
use crate::remotes::http::{Meaning, RemoteError, RemoteKind, Service};
use crate::remotes::kaltura::Chunk;
use crate::remotes::zoom::{Download, Source};

/// What came of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Streamed {
    /// All bytes are in Kaltura.
    Whole,
    /// Nothing more can be sent by the token; its entry still waits for content.
    TokenLost,
    /// The token has been closed with other bytes than those of the recording.
    Wrong,
    /// Zoom has another content there by now than the one of which Kaltura has the beginning.
    OtherContent,
}

/// Sends what Kaltura does not have yet. `opened` is a download that stands at the beginning. In several parts at a time only
/// where that may help: servers of one name may disagree on what tells a content.
pub(super) async fn stream_file(
    context: TransferContext<'_>,
    job: &Job<'_>,
    source: Source<'_>,
    copy: &FileCopy,
    mut opened: Option<Download>,
    mut may_split: bool,
) -> Result<Streamed, TransferError> {
    let token = copy_token(copy)?;
    let source = Source { content: copy.validator.as_ref(), ..source };
    // a token that was just made holds nothing; of any other only Kaltura knows
    let mut at = if opened.is_some() { Some(0) } else { None };
    let mut pauses = context.tuning.retry.pauses();
    loop {
        let from = match at {
            Some(at) => at,
            None => match ask_position(context, copy, &token).await? {
                Position::At(at) => at,
                Position::End => return Ok(Streamed::Whole),
                Position::Wrong => return Ok(Streamed::Wrong),
                Position::Nowhere => return nowhere_error(context, copy).await,
            },
        };
        job.gauge.at(from);
        job.take_slot_again().await;
        let mut reached = from;
        let could_split = may_split;
        let upload = MediaUpload { source, copy, token: &token };
        let error = match sweep_up(context, job, upload, &mut reached, opened.take(), &mut may_split).await {
            Ok(Position::End) => return Ok(Streamed::Whole),
            Ok(Position::Wrong) => return Ok(Streamed::Wrong),
            Ok(Position::Nowhere) => return nowhere_error(context, copy).await,
            Ok(Position::At(at)) => sent_in_vain(at, copy.bytes),
            Err(TransferError::OtherContent) => return Ok(Streamed::OtherContent),
            Err(error) => error,
        };
        if classify_break(&error, Meaning::TokenTooOld) {
            return nowhere_error(context, copy).await;
        }
        if reached > from {
            job.moved.store(true, Ordering::Relaxed);
            pauses = context.tuning.retry.pauses();
        }
        let pause = if could_split && !may_split {
            // that parts are not available, or are too many at a time for a server, says nothing of the whole
            if !is_passing(&error) {
                context.tuning.slots.count_refusal();
            }
            pauses.next().unwrap_or_default()
        } else if let Some(pause) = pauses.next().filter(|_| is_passing(&error)) {
            pause
        } else {
            return Err(error);
        };
        tracing::debug!(%error, bytes = reached, "the transfer resumes after a pause");
        tokio::time::sleep(pause).await;
        at = None;
    }
}

/// A session that expired in mid-transfer is renewed by the next call.
fn is_passing(error: &TransferError) -> bool {
    match error {
        TransferError::Remote(remote) => {
            remote.is_passing() || remote.kind == RemoteKind::Expired || classify_break(error, Meaning::AskTheToken)
        }
        TransferError::OtherSize { may_be_cut, .. } => *may_be_cut,
        _ => false,
    }
}

fn classify_break(error: &TransferError, meaning: Meaning) -> bool {
    matches!(error, TransferError::Remote(error) if error.means(meaning))
}

/// From `reached` to the end, as long as nothing goes wrong; `reached` tells how far it came. In several parts at a time
/// from where slots are free, which is tried once.
async fn sweep_up(
    context: TransferContext<'_>,
    job: &Job<'_>,
    upload: MediaUpload<'_>,
    reached: &mut u64,
    opened: Option<Download>,
    may_split: &mut bool,
) -> Result<Position, TransferError> {
    let MediaUpload { source, copy, token } = upload;
    let mut download = match opened {
        Some(download) => download,
        None => context.systems.zoom.open_media(source, copy.bytes, *reached).await?,
    };
    loop {
        let left = copy.bytes - *reached;
        let splits = *may_split && is_worth_it(context, left);
        if splits && *reached > 0 {
            *may_split = false;
            return send_the_rest(context, job, upload, *reached, download).await;
        }
        let bytes = left.min(if splits { EDGE } else { context.tuning.chunk_bytes });
        let chunk = Chunk { at: *reached, bytes, last: *reached + bytes == copy.bytes };
        let answer = send_chunk(context, job, job.gauge, token, chunk, &mut download).await?;
        match position_of_token(copy, &answer) {
            Position::At(at) if at == chunk.at + bytes && !chunk.last => *reached = at,
            // with what came early before, Kaltura has more by now
            Position::At(at) if at > chunk.at + bytes => {
                *reached = at;
                download = context.systems.zoom.open_media(source, copy.bytes, at).await?;
            }
            Position::At(at) => return Err(sent_in_vain(at, chunk.at + bytes)),
            end => return Ok(end),
        }
    }
}

fn sent_in_vain(has: u64, sent: u64) -> TransferError {
    let message = format!("Kaltura has {has} bytes after {sent} were sent");
    RemoteError::new(Service::Kaltura, RemoteKind::Broken, message).into()
}

/// What the entry says when its token leads nowhere: a full token that no entry took means that the entry was deleted
/// meanwhile (facts-kaltura.md#k40), and content that is there is not sent again.
async fn nowhere_error(context: TransferContext<'_>, copy: &FileCopy) -> Result<Streamed, TransferError> {
    let entry_id = copy.entry_id.as_ref().ok_or(TransferError::Deleted)?;
    match find_existing_entry(context.systems.kaltura, entry_id).await? {
        None => Err(TransferError::Deleted),
        // people may have put something else there: that is for the confirmation to see
        Some(found) if found.source_bytes > 0 => Ok(Streamed::Whole),
        Some(_) => Ok(Streamed::TokenLost),
    }
}
