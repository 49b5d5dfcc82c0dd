//! What is to happen to each recording, and why. Pure: facts in, plan out.

mod confirm;
mod facts;
mod further;
mod item;
mod main_file;
mod mark;
mod order;
mod planner;
mod policy;
mod rules;
#[cfg(test)]
pub(crate) mod samples;
mod scene;
mod scope;
mod segment;
mod stage;
mod trash;
mod trash_brake;
mod window;

pub use confirm::confirmed;
pub use facts::Facts;
pub use item::{FilePlan, Item, Step, Verdict, summed_up};
pub use planner::{Plan, plan};
pub use policy::{Audio, Kinds, Policy, Wanted};
pub use scope::{Scope, Selection};
pub use stage::{Presence, Stage, stage};
pub use trash::{is_old, is_same, may_be_due, still_safe};
pub use window::{Pace, window};
