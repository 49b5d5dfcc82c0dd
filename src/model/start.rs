//! When a recording began: how that is spelt, and how far it is believed.

use chrono::{DateTime, TimeDelta, Utc};

/// A recording that is said to have begun so long before or after its meeting began with it: one of the two is wrong.
const FARTHEST: TimeDelta = TimeDelta::days(31);

/// An instant as Zoom spells it, in UTC to the second: what marks and the ledger go by.
#[must_use]
pub fn parse_zoom_time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// When a recording began, as far as its meeting's start lets it be believed.
#[must_use]
pub fn believed_start(recording: DateTime<Utc>, meeting: DateTime<Utc>) -> DateTime<Utc> {
    if (recording - meeting).abs() > FARTHEST { meeting } else { recording }
}
