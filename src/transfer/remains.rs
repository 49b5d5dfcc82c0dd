//! What earlier tries left in Kaltura, and what may be deleted of it.

use super::TransferError;
use super::job::{Job, Place, Tools, sent};
use crate::http::RemoteError;
use crate::kaltura::Kaltura;
use crate::model::{Copied, CopyState, EntryId, EntryStatus, FileCopy, ReferenceId};

/// Deletes what an earlier try left for this file, so that a new one can be made: the entry that Kaltura could not
/// process, and unfinished ones that nobody knows any more.
pub(super) async fn clear(tools: Tools<'_>, job: &Job<'_>, copy: &FileCopy) -> Result<(), TransferError> {
    let mark = job.mark();
    let broken = copy.entry_id.as_ref().filter(|_| copy.state == CopyState::Broken);
    for id in job.remains.iter().chain(broken) {
        let known_broken = Some(id) == broken;
        match look(tools.kaltura, id).await? {
            Some(found) if known_broken && found.entry.ours => tools.kaltura.delete(id).await?,
            Some(found) if is_bare(&found, &mark) || is_failed(&found, &mark) => tools.kaltura.delete(id).await?,
            Some(_) => return Err(TransferError::Recording(came_to_life(id))),
            None => {}
        }
    }
    Ok(())
}

/// A copy that was taken for broken, and is whole: Kaltura alone cannot show how long it is. It is not made anew.
pub(super) async fn found_whole(
    tools: Tools<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
) -> Result<Option<FileCopy>, TransferError> {
    let Some(id) = copy.entry_id.as_ref().filter(|_| copy.state == CopyState::Broken) else {
        return Ok(None);
    };
    match look(tools.kaltura, id).await? {
        Some(found) if found.entry.ours && found.entry.reference_id == job.mark() && found.is_frozen(copy.bytes) => {
            sent(tools, job, copy.state, FileCopy { token: None, ..copy.clone() }).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// Forgets what was copied beside an entry that is made anew.
pub(super) fn begin_anew(tools: Tools<'_>, job: &Job<'_>, copy: &FileCopy) -> Result<(), TransferError> {
    use CopyState::{Broken, Deleted, Purged, Unfetched};
    let was_there = matches!(copy.state, Deleted | Purged | Broken | Unfetched);
    if was_there && matches!(job.place, Place::Parent(_)) {
        tools.ledger.begin_anew(copy)?;
    }
    Ok(())
}

/// Takes back what was begun and is given up: an entry without content, and the token. Content that has arrived stays, but
/// for what Kaltura fetched in place of the recording.
pub async fn take_back(
    kaltura: &Kaltura,
    entry_id: Option<&EntryId>,
    copy: &FileCopy,
    mark: &ReferenceId,
) -> Result<(), RemoteError> {
    if let Some(token) = &copy.token {
        kaltura.delete_token(token).await?;
    }
    if let Some(id) = entry_id
        && let Some(found) = look(kaltura, id).await?
        && is_own(&found, mark)
        && (is_unfilled(&found) || (copy.state == CopyState::Unfetched && came_to_nothing(&found)))
    {
        kaltura.delete(id).await?;
    }
    Ok(())
}

/// An entry that exists.
pub(super) async fn look(kaltura: &Kaltura, id: &EntryId) -> Result<Option<Copied>, RemoteError> {
    let found = kaltura.copied_one(id).await?;
    Ok(found.filter(|found| found.entry.status != EntryStatus::Deleted))
}

/// Made by this program for this file, and never filled.
pub(super) fn is_bare(found: &Copied, mark: &ReferenceId) -> bool {
    found.entry.ours && found.entry.reference_id == *mark && is_unfilled(found)
}

fn is_unfilled(found: &Copied) -> bool {
    let waits = matches!(found.entry.status, EntryStatus::NoContent | EntryStatus::Importing);
    waits && found.source_bytes == 0
}

fn is_failed(found: &Copied, mark: &ReferenceId) -> bool {
    found.entry.ours && found.entry.reference_id == *mark && came_to_nothing(found)
}

/// READY without a duration is what becomes of content that is none (recorded traffic); a frozen entry shows none either,
/// and its source is whole.
fn came_to_nothing(found: &Copied) -> bool {
    found.entry.status == EntryStatus::Failed
        || (found.entry.status == EntryStatus::Ready && found.entry.milliseconds == 0 && found.source_failed)
}

/// Whether an entry that the ledger names is the one that was made for this file: where Kaltura dropped its mark, it carries
/// none.
pub(super) fn is_own(found: &Copied, mark: &ReferenceId) -> bool {
    let carried = &found.entry.reference_id;
    found.entry.ours && (carried == mark || carried.as_str().is_empty())
}

pub(super) fn came_to_life(id: &EntryId) -> String {
    format!("Kaltura: entry {id} looked unfinished and is not any more; the next run decides anew")
}
