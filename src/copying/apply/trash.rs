//! The files of one recording put into Zoom's trash, after a last look at their copies in Kaltura and at Zoom.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::TimeDelta;

use super::circuit_breaker::CircuitBreaker;
use super::{ApplyContext, FileResult, Line};
use crate::copying::plan::{Step, is_long_confirmed, is_same, still_safe};
use crate::ledger::LedgerError;
use crate::model::proof::Proof;
use crate::model::{Action, EntryId, EntryStatus, EntryWithSource, FileCopy, FileId, Reason, Segment};
use crate::remotes::http::RemoteError;
use crate::remotes::zoom::Trashed;

/// What stays in Zoom, for whatever reason, is looked at again after this long.
const LOOK_AGAIN: TimeDelta = TimeDelta::days(1);

/// What came of the files of a line.
pub(super) struct Cleared {
    /// The number of the line.
    pub(super) line: usize,
    /// The numbers of its files, as far as they were come to.
    pub(super) files: Vec<(usize, TrashEnd)>,
}

/// What came of a file.
pub(super) enum TrashEnd {
    /// It is in the trash, or was gone already.
    Gone,
    /// It stays in Zoom.
    Stays(Reason),
    /// It could not be put there.
    Failed(RemoteError),
}

/// A file that is due for the trash.
#[derive(Clone, Copy)]
struct DueFile<'a> {
    /// Which of its recording.
    number: usize,
    copy: &'a FileCopy,
}

/// Puts what is due into the trash. Whatever is doubtful stays where it is, with the whole recording.
pub(super) async fn trash_due(
    number: usize,
    line: Arc<Line>,
    halted: &CircuitBreaker,
    context: ApplyContext<'_>,
) -> Result<Cleared, LedgerError> {
    let files = line.item.files.iter().enumerate().filter(|(_, file)| file.step == Step::Trash);
    let due: Vec<DueFile<'_>> =
        files.filter_map(|(number, file)| Some(DueFile { number, copy: file.copy.as_deref()? })).collect();
    let cleared = |files| Cleared { line: number, files };
    if halted.is_open() || context.cancel.is_cancelled() {
        return Ok(cleared(Vec::new()));
    }
    let Some(looked) = context.cancel.run_until_cancelled(look_before_trash(&line, &due, context)).await else {
        return Ok(cleared(Vec::new()));
    };
    let verdicts = match looked {
        Ok(verdicts) => verdicts,
        Err(error) => {
            halted.note_error(&error);
            let failed = || TrashEnd::Failed(error.clone());
            due.iter().try_for_each(|due| record_trashed(due.copy, &failed(), false, context))?;
            return Ok(cleared(due.iter().map(|due| (due.number, failed())).collect()));
        }
    };
    let mut ends = Vec::new();
    let doubtful = verdicts.iter().any(|(_, verdict)| matches!(verdict, TrashCheck::Stays(_)));
    for (DueFile { number: file, copy }, verdict) in verdicts {
        let was_gone = matches!(verdict, TrashCheck::Gone);
        let end = match verdict {
            TrashCheck::Stays(reason) => TrashEnd::Stays(reason),
            TrashCheck::Gone => TrashEnd::Gone,
            // its turn comes once the others are beyond doubt
            TrashCheck::There(_) if doubtful => continue,
            TrashCheck::There(proof) => match put_into_trash(&line, copy, proof, context).await? {
                Some(end) => end,
                None => break,
            },
        };
        record_trashed(copy, &end, was_gone, context)?;
        let error = if let TrashEnd::Failed(error) = &end { Some(error.clone()) } else { None };
        ends.push((file, end));
        if let Some(error) = error {
            halted.note_error(&error);
            if error.is_outage() || error.ends_the_run() {
                break;
            }
        }
    }
    Ok(cleared(ends))
}

/// What a last look says of a file.
enum TrashCheck {
    /// Zoom has it, and its copy is safe.
    There(Proof<FileId>),
    /// Zoom has it no more.
    Gone,
    /// Something about it is not as it was.
    Stays(Reason),
}

async fn look_before_trash<'a>(
    line: &Line,
    due: &[DueFile<'a>],
    context: ApplyContext<'_>,
) -> Result<Vec<(DueFile<'a>, TrashCheck)>, RemoteError> {
    let (key, owner) = (line.item.segment.key(), line.item.owner.as_ref());
    // children are not put into the recycle bin with their parent, and are seen by nobody without it
    // (facts-kaltura.md#k38)
    let parent = line.item.entry_id.as_ref();
    let ids = due.iter().filter_map(|due| due.copy.entry_id.as_ref()).chain(parent);
    let ids: Vec<EntryId> = ids.cloned().collect::<BTreeSet<_>>().into_iter().collect();
    let answers: Vec<Option<EntryWithSource>> = context
        .transfer
        .systems
        .kaltura
        .entries_with_source(&ids)
        .await?
        .into_iter()
        .collect::<Result<_, RemoteError>>()?;
    let copied: HashMap<EntryId, Option<EntryWithSource>> = ids.into_iter().zip(answers).collect();
    let is_there = |copied: &EntryWithSource| copied.entry.status != EntryStatus::Deleted && !copied.entry.recycled;
    let has_parent = parent.is_some_and(|id| copied.get(id).and_then(Option::as_ref).is_some_and(is_there));
    let in_kaltura = |copy: &FileCopy| {
        if !has_parent {
            return Err(Reason::DeletedInKaltura);
        }
        let copied = copy.entry_id.as_ref().and_then(|id| copied.get(id)?.as_ref());
        still_safe(&key, copy, owner, copied)?;
        if is_old_enough(copy, copied, context) { Ok(()) } else { Err(Reason::TooYoung) }
    };
    let segment = context.transfer.systems.zoom.segment(&key).await?;
    // who cannot sign in can play no copy
    let has_account = match owner {
        Some(owner) => context.transfer.systems.kaltura.active_user(owner.as_str()).await?.is_some(),
        None => false,
    };
    let is_unchanged = segment.as_ref().is_none_or(|segment| is_unchanged(line, segment));
    let whole = match (is_unchanged, has_account) {
        (false, _) => Err(Reason::ChangedInZoom),
        (true, false) => Err(Reason::NoAccount),
        (true, true) => Ok(()),
    };
    let verdict = |copy: &FileCopy| {
        let file = segment.as_ref().and_then(|segment| segment.files.iter().find(|file| file.id == copy.file_id));
        let is_same = file.is_some_and(|file| is_same(file, copy));
        match (in_kaltura(copy), file) {
            (Ok(()), None) => TrashCheck::Gone,
            (in_kaltura, _) => Proof::recording_file(copy, in_kaltura, is_same, whole)
                .map_or_else(TrashCheck::Stays, TrashCheck::There),
        }
    };
    Ok(due.iter().map(|due| (*due, verdict(due.copy))).collect())
}

/// Whether Zoom lists of the segment what the plan was made from and nothing else, and every file is as it was copied. The
/// separate sound of participants is never copied, and told only where Zoom is asked for the meeting.
fn is_unchanged(line: &Line, listed: &Segment) -> bool {
    listed.files.iter().filter(|file| !file.is_participant_audio()).all(|file| {
        let mut planned = line.item.files.iter().filter(|planned| planned.file.id == file.id);
        planned.next().is_some_and(|planned| {
            let copy = planned.copy.as_ref().filter(|copy| copy.role.is_entry());
            file.completed && copy.is_none_or(|copy| is_same(file, copy))
        })
    })
}

/// Whether its copy was confirmed long enough ago, by Kaltura's clock alone. One that an older version confirmed, by this
/// machine's, counts from the last change of its entry where that is later.
fn is_old_enough(copy: &FileCopy, copied: Option<&EntryWithSource>, context: ApplyContext<'_>) -> bool {
    let (Some(after), in_kaltura) = (context.trash_after, context.transfer.systems.kaltura.now()) else {
        return false;
    };
    let changed = copied.and_then(|copied| copied.entry.changed).or(in_kaltura);
    let since = if copy.by_kaltura { copy.confirmed } else { copy.confirmed.max(changed) };
    is_long_confirmed(since, in_kaltura, after)
}

/// Asks Zoom, once the ledger knows that it is asked. `None` where the run is to end before the answer is there, or the
/// copy is not what it was any more.
async fn put_into_trash(
    line: &Line,
    copy: &FileCopy,
    proof: Proof<FileId>,
    context: ApplyContext<'_>,
) -> Result<Option<TrashEnd>, LedgerError> {
    if !context.transfer.systems.ledger.ask_for_trash(copy, context.transfer.utc_now())? {
        return Ok(None);
    }
    let key = line.item.segment.key();
    let Some(answer) = context.cancel.run_until_cancelled(context.transfer.systems.zoom.trash(&key, proof)).await
    else {
        return Ok(None);
    };
    Ok(Some(match answer {
        Ok(Trashed::Done) => TrashEnd::Gone,
        Ok(Trashed::InUse) => TrashEnd::Stays(Reason::UsedInZoom),
        Ok(Trashed::Not(error)) => {
            context.transfer.systems.ledger.trash_not_asked(copy)?;
            TrashEnd::Failed(error)
        }
        Err(error) => TrashEnd::Failed(error),
    }))
}

fn record_trashed(
    copy: &FileCopy,
    end: &TrashEnd,
    was_gone: bool,
    context: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    let (ledger, run, now) = (context.transfer.systems.ledger, context.transfer.run, context.transfer.utc_now());
    let later = now + LOOK_AGAIN;
    match end {
        TrashEnd::Gone => ledger.trashed(run, copy, was_gone, now),
        TrashEnd::Stays(reason) => ledger.stays_in_zoom(run, copy, reason.word(), later, now),
        // a service that is down says nothing of the file
        TrashEnd::Failed(error) if error.is_outage() || error.ends_the_run() => Ok(()),
        TrashEnd::Failed(error) => ledger.stays_in_zoom(run, copy, &error.to_string(), later, now),
    }
}

/// Tells it in the line.
pub(super) fn report_trash(line: &mut Line, files: Vec<(usize, TrashEnd)>, trouble: &mut Vec<RemoteError>) {
    for (number, end) in files {
        match end {
            TrashEnd::Gone => line.set_result(Some(number), FileResult::Done),
            TrashEnd::Stays(reason) => line.change_file(number, Action::Done, Some(reason)),
            TrashEnd::Failed(error) => {
                line.set_result(Some(number), FileResult::Failed);
                line.error = Some(error.to_string());
                if error.is_outage() || error.ends_the_run() {
                    trouble.push(error);
                }
            }
        }
    }
}
