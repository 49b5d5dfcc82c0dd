//! What Kaltura says of one orphan, and of those that it must know. Pure.

use crate::model::{Entry, KalturaUserId, Orphan, OwnerRule, ReferenceId};

/// An orphan and what Kaltura says of it.
#[derive(Clone, Debug)]
pub struct OrphanSeen {
    /// The orphan as the ledger knows it, or as its entry tells where the ledger does not.
    pub orphan: Orphan,
    /// Its entry; `None` where it no longer exists.
    pub entry: Option<Entry>,
    /// The children of that entry, those of others too.
    pub children: Vec<Entry>,
    /// The mark of its segment.
    pub mark: ReferenceId,
    /// Whether captions or attachments hang on it that this program did not add.
    pub has_additions: bool,
    /// Whether somebody put it into a category or shared it.
    pub published: bool,
    /// Whose it could be by now.
    pub heir: NewOwner,
}

impl OrphanSeen {
    /// An orphan that was looked at; whose it could be was not asked yet, nor what people made of it.
    #[must_use]
    pub fn new(orphan: Orphan, entry: Option<Entry>, children: Vec<Entry>, has_additions: bool) -> OrphanSeen {
        let mark = orphan.segment.key().reference_id();
        OrphanSeen { orphan, entry, children, mark, has_additions, published: false, heir: NewOwner::NotAsked }
    }
}

/// Whose an orphan could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewOwner {
    /// It was not asked for.
    NotAsked,
    /// Its host has this account by now.
    Account(KalturaUserId, OwnerRule),
    /// Its host still has none.
    Nobody,
    /// Only `{localpart}` leads its host to an account, and `owner.domains` is missing.
    DomainsMissing,
    /// It could not be found out, for this reason: nothing is deleted on such ground.
    Unknown(String),
}

/// Accounts to which copies went lately: where Kaltura knows none of them, its answers are worth nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Witnesses {
    /// So many were asked for.
    pub asked: usize,
    /// So many it knows.
    pub known: usize,
}
