//! Which metrics there are. Only numbers and fixed words: nothing of it says whose recordings they are.
//!
//! What runs have done is counted up in the ledger, so that counters never fall while it lives, and both commands that
//! write the file say the whole of it.

use std::io;
use std::path::Path;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::exposition::{MetricsPage, Sample, replace_file};
use crate::ledger::{Census, Count};
use crate::model::CaptionSurvey;
use crate::output::status::{ALARM_WORDS, Alarm, Lateness, Status, Waiting};

/// What the ledger knows.
#[derive(Debug)]
pub struct Measured<'a> {
    /// How things stand.
    pub status: &'a Status,
    /// What needs a person.
    pub alarms: &'a [Alarm],
    /// How recordings stand, by action and reason.
    pub census: Vec<Census>,
    /// What runs have done.
    pub counts: Vec<Count>,
    /// By how many seconds this machine's clock was ahead of each remote side's.
    pub clock_offsets: Vec<(&'static str, i64)>,
    /// How many calls of each category Zoom still allows today, where it tells.
    pub daily_calls: Vec<(&'static str, i64)>,
}

/// The last run of a command that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Ran {
    /// Which one.
    pub command: &'static str,
    /// When it began.
    pub started: DateTime<Utc>,
    /// Duration of the last run that has ended.
    pub lasted: TimeDelta,
    /// How it ended.
    pub exit_code: i64,
    /// When the last one began that ended well.
    pub last_good: Option<DateTime<Utc>>,
}

/// Writes the file; of a ledger that cannot be read nothing is known but the run itself.
pub fn write_metrics(file: &Path, account: &str, measured: Option<&Measured<'_>>, runs: &[Ran]) -> io::Result<()> {
    replace_file(file, &metrics_page(account, measured, runs))
}

fn metrics_page(account: &str, measured: Option<&Measured<'_>>, runs: &[Ran]) -> String {
    let mut page = MetricsPage::of(account);
    page.gauge(
        "build_info",
        "The version that wrote this file; always 1.",
        [Sample::new(1).with("version", env!("CARGO_PKG_VERSION"))],
    );
    tell_runs(&mut page, runs);
    if let Some(measured) = measured {
        tell_listing(&mut page, measured.status);
        tell_backlog(&mut page, measured.status);
        tell_risks(&mut page, measured.status);
        tell_alarms(&mut page, measured);
        tell_captions(&mut page, measured.status);
        tell_readings(&mut page, measured);
        let census = measured.census.iter().map(|census| {
            let reason = census.reason.as_deref().unwrap_or_default();
            Sample::new(census.recordings).with("action", &census.action).with("reason", reason)
        });
        page.gauge("recordings", "Recordings of meetings within sync.rescan, by last action and reason.", census);
        tell_counts(&mut page, &measured.counts);
    }
    page.text()
}

fn tell_runs(page: &mut MetricsPage, runs: &[Ran]) {
    let each = |value: fn(&Ran) -> Option<String>| {
        runs.iter().filter_map(move |run| Some(Sample::new(value(run)?).with("command", run.command)))
    };
    page.gauge(
        "last_run_start_timestamp_seconds",
        "Start of the last run that has ended.",
        each(|run| Some(run.started.timestamp().to_string())),
    );
    page.gauge(
        "last_run_duration_seconds",
        "Duration of the last run that has ended.",
        each(|run| Some((run.lasted.as_seconds_f64()).to_string())),
    );
    page.gauge(
        "last_run_exit_code",
        "Exit code of the last run that has ended; 0 is good.",
        each(|run| Some(run.exit_code.to_string())),
    );
    page.gauge(
        "last_success_start_timestamp_seconds",
        "Start of the last run that ended with exit code 0.",
        each(|run| run.last_good.map(|began| began.timestamp().to_string())),
    );
}

fn tell_listing(page: &mut MetricsPage, status: &Status) {
    let listed = status.last_listing.map(|listed| Sample::new(listed.timestamp()));
    page.gauge("last_listing_timestamp_seconds", "Last time that a run read all that Zoom lists.", listed);
    let checkpoint = status.checkpoint.map(|day| Sample::new(day.and_time(NaiveTime::MIN).and_utc().timestamp()));
    page.gauge("checkpoint_timestamp_seconds", "Everything before this day is settled.", checkpoint);
}

fn tell_backlog(page: &mut MetricsPage, status: &Status) {
    let (files, bytes) = status.sums();
    let count = |count: usize| [Sample::new(count)];
    page.gauge("backlog_recordings", "Recordings that are still due.", count(status.backlog.len()));
    page.gauge("backlog_files", "Files that are still due.", [Sample::new(files)]);
    page.gauge("backlog_bytes", "Size of the files that are still due, as far as Zoom lists it.", [Sample::new(bytes)]);
    let oldest = status.backlog.iter().map(|waiting| waiting.pending.segment.started).min();
    page.gauge(
        "backlog_oldest_timestamp_seconds",
        "Start of the oldest recording that is still due; absent if there is none.",
        oldest.map(|oldest| Sample::new(oldest.timestamp())),
    );
    let late = status.backlog.iter().filter(|waiting| waiting.late.is_some()).count();
    page.gauge(
        "late_recordings",
        "Recordings that could have been copied for longer than sync.late_after, or that Kaltura processes for longer than sync.processing_alert.",
        count(late),
    );
    let at_risk = status.backlog.iter().chain(&status.given_up).filter(|waiting| waiting.at_risk).count();
    page.gauge(
        "at_risk_recordings",
        "Recordings that are not safely in Kaltura and that Zoom deletes within sync.at_risk.",
        count(at_risk),
    );
    page.gauge(
        "given_up_recordings",
        "Recordings that the program gave up and that Zoom still has.",
        count(status.given_up.len()),
    );
    page.gauge("orphans", "Orphaned copies, which the holding user keeps.", count(status.orphans.len()));
}

/// So long before Zoom deletes it.
const SOON: TimeDelta = TimeDelta::days(7);

fn tell_risks(page: &mut MetricsPage, status: &Status) {
    let unsettled = || status.backlog.iter().chain(&status.given_up);
    let oldest = unsettled().map(|waiting| waiting.pending.segment.started).min();
    page.gauge(
        "unsettled_oldest_timestamp_seconds",
        "Start of the oldest recording that is not confirmed in Kaltura: due, waiting, in processing or given up.",
        oldest.map(|oldest| Sample::new(oldest.timestamp())),
    );
    let is_soon = |waiting: &&Waiting| waiting.deleted > status.now && waiting.deleted - status.now <= SOON;
    page.gauge(
        "deleted_soon_recordings",
        "Recordings that are not confirmed in Kaltura and that Zoom deletes within 7 days.",
        [Sample::new(unsettled().filter(is_soon).count())],
    );
    let stuck = status.backlog.iter().filter(|waiting| waiting.late == Some(Lateness::Processing)).count();
    page.gauge(
        "processing_overdue_recordings",
        "Recordings that have been in Kaltura's processing for longer than sync.processing_alert.",
        [Sample::new(stuck)],
    );
}

fn tell_readings(page: &mut MetricsPage, measured: &Measured<'_>) {
    let each = |readings: &[(&'static str, i64)], label: &'static str| -> Vec<Sample> {
        readings.iter().map(|(kind, value)| Sample::new(value).with(label, *kind)).collect()
    };
    page.gauge(
        "clock_offset_seconds",
        "By how much this machine's clock was ahead of the service's when a run last compared them; negative: behind it.",
        each(&measured.clock_offsets, "service"),
    );
    page.gauge(
        "zoom_daily_calls_remaining",
        "Calls of this category that Zoom still allows the account today; absent as long as Zoom does not tell.",
        each(&measured.daily_calls, "category"),
    );
}

fn tell_alarms(page: &mut MetricsPage, measured: &Measured<'_>) {
    let overdue = measured.alarms.iter().map(|alarm| alarm.orphans(measured.status).len()).sum::<usize>();
    page.gauge("orphans_overdue", "Orphaned copies that should have been purged long ago.", [Sample::new(overdue)]);
    let alarms = ALARM_WORDS.map(|word| {
        let is_on = measured.alarms.iter().any(|alarm| alarm.word() == word);
        Sample::new(u8::from(is_on)).with("alarm", word)
    });
    page.gauge("alarm", "1 while status --alert reports this alarm.", alarms);
}

fn tell_captions(page: &mut MetricsPage, status: &Status) {
    let survey = status.captions;
    page.gauge(
        "captions_counted_timestamp_seconds",
        "When the command captions last counted; absent until then, as are its counts.",
        survey.map(|survey| Sample::new(survey.counted.timestamp())),
    );
    page.gauge(
        "captions_counted_recordings",
        "Copies whose captions were looked at.",
        survey.map(|survey| Sample::new(survey.recordings)),
    );
    let lacks = survey.iter().flat_map(CaptionSurvey::lacks);
    page.gauge(
        "captions_lacking_recordings",
        "Copies without captions that people can rely on, by what is lacking.",
        lacks.map(|(word, count)| Sample::new(count).with("reason", word)),
    );
}

/// A counter, the labels of its kinds, and what it counts.
const COUNTERS: [(&str, &[&str], &str); 7] = [
    ("runs", &["command", "exit_code"], "Runs that have ended."),
    ("calls", &["service", "result"], "Calls made by runs that have ended, retries included."),
    ("copied_files", &[], "Files whose bytes were sent to Kaltura."),
    ("copied_bytes", &[], "Bytes that were sent to Kaltura."),
    ("failed_recordings", &[], "Recordings that failed at least in part, counted once for each run."),
    ("handed_over_recordings", &[], "Orphaned copies that were handed over to their hosts."),
    ("purged_recordings", &[], "Orphaned copies that were deleted."),
];

fn tell_counts(page: &mut MetricsPage, counts: &[Count]) {
    for (name, labels, help) in COUNTERS {
        let own = counts.iter().filter(|count| count.name == name);
        let mut samples: Vec<Sample> = own
            .map(|count| {
                let values = count.label.split_whitespace();
                labels
                    .iter()
                    .zip(values)
                    .fold(Sample::new(count.value), |sample, (label, value)| sample.with(label, value))
            })
            .collect();
        // what has one kind only is 0 before it first happens, so that its first rise is seen
        if samples.is_empty() && labels.is_empty() {
            samples.push(Sample::new(0));
        }
        page.counter(name, help, samples);
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{Measured, metrics_page};
    use crate::copying::plan::samples::sample_now;
    use crate::model::{CaptionSurvey, Pending, Reason};
    use crate::output::notify::deliver::tests::{due, limits};
    use crate::output::status::{Figures, sort_status};

    #[test]
    fn captions_are_absent_until_counted() {
        let page = |captions| {
            let status = sort_status(Figures { captions, ..Figures::default() }, limits(), sample_now());
            let none = Measured {
                status: &status,
                alarms: &[],
                census: Vec::new(),
                counts: Vec::new(),
                clock_offsets: Vec::new(),
                daily_calls: Vec::new(),
            };
            metrics_page("Law", Some(&none), &[])
        };
        assert!(!page(None).contains("captions"), "{}", page(None));
        let counted = sample_now() - TimeDelta::days(3);
        let survey = CaptionSurvey { counted, recordings: 9, no_captions: 2, machine_made: 1, unreadable: 0 };
        let page = page(Some(survey));
        for series in [
            format!("captions_counted_timestamp_seconds{{account=\"Law\"}} {}", counted.timestamp()),
            "captions_counted_recordings{account=\"Law\"} 9".to_owned(),
            "captions_lacking_recordings{account=\"Law\",reason=\"no_captions\"} 2".to_owned(),
            "captions_lacking_recordings{account=\"Law\",reason=\"unreadable\"} 0".to_owned(),
        ] {
            assert!(page.contains(&format!("\nzoom2kaltura_{series}\n")), "{series}: {page}");
        }
    }

    /// Recordings, and what is said of them.
    type RiskCase = (&'static [(i64, Option<i64>)], Option<i64>, usize, usize);

    /// A case is a line: how many days ago each was recorded, since how many hours Kaltura has it; then the oldest that is
    /// unsettled, those that Zoom deletes soon, those that Kaltura does not finish.
    #[test]
    fn risks_are_told_in_numbers() {
        let cases: [RiskCase; 5] = [
            (&[], None, 0, 0),
            (&[(1, None), (2, Some(5))], Some(2), 0, 0),
            (&[(2, Some(25)), (2, Some(30))], Some(2), 0, 2),
            // Zoom keeps them for 30 days
            (&[(22, None), (23, None), (29, Some(1)), (31, None)], Some(31), 2, 0),
            (&[(24, Some(300))], Some(24), 1, 1),
        ];
        for (recordings, oldest, soon, stuck) in cases {
            let pending = recordings.iter().map(|(days, hours)| Pending {
                with_kaltura: hours.map(|hours| sample_now() - TimeDelta::hours(hours)),
                reason: hours.map(|_| Reason::InConversion),
                ..due(sample_now() - TimeDelta::days(*days))
            });
            let figures = Figures { pending: pending.collect(), ..Figures::default() };
            let status = sort_status(figures, limits(), sample_now());
            let measured = Measured {
                status: &status,
                alarms: &[],
                census: Vec::new(),
                counts: Vec::new(),
                clock_offsets: vec![("zoom", -7)],
                daily_calls: vec![("heavy", 59_999)],
            };
            let page = metrics_page("Law", Some(&measured), &[]);
            let has = |series: &str, value: String| {
                assert!(page.contains(&format!("\nzoom2kaltura_{series}}} {value}\n")), "{recordings:?}: {page}");
            };
            has("deleted_soon_recordings{account=\"Law\"", soon.to_string());
            has("processing_overdue_recordings{account=\"Law\"", stuck.to_string());
            has("clock_offset_seconds{account=\"Law\",service=\"zoom\"", "-7".to_owned());
            has("zoom_daily_calls_remaining{account=\"Law\",category=\"heavy\"", "59999".to_owned());
            match oldest.map(|days| sample_now() - TimeDelta::days(days)) {
                Some(oldest) => {
                    has("unsettled_oldest_timestamp_seconds{account=\"Law\"", oldest.timestamp().to_string());
                }
                None => assert!(!page.contains("unsettled_oldest"), "{page}"),
            }
        }
    }
}
