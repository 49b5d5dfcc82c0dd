//! Rights of others on a copy: alternative hosts, co-hosts, panelists, participants. Off unless configured.

mod give;
mod grants;

pub use give::{Means, give};
pub use grants::{Grant, Grants, added};
