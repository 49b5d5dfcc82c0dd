//! A token by which nothing more can be sent gives way to a new one, for the same entry.

use super::TransferError;
use super::attach::{Claimed, attach, claimed, settled};
use super::job::{Job, Tools, advance};
use crate::model::{CopyState, FileCopy};

/// Leaves the copy attached by a new token that holds nothing yet. Deleting the old one puts its entry back to where it
/// has no content (recorded traffic). `copy` may name another size than before.
pub(super) async fn renew(tools: Tools<'_>, job: &Job<'_>, copy: FileCopy) -> Result<FileCopy, TransferError> {
    // what may have been made is found first
    let in_doubt = copy.state == CopyState::Attaching && copy.token.is_some();
    let copy = if in_doubt { settled(tools, job, copy).await? } else { copy };
    if in_doubt
        && copy.entry_id.is_none()
        && let Some(token) = &copy.token
    {
        tools.kaltura.end_token(token).await?;
    }
    let from = copy.state;
    let copy = match claimed(tools, job, copy).await? {
        Claimed::Alone(copy) => copy,
        Claimed::Found(copy) => return Ok(copy),
    };
    let state = if copy.entry_id.is_some() { CopyState::Attaching } else { CopyState::Reserved };
    let renewed = FileCopy { state, attach_sent: None, ..copy };
    attach(tools, job, advance(tools, from, renewed).await?).await
}
