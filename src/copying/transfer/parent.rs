//! The entry that a further file belongs to, looked at just before anything is added to it.
//!
//! Whether an entry was made as it was asked for, before a byte is sent: without its mark it would be copied again after
//! the ledger was lost, with another owner it would be somebody else's. What was not is taken back.

use super::TransferError;
use super::job::{Job, TransferContext, TransferTarget, advance_copy};
use super::leftovers::{clear_leftover, find_existing_entry};
use crate::model::proof::Proof;
use crate::model::{CopyState, Entry, EntryId, EntryStatus, EntryWithSource, FileCopy};
use crate::remotes::kaltura::{Dropped, EntryFamily, NewEntry};

/// What is to be done for a child.
pub(super) enum Child {
    /// It is to be made, in the account of this owner.
    Make(EntryOwner),
    /// It exists and waits for content.
    Empty(EntryId),
    /// It exists with its content.
    Whole(EntryId),
}

/// Whose an entry is.
pub(super) struct EntryOwner {
    /// The account in Kaltura.
    pub(super) user: String,
    /// Whether nobody owns it: the account is the holding user's.
    pub(super) is_orphan: bool,
}

/// Looks whether the child exists already, and whose it is to be. A half-made one that nothing can finish is deleted.
pub(super) async fn look_for_child(
    context: TransferContext<'_>,
    job: &Job<'_>,
    parent: &FileCopy,
    copy: &FileCopy,
) -> Result<Child, TransferError> {
    let Some(EntryFamily { parent: entry, has_owner, children }) =
        context.systems.kaltura.family(parent_entry_id(parent)?).await?
    else {
        return Err(TransferError::ParentDeleted);
    };
    check_parent(parent, &entry)?;
    let mark = job.segment.key().child_reference_id(&job.file.id);
    for child in children.iter().filter(|child| child.ours && child.reference_id == mark) {
        // another one is to take its place
        if context.systems.ledger.is_replaced(copy, &child.id)? {
            continue;
        }
        match child.status {
            EntryStatus::NoContent => return Ok(Child::Empty(child.id.clone())),
            EntryStatus::Importing | EntryStatus::Failed => {
                if let Some(found) = find_existing_entry(context.systems.kaltura, &child.id).await? {
                    clear_leftover(context, job, copy, &found).await?;
                }
            }
            // one that this ledger never asked for was deleted by people; without a duration it never was a copy
            EntryStatus::Deleted if copy.asked == 0 && child.milliseconds > 0 => return Err(TransferError::Deleted),
            EntryStatus::Deleted => {}
            _ => return Ok(Child::Whole(child.id.clone())),
        }
    }
    if let Some(child) = under_another_id(context, job, copy, &children).await? {
        return Ok(Child::Whole(child));
    }
    if has_owner {
        return Ok(Child::Make(EntryOwner { user: entry.entry.owner, is_orphan: entry.entry.tags.is_orphan }));
    }
    Err(TransferError::Recording(parent_is_gone(&entry.entry)))
}

/// The child that an earlier ledger made of the file when Zoom listed it under another id: of the same size, and of no file
/// that Zoom lists now.
async fn under_another_id(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
    children: &[Entry],
) -> Result<Option<EntryId>, TransferError> {
    let (key, files) = (job.segment.key(), &job.segment.files);
    let alike = files.iter().filter(|file| file.bytes == job.file.bytes).count();
    let Some(bytes) = job.file.bytes.filter(|_| copy.asked == 0 && alike == 1) else {
        return Ok(None);
    };
    let begin = format!("{}#", key.reference_id().as_str());
    let is_one = |child: &&Entry| {
        let is_whole = matches!(child.status, EntryStatus::Ready | EntryStatus::Processing) && !child.recycled;
        let is_listed = || files.iter().any(|file| key.child_reference_id(&file.id) == child.reference_id);
        child.ours && is_whole && child.reference_id.as_str().starts_with(&begin) && !is_listed()
    };
    let candidates: Vec<&Entry> = children.iter().filter(is_one).collect();
    if candidates.is_empty() {
        return Ok(None);
    }
    let tracked = context.systems.ledger.read_segment(&key)?;
    let is_known = |id: &EntryId| {
        let copies = tracked.iter().flat_map(|tracked| &tracked.copies);
        copies
            .filter_map(|copy| copy.entry_id.as_ref())
            .chain(tracked.iter().flat_map(|tracked| &tracked.replaced))
            .any(|known| known == id)
    };
    let mut same = Vec::new();
    for child in candidates.into_iter().filter(|child| !is_known(&child.id)) {
        let found = find_existing_entry(context.systems.kaltura, &child.id).await?;
        if found.is_some_and(|found| found.source_bytes == bytes) {
            same.push(child.id.clone());
        }
    }
    Ok(same.pop().filter(|_| same.is_empty()))
}

fn parent_is_gone(entry: &Entry) -> String {
    format!(
        "Kaltura: {:?}, the owner of entry {}, no longer exists; give the entry to another user in the KMC",
        entry.owner, entry.id
    )
}

/// Nothing is added to an entry that people deleted, replaced or trimmed, or that carries the tag of another installation. What Kaltura fetched by itself and nobody has
/// confirmed yet may have other bytes without anybody having touched it.
pub(super) fn check_parent(parent: &FileCopy, found: &EntryWithSource) -> Result<(), TransferError> {
    if found.entry.status == EntryStatus::Deleted {
        return Err(TransferError::ParentDeleted);
    }
    // what comes late there would be twice: only one installation adds to an entry
    if found.entry.tags.another.is_some() {
        return Err(TransferError::ClaimedElsewhere);
    }
    // 0 as long as Kaltura has not taken the bytes in
    if parent.state != CopyState::Importing && found.source_bytes != 0 && found.source_bytes != parent.bytes {
        return Err(TransferError::ParentEdited);
    }
    Ok(())
}

pub(super) fn parent_entry_id(parent: &FileCopy) -> Result<&EntryId, TransferError> {
    parent.entry_id.as_ref().ok_or_else(|| TransferError::Recording("the ledger has lost its entry".to_owned()))
}

/// Whose the entry of a file is: a child is its parent's owner's.
pub(super) async fn owner_now(context: TransferContext<'_>, job: &Job<'_>) -> Result<EntryOwner, TransferError> {
    match job.place {
        TransferTarget::Parent(owner) => Ok(EntryOwner { user: owner.to_string(), is_orphan: job.orphan }),
        TransferTarget::Child(parent) | TransferTarget::Caption(parent) | TransferTarget::Attachment(parent) => {
            let parent = find_existing_entry(context.systems.kaltura, parent_entry_id(parent)?)
                .await?
                .ok_or(TransferError::ParentDeleted)?;
            Ok(EntryOwner { user: parent.entry.owner, is_orphan: parent.entry.tags.is_orphan })
        }
    }
}

/// Fails unless Kaltura's database has the entry as it was asked for: where the answer that would have told was lost. What is
/// not so is taken back.
pub(super) async fn check_kept(
    context: TransferContext<'_>,
    copy: &FileCopy,
    entry_id: &EntryId,
    asked: &NewEntry<'_>,
) -> Result<(), TransferError> {
    match context.systems.kaltura.dropped(entry_id, asked).await? {
        Some(dropped) => Err(refuse_entry(context, copy.clone(), entry_id, &dropped).await),
        None => Ok(()),
    }
}

/// Takes back an entry that was not made as it was asked for, and tells why. Where that fails, the ledger knows the entry
/// as one that is to go before a new one is made.
pub(super) async fn refuse_entry(
    context: TransferContext<'_>,
    copy: FileCopy,
    entry_id: &EntryId,
    dropped: &Dropped,
) -> TransferError {
    let error = dropped.error("media.add");
    match take_back(context, copy, entry_id).await {
        Ok(()) => error.into(),
        Err(ledger @ (TransferError::Ledger(_) | TransferError::Interrupted)) => ledger,
        Err(why) => {
            tracing::warn!(%entry_id, "an entry that Kaltura made wrongly could not be removed: {why}");
            error.into()
        }
    }
}

async fn take_back(context: TransferContext<'_>, copy: FileCopy, entry_id: &EntryId) -> Result<(), TransferError> {
    let (token, asked) = (copy.token.clone(), copy.asked.saturating_sub(1));
    let from = copy.state;
    let to_go = FileCopy { state: CopyState::Broken, token: None, entry_id: Some(entry_id.clone()), asked, ..copy };
    let to_go = advance_copy(context, from, to_go).await?;
    let found = find_existing_entry(context.systems.kaltura, entry_id).await?;
    if let Some(proof) = Proof::token_of(&FileCopy { token, ..to_go.clone() }, found.as_ref()) {
        context.systems.kaltura.delete_token(proof).await?;
    }
    if let Some(found) = find_existing_entry(context.systems.kaltura, entry_id).await? {
        let Some(proof) = Proof::made_otherwise(&to_go, &found) else {
            return Err(TransferError::Recording(format!("entry {entry_id} has content; look at it in the KMC")));
        };
        context.systems.kaltura.delete(proof).await?;
    }
    advance_copy(context, CopyState::Broken, FileCopy { state: CopyState::New, entry_id: None, ..to_go }).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_parent;
    use crate::copying::plan::samples::sample_copy;
    use crate::model::{CopyState, Entry, EntryId, EntryStatus, EntryWithSource, ReferenceId, Tags};

    /// Unless Kaltura fetched them and nobody looked.
    #[test]
    fn different_bytes_mean_an_edit() {
        let (id, reference_id) = (EntryId::new("0_a"), ReferenceId::new("Zoom_a"));
        let (status, owner) = (EntryStatus::Ready, "ada".to_owned());
        let entry = Entry {
            id,
            status,
            owner,
            reference_id,
            ours: true,
            tags: Tags::default(),
            recycled: false,
            milliseconds: 0,
            changed: None,
        };
        let page = EntryWithSource { entry, source_bytes: 53, source_failed: true };
        assert!(check_parent(&sample_copy(CopyState::Importing), &page).is_ok());
        for state in [CopyState::Sent, CopyState::Done] {
            assert!(check_parent(&sample_copy(state), &page).is_err(), "{state:?}");
        }
    }
}
