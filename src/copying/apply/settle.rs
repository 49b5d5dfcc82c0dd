//! What is written down of a copy without sending bytes: confirmed, recognised, taken back.

use super::failure::retry_distance;
use super::{ApplyContext, FileResult, Line};
use crate::copying::categories::Unfiled;
use crate::copying::copy_table::CopyFinding;
use crate::copying::plan::Step;
use crate::copying::transfer;
use crate::ledger::{LedgerError, NextTry};
use crate::model::{Action, CopyState, Decision, EntryId, FileCopy, Reason, Role, Segment, format_count, one_line};
use crate::remotes::http::{Meaning, RemoteError};

/// What may be refused for one entry alone.
const TAKING_BACK: &str = "taking back";

/// A copy, and which file of which line it is of.
pub(super) struct Placed {
    pub(super) line: usize,
    pub(super) file: usize,
    pub(super) copy: FileCopy,
}

/// A file whose copy is an entry of ours that was found in Kaltura.
#[derive(Clone, Copy)]
pub(super) struct RecognisedFile {
    /// Which of its line.
    pub(super) number: usize,
    /// Where the copy stands.
    pub(super) state: CopyState,
    /// How big it is.
    pub(super) source_bytes: u64,
}

/// Whether a copy that was sent is a good one, and cannot have a twin.
pub(super) fn is_good(state: CopyState, copy: &FileCopy) -> bool {
    state == CopyState::Done && copy.asked <= 1
}

/// Writes down that copies are good, all that are what they were.
pub(super) fn settle_good(lines: &mut [Line], good: &[Placed], context: ApplyContext<'_>) -> Result<(), LedgerError> {
    let theirs = context.transfer.systems.kaltura.now();
    let done: Vec<_> = good
        .iter()
        .map(|Placed { copy, .. }| {
            (copy.state, FileCopy { state: CopyState::Done, token: None, ..copy.clone() }.confirmed_at(theirs))
        })
        .collect();
    let done: Vec<_> = done.iter().map(|(from, copy)| (*from, copy)).collect();
    let refused =
        context.transfer.systems.ledger.advance_each(context.transfer.run, &done, context.transfer.utc_now())?;
    for Placed { line, file, copy } in good {
        lines[*line].set_result(Some(*file), FileResult::Done);
        tell_of(lines[*line].item.files[*file].reason, &lines[*line].item.segment, copy);
    }
    for (number, error) in refused {
        let Placed { line, file, .. } = good[number];
        lines[line].set_result(Some(file), FileResult::Failed);
        lines[line].error = Some(error.to_string());
    }
    Ok(())
}

/// Writes down where a copy stands that was sent. One that was asked for twice is not done before its twin is gone.
pub(super) async fn settle_copy(
    line: &mut Line,
    number: usize,
    copy: &FileCopy,
    finding: CopyFinding,
    trouble: &mut Vec<RemoteError>,
    context: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    let (ledger, run, now) = (context.transfer.systems.ledger, context.transfer.run, context.transfer.utc_now());
    let CopyFinding { state, decision: Decision { reason, .. } } = finding;
    if state == CopyState::Done && copy.asked > 1 {
        let (parent, mark) = (parent_entry_of(line, copy.role), copy.mark(&line.item.segment.key()));
        let Some(removed) = context
            .cancel
            .run_until_cancelled(transfer::remove_twins(context.transfer.systems.kaltura, copy, parent.as_ref(), &mark))
            .await
        else {
            return Ok(());
        };
        match removed {
            Ok(None) => {
                line.change_file(number, Action::Wait, Some(Reason::InConversion));
                return Ok(());
            }
            Ok(Some(0)) => {}
            Ok(Some(twins)) => tracing::info!(
                twins,
                entry_id = copy.entry_id.as_ref().map(tracing::field::display),
                "deleted duplicates of an entry"
            ),
            Err(error) => {
                context.note_error(line, number, TAKING_BACK, error, trouble);
                return Ok(());
            }
        }
    }
    if state == CopyState::Sent
        && matches!(copy.state, CopyState::Attaching | CopyState::Attached)
        && !is_put_into_its_category(line, copy, trouble, context).await?
    {
        line.change_file(number, Action::Wait, Some(Reason::RetryLater));
        return Ok(());
    }
    let token = if state == CopyState::Sent { copy.token.clone() } else { None };
    let attach_sent = if state == CopyState::Sent { Some(chrono::Utc::now()) } else { copy.attach_sent };
    let settled =
        FileCopy { state, token, attach_sent, ..copy.clone() }.confirmed_at(context.transfer.systems.kaltura.now());
    ledger.advance_now(run, copy.state, &settled, now)?;
    match state {
        CopyState::Done => {
            line.set_result(Some(number), FileResult::Done);
            tell_of(reason, &line.item.segment, copy);
        }
        CopyState::Broken => {
            let why = why_broken(copy);
            line.set_result(Some(number), FileResult::Failed);
            if copy.attempts + 1 >= context.max_attempts {
                line.give_up_file(number);
            }
            let next =
                NextTry { at: now + retry_distance(context.retry_after, copy.attempts), most: context.max_attempts };
            ledger.fail(run, copy, &why, Some(next), now)?;
            line.error = Some(why);
        }
        CopyState::Unfetched => {
            let (topic, start) = (one_line(&line.item.segment.meeting.topic), &line.item.segment.recording_start);
            let entry = copy.entry_id.as_ref().map(ToString::to_string).unwrap_or_default();
            let meeting_uuid = line.item.segment.meeting.uuid.as_str();
            tracing::warn!(
                meeting_uuid,
                entry_id = entry,
                "{topic:?} of {start}: {}",
                reason.unwrap_or(Reason::ImportFailed).meaning().trim_end_matches('.')
            );
        }
        _ => {}
    }
    Ok(())
}

/// Puts an entry whose last bytes arrived unnoticed where it belongs, as a transfer does before it ends. What nobody owns is
/// shown to nobody.
async fn is_put_into_its_category(
    line: &Line,
    copy: &FileCopy,
    trouble: &mut Vec<RemoteError>,
    context: ApplyContext<'_>,
) -> Result<bool, LedgerError> {
    let Some(entry) = copy.entry_id.as_ref().filter(|_| copy.role == Role::Parent && line.item.rule.is_some()) else {
        return Ok(true);
    };
    match context
        .transfer
        .categories
        .assign_category(context.transfer.systems, context.transfer.run, &line.item.segment, entry)
        .await
    {
        Ok(()) => Ok(true),
        Err(Unfiled::Ledger(error)) => Err(error),
        Err(Unfiled::Remote(error)) => {
            trouble.push(error);
            Ok(false)
        }
    }
}

/// An entry of our own that was found in Kaltura becomes the copy of a file.
pub(super) async fn record_recognised(
    line: &mut Line,
    RecognisedFile { number, state, source_bytes }: RecognisedFile,
    copy: Option<FileCopy>,
    context: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    let (ledger, run, now) = (context.transfer.systems.ledger, context.transfer.run, context.transfer.utc_now());
    let plan = &line.item.files[number];
    let copy = match copy {
        Some(copy) => copy,
        None => ledger.begin_copy(line.item.segment.key(), plan.file.clone(), Role::Parent).await?,
    };
    let file = &plan.file;
    // how often it was asked for is not known any more: it may have a twin
    let from = copy.state;
    let recognised = FileCopy {
        state,
        role: Role::Parent,
        entry_id: plan.entry_id.clone(),
        token: None,
        asked: 2,
        bytes: file.bytes.unwrap_or(source_bytes),
        listed: file.bytes.unwrap_or_default(),
        lasted: file.lasted,
        ..copy
    }
    .confirmed_at(context.transfer.systems.kaltura.now());
    // in one change: a text that is forgotten would be added again
    let kept = kept_texts(line, context).await?;
    let all: Vec<_> =
        std::iter::once((from, &recognised)).chain(kept.iter().map(|copy| (CopyState::New, copy))).collect();
    let refused = ledger.advance_each(run, &all, now)?;
    if let Some((_, error)) = refused.into_iter().find(|(number, _)| *number == 0) {
        return Err(error);
    }
    if state == CopyState::Done {
        line.set_result(Some(number), FileResult::Done);
    }
    line.item.files[number].copy = Some(recognised.into());
    Ok(())
}

/// The copies of the texts that stay as people left them on the entry that is recognised.
async fn kept_texts(line: &Line, context: ApplyContext<'_>) -> Result<Vec<FileCopy>, LedgerError> {
    let mut kept = Vec::new();
    for plan in &line.item.files {
        let Step::Keep { role, state } = plan.step else {
            continue;
        };
        let copy = match &plan.copy {
            Some(copy) => FileCopy::clone(copy),
            None => {
                context.transfer.systems.ledger.begin_copy(line.item.segment.key(), plan.file.clone(), role).await?
            }
        };
        let entry_id = plan.entry_id.clone();
        kept.push(FileCopy { role, state, entry_id, ..copy }.confirmed_at(context.transfer.systems.kaltura.now()));
    }
    Ok(kept)
}

/// Takes back what was begun of a copy that is given up; an error leaves that to a later run.
pub(super) async fn take_back_given_up(
    line: &mut Line,
    number: usize,
    copy: &FileCopy,
    trouble: &mut Vec<RemoteError>,
    context: ApplyContext<'_>,
) -> Result<(), LedgerError> {
    let (kaltura, mark) = (context.transfer.systems.kaltura, copy.mark(&line.item.segment.key()));
    let parent = parent_entry_of(line, copy.role);
    let taken = async {
        transfer::take_back_copy(kaltura, context.transfer.tuning.claim_settle, copy, &mark).await?;
        let nameless = FileCopy { entry_id: None, ..copy.clone() };
        if copy.role.is_entry() {
            transfer::remove_twins(kaltura, &nameless, parent.as_ref(), &mark).await?;
        }
        Ok(())
    };
    let Some(taken) = context.cancel.run_until_cancelled(taken).await else {
        return Ok(());
    };
    match taken {
        // every run would try it in vain: it is reported once, and left where it is
        Err(error) if RemoteError::means(&error, Meaning::NotDone) => {
            line.set_result(Some(number), FileResult::Failed);
            line.error = Some(error.to_string());
        }
        Err(error) => {
            context.note_error(line, number, TAKING_BACK, error, trouble);
            return Ok(());
        }
        Ok(()) => context.breaker.passed(TAKING_BACK),
    }
    // what may yet be made is looked for
    let asked = if copy.state == CopyState::Attaching { copy.asked.max(1) + 1 } else { copy.asked };
    let back = FileCopy { state: CopyState::New, token: None, asked, entry_id: None, ..copy.clone() };
    context.transfer.systems.ledger.advance_now(context.transfer.run, copy.state, &back, context.transfer.utc_now())?;
    line.item.files[number].copy = Some(back.into());
    Ok(())
}

/// A person hears once of what is odd about a confirmed copy.
fn tell_of(reason: Option<Reason>, segment: &Segment, copy: &FileCopy) {
    match reason {
        Some(Reason::Frozen) => tell_of_frozen(segment, copy.entry_id.as_ref()),
        Some(Reason::DurationDiffers) => {
            let (topic, start) = (one_line(&segment.meeting.topic), &segment.recording_start);
            let entry = copy.entry_id.as_ref().map(ToString::to_string).unwrap_or_default();
            let meeting_uuid = segment.meeting.uuid.as_str();
            let minutes = format_count(copy.lasted.or(segment.lasted).unwrap_or_default().num_minutes(), "minute");
            tracing::warn!(
                meeting_uuid,
                entry_id = entry,
                "{topic:?} of {start}: the copy has all its bytes, but Kaltura plays it for another time than the {minutes} between start and end in Zoom; it stays as it is; compare entry {entry} in the KMC with the recording in Zoom"
            );
        }
        _ => {}
    }
}

/// It is reported once: nothing can be done about it from here.
pub fn tell_of_frozen(segment: &Segment, entry: Option<&EntryId>) {
    let (topic, start) = (one_line(&segment.meeting.topic), &segment.recording_start);
    let entry = entry.map(ToString::to_string).unwrap_or_default();
    let meeting_uuid = segment.meeting.uuid.as_str();
    tracing::warn!(
        meeting_uuid,
        entry_id = entry,
        "{topic:?} of {start}: the copy has all its bytes, but Kaltura can no longer change or delete its entry, because a name or an account's id in it is not ASCII; ask Kaltura's support to repair the entry"
    );
}

fn parent_entry_of(line: &Line, role: Role) -> Option<EntryId> {
    line.item.entry_id.clone().filter(|_| role != Role::Parent)
}

fn why_broken(copy: &FileCopy) -> String {
    let entry = copy.entry_id.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("Kaltura could not process the recording; look at entry {entry} in the KMC, and play the recording in Zoom")
}
