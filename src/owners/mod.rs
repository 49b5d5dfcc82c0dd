//! Whose Kaltura account a Zoom host has: the rules, and their look-up.

mod candidate;
mod changed;
mod domains;
mod lookup;
mod profiles;
mod rules;

pub use candidate::Candidate;
pub use changed::{Changed, find_changed};
pub use domains::Domains;
pub use lookup::{FoundAccounts, forget_accounts, look_up_accounts};
pub use profiles::{Profiles, find_profiles};
pub use rules::{OwnerRules, OwnerSettings};
