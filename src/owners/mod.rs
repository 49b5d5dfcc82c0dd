//! Whose Kaltura account a Zoom host has: the rules, and their look-up.

mod candidate;
mod lookup;
mod profiles;
mod rules;

pub use candidate::Candidate;
pub use lookup::{Accounts, accounts};
pub use profiles::{Profiles, profiles};
pub use rules::OwnerRules;
