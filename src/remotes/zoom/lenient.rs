//! Single values of Zoom's JSON, read leniently and within bounds: a number may come as text, a text as a number, and
//! either may be missing or be no number that means anything.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::fields::Field;
use crate::model::parse_zoom_time;

/// More records than any list has, and a number with which sums can be made.
const MOST_RECORDS: u64 = 1_000_000_000;
/// More bytes than any recording has: what a million such files come to is still a number.
const MOST_BYTES: u64 = 1 << 43;
/// The years that an instant of a recording may lie in: in others dates cannot be compared as text any more.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=9998;

/// A text that says something; a number is taken for one.
pub(super) fn lenient_text_value(value: &Value) -> Option<String> {
    Field::from(value).text().map(Cow::into_owned)
}

/// A whole number, as a number or as text.
pub(super) fn whole_number(value: &Value) -> Option<u64> {
    Field::from(value).whole()
}

/// How many records a list has, where that is a number of records.
pub(super) fn lenient_records(value: &Value) -> Option<u64> {
    Field::from(value).records()
}

impl<'a> Field<'a> {
    /// A text that says something; a number is taken for one.
    pub(super) fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Field::Text(text) => Some(text.clone()).filter(|text| !text.trim_start().is_empty()),
            Field::Number(number) => Some(number.to_string().into()),
            Field::Flag(_) | Field::Nothing => None,
        }
    }

    /// A whole number, as a number or as text.
    pub(super) fn whole(&self) -> Option<u64> {
        let number = match self {
            Field::Text(text) => return text.trim().parse().ok(),
            Field::Number(number) => number,
            Field::Flag(_) | Field::Nothing => return None,
        };
        number.as_u64().or_else(|| {
            let float = number.as_f64().filter(|float| float.fract() == 0.0 && (0.0..9e15).contains(float))?;
            format!("{float:.0}").parse().ok()
        })
    }

    /// How many records a list has, where that is a number of records.
    pub(super) fn records(&self) -> Option<u64> {
        self.whole().filter(|number| *number <= MOST_RECORDS)
    }

    /// A size that a file can have.
    pub(super) fn bytes(&self) -> Option<u64> {
        self.whole().filter(|number| (1..=MOST_BYTES).contains(number))
    }

    /// An instant, and the one way to spell it: in another spelling it is the same one. `None` where it is no instant at
    /// which anything can have been recorded.
    pub(super) fn time(&self) -> Option<(Cow<'a, str>, DateTime<Utc>)> {
        let Field::Text(text) = self else {
            return None;
        };
        let time = DateTime::parse_from_rfc3339(text.trim()).ok()?.to_utc();
        let spelt = if is_spelt_as_usual(text) { text.clone() } else { parse_zoom_time(time).into() };
        YEARS.contains(&time.year()).then_some((spelt, time))
    }
}

/// Whether an instant is spelt as it would be written: to the second, in UTC.
fn is_spelt_as_usual(text: &str) -> bool {
    text.len() == "2026-11-20T09:00:00Z".len() && text.as_bytes()[10] == b'T' && text.ends_with('Z')
}

/// For a field that is a text, a number or nothing.
pub(super) fn as_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(lenient_text_value(&Value::deserialize(from)?))
}

/// For a field that is a whole number, as a number or as text, or nothing. A code may be negative.
pub(super) fn as_code<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(value.as_i64().or_else(|| value.as_str()?.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Field, lenient_records, whole_number};

    /// And taken for what they can be.
    #[test]
    fn numbers_are_read_in_every_form() {
        let cases = [
            (json!(0), Some(0), Some(0), None),
            (json!("12"), Some(12), Some(12), Some(12)),
            (json!(12.0), Some(12), Some(12), Some(12)),
            (json!(-1), None, None, None),
            (json!(null), None, None, None),
            (json!(1e300), None, None, None),
            (json!(2_147_483_648_u64), Some(2_147_483_648), None, Some(2_147_483_648)),
            (json!(9_007_199_254_740_993_u64), Some(9_007_199_254_740_993), None, None),
            (json!(u64::MAX), Some(u64::MAX), None, None),
        ];
        for (value, number, list, size) in cases {
            assert_eq!(
                (whole_number(&value), lenient_records(&value), Field::from(&value).bytes()),
                (number, list, size),
                "{value}"
            );
        }
    }

    /// They lie in a year that can be.
    #[test]
    fn instants_have_one_spelling() {
        let spelt = |text: &str| Field::Text(text.into()).time().map(|(text, _)| text.into_owned());
        let usual = Some("2026-11-20T09:00:00Z".to_owned());
        let same = [
            "2026-11-20T09:00:00Z",
            "2026-11-20T09:00:00.000Z",
            "2026-11-20T09:00:00.250Z",
            "2026-11-20T09:00:00+00:00",
            "2026-11-20T09:00:00-00:00",
            "2026-11-20t09:00:00z",
            "2026-11-20T10:30:00+01:30",
            " 2026-11-20T09:00:00Z ",
        ];
        for text in same {
            assert_eq!(spelt(text), usual, "{text}");
        }
        for text in ["", "soon", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59Z"] {
            assert_eq!(spelt(text), None, "{text}");
        }
    }
}
