//! One report for a plan and for what came of it, as text, JSON or CSV.

mod csv;
mod json;
mod render;
mod summary;
mod text;
mod totals;

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Serialize;

use super::document::JsonDocument;
use super::table::Screen;
use crate::copying::apply::Outcome;

pub use render::{Cell, csv_table, format_minute, format_second, format_size, format_span, shorten_topic};

/// What a report is about.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The verb.
    pub command: &'static str,
    /// Whether nothing was carried out.
    pub dry_run: bool,
    /// The run, as logs and ledger name it.
    pub run_id: &'a str,
    /// The plan and what came of it.
    pub outcome: &'a Outcome,
    /// Where the times that people read are.
    pub zone: Tz,
}

impl Report<'_> {
    /// For people.
    #[must_use]
    pub fn text(&self, screen: Screen) -> String {
        text::render_text(self, screen)
    }

    /// The run in one line; `took` is how long it lasted.
    #[must_use]
    pub fn summary(&self, took: TimeDelta) -> String {
        summary::summarise(self, took)
    }

    /// How many recordings are finished, of how many that the run was to change.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        summary::count_finished(&self.outcome.lines)
    }

    /// For spreadsheets: a row a file.
    pub fn csv(&self) -> Result<String, ::csv::Error> {
        csv::render_csv(self)
    }

    /// For programs.
    #[must_use]
    pub fn document(&self) -> JsonDocument<impl Serialize> {
        json::report_document(self)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;
    use chrono_tz::Tz;

    use super::Report;
    use crate::copying::apply::{FileResult, Line, Outcome};
    use crate::copying::plan::samples::{
        sample_facts, sample_file, sample_now, sample_policy, sample_segment, sample_time, sample_video,
    };
    use crate::copying::plan::{Facts, RuledOut, plan_recordings, take_ruled_out};
    use crate::model::{FileKind, MeetingUuid, Segment};
    use crate::output::table::Screen;

    /// Every third is private, which a rule leaves out, and every fourth was before go-live.
    fn listed() -> Vec<Segment> {
        let segment = |number: i64| {
            let files = vec![sample_video("v", "shared_screen"), sample_file("t", FileKind::Transcript)];
            let files = files.into_iter().take(usize::try_from(number % 4).unwrap_or_default()).collect();
            let day = if number % 4 == 1 { "2026-11-19T09:00:00Z" } else { "2026-11-22T09:00:00Z" };
            let mut segment =
                Segment { started: sample_time(day) + TimeDelta::minutes(number % 5), ..sample_segment(files) };
            let meeting = Arc::make_mut(&mut segment.meeting);
            meeting.uuid = MeetingUuid::new(format!("{}==", 31 - number));
            meeting.topic = if number % 3 == 0 { "Private = 1; =2".to_owned() } else { "Optics".to_owned() };
            segment
        };
        (0..30).map(segment).collect()
    }

    /// The lines as planned, in all forms.
    fn rendered(outcome: &Outcome) -> [String; 5] {
        let report = Report { command: "sync", dry_run: true, run_id: "r", outcome, zone: Tz::UTC };
        let lines: Vec<_> = outcome.all_lines().map(|line| format!("{:?}", (&line.item, &line.files))).collect();
        // where files are to be had is in no report
        let lines = lines.join("\n").replace("Some(\"https://zoom.us/rec/download/x\")", "None");
        let screen = Screen::default();
        let json = report.document().pretty().expect("JSON");
        [report.text(screen), report.csv().expect("a table"), json, report.summary(TimeDelta::zero()), lines]
    }

    #[test]
    fn packed_lines_are_reported_alike() {
        let (policy, now) = (sample_policy(), sample_now());
        let plain = Outcome::of_plan(plan_recordings(sample_facts(listed()), &policy, now), Vec::new());
        let (mut listed, mut ruled_out) = (listed(), RuledOut::default());
        take_ruled_out(&mut listed, &mut ruled_out, &policy, |_| false);
        let facts = Facts { ruled_out, ..sample_facts(listed) };
        let mut packed = Outcome::of_plan(plan_recordings(facts, &policy, now), Vec::new());
        assert!(packed.lines.len() < 20 && packed.ruled_out.count() > 10 && packed.count_lines() == 30);
        assert_eq!(rendered(&packed), rendered(&plain));
        // one that became due while the run lasted has its place all the same, and what is new comes behind
        let mut plain = plain;
        let number = plain.lines.iter().position(|line| line.item.reason.is_some()).expect("one that is left out");
        plain.lines[number].set_result(None, FileResult::Failed);
        let due = plain.lines[number].clone();
        let before = packed.ruled_out.find(&due.item.segment.key()).expect("the same");
        packed.ruled_out.replace(before, packed.lines.len());
        packed.lines.push(due.clone());
        let fresh = Line::from(due.item);
        plain.lines.push(fresh.clone());
        packed.lines.push(fresh);
        assert_eq!(rendered(&packed), rendered(&plain));
    }
}
