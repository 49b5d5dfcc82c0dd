//! Making the entry, exactly once.
//!
//! `media.add` has no idempotency key. So the ledger notes that the entry was asked for before it is, and when the
//! answer is lost, the token tells: the link of token and entry shows up within a second, later on a loaded server
//! (recorded traffic).

use std::time::Duration;

use super::TransferError;
use super::job::{Job, Place, Tools, advance, now};
use super::parent::{Child, look_for_child};
use crate::http::{RemoteError, RemoteKind, Service};
use crate::kaltura::{Attached, MediaType, NewEntry};
use crate::model::{CopyState, EntryId, FileCopy, FileKind, UploadTokenId};

/// Between two looks at a token that does not yet name its entry; doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// Times that an entry is asked for in one run.
const TRIES: usize = 2;

/// Leaves the copy attached: an entry exists and names its token. A child that is found whole in Kaltura is left as
/// sent.
pub(super) async fn attach(tools: Tools<'_>, job: &Job<'_>, mut copy: FileCopy) -> Result<FileCopy, TransferError> {
    let token = token_of(&copy)?;
    let mut error = None;
    for _ in 0..TRIES {
        if copy.state == CopyState::Attaching {
            if let Some(entry_id) = look(tools, &copy, &token).await? {
                return attached(tools, copy, entry_id);
            }
            if let Some(entry_id) = copy.entry_id.clone() {
                tools.kaltura.tie(&entry_id, &token).await?;
                return attached(tools, copy, entry_id);
            }
        }
        let owner = match place(tools, job).await? {
            Child::Make(owner) => owner,
            Child::Whole(entry_id) => return whole(tools, copy, entry_id),
            Child::Empty(entry_id) => return adopted(tools, copy, entry_id, &token).await,
        };
        let from = copy.state;
        copy = FileCopy { state: CopyState::Attaching, attach_sent: Some(now()), ..copy };
        copy = advance(tools, from, copy)?;
        match ask(tools, job, &owner, &token).await {
            Ok(Attached { entry_id, tied: Ok(()) }) => return attached(tools, copy, entry_id),
            Ok(Attached { entry_id, tied: Err(why) }) => {
                tracing::debug!(%entry_id, %why, "the entry was made, its token is in doubt");
                copy = advance(tools, CopyState::Attaching, FileCopy { entry_id: Some(entry_id), ..copy })?;
                error = Some(why);
            }
            Err(why) if was_not_carried_out(&why) => {
                advance(tools, CopyState::Attaching, FileCopy { state: CopyState::Reserved, ..copy })?;
                return Err(why.into());
            }
            Err(why) => {
                tracing::debug!(%why, "whether the entry was made is in doubt");
                error = Some(why);
            }
        }
    }
    match look(tools, &copy, &token).await? {
        Some(entry_id) => attached(tools, copy, entry_id),
        None => Err(error.unwrap_or_else(in_doubt).into()),
    }
}

/// Whose the entry is to be. A child's parent is looked at first: a deleted one gives an error that looks worth
/// retrying and is not (recorded traffic).
async fn place(tools: Tools<'_>, job: &Job<'_>) -> Result<Child, TransferError> {
    match job.place {
        Place::Parent(owner) => Ok(Child::Make(owner.to_string())),
        Place::Child(parent) | Place::Caption(parent) => look_for_child(tools, job, parent).await,
    }
}

async fn ask(tools: Tools<'_>, job: &Job<'_>, owner: &str, token: &UploadTokenId) -> Result<Attached, RemoteError> {
    let (key, wording) = (job.segment.key(), &tools.tuning.wording);
    let (parent, reference_id) = match job.place {
        Place::Parent(_) => (None, key.reference_id()),
        Place::Child(parent) | Place::Caption(parent) => {
            (parent.entry_id.as_ref(), key.child_reference_id(&job.file.id))
        }
    };
    let new = NewEntry {
        media_type: if job.file.kind == FileKind::Audio { MediaType::Audio } else { MediaType::Video },
        name: &wording.name(job.segment, job.file, job.place.role()),
        owner,
        reference_id: &reference_id,
        tags: &wording.tags(job.segment),
        conversion_profile_id: tools.tuning.conversion_profile_id,
        parent,
    };
    tools.kaltura.attach(&new, token).await
}

fn whole(tools: Tools<'_>, copy: FileCopy, entry_id: EntryId) -> Result<FileCopy, TransferError> {
    let from = copy.state;
    advance(tools, from, FileCopy { state: CopyState::Sent, entry_id: Some(entry_id), token: None, ..copy })
}

/// Takes an entry that was made and has no content yet.
async fn adopted(
    tools: Tools<'_>,
    copy: FileCopy,
    entry_id: EntryId,
    token: &UploadTokenId,
) -> Result<FileCopy, TransferError> {
    let from = copy.state;
    let found = FileCopy { state: CopyState::Attaching, entry_id: Some(entry_id.clone()), ..copy };
    let copy = advance(tools, from, found)?;
    tools.kaltura.tie(&entry_id, token).await?;
    attached(tools, copy, entry_id)
}

/// The entry that the token names; looked for until `settle` after it was asked for.
async fn look(tools: Tools<'_>, copy: &FileCopy, token: &UploadTokenId) -> Result<Option<EntryId>, TransferError> {
    let until = copy.attach_sent.unwrap_or_else(now) + tools.tuning.settle;
    let mut pause = FIRST_PAUSE;
    loop {
        let last = now() >= until;
        if let Some(asset) = tools.kaltura.token(token).await?.flavor_asset_id {
            return Ok(Some(tools.kaltura.entry_of_flavor_asset(&asset).await?));
        }
        if last {
            return Ok(None);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn attached(tools: Tools<'_>, copy: FileCopy, entry_id: EntryId) -> Result<FileCopy, TransferError> {
    let copy = FileCopy { state: CopyState::Attached, entry_id: Some(entry_id), ..copy };
    advance(tools, CopyState::Attaching, copy)
}

/// Kaltura said no to `media.add` itself, or the request never left this machine.
fn was_not_carried_out(error: &RemoteError) -> bool {
    matches!(
        error.kind,
        RemoteKind::Unreachable
            | RemoteKind::Tls
            | RemoteKind::Refused
            | RemoteKind::Expired
            | RemoteKind::RateLimited(_)
            | RemoteKind::Rejected
            | RemoteKind::NotFound
    )
}

pub(super) fn token_of(copy: &FileCopy) -> Result<UploadTokenId, TransferError> {
    copy.token.clone().ok_or_else(|| TransferError::Recording("the ledger has lost its upload token".to_owned()))
}

fn in_doubt() -> RemoteError {
    RemoteError::new(Service::Kaltura, RemoteKind::Server, "media.add: whether the entry was made is in doubt")
}
