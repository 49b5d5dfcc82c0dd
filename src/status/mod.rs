//! How things stand: from the ledger alone, so that it answers when both remote sides are down.

mod figures;
mod json;
mod judge;
mod text;

pub use figures::{Figures, Limits, Status, Waiting, status};
pub use json::json;
pub use judge::{Alarm, alarms};
pub use text::text;
