//! Whose Kaltura account a Zoom host has: the rules, their look-up, and the lists of people.
//!
//! Rules and lists are pure; who remembers the answers is the ledger, above. Imports from `remotes` and below. Start with
//! [`people`] for opt-out and opt-in, with `rules` for accounts.

mod domains;
mod lookup;
pub mod people;
mod rules;

pub use domains::Domains;
pub use lookup::{FoundAccounts, forget_accounts, look_up_accounts};
pub use rules::{Candidate, OwnerRules, OwnerSettings};
