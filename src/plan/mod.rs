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

pub use confirm::is_confirmed;
pub use facts::Facts;
pub use item::{Decision, FilePlan, Item, Step, summed_up};
pub use planner::{Plan, plan_recordings};
pub use policy::{Audio, Kinds, Policy, WantedFiles};
pub use scope::{Scope, Selection};
pub use stage::{Presence, Stage, find_stage};
pub use trash::{is_long_confirmed, is_same, may_be_due, still_safe};
pub use window::{Pace, listing_window};
