//! Which days are listed.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::model::{Listings, Reach, Window};

/// How often which days are listed anew.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Nothing recorded earlier is copied.
    pub go_live: DateTime<Utc>,
    /// Listed again every hour.
    pub lookback: TimeDelta,
    /// Listed anew every 12 hours.
    pub rescan: TimeDelta,
}

/// Once an hour, also where cron starts a run a little early.
const LOOKBACK_EVERY: TimeDelta = TimeDelta::minutes(55);
const RESCAN_EVERY: TimeDelta = TimeDelta::hours(12);
/// So many meetings that are owed are asked for one by one. A request for a list brings 300.
const ONE_BY_ONE: usize = 10;

/// The days to list, to tomorrow, and how far back they reach.
///
/// Zoom lists by the day on which the meeting began, go-live is about the recording: hence the day before. A listing of
/// `lookback` reaches back to the checkpoint, so that for an hour after it only yesterday, which was not over when it was
/// listed, and today can have unlisted recordings. `owed` are the days of the meetings of which something is owed: the
/// oldest are asked for one by one, and the days of the others are listed.
#[must_use]
pub fn listing_window(
    pace: &Pace,
    checkpoint: Option<NaiveDate>,
    last: Listings,
    mut owed: Vec<NaiveDate>,
    now: DateTime<Utc>,
) -> (Window, Reach) {
    let (today, floor) = (now.date_naive(), pace.go_live.date_naive() - Days::new(1));
    let to = today + Days::new(1);
    let Some(day) = checkpoint else {
        return (Window { from: floor, to }, Reach::Rescan);
    };
    let yesterday = today - Days::new(1);
    let reach = match last {
        Listings { rescan, .. } if is_due(rescan, RESCAN_EVERY, now) => Reach::Rescan,
        Listings { lookback, .. } if is_due(lookback, LOOKBACK_EVERY, now) => Reach::Lookback,
        _ => Reach::Recent,
    };
    let back_to = |span: TimeDelta| day.min(today - span);
    let from = match reach {
        Reach::Rescan => back_to(pace.rescan),
        Reach::Lookback => back_to(pace.lookback),
        Reach::Recent => {
            owed.retain(|day| *day < yesterday && *day >= floor);
            owed.sort_unstable();
            let first = owed.get(ONE_BY_ONE).map_or(yesterday, |day| (*day).max(back_to(pace.lookback)));
            first.min(yesterday)
        }
    };
    (Window { from: from.max(floor), to }, reach)
}

/// What earlier runs listed, and this one, which reached so far back. A list of which something is missing is read again by
/// the next run; one as long as a rescan's an hour later, as one odd recording may keep it from ever being complete.
#[must_use]
pub fn note_listing(last: Listings, reach: Reach, is_complete: bool, now: DateTime<Utc>) -> Listings {
    match (reach, is_complete) {
        (Reach::Rescan, true) => Listings { lookback: Some(now), rescan: Some(now) },
        (Reach::Rescan, false) => Listings { rescan: Some(now - RESCAN_EVERY + LOOKBACK_EVERY), ..last },
        (Reach::Lookback, true) => Listings { lookback: Some(now), ..last },
        (Reach::Lookback, false) | (Reach::Recent, _) => last,
    }
}

/// Whether the days of `lookback` are to be listed, where they last were at this time.
#[must_use]
pub fn is_lookback_due(last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    is_due(last, LOOKBACK_EVERY, now)
}

/// What lies ahead was noted by a clock that was ahead.
fn is_due(last: Option<DateTime<Utc>>, every: TimeDelta, now: DateTime<Utc>) -> bool {
    last.is_none_or(|last| now - last >= every || last > now)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

    use super::{Pace, is_lookback_due, listing_window, note_listing};
    use crate::model::{Listings, Reach};

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn pace(go_live: &str) -> Pace {
        Pace { go_live: time(go_live), lookback: TimeDelta::days(7), rescan: TimeDelta::days(62) }
    }

    fn listings(lookback: &str, rescan: &str) -> Listings {
        let listed = |text: &str| (!text.is_empty()).then(|| time(text));
        Listings { lookback: listed(lookback), rescan: listed(rescan) }
    }

    const GO_LIVE: &str = "2026-01-01T00:00:00Z";
    const NOW: &str = "2026-11-23T10:00:00Z";

    /// The first day that is listed, and why.
    fn first_day(go_live: &str, checkpoint: &str, last: Listings, owed: &[&str], now: &str) -> (String, Reach) {
        let checkpoint = (!checkpoint.is_empty()).then(|| day(checkpoint));
        let owed = owed.iter().map(|text| day(text)).collect();
        let (window, reach) = listing_window(&pace(go_live), checkpoint, last, owed, time(now));
        assert_eq!(window.to, time(now).date_naive().succ_opt().expect("tomorrow"));
        (window.from.to_string(), reach)
    }

    /// Checkpoint, last listing of `lookback`, last rescan, first day, reach.
    #[test]
    fn each_run_lists_what_is_due() {
        use Reach::{Lookback, Recent, Rescan};
        let (today, lately) = ("2026-11-23", "2026-11-23T09:05:01Z");
        let cases = [
            ("the first run", "", "", "", "2025-12-31", Rescan),
            ("the first run, again", "", lately, lately, "2025-12-31", Rescan),
            ("within the hour", today, lately, lately, "2026-11-22", Recent),
            ("after an hour", today, "2026-11-23T09:05:00Z", lately, "2026-11-16", Lookback),
            ("never looked back", today, "", lately, "2026-11-16", Lookback),
            ("after half a day", today, lately, "2026-11-22T22:00:00Z", "2026-09-22", Rescan),
            ("before that", today, lately, "2026-11-22T22:01:00Z", "2026-11-22", Recent),
            ("never rescanned", today, lately, "", "2026-09-22", Rescan),
            ("lookback noted ahead", today, "2026-11-23T10:00:01Z", lately, "2026-11-16", Lookback),
            ("rescan noted ahead", today, lately, "2027-11-23T10:00:00Z", "2026-09-22", Rescan),
            ("a checkpoint behind, within the hour", "2026-10-30", lately, lately, "2026-11-22", Recent),
            ("a checkpoint behind", "2026-10-30", "2026-11-23T08:00:00Z", lately, "2026-10-30", Lookback),
            ("far behind", "2026-09-01", lately, "2026-11-22T01:00:00Z", "2026-09-01", Rescan),
            ("a checkpoint ahead", "2027-01-01", lately, lately, "2026-11-22", Recent),
            ("ahead, after an hour", "2027-01-01", "2026-11-23T08:00:00Z", lately, "2026-11-16", Lookback),
        ];
        for (what, checkpoint, lookback, rescan, from, reach) in cases {
            let found = first_day(GO_LIVE, checkpoint, listings(lookback, rescan), &[], NOW);
            assert_eq!(found, (from.to_owned(), reach), "{what}");
        }
    }

    /// And the day before it is listed, as a meeting may have begun then.
    #[test]
    fn days_before_go_live_stay_unlisted() {
        let last = listings("2026-11-23T09:30:00Z", "2026-11-23T09:30:00Z");
        let cases = [
            ("2026-11-10T00:30:00Z", "", Listings::default(), "2026-11-09"),
            ("2026-11-20T08:00:00Z", "2026-11-22", Listings::default(), "2026-11-19"),
            ("2026-11-23T08:00:00Z", "2026-11-23", last, "2026-11-22"),
            ("2026-11-24T08:00:00Z", "2026-11-23", last, "2026-11-23"),
        ];
        for (go_live, checkpoint, last, from) in cases {
            assert_eq!(first_day(go_live, checkpoint, last, &["2026-01-01"; 20], NOW).0, from, "{go_live}");
        }
    }

    /// Whatever the hour, a day is listed until it was listed after its end, and once more.
    #[test]
    fn clock_shifts_skip_no_day() {
        let last = listings("2026-11-22T22:30:00Z", "2026-11-22T20:00:00Z");
        for (now, from) in [
            ("2026-11-22T23:00:00Z", "2026-11-21"),
            ("2026-11-23T00:00:00Z", "2026-11-16"),
            ("2026-11-22T22:00:00Z", "2026-11-15"),
            ("2026-11-23T01:00:00Z", "2026-11-16"),
        ] {
            let found = first_day(GO_LIVE, "2026-11-22", last, &[], now).0;
            assert!(*found <= *from, "{now}: {found}");
        }
    }

    /// Not one by one, and no further back than an hourly listing reaches.
    #[test]
    fn days_of_many_owed_are_listed() {
        let last = listings("2026-11-23T09:30:00Z", "2026-11-23T09:30:00Z");
        let few = ["2026-11-18"; 10];
        let cases = [
            ("few", "2026-11-23", few.to_vec(), "2026-11-22"),
            ("one more", "2026-11-23", [&few[..], &["2026-11-20"]].concat(), "2026-11-20"),
            ("in any order", "2026-11-23", [&["2026-11-20"], &few[..]].concat(), "2026-11-20"),
            ("of one day", "2026-11-23", vec!["2026-11-18"; 500], "2026-11-18"),
            ("of today", "2026-11-23", vec!["2026-11-23"; 500], "2026-11-22"),
            ("long ago", "2026-11-23", vec!["2026-10-01"; 500], "2026-11-16"),
            ("long ago, since the checkpoint", "2026-10-10", vec!["2026-10-15"; 500], "2026-10-15"),
        ];
        for (what, checkpoint, owed, from) in cases {
            assert_eq!(first_day(GO_LIVE, checkpoint, last, &owed, NOW), (from.to_owned(), Reach::Recent), "{what}");
        }
    }

    /// What counts of a listing: the lookback is due, the rescan is due after so many minutes.
    #[test]
    fn incomplete_listings_are_made_again() {
        use Reach::{Lookback, Recent, Rescan};
        let last = listings("2026-11-23T05:00:00Z", "2026-11-22T20:00:00Z");
        let cases = [
            ("all of it", Rescan, true, false, 720),
            ("a part of all", Rescan, false, true, 55),
            ("the lookback", Lookback, true, false, 0),
            ("a part of it", Lookback, false, true, 0),
            ("the last days", Recent, true, true, 0),
            ("a part of them", Recent, false, true, 0),
        ];
        for (what, reach, complete, lookback_due, rescan_in) in cases {
            let noted = note_listing(last, reach, complete, time(NOW));
            assert_eq!(is_lookback_due(noted.lookback, time(NOW)), lookback_due, "{what}");
            let due = noted.rescan.expect("a rescan") + super::RESCAN_EVERY;
            assert_eq!((due - time(NOW)).num_minutes().max(0), rescan_in, "{what}");
        }
    }
}
