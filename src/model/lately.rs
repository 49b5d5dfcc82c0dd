//! What happened to recordings of late.

use chrono::{DateTime, Utc};

use super::Reason;

/// Something that happened to a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEvent {
    /// The ledger's row of the recording.
    pub recording: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub what: EventKind,
}

/// What it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The copy was found to be READY.
    Ready {
        /// When the recording ended, where that is known.
        ended: Option<DateTime<Utc>>,
        /// Whether `backfill` copied it.
        by_hand: bool,
    },
    /// A try failed: the error, in one line.
    Failed(String),
    /// It was decided for this reason that it is not copied.
    Decided(Reason),
}
