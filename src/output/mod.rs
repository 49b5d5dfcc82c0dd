//! What people and machines read: reports, `status` with its page, metrics, events, what `explain` tells.
//!
//! Nothing here decides or changes anything but what was sent to whom. Imports from `copying` and below. Start with
//! [`report`] for the end of a run and [`status`] for how things stand.

pub mod document;
pub mod entry_terms;
pub mod explain;
pub mod notify;
pub mod report;
pub mod status;
pub mod table;
