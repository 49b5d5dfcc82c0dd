//! Users whom this client found lately, so that one is not asked for twice within a moment.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::model::KalturaUserId;

/// So long it is taken for granted that a user who was there still is.
const MOMENT: Duration = Duration::from_secs(60);

/// When users were found.
#[derive(Debug, Default)]
pub(super) struct Confirmed(Mutex<HashMap<KalturaUserId, Instant>>);

impl Confirmed {
    /// The user was just found.
    pub(super) fn note(&self, user: &KalturaUserId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(user.clone(), Instant::now());
    }

    /// Whether that was a moment ago.
    pub(super) fn is_fresh(&self, user: &KalturaUserId) -> bool {
        let users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        users.get(user).is_some_and(|found| found.elapsed() < MOMENT)
    }
}
