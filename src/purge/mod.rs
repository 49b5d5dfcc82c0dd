//! Letting go of orphaned copies: in Kaltura only, never of anything else.

mod apply;
mod gather;
mod plan;

pub use apply::{Brake, apply, brake};
pub use gather::{Seen, gather};
pub use plan::plan;
