//! Whose status it is, where it was made, and in which time zone its times are.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// Whose status it is, and where it was made.
#[derive(Clone, Debug)]
pub struct Site {
    /// What the institution calls its account.
    pub name: String,
    /// The machine on which it was made.
    pub machine: String,
    /// Where all times of it are, which is said once.
    pub zone: Tz,
}

impl Site {
    /// To the minute, without the zone.
    pub(super) fn format_minute(&self, time: DateTime<Utc>) -> String {
        time.with_timezone(&self.zone).format("%Y-%m-%d %H:%M").to_string()
    }
}
