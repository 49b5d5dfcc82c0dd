//! Whether an entry was made as it was asked for, before a byte is sent: without its mark it would be copied again after the
//! ledger was lost, with another owner it would be somebody else's. What was not is taken back.

use super::TransferError;
use super::job::{Job, TransferContext, TransferTarget, advance_copy};
use super::parent::parent_entry_id;
use super::remains::find_existing_entry;
use crate::kaltura::{Dropped, NewEntry};
use crate::model::{CopyState, EntryId, FileCopy};
use crate::proof::Proof;

/// Whose the entry of a file is, true where nobody owns it: a child is its parent's owner's.
pub(super) async fn owner_now(tools: TransferContext<'_>, job: &Job<'_>) -> Result<(String, bool), TransferError> {
    match job.place {
        TransferTarget::Parent(owner) => Ok((owner.to_string(), job.orphan)),
        TransferTarget::Child(parent) | TransferTarget::Caption(parent) | TransferTarget::Attachment(parent) => {
            let parent = find_existing_entry(tools.kaltura, parent_entry_id(parent)?)
                .await?
                .ok_or(TransferError::ParentDeleted)?;
            Ok((parent.entry.owner, parent.entry.tags.is_orphan))
        }
    }
}

/// Fails unless Kaltura's database has the entry as it was asked for: where the answer that would have told was lost. What is
/// not so is taken back.
pub(super) async fn check_kept(
    tools: TransferContext<'_>,
    copy: &FileCopy,
    entry_id: &EntryId,
    asked: &NewEntry<'_>,
) -> Result<(), TransferError> {
    match tools.kaltura.dropped(entry_id, asked).await? {
        Some(dropped) => Err(refuse_entry(tools, copy.clone(), entry_id, &dropped).await),
        None => Ok(()),
    }
}

/// Takes back an entry that was not made as it was asked for, and tells why. Where that fails, the ledger knows the entry
/// as one that is to go before a new one is made.
pub(super) async fn refuse_entry(
    tools: TransferContext<'_>,
    copy: FileCopy,
    entry_id: &EntryId,
    dropped: &Dropped,
) -> TransferError {
    let error = dropped.error("media.add");
    match take_back(tools, copy, entry_id).await {
        Ok(()) => error.into(),
        Err(ledger @ (TransferError::Ledger(_) | TransferError::Interrupted)) => ledger,
        Err(why) => {
            tracing::warn!(%entry_id, "an entry that was not made as it was asked for could not be taken back: {why}");
            error.into()
        }
    }
}

async fn take_back(tools: TransferContext<'_>, copy: FileCopy, entry_id: &EntryId) -> Result<(), TransferError> {
    let (token, asked) = (copy.token.clone(), copy.asked.saturating_sub(1));
    let from = copy.state;
    let to_go = FileCopy { state: CopyState::Broken, token: None, entry_id: Some(entry_id.clone()), asked, ..copy };
    let to_go = advance_copy(tools, from, to_go).await?;
    let found = find_existing_entry(tools.kaltura, entry_id).await?;
    if let Some(proof) = Proof::token_of(&FileCopy { token, ..to_go.clone() }, found.as_ref()) {
        tools.kaltura.delete_token(proof).await?;
    }
    if let Some(found) = find_existing_entry(tools.kaltura, entry_id).await? {
        let Some(proof) = Proof::made_otherwise(&to_go, &found) else {
            return Err(TransferError::Recording(format!("entry {entry_id} has content; look at it in the KMC")));
        };
        tools.kaltura.delete(proof).await?;
    }
    advance_copy(tools, CopyState::Broken, FileCopy { state: CopyState::New, entry_id: None, ..to_go }).await?;
    Ok(())
}
