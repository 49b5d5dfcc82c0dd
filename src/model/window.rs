//! A span of days, as Zoom lists recordings.
//!
//! How far back a listing reaches, and when the long ones were last made.

use chrono::{DateTime, Days, NaiveDate, Utc};

/// How far back a listing reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To yesterday, or a little further.
    Recent,
    /// Over `sync.lookback`, and to the checkpoint.
    Lookback,
    /// Over `sync.rescan`, and to the checkpoint.
    Rescan,
}

/// When the long listings were last made, by the rules of now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listings {
    /// Over the days of `sync.lookback`, or more.
    pub lookback: Option<DateTime<Utc>>,
    /// Over the days of `sync.rescan`.
    pub rescan: Option<DateTime<Utc>>,
}

/// A span of UTC days, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

impl Window {
    /// How many days it has. None where it ends before it begins.
    #[must_use]
    pub fn count_days(self) -> u64 {
        u64::try_from((self.to - self.from).num_days() + 1).unwrap_or(0)
    }

    /// Cuts it into spans of at most `days` days that leave no day out. Empty where it ends before it begins.
    pub fn spans(self, days: u64) -> impl Iterator<Item = Window> {
        let mut next = Some(self.from);
        std::iter::from_fn(move || {
            let from = next.filter(|day| *day <= self.to)?;
            let to = (from + Days::new(days - 1)).min(self.to);
            next = to.succ_opt();
            Some(Window { from, to })
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::Window;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn spans_of_windows_skip_no_day() {
        let window = Window { from: day("2026-09-20"), to: day("2026-11-24") };
        let spans: Vec<_> = window.spans(30).map(|span| (span.from.to_string(), span.to.to_string())).collect();
        let expected = [("2026-09-20", "2026-10-19"), ("2026-10-20", "2026-11-18"), ("2026-11-19", "2026-11-24")];
        assert_eq!(spans, expected.map(|(from, to)| (from.to_owned(), to.to_owned())));
    }

    #[test]
    fn a_reversed_window_is_empty() {
        assert_eq!(Window { from: day("2026-11-24"), to: day("2026-11-23") }.spans(30).count(), 0);
    }
}
