//! How things stand: from the ledger alone, so that it answers when both remote sides are down.

mod figures;
mod html;
mod json;
mod judge;
mod lately;
mod rows;
mod text;

pub use figures::{Figures, Limits, Status, Waiting, status};
pub use html::page;
pub use json::json;
pub use judge::{ALARM_WORDS, Alarm, alarms};
pub use lately::{Day, LOSSES, Lately, Times, Wrong, lately, since};
pub use text::text;
