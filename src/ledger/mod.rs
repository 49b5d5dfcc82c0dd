//! The ledger: what was listed, decided, begun and confirmed. The only SQL.
//!
//! One file a noun that is kept; the schema's history is in `migrations`. What a state means is decided in `copying`. Imports
//! from `owners` and below. Start with `tracked` and `copies`.

mod backup;
mod caption_survey;
mod copies;
mod copyable;
mod decisions;
mod error;
mod file;
mod group_commit;
mod history;
mod installation;
mod journal;
mod migrations;
mod new_recordings;
mod notices;
mod open;
mod orphans;
mod outages;
mod owed;
mod pending;
mod people;
#[cfg(test)]
mod queries;
mod replaced;
mod runs;
mod segment_decision;
mod titles;
mod tracked;
mod wal;

pub use copies::NextTry;
pub use decisions::WriteDecision;
pub use error::LedgerError;
pub use file::{Lock, LockKind};
pub use history::{Event, MOST_STORIES, Story};
pub use journal::Journal;
pub use migrations::{NEWEST as FORMAT, sqlite_version};
pub use notices::{News, SentAlert};
pub use open::{Identity, Ledger};
pub use orphans::OrphanShare;
pub use outages::{Found, Outage};
pub use owed::Unmarked;
pub use pending::RunRecord;
pub use replaced::Replaced;
pub use runs::{Census, Count};
pub use segment_decision::{OwedWork, SegmentDecision};
pub use titles::{GivenTitle, TitleEnd};
pub use tracked::KnownRecordings;
