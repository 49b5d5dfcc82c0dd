//! What earlier tries left in Kaltura, and what may be deleted of it.
//!
//! What was asked for twice may have been made twice. Of entries the token tells which one has the bytes; of texts the
//! one that came late has no content, as content is given to one by its id.

use chrono::TimeDelta;

use super::TransferError;
use super::job::{Job, TransferContext, TransferTarget, note_sent, now};
use crate::copying::copy_table::{CopyFinding, after_look};
use crate::copying::observed::{SinceRequest, seen_in_kaltura};
use crate::model::proof::{Proof, came_to_nothing};
use crate::model::{
    CopyState, Entry, EntryId, EntryStatus, EntryWithSource, FileCopy, ReferenceId, TextAsset, Tracked, UploadTokenId,
};
use crate::remotes::http::{Meaning, RemoteError, RemoteKind, Service};
use crate::remotes::kaltura::{Kaltura, TextName, UploadToken};

/// Makes room for a new entry: what an earlier try left without content is deleted; what is no copy, and holds something,
/// stays until the new one is confirmed.
pub(super) async fn make_room(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
) -> Result<(), TransferError> {
    let broken = copy.entry_id.as_ref().filter(|_| copy.state == CopyState::Broken);
    for id in job.remains.iter().chain(broken) {
        if let Some(found) = find_existing_entry(context.systems.kaltura, id).await? {
            clear_leftover(context, job, copy, &found).await?;
        }
    }
    Ok(())
}

pub(super) async fn clear_leftover(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
    found: &EntryWithSource,
) -> Result<(), TransferError> {
    let mark = job.mark();
    let unfilled = Proof::unfilled(found, &mark).or_else(|| Proof::unfilled_of(copy, found, &mark));
    if let Some(proof) = unfilled.or_else(|| Proof::made_otherwise(copy, found).filter(|_| is_to_go(copy))) {
        return Ok(context.systems.kaltura.delete(proof).await?);
    }
    let is_in_ledger = copy.entry_id.as_ref() == Some(&found.entry.id);
    let has_others = is_in_ledger && found.source_bytes > 0 && found.source_bytes != copy.bytes;
    if is_own_entry(found, &mark) && (came_to_nothing(found) || has_others) {
        return Ok(context.systems.ledger.replace(copy, &found.entry.id, found.source_bytes, now())?);
    }
    Err(TransferError::Recording(came_to_life(&found.entry.id)))
}

/// A copy whose entry was to be taken back, as it was not made as it was asked for.
fn is_to_go(copy: &FileCopy) -> bool {
    copy.state == CopyState::Broken && copy.token.is_none()
}

/// A copy that was taken for broken, and can be played or is being processed: people repaired it, or Kaltura alone cannot show
/// how long it is. It is not made anew.
pub(super) async fn found_whole(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
) -> Result<Option<FileCopy>, TransferError> {
    let Some(id) = copy.entry_id.as_ref().filter(|_| copy.state == CopyState::Broken) else {
        return Ok(None);
    };
    match find_existing_entry(context.systems.kaltura, id).await? {
        Some(found) if is_own_entry(&found, &job.mark()) && is_alive(&found, copy) => {
            // it was found to have other bytes, and has the right ones for all that
            if context.systems.ledger.is_replaced(copy, id)? {
                if found.source_bytes != copy.bytes {
                    return Ok(None);
                }
                context.systems.ledger.keep_replaced(copy, id)?;
            }
            note_sent(context, job, copy.state, FileCopy { token: None, ..copy.clone() }).await.map(Some)
        }
        _ => Ok(None),
    }
}

fn is_alive(found: &EntryWithSource, copy: &FileCopy) -> bool {
    let seen = seen_in_kaltura(Some(found), copy.bytes, copy.lasted);
    matches!(
        after_look(CopyState::Broken, seen, SinceRequest::Earlier),
        Some(CopyFinding { state: CopyState::Sent, .. })
    )
}

/// Forgets what was copied beside an earlier entry of the segment, of this file or of another one.
pub(super) fn begin_anew(context: TransferContext<'_>, job: &Job<'_>, copy: &FileCopy) {
    if matches!(job.place, TransferTarget::Parent(_)) {
        context.systems.ledger.begin_anew(copy);
    }
}

/// Takes back what was begun and is given up: an entry without content, and the token. Content that has arrived stays. The
/// entry is asked before its token goes, and once more after, `settle` later.
pub async fn take_back_copy(
    kaltura: &Kaltura,
    settle: TimeDelta,
    copy: &FileCopy,
    mark: &ReferenceId,
) -> Result<(), RemoteError> {
    let entry_id = copy.entry_id.as_ref();
    let found = look_at_token(kaltura, entry_id).await?;
    if let Some(proof) = Proof::token_of(copy, found.as_ref())
        && !end_token(kaltura, settle, found.is_some(), proof).await?
    {
        return Err(RemoteError::new(Service::Kaltura, RemoteKind::Server, entry_came_back()));
    }
    // what was sent while the token was deleted is content too
    let found = look_at_token(kaltura, entry_id).await?;
    match found.and_then(|found| Proof::unfilled_of(copy, &found, mark)) {
        Some(proof) => kaltura.delete(proof).await,
        None => Ok(()),
    }
}

/// Ends an upload: whether it stays ended. A final chunk that was under way undoes the deletion (seen on a real server), so
/// that it is looked at again `settle` later where bytes may have been on their way: where it `was_used`, or turns out to be.
pub(super) async fn end_token(
    kaltura: &Kaltura,
    settle: TimeDelta,
    was_used: bool,
    proof: Proof<UploadTokenId>,
) -> Result<bool, RemoteError> {
    let token = proof.of().clone();
    let last = kaltura.end_token(proof).await?;
    let is_used = |last: UploadToken| last.flavor_asset_id.is_some() || last.uploaded > 0;
    if was_used || last.is_some_and(is_used) {
        tokio::time::sleep(settle.to_std().unwrap_or_default()).await;
    }
    Ok(kaltura.token_there(&token).await?.is_none())
}

pub(super) fn entry_came_back() -> String {
    "Kaltura: the last bytes were still arriving, so the upload could not be ended; the next run decides again"
        .to_owned()
}

/// An entry that exists.
pub(super) async fn find_existing_entry(
    kaltura: &Kaltura,
    id: &EntryId,
) -> Result<Option<EntryWithSource>, RemoteError> {
    let found = kaltura.copied_one(id).await?;
    Ok(found.filter(|found| found.entry.status != EntryStatus::Deleted))
}

/// The same of one that may have no id yet.
pub(super) async fn look_at_token(
    kaltura: &Kaltura,
    id: Option<&EntryId>,
) -> Result<Option<EntryWithSource>, RemoteError> {
    match id {
        Some(id) => find_existing_entry(kaltura, id).await,
        None => Ok(None),
    }
}

/// Whether an entry that the ledger names is the one that was made for this file: where Kaltura dropped its mark, it carries
/// none.
pub(super) fn is_own_entry(found: &EntryWithSource, mark: &ReferenceId) -> bool {
    let carried = &found.entry.reference_id;
    found.entry.ours && (carried == mark || carried.as_str().is_empty())
}

pub(super) fn came_to_life(id: &EntryId) -> String {
    format!("Kaltura: entry {id} looked unfinished and no longer is; the next run decides again")
}

/// The entry that took the bytes. Of two made with one empty token the last one tied to it gets the file
/// (facts-kaltura.md#k19), which need not be the one whose answer came.
pub(super) async fn entry_of_token(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
) -> Result<Option<EntryId>, TransferError> {
    let Some(token) = &copy.token else {
        return Ok(copy.entry_id.clone());
    };
    let named = match context.systems.kaltura.token_there(token).await?.and_then(|token| token.flavor_asset_id) {
        Some(asset) => context.systems.kaltura.entry_of_flavor_asset(&asset).await?,
        None => None,
    };
    // a late second attach points a closed token to an entry that stays empty: the copy is the one that has the bytes
    for entry_id in copy.entry_id.iter().chain(&named) {
        if find_existing_entry(context.systems.kaltura, entry_id).await?.is_some_and(|found| found.source_bytes > 0) {
            return Ok(Some(entry_id.clone()));
        }
    }
    // of one that was not noted before a run died only the mark tells
    let filled = if copy.asked > 1 { find_filled_entry(context, job, copy).await? } else { None };
    let filled = filled.filter(|found| found.entry.ours).map(|found| found.entry.id);
    Ok(filled.or(named).or_else(|| copy.entry_id.clone()))
}

/// The entry of a file that has bytes, by what the ledger knows and by the mark.
pub(super) async fn find_filled_entry(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
) -> Result<Option<EntryWithSource>, TransferError> {
    let mark = job.mark();
    let marked = match job.place.parent() {
        Some(parent) => context.systems.kaltura.children_of(parent).await?,
        None => context.systems.kaltura.entries_marked(std::slice::from_ref(&mark)).await?,
    };
    let marked = marked.into_iter().filter(|entry| entry.reference_id == mark).map(|entry| entry.id);
    for entry_id in copy.entry_id.clone().into_iter().chain(marked) {
        if context.systems.ledger.is_replaced(copy, &entry_id)? {
            continue;
        }
        let found = find_existing_entry(context.systems.kaltura, &entry_id).await?;
        let is_whole = |found: &EntryWithSource| {
            found.source_bytes > 0 && !found.entry.recycled && found.entry.status != EntryStatus::Failed
        };
        if let Some(found) = found.filter(is_whole) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Deletes entries that carry the mark of a copy, were never filled, and are not the copy: what was asked for twice may
/// have come twice. Tells how many; `None` where Kaltura's index does not even show the copy itself yet, and so may
/// hide a twin too.
pub async fn remove_twins(
    kaltura: &Kaltura,
    copy: &FileCopy,
    parent: Option<&EntryId>,
    mark: &ReferenceId,
) -> Result<Option<usize>, RemoteError> {
    let mut marked = match parent {
        Some(parent) => kaltura.children_of(parent).await?,
        None => kaltura.entries_marked(std::slice::from_ref(mark)).await?,
    };
    marked.retain(|entry: &Entry| entry.reference_id == *mark);
    if let Some(own) = &copy.entry_id {
        if !marked.iter().any(|entry| entry.id == *own) {
            return Ok(None);
        }
        marked.retain(|entry| entry.id != *own);
    }
    remove_unfilled(kaltura, marked, mark).await.map(Some)
}

/// The same of what a segment has, whenever it comes: none of the ledger's own is among them.
pub async fn remove_late_entries(
    kaltura: &Kaltura,
    tracked: &Tracked,
    parent: Option<&EntryId>,
    mark: &ReferenceId,
) -> Result<usize, RemoteError> {
    let mut marked = match parent {
        Some(parent) => kaltura.children_of(parent).await?,
        None => kaltura.entries_marked(std::slice::from_ref(mark)).await?,
    };
    let is_known = |id: &EntryId| tracked.copies.iter().any(|copy| copy.entry_id.as_ref() == Some(id));
    marked.retain(|entry| entry.reference_id == *mark && !is_known(&entry.id));
    remove_unfilled(kaltura, marked, mark).await
}

/// Deletes captions and attachments of one entry that were made late, after the copy was done. Tells how many.
pub async fn remove_late_texts(kaltura: &Kaltura, copy: &FileCopy) -> Result<usize, RemoteError> {
    let Some(entry_id) = &copy.entry_id else {
        return Ok(0);
    };
    // what another installation took over is its own to clear up
    if find_existing_entry(kaltura, entry_id).await?.is_none_or(|found| !found.entry.ours) {
        return Ok(0);
    }
    let mut removed = 0;
    for (name, there) in kaltura.texts_by_name(entry_id).await? {
        removed += remove_bare_texts(kaltura, copy, &name, &there).await?;
    }
    Ok(removed)
}

/// Deletes, of the texts that go by one name, those without content beside one that has some.
pub(super) async fn remove_bare_texts(
    kaltura: &Kaltura,
    copy: &FileCopy,
    name: &TextName,
    there: &[TextAsset],
) -> Result<usize, RemoteError> {
    let Some(shown) = there.iter().find(|asset| asset.bytes > 0) else {
        return Ok(0);
    };
    let mut removed = 0;
    for proof in there.iter().filter_map(|twin| Proof::text_twin(copy, shown, twin)) {
        kaltura.delete_text(name, proof).await?;
        removed += 1;
    }
    Ok(removed)
}

async fn remove_unfilled(kaltura: &Kaltura, marked: Vec<Entry>, mark: &ReferenceId) -> Result<usize, RemoteError> {
    let mut removed = 0;
    for entry in marked {
        // the index may be late: only the entry itself tells that it is bare
        if let Some(proof) =
            find_existing_entry(kaltura, &entry.id).await?.and_then(|found| Proof::unfilled(&found, mark))
        {
            match kaltura.delete(proof).await {
                // it is no copy, and does no harm: `verify` names it
                Err(error) if error.means(Meaning::NotDone) => {
                    tracing::error!("a duplicate of an entry could not be deleted: {error}");
                }
                deleted => {
                    deleted?;
                    removed += 1;
                }
            }
        }
    }
    Ok(removed)
}
