//! The last days, one by one: what was copied, how long it took, what went wrong. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::model::{EventKind, HistoryEvent};

/// So many days are shown, today being the last.
const DAYS: u64 = 30;

/// The last days.
#[derive(Debug)]
pub struct LastDays {
    /// Oldest first, without a gap.
    pub days: Vec<Day>,
    /// Recordings that were copied in all of them.
    pub copied: usize,
    /// Those of them that `backfill` copied: they are about the past, and their times are left out.
    pub by_hand: usize,
    /// How long the others took.
    pub times: Option<Times>,
    /// What went wrong, what most recordings met first.
    pub wrong: Vec<Wrong>,
}

/// A day, in UTC.
#[derive(Debug)]
pub struct Day {
    /// Which.
    pub date: NaiveDate,
    /// Recordings whose copy became READY.
    pub copied: usize,
    /// How long they took; `None` where that is known of none.
    pub times: Option<Times>,
    /// Recordings of which a try failed.
    pub failed: usize,
}

/// How long it took from the end of a recording until its copy was found to be READY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Half of them took no longer.
    pub median: TimeDelta,
    /// 95 in a hundred took no longer.
    pub p95: TimeDelta,
    /// How many they are.
    pub of: usize,
}

/// Something that went wrong.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// A fixed word, or an error without what differs from recording to recording.
    pub why: String,
    /// What the word means; empty for an error.
    pub meaning: &'static str,
    /// How many recordings met it.
    pub recordings: usize,
    /// When it was met last.
    pub last: DateTime<Utc>,
}

/// When the first of the days that end with `now` begins.
#[must_use]
pub fn days_since(now: DateTime<Utc>) -> DateTime<Utc> {
    (now.date_naive() - Days::new(DAYS - 1)).and_time(NaiveTime::MIN).and_utc()
}

/// What happened on a day.
#[derive(Default)]
struct Tally {
    copied: usize,
    took: Vec<TimeDelta>,
    failed: HashSet<i64>,
}

/// Sorts what happened into the days that end with `now`.
#[must_use]
pub fn sum_last_days(happened: &[HistoryEvent], now: DateTime<Utc>) -> LastDays {
    let (mut arrived, mut by_hand) = (HashSet::new(), 0);
    let mut tallies: BTreeMap<NaiveDate, Tally> = BTreeMap::new();
    for one in happened {
        let tally = tallies.entry(one.at.date_naive()).or_default();
        match &one.what {
            // a recording is copied once: what was looked at again is no second copy
            EventKind::Ready { ended, by_hand: hand } if arrived.insert(one.recording) => {
                tally.copied += 1;
                by_hand += usize::from(*hand);
                tally.took.extend(ended.filter(|_| !hand).map(|ended| one.at - ended));
            }
            EventKind::Failed(_) => {
                tally.failed.insert(one.recording);
            }
            EventKind::Ready { .. } | EventKind::Decided(_) => {}
        }
    }
    let times = percentile_times(tallies.values().flat_map(|tally| tally.took.iter().copied()).collect());
    let dates = days_since(now).date_naive().iter_days().take_while(|date| *date <= now.date_naive());
    let days = dates.map(|date| day_of_tally(date, tallies.remove(&date).unwrap_or_default())).collect();
    LastDays { days, copied: arrived.len(), by_hand, times, wrong: count_wrong(happened) }
}

fn day_of_tally(date: NaiveDate, tally: Tally) -> Day {
    Day { date, copied: tally.copied, times: percentile_times(tally.took), failed: tally.failed.len() }
}

/// By the nearest rank: a figure that one of them took. What ended after it was ready, by clocks that differ, took none.
fn percentile_times(mut took: Vec<TimeDelta>) -> Option<Times> {
    took.sort();
    let rank = |percent: usize| took.get((took.len() * percent).div_ceil(100).saturating_sub(1)).copied();
    let figure = |percent| rank(percent).map(|took| took.max(TimeDelta::zero()));
    Some(Times { median: figure(50)?, p95: figure(95)?, of: took.len() })
}

fn count_wrong(happened: &[HistoryEvent]) -> Vec<Wrong> {
    let mut met: BTreeMap<String, (HashSet<i64>, Wrong)> = BTreeMap::new();
    for one in happened {
        let (why, meaning) = match &one.what {
            EventKind::Failed(error) => (error_kind(error), ""),
            EventKind::Decided(reason) => (reason.word().to_owned(), reason.meaning()),
            EventKind::Ready { .. } => continue,
        };
        let new = || (HashSet::new(), Wrong { why: why.clone(), meaning, recordings: 0, last: one.at });
        let (recordings, wrong) = met.entry(why.clone()).or_insert_with(new);
        recordings.insert(one.recording);
        wrong.recordings = recordings.len();
        wrong.last = wrong.last.max(one.at);
    }
    let mut wrong: Vec<Wrong> = met.into_values().map(|(_, wrong)| wrong).collect();
    wrong.sort_by_key(|wrong| (Reverse(wrong.recordings), Reverse(wrong.last)));
    wrong
}

/// An error without ids, sizes and times, so that it is the same for every recording that meets it. Plain numbers of
/// three digits, such as 404, stay.
fn error_kind(error: &str) -> String {
    let is_particular =
        |word: &str| word.contains(|c: char| c.is_ascii_digit()) && word.trim_matches([':', ';', ',', '.']).len() > 3;
    let words = error.split_whitespace().map(|word| if is_particular(word) { "…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::{Times, days_since, error_kind, sum_last_days};
    use crate::copying::plan::samples::sample_now;
    use crate::model::{EventKind, HistoryEvent, Reason};

    /// Ready so many hours ago, so many minutes after it ended.
    fn ready(recording: i64, hours: i64, minutes: i64) -> HistoryEvent {
        let at = sample_now() - TimeDelta::hours(hours);
        HistoryEvent {
            recording,
            at,
            what: EventKind::Ready { ended: Some(at - TimeDelta::minutes(minutes)), by_hand: false },
        }
    }

    fn failed(recording: i64, at: DateTime<Utc>, error: &str) -> HistoryEvent {
        HistoryEvent { recording, at, what: EventKind::Failed(error.to_owned()) }
    }

    fn minutes(median: i64, p95: i64, of: usize) -> Times {
        Times { median: TimeDelta::minutes(median), p95: TimeDelta::minutes(p95), of }
    }

    /// Without a gap.
    #[test]
    fn thirty_days_end_with_today() {
        let lately = sum_last_days(&[], sample_now());
        assert_eq!((lately.days.len(), lately.days[29].date), (30, sample_now().date_naive()));
        assert_eq!(lately.days[0].date, days_since(sample_now()).date_naive());
        assert!(lately.days.windows(2).all(|pair| pair[0].date.succ_opt() == Some(pair[1].date)));
        assert_eq!((lately.copied, lately.times, lately.wrong.len()), (0, None, 0));
    }

    /// The median and the 95th.
    #[test]
    fn percentiles_are_times_of_real_recordings() {
        let hundred: Vec<_> = (1..=100).map(|number| ready(number, 0, number)).collect();
        assert_eq!(sum_last_days(&hundred, sample_now()).times, Some(minutes(50, 95, 100)));
        assert_eq!(sum_last_days(&hundred[..1], sample_now()).times, Some(minutes(1, 1, 1)));
        assert_eq!(sum_last_days(&hundred[..4], sample_now()).times, Some(minutes(2, 4, 4)));
        assert_eq!(sum_last_days(&hundred[..20], sample_now()).times, Some(minutes(10, 19, 20)));
        let early = ready(1, 0, -5);
        assert_eq!(sum_last_days(&[early], sample_now()).times, Some(minutes(0, 0, 1)), "clocks differ");
    }

    #[test]
    fn each_day_has_its_own_figures() {
        let lately =
            sum_last_days(&[ready(1, 48, 10), ready(2, 48, 30), ready(3, 0, 20), ready(3, 0, 900)], sample_now());
        let told: Vec<_> = lately.days.iter().filter(|day| day.copied > 0).map(|day| (day.copied, day.times)).collect();
        assert_eq!(
            told,
            [(2, Some(minutes(10, 30, 2))), (1, Some(minutes(20, 20, 1)))],
            "one that was looked at again counts once"
        );
        assert_eq!((lately.copied, lately.times), (3, Some(minutes(20, 30, 3))));
    }

    /// Also those whose end is unknown.
    #[test]
    fn backfill_copies_count_without_their_time() {
        let of = |recording, what| HistoryEvent { recording, at: sample_now(), what };
        let old = of(1, EventKind::Ready { ended: Some(sample_now() - TimeDelta::days(90)), by_hand: true });
        let unknown = of(2, EventKind::Ready { ended: None, by_hand: false });
        let lately = sum_last_days(&[old, unknown, ready(3, 1, 7)], sample_now());
        assert_eq!((lately.copied, lately.by_hand, lately.times), (3, 1, Some(minutes(7, 7, 1))));
    }

    #[test]
    fn failures_count_recordings_per_reason() {
        let gone = HistoryEvent { recording: 9, at: sample_now(), what: EventKind::Decided(Reason::GoneFromZoom) };
        let earlier = sample_now() - TimeDelta::days(1);
        let happened = [
            failed(1, earlier, "Zoom: the download at 10.0.0.1:5000 answered 404 Not Found"),
            failed(1, sample_now(), "Zoom: the download at 10.0.0.1:5001 answered 404 Not Found"),
            failed(2, earlier, "Zoom: the download at 10.0.0.2:80 answered 404 Not Found"),
            gone,
        ];
        let lately = sum_last_days(&happened, sample_now());
        let told: Vec<_> =
            lately.wrong.iter().map(|wrong| (wrong.why.as_str(), wrong.recordings, wrong.last)).collect();
        let download = "Zoom: the download at … answered 404 Not Found";
        assert_eq!(told, [(download, 2, sample_now()), ("gone_from_zoom", 1, sample_now())]);
        assert_eq!(lately.days[28].failed + lately.days[29].failed, 3);
        assert!(lately.wrong[1].meaning.contains("no longer has it"));
    }

    /// It is the same for every recording that meets it.
    #[test]
    fn error_kinds_leave_out_variable_parts() {
        assert_eq!(error_kind("media.get answered ENTRY_ID_NOT_FOUND: Entry id \"0_a1\" not found"), {
            "media.get answered ENTRY_ID_NOT_FOUND: Entry id … not found"
        });
        assert_eq!(error_kind("answered 503, 52428800 bytes"), "answered 503, … bytes");
    }
}
