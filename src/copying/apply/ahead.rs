//! What is done for the next recordings before their turn, for several at a time.

use std::sync::Arc;

use futures_util::future::join_all;

use super::{ApplyContext, Line};
use crate::copying::plan::Step;
use crate::copying::transfer::{EarlyClaim, NextFile, Way, claim_ahead};
use crate::model::{FileCopy, Role};

/// So many recordings at most are prepared at a time.
pub(super) const MOST_AHEAD: usize = 32;

/// A copy of which the ledger knows that it begins.
pub(super) struct Begun {
    /// The number of its line.
    pub(super) line: usize,
    /// The number of the file in it.
    pub(super) file: usize,
    /// The copy; none where the ledger did not take it.
    pub(super) copy: Option<FileCopy>,
}

/// What was done for the next ones.
pub(super) enum Prepared {
    /// The ledger has noted that they begin.
    Begun(Vec<Begun>),
    /// Some of them are claimed, by the numbers of their lines.
    Claimed(Vec<(usize, EarlyClaim)>),
}

/// The file of a line that becomes an entry, and has no copy in the ledger.
fn uncopied(line: &Line) -> Option<usize> {
    let is_it = |file: &usize| {
        let plan = &line.item.files[*file];
        plan.step == Step::Copy(Role::Parent) && plan.copy.is_none()
    };
    line.item.main.filter(is_it)
}

/// Whether the ledger is to be told that the copy of a line begins.
pub(super) fn lacks_copy(line: &Line) -> bool {
    uncopied(line).is_some()
}

/// Writes down that the copies of these lines begin, in one transaction.
pub(super) async fn begin_ahead(next: Vec<(usize, Arc<Line>)>, context: ApplyContext<'_>) -> Vec<Begun> {
    let begun = next.iter().filter_map(|(number, line)| {
        let file = uncopied(line)?;
        let (key, listed) = (line.item.segment.key(), line.item.files[file].file.clone());
        let copy = context.transfer.systems.ledger.begin_copy(key, listed, Role::Parent);
        Some(async move { Begun { line: *number, file, copy: copy.await.ok() } })
    });
    join_all(begun).await
}

/// So many recordings have their claim at most, those under way not counted.
pub(super) fn count_claimed(context: ApplyContext<'_>) -> usize {
    match context.transfer.tuning.way {
        Way::Stream => (2 * context.parallel).clamp(FEWEST_CLAIMED, MOST_CLAIMED),
        Way::Pull => 0,
    }
}

const FEWEST_CLAIMED: usize = 8;
/// Kaltura carries out three calls for each, one after the other.
const MOST_CLAIMED: usize = 16;

/// The file of a line that is to be claimed.
fn next_file(line: &Line) -> Option<NextFile<'_>> {
    let plan = line.item.main.and_then(|main| line.item.files.get(main))?;
    let (copy, owner) = (plan.copy.as_deref()?, line.item.owner.as_ref()?);
    let next = NextFile { segment: &line.item.segment, file: &plan.file, copy, owner };
    (plan.step == Step::Copy(Role::Parent) && line.item.remains.is_empty() && next.may_be_claimed()).then_some(next)
}

/// Whether a line is worth being claimed ahead.
pub(super) fn may_be_claimed(line: &Line) -> bool {
    next_file(line).is_some()
}

/// Claims these lines in one request: those that are claimed now, by their numbers.
pub(super) async fn claim_lines(next: Vec<(usize, Arc<Line>)>, context: ApplyContext<'_>) -> Vec<(usize, EarlyClaim)> {
    let (numbers, files): (Vec<usize>, Vec<NextFile<'_>>) =
        next.iter().filter_map(|(number, line)| Some((*number, next_file(line)?))).unzip();
    let claims = claim_ahead(context.transfer, &files).await;
    numbers.into_iter().zip(claims).filter_map(|(number, claim)| Some((number, claim?))).collect()
}
