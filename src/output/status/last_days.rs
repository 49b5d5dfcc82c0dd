//! The last days, one by one: what was copied, how long it took, what went wrong. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::model::{EventKind, HistoryEvent, Reason};

/// So many days are shown, today being the last.
const DAYS: u64 = 30;

/// The last days.
#[derive(Debug)]
pub struct LastDays {
    /// Oldest first, without a gap.
    pub days: Vec<Day>,
    /// All of them together.
    pub all: PeriodSums,
    /// The last 24 hours.
    pub last_24_hours: PeriodSums,
    /// What went wrong, what most recordings met first.
    pub wrong: Vec<Wrong>,
    /// What was left out, the most frequent reason first.
    pub left_out: Vec<LeftOutCount>,
}

/// What happened in a time.
#[derive(Debug, Default)]
pub struct PeriodSums {
    /// Recordings whose copy became READY.
    pub copied: usize,
    /// Those of them that `backfill` copied: they are about the past, and their times are left out.
    pub by_hand: usize,
    /// How long the others took.
    pub times: Option<Times>,
    /// Recordings of which a try failed.
    pub failed: usize,
    /// Recordings that were left out.
    pub left_out: usize,
}

/// Recordings that were left out for one reason.
#[derive(Debug, PartialEq, Eq)]
pub struct LeftOutCount {
    /// Why.
    pub reason: Reason,
    /// How many in the last 24 hours.
    pub last_24_hours: usize,
    /// How many in all days.
    pub all: usize,
}

/// A day in the institution's time zone.
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

/// How long it took from when a recording could be copied until its copy was found to be READY.
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

fn first_day(now: DateTime<Utc>, zone: Tz) -> NaiveDate {
    now.with_timezone(&zone).date_naive() - Days::new(DAYS - 1)
}

/// A moment before the first of the days that end with `now`, wherever the institution lies.
#[must_use]
pub fn days_since(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    (first_day(now, zone) - Days::new(1)).and_time(NaiveTime::MIN).and_utc()
}

/// What happened in a time.
#[derive(Default)]
struct Tally {
    copied: usize,
    by_hand: usize,
    took: Vec<TimeDelta>,
    failed: HashSet<i64>,
    left_out: HashMap<Reason, usize>,
}

impl Tally {
    fn add(&mut self, one: &HistoryEvent) {
        match &one.what {
            EventKind::Ready { since, by_hand } => {
                self.copied += 1;
                self.by_hand += usize::from(*by_hand);
                self.took.extend(since.filter(|_| !by_hand).map(|since| one.at - since));
            }
            EventKind::Failed(_) => {
                self.failed.insert(one.recording);
            }
            EventKind::LeftOut(reason) => *self.left_out.entry(*reason).or_default() += 1,
            EventKind::Decided(_) => {}
        }
    }

    fn sums(&self) -> PeriodSums {
        PeriodSums {
            copied: self.copied,
            by_hand: self.by_hand,
            times: percentile_times(self.took.clone()),
            failed: self.failed.len(),
            left_out: self.left_out.values().sum(),
        }
    }
}

/// Sorts what happened into the days that end with `now`.
#[must_use]
pub fn sum_last_days(happened: &[HistoryEvent], now: DateTime<Utc>, zone: Tz) -> LastDays {
    let date_of = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let (first, today) = (first_day(now, zone), date_of(now));
    // a recording is copied once: what was looked at again is no second copy
    let mut arrived = HashSet::new();
    let mut is_news =
        |one: &HistoryEvent| !matches!(one.what, EventKind::Ready { .. }) || arrived.insert(one.recording);
    let shown: Vec<&HistoryEvent> =
        happened.iter().filter(|one| (first..=today).contains(&date_of(one.at)) && is_news(one)).collect();
    let (mut all, mut lately) = (Tally::default(), Tally::default());
    let mut tallies: BTreeMap<NaiveDate, Tally> = BTreeMap::new();
    for one in &shown {
        all.add(one);
        tallies.entry(date_of(one.at)).or_default().add(one);
        if now - one.at < TimeDelta::hours(24) {
            lately.add(one);
        }
    }
    let dates = first.iter_days().take_while(|date| *date <= today);
    LastDays {
        days: dates.map(|date| day_of_tally(date, tallies.remove(&date).unwrap_or_default())).collect(),
        left_out: count_left_out(&all, &lately),
        all: all.sums(),
        last_24_hours: lately.sums(),
        wrong: count_wrong(&shown),
    }
}

fn count_left_out(all: &Tally, lately: &Tally) -> Vec<LeftOutCount> {
    let count = |(reason, all): (&Reason, &usize)| {
        let last_24_hours = lately.left_out.get(reason).copied().unwrap_or_default();
        LeftOutCount { reason: *reason, last_24_hours, all: *all }
    };
    let mut left_out: Vec<LeftOutCount> = all.left_out.iter().map(count).collect();
    left_out.sort_by_key(|count| (Reverse(count.all), count.reason));
    left_out
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

fn count_wrong(happened: &[&HistoryEvent]) -> Vec<Wrong> {
    let mut met: BTreeMap<String, (HashSet<i64>, Wrong)> = BTreeMap::new();
    for one in happened {
        let (why, meaning) = match &one.what {
            EventKind::Failed(error) => (error_kind(error), ""),
            EventKind::Decided(reason) => (reason.word().to_owned(), reason.meaning()),
            EventKind::Ready { .. } | EventKind::LeftOut(_) => continue,
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
    use chrono_tz::Tz;

    use super::{LastDays, LeftOutCount, Times, days_since, error_kind, sum_last_days};
    use crate::copying::plan::samples::sample_now;
    use crate::model::{EventKind, HistoryEvent, Reason};

    /// Ready so many hours ago, so many minutes after it ended.
    fn ready(recording: i64, hours: i64, minutes: i64) -> HistoryEvent {
        let at = sample_now() - TimeDelta::hours(hours);
        HistoryEvent {
            recording,
            at,
            what: EventKind::Ready { since: Some(at - TimeDelta::minutes(minutes)), by_hand: false },
        }
    }

    fn in_utc(happened: &[HistoryEvent], now: DateTime<Utc>) -> LastDays {
        sum_last_days(happened, now, Tz::UTC)
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
        let lately = in_utc(&[], sample_now());
        assert_eq!((lately.days.len(), lately.days[29].date), (30, sample_now().date_naive()));
        assert!(days_since(sample_now(), Tz::UTC).date_naive() < lately.days[0].date);
        assert!(lately.days.windows(2).all(|pair| pair[0].date.succ_opt() == Some(pair[1].date)));
        assert_eq!((lately.all.copied, lately.all.times, lately.wrong.len()), (0, None, 0));
    }

    /// The median and the 95th.
    #[test]
    fn percentiles_are_times_of_real_recordings() {
        let hundred: Vec<_> = (1..=100).map(|number| ready(number, 0, number)).collect();
        assert_eq!(in_utc(&hundred, sample_now()).all.times, Some(minutes(50, 95, 100)));
        assert_eq!(in_utc(&hundred[..1], sample_now()).all.times, Some(minutes(1, 1, 1)));
        assert_eq!(in_utc(&hundred[..4], sample_now()).all.times, Some(minutes(2, 4, 4)));
        assert_eq!(in_utc(&hundred[..20], sample_now()).all.times, Some(minutes(10, 19, 20)));
        let early = ready(1, 0, -5);
        assert_eq!(in_utc(&[early], sample_now()).all.times, Some(minutes(0, 0, 1)), "clocks differ");
    }

    #[test]
    fn each_day_has_its_own_figures() {
        let lately = in_utc(&[ready(1, 48, 10), ready(2, 48, 30), ready(3, 0, 20), ready(3, 0, 900)], sample_now());
        let told: Vec<_> = lately.days.iter().filter(|day| day.copied > 0).map(|day| (day.copied, day.times)).collect();
        assert_eq!(
            told,
            [(2, Some(minutes(10, 30, 2))), (1, Some(minutes(20, 20, 1)))],
            "one that was looked at again counts once"
        );
        assert_eq!((lately.all.copied, lately.all.times), (3, Some(minutes(20, 30, 3))));
    }

    /// Also those whose end is unknown.
    #[test]
    fn backfill_copies_count_without_their_time() {
        let of = |recording, what| HistoryEvent { recording, at: sample_now(), what };
        let old = of(1, EventKind::Ready { since: Some(sample_now() - TimeDelta::days(90)), by_hand: true });
        let unknown = of(2, EventKind::Ready { since: None, by_hand: false });
        let lately = in_utc(&[old, unknown, ready(3, 1, 7)], sample_now());
        assert_eq!((lately.all.copied, lately.all.by_hand, lately.all.times), (3, 1, Some(minutes(7, 7, 1))));
    }

    /// Beside each other, so that what is usual shows.
    #[test]
    fn sums_tell_day_from_month() {
        let left_out = |recording, hours, reason| {
            let at = sample_now() - TimeDelta::hours(hours);
            HistoryEvent { recording, at, what: EventKind::LeftOut(reason) }
        };
        let happened = [
            ready(1, 23, 10),
            ready(2, 25, 30),
            left_out(3, 1, Reason::OptedOut),
            left_out(4, 300, Reason::TooShort),
            left_out(5, 300, Reason::TooShort),
            left_out(6, 1, Reason::TooShort),
        ];
        let lately = in_utc(&happened, sample_now());
        assert_eq!((lately.last_24_hours.copied, lately.all.copied), (1, 2));
        assert_eq!(
            (lately.last_24_hours.times, lately.all.times),
            (Some(minutes(10, 10, 1)), Some(minutes(10, 30, 2)))
        );
        assert_eq!((lately.last_24_hours.left_out, lately.all.left_out), (2, 4));
        let count = |reason, last_24_hours, all| LeftOutCount { reason, last_24_hours, all };
        assert_eq!(lately.left_out, [count(Reason::TooShort, 1, 3), count(Reason::OptedOut, 1, 1)]);
    }

    /// A day begins at the institution's midnight.
    #[test]
    fn days_are_those_of_the_zone() {
        let evening: DateTime<Utc> = "2026-11-24T23:30:00Z".parse().expect("an instant");
        let copied_on = |zone: Tz| {
            let happened = HistoryEvent {
                recording: 1,
                at: evening,
                what: EventKind::Ready { since: Some(evening), by_hand: false },
            };
            let lately = sum_last_days(&[happened], evening + TimeDelta::hours(12), zone);
            lately.days.iter().find(|day| day.copied > 0).map(|day| day.date.to_string())
        };
        assert_eq!(copied_on(Tz::UTC).as_deref(), Some("2026-11-24"));
        assert_eq!(copied_on(Tz::Europe__Berlin).as_deref(), Some("2026-11-25"));
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
        let lately = in_utc(&happened, sample_now());
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
