//! The copies of one Kaltura account handed to another, by hand: whole segments, and only what this program made.

mod accounts;
mod apply;
mod gather;
mod origins;
mod plan;

pub use accounts::{Accounts, accounts};
pub use apply::{Means, apply};
pub use gather::{Gathered, Wanted, gather};
pub use origins::{Origins, ReassignError};
pub use plan::{Found, plan};
