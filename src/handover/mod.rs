//! Handing an orphaned segment over to the account that its host has by now: the entry and every child of ours.

mod apply;
mod plan;

pub use apply::{HandedOver, hand_over};
pub use plan::{Kin, Verdict, judge};
