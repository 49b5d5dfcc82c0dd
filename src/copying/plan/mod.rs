//! What is to happen to each recording, and why. Pure: facts in, plan out.

mod confirm;
mod filter;
mod further;
mod inputs;
mod item;
mod main_file;
mod mark;
mod packed;
mod planner;
mod ruled_out;
mod rules;
#[cfg(test)]
pub(crate) mod samples;
mod segment;
mod sift;
mod stage;
mod trash;
mod wanted;
mod window;

pub use confirm::is_confirmed;
pub use filter::Filter;
pub use inputs::{Facts, Policy, Scope, Selection};
pub use item::{FilePlan, Item, Step, summed_up};
pub use planner::{Plan, plan_recordings};
pub use ruled_out::{RuledOut, RuledOutSum};
pub use sift::{is_ruled_out, take_ruled_out};
pub use stage::{Presence, Stage, find_stage};
pub use trash::{is_long_confirmed, is_same, may_be_due, still_safe};
pub use wanted::{Audio, WantedFiles};
pub use window::{Pace, is_lookback_due, listing_window, note_listing};
