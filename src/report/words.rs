//! Sizes and topics as people read them.

use crate::model::one_line;

/// Of a topic.
const TOPIC: usize = 40;

/// A topic on one line, cut where it is too long for a table.
#[must_use]
pub fn cut(topic: &str) -> String {
    let topic = one_line(topic);
    match topic.char_indices().nth(TOPIC) {
        Some((end, _)) => format!("{}…", &topic[..end]),
        None => topic,
    }
}

/// Bytes as people read them: two or three digits, decimal units as in Zoom's and Kaltura's own pages.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)];
    match UNITS.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) if bytes >= 100 * unit => format!("{} {name}", bytes / unit),
        Some((name, unit)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}
