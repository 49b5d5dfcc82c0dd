//! Values that are written in a form of their own.
//!
//! Bandwidths as people write them.
//!
//! Durations and instants as people write them.
//!
//! A regular expression as it was written, or where it is malformed.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use regex::Regex;
use regex_syntax::Error;

/// Slower ones are a mistake in the unit.
const LEAST: u64 = 100_000;

/// Reads `200MB/s`, `1.5GB/s` or `800Mbit/s`: bytes a second, units by powers of ten.
pub(super) fn parse_rate(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit {
        "kB/s" => 1_000,
        "MB/s" => 1_000_000,
        "GB/s" => 1_000_000_000,
        "Mbit/s" => 125_000,
        "Gbit/s" => 125_000_000,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let scale = 10_u64.checked_pow(u32::try_from(part.len()).ok()?)?;
    let part = part.parse::<u64>().ok()?.checked_mul(unit)? / scale;
    let rate = whole.parse::<u64>().ok()?.checked_mul(unit)?.checked_add(part)?;
    (rate >= LEAST).then_some(rate)
}

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

/// The expression, or its fault: at which of its characters, and what.
pub(super) fn parse_pattern(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|refused| match regex_syntax::parse(text) {
        Err(Error::Parse(error)) => describe_fault(text, error.span().start.offset, error.kind()),
        Err(Error::Translate(error)) => describe_fault(text, error.span().start.offset, error.kind()),
        // sound in itself, but too big: there is no place to point at
        _ => refused.to_string(),
    })
}

fn describe_fault(text: &str, offset: usize, fault: &impl ToString) -> String {
    let before = text.get(..offset).unwrap_or(text);
    format!("malformed at character {}: {}", before.chars().count() + 1, fault.to_string())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{parse_duration, parse_instant, parse_pattern, parse_rate};

    #[test]
    fn bandwidths_have_number_and_unit() {
        let cases =
            [("200MB/s", 200_000_000), ("1.5GB/s", 1_500_000_000), ("100kB/s", 100_000), ("800Mbit/s", 100_000_000)];
        for (text, expected) in cases {
            assert_eq!(parse_rate(text), Some(expected), "{text}");
        }
        assert_eq!(parse_rate("1Gbit/s"), parse_rate("125MB/s"));
    }

    #[test]
    fn anything_else_is_no_bandwidth() {
        let bad = ["", "200", "200MB", "MB/s", "200 MB/s", "-1MB/s", "1.MB/s", ".5MB/s", "0MB/s", "99kB/s", "1mb/s"];
        for bad in bad.into_iter().chain(["1.2.3MB/s", "99999999999999GB/s", "20MiB/s"]) {
            assert_eq!(parse_rate(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations_have_number_and_unit() {
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

    /// An offset counts.
    #[test]
    fn days_begin_at_midnight_utc() {
        assert_eq!(parse_instant("2026-11-23"), parse_instant("2026-11-23T00:00:00Z"));
        assert_eq!(parse_instant("2021-01-06T08:00:00-08:00"), parse_instant("2021-01-06T16:00:00Z"));
        assert!(parse_instant("2026-11-23").is_some());
    }

    /// Also an instant without an offset.
    #[test]
    fn sloppy_instants_and_days_are_refused() {
        for bad in ["", "2026-11-23T08:00:00", "2026-1-2", "23.11.2026", "2026-02-30", "now", "2026-11-23 "] {
            assert_eq!(parse_instant(bad), None, "{bad}");
        }
    }

    #[test]
    fn malformed_patterns_name_the_wrong_character() {
        let cases = [
            ("(abc", "malformed at character 1: unclosed group"),
            ("exam (mid|final", "malformed at character 6: unclosed group"),
            ("abc)", "malformed at character 4: unopened group"),
            ("a[b", "malformed at character 2: unclosed character class"),
            ("ab\\", "malformed at character 3: incomplete escape sequence"),
            ("*a", "malformed at character 1: repetition operator missing expression"),
            ("Prüfung\\p{Nope}", "malformed at character 8: Unicode property not found"),
            ("one\ntwo(", "malformed at character 8: unclosed group"),
            ("(?P<a>x)(?P<a>y)", "malformed at character 13: duplicate capture group name"),
            ("private(?=x)", "malformed at character 8: look-around, "),
        ];
        for (text, expected) in cases {
            let fault = parse_pattern(text).expect_err(text);
            assert!(fault.starts_with(expected) && !fault.contains('\n'), "{text}: {fault}");
        }
    }

    #[test]
    fn too_large_patterns_are_named_so() {
        let fault = parse_pattern("(\\w{1000}){1000}").expect_err("far too big");
        assert!(fault.contains("size limit") && !fault.contains("character"), "{fault}");
        assert!(parse_pattern("(?i)^private").is_ok_and(|found| found.is_match("Private talk")));
    }
}
