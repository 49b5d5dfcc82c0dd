//! Whose Kaltura account a Zoom host has: the rules, and their look-up.

mod domains;
mod lookup;
pub mod people;
mod rules;

pub use domains::Domains;
pub use lookup::{FoundAccounts, forget_accounts, look_up_accounts};
pub use rules::{Candidate, OwnerRules, OwnerSettings};
