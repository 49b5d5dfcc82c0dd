//! Kaltura's import workers fetch the bytes from Zoom: this machine looks at the first of them and carries none.
//!
//! There is no upload token that could name the entry, so the steps differ from those of streaming: the claim tells only of what
//! is or was uploaded. `media.add` and
//! `media.addContent` are two requests, not one: of the first, when its answer is lost, only Kaltura's search index tells,
//! which lags at times; of the second the database tells, by `media.get` of an id that the ledger holds. In one request a
//! doubt would be about an entry that is being filled already, and its twin would be whole too, with nothing to tell which
//! may go. In two, what may come twice is an entry without content (status 7), and what has content is named by the ledger.
//! A second `addContent` is refused (`ENTRY_ALREADY_WITH_CONTENT`), so that repeating it makes nothing twice.

use super::TransferError;
use super::attach::{complete_found, doubt_error, new_entry, prepare_target, was_not_carried_out};
use super::claim::{Claim, claim_file, sign_taken_over};
use super::job::{
    Job, Pauses, TRIES, TransferContext, Way, advance_copy, left_to_kaltura, looked_for_until, note_asked, now,
    open_recording,
};
use super::leftovers::{begin_anew, came_to_life, find_existing_entry, is_own_entry, make_room};
use super::parent::{Child, check_kept, owner_now, refuse_entry};
use crate::model::proof::Proof;
use crate::model::{CopyState, Entry, EntryId, EntryStatus, EntryWithSource, FileCopy};
use crate::remotes::http::{Meaning, RemoteKind};
use crate::remotes::zoom::{DownloadPass, Source};

/// What came of asking Kaltura.
pub(super) enum Pulled {
    /// The rest is up to Kaltura.
    ByKaltura(FileCopy),
    /// It cannot be fetched that way.
    NotByKaltura(FileCopy),
}

/// The way that a copy goes on. What was begun with an upload token, or was not fetched, is streamed, and so is what
/// Kaltura's importer would ask for at another address.
pub(super) fn choose_way(context: TransferContext<'_>, source: Source<'_>, copy: &FileCopy) -> Way {
    let is_to_be_streamed = copy.token.is_some() || matches!(copy.state, CopyState::Reserved | CopyState::Unfetched);
    if is_to_be_streamed || is_mangled(source.url) { Way::Stream } else { context.tuning.way }
}

/// The importer makes every `//` after the scheme a `/` (facts-kaltura.md#s16).
fn is_mangled(url: &str) -> bool {
    url.split_once("://").is_none_or(|(_, rest)| rest.contains("//"))
}

/// Whether it was begun in this way and Kaltura may not have been told yet where the bytes are.
pub(super) fn was_to_be_pulled(copy: &FileCopy) -> bool {
    copy.state == CopyState::Attaching && copy.token.is_none()
}

/// Leaves the copy to Kaltura.
pub(super) async fn pull_file(
    context: TransferContext<'_>,
    job: &Job<'_>,
    source: Source<'_>,
    mut copy: FileCopy,
) -> Result<Pulled, TransferError> {
    if copy.state != CopyState::Attaching || job.lists_another_size(&copy) {
        let (download, bytes) = open_recording(context, source, job.file.bytes, &copy).await?;
        copy = job.with_download(copy, &download, bytes);
    }
    let life = context.tuning.pull_within.to_std().unwrap_or_default();
    let Some(pass) = context.systems.zoom.pass(source, life).await? else {
        tracing::warn!(
            meeting_uuid = %job.segment.meeting.uuid,
            "Zoom gives no token for the files of this meeting alone, and Kaltura must not get the account's: the recording is streamed"
        );
        return Ok(Pulled::NotByKaltura(copy));
    };
    if copy.state != CopyState::Attaching {
        make_room(context, job, &copy).await?;
        begin_anew(context, job, &copy);
        let role = job.place.role();
        copy = FileCopy { role, lasted: job.file.lasted, token: None, entry_id: None, attach_sent: None, ..copy };
    }
    copy = settle_doubt(context, job, copy).await?;
    if was_to_be_pulled(&copy)
        && let Some(entry_id) = copy.entry_id.clone()
    {
        return tell_kaltura(context, job, copy, entry_id, &pass).await;
    }
    match copy.state {
        CopyState::Importing => Ok(Pulled::ByKaltura(copy)),
        _ => make_entry_to_pull(context, job, copy, &pass).await,
    }
}

/// Claims the file, makes the entry and tells Kaltura where its bytes are. No token can name an entry that is filled from an
/// address: the claim is for what others upload, or uploaded, and ends with this.
async fn make_entry_to_pull(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
    pass: &DownloadPass,
) -> Result<Pulled, TransferError> {
    let claim = Box::pin(claim_file(context, job, &copy)).await?;
    if let Claim::Whole(entry_id) | Claim::Entry(_, entry_id) = &claim {
        sign_taken_over(context, entry_id).await?;
    }
    let (token, made) = match claim {
        Claim::Whole(entry_id) => return complete_found(context, job, copy, entry_id).await.map(Pulled::ByKaltura),
        Claim::Entry(token, entry_id) => {
            let (from, next) = (copy.state, with_entry_id(&copy, &entry_id));
            let copy = advance_copy(context, from, next).await?;
            (token, tell_kaltura(context, job, copy, entry_id, pass).await)
        }
        Claim::Alone(token) => (token, make_alone(context, job, copy, pass).await),
    };
    // one that is left behind counts for a moment, and is ended then
    if let Err(error) = context.systems.kaltura.delete_token(Proof::claim(&token)).await {
        tracing::debug!(%error, "an unused upload could not be ended");
    }
    made
}

async fn make_alone(
    context: TransferContext<'_>,
    job: &Job<'_>,
    mut copy: FileCopy,
    pass: &DownloadPass,
) -> Result<Pulled, TransferError> {
    let (mut error, mut patience, mut tries) = (None, context.tuning.retry.rate_pauses(), 0);
    while tries < TRIES {
        let owner = match prepare_target(context, job, &copy).await? {
            Child::Make(owner) => owner,
            Child::Whole(entry_id) => return complete_found(context, job, copy, entry_id).await.map(Pulled::ByKaltura),
            Child::Empty(entry_id) => {
                let (from, next) = (copy.state, with_entry_id(&copy, &entry_id));
                return tell_kaltura(context, job, advance_copy(context, from, next).await?, entry_id, pass).await;
            }
        };
        let asked = copy.asked + 1;
        copy = note_asked(context, job, copy).await?;
        match context.systems.kaltura.add_entry(&new_entry(context, job, &owner)).await {
            Ok((entry_id, Some(dropped))) => return Err(refuse_entry(context, copy, &entry_id, &dropped).await),
            Ok((entry_id, None)) => {
                let next = with_entry_id(&copy, &entry_id);
                return tell_kaltura(
                    context,
                    job,
                    advance_copy(context, CopyState::Attaching, next).await?,
                    entry_id,
                    pass,
                )
                .await;
            }
            Err(why) if was_not_carried_out(&why) => {
                let asked = asked - 1;
                let back = FileCopy { state: CopyState::New, asked, ..copy };
                copy = advance_copy(context, CopyState::Attaching, back).await?;
                tokio::time::sleep(patience.pause(&why).ok_or(why)?).await;
                continue;
            }
            Err(why) => {
                tracing::debug!(error = %why, "it is unknown whether the entry was made");
                (error, tries) = (Some(why), tries + 1);
            }
        }
        copy = settle_doubt(context, job, copy).await?;
        match copy.entry_id.clone() {
            _ if copy.state == CopyState::Importing => return Ok(Pulled::ByKaltura(copy)),
            Some(entry_id) => return tell_kaltura(context, job, copy, entry_id, pass).await,
            None => {}
        }
    }
    Err(error.unwrap_or_else(doubt_error).into())
}

/// Tells Kaltura where the bytes of an entry are. The entry has no content, or was made a moment ago.
async fn tell_kaltura(
    context: TransferContext<'_>,
    job: &Job<'_>,
    mut copy: FileCopy,
    entry_id: EntryId,
    pass: &DownloadPass,
) -> Result<Pulled, TransferError> {
    let (mut error, mut patience, mut tries) = (None, context.tuning.retry.rate_pauses(), 0);
    while tries < TRIES {
        match context.systems.kaltura.import(&entry_id, &pass.url, &pass.header).await {
            Ok(()) => return note_importing(context, job, copy).await.map(Pulled::ByKaltura),
            Err(why) if why.means(Meaning::AlreadyFilled) => {
                return note_importing(context, job, copy).await.map(Pulled::ByKaltura);
            }
            Err(why) if why.kind == RemoteKind::NotFound => return Err(TransferError::Deleted),
            Err(why) if why.kind == RemoteKind::Rejected => {
                tracing::warn!(%entry_id, "Kaltura does not fetch from Zoom: {why}; the recording is streamed");
                let next = FileCopy { state: CopyState::Unfetched, ..copy };
                return advance_copy(context, CopyState::Attaching, next).await.map(Pulled::NotByKaltura);
            }
            Err(why) if was_not_carried_out(&why) => {
                tokio::time::sleep(patience.pause(&why).ok_or(why)?).await;
                continue;
            }
            Err(why) => {
                tracing::debug!(%entry_id, error = %why, "it is unknown whether Kaltura fetches it");
                (error, tries) = (Some(why), tries + 1);
            }
        }
        copy = settle_doubt(context, job, FileCopy { attach_sent: Some(now()), ..copy }).await?;
        if copy.state == CopyState::Importing {
            return Ok(Pulled::ByKaltura(copy));
        }
    }
    Err(error.unwrap_or_else(doubt_error).into())
}

/// Settles what is in doubt of a copy that was to be pulled: whether its entry exists, looked for until `settle` after it
/// was asked for, and whether Kaltura was told where its bytes are, likewise. Leaves it importing, or with an entry without
/// content, or with none.
pub(super) async fn settle_doubt(
    context: TransferContext<'_>,
    job: &Job<'_>,
    mut copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    if !was_to_be_pulled(&copy) {
        return Ok(copy);
    }
    let (mut pauses, until) = (Pauses::default(), looked_for_until(copy.attach_sent, context.tuning.settle));
    loop {
        let last = now() >= until;
        if copy.entry_id.is_none()
            && let Some(entry) = find_marked_entry(context, job, &copy).await?
        {
            // what was never answered may have been carried out twice
            let (asked, entry_id) = (copy.asked.max(2), Some(entry.id.clone()));
            copy = advance_copy(context, CopyState::Attaching, FileCopy { asked, entry_id, ..copy }).await?;
            let owner = owner_now(context, job).await?;
            check_kept(context, &copy, &entry.id, &new_entry(context, job, &owner)).await?;
        }
        if let Some(entry_id) = &copy.entry_id {
            match find_existing_entry(context.systems.kaltura, entry_id).await? {
                None => return Err(TransferError::Deleted),
                Some(found) if found.entry.status != EntryStatus::NoContent => {
                    return note_importing(context, job, copy).await;
                }
                Some(_) => {}
            }
        }
        if last {
            return Ok(copy);
        }
        pauses.wait().await;
    }
}

/// The entry that carries the mark of the file, by Kaltura's search index, unless another one is to take its place.
async fn find_marked_entry(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
) -> Result<Option<Entry>, TransferError> {
    let mark = job.mark();
    let entries = match job.place.parent() {
        Some(parent) => context.systems.kaltura.children_of(parent).await?,
        None => context.systems.kaltura.entries_marked(std::slice::from_ref(&mark)).await?,
    };
    let is_it = |entry: &Entry| {
        entry.ours && entry.reference_id == mark && !entry.recycled && entry.status != EntryStatus::Deleted
    };
    for entry in entries.into_iter().filter(is_it) {
        // the place of one that is no copy is to be taken
        if !context.systems.ledger.is_replaced(copy, &entry.id)? {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// Deletes the entry that Kaltura did not fill, so that the bytes can be streamed into a new one. Where the recording has come
/// after all, the copy is Kaltura's again.
pub(super) async fn retire_entry(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
) -> Result<Option<FileCopy>, TransferError> {
    let Some(entry_id) = copy.entry_id.as_ref().filter(|_| copy.state == CopyState::Unfetched) else {
        return Ok(None);
    };
    match find_existing_entry(context.systems.kaltura, entry_id).await? {
        Some(found) if has_come(&found, copy) => {
            let next = FileCopy { state: CopyState::Importing, ..copy.clone() };
            return advance_copy(context, CopyState::Unfetched, next).await.map(Some);
        }
        Some(found) if is_own_entry(&found, &job.mark()) => match Proof::unfilled_of(copy, &found, &job.mark()) {
            Some(proof) => context.systems.kaltura.delete(proof).await?,
            None => context.systems.ledger.replace(copy, entry_id, found.source_bytes, now())?,
        },
        Some(_) => return Err(TransferError::Recording(came_to_life(entry_id))),
        None => {}
    }
    Ok(None)
}

/// What Kaltura says of it is for the confirmation to judge.
fn has_come(found: &EntryWithSource, copy: &FileCopy) -> bool {
    let is_sound = match found.entry.status {
        EntryStatus::Processing => true,
        EntryStatus::Ready => found.entry.milliseconds > 0,
        _ => false,
    };
    is_sound && found.source_bytes == copy.bytes
}

async fn note_importing(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    left_to_kaltura(context, job, CopyState::Attaching, FileCopy { state: CopyState::Importing, ..copy }).await
}

/// The copy with its entry, whose content is asked for next.
fn with_entry_id(copy: &FileCopy, entry_id: &EntryId) -> FileCopy {
    let entry_id = Some(entry_id.clone());
    FileCopy { state: CopyState::Attaching, entry_id, attach_sent: Some(now()), ..copy.clone() }
}
