//! Why an event was not taken.

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub(super) struct Undelivered {
    why: String,
    /// Whether it may be taken another time.
    pub(super) may_pass: bool,
}

impl Undelivered {
    /// It may be taken another time.
    pub(super) fn passing(why: String) -> Undelivered {
        Undelivered { why, may_pass: true }
    }

    /// It will not be taken, however often it is told.
    pub(super) fn for_good(why: String) -> Undelivered {
        Undelivered { why, may_pass: false }
    }
}
