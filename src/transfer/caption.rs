//! Captions: an asset on an entry, made once.
//!
//! Kaltura accepts a second asset of the same label, so the ledger notes that one was asked for before it is, and the
//! assets on the entry tell what became of it. They are read from Kaltura's database, and so show it at once.

use std::time::Duration;

use super::TransferError;
use super::job::{Job, Tools, advance, now};
use super::parent::{check, entry_of};
use crate::kaltura::{CaptionAsset, Captioned};
use crate::model::{CopyState, FileCopy, xml_text};
use crate::zoom::Source;

/// Between two looks for an asset whose creation is in doubt; doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// Times that an asset is asked for in one run.
const TRIES: usize = 2;

/// Leaves the captions at `source` shown on the entry that `parent` became.
pub(super) async fn add_captions(
    tools: Tools<'_>,
    job: &Job<'_>,
    source: Source<'_>,
    parent: &FileCopy,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    let was_there = copy.state == CopyState::Attached;
    let text = xml_text(&tools.zoom.captions(source, job.file.bytes).await?);
    let entry_id = entry_of(parent)?.clone();
    let copy = FileCopy { entry_id: Some(entry_id), bytes: text.len() as u64, role: job.place.role(), ..copy };
    let label = tools.tuning.wording.caption_label(job.segment, job.file);
    let (copy, asset) = match present(tools, parent, &label, &copy).await? {
        Some(asset) => (copy, asset),
        None => make(tools, parent, &label, copy).await?,
    };
    if !asset.is_ready || asset.bytes != text.len() as u64 {
        tools.kaltura.set_captions(&asset.id, &text).await?;
    }
    let from = copy.state;
    if copy.asked > 1 {
        // what was asked for twice may have come twice, the first one late: the next run looks once more
        for twin in ours(tools, parent, &label).await?.into_iter().filter(|twin| twin.id != asset.id) {
            tools.kaltura.delete_captions(&twin.id).await?;
        }
    }
    let state = if copy.asked > 1 && !was_there { CopyState::Attached } else { CopyState::Done };
    advance(tools, from, FileCopy { state, ..copy })
}

/// The asset of this label that is there; one whose creation is in doubt is looked for until `settle` after it was
/// asked for.
async fn present(
    tools: Tools<'_>,
    parent: &FileCopy,
    label: &str,
    copy: &FileCopy,
) -> Result<Option<CaptionAsset>, TransferError> {
    let mut pause = FIRST_PAUSE;
    loop {
        let last = copy.attach_sent.is_none_or(|sent| now() >= sent + tools.tuning.settle);
        let found = ours(tools, parent, label).await?.into_iter().next();
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
    label: &str,
    mut copy: FileCopy,
) -> Result<(FileCopy, CaptionAsset), TransferError> {
    let language = &tools.tuning.wording.caption_language;
    let mut tries = 0;
    loop {
        tries += 1;
        let (from, asked) = (copy.state, copy.asked + 1);
        let next = FileCopy { state: CopyState::Attaching, attach_sent: Some(now()), asked, ..copy };
        copy = advance(tools, from, next)?;
        let error = match tools.kaltura.add_captions(entry_of(parent)?, label, language).await {
            Ok(asset) => return Ok((copy, asset)),
            Err(error) => error,
        };
        if !error.is_passing() {
            let back = FileCopy { state: CopyState::New, attach_sent: None, asked: asked - 1, ..copy };
            advance(tools, CopyState::Attaching, back)?;
            return Err(error.into());
        }
        if let Some(asset) = present(tools, parent, label, &copy).await? {
            return Ok((copy, asset));
        }
        if tries == TRIES {
            return Err(error.into());
        }
    }
}

/// The assets of this label on the entry, oldest first.
async fn ours(tools: Tools<'_>, parent: &FileCopy, label: &str) -> Result<Vec<CaptionAsset>, TransferError> {
    let Some(Captioned { parent: entry, captions }) = tools.kaltura.captioned(entry_of(parent)?).await? else {
        return Err(TransferError::ParentDeleted);
    };
    check(parent, &entry)?;
    let language = &tools.tuning.wording.caption_language;
    let is_ours = |asset: &CaptionAsset| asset.label == label && asset.language == *language;
    Ok(captions.into_iter().filter(is_ours).collect())
}
