//! What happened to recordings lately, and which are not safely in Kaltura.
//!
//! What happened to recordings lately.
//!
//! A recording that is not safely in Kaltura: owed, or given up.

use chrono::{DateTime, Utc};

use super::{Action, EntryId, Reason, Segment};

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
        /// Since when the recording could be copied, where that is known.
        since: Option<DateTime<Utc>>,
        /// Whether `backfill` copied it.
        by_hand: bool,
    },
    /// A try failed: the error, in one line.
    Failed(String),
    /// It was decided for this reason that it is not copied, which counts as gone wrong.
    Decided(Reason),
    /// It was left out for this reason, and still is.
    LeftOut(Reason),
}

/// What the ledger knows of one.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The segment as it was last listed, without its files.
    pub segment: Segment,
    /// What was last decided about it.
    pub action: Action,
    /// And why.
    pub reason: Option<Reason>,
    /// Files still to be copied.
    pub files: u64,
    /// Their size in bytes, as far as Zoom tells.
    pub bytes: u64,
    /// When it ended.
    pub ended: DateTime<Utc>,
    /// Since when it could be copied: a run listed it, whole. `None` where no run has.
    pub copyable: Option<DateTime<Utc>>,
    /// Since when it waits for Kaltura alone, which has all bytes of what was begun, or fetches them.
    pub with_kaltura: Option<DateTime<Utc>>,
    /// Why the last try failed.
    pub error: Option<String>,
    /// Not to be tried before.
    pub next_try: Option<DateTime<Utc>>,
    /// Its entry in Kaltura, where there is one.
    pub entry_id: Option<EntryId>,
}
