//! A transfer that did not get to its end.

use crate::model::FileCopy;
use crate::transfer::TransferError;

/// A transfer that did not get to its end.
pub(super) struct Ended {
    /// The copy as it was when the transfer began.
    pub(super) copy: Option<Box<FileCopy>>,
    /// Why.
    pub(super) error: TransferError,
    /// Whether Kaltura has taken more of its bytes all the same.
    pub(super) moved: bool,
}

impl Ended {
    /// A transfer that was not begun.
    pub(super) fn before_it_began(error: impl Into<TransferError>) -> Ended {
        Ended { copy: None, error: error.into(), moved: false }
    }

    /// Whether an earlier try failed too.
    pub(super) fn has_failed_before(&self) -> bool {
        self.copy.as_ref().is_some_and(|copy| copy.attempts > 0)
    }
}
