//! What is to happen to a recording or a file.

use std::fmt;

use super::Reason;

/// What is to happen, or has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Copied to the host's account.
    Copy,
    /// Copied to the holding user.
    CopyAsOrphan,
    /// Left for a later run.
    Wait,
    /// Not copied, by rule.
    Skip,
    /// Already in Kaltura.
    Done,
    /// Deleted in Kaltura.
    Delete,
    /// Not deleted.
    Keep,
    /// Handed over to the host's account, which exists by now.
    Adopt,
    /// Handed to another account, by hand.
    Reassign,
    /// Safely in Kaltura, and put into Zoom's trash.
    Trash,
}

impl Action {
    /// The word used in reports and in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Action::Copy => "copy",
            Action::CopyAsOrphan => "copy_as_orphan",
            Action::Wait => "wait",
            Action::Skip => "skip",
            Action::Done => "done",
            Action::Delete => "delete",
            Action::Keep => "keep",
            Action::Adopt => "adopt",
            Action::Reassign => "reassign",
            Action::Trash => "trash",
        }
    }

    /// Reads the ledger's word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Action> {
        use Action::{Adopt, Copy, CopyAsOrphan, Delete, Done, Keep, Reassign, Skip, Trash, Wait};
        let all = [Copy, CopyAsOrphan, Wait, Skip, Done, Delete, Keep, Adopt, Reassign, Trash];
        all.into_iter().find(|action| action.word() == word)
    }

    /// Whether nothing more is owed.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Action::Skip | Action::Done | Action::Trash)
    }

    /// Whether the copy is to be made or finished in this run.
    #[must_use]
    pub fn is_copy(self) -> bool {
        matches!(self, Action::Copy | Action::CopyAsOrphan)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What happens, and why where it is not plainly copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What happens.
    pub action: Action,
    /// Why, where the action alone does not say it.
    pub reason: Option<Reason>,
}

impl Decision {
    /// What needs no reason.
    #[must_use]
    pub const fn plain(action: Action) -> Decision {
        Decision { action, reason: None }
    }

    /// What happens for a reason.
    #[must_use]
    pub const fn because(action: Action, reason: Reason) -> Decision {
        Decision { action, reason: Some(reason) }
    }

    /// Left for a later run.
    #[must_use]
    pub const fn wait(reason: Reason) -> Decision {
        Decision::because(Action::Wait, reason)
    }

    /// Not copied.
    #[must_use]
    pub const fn skip(reason: Reason) -> Decision {
        Decision::because(Action::Skip, reason)
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            Some(reason) => write!(f, "{} {reason}", self.action),
            None => self.action.fmt(f),
        }
    }
}
