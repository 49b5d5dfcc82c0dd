//! Which days are listed.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::model::Window;

/// How often which days are listed anew.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Nothing recorded earlier is copied.
    pub go_live: DateTime<Utc>,
    /// Listed anew by every run.
    pub lookback: TimeDelta,
    /// Listed anew every 12 hours.
    pub rescan: TimeDelta,
}

const RESCAN_EVERY: TimeDelta = TimeDelta::hours(12);

/// The days to list, to tomorrow, and whether they reach back as far as a rescan does.
///
/// Zoom lists by the day on which the meeting began, go-live is about the recording: hence the day before.
#[must_use]
pub fn listing_window(
    pace: &Pace,
    checkpoint: Option<NaiveDate>,
    last_rescan: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> (Window, bool) {
    let today = now.date_naive();
    let floor = pace.go_live.date_naive() - Days::new(1);
    let rescan = last_rescan.is_none_or(|last| now - last >= RESCAN_EVERY || last > now);
    let from = match checkpoint {
        None => floor,
        Some(day) => {
            let back = if rescan { pace.rescan } else { pace.lookback };
            day.min(today - back).max(floor)
        }
    };
    (Window { from, to: today + Days::new(1) }, rescan)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

    use super::{Pace, listing_window};

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn pace(go_live: &str) -> Pace {
        Pace { go_live: time(go_live), lookback: TimeDelta::days(7), rescan: TimeDelta::days(62) }
    }

    const NOW: &str = "2026-11-23T10:00:00Z";

    fn listed(go_live: &str, checkpoint: Option<&str>, last_rescan: Option<&str>) -> (String, String, bool) {
        let (window, rescan) = listing_window(&pace(go_live), checkpoint.map(day), last_rescan.map(time), time(NOW));
        (window.from.to_string(), window.to.to_string(), rescan)
    }

    fn expected(from: &str, rescan: bool) -> (String, String, bool) {
        (from.to_owned(), "2026-11-24".to_owned(), rescan)
    }

    /// From the day before.
    #[test]
    fn first_runs_list_before_go_live() {
        assert_eq!(listed("2026-11-10T00:30:00Z", None, None), expected("2026-11-09", true));
    }

    /// The rescan comes every twelve hours.
    #[test]
    fn later_runs_list_lookback_and_rescan() {
        let (go_live, today) = ("2026-01-01T00:00:00Z", Some("2026-11-23"));
        assert_eq!(listed(go_live, today, Some("2026-11-22T22:01:00Z")), expected("2026-11-16", false));
        assert_eq!(listed(go_live, today, Some("2026-11-22T22:00:00Z")), expected("2026-09-22", true));
    }

    #[test]
    fn lagging_checkpoints_start_the_listing() {
        let last_rescan = Some("2026-11-23T09:00:00Z");
        assert_eq!(listed("2026-01-01T00:00:00Z", Some("2026-10-30"), last_rescan), expected("2026-10-30", false));
    }

    /// A clock an hour off, or a run at midnight.
    #[test]
    fn clock_shifts_skip_no_day() {
        let pace = pace("2026-01-01T00:00:00Z");
        for now in ["2026-11-22T23:00:00Z", "2026-11-23T00:00:00Z", "2026-11-23T01:00:00Z"] {
            let (window, _) =
                listing_window(&pace, Some(day("2026-11-22")), Some(time("2026-11-22T20:00:00Z")), time(now));
            assert!(window.from <= day("2026-11-16") && window.to >= day("2026-11-23"), "{now}: {window:?}");
        }
    }

    #[test]
    fn days_before_go_live_stay_unlisted() {
        assert_eq!(listed("2026-11-20T08:00:00Z", Some("2026-11-22"), None), expected("2026-11-19", true));
    }

    /// One noted by a clock that ran ahead.
    #[test]
    fn fast_clocks_do_not_delay_rescans() {
        let ahead = Some("2027-11-23T10:00:00Z");
        assert_eq!(listed("2026-01-01T00:00:00Z", Some("2026-11-23"), ahead), expected("2026-09-22", true));
    }
}
