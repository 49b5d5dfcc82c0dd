//! The claim: the upload token of a file, found by its name.
//!
//! A file of Zoom has one name for its upload, whoever uploads it. `uploadToken.list` by that name is answered from Kaltura's
//! database, also while its search index stands still (facts-kaltura.md#k40): before an entry is asked for it shows
//! every other upload of the same file, of an earlier try, of a lost ledger, of another installation.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use chrono::TimeDelta;

use super::TransferError;
use super::claim_ahead::names_of_upload;
use super::early_claim::ClaimAhead;
use super::job::{Job, TransferContext, TransferTarget, now};
use super::leftovers::{end_token, find_existing_entry, find_filled_entry};
use crate::copying::copy_table::{TokenMeans, token_means};
use crate::copying::observed::{Age, Leads, Whose};
use crate::model::proof::Proof;
use crate::model::{
    CopyState, EntryId, EntryStatus, EntryWithSource, FileCopy, KalturaUserId, Role, TakeOver, TokenStatus, Tracked,
    UploadTokenId,
};
use crate::remotes::http::RemoteError;
use crate::remotes::kaltura::UploadToken;

/// So long an upload may be taken up again (facts-kaltura.md#s1).
const UPLOADS_LIVE: TimeDelta = TimeDelta::days(7);
/// Claims that are given up for another's, or after one was ended, in one try.
const CLAIMS: usize = 5;
/// Between looks while another one counts.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
/// A part of it is added.
const ANOTHER_PAUSE: Duration = Duration::from_millis(750);

/// What came of a claim.
pub(super) enum Claim {
    /// No other upload of the file counts: this one goes on.
    Alone(UploadTokenId),
    /// The same, and the entry that an earlier try made waits for content.
    Entry(UploadTokenId, EntryId),
    /// The copy exists.
    Whole(EntryId),
}

/// A token of the name, and what it means.
struct MetToken {
    means: TokenMeans,
    token: UploadToken,
    entry: Option<EntryWithSource>,
}

/// The names of a file's upload, its own first: one for every entry that may exist. What stands for a segment may be a video
/// or a sound.
pub(super) fn token_names(context: TransferContext<'_>, job: &Job<'_>) -> Vec<String> {
    names_of_upload(context, &job.mark(), job.file.kind, job.place.role())
}

/// Claims the file: goes on only where no other upload of it counts. The token of `copy` itself counts for none.
pub(super) async fn claim_file(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
) -> Result<Claim, TransferError> {
    let (owner, names) = (claimed_owner(job), token_names(context, job));
    match job.claim.and_then(ClaimAhead::take) {
        Some(claim) if claim.may_be_used(copy.bytes, context.tuning.claim_settle) => {
            return Ok(Claim::Alone(claim.into_token()));
        }
        // it would count as another one
        Some(claim) => context.systems.kaltura.delete_token(Proof::claim(claim.token())).await?,
        None => {}
    }
    for _ in 0..CLAIMS {
        let claimed = context.systems.kaltura.claim(&names, copy.bytes, owner).await?;
        let claim = claim_with(context, job, copy, &claimed.token, claimed.others).await;
        match claim {
            Ok(Some(Claim::Whole(entry_id))) => {
                context.systems.kaltura.delete_token(Proof::claim(&claimed.token)).await?;
                return Ok(Claim::Whole(entry_id));
            }
            Ok(Some(claim)) => return Ok(claim),
            Ok(None) => {
                context.systems.kaltura.delete_token(Proof::claim(&claimed.token)).await?;
                wait_until_none_counts(context, job, copy, &names).await?;
            }
            Err(error) => {
                // one that is left behind counts for a moment, and is ended then
                context.systems.kaltura.delete_token(Proof::claim(&claimed.token)).await.ok();
                return Err(error);
            }
        }
    }
    Err(TransferError::ClaimedElsewhere)
}

/// What follows from the other tokens for whoever has just claimed; `None` where the claim is to be given up for now.
async fn claim_with(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
    token: &UploadTokenId,
    mut others: Vec<UploadToken>,
) -> Result<Option<Claim>, TransferError> {
    let names = token_names(context, job);
    for _ in 0..CLAIMS {
        let Some(MetToken { means, token: other, entry }) = choose_foremost_token(context, job, copy, others).await?
        else {
            return Ok(Some(Claim::Alone(token.clone())));
        };
        let proof = Proof::left_upload(&other.id, entry.as_ref());
        match (means, entry.map(|found| found.entry)) {
            (TokenMeans::Nothing, _) => return Ok(Some(Claim::Alone(token.clone()))),
            (TokenMeans::Copy, Some(entry)) if entry.tags.another.is_none() => return Ok(Some(Claim::Whole(entry.id))),
            (TokenMeans::Copy | TokenMeans::Theirs, _) => return Err(TransferError::ClaimedElsewhere),
            (TokenMeans::Wait, _) => return Ok(None),
            (TokenMeans::Doubt | TokenMeans::TheirDoubt, _) => {
                return resolve_tokens(context, job, copy, means).await.map(Some);
            }
            (TokenMeans::End | TokenMeans::TakeUp, entry) => {
                let Some(proof) = proof else {
                    return Ok(None);
                };
                let entry = entry.map(|entry| entry.id);
                let was_used = other.flavor_asset_id.is_some() || other.uploaded > 0;
                let ended = end_token(context.systems.kaltura, context.tuning.claim_settle, was_used, proof).await?;
                if ended && means == TokenMeans::TakeUp {
                    return Ok(entry.map(|entry| Claim::Entry(token.clone(), entry)));
                }
                if let Some(entry) = entry.filter(|_| ended) {
                    remove_unfilled_entry(context, job, &entry).await?;
                }
            }
        }
        others = context.systems.kaltura.tokens_named(&names).await?;
        others.retain(|other| other.id != *token);
    }
    Err(TransferError::ClaimedElsewhere)
}

/// Only looks, at random intervals, until no other token counts.
async fn wait_until_none_counts(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
    names: &[String],
) -> Result<(), TransferError> {
    let until = now() + context.tuning.claim_settle * 2 + TimeDelta::seconds(2);
    loop {
        tokio::time::sleep(wait_some_time()).await;
        let others = context.systems.kaltura.tokens_named(names).await?;
        match choose_foremost_token(context, job, copy, others).await?.map(|met| met.means) {
            Some(TokenMeans::Wait) if now() < until => {}
            Some(TokenMeans::Wait | TokenMeans::Theirs) => return Err(TransferError::ClaimedElsewhere),
            _ => return Ok(()),
        }
    }
}

/// The token that means most.
async fn choose_foremost_token(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
    others: Vec<UploadToken>,
) -> Result<Option<MetToken>, TransferError> {
    let others: Vec<_> = others.into_iter().filter(|other| copy.token.as_ref() != Some(&other.id)).collect();
    if others.is_empty() {
        return Ok(None);
    }
    let tracked = context.systems.ledger.read_segment(&job.segment.key())?;
    let asked = |tracked: &Tracked| copies_of_the_mark(tracked, job).any(|copy| copy.asked > 0);
    let remakes = context.tuning.recopies || tracked.as_ref().is_some_and(asked);
    let mut met: Option<MetToken> = None;
    for token in others {
        let entry = find_entry_of_token(context, &token).await?;
        let leads = token_leads(job, &token, entry.as_ref(), tracked.as_ref());
        let means = token_means(token.status, leads, token_age(context, &token), remakes);
        if met.as_ref().is_none_or(|met| met.means < means) {
            met = Some(MetToken { means, token, entry });
        }
    }
    Ok(met)
}

fn token_leads(
    job: &Job<'_>,
    token: &UploadToken,
    entry: Option<&EntryWithSource>,
    tracked: Option<&Tracked>,
) -> Leads {
    use CopyState::{Broken, Deleted, Purged, Unfetched};
    let Some(found) = entry else {
        return if token.flavor_asset_id.is_some() { Leads::Gone } else { Leads::Nowhere };
    };
    let is_replaced = |copy: &FileCopy| {
        copy.entry_id.as_ref() == Some(&found.entry.id) && matches!(copy.state, Broken | Deleted | Purged | Unfetched)
    };
    match found.entry.status {
        _ if tracked.is_some_and(|tracked| tracked.replaced.contains(&found.entry.id)) => Leads::Replaced,
        _ if tracked.is_some_and(|tracked| copies_of_the_mark(tracked, job).any(is_replaced)) => Leads::Replaced,
        EntryStatus::Failed => Leads::Replaced,
        EntryStatus::Deleted => Leads::Gone,
        _ if found.entry.recycled => Leads::Gone,
        EntryStatus::NoContent | EntryStatus::Importing if found.source_bytes == 0 => {
            // what another installation left for so long counts as ours only once its upload is dead, too
            let is_theirs = found.entry.tags.another.is_some();
            Leads::Empty(if is_theirs { Whose::Theirs } else { Whose::Ours })
        }
        _ => Leads::Filled,
    }
}

/// What the ledger knows of copies that carry, or carried, the mark of the file.
fn copies_of_the_mark<'a>(tracked: &'a Tracked, job: &'a Job<'_>) -> impl Iterator<Item = &'a FileCopy> {
    let role = job.place.role();
    let is_one = move |copy: &&FileCopy| copy.role == role && (role == Role::Parent || copy.file_id == job.file.id);
    tracked.copies.iter().map(AsRef::as_ref).filter(is_one)
}

async fn find_entry_of_token(
    context: TransferContext<'_>,
    token: &UploadToken,
) -> Result<Option<EntryWithSource>, RemoteError> {
    let Some(asset) = &token.flavor_asset_id else {
        return Ok(None);
    };
    match context.systems.kaltura.entry_of_flavor_asset(asset).await? {
        Some(entry_id) => context.systems.kaltura.copied_one(&entry_id).await,
        None => Ok(None),
    }
}

/// By Kaltura's own clock. Of one whose times cannot be read nobody knows that it is fresh, or dead.
fn token_age(context: TransferContext<'_>, token: &UploadToken) -> Age {
    let now = context.systems.kaltura.now().unwrap_or_else(now);
    let since = if token.status == TokenStatus::Open { token.created } else { token.updated };
    match (since, token.updated) {
        (_, Some(updated)) if now - updated > UPLOADS_LIVE => Age::Dead,
        (Some(since), _) if now - since < context.tuning.claim_settle => Age::Fresh,
        _ => Age::Settled,
    }
}

/// Where the token leads nowhere although it was used up: the entry that has the bytes is looked for, by what the ledger
/// knows and by the mark. Where there is none, it was deleted in Kaltura.
async fn resolve_tokens(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
    means: TokenMeans,
) -> Result<Claim, TransferError> {
    if let Some(found) = find_filled_entry(context, job, copy).await? {
        let is_theirs = found.entry.tags.another.is_some();
        return if is_theirs { Err(TransferError::ClaimedElsewhere) } else { Ok(Claim::Whole(found.entry.id)) };
    }
    Err(if means == TokenMeans::TheirDoubt { TransferError::ClaimedElsewhere } else { TransferError::Deleted })
}

/// Deletes an entry of this installation that was never filled.
pub(super) async fn remove_unfilled_entry(
    context: TransferContext<'_>,
    job: &Job<'_>,
    entry_id: &EntryId,
) -> Result<(), TransferError> {
    match find_existing_entry(context.systems.kaltura, entry_id)
        .await?
        .and_then(|found| Proof::unfilled(&found, &job.mark()))
    {
        Some(proof) => Ok(context.systems.kaltura.delete(proof).await?),
        None => Ok(()),
    }
}

/// Whether the token goes on after the entry was tied to it, by what goes by its name since: a list may lag, and somebody
/// may have claimed the file at the same time. Of two attached ones the smaller id goes on, unless the other has bytes.
pub(super) fn may_go_on(token: &UploadTokenId, named: &[UploadToken]) -> bool {
    let others = named.iter().filter(|other| other.id != *token && other.flavor_asset_id.is_some());
    let mut open = others.filter(|other| matches!(other.status, TokenStatus::Open | TokenStatus::Full));
    open.all(|other| other.uploaded == 0 && token.expose() < other.id.expose())
}

fn claimed_owner<'a>(job: &Job<'a>) -> Option<&'a KalturaUserId> {
    match job.place {
        TransferTarget::Parent(owner) => Some(owner),
        TransferTarget::Child(_) | TransferTarget::Caption(_) | TransferTarget::Attachment(_) => None,
    }
}

/// Two that wait for one another do not look at the same moments.
fn wait_some_time() -> Duration {
    let part = RandomState::new().build_hasher().finish() % 1000;
    SHORTEST_PAUSE + ANOTHER_PAUSE * u32::try_from(part).unwrap_or_default() / 1000
}

/// What only a token shows of an installation that is taken over is signed here: Kaltura's index may not know it.
pub(super) async fn sign_taken_over(context: TransferContext<'_>, entry_id: &EntryId) -> Result<(), TransferError> {
    if context.systems.kaltura.installation().take_over == TakeOver::Nothing {
        return Ok(());
    }
    for signed in context.systems.kaltura.sign_entries(std::slice::from_ref(entry_id)).await? {
        signed?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::may_go_on;
    use crate::model::{TokenStatus, UploadTokenId};
    use crate::remotes::kaltura::UploadToken;

    /// Unless the other one has bytes.
    #[test]
    fn the_smaller_of_two_tokens_wins() {
        let token = |id: &str, uploaded, is_attached: bool| UploadToken {
            id: UploadTokenId::new(id),
            status: TokenStatus::Open,
            uploaded,
            flavor_asset_id: is_attached.then(|| "0_f".to_owned()),
            created: None,
            updated: None,
        };
        let own = UploadTokenId::new("1_b");
        let cases = [
            (vec![token("1_b", 0, true)], true),
            (vec![token("1_b", 0, true), token("1_c", 0, true)], true),
            (vec![token("1_b", 0, true), token("1_a", 0, true)], false),
            (vec![token("1_b", 0, true), token("1_c", 1, true)], false),
            // it has not gone on yet, and sees this one
            (vec![token("1_b", 0, true), token("1_a", 0, false)], true),
        ];
        for (named, expected) in cases {
            assert_eq!(may_go_on(&own, &named), expected, "{named:?}");
        }
    }
}
