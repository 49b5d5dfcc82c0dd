//! A recording that is not safely in Kaltura: owed, or given up.

use chrono::{DateTime, Utc};

use super::{Action, EntryId, Reason, Segment};

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
    /// Why the last try failed.
    pub error: Option<String>,
    /// Not to be tried before.
    pub next_try: Option<DateTime<Utc>>,
    /// Its entry in Kaltura, where there is one.
    pub entry_id: Option<EntryId>,
}
