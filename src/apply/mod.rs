//! Carrying a plan out, with the ledger written before and after each step.

mod carry;
mod failure;
mod line;
mod means;
mod outcome;
mod run;
mod settle;

pub use line::{Line, Outlook};
pub use means::Means;
pub use outcome::Outcome;
pub use run::apply;
