//! Trying what a run needs, before it needs it. Changes nothing anywhere.

mod finding;
mod here;
mod kaltura;
mod permissions;
mod zoom;

pub use finding::{CheckFinding, findings_json, findings_text};
pub use here::{check_clock, check_lists, check_machine};
pub use kaltura::check_kaltura;
pub use zoom::check_zoom;
