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

use decisions::write_down;
pub use line::{Line, Outlook};
pub use means::Means;
pub use outcome::Outcome;
pub use rebuild::rebuild;
pub use run::apply;
pub use settle::tell_of_frozen;
