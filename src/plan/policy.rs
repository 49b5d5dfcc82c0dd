//! The institution's rules, as far as planning needs them.

use chrono::{DateTime, TimeDelta, Utc};
use regex::Regex;

/// What the configuration says about what is copied and to whom.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Nothing recorded earlier is copied.
    pub go_live: DateTime<Utc>,
    /// Whether meetings are copied.
    pub meetings: bool,
    /// Whether webinars are copied.
    pub webinars: bool,
    /// Shorter recordings are not copied.
    pub min_duration: TimeDelta,
    /// Recordings whose topic matches one of these are not copied.
    pub exclude_topics: Vec<Regex>,
    /// Whether what was purged, or deleted by people, is copied again.
    pub recopy_deleted: bool,
    /// After so many failures of its own a recording is given up.
    pub max_attempts: u32,
}
