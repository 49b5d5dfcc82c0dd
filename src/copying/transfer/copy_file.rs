//! The story of one transfer.
//!
//! A token by which nothing more can be sent gives way to a new one, for the same entry.

use super::TransferError;
use super::attach::{ClaimOutcome, attach_entry, note_claimed, settle_attaching};
use super::job::{Job, TransferContext, TransferTarget, Way, advance_copy, note_sent, now, open_recording};
use super::leftovers::{begin_anew, entry_of_token, found_whole, look_at_token, make_room};
use super::pull::{Pulled, choose_way, pull_file, retire_entry, settle_doubt, was_to_be_pulled};
use super::stream::{Streamed, stream_file};
use super::text::add_text;
use super::text_update::update_attachment;
use crate::model::proof::Proof;
use crate::model::{CopyState, FileCopy};
use crate::remotes::zoom::{Download, Source};

/// Upload tokens that are used up for a file in one run.
const TOKENS: usize = 2;

/// Brings `copy` from wherever it stands to where all bytes are in Kaltura and its token is closed; a text to where it
/// is shown.
pub async fn transfer_file(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    let Some(source) = job.source() else {
        return Err(TransferError::Recording("Zoom lists no download address of the file".to_owned()));
    };
    match job.place {
        TransferTarget::Attachment(parent) if copy.state == CopyState::Done => {
            update_attachment(context, job, source, parent, copy).await
        }
        TransferTarget::Caption(parent) | TransferTarget::Attachment(parent) => {
            add_text(context, job, source, parent, copy).await
        }
        TransferTarget::Parent(_) | TransferTarget::Child(_) => make_entry(context, job, source, copy).await,
    }
}

/// Where the two ways part.
async fn make_entry(
    context: TransferContext<'_>,
    job: &Job<'_>,
    source: Source<'_>,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    if let Some(whole) = Box::pin(found_whole(context, job, &copy)).await? {
        return Ok(whole);
    }
    let copy = match choose_way(context, source, &copy) {
        Way::Stream => copy,
        Way::Pull => match pull_file(context, job, source, copy).await? {
            Pulled::ByKaltura(copy) => return Ok(copy),
            Pulled::NotByKaltura(copy) => copy,
        },
    };
    Box::pin(stream_through(context, job, source, copy)).await
}

async fn stream_through(
    context: TransferContext<'_>,
    job: &Job<'_>,
    source: Source<'_>,
    mut copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    let listed = job.file.bytes;
    let mut opened: Option<Download> = None;
    if was_to_be_pulled(&copy) {
        copy = settle_doubt(context, job, copy).await?;
        if copy.state == CopyState::Importing {
            return Ok(copy);
        }
        let (download, bytes) = open_recording(context, source, listed, &copy).await?;
        copy = renew_token(context, job, job.with_download(copy, &download, bytes)).await?;
        opened = Some(download);
    } else if !matches!(copy.state, CopyState::Attaching | CopyState::Attached) {
        let (download, bytes) = open_recording(context, source, listed, &copy).await?;
        job.note_left(bytes);
        // by the size that the download has: the list may have been wrong
        if let Some(fetched) = retire_entry(context, job, &job.with_size(copy.clone(), bytes)).await? {
            return Ok(fetched);
        }
        make_room(context, job, &copy).await?;
        copy = match reserve_token(context, job.with_download(copy, &download, bytes), job).await? {
            ClaimOutcome::Alone(reserved) => attach_entry(context, job, reserved).await?,
            ClaimOutcome::Found(found) => found,
        };
        opened = Some(download);
    } else if is_listed_otherwise(job, &copy) {
        let (download, bytes) = open_recording(context, source, listed, &copy).await?;
        copy = if bytes == copy.bytes && !job.lists_another_length(&copy) && !is_of_another(&download, &copy) {
            // the list has come to say what the downloads say
            advance_copy(context, copy.state, job.with_size(copy, bytes)).await?
        } else {
            renew_token(context, job, job.with_download(copy, &download, bytes)).await?
        };
    }
    if copy.state == CopyState::Attaching {
        copy = attach_entry(context, job, copy).await?;
    }
    let is_resumed = opened.is_none();
    for tokens in 1..=TOKENS {
        if copy.state != CopyState::Attached {
            return Ok(copy);
        }
        let streamed = stream_file(context, job, source, &copy, opened.take(), tokens == 1).await;
        if let Err(TransferError::OtherSize { announced, .. }) = streamed {
            context.systems.ledger.announced(&copy, announced)?;
        }
        match streamed? {
            Streamed::Whole => break,
            Streamed::Wrong => return Err(closed_wrong(context, copy).await?),
            Streamed::TokenLost if tokens < TOKENS => copy = renew_token(context, job, copy).await?,
            Streamed::TokenLost => {
                let message = "Kaltura lost two upload tokens of it in a row";
                return Err(TransferError::Recording(message.to_owned()));
            }
            Streamed::OtherContent if tokens < TOKENS => {
                job.take_slot_again().await;
                tracing::info!(meeting_uuid = %job.segment.meeting.uuid, "Zoom replaced the recording; its upload begins again");
                let (download, bytes) = open_recording(context, source, listed, &copy).await?;
                // the new content is written down together with the token that holds nothing of the old one
                copy = renew_token(context, job, job.with_download(copy, &download, bytes)).await?;
                opened = Some(download);
            }
            Streamed::OtherContent => return Err(TransferError::OtherContent),
        }
    }
    let entry_id =
        if is_resumed || copy.asked > 1 { entry_of_token(context, job, &copy).await? } else { copy.entry_id.clone() };
    // the one that was asked for is another then, and stays empty
    let asked = if entry_id == copy.entry_id { copy.asked } else { copy.asked.max(1) + 1 };
    note_sent(context, job, CopyState::Attached, FileCopy { asked, entry_id, ..copy }).await
}

/// Whether the list says anything of the file that it did not say when the copy was begun, or a download did not.
fn is_listed_otherwise(job: &Job<'_>, copy: &FileCopy) -> bool {
    job.lists_another_size(copy)
        || job.lists_another_length(copy)
        || copy.announced.is_some_and(|seen| seen != copy.bytes)
}

/// Whether what is opened is another content than what the copy was begun with, as far as either tells.
fn is_of_another(download: &Download, copy: &FileCopy) -> bool {
    let both = copy.validator.as_ref().zip(download.content());
    both.is_some_and(|(then, now)| then.is_comparable(now) && !then.is_same(now))
}

/// An entry with other bytes than those of the recording is no copy: the next try makes it anew.
async fn closed_wrong(context: TransferContext<'_>, copy: FileCopy) -> Result<TransferError, TransferError> {
    if let (Some(entry), Some(token)) = (&copy.entry_id, &copy.token) {
        // where Kaltura does not tell how many it took, the entry stays
        let taken = context.systems.kaltura.token_there(token).await?.map_or(0, |token| token.uploaded);
        context.systems.ledger.replace(&copy, entry, taken, now())?;
    }
    advance_copy(context, CopyState::Attached, FileCopy { state: CopyState::Broken, token: None, ..copy }).await?;
    let message = "Kaltura took other bytes than were sent; the next try makes a new entry";
    Ok(TransferError::Recording(message.to_owned()))
}

/// Room for the bytes, and the claim of the file. The token is written down together with the intent to ask for the entry:
/// one that is used for nothing is ended by whoever claims the file next, as is one of an earlier run, which may be too old to
/// be used.
async fn reserve_token(
    context: TransferContext<'_>,
    copy: FileCopy,
    job: &Job<'_>,
) -> Result<ClaimOutcome, TransferError> {
    let (role, lasted) = (job.place.role(), job.file.lasted);
    let claimed = note_claimed(context, job, FileCopy { role, lasted, ..copy.clone() }).await?;
    Ok(match claimed {
        ClaimOutcome::Alone(reserved) => {
            begin_anew(context, job, &copy);
            ClaimOutcome::Alone(FileCopy { attach_sent: None, entry_id: None, ..reserved })
        }
        found @ ClaimOutcome::Found(_) => found,
    })
}

/// Leaves the copy attached by a new token that holds nothing yet. Deleting the old one puts its entry back to where it
/// has no content (facts-kaltura.md#k20). `copy` may name another size than before.
pub(super) async fn renew_token(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    // what may have been made is found first
    let in_doubt = copy.state == CopyState::Attaching && copy.token.is_some();
    let copy = if in_doubt { settle_attaching(context, job, copy).await? } else { copy };
    let entry = look_at_token(context.systems.kaltura, copy.entry_id.as_ref()).await?;
    match Proof::token_of(&copy, entry.as_ref()) {
        // an entry may yet be made with it
        Some(proof) if in_doubt && copy.entry_id.is_none() => drop(context.systems.kaltura.end_token(proof).await?),
        None if copy.token.is_some() => {
            let message = "its entry already has content; the next run decides again";
            return Err(TransferError::Recording(message.to_owned()));
        }
        _ => {}
    }
    let from = copy.state;
    let copy = match note_claimed(context, job, copy).await? {
        ClaimOutcome::Alone(copy) => copy,
        ClaimOutcome::Found(copy) => return Ok(copy),
    };
    let state = if copy.entry_id.is_some() { CopyState::Attaching } else { CopyState::Reserved };
    let renewed = FileCopy { state, attach_sent: None, ..copy };
    attach_entry(context, job, advance_copy(context, from, renewed).await?).await
}
