//! Whose account a copy goes to.

use super::KalturaUserId;

/// What is known of a host's Kaltura account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// An active account that Kaltura itself confirmed.
    Account(KalturaUserId),
    /// Kaltura was asked and has none: the copy goes to the holding user.
    NoAccount(OwnerProblem),
    /// It could not be found out; the text says why. Nothing may be copied on such ground.
    Unknown(String),
}

/// Why a host has no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerProblem {
    /// Kaltura knows no active user by any of the ids tried.
    NoMatch,
    /// Zoom has no such user any more, or one without an address.
    HostUnknown,
}
