//! The claims of the next recordings, made in one request before their turn.
//!
//! A claim that was made goes on counting until it is used or given up, and nobody else ends it before `http.claim_settle` is
//! over: so it is used within that time, or not at all. What went wrong with one, or shows another upload of the file, is
//! no claim: the file is claimed by itself then, when it has its turn.

use std::fmt::Write;
use std::time::Instant;

use sha2::{Digest, Sha256};

use super::early_claim::EarlyClaim;
use super::job::TransferContext;
use crate::model::proof::Proof;
use crate::model::{CopyState, FileCopy, FileKind, KalturaUserId, RecordingFile, ReferenceId, Role, Segment};
use crate::remotes::kaltura::WantedToken;

/// A larger file takes so long that its claim need not be there before.
const MOST_BYTES: u64 = 16 << 20;

/// A file that becomes an entry, and whose copy has begun.
#[derive(Clone, Copy)]
pub struct NextFile<'a> {
    /// The segment it stands for.
    pub segment: &'a Segment,
    /// The file as listed.
    pub file: &'a RecordingFile,
    /// Its copy in the ledger.
    pub copy: &'a FileCopy,
    /// Whose entry it becomes.
    pub owner: &'a KalturaUserId,
}

impl NextFile<'_> {
    /// Whether it is worth while to claim it ahead: it was never tried, and will not take long.
    #[must_use]
    pub fn may_be_claimed(&self) -> bool {
        let FileCopy { state, asked, attempts, announced, token, .. } = self.copy;
        let is_untried = *state == CopyState::New && *asked == 0 && *attempts == 0 && announced.is_none();
        is_untried && token.is_none() && self.file.bytes.is_some_and(|bytes| bytes <= MOST_BYTES)
    }
}

/// The names of the upload of what carries this mark, its own first.
pub(super) fn names_of_upload(
    context: TransferContext<'_>,
    mark: &ReferenceId,
    kind: FileKind,
    role: Role,
) -> Vec<String> {
    let account = &context.systems.kaltura.installation().account;
    let digest = Sha256::digest(format!("{account}\0{}", mark.as_str()));
    let hash = digest.iter().take(16).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    // Kaltura goes by the extension
    let (own, other) = if kind == FileKind::Audio { ("m4a", "mp4") } else { ("mp4", "m4a") };
    let mut names = vec![format!("zoom2kaltura-{hash}.{own}")];
    if role == Role::Parent {
        names.push(format!("zoom2kaltura-{hash}.{other}"));
    }
    names
}

/// Claims files in one request. The ledger knows of each token that it is ours before it is used: whoever finds it left knows
/// that nobody waits for it.
pub async fn claim_ahead(context: TransferContext<'_>, next: &[NextFile<'_>]) -> Vec<Option<EarlyClaim>> {
    let wanted: Vec<WantedToken> = next
        .iter()
        .map(|NextFile { segment, file, owner, .. }| WantedToken {
            names: names_of_upload(context, &segment.key().reference_id(), file.kind, Role::Parent),
            bytes: file.bytes.unwrap_or_default(),
            owner: (*owner).clone(),
        })
        .collect();
    let asked = Instant::now();
    let claimed = match context.systems.kaltura.claim_each(&wanted).await {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::debug!(%error, "nothing is claimed ahead");
            return Vec::new();
        }
    };
    let claims: Vec<Option<EarlyClaim>> = claimed
        .into_iter()
        .zip(next)
        .zip(&wanted)
        .map(|((token, next), wanted)| {
            Some(EarlyClaim { token: token?, bytes: wanted.bytes, asked, row: next.copy.row })
        })
        .collect();
    let noted = claims.iter().flatten().map(|claim| (claim.row, claim.token.clone())).collect();
    if let Err(error) = context.systems.ledger.note_claims(noted).await {
        tracing::debug!(%error, "the ledger did not take the claims made ahead");
        give_up_claims(context, claims.into_iter().flatten().collect()).await;
        return Vec::new();
    }
    claims
}

/// Deletes the tokens of claims that nobody uses. One that is left behind counts for a moment, and is ended by whoever claims
/// the file next.
pub async fn give_up_claims(context: TransferContext<'_>, claims: Vec<EarlyClaim>) {
    let proofs = claims.iter().map(|claim| Proof::claim(&claim.token)).collect();
    match context.systems.kaltura.delete_tokens(proofs).await {
        Ok(()) => {
            context.systems.ledger.forget_claims(claims.into_iter().map(|claim| (claim.row, claim.token)).collect());
        }
        Err(error) => tracing::debug!(%error, "upload tokens that were not used are left to the next run"),
    }
}
