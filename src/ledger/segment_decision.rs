//! A decision on a segment, as it is handed to the ledger.

use super::runs::format_stamp;
use crate::model::{Action, KalturaUserId, OwnerRule, Reason, SegmentOutline};

/// What was decided on a segment.
#[derive(Clone, Copy, Debug)]
pub struct SegmentDecision<'a> {
    /// The segment as listed.
    pub segment: SegmentOutline<'a>,
    /// What is to happen.
    pub action: Action,
    /// And why, where not plainly copied.
    pub reason: Option<Reason>,
    /// The account it goes to.
    pub owner: Option<&'a KalturaUserId>,
    /// What led to that account.
    pub rule: Option<&'a OwnerRule>,
    /// Whether that is the holding user.
    pub orphan: bool,
    /// Whether the titles of its copies are to follow its topic, where that is another one than before.
    pub follows_rename: bool,
    /// What of it is still to be copied; `None` where Zoom does not list it just now.
    pub owed: Option<OwedWork>,
}

impl<'a> SegmentDecision<'a> {
    /// It is left out, whoever hosted it.
    #[must_use]
    pub fn leave_out(segment: SegmentOutline<'a>, reason: Reason, owed: Option<OwedWork>) -> SegmentDecision<'a> {
        SegmentDecision {
            segment,
            action: Action::Skip,
            reason: Some(reason),
            owner: None,
            rule: None,
            orphan: false,
            follows_rename: false,
            owed,
        }
    }
}

/// What is still to be copied of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwedWork {
    /// How many files.
    pub files: u64,
    /// How many bytes, as far as Zoom tells.
    pub bytes: u64,
}

/// What changes without a decision: what is owed, and until when Zoom has it.
pub(super) struct ListedState {
    pub(super) files: i64,
    pub(super) bytes: i64,
    pub(super) ended: String,
    pub(super) deleted_on: Option<String>,
}

impl ListedState {
    pub(super) fn of(segment: SegmentOutline<'_>, owed: OwedWork) -> ListedState {
        ListedState {
            files: owed.files.cast_signed(),
            bytes: owed.bytes.cast_signed(),
            ended: format_stamp(segment.started + segment.lasted.unwrap_or_default()),
            deleted_on: segment.deleted_on.map(|day| day.to_string()),
        }
    }
}
