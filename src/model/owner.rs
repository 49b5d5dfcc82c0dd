//! Whose account a copy goes to.
//!
//! A Zoom user who hosts meetings, as far as their account in Kaltura can be told from it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::KalturaUserId;

/// What is known of a host's Kaltura account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// An active account that Kaltura itself confirmed, and what led to it.
    Account(KalturaUserId, OwnerRule),
    /// Kaltura was asked and has none: the copy goes to the holding user.
    NoAccount(OwnerProblem),
    /// The alias file names an account that does not exist; the text says where. A slip of the pen makes no orphan.
    WrongAlias(String),
    /// A line of the alias file that makes no sense may be meant for this host.
    Undecided,
    /// Only what stands before the `@` of their address leads to an account, and `owner.domains` does not say whether that
    /// address is the institution's own.
    DomainsMissing,
    /// It could not be found out; the text says why. Nothing may be copied on such ground.
    Unknown(String),
}

impl Owner {
    /// The account, where there is one.
    #[must_use]
    pub fn account(&self) -> Option<&KalturaUserId> {
        match self {
            Owner::Account(user, _) => Some(user),
            _ => None,
        }
    }
}

/// What led to an account: `alias`, `email`, `last_owner`, or a candidate as the configuration spells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnerRule(Arc<str>);

impl OwnerRule {
    /// The rule by the word for it.
    pub fn new(word: impl Into<Arc<str>>) -> OwnerRule {
        OwnerRule(word.into())
    }

    /// The line of the alias file.
    #[must_use]
    pub fn alias() -> OwnerRule {
        OwnerRule::new("alias")
    }

    /// The one user with the host's address.
    #[must_use]
    pub fn email() -> OwnerRule {
        OwnerRule::new("email")
    }

    /// The account that the recordings of this host went to before, of whom Zoom knows nothing any more.
    #[must_use]
    pub fn last_owner() -> OwnerRule {
        OwnerRule::new("last_owner")
    }

    /// The word kept and shown.
    #[must_use]
    pub fn word(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OwnerRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a host has no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerProblem {
    /// Kaltura knows no active user by any of the ids tried, nor by the address.
    NoMatch,
    /// Several active users have the host's address, or Kaltura takes another one's id for the host's.
    Ambiguous,
    /// Zoom has no such user any more, or one without an address.
    HostUnknown,
}

/// What Zoom says of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostProfile {
    /// The address they sign in with; empty where Zoom has no such user any more, and its list does not tell it.
    pub email: String,
    /// What an institution may tell people apart by, by the names that `owner.candidates` uses: `employee_unique_id`,
    /// `cms_user_id`, `custom:NAME`.
    pub attributes: BTreeMap<String, String>,
    /// Whose account their recordings went to before, where Zoom has no such user any more.
    pub last_owner: Option<KalturaUserId>,
}

impl HostProfile {
    /// The address they sign in with, where it is known.
    #[must_use]
    pub fn known_email(&self) -> Option<&str> {
        Some(&*self.email).filter(|email| !email.is_empty())
    }
}
