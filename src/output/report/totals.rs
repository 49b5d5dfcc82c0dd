//! How many recordings, files and bytes, by what happens to them.
//!
//! How many recordings, files and bytes, by why.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::copying::apply::{FileResult, Outcome};
use crate::copying::plan::RuledOutSum;
use crate::model::Action;

/// The headings, in the order in which they are shown.
pub(super) const HEADINGS: [&str; 11] =
    ["copy", "copy_as_orphan", "wait", "skip", "done", "adopt", "reassign", "trash", "delete", "keep", "failed"];

/// The counts under one heading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Total {
    pub(super) recordings: u64,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl Total {
    fn add(&mut self, sum: RuledOutSum) {
        self.recordings += sum.recordings;
        self.files += sum.files;
        self.bytes = self.bytes.saturating_add(sum.bytes);
    }
}

/// The counts under every heading. A recording counts once, under its own heading; each of its files under its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Totals {
    pub(super) copy: Total,
    pub(super) copy_as_orphan: Total,
    pub(super) wait: Total,
    pub(super) skip: Total,
    pub(super) done: Total,
    pub(super) adopt: Total,
    pub(super) reassign: Total,
    pub(super) trash: Total,
    pub(super) delete: Total,
    pub(super) keep: Total,
    pub(super) failed: Total,
}

/// Under which heading something is counted.
pub(super) fn report_heading(action: Action, failed: bool) -> &'static str {
    if failed { "failed" } else { action.word() }
}

impl Totals {
    pub(super) fn of(outcome: &Outcome) -> Totals {
        let mut totals = Totals::default();
        for line in &outcome.lines {
            totals.under(line.item.action, line.worst_result() == Some(FileResult::Failed)).recordings += 1;
            for (file, outlook) in line.item.files.iter().zip(&line.files) {
                let total = totals.under(file.action, *outlook == Some(FileResult::Failed));
                total.files += 1;
                total.bytes = total.bytes.saturating_add(file.file.bytes.unwrap_or(0));
            }
        }
        outcome.ruled_out.sums().values().for_each(|sum| totals.skip.add(*sum));
        totals
    }

    fn under(&mut self, action: Action, failed: bool) -> &mut Total {
        match action {
            _ if failed => &mut self.failed,
            Action::Copy => &mut self.copy,
            Action::CopyAsOrphan => &mut self.copy_as_orphan,
            Action::Wait => &mut self.wait,
            Action::Skip => &mut self.skip,
            Action::Done => &mut self.done,
            Action::Adopt => &mut self.adopt,
            Action::Reassign => &mut self.reassign,
            Action::Trash => &mut self.trash,
            Action::Delete => &mut self.delete,
            Action::Keep => &mut self.keep,
        }
    }

    pub(super) fn in_order(&self) -> impl Iterator<Item = (&'static str, Total)> {
        let Totals { copy, copy_as_orphan, wait, skip, done, adopt, reassign, trash, delete, keep, failed } = *self;
        HEADINGS.into_iter().zip([copy, copy_as_orphan, wait, skip, done, adopt, reassign, trash, delete, keep, failed])
    }
}

/// The counts of every reason that occurs, by its word. A recording counts once, for its own reason; each of its files
/// for its own.
pub(super) fn count_reasons(outcome: &Outcome) -> BTreeMap<&'static str, Total> {
    let mut reasons: BTreeMap<_, Total> = BTreeMap::new();
    for (reason, sum) in outcome.ruled_out.sums() {
        reasons.entry(reason.word()).or_default().add(sum);
    }
    for item in outcome.lines.iter().map(|line| &line.item) {
        if let Some(reason) = item.reason {
            reasons.entry(reason.word()).or_default().recordings += 1;
        }
        for (file, reason) in item.files.iter().filter_map(|file| Some((file, file.reason?))) {
            let total = reasons.entry(reason.word()).or_default();
            total.files += 1;
            total.bytes = total.bytes.saturating_add(file.file.bytes.unwrap_or(0));
        }
    }
    reasons
}

/// Why recordings stand under a heading of the totals, and how many for each reason.
pub(super) fn reasons_of_recordings(outcome: &Outcome, wanted: &str) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    if wanted == Action::Skip.word() {
        counts.extend(outcome.ruled_out.sums().into_iter().map(|(reason, sum)| (reason.word(), sum.recordings)));
    }
    for line in &outcome.lines {
        let failed = line.worst_result() == Some(FileResult::Failed);
        // whose account it was to go to is not why it failed
        let is_why = !(failed && line.item.action.is_copy());
        if is_why
            && report_heading(line.item.action, failed) == wanted
            && let Some(reason) = line.item.reason
        {
            *counts.entry(reason.word()).or_default() += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Total, count_reasons, reasons_of_recordings};
    use crate::copying::apply::{FileResult, Line, Outcome};
    use crate::copying::plan::samples::{sample_file, sample_item, sample_segment, sample_video};
    use crate::copying::plan::{FilePlan, Item, Step};
    use crate::model::{Action, FileKind, Reason, RecordingFile, SideFile};

    /// A recording whose first file shares its fate.
    fn line(action: Action, reason: Option<Reason>, further: &[(RecordingFile, Action, Option<Reason>)]) -> Line {
        let files = [(sample_video("v", "shared_screen"), action, reason)].into_iter().chain(further.iter().cloned());
        let files = files.map(|(file, action, reason)| FilePlan {
            file,
            action,
            reason,
            entry_id: None,
            copy: None,
            step: Step::Nothing,
        });
        Line::from(Item { action, reason, ..sample_item(sample_segment(Vec::new()), files.collect()) })
    }

    fn outcome() -> Outcome {
        Outcome { lines: lines(), ..Outcome::of_items(Vec::new()) }
    }

    fn lines() -> Vec<Line> {
        let short = Some(Reason::TooShort);
        let chat =
            (RecordingFile { bytes: None, ..sample_file("c", FileKind::Side(SideFile::Chat)) }, Action::Skip, short);
        let view = (sample_video("g", "gallery_view"), Action::Skip, Some(Reason::RecordingTypeExcluded));
        vec![
            line(Action::Skip, short, &[chat]),
            line(Action::Skip, short, &[]),
            line(Action::Skip, Some(Reason::BeforeGoLive), &[]),
            line(Action::Wait, Some(Reason::Processing), &[]),
            line(Action::Copy, None, &[view]),
        ]
    }

    /// Of its recordings, its files and their bytes.
    #[test]
    fn each_reason_has_its_counts() {
        let total = |recordings, files, bytes| Total { recordings, files, bytes };
        let expected = BTreeMap::from([
            ("before_go_live", total(1, 1, 6000)),
            ("processing", total(1, 1, 6000)),
            ("recording_type_excluded", total(0, 1, 6000)),
            ("too_short", total(2, 3, 12_000)),
        ]);
        assert_eq!(count_reasons(&outcome()), expected);
        assert!(count_reasons(&Outcome::of_items(Vec::new())).is_empty());
    }

    #[test]
    fn headings_list_their_counted_reasons() {
        let outcome = outcome();
        assert_eq!(reasons_of_recordings(&outcome, "skip"), BTreeMap::from([("before_go_live", 1), ("too_short", 2)]));
        assert_eq!(reasons_of_recordings(&outcome, "wait"), BTreeMap::from([("processing", 1)]));
        assert!(reasons_of_recordings(&outcome, "copy").is_empty());
    }

    /// Not by whose recording it is.
    #[test]
    fn failures_are_grouped_by_their_cause() {
        let mut lost = line(Action::Skip, Some(Reason::GoneFromZoom), &[]);
        let mut orphan = line(Action::CopyAsOrphan, Some(Reason::NoAccount), &[]);
        for line in [&mut lost, &mut orphan] {
            line.set_result(Some(0), FileResult::Failed);
        }
        let outcome = Outcome { lines: vec![lost, orphan], ..Outcome::of_items(Vec::new()) };
        assert_eq!(reasons_of_recordings(&outcome, "failed"), BTreeMap::from([("gone_from_zoom", 1)]));
        assert!(
            reasons_of_recordings(&outcome, "skip").is_empty()
                && reasons_of_recordings(&outcome, "copy_as_orphan").is_empty()
        );
    }
}
