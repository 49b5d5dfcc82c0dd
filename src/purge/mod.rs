//! Letting go of orphaned copies: in Kaltura only, never of anything else.

mod apply;
mod brake;
mod evidence;
mod gather;
mod heirs;
mod origins;
mod plan;
mod seen;

pub use apply::{Bin, PurgeContext, apply_purge};
pub use brake::{PurgeBrake, PurgeLimits, find_brake};
pub use evidence::PurgeFacts;
pub use gather::gather_purge;
pub use origins::PurgeSources;
pub use plan::plan_purge;
pub use seen::{NewOwner, OrphanSeen, Witnesses};
