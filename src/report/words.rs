//! Sizes, times and topics as people read them.

use chrono::TimeDelta;

use crate::model::one_line;

/// Of a topic.
const TOPIC: usize = 40;

/// A topic on one line, cut where it is too long for a table.
#[must_use]
pub fn shorten_topic(topic: &str) -> String {
    let topic = one_line(topic);
    match topic.char_indices().nth(TOPIC) {
        Some((end, _)) => format!("{}…", &topic[..end]),
        None => topic,
    }
}

/// Bytes as people read them: two or three digits, decimal units as in Zoom's and Kaltura's own pages.
#[must_use]
pub fn format_size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)];
    match UNITS.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) if bytes >= 100 * unit => format!("{} {name}", bytes / unit),
        Some((name, unit)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}

/// How long something took, by the two largest units that say something.
#[must_use]
pub fn format_span(time: TimeDelta) -> String {
    let (days, hours, minutes) = (time.num_days(), time.num_hours() % 24, time.num_minutes() % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{} s", time.num_seconds()),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::format_span;

    #[test]
    fn a_time_is_told_by_the_two_largest_units_that_say_something() {
        let told = [7, 60, 3599, 3600, 3660, 86_400, 90_000, 86_400 * 40]
            .map(|seconds| format_span(TimeDelta::seconds(seconds)));
        assert_eq!(told, ["7 s", "1 min", "59 min", "1 h", "1 h 1 min", "1 d", "1 d 1 h", "40 d"]);
    }
}
