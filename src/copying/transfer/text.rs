//! Captions and attachments: a text asset on an entry, made once.
//!
//! Kaltura accepts a second asset of the same name, so the ledger notes that one was asked for before it is, and the
//! assets on the entry tell what became of it. They are read from Kaltura's database, and so show it at once.

use super::as_left::{
    find_replaced_copy, forget_replaced_copy, is_as_left, is_listed, list_other_attachments, settle_request,
};
use super::attach::was_not_carried_out;
use super::auto_captions::block_beside_captions;
use super::job::{Job, Pauses, TRIES, TransferContext, advance_copy, looked_for_until, now};
use super::leftovers::{find_existing_entry, remove_bare_texts};
use super::parent::{check_parent, parent_entry_id};
use super::{TransferError, Wording};
use crate::copying::caption_languages::KEY;
use crate::model::proof::Proof;
use crate::model::{
    CopyState, EntryStatus, FileCopy, FileId, FileKind, Reason, Role, TextAsset, TextState, one_line, xml_text,
};
use crate::remotes::http::{RemoteError, RemoteKind, Service};
use crate::remotes::kaltura::{TextName, WithTexts};
use crate::remotes::zoom::{Sizes, Source, SourceError, Text};

/// Leaves the text at `source` shown on the entry that `parent` became, or left out where it is none.
pub(super) async fn add_text(
    context: TransferContext<'_>,
    job: &Job<'_>,
    source: Source<'_>,
    parent: &FileCopy,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    let was_there = copy.state == CopyState::Attached;
    let copy = FileCopy { role: job.place.role(), ..job.with_size(copy, 0) };
    let text = read_text_file(context, job, source, &copy).await?;
    let name = choose_name(context, job, parent, &copy, &text).await?;
    let text = match text {
        Text::Whole(text) => xml_text(&text),
        Text::LeftOut(reason) => return leave_text_out(context, parent, &name, copy, reason).await,
    };
    let entry_id = parent_entry_id(parent)?.clone();
    let copy = FileCopy { entry_id: Some(entry_id), bytes: text.len() as u64, ..copy };
    let (copy, asset) = match find_text_asset(context, parent, &name, &copy).await? {
        // what was never answered may have been carried out twice
        Some(asset) if copy.state == CopyState::Attaching => (FileCopy { asked: copy.asked.max(2), ..copy }, asset),
        Some(asset) => (copy, asset),
        // it is people's decision, as a text is added to an entry before it is READY
        None if copy.asked == 0 && was_found_whole(context, parent).await? => return Err(TransferError::Deleted),
        None => {
            block_beside_captions(context, job, parent).await?;
            make_text_asset(context, parent, &name, copy).await?
        }
    };
    let earlier_file = find_replaced_copy(context, job, &copy, &asset)?;
    let replaces = earlier_file.as_ref().is_some_and(|earlier| is_as_left(&asset, earlier));
    let filled = fill_asset(context, parent, &name, &copy, &asset, &text, replaces).await?;
    if filled.state == TextState::Refused {
        return remove_refused(context, parent, &name, copy, &asset, was_there).await;
    }
    if copy.asked > 1 {
        // what was asked for twice may have come twice, the first one late: the next run looks once more
        let there = those_there(context, parent, &name).await?;
        remove_bare_texts(context.systems.kaltura, &copy, &name, &there).await?;
    }
    let from = copy.state;
    let state = if copy.asked > 1 && !was_there { CopyState::Attached } else { CopyState::Done };
    let changed = filled.changed.filter(|_| copy.role == Role::Attachment && (copy.asked > 0 || replaces));
    let copy = if copy.role == Role::Attachment { settle_request(copy) } else { copy };
    let copy = advance_copy(context, from, FileCopy { state, ..copy }.confirmed_at(changed)).await?;
    forget_replaced_copy(context, earlier_file.as_ref())?;
    Ok(copy)
}

/// What the text goes by in Kaltura: by no name that the attachment of another file has which Zoom lists.
async fn choose_name(
    context: TransferContext<'_>,
    job: &Job<'_>,
    parent: &FileCopy,
    copy: &FileCopy,
    text: &Text,
) -> Result<TextName, TransferError> {
    let earlier = earlier_alike(context, job, copy)?;
    let others = list_other_attachments(context, job)?;
    let (beside, gone): (Vec<&FileCopy>, Vec<&FileCopy>) = others.iter().partition(|other| is_listed(job, other));
    // the file may be in the place of one that is gone, and take over its name
    let first = if gone.is_empty() { earlier } else { 0 };
    for number in first..=first + others.len() {
        let name = name_text(context, job, number, text)?;
        let there = those_there(context, parent, &name).await?;
        if !there.iter().any(|asset| beside.iter().any(|other| is_as_left(asset, other))) {
            return Ok(name);
        }
    }
    name_text(context, job, first + others.len() + 1, text)
}

/// What the text goes by, of which so many came earlier.
pub(super) fn name_text(
    context: TransferContext<'_>,
    job: &Job<'_>,
    earlier: usize,
    text: &Text,
) -> Result<TextName, TransferError> {
    let whole = match text {
        Text::Whole(text) => text,
        Text::LeftOut(_) => "",
    };
    Ok(match job.file.kind {
        FileKind::Side(side) => Wording::attachment_name(job.segment, side, earlier, whole),
        _ => Wording::caption_name(job.file, find_caption_language(context, job)?, earlier),
    })
}

/// The language of the captions, where it is known. By a wrong name they would be there twice once it is.
fn find_caption_language<'a>(context: TransferContext<'a>, job: &Job<'_>) -> Result<&'a str, TransferError> {
    match context.tuning.caption_languages.language_of(&job.segment.meeting) {
        Ok(language) => Ok(language.unwrap_or(&context.tuning.wording.caption_language)),
        Err(group) => {
            let message = format!(
                "{KEY}: the Zoom group {:?} could not be read, so the language of the captions is not known; the next try reads it again",
                one_line(group)
            );
            Err(TransferError::Recording(message))
        }
    }
}

/// How many texts of the same type Zoom lists for the recording that were begun before this one: one that comes later takes
/// no other's name, however their ids compare.
pub(super) fn earlier_alike(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: &FileCopy,
) -> Result<usize, TransferError> {
    let alike = job.segment.files.iter().filter(|file| file.kind == job.file.kind && file.id != job.file.id);
    let alike: Vec<&FileId> = alike.map(|file| &file.id).collect();
    if alike.is_empty() {
        return Ok(0);
    }
    let tracked = context.systems.ledger.read_segment(&job.segment.key())?;
    let copies = tracked.iter().flat_map(|tracked| &tracked.copies);
    Ok(copies.filter(|other| other.row < copy.row && alike.contains(&&other.file_id)).count())
}

/// Whether the entry was found in this run by its upload, of which the ledger knew nothing, and was READY: an earlier ledger
/// had made it.
async fn was_found_whole(context: TransferContext<'_>, parent: &FileCopy) -> Result<bool, TransferError> {
    if parent.asked > 0 || parent.state != CopyState::Sent || parent.token.is_some() || context.tuning.recopies {
        return Ok(false);
    }
    let found = find_existing_entry(context.systems.kaltura, parent_entry_id(parent)?).await?;
    Ok(found.is_some_and(|found| found.entry.status == EntryStatus::Ready))
}

/// What is in the file. Where it has another size than Zoom lists, two tries must agree, as with media.
pub(super) async fn read_text_file(
    context: TransferContext<'_>,
    job: &Job<'_>,
    source: Source<'_>,
    copy: &FileCopy,
) -> Result<Text, TransferError> {
    let sizes = Sizes { listed: job.file.bytes, seen: copy.announced };
    let text = match copy.role {
        Role::Attachment => context.systems.zoom.parse_side_file(source, sizes).await,
        _ => context.systems.zoom.parse_captions(source, sizes).await,
    };
    if let Err(SourceError::OtherSize { announced, .. }) = text {
        context.systems.ledger.announced(copy, announced)?;
    }
    Ok(text?)
}

/// Gives the asset its content, and tells what Kaltura makes of it. One that has content which nobody here asked for is as
/// people left it; with `replaces` its content is this program's own.
pub(super) async fn fill_asset(
    context: TransferContext<'_>,
    parent: &FileCopy,
    name: &TextName,
    copy: &FileCopy,
    asset: &TextAsset,
    text: &str,
    replaces: bool,
) -> Result<TextAsset, TransferError> {
    let is_filled = asset.bytes == copy.bytes;
    let mut filled = match asset.state {
        _ if replaces => context.systems.kaltura.set_text(name, asset, text).await?,
        // content that was not written here is people's
        TextState::Ready if is_filled || copy.asked == 0 || asset.bytes > 0 => asset.clone(),
        TextState::Pending if is_filled => asset.clone(),
        TextState::Refused if copy.asked == 0 && asset.bytes > 0 && !is_filled => asset.clone(),
        _ => context.systems.kaltura.set_text(name, asset, text).await?,
    };
    let (until, mut pauses) = (now() + context.tuning.settle, Pauses::default());
    while filled.state == TextState::Pending {
        if now() >= until {
            let message = format!("the text {} of entry {} is not processed yet", asset.id, parent_entry_id(parent)?);
            return Err(RemoteError::new(Service::Kaltura, RemoteKind::Server, message).into());
        }
        pauses.wait().await;
        let there = those_there(context, parent, name).await?;
        let Some(found) = there.into_iter().find(|found| found.id == asset.id) else {
            let message = format!("Kaltura: the text {} was deleted before it was processed", asset.id);
            return Err(TransferError::Recording(message));
        };
        filled = found;
    }
    Ok(filled)
}

/// Kaltura can make nothing of the content: the asset goes again, if this program made it.
async fn remove_refused(
    context: TransferContext<'_>,
    parent: &FileCopy,
    name: &TextName,
    copy: FileCopy,
    asset: &TextAsset,
    was_there: bool,
) -> Result<FileCopy, TransferError> {
    let reason = if copy.role == Role::Attachment { Reason::NotAText } else { Reason::NotACaption };
    if copy.asked == 0 {
        let (asset, entry_id) = (asset.id.as_str(), parent_entry_id(parent)?);
        tracing::warn!(%entry_id, asset, "Kaltura cannot read a text that was there before; it stays; look at it in the KMC");
    } else if copy.asked > 1 && !was_there {
        // one that was asked for before may come late: the next run looks once more
        remove_unfit(context, parent, name, &copy).await?;
        let from = copy.state;
        return advance_copy(context, from, FileCopy { state: CopyState::Attached, ..copy }).await;
    }
    leave_text_out(context, parent, name, copy, reason).await
}

/// Settles a text that is none, as it is in Zoom now. What was begun for it in Kaltura goes.
async fn leave_text_out(
    context: TransferContext<'_>,
    parent: &FileCopy,
    name: &TextName,
    copy: FileCopy,
    reason: Reason,
) -> Result<FileCopy, TransferError> {
    if copy.asked > 0 {
        // one whose creation is in doubt is waited for
        find_text_asset(context, parent, name, &copy).await?;
        remove_unfit(context, parent, name, &copy).await?;
    }
    let from = copy.state;
    let state = CopyState::left_out_for(reason).unwrap_or(from);
    let left_out = FileCopy { state, asked: 0, attach_sent: None, token: None, entry_id: None, ..copy };
    Ok(context.systems.ledger.leave_out(context.run, from, left_out, now()).await?)
}

/// Deletes the assets of this name that cannot be shown. Only after this program has asked for one where there was none.
async fn remove_unfit(
    context: TransferContext<'_>,
    parent: &FileCopy,
    name: &TextName,
    copy: &FileCopy,
) -> Result<(), TransferError> {
    let there = those_there(context, parent, name).await?;
    for proof in there.iter().filter_map(|asset| Proof::unfit_text(copy, asset)) {
        context.systems.kaltura.delete_text(name, proof).await?;
    }
    Ok(())
}

/// The asset of this name that is there; one whose creation is in doubt is looked for until `settle` after it was
/// asked for.
async fn find_text_asset(
    context: TransferContext<'_>,
    parent: &FileCopy,
    name: &TextName,
    copy: &FileCopy,
) -> Result<Option<TextAsset>, TransferError> {
    let (mut pauses, until) = (Pauses::default(), looked_for_until(copy.attach_sent, context.tuning.settle));
    loop {
        let last = now() >= until;
        // of several one that has content: what came late has none
        let found = those_there(context, parent, name).await?.into_iter().min_by_key(|asset| asset.bytes == 0);
        if last || found.is_some() {
            return Ok(found);
        }
        pauses.wait().await;
    }
}

/// Adds the asset; an answer that was lost leaves it in doubt, and it is looked for before it is asked for again.
async fn make_text_asset(
    context: TransferContext<'_>,
    parent: &FileCopy,
    name: &TextName,
    mut copy: FileCopy,
) -> Result<(FileCopy, TextAsset), TransferError> {
    let (mut patience, mut tries) = (context.tuning.retry.rate_pauses(), 0);
    loop {
        tries += 1;
        let (from, asked) = (copy.state, copy.asked + 1);
        let next = FileCopy { state: CopyState::Attaching, attach_sent: Some(now()), asked, ..copy };
        copy = advance_copy(context, from, next).await?;
        let error = match context.systems.kaltura.add_text(parent_entry_id(parent)?, name).await {
            Ok(asset) => return Ok((copy, asset)),
            Err(error) => error,
        };
        if was_not_carried_out(&error) {
            let back = FileCopy { state: CopyState::New, attach_sent: None, asked: asked - 1, ..copy };
            copy = advance_copy(context, CopyState::Attaching, back).await?;
            tokio::time::sleep(patience.pause(&error).ok_or(error)?).await;
            tries -= 1;
            continue;
        }
        if let Some(asset) = find_text_asset(context, parent, name, &copy).await? {
            return Ok((FileCopy { asked: copy.asked.max(2), ..copy }, asset));
        }
        if tries == TRIES {
            return Err(error.into());
        }
    }
}

/// The assets of this name on the entry, oldest first.
pub(super) async fn those_there(
    context: TransferContext<'_>,
    parent: &FileCopy,
    name: &TextName,
) -> Result<Vec<TextAsset>, TransferError> {
    let Some(WithTexts { parent: entry, texts }) =
        context.systems.kaltura.with_texts(parent_entry_id(parent)?, name).await?
    else {
        return Err(TransferError::ParentDeleted);
    };
    check_parent(parent, &entry)?;
    Ok(texts)
}
