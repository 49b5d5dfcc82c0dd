//! A token by which nothing more can be sent gives way to a new one, for the same entry.

use super::attach::{attach, settled};
use super::job::{Job, Tools, advance};
use super::remains::look;
use super::{TransferError, Wording};
use crate::model::{CopyState, FileCopy};
use crate::proof::Proof;

/// Leaves the copy attached by a new token that holds nothing yet. Deleting the old one puts its entry back to where it
/// has no content (recorded traffic). `copy` may name another size than before.
pub(super) async fn renew(tools: Tools<'_>, job: &Job<'_>, copy: FileCopy) -> Result<FileCopy, TransferError> {
    // what may have been made is found first
    let in_doubt = copy.state == CopyState::Attaching && copy.token.is_some();
    let copy = if in_doubt { settled(tools, job, copy).await? } else { copy };
    let entry = match &copy.entry_id {
        Some(id) => look(tools.kaltura, id).await?,
        None => None,
    };
    match Proof::token_of(&copy, entry.as_ref()) {
        Some(proof) => tools.kaltura.delete_token(proof).await?,
        None if copy.token.is_none() => {}
        None => {
            return Err(TransferError::Recording(
                "its entry has content already; the next run decides anew".to_owned(),
            ));
        }
    }
    let token = tools.kaltura.add_token(&Wording::file_name(job.segment, job.file), copy.bytes, None).await?;
    let from = copy.state;
    let state = if copy.entry_id.is_some() { CopyState::Attaching } else { CopyState::Reserved };
    let renewed = FileCopy { state, token: Some(token.id), attach_sent: None, ..copy };
    attach(tools, job, advance(tools, from, renewed).await?).await
}
