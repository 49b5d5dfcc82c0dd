//! How values are shown in reports: cells, sizes, times and topics.
//!
//! A table for spreadsheets. Its cells are of types that say whose text they hold: foreign text can be no formula.
//!
//! Sizes, times and topics as people read them.

use std::fmt::Display;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use csv::Writer;

use crate::model::one_line;

/// What a spreadsheet takes for the begin of a formula, also in the forms that Unicode treats alike (NFKC).
const FORMULA: [char; 12] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫'];
/// What it passes over before it looks.
const SKIPPED: [char; 9] = ['"', '\'', '`', '“', '”', '„', '‘', '’', '＂'];

/// A cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell(String);

impl Cell {
    /// Text from outside: on one line, without what hides, and no formula.
    #[must_use]
    pub fn foreign(text: &str) -> Cell {
        Cell(defuse_formula(text))
    }

    /// A word of this program.
    #[must_use]
    pub fn word(word: &'static str) -> Cell {
        Cell(word.to_owned())
    }

    /// A number of this program, which may be negative.
    pub fn number(number: impl Into<i128>) -> Cell {
        Cell(number.into().to_string())
    }

    /// An instant, to the second.
    #[must_use]
    pub fn instant(time: DateTime<Utc>) -> Cell {
        Cell(format_second(time))
    }

    /// The same of what may be missing.
    pub fn optional<T>(value: Option<T>, cell: impl FnOnce(T) -> Cell) -> Cell {
        value.map_or_else(Cell::default, cell)
    }

    /// Ids, parted by blanks.
    pub fn list(ids: impl IntoIterator<Item: Display>) -> Cell {
        let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
        Cell::foreign(&ids.join(" "))
    }
}

/// A header and its rows.
pub fn csv_table<const N: usize>(
    header: [&'static str; N],
    rows: impl IntoIterator<Item = [Cell; N]>,
) -> Result<String, csv::Error> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row.map(|cell| cell.0))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Foreign text that a spreadsheet would take for a formula is kept from it by an apostrophe, also behind a `;`, where
/// one that parts cells by semicolons begins the next.
fn defuse_formula(text: &str) -> String {
    let text = one_line(text);
    let parts = text.split(';').map(|part| if is_formula(part) { format!("'{part}") } else { part.to_owned() });
    parts.collect::<Vec<_>>().join(";")
}

fn is_formula(part: &str) -> bool {
    part.trim_start_matches(|c: char| c.is_whitespace() || SKIPPED.contains(&c)).starts_with(FORMULA)
}

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

/// To the second, as programs read it (RFC 3339, UTC).
#[must_use]
pub fn format_second(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// To the minute, as people read it, with the zone behind it: its abbreviation ("PST"), or its offset where it has none.
#[must_use]
pub fn format_minute(time: DateTime<Utc>, zone: Tz) -> String {
    time.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use chrono_tz::Tz;

    use super::{Cell, FORMULA, SKIPPED, csv_table, defuse_formula, format_minute, format_span};

    #[test]
    fn times_name_the_zone_asked_for() {
        let cases = [
            (Tz::UTC, "2026-11-26 16:33 UTC"),
            (Tz::America__Los_Angeles, "2026-11-26 08:33 PST"),
            (Tz::Asia__Kathmandu, "2026-11-26 22:18 +0545"),
        ];
        let time = DateTime::from_timestamp(1_795_710_780, 0).expect("a time");
        for (zone, text) in cases {
            assert_eq!(format_minute(time, zone), text);
        }
    }

    #[test]
    fn formulas_are_harmless_in_spreadsheets() {
        assert_eq!(defuse_formula("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        for formula in FORMULA {
            assert_eq!(defuse_formula(&format!("{formula}1")), format!("'{formula}1"));
            assert_eq!(defuse_formula(&format!("a;{formula}1;b")), format!("a;'{formula}1;b"));
            assert_eq!(defuse_formula(&format!("a; {formula}1")), format!("a;' {formula}1"));
            assert_eq!(defuse_formula(&format!(";{formula}1")), format!(";'{formula}1"));
            for before in ["\t", "\r", "\n", "\u{200B}", "\u{A0}", "\u{E0020}"] {
                assert_eq!(defuse_formula(&format!("{before}{formula}1")), format!("'{formula}1"));
            }
            for skipped in SKIPPED {
                assert_eq!(defuse_formula(&format!(" {skipped}{formula}1")), format!("'{skipped}{formula}1"));
            }
        }
    }

    #[test]
    fn plain_texts_and_numbers_stay_unchanged() {
        for text in ["Optics", "a-b", "a; b", "a=b; c@d", ";", "", "a;;b"] {
            assert_eq!(defuse_formula(text), text);
        }
        let rows = [[Cell::number(-1), Cell::foreign("-1"), Cell::word("copy")]];
        assert_eq!(csv_table(["a", "b", "c"], rows).expect("a table"), "a,b,c\n-1,'-1,copy\n");
    }

    #[test]
    fn times_show_their_two_largest_units() {
        let told = [7, 60, 3599, 3600, 3660, 86_400, 90_000, 86_400 * 40]
            .map(|seconds| format_span(TimeDelta::seconds(seconds)));
        assert_eq!(told, ["7 s", "1 min", "59 min", "1 h", "1 h 1 min", "1 d", "1 d 1 h", "40 d"]);
    }
}
