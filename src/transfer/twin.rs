//! What was asked for twice may have been made twice. Of entries the token tells which one has the bytes; of texts the one
//! that came late has no content, as content is given to one by its id.

use super::TransferError;
use super::job::TransferContext;
use super::remains::find_existing_entry;
use crate::http::{Meaning, RemoteError};
use crate::kaltura::{Kaltura, TextName};
use crate::model::{Entry, EntryId, FileCopy, ReferenceId, TextAsset, Tracked};
use crate::proof::Proof;

/// The entry that took the bytes. Of two made with one empty token the last one tied to it gets the file (recorded
/// traffic), which need not be the one whose answer came.
pub(super) async fn entry_of_token(
    tools: TransferContext<'_>,
    copy: &FileCopy,
) -> Result<Option<EntryId>, TransferError> {
    let Some(token) = &copy.token else {
        return Ok(copy.entry_id.clone());
    };
    let named = match tools.kaltura.token_there(token).await?.and_then(|token| token.flavor_asset_id) {
        Some(asset) => tools.kaltura.entry_of_flavor_asset(&asset).await?,
        None => None,
    };
    // a late second attach points a closed token to an entry that stays empty: the copy is the one that has the bytes
    for entry_id in copy.entry_id.iter().chain(&named) {
        if find_existing_entry(tools.kaltura, entry_id).await?.is_some_and(|found| found.source_bytes > 0) {
            return Ok(Some(entry_id.clone()));
        }
    }
    Ok(named.or_else(|| copy.entry_id.clone()))
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

/// Deletes captions and chats of one entry that were made late, after the copy was done. Tells how many.
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
                Err(error) if error.means(Meaning::NotDone) => tracing::error!("an entry that came twice: {error}"),
                deleted => {
                    deleted?;
                    removed += 1;
                }
            }
        }
    }
    Ok(removed)
}
