//! How things stand: from the ledger alone, so that it answers when both remote sides are down.

mod figures;
mod html;
mod json;
mod judge;
mod lately;
mod rows;
mod text;

pub use figures::{AlertLimits, Figures, Status, Waiting, sort_status};
pub use html::render_page;
pub use json::status_json;
pub use judge::{ALARM_WORDS, Alarm, find_alarms};
pub use lately::{Day, LOSSES, LastDays, Times, Wrong, days_since, sum_last_days};
pub use text::status_text;
