//! What this program once made, and how much of it is played.

use chrono::{DateTime, Utc};

use super::EntryId;

/// An entry with our mark.
#[derive(Clone, Debug)]
pub struct OwnEntry {
    /// Its id.
    pub id: EntryId,
    /// The entry whose child it is.
    pub parent: Option<EntryId>,
    /// Its name: untrusted text.
    pub name: String,
    /// The account it belongs to; empty for nobody's.
    pub owner: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// How often it was played.
    pub plays: u64,
    /// When it was played last; `None` where it never was, or where Kaltura does not know when.
    pub last_played: Option<DateTime<Utc>>,
}
