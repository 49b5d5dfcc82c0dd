//! The ledger: what was listed, decided, begun and confirmed. The only SQL.

mod accounts;
mod claims;
mod copies;
mod counters;
mod decisions;
mod doubts;
mod error;
mod file;
mod future;
mod history;
mod hosts;
mod installation;
mod lately;
mod lock;
mod marks;
mod migrations;
mod news;
mod open;
mod orphans;
mod pending;
#[cfg(test)]
mod queries;
mod replaced;
mod retry;
mod rights;
mod runs;
mod standings;
mod stories;
mod together;
mod told;
mod tracked;
mod trash;

pub use counters::{Census, Count};
pub use decisions::{Decision, Owed};
pub use error::LedgerError;
pub use lock::{Lock, Work};
pub use marks::Unmarked;
pub use migrations::{NEWEST as FORMAT, sqlite_version};
pub use news::News;
pub use open::{Identity, Ledger};
pub use orphans::Share;
pub use pending::RunRecord;
pub use replaced::Replaced;
pub use retry::DueAgain;
pub use stories::{Event, MOST_STORIES, Story};
pub use told::Told;
