//! Carrying a plan out, with the ledger written before and after each step.

mod outcome;
mod run;

pub use outcome::{Line, Outcome, Outlook};
pub use run::{Means, apply};
