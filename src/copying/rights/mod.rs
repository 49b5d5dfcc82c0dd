//! Rights of others on a copy: alternative hosts, co-hosts, panelists, participants. Off unless configured.

mod give;
mod grants;

pub use give::{RightsContext, give_rights};
pub use grants::{Grant, Grants, added_rights};
