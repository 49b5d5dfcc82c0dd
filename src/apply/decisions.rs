//! What is decided on each recording, written down.

use chrono::{DateTime, Utc};

use super::{ApplyContext, Line};
use crate::ledger::{LedgerError, OwedWork, SegmentDecision};
use crate::model::{Action, Reason};
use crate::plan::{Decision, Step};

/// Writes down what is decided on each recording. A meeting without files has no recording to remember yet: its
/// `recording_start` is not known. What the ledger does not take of one fails that one.
pub(super) fn record_decisions(
    lines: &mut [Line],
    verdicts: impl Fn(usize, &Line) -> Option<Decision>,
    means: ApplyContext<'_>,
    at: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let due = |(number, line): (usize, &Line)| Some((number, verdicts(number, line)?));
    // what cannot be read is not written over
    let is_kept = |line: &Line| !matches!(line.item.reason, Some(Reason::NoFiles | Reason::LedgerUnreadable));
    let due = lines.iter().enumerate().filter(|(_, line)| is_kept(line)).filter_map(due);
    let due: Vec<(usize, Decision)> = due.collect();
    let decisions: Vec<SegmentDecision<'_>> = due
        .iter()
        .map(|(number, (action, reason))| {
            let (line, action, reason) = (&lines[*number], *action, *reason);
            // where its files are in Zoom is told of each of them
            let action = if action == Action::Trash { Action::Done } else { action };
            let recognised = line.item.files.iter().find_map(|file| match file.step {
                Step::Recognise { orphan, .. } => Some(orphan),
                _ => None,
            });
            let owner = line.item.owner.as_ref().filter(|_| action.is_copy() || recognised.is_some());
            let orphan = recognised.unwrap_or(action == Action::CopyAsOrphan);
            let rule = line.item.rule.as_ref();
            SegmentDecision {
                segment: &line.item.segment,
                action,
                reason,
                owner,
                rule,
                orphan,
                owed: owed_of_line(line),
            }
        })
        .collect();
    for (number, error) in means.tools.ledger.decide(means.tools.run, &decisions, at)? {
        lines[due[number].0].failed_alone::<()>(Err(error))?;
    }
    Ok(())
}

/// What of a recording that Zoom lists is still to be copied.
fn owed_of_line(line: &Line) -> Option<OwedWork> {
    if line.item.segment.files.is_empty() {
        return None;
    }
    let files = (0..line.files.len()).filter(|file| !line.file_standing(*file).0.is_settled());
    Some(files.fold(OwedWork::default(), |owed, file| OwedWork {
        files: owed.files + 1,
        bytes: owed.bytes.saturating_add(line.item.files[file].file.bytes.unwrap_or_default()),
    }))
}
