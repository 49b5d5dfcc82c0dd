//! How things stand: from the ledger alone, so that it answers when both remote sides are down.

mod accounts;
mod alarms;
mod figures;
mod html;
mod json;
mod last_days;
mod resolved;
mod rows;
mod site;
mod summary;
mod text;

pub use accounts::{AccountStatus, accounts_document, accounts_text};
pub use alarms::{ALARM_WORDS, Alarm, find_alarms, hidden_by_outages};
pub use figures::{AlertLimits, Figures, Lateness, Status, Waiting, sort_status};
pub use html::render_page;
pub use json::status_document;
pub use last_days::{Day, LastDays, LeftOutCount, PeriodSums, Times, Wrong, days_since, sum_last_days};
pub use resolved::resolved_text;
pub use site::Site;
pub use text::status_text;
