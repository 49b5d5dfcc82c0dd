//! What a transfer works on, and with what.
//!
//! Opening the recording file: nothing is made in Kaltura for a download that turns out to be a page or an error.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Bandwidth, ClaimAhead, RecordingSlot, Slots, TransferError, Wording};
use crate::copying::caption_languages::CaptionLanguages;
use crate::copying::categories::Categories;
use crate::copying::systems::Systems;
use crate::model::{CopyState, EntryId, FileCopy, KalturaUserId, RecordingFile, ReferenceId, Role, Segment};
use crate::progress::Gauge;
use crate::remotes::http::{Patience, Retry};
use crate::remotes::zoom::{Download, Source, SourceError};

/// What every transfer of a run works with.
#[derive(Clone, Copy, Debug)]
pub struct TransferContext<'a> {
    /// Where the media come from, where they go, and where each step is written down.
    pub systems: Systems<'a>,
    /// The run, as the ledger names it.
    pub run: &'a str,
    /// How the bytes are sent.
    pub tuning: &'a Tuning,
    /// Where copies are shown beside their owner's own place.
    pub categories: &'a Categories,
}

impl TransferContext<'_> {
    /// What time it is by Zoom's clock, where it tells: plans are made by it.
    #[must_use]
    pub fn utc_now(self) -> DateTime<Utc> {
        self.systems.zoom.now().unwrap_or_else(Utc::now)
    }
}

/// Who moves the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// They pass through this machine.
    Stream,
    /// Kaltura's import workers fetch them from Zoom.
    Pull,
}

/// Of which copies Kaltura is not to make captions by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockAutoCaptions {
    /// Of none is it kept from doing so.
    Never,
    /// Of all.
    Always,
    /// Of those that have captions of Zoom's, or probably get them.
    WithTranscript,
}

impl BlockAutoCaptions {
    /// Whether an entry is made so that Kaltura makes none: `listed` where Zoom lists captions that are copied, `earlier` where
    /// such came with earlier recordings of the host, which is asked for only where it matters.
    pub fn blocks_new_entry<E>(self, listed: bool, earlier: impl FnOnce() -> Result<bool, E>) -> Result<bool, E> {
        match self {
            BlockAutoCaptions::Never => Ok(false),
            BlockAutoCaptions::Always => Ok(true),
            BlockAutoCaptions::WithTranscript => Ok(listed || earlier()?),
        }
    }
}

/// How the bytes are sent.
#[derive(Clone, Debug)]
pub struct Tuning {
    /// Who moves them.
    pub way: Way,
    /// How long Kaltura may take to fetch a recording, and how long the token lives that lets it.
    pub pull_within: TimeDelta,
    /// Bytes in one upload request, at most.
    pub chunk_bytes: u64,
    /// How many downloads there may be at a time.
    pub slots: Slots,
    /// How fast all transfers together may be; `None` for as fast as they can.
    pub bandwidth: Option<Arc<Bandwidth>>,
    /// How often a step without progress is tried again within the run.
    pub retry: Retry,
    /// No byte for so long is a fault.
    pub stall: Duration,
    /// How long an entry whose creation is in doubt is looked for before it is asked for again.
    pub settle: TimeDelta,
    /// How long an upload that has no entry yet, or is being closed, may be somebody's.
    pub claim_settle: TimeDelta,
    /// Whether what was deleted in Kaltura is copied again.
    pub recopies: bool,
    /// What entries and captions are called.
    pub wording: Wording,
    /// The languages of captions, where the default does not hold.
    pub caption_languages: CaptionLanguages,
    /// Of which copies Kaltura is not to make captions by itself.
    pub auto_captions: BlockAutoCaptions,
    /// The conversion profile, where it is not the partner's default.
    pub conversion_profile_id: Option<i64>,
}

/// While the last bytes of a recording come, so many, the next one is opened: that takes a round trip to Zoom and one to its
/// content network, in which nothing would come.
const LAST_BYTES: u64 = 4 << 20;

/// A file to be copied.
pub struct Job<'a> {
    /// The segment it is part of.
    pub segment: &'a Segment,
    /// Where it goes.
    pub place: TransferTarget<'a>,
    /// Whether that is the holding user's.
    pub orphan: bool,
    /// The file as Zoom lists it.
    pub file: &'a RecordingFile,
    /// The name of the entry that it becomes.
    pub title: String,
    /// Unfinished entries with its mark, of which the ledger knows nothing.
    pub remains: &'a [EntryId],
    /// Whether Kaltura is to make no captions by itself of the entry that it becomes.
    pub blocks_auto_captions: bool,
    /// How long Zoom may be waited for.
    pub patience: Patience,
    /// Its claim, where that was made ahead.
    pub claim: Option<&'a ClaimAhead>,
    /// The slot on which it is fetched, where nothing else of its recording is to be fetched on it.
    pub slot: Option<&'a RecordingSlot>,
    /// Whether Kaltura has taken more of its bytes, however it ends.
    pub moved: &'a AtomicBool,
    /// Hears how far it has come.
    pub gauge: &'a dyn Gauge,
}

impl Job<'_> {
    /// Where to fetch the file, where Zoom tells.
    #[must_use]
    pub fn source(&self) -> Option<Source<'_>> {
        let url = self.file.download_url.as_deref()?;
        Some(Source { url, meeting: &self.segment.meeting.uuid, patience: self.patience, content: None })
    }

    /// Nothing but `left` bytes of an opened download is still to come from Zoom.
    pub(super) fn note_left(&self, left: u64) {
        if let Some(slot) = self.slot.filter(|_| left <= LAST_BYTES) {
            slot.exchange_for_last();
        }
    }

    /// All that is needed has come from Zoom.
    pub(super) fn give_slot_back(&self) {
        if let Some(slot) = self.slot {
            slot.give_back();
        }
    }

    /// More is to be fetched from Zoom than it seemed.
    pub(super) async fn take_slot_again(&self) {
        if let Some(slot) = self.slot {
            slot.take_again().await;
        }
    }

    /// The copy as one of so many bytes, of a file that is listed as it is now.
    #[must_use]
    pub fn with_size(&self, copy: FileCopy, bytes: u64) -> FileCopy {
        FileCopy { bytes, listed: self.file.bytes.unwrap_or_default(), ..copy }
    }

    /// The copy as one of what was just opened, of so many bytes.
    #[must_use]
    pub fn with_download(&self, copy: FileCopy, download: &Download, bytes: u64) -> FileCopy {
        let validator = download.content().cloned();
        FileCopy { validator, lasted: self.file.lasted, ..self.with_size(copy, bytes) }
    }

    /// Whether Zoom lists another size than when the copy was begun.
    #[must_use]
    pub fn lists_another_size(&self, copy: &FileCopy) -> bool {
        self.file.bytes.is_some_and(|listed| listed != copy.listed)
    }

    /// Whether Zoom lists another length than when the copy was begun, of a file whose download does not tell one content
    /// from another.
    #[must_use]
    pub fn lists_another_length(&self, copy: &FileCopy) -> bool {
        let lengths = self.file.lasted.zip(copy.lasted).filter(|_| copy.validator.is_none());
        lengths.is_some_and(|(now, then)| now.num_seconds() != then.num_seconds())
    }

    /// The mark of the entry that the file becomes.
    #[must_use]
    pub fn mark(&self) -> ReferenceId {
        let key = self.segment.key();
        match self.place {
            TransferTarget::Parent(_) => key.reference_id(),
            TransferTarget::Child(_) | TransferTarget::Caption(_) | TransferTarget::Attachment(_) => {
                key.child_reference_id(&self.file.id)
            }
        }
    }
}

/// Where a file goes in Kaltura.
#[derive(Clone, Copy, Debug)]
pub enum TransferTarget<'a> {
    /// It becomes the entry of its segment, in this account.
    Parent(&'a KalturaUserId),
    /// It becomes a child of this entry, and belongs to whoever owns that.
    Child(&'a FileCopy),
    /// It becomes a caption asset on this entry.
    Caption(&'a FileCopy),
    /// It becomes an attachment asset on this entry.
    Attachment(&'a FileCopy),
}

impl TransferTarget<'_> {
    /// The entry whose child it becomes.
    #[must_use]
    pub fn parent(&self) -> Option<&EntryId> {
        match self {
            TransferTarget::Parent(_) => None,
            TransferTarget::Child(parent) | TransferTarget::Caption(parent) | TransferTarget::Attachment(parent) => {
                parent.entry_id.as_ref()
            }
        }
    }

    /// What the file becomes.
    #[must_use]
    pub fn role(&self) -> Role {
        match self {
            TransferTarget::Parent(_) => Role::Parent,
            TransferTarget::Child(_) => Role::Child,
            TransferTarget::Caption(_) => Role::Caption,
            TransferTarget::Attachment(_) => Role::Attachment,
        }
    }
}

/// Writes down that the copy has left the state `from`.
pub(super) async fn advance_copy(
    context: TransferContext<'_>,
    from: CopyState,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    Ok(context.systems.ledger.advance(context.run, from, copy, now()).await?)
}

/// Writes down that the entry of a copy is about to be asked for, and under which title.
pub(super) async fn note_asked(
    context: TransferContext<'_>,
    job: &Job<'_>,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    let (from, asked) = (copy.state, copy.asked + 1);
    let next = FileCopy { state: CopyState::Attaching, attach_sent: Some(now()), asked, ..copy };
    Ok(context.systems.ledger.ask_for_entry(context.run, from, next, &job.title, now()).await?)
}

/// The same of a step that Kaltura shows, too: whoever finds the copy where it was learns of it by its upload token. So it
/// waits for the next change, and is written with that.
pub(super) fn advance_copy_later(context: TransferContext<'_>, from: CopyState, copy: FileCopy) -> FileCopy {
    context.systems.ledger.advance_later(context.run, from, copy, now())
}

/// Writes down that all bytes of the copy are in Kaltura.
pub(super) async fn note_sent(
    context: TransferContext<'_>,
    job: &Job<'_>,
    from: CopyState,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    left_to_kaltura(context, job, from, FileCopy { state: CopyState::Sent, attach_sent: Some(now()), ..copy }).await
}

/// Writes down that the rest is up to Kaltura. Before, the copy's entry is put into its category: whatever dies in between,
/// it is done again; after, it is not, as people may take it out. What nobody owns is shown to nobody.
pub(super) async fn left_to_kaltura(
    context: TransferContext<'_>,
    job: &Job<'_>,
    from: CopyState,
    copy: FileCopy,
) -> Result<FileCopy, TransferError> {
    if let (TransferTarget::Parent(_), false, Some(entry)) = (job.place, job.orphan, &copy.entry_id) {
        context.categories.assign_category(context.systems, context.run, job.segment, entry).await?;
    }
    if from == CopyState::Attached && copy.state == CopyState::Sent {
        return Ok(advance_copy_later(context, from, copy));
    }
    advance_copy(context, from, copy).await
}

/// Times that an entry or a text is asked for in one run.
pub(super) const TRIES: usize = 2;

/// The pauses between two looks for what was asked for: 100 ms at first, each twice as long as the last, 3 s at most.
pub(super) struct Pauses(Duration);

impl Default for Pauses {
    fn default() -> Pauses {
        Pauses(Duration::from_millis(100))
    }
}

impl Pauses {
    /// Waits for the next one.
    pub(super) async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(Duration::from_secs(3));
    }
}

/// Until when what was asked for at `sent` is looked for. One who asked by a clock that was ahead asked now.
pub(super) fn looked_for_until(sent: Option<DateTime<Utc>>, settle: TimeDelta) -> DateTime<Utc> {
    sent.map_or_else(now, |sent| sent.min(now()) + settle)
}

pub(super) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Opens the download and tells its size. Zoom's list has a wrong one at times, or none: a size on which two downloads agree
/// is right, whatever the list says. Where it says another, they are of two tries, each after a fresh list. A download that
/// does not tell its size is read to its end for it, where the list is in doubt.
pub(super) async fn open_recording(
    context: TransferContext<'_>,
    source: Source<'_>,
    listed: Option<u64>,
    copy: &FileCopy,
) -> Result<(Download, u64), TransferError> {
    let is_in_doubt = listed.is_none() || copy.announced.is_some();
    let expected = match listed.or(copy.announced) {
        Some(expected) => expected,
        None => context.systems.zoom.size_of(source).await?,
    };
    let found = match context.systems.zoom.open_media(source, expected, 0).await {
        Ok(download) if download.tells_size() || !is_in_doubt => return Ok((download, expected)),
        Ok(_) => context.systems.zoom.size_of(source).await?,
        Err(SourceError::OtherSize { announced, .. }) => announced,
        Err(error) => return Err(error.into()),
    };
    if found != expected && copy.announced != Some(found) {
        context.systems.ledger.announced(copy, found)?;
        return Err(differs_from_list(listed, expected, found));
    }
    if found != expected {
        tracing::warn!(
            listed = expected,
            announced = found,
            "Zoom lists a wrong size; two downloads agree on another, which is used"
        );
    }
    Ok((context.systems.zoom.open_media(source, found, 0).await?, found))
}

fn differs_from_list(listed: Option<u64>, expected: u64, announced: u64) -> TransferError {
    match listed {
        Some(_) => SourceError::OtherSize { announced, expected }.into(),
        None => TransferError::Recording(format!(
            "Zoom: two downloads of a file whose size Zoom does not list have {expected} and {announced} bytes; the next try looks again"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::BlockAutoCaptions::{Always, Never, WithTranscript};

    #[test]
    fn captions_listed_or_expected_block() {
        let cases = [
            (Never, true, true, false),
            (Always, false, false, true),
            (WithTranscript, false, false, false),
            (WithTranscript, true, false, true),
            (WithTranscript, false, true, true),
        ];
        for (rule, listed, earlier, expected) in cases {
            let found = rule.blocks_new_entry(listed, || Ok::<_, ()>(earlier));
            assert_eq!(found, Ok(expected), "{rule:?}, listed {listed}, earlier {earlier}");
        }
    }
}
