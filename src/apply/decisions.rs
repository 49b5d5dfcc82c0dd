//! What is decided on each recording, written down.

use chrono::{DateTime, Utc};

use super::{Line, Means};
use crate::ledger::{Decision, LedgerError, Owed};
use crate::model::{Action, Reason};
use crate::plan::{Step, Verdict};

/// Writes down what is decided on each recording. A meeting without files has no recording to remember yet: its
/// `recording_start` is not known.
pub(super) fn write_down<'a>(
    lines: impl Iterator<Item = (&'a Line, Verdict)>,
    means: Means<'_>,
    at: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let decisions: Vec<Decision<'_>> = lines
        .filter(|(line, _)| line.item.reason != Some(Reason::NoFiles))
        .map(|(line, (action, reason))| {
            // where its files are in Zoom is told of each of them
            let action = if action == Action::Trash { Action::Done } else { action };
            let recognised = line.item.files.iter().find_map(|file| match file.step {
                Step::Recognise { orphan, .. } => Some(orphan),
                _ => None,
            });
            let owner = line.item.owner.as_ref().filter(|_| action.is_copy() || recognised.is_some());
            let orphan = recognised.unwrap_or(action == Action::CopyAsOrphan);
            let rule = line.item.rule.as_ref();
            Decision { segment: &line.item.segment, action, reason, owner, rule, orphan, owed: owed(line) }
        })
        .collect();
    means.tools.ledger.decide(means.tools.run, &decisions, at)
}

/// What of a recording that Zoom lists is still to be copied.
fn owed(line: &Line) -> Option<Owed> {
    if line.item.segment.files.is_empty() {
        return None;
    }
    let files = (0..line.files.len()).filter(|file| !line.file_standing(*file).0.is_settled());
    Some(files.fold(Owed::default(), |owed, file| Owed {
        files: owed.files + 1,
        bytes: owed.bytes.saturating_add(line.item.files[file].file.bytes.unwrap_or_default()),
    }))
}
