//! Carrying a plan out, with the ledger written before and after each step.

mod adopt;
mod agenda;
mod books;
mod carry;
mod decisions;
mod ended;
mod failure;
mod halt;
mod late;
mod line;
mod means;
mod outcome;
mod queue;
mod rebuild;
mod run;
mod settle;
mod trash;
mod turn;

use decisions::record_decisions;
pub use line::{FileResult, Line};
pub use means::ApplyContext;
pub use outcome::Outcome;
pub use rebuild::rebuild_ledger;
pub use run::apply_plan;
pub use settle::tell_of_frozen;
