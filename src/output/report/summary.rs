//! A run in one line: what was listed, copied, left out and why, and what comes next.

use chrono::TimeDelta;

use super::Report;
use super::render::format_size;
use super::text::words_by_count;
use super::totals::reasons_of_recordings;
use crate::copying::apply::{FileResult, Line};
use crate::model::{Action, format_count};

/// The line; `took` is how long the run lasted.
pub(super) fn summarise(report: &Report<'_>, took: TimeDelta) -> String {
    let lines = &report.outcome.lines;
    let listed = if report.outcome.window.is_some() { "listed" } else { "looked at" };
    let mut parts = vec![format!("{listed} {}", format_count(report.outcome.count_lines(), "recording"))];
    parts.extend(phrase_counts(lines));
    for (heading, said) in [("wait", "waiting"), ("skip", "not copied"), ("keep", "kept")] {
        let reasons = reasons_of_recordings(report.outcome, heading);
        let count: u64 = reasons.values().sum();
        if count > 0 {
            parts.push(format!("{count} {said} ({})", words_by_count(&reasons)));
        }
    }
    let seconds = u64::try_from(took.num_milliseconds()).unwrap_or_default().div_ceil(1000);
    format!("{} in {}; {}", parts.join(", "), format_count(seconds, "second"), say_next(lines))
}

/// What was done, where anything was.
fn phrase_counts(lines: &[Line]) -> Vec<String> {
    let done = |wanted: &[Action], result: &[FileResult]| {
        let lines = lines.iter().filter(|line| wanted.contains(&line.item.action));
        lines.filter(|line| line.worst_result().is_some_and(|outlook| result.contains(&outlook))).count()
    };
    let went_well = [FileResult::Done, FileResult::Sent, FileResult::Importing];
    let bytes = lines.iter().flat_map(Line::copied_files).filter_map(|file| file.bytes).fold(0, u64::saturating_add);
    let counts = [
        (done(&[Action::Copy, Action::CopyAsOrphan], &went_well), format!("copied ({})", format_size(bytes))),
        (done(&[Action::Done], &went_well), "confirmed".to_owned()),
        (done(&[Action::Adopt, Action::Reassign], &went_well), "handed over".to_owned()),
        (done(&[Action::Delete], &went_well), "deleted".to_owned()),
        (done(&[Action::Trash], &went_well), "put into Zoom's trash".to_owned()),
        (lines.iter().filter(|line| line.worst_result() == Some(FileResult::Failed)).count(), "failed".to_owned()),
    ];
    counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect()
}

/// How many recordings the run was to change something about, and for how many of these nothing is left untried.
pub(super) fn count_finished(lines: &[Line]) -> (usize, usize) {
    let is_untried = |line: &Line| {
        let files = line.item.files.iter().zip(&line.files);
        line.worst_result().is_none() || files.into_iter().any(|(file, result)| file.is_copied() && result.is_none())
    };
    let planned = lines.iter().filter(|line| is_planned(line));
    (planned.clone().filter(|line| !is_untried(line)).count(), planned.count())
}

fn is_planned(line: &Line) -> bool {
    let acts = [Action::Copy, Action::CopyAsOrphan, Action::Adopt, Action::Reassign, Action::Delete, Action::Trash];
    acts.contains(&line.item.action)
}

/// What is left for the next run.
fn say_next(lines: &[Line]) -> String {
    let with = |wanted: FileResult| lines.iter().filter(|line| line.worst_result() == Some(wanted)).count();
    let waiting = lines.iter().filter(|line| line.item.action == Action::Wait).count();
    let untried = lines.iter().filter(|line| is_planned(line) && line.worst_result().is_none()).count();
    let next = [
        (untried, "to do"),
        (with(FileResult::Sent) + with(FileResult::Importing), "to confirm"),
        (with(FileResult::Failed), "to retry"),
        (waiting, "to look at again"),
    ];
    let next: Vec<String> =
        next.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if next.is_empty() { "nothing is left to do".to_owned() } else { format!("next run: {}", next.join(", ")) }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::summarise;
    use crate::copying::apply::{FileResult, Line, Outcome};
    use crate::copying::plan::samples::{sample_item, sample_segment, sample_video};
    use crate::copying::plan::{FilePlan, Item, Step};
    use crate::model::{Action, Reason, Role};
    use crate::output::report::Report;

    fn line(action: Action, reason: Option<Reason>, step: Step, result: Option<FileResult>) -> Line {
        let file = sample_video("v", "shared_screen");
        let plan = FilePlan { file: file.clone(), action, reason, entry_id: None, copy: None, step };
        let item = Item { action, reason, ..sample_item(sample_segment(vec![file]), vec![plan]) };
        let mut line = Line::from(item);
        if let Some(result) = result {
            line.set_result(Some(0), result);
        }
        line
    }

    fn said(lines: Vec<Line>) -> String {
        let outcome = Outcome { lines, ..Outcome::of_items(Vec::new()) };
        let report =
            Report { command: "sync", dry_run: false, run_id: "r", outcome: &outcome, zone: chrono_tz::Tz::UTC };
        summarise(&report, TimeDelta::milliseconds(2100))
    }

    #[test]
    fn one_line_sums_up_a_run() {
        let copy = Step::Copy(Role::Parent);
        let lines = vec![
            line(Action::Copy, None, copy, Some(FileResult::Sent)),
            line(Action::Copy, None, copy, Some(FileResult::Failed)),
            line(Action::Done, None, Step::Nothing, Some(FileResult::Done)),
            line(Action::Wait, Some(Reason::Processing), Step::Nothing, None),
            line(Action::Skip, Some(Reason::TooShort), Step::Nothing, None),
        ];
        assert_eq!(
            said(lines),
            "looked at 5 recordings, 1 copied (6.0 kB), 1 confirmed, 1 failed, 1 waiting (1 processing), 1 not copied (1 too_short) in 3 seconds; next run: 1 to confirm, 1 to retry, 1 to look at again"
        );
        let interrupted =
            vec![line(Action::Copy, None, copy, Some(FileResult::Sent)), line(Action::Copy, None, copy, None)];
        assert_eq!(
            said(interrupted),
            "looked at 2 recordings, 1 copied (6.0 kB) in 3 seconds; next run: 1 to do, 1 to confirm"
        );
        assert_eq!(said(Vec::new()), "looked at 0 recordings in 3 seconds; nothing is left to do");
    }
}
