//! What an earlier ledger copied is written down again, and nothing else of a plan is carried out.

use chrono::Utc;

use super::settle::record_recognised;
use super::{ApplyContext, Line, record_decisions};
use crate::ledger::LedgerError;
use crate::model::CopyState;
use crate::plan::Step;

/// Leaves everything as it is in Kaltura, and whatever is still to be copied.
pub async fn rebuild_ledger(lines: &mut [Line], means: ApplyContext<'_>) -> Result<(), LedgerError> {
    record_decisions(lines, |_, line| recognise_line(line).map(|_| line.item.verdict()), means, Utc::now())?;
    for line in lines {
        let Some((number, found)) = recognise_line(line) else {
            continue;
        };
        let copy = line.item.files[number].copy.as_deref().cloned();
        let end = record_recognised(line, number, copy, found, means).await;
        line.failed_alone(end)?;
    }
    Ok(())
}

/// Which file of it is recognised, where that stands, and how big it is.
fn recognise_line(line: &Line) -> Option<(usize, (CopyState, u64))> {
    line.item.files.iter().enumerate().find_map(|(number, file)| match file.step {
        Step::Recognise { state, bytes, .. } => Some((number, (state, bytes))),
        _ => None,
    })
}
