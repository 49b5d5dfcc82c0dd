//! Making the entry, exactly once.
//!
//! `media.add` has no idempotency key. So the ledger notes that the entry was asked for before it is, and when the
//! answer is lost, the token tells: the link of token and entry shows up within a second, later on a loaded server
//! (recorded traffic).

use std::time::Duration;

use super::TransferError;
use super::job::{Job, Place, Tools, advance, looked_for_until, now, sent};
use super::kept::{check_kept, owner_now, refuse};
use super::parent::{Child, look_for_child};
use super::remains::take_back;
use crate::http::{Meaning, RemoteError, RemoteKind, Service};
use crate::kaltura::{Attached, MediaType, NewEntry};
use crate::model::{CopyState, EntryId, FileCopy, FileKind, UploadTokenId};

/// Between two looks at a token that does not yet name its entry; doubles up to the longest.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// Times that an entry is asked for in one run.
pub(super) const TRIES: usize = 2;

/// Leaves the copy attached: an entry exists and names its token. What turns out to be in Kaltura whole is left as sent.
pub(super) async fn attach(tools: Tools<'_>, job: &Job<'_>, mut copy: FileCopy) -> Result<FileCopy, TransferError> {
    let token = token_of(&copy)?;
    let (mut error, mut patience, mut tries) = (None, tools.tuning.retry.rate_pauses(), 0);
    while tries < TRIES {
        if copy.state == CopyState::Attaching {
            copy = settled(tools, job, copy).await?;
            if copy.state == CopyState::Attached {
                return Ok(copy);
            }
            if let Some(entry_id) = copy.entry_id.clone() {
                return tied(tools, job, copy, entry_id, &token).await;
            }
        }
        let owner = match place(tools, job, &copy).await? {
            Child::Make(owner) => owner,
            Child::Whole(entry_id) => return whole(tools, job, copy, entry_id).await,
            Child::Empty(entry_id) => {
                let from = copy.state;
                let found = FileCopy { state: CopyState::Attaching, entry_id: Some(entry_id.clone()), ..copy };
                return tied(tools, job, advance(tools, from, found).await?, entry_id, &token).await;
            }
        };
        let from = copy.state;
        let asked = copy.asked + 1;
        copy = advance(tools, from, FileCopy { state: CopyState::Attaching, attach_sent: Some(now()), asked, ..copy })
            .await?;
        match tools.kaltura.attach(&new_entry(tools, job, &owner), &token).await {
            Ok(Attached { entry_id, dropped: Some(dropped), .. }) => {
                return Err(refuse(tools, copy, &entry_id, &dropped).await);
            }
            Ok(Attached { entry_id, tied: Ok(()), .. }) => return attached(tools, copy, entry_id).await,
            Ok(Attached { entry_id, tied: Err(why), .. }) => {
                tracing::debug!(%entry_id, %why, "the entry was made, its token is in doubt");
                copy = advance(tools, CopyState::Attaching, FileCopy { entry_id: Some(entry_id), ..copy }).await?;
                (error, tries) = (Some(why), tries + 1);
            }
            Err(why) if was_not_carried_out(&why) => {
                let asked = asked - 1;
                let back = FileCopy { state: CopyState::Reserved, asked, ..copy };
                copy = advance(tools, CopyState::Attaching, back).await?;
                tokio::time::sleep(patience.pause(&why).ok_or(why)?).await;
            }
            Err(why) => {
                tracing::debug!(%why, "whether the entry was made is in doubt");
                (error, tries) = (Some(why), tries + 1);
            }
        }
    }
    let copy = settled(tools, job, copy).await?;
    match (copy.state, copy.entry_id.clone()) {
        (CopyState::Attached, _) => Ok(copy),
        (_, Some(entry_id)) => tied(tools, job, copy, entry_id, &token).await,
        (_, None) => Err(error.unwrap_or_else(in_doubt).into()),
    }
}

/// A copy in doubt, after the token was looked at until `settle` after the entry was asked for: attached to an entry that is
/// as it was asked for, or still without a link.
pub(super) async fn settled(tools: Tools<'_>, job: &Job<'_>, copy: FileCopy) -> Result<FileCopy, TransferError> {
    let token = token_of(&copy)?;
    match look(tools, &copy, &token).await? {
        Some(entry_id) => {
            let owner = owner_now(tools, job).await?;
            check_kept(tools, &copy, &entry_id, &new_entry(tools, job, &owner)).await?;
            attached(tools, copy, entry_id).await
        }
        None => Ok(copy),
    }
}

/// Ties the token to an entry that exists, is as it was asked for, and has no link to it.
async fn tied(
    tools: Tools<'_>,
    job: &Job<'_>,
    copy: FileCopy,
    entry_id: EntryId,
    token: &UploadTokenId,
) -> Result<FileCopy, TransferError> {
    let owner = owner_now(tools, job).await?;
    check_kept(tools, &copy, &entry_id, &new_entry(tools, job, &owner)).await?;
    let mut patience = tools.tuning.retry.rate_pauses();
    let tied = loop {
        match tools.kaltura.tie(&entry_id, token).await {
            Err(why) => match patience.pause(&why) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => break Err(why),
            },
            Ok(()) => break Ok(()),
        }
    };
    match tied {
        Ok(()) => attached(tools, copy, entry_id).await,
        Err(error) if error.means(Meaning::NoSuchEntry) => Err(TransferError::Deleted),
        Err(error) if error.means(Meaning::AlreadyFilled) => taken(tools, job, copy, entry_id).await,
        Err(error) => Err(error.into()),
    }
}

/// The entry waits for another token, or has content. Without content it is taken back, to be made anew.
async fn taken(tools: Tools<'_>, job: &Job<'_>, copy: FileCopy, entry_id: EntryId) -> Result<FileCopy, TransferError> {
    let found = tools.kaltura.copied_one(&entry_id).await?;
    if found.is_some_and(|found| found.source_bytes > 0) {
        return whole(tools, job, copy, entry_id).await;
    }
    let named = FileCopy { entry_id: Some(entry_id.clone()), ..copy.clone() };
    take_back(tools.kaltura, Some(&entry_id), &named, &job.mark()).await?;
    let from = copy.state;
    advance(tools, from, FileCopy { state: CopyState::New, token: None, entry_id: None, ..copy }).await?;
    let message = format!("Kaltura would not take the bytes for entry {entry_id}; the next try makes it anew");
    Err(TransferError::Recording(message))
}

/// Whose the entry is to be. A child's parent is looked at first: a deleted one gives an error that looks worth
/// retrying and is not (recorded traffic). The owner of a parent may be gone by now: chosen by an earlier run, remembered,
/// or looked up hours ago at the begin of a long one.
pub(super) async fn place(tools: Tools<'_>, job: &Job<'_>, copy: &FileCopy) -> Result<Child, TransferError> {
    let owner = match job.place {
        Place::Parent(owner) => owner,
        Place::Child(parent) | Place::Caption(parent) | Place::Attachment(parent) => {
            return look_for_child(tools, job, parent, copy).await;
        }
    };
    if !tools.kaltura.is_still_active(owner).await? {
        tools.ledger.forget_account(owner)?;
        if copy.state == CopyState::Attaching {
            let state = if copy.token.is_some() { CopyState::Reserved } else { CopyState::New };
            advance(tools, CopyState::Attaching, FileCopy { state, ..copy.clone() }).await?;
        }
        let message = format!(
            "Kaltura: the account {:?} does not exist any more, or is blocked; the next try looks for the owner anew",
            owner.as_str()
        );
        return Err(TransferError::Recording(message));
    }
    Ok(Child::Make((owner.to_string(), job.orphan)))
}

/// The entry that the file becomes.
pub(super) fn new_entry<'a>(tools: Tools<'_>, job: &'a Job<'_>, (owner, orphan): &'a (String, bool)) -> NewEntry<'a> {
    let wording = &tools.tuning.wording;
    NewEntry {
        media_type: if job.file.kind == FileKind::Audio { MediaType::Audio } else { MediaType::Video },
        name: wording.name(job.segment, job.file, job.place.role()),
        description: wording.description(job.segment),
        owner,
        reference_id: job.mark(),
        tags: wording.tags(job.segment),
        conversion_profile_id: tools.tuning.conversion_profile_id,
        parent: job.place.parent(),
        admin_tags: tools.kaltura.tags(*orphan),
    }
}

pub(super) async fn whole(
    tools: Tools<'_>,
    job: &Job<'_>,
    copy: FileCopy,
    entry_id: EntryId,
) -> Result<FileCopy, TransferError> {
    let from = copy.state;
    sent(tools, job, from, FileCopy { entry_id: Some(entry_id), token: None, ..copy }).await
}

/// The entry that the token names; looked for until `settle` after it was asked for.
async fn look(tools: Tools<'_>, copy: &FileCopy, token: &UploadTokenId) -> Result<Option<EntryId>, TransferError> {
    // a token that was just made was not sent with anything yet
    let until = looked_for_until(copy.attach_sent, tools.tuning.settle);
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

async fn attached(tools: Tools<'_>, copy: FileCopy, entry_id: EntryId) -> Result<FileCopy, TransferError> {
    let copy = FileCopy { state: CopyState::Attached, entry_id: Some(entry_id), ..copy };
    advance(tools, CopyState::Attaching, copy).await
}

/// Kaltura said no to `media.add` itself, or the request never left this machine.
pub(super) fn was_not_carried_out(error: &RemoteError) -> bool {
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

pub(super) fn in_doubt() -> RemoteError {
    RemoteError::new(Service::Kaltura, RemoteKind::Server, "media.add: whether the entry was made is in doubt")
}
