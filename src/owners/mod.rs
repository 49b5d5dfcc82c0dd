//! Whose Kaltura account a Zoom host has: the rules, and their look-up.

mod lookup;
mod rules;

pub use lookup::{LookUp, owners};
