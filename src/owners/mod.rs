//! Whose Kaltura account a Zoom host has: the rules, and their look-up.

mod candidate;
mod changed;
mod domains;
mod lookup;
mod profiles;
mod rules;

pub use candidate::Candidate;
pub use changed::{Changed, changed};
pub use domains::Domains;
pub use lookup::{Accounts, accounts, forget};
pub use profiles::{Profiles, profiles};
pub use rules::{OwnerRules, OwnerSettings};
