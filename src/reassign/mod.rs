//! The copies of one Kaltura account handed to another, by hand: whole segments, and only what this program made.

mod accounts;
mod apply;
mod gather;
mod misnamed;
mod origins;
mod plan;
mod suggestion;

pub use accounts::{Accounts, accounts};
pub use apply::{Means, apply};
pub use gather::{Gathered, Wanted, gather};
pub use misnamed::misnamed;
pub use origins::{Origins, ReassignError};
pub use plan::{Found, plan};
