//! How many recordings, files and bytes, by what happens to them.

use serde::Serialize;

use crate::apply::{FileResult, Line};
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
    pub(super) fn of(lines: &[Line]) -> Totals {
        let mut totals = Totals::default();
        for line in lines {
            totals.under(line.item.action, line.outlook() == Some(FileResult::Failed)).recordings += 1;
            for (file, outlook) in line.item.files.iter().zip(&line.files) {
                let total = totals.under(file.action, *outlook == Some(FileResult::Failed));
                total.files += 1;
                total.bytes = total.bytes.saturating_add(file.file.bytes.unwrap_or(0));
            }
        }
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
