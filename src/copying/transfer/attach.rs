//! Making the entry, exactly once.
//!
//! `media.add` has no idempotency key. So the file is claimed first ([`super::claim`]), and the ledger notes that the
//! entry was asked for before it is. When the answer is lost, the token tells: the link of token and entry shows up
//! within a second, later on a loaded server (facts-kaltura.md#k18). Where it does not, the token is ended and the file
//! claimed anew: what is carried out late then finds no token, and takes no bytes.

use super::TransferError;
use super::claim::{Claim, claim_file, may_go_on, remove_unfilled_entry, sign_taken_over, token_names};
use super::job::{
    Job, Pauses, TRIES, TransferContext, TransferTarget, advance_copy, advance_copy_later, looked_for_until,
    note_asked, note_sent, now,
};
use super::leftovers::{end_token, entry_came_back, look_at_token, take_back_copy};
use super::parent::{Child, EntryOwner, check_kept, look_for_child, owner_now, refuse_entry};
use crate::model::proof::Proof;
use crate::model::{CopyState, EntryId, FileCopy, FileKind, UploadTokenId};
use crate::remotes::http::{Meaning, RemoteError, RemoteKind, Service};
use crate::remotes::kaltura::{Attached, MediaType, NewEntry, UploadToken};

/// Leaves the copy attached: an entry exists and names its token. What turns out to be in Kaltura whole is left as sent.
pub(super) async fn attach_entry(
    context: TransferContext<'_>,
    job: &Job<'_>,
    mut copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    let (mut error, mut patience, mut tries) = (None, context.tuning.retry.rate_pauses(), 0);
    let names = token_names(context, job);
    loop {
        if copy.state == CopyState::Attaching {
            copy = settle_attaching(context, job, copy).await?;
            copy = match copy.entry_id.clone() {
                _ if copy.state == CopyState::Attached => return Ok(copy),
                Some(entry_id) => return check_tied(context, job, copy, entry_id).await,
                None if tries >= TRIES => return Err(error.unwrap_or_else(doubt_error).into()),
                None => match claim_anew(context, job, copy).await? {
                    ClaimOutcome::Alone(copy) => copy,
                    ClaimOutcome::Found(copy) => return Ok(copy),
                },
            };
        }
        let token = copy_token(&copy)?;
        let owner = match prepare_target(context, job, &copy).await {
            Ok(Child::Make(owner)) => owner,
            Ok(Child::Whole(entry_id)) => {
                if let Some(proof) = Proof::token_of(&copy, None) {
                    context.systems.kaltura.delete_token(proof).await?;
                }
                return complete_found(context, job, copy, entry_id).await;
            }
            Ok(Child::Empty(entry_id)) => return take_up(context, job, copy, entry_id).await,
            Err(error) => {
                // one that is left behind counts for a moment, and is ended then
                if let Some(proof) = Proof::token_of(&copy, None) {
                    context.systems.kaltura.delete_token(proof).await.ok();
                }
                return Err(error);
            }
        };
        let asked = copy.asked + 1;
        copy = note_asked(context, job, copy).await?;
        match context.systems.kaltura.attach(&new_entry(context, job, &owner), &token, &names).await {
            Ok(Attached { entry_id, dropped: Some(dropped), .. }) => {
                return Err(refuse_entry(context, copy, &entry_id, &dropped).await);
            }
            Ok(Attached { entry_id, tied: Ok(()), named, .. }) => {
                return second_look(context, job, copy, entry_id, named).await;
            }
            Ok(Attached { entry_id, tied: Err(why), .. }) => {
                tracing::debug!(%entry_id, error = %why, "the entry was made; it is unknown whether its token is attached");
                copy =
                    advance_copy(context, CopyState::Attaching, FileCopy { entry_id: Some(entry_id), ..copy }).await?;
            }
            Err(why) if was_not_carried_out(&why) => {
                let back = FileCopy { state: CopyState::Reserved, asked: asked - 1, ..copy };
                copy = advance_copy(context, CopyState::Attaching, back).await?;
                tokio::time::sleep(patience.pause(&why).ok_or(why)?).await;
            }
            Err(why) => {
                tracing::debug!(error = %why, "it is unknown whether the entry was made");
                (error, tries) = (Some(why), tries + 1);
            }
        }
    }
}

/// What came of a claim.
pub(super) enum ClaimOutcome {
    /// The copy has a token that holds nothing, and no entry.
    Alone(FileCopy),
    /// The copy is attached, or sent.
    Found(FileCopy),
}

/// The copy with a token of its own, unless it turns out to exist, or to be under way. The token that it had is given up.
pub(super) async fn note_claimed(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
) -> Result<ClaimOutcome, TransferError> {
    let claim = Box::pin(claim_file(context, job, &copy)).await?;
    let entry = look_at_token(context.systems.kaltura, copy.entry_id.as_ref()).await?;
    if let Some(proof) = Proof::token_of(&copy, entry.as_ref())
        && !end_token(context.systems.kaltura, context.tuning.claim_settle, entry.is_some(), proof).await?
    {
        if let Claim::Alone(token) | Claim::Entry(token, _) = &claim {
            context.systems.kaltura.delete_token(Proof::claim(token)).await?;
        }
        return Err(TransferError::Recording(entry_came_back()));
    }
    if let Claim::Whole(entry_id) | Claim::Entry(_, entry_id) = &claim {
        sign_taken_over(context, entry_id).await?;
    }
    match claim {
        Claim::Alone(token) => Ok(ClaimOutcome::Alone(FileCopy { token: Some(token), ..copy })),
        Claim::Whole(entry_id) => Ok(ClaimOutcome::Found(complete_found(context, job, copy, entry_id).await?)),
        Claim::Entry(token, entry_id) => {
            let copy = FileCopy { token: Some(token), ..copy };
            Ok(ClaimOutcome::Found(Box::pin(take_up(context, job, copy, entry_id)).await?))
        }
    }
}

/// A copy whose entry was asked for, and may yet come: its token is ended, and the file claimed anew.
async fn claim_anew(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
) -> Result<ClaimOutcome, TransferError> {
    if let Some(proof) = Proof::token_of(&copy, None) {
        context.systems.kaltura.end_token(proof).await?;
    }
    note_claimed(context, job, copy).await
}

/// An entry that waits for content becomes the copy's.
async fn take_up(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
    entry_id: EntryId,
) -> Result<FileCopy, TransferError> {
    let from = copy.state;
    let found = FileCopy { state: CopyState::Attaching, entry_id: Some(entry_id.clone()), ..copy };
    check_tied(context, job, advance_copy(context, from, found).await?, entry_id).await
}

/// The entry is made and attached. Where somebody else attached one at the same time, one of the two goes.
async fn second_look(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
    entry_id: EntryId,
    named: Result<Vec<UploadToken>, RemoteError>,
) -> Result<FileCopy, TransferError> {
    let token = copy_token(&copy)?;
    let named = match named {
        Ok(named) => named,
        Err(_) => context.systems.kaltura.tokens_named(&token_names(context, job)).await?,
    };
    if may_go_on(&token, &named) {
        return Ok(note_attached(context, copy, entry_id));
    }
    let copy =
        advance_copy(context, CopyState::Attaching, FileCopy { entry_id: Some(entry_id.clone()), ..copy }).await?;
    Err(give_way(context, job, copy, &entry_id, TransferError::ClaimedElsewhere).await)
}

/// The own entry, which was never filled, goes; `why` is what becomes of the copy.
async fn give_way(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
    entry_id: &EntryId,
    why: TransferError,
) -> TransferError {
    let gone = async {
        let found = context.systems.kaltura.copied_one(entry_id).await?;
        if let Some(proof) = Proof::token_of(&copy, found.as_ref()) {
            context.systems.kaltura.end_token(proof).await?;
        }
        remove_unfilled_entry(context, job, entry_id).await?;
        let (from, asked) = (copy.state, copy.asked.saturating_sub(1));
        advance_copy(context, from, FileCopy { state: CopyState::New, token: None, entry_id: None, asked, ..copy })
            .await
    };
    gone.await.err().unwrap_or(why)
}

/// A copy in doubt, after the token was looked at until `settle` after the entry was asked for: attached to an entry that is
/// as it was asked for, or still without a link.
pub(super) async fn settle_attaching(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    let token = copy_token(&copy)?;
    match find_token_entry(context, &copy, &token).await? {
        Some(entry_id) => {
            let owner = owner_now(context, job).await?;
            check_kept(context, &copy, &entry_id, &new_entry(context, job, &owner)).await?;
            // what was never answered may have been carried out twice
            Ok(note_attached(context, FileCopy { asked: copy.asked.max(2), ..copy }, entry_id))
        }
        None => Ok(copy),
    }
}

/// Ties the token to an entry that exists, is as it was asked for, and has no link to it. Where Kaltura knows the token no
/// more, the file is claimed anew for the same entry.
async fn check_tied(
    context: TransferContext<'_>,
    job: &Job<'_>,
    mut copy: FileCopy,
    entry_id: EntryId,
) -> Result<FileCopy, TransferError> {
    let owner = owner_now(context, job).await?;
    check_kept(context, &copy, &entry_id, &new_entry(context, job, &owner)).await?;
    let (mut patience, mut tries) = (context.tuning.retry.rate_pauses(), 0);
    loop {
        let token = copy_token(&copy)?;
        match context.systems.kaltura.tie(&entry_id, &token).await {
            Ok(()) => return Ok(note_attached(context, copy, entry_id)),
            Err(why) if why.means(Meaning::NoSuchEntry) => return Err(TransferError::Deleted),
            Err(why) if why.means(Meaning::AlreadyFilled) => {
                return take_back_taken(context, job, copy, entry_id).await;
            }
            Err(why) if why.means(Meaning::NoSuchThing) && tries < TRIES => {
                tries += 1;
                copy = match note_claimed(context, job, FileCopy { token: None, entry_id: None, ..copy.clone() }).await
                {
                    Ok(ClaimOutcome::Alone(new)) => {
                        let new = FileCopy { entry_id: Some(entry_id.clone()), ..new };
                        advance_copy(context, CopyState::Attaching, new).await?
                    }
                    Ok(ClaimOutcome::Found(found)) => {
                        if found.entry_id.as_ref() != Some(&entry_id) {
                            remove_unfilled_entry(context, job, &entry_id).await?;
                        }
                        return Ok(found);
                    }
                    Err(why @ TransferError::ClaimedElsewhere) => {
                        return Err(give_way(context, job, copy, &entry_id, why).await);
                    }
                    Err(why) => return Err(why),
                };
            }
            Err(why) => match patience.pause(&why) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(why.into()),
            },
        }
    }
}

/// The entry waits for another token, or has content. Without content it is taken back, to be made anew.
async fn take_back_taken(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
    entry_id: EntryId,
) -> Result<FileCopy, TransferError> {
    let found = context.systems.kaltura.copied_one(&entry_id).await?;
    if found.is_some_and(|found| found.source_bytes > 0) {
        return complete_found(context, job, copy, entry_id).await;
    }
    let named = FileCopy { entry_id: Some(entry_id.clone()), ..copy.clone() };
    take_back_copy(context.systems.kaltura, context.tuning.claim_settle, &named, &job.mark()).await?;
    let from = copy.state;
    advance_copy(context, from, FileCopy { state: CopyState::New, token: None, entry_id: None, ..copy }).await?;
    let message = format!("Kaltura did not take the bytes for entry {entry_id}; the next try makes a new entry");
    Err(TransferError::Recording(message))
}

/// Whose the entry is to be. A child's parent is looked at first: a deleted one gives an error that looks worth
/// retrying and is not (facts-kaltura.md#k23). The owner of a parent may be gone by now: chosen by an earlier run,
/// remembered, or looked up hours ago at the begin of a long one.
pub(super) async fn prepare_target(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
) -> Result<Child, TransferError> {
    let owner = match job.place {
        TransferTarget::Parent(owner) => owner,
        TransferTarget::Child(parent) | TransferTarget::Caption(parent) | TransferTarget::Attachment(parent) => {
            return look_for_child(context, job, parent, copy).await;
        }
    };
    if !context.systems.kaltura.is_still_active(owner).await? {
        context.systems.ledger.forget_account(owner)?;
        if copy.state == CopyState::Attaching {
            let state = if copy.token.is_some() { CopyState::Reserved } else { CopyState::New };
            advance_copy(context, CopyState::Attaching, FileCopy { state, ..copy.clone() }).await?;
        }
        let message = format!(
            "Kaltura: the account {:?} no longer exists, or is blocked; the next try looks for the owner again",
            owner.as_str()
        );
        return Err(TransferError::Recording(message));
    }
    Ok(Child::Make(EntryOwner { user: owner.to_string(), is_orphan: job.orphan }))
}

/// The entry that the file becomes.
pub(super) fn new_entry<'a>(context: TransferContext<'_>, job: &'a Job<'_>, owner: &'a EntryOwner) -> NewEntry<'a> {
    let wording = &context.tuning.wording;
    NewEntry {
        media_type: if job.file.kind == FileKind::Audio { MediaType::Audio } else { MediaType::Video },
        name: job.title.clone(),
        description: wording.describe_entry(job.segment),
        owner: &owner.user,
        reference_id: job.mark(),
        tags: wording.join_tags(job.segment),
        conversion_profile_id: context.tuning.conversion_profile_id,
        parent: job.place.parent(),
        blocks_auto_captions: job.blocks_auto_captions,
        admin_tags: context.systems.kaltura.tags(owner.is_orphan),
    }
}

pub(super) async fn complete_found(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
    entry_id: EntryId,
) -> Result<FileCopy, TransferError> {
    let from = copy.state;
    note_sent(context, job, from, FileCopy { entry_id: Some(entry_id), token: None, ..copy }).await
}

/// The entry that the token names; looked for until `settle` after it was asked for.
async fn find_token_entry(
    context: TransferContext<'_>,
    copy: &FileCopy,
    token: &UploadTokenId,
) -> Result<Option<EntryId>, TransferError> {
    // a token that was just made was not sent with anything yet
    let until = looked_for_until(copy.attach_sent, context.tuning.settle);
    let mut pauses = Pauses::default();
    loop {
        let last = now() >= until;
        // one that is gone names nothing any more
        let Some(found) = context.systems.kaltura.token_there(token).await? else {
            return Ok(None);
        };
        if let Some(asset) = found.flavor_asset_id
            && let Some(entry_id) = context.systems.kaltura.entry_of_flavor_asset(&asset).await?
        {
            return Ok(Some(entry_id));
        }
        if last {
            return Ok(None);
        }
        pauses.wait().await;
    }
}

fn note_attached(context: TransferContext<'_>, copy: FileCopy, entry_id: EntryId) -> FileCopy {
    let copy = FileCopy { state: CopyState::Attached, entry_id: Some(entry_id), ..copy };
    advance_copy_later(context, CopyState::Attaching, copy)
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

pub(super) fn copy_token(copy: &FileCopy) -> Result<UploadTokenId, TransferError> {
    copy.token.clone().ok_or_else(|| TransferError::Recording("the ledger has lost its upload token".to_owned()))
}

pub(super) fn doubt_error() -> RemoteError {
    RemoteError::new(Service::Kaltura, RemoteKind::Server, "media.add: it is unknown whether the entry was made")
}
