//! The story of one transfer.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::TransferError;
use crate::http::Retry;
use crate::kaltura::Kaltura;
use crate::ledger::Ledger;
use crate::model::{CopyState, FileCopy, KalturaUserId, RecordingFile, Segment};
use crate::progress::Gauge;
use crate::zoom::{Download, Zoom};

/// What every transfer of a run works with.
#[derive(Clone, Copy, Debug)]
pub struct Tools<'a> {
    /// Where the media come from.
    pub zoom: &'a Zoom,
    /// Where they go.
    pub kaltura: &'a Kaltura,
    /// Where each step is written down.
    pub ledger: &'a Ledger,
    /// The run, as the ledger names it.
    pub run: &'a str,
    /// How the bytes are sent.
    pub tuning: &'a Tuning,
}

/// How the bytes are sent.
#[derive(Clone, Debug)]
pub struct Tuning {
    /// Bytes in one upload request.
    pub chunk_bytes: u64,
    /// How often a step without progress is tried again within the run.
    pub retry: Retry,
    /// No byte for so long is a fault.
    pub stall: Duration,
    /// How long an entry whose creation is in doubt is looked for before it is asked for again.
    pub settle: TimeDelta,
    /// Tags of every entry.
    pub tags: Vec<String>,
    /// The conversion profile, where it is not the partner's default.
    pub conversion_profile_id: Option<i64>,
}

/// A file to be copied.
pub struct Job<'a> {
    /// The segment it stands for.
    pub segment: &'a Segment,
    /// The account that gets the entry.
    pub owner: &'a KalturaUserId,
    /// The file as Zoom lists it.
    pub file: &'a RecordingFile,
    /// Hears how far it has come.
    pub gauge: &'a dyn Gauge,
}

/// Brings `copy` from wherever it stands to where all bytes are in Kaltura and its token is closed.
pub async fn transfer(tools: Tools<'_>, job: &Job<'_>, mut copy: FileCopy) -> Result<FileCopy, TransferError> {
    let (Some(url), Some(bytes)) = (&job.file.download_url, job.file.bytes) else {
        return Err(TransferError::Recording("Zoom lists neither size nor address of the file".to_owned()));
    };
    let mut opened: Option<Download> = None;
    if matches!(copy.state, CopyState::New | CopyState::Reserved) {
        // nothing is made in Kaltura for a download that turns out to be a page or an error
        opened = Some(tools.zoom.open_video(url, bytes, 0).await?);
        copy = reserve(tools, copy, job, bytes).await?;
    }
    if matches!(copy.state, CopyState::Reserved | CopyState::Attaching) {
        copy = super::attach::attach(tools, job, copy).await?;
    }
    super::stream::stream(tools, job, url, &copy, opened).await?;
    let sent = FileCopy { state: CopyState::Sent, ..copy };
    advance(tools, CopyState::Attached, sent)
}

/// An unused token of an earlier run is left to be forgotten by Kaltura: it may be too old to be used.
async fn reserve(tools: Tools<'_>, copy: FileCopy, job: &Job<'_>, bytes: u64) -> Result<FileCopy, TransferError> {
    let name = format!("{}.mp4", job.segment.started.format("%Y%m%dT%H%M%SZ"));
    let token = tools.kaltura.add_token(&name, bytes).await?;
    let from = copy.state;
    let reserved = FileCopy { state: CopyState::Reserved, token: Some(token.id), bytes, entry_id: None, ..copy };
    advance(tools, from, reserved)
}

/// Writes down that the copy has left the state `from`.
pub(super) fn advance(tools: Tools<'_>, from: CopyState, copy: FileCopy) -> Result<FileCopy, TransferError> {
    tools.ledger.advance(tools.run, from, &copy, now())?;
    Ok(copy)
}

pub(super) fn now() -> DateTime<Utc> {
    Utc::now()
}
