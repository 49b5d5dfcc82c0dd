//! A token by which nothing more can be sent gives way to a new one, for the same entry.

use super::TransferError;
use super::attach::{ClaimOutcome, attach_entry, note_claimed, settle_attaching};
use super::job::{Job, TransferContext, advance_copy};
use super::remains::look_at_token;
use crate::model::{CopyState, FileCopy};
use crate::proof::Proof;

/// Leaves the copy attached by a new token that holds nothing yet. Deleting the old one puts its entry back to where it
/// has no content (recorded traffic). `copy` may name another size than before.
pub(super) async fn renew_token(
    tools: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    // what may have been made is found first
    let in_doubt = copy.state == CopyState::Attaching && copy.token.is_some();
    let copy = if in_doubt { settle_attaching(tools, job, copy).await? } else { copy };
    let entry = look_at_token(tools.kaltura, copy.entry_id.as_ref()).await?;
    match Proof::token_of(&copy, entry.as_ref()) {
        // an entry may yet be made with it
        Some(proof) if in_doubt && copy.entry_id.is_none() => drop(tools.kaltura.end_token(proof).await?),
        None if copy.token.is_some() => {
            let message = "its entry has content already; the next run decides anew";
            return Err(TransferError::Recording(message.to_owned()));
        }
        _ => {}
    }
    let from = copy.state;
    let copy = match note_claimed(tools, job, copy).await? {
        ClaimOutcome::Alone(copy) => copy,
        ClaimOutcome::Found(copy) => return Ok(copy),
    };
    let state = if copy.entry_id.is_some() { CopyState::Attaching } else { CopyState::Reserved };
    let renewed = FileCopy { state, attach_sent: None, ..copy };
    attach_entry(tools, job, advance_copy(tools, from, renewed).await?).await
}
