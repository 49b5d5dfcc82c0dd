//! Handing a segment over to another account: the entry and every child of ours.

mod apply;
mod plan;

pub use apply::{HandedOver, hand_over};
pub use plan::{HandoverPlan, OwnedEntries, SegmentEntries, judge_handover};
