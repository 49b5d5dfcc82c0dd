//! A claim that was made ahead, and how long it may be used.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use crate::model::UploadTokenId;

/// An older claim is no longer used.
const LONGEST: Duration = Duration::from_secs(60);

/// A token that was made ahead, by which nothing was asked for yet.
#[derive(Debug)]
pub struct EarlyClaim {
    pub(super) token: UploadTokenId,
    /// Of a file of so many bytes, as Zoom lists it.
    pub(super) bytes: u64,
    /// When it was asked for.
    pub(super) asked: Instant,
    /// The row of its copy in the ledger.
    pub(super) row: i64,
}

impl EarlyClaim {
    pub(super) fn may_be_used(&self, bytes: u64, settle: TimeDelta) -> bool {
        let settle = settle.to_std().unwrap_or_default();
        self.bytes == bytes && self.asked.elapsed() < LONGEST.min(settle)
    }

    pub(super) fn token(&self) -> &UploadTokenId {
        &self.token
    }

    pub(super) fn into_token(self) -> UploadTokenId {
        self.token
    }
}

/// The claim that a recording was given ahead, until it is used.
#[derive(Debug, Default)]
pub struct ClaimAhead(Mutex<Option<EarlyClaim>>);

impl ClaimAhead {
    /// That of a recording, if there is one.
    #[must_use]
    pub fn new(claim: Option<EarlyClaim>) -> ClaimAhead {
        ClaimAhead(Mutex::new(claim))
    }

    /// Takes it; nobody else has it then.
    pub fn take(&self) -> Option<EarlyClaim> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
