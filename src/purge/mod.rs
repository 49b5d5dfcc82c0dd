//! Letting go of orphaned copies: in Kaltura only, never of anything else.

mod apply;
mod brake;
mod evidence;
mod gather;
mod heirs;
mod origins;
mod plan;
mod seen;

pub use apply::{Bin, Means, apply};
pub use brake::{Brake, Limits, brake};
pub use evidence::Evidence;
pub use gather::gather;
pub use origins::Origins;
pub use plan::plan;
pub use seen::{Heir, Seen, Witnesses};
