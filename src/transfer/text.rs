//! Captions and chats: a text asset on an entry, made once.
//!
//! Kaltura accepts a second asset of the same name, so the ledger notes that one was asked for before it is, and the
//! assets on the entry tell what became of it. They are read from Kaltura's database, and so show it at once.

use std::time::Duration;

use super::TransferError;
use super::attach::was_not_carried_out;
use super::job::{Job, Tools, advance, now};
use super::parent::{check, entry_of};
use crate::kaltura::{TextAsset, TextName, WithTexts};
use crate::model::{CopyState, FileCopy, Role, xml_text};
use crate::zoom::Source;

/// Between two looks for an asset whose creation is in doubt; doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// Times that an asset is asked for in one run.
const TRIES: usize = 2;

/// Leaves the text at `source` shown on the entry that `parent` became.
pub(super) async fn add_text(
    tools: Tools<'_>,
    job: &Job<'_>,
    source: Source<'_>,
    parent: &FileCopy,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    let was_there = copy.state == CopyState::Attached;
    let (role, wording) = (job.place.role(), &tools.tuning.wording);
    let (text, name) = match role {
        Role::Attachment => (tools.zoom.chat(source, job.file.bytes).await?, wording.chat_name(job.segment, job.file)),
        _ => (tools.zoom.captions(source, job.file.bytes).await?, wording.caption_name(job.segment, job.file)),
    };
    let text = xml_text(&text);
    let entry_id = entry_of(parent)?.clone();
    let copy = FileCopy { entry_id: Some(entry_id), bytes: text.len() as u64, role, ..copy };
    let (copy, asset) = match present(tools, parent, &name, &copy).await? {
        Some(asset) => (copy, asset),
        None => make(tools, parent, &name, copy).await?,
    };
    if !asset.is_ready || asset.bytes != text.len() as u64 {
        tools.kaltura.set_text(&name, &asset.id, &text).await?;
    }
    let from = copy.state;
    if copy.asked > 1 {
        // what was asked for twice may have come twice, the first one late: the next run looks once more
        for twin in those_there(tools, parent, &name).await?.into_iter().filter(|twin| twin.id != asset.id) {
            tools.kaltura.delete_text(&name, &twin.id).await?;
        }
    }
    let state = if copy.asked > 1 && !was_there { CopyState::Attached } else { CopyState::Done };
    advance(tools, from, FileCopy { state, ..copy }).await
}

/// The asset of this name that is there; one whose creation is in doubt is looked for until `settle` after it was
/// asked for.
async fn present(
    tools: Tools<'_>,
    parent: &FileCopy,
    name: &TextName,
    copy: &FileCopy,
) -> Result<Option<TextAsset>, TransferError> {
    let mut pause = FIRST_PAUSE;
    loop {
        let last = copy.attach_sent.is_none_or(|sent| now() >= sent + tools.tuning.settle);
        let found = those_there(tools, parent, name).await?.into_iter().next();
        if last || found.is_some() {
            return Ok(found);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Adds the asset; an answer that was lost leaves it in doubt, and it is looked for before it is asked for again.
async fn make(
    tools: Tools<'_>,
    parent: &FileCopy,
    name: &TextName,
    mut copy: FileCopy,
) -> Result<(FileCopy, TextAsset), TransferError> {
    let (mut patience, mut tries) = (tools.tuning.retry.rate_pauses(), 0);
    loop {
        tries += 1;
        let (from, asked) = (copy.state, copy.asked + 1);
        let next = FileCopy { state: CopyState::Attaching, attach_sent: Some(now()), asked, ..copy };
        copy = advance(tools, from, next).await?;
        let error = match tools.kaltura.add_text(entry_of(parent)?, name).await {
            Ok(asset) => return Ok((copy, asset)),
            Err(error) => error,
        };
        if was_not_carried_out(&error) {
            let back = FileCopy { state: CopyState::New, attach_sent: None, asked: asked - 1, ..copy };
            copy = advance(tools, CopyState::Attaching, back).await?;
            tokio::time::sleep(patience.pause(&error).ok_or(error)?).await;
            tries -= 1;
            continue;
        }
        if let Some(asset) = present(tools, parent, name, &copy).await? {
            return Ok((copy, asset));
        }
        if tries == TRIES {
            return Err(error.into());
        }
    }
}

/// The assets of this name on the entry, oldest first.
async fn those_there(tools: Tools<'_>, parent: &FileCopy, name: &TextName) -> Result<Vec<TextAsset>, TransferError> {
    let Some(WithTexts { parent: entry, texts }) = tools.kaltura.with_texts(entry_of(parent)?, name).await? else {
        return Err(TransferError::ParentDeleted);
    };
    check(parent, &entry)?;
    Ok(texts)
}
