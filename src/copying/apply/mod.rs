//! Carrying a plan out, with the ledger written before and after each step.

mod adopt;
mod ahead;
mod carry;
mod circuit_breaker;
mod context;
mod failure;
mod outcome;
mod queue;
mod records;
mod run;
mod settle;
mod trash;

use records::{record_decisions, record_ruled_out};

pub use context::ApplyContext;
pub use outcome::{FileResult, Line, Outcome};
pub use run::{apply_plan, rebuild_ledger};
pub use settle::tell_of_frozen;
