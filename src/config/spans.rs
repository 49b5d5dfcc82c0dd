//! Durations and instants as people write them.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// Reads `500ms`, `90s`, `15m`, `24h` or `7d`.
#[must_use]
pub fn parse_duration(text: &str) -> Option<TimeDelta> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number = number.parse().ok()?;
    match unit {
        "ms" => TimeDelta::try_milliseconds(number),
        "s" => TimeDelta::try_seconds(number),
        "m" => TimeDelta::try_minutes(number),
        "h" => TimeDelta::try_hours(number),
        "d" => TimeDelta::try_days(number),
        _ => None,
    }
}

/// Reads RFC 3339, or a day such as `2026-11-23`, which begins at midnight UTC.
#[must_use]
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc());
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    // chrono is lenient: only the full form is a day
    (day.to_string() == text).then(|| day.and_time(NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{parse_duration, parse_instant};

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        assert_eq!(parse_duration("500ms"), Some(TimeDelta::milliseconds(500)));
        assert_eq!(parse_duration("90s"), Some(TimeDelta::seconds(90)));
        assert_eq!(parse_duration("15m"), Some(TimeDelta::minutes(15)));
        assert_eq!(parse_duration("24h"), Some(TimeDelta::hours(24)));
        assert_eq!(parse_duration("7d"), Some(TimeDelta::days(7)));
        assert_eq!(parse_duration("0s"), Some(TimeDelta::zero()));
    }

    #[test]
    fn anything_else_is_no_duration() {
        for bad in ["", "7", "d", "-7d", "+7d", "7 d", "1.5h", "7D", "7w", "1h30m", "99999999999999999d", "٧d"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_utc_and_an_offset_counts() {
        assert_eq!(parse_instant("2026-11-23"), parse_instant("2026-11-23T00:00:00Z"));
        assert_eq!(parse_instant("2021-01-06T08:00:00-08:00"), parse_instant("2021-01-06T16:00:00Z"));
        assert!(parse_instant("2026-11-23").is_some());
    }

    #[test]
    fn an_instant_without_offset_or_a_sloppy_day_is_refused() {
        for bad in ["", "2026-11-23T08:00:00", "2026-1-2", "23.11.2026", "2026-02-30", "now", "2026-11-23 "] {
            assert_eq!(parse_instant(bad), None, "{bad}");
        }
    }
}
