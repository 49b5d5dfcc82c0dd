//! How many recordings, files and bytes, by why.

use std::collections::BTreeMap;

use super::totals::{Total, report_heading};
use crate::apply::{FileResult, Line};

/// The counts of every reason that occurs, by its word. A recording counts once, for its own reason; each of its files
/// for its own.
pub(super) fn count_reasons(lines: &[Line]) -> BTreeMap<&'static str, Total> {
    let mut reasons: BTreeMap<_, Total> = BTreeMap::new();
    for item in lines.iter().map(|line| &line.item) {
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
pub(super) fn reasons_of_recordings(lines: &[Line], wanted: &str) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for line in lines {
        let failed = line.outlook() == Some(FileResult::Failed);
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

    use super::super::totals::Total;
    use super::{count_reasons, reasons_of_recordings};
    use crate::apply::{FileResult, Line};
    use crate::model::{Action, FileKind, Reason, RecordingFile};
    use crate::plan::samples::{sample_file, sample_segment, sample_video};
    use crate::plan::{FilePlan, Item, Step};

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
        Line::from(Item {
            segment: sample_segment(Vec::new()),
            action,
            reason,
            detail: None,
            loss: None,
            age: None,
            owner: None,
            rule: None,
            entry_id: None,
            files: files.collect(),
            remains: Vec::new(),
            main: Some(0),
            orphan: None,
        })
    }

    fn lines() -> Vec<Line> {
        let short = Some(Reason::TooShort);
        let chat = (RecordingFile { bytes: None, ..sample_file("c", FileKind::Chat) }, Action::Skip, short);
        let view = (sample_video("g", "gallery_view"), Action::Skip, Some(Reason::RecordingTypeExcluded));
        vec![
            line(Action::Skip, short, &[chat]),
            line(Action::Skip, short, &[]),
            line(Action::Skip, Some(Reason::BeforeGoLive), &[]),
            line(Action::Wait, Some(Reason::Processing), &[]),
            line(Action::Copy, None, &[view]),
        ]
    }

    #[test]
    fn each_reason_that_occurs_counts_its_recordings_its_files_and_their_bytes() {
        let total = |recordings, files, bytes| Total { recordings, files, bytes };
        let expected = BTreeMap::from([
            ("before_go_live", total(1, 1, 6000)),
            ("processing", total(1, 1, 6000)),
            ("recording_type_excluded", total(0, 1, 6000)),
            ("too_short", total(2, 3, 12_000)),
        ]);
        assert_eq!(count_reasons(&lines()), expected);
        assert!(count_reasons(&[]).is_empty());
    }

    #[test]
    fn under_each_heading_stand_the_reasons_of_the_recordings_that_are_counted_there() {
        let lines = lines();
        assert_eq!(reasons_of_recordings(&lines, "skip"), BTreeMap::from([("before_go_live", 1), ("too_short", 2)]));
        assert_eq!(reasons_of_recordings(&lines, "wait"), BTreeMap::from([("processing", 1)]));
        assert!(reasons_of_recordings(&lines, "copy").is_empty());
    }

    #[test]
    fn what_failed_is_told_by_what_went_wrong_and_not_by_whose_it_is() {
        let mut lost = line(Action::Skip, Some(Reason::GoneFromZoom), &[]);
        let mut orphan = line(Action::CopyAsOrphan, Some(Reason::NoAccount), &[]);
        for line in [&mut lost, &mut orphan] {
            line.set(Some(0), FileResult::Failed);
        }
        let lines = [lost, orphan];
        assert_eq!(reasons_of_recordings(&lines, "failed"), BTreeMap::from([("gone_from_zoom", 1)]));
        assert!(
            reasons_of_recordings(&lines, "skip").is_empty()
                && reasons_of_recordings(&lines, "copy_as_orphan").is_empty()
        );
    }
}
