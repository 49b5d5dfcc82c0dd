//! The copies of one Kaltura account handed to another, by hand: whole segments, and only what this program made.

mod accounts;
mod apply;
mod gather;
mod misnamed;
mod origins;
mod plan;
mod suggestion;

pub use accounts::{AccountPair, find_account_pair};
pub use apply::{ReassignContext, apply_reassign};
pub use gather::{AccountContents, WantedCopies, gather_account};
pub use misnamed::find_misnamed_copies;
pub use origins::{ReassignError, ReassignSources};
pub use plan::{SegmentInAccount, plan_reassign};
