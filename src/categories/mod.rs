//! The categories that copies are put into: existing ones, chosen by what kind of meeting it was, by its topic, or by a
//! tracking field that it was scheduled with.

mod assign;
mod file;
mod rules;

pub use assign::{Categories, Sides, Unfiled};
pub use file::read;
pub use rules::{CategoryRules, FieldRule, LONGEST_NAME, Named, TopicRule, full_name, is_too_long};
