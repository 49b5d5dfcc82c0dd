//! What is to happen to each recording, and why. Pure: facts in, plan out.

mod confirm;
mod facts;
mod item;
mod mark;
mod planner;
mod policy;
mod rules;
#[cfg(test)]
pub(crate) mod samples;
mod scope;
mod stage;
mod window;

pub use confirm::{confirmed, settled_as};
pub use facts::Facts;
pub use item::{FilePlan, Item, Step};
pub use planner::{Plan, plan};
pub use policy::Policy;
pub use scope::{Scope, Selection};
pub use stage::{Stage, stage};
pub use window::{Pace, window};
