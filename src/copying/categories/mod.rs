//! The categories that copies are put into: existing ones, chosen by what kind of meeting it was, by its topic, or by a
//! tracking field that it was scheduled with.

mod assign;
mod rules;

pub use assign::{Categories, Unfiled};
pub use rules::{
    CategoryName, CategoryRules, FieldRule, LONGEST_NAME, TopicRule, full_name, is_too_long, read_category_rules,
};
