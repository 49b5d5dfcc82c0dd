//! One long recording in several parts at a time, as long as no other needs the slots: a download comes as fast as Zoom's
//! content network and one connection let it, however fast the line is.
//!
//! Kaltura keeps a part that comes early beside the file and joins it with the next request that fits
//! (facts-kaltura.md#k13). It takes none before the first bytes are there, joins ten in one request
//! (facts-kaltura.md#s2), and the last one only once all others are there: so a small piece goes first, few parts are
//! ahead, and a small piece goes last.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::TransferError;
use super::job::{Job, TransferContext};
use super::limits::Slot;
use super::pump::{Position, position_of_token, send_chunk};
use crate::model::{FileCopy, UploadTokenId};
use crate::progress::Gauge;
use crate::remotes::kaltura::Chunk;
use crate::remotes::zoom::{Download, Source};

/// The pieces that go first and last, in bytes.
pub(super) const EDGE: u64 = 1024 * 1024;
/// A part is at least so long, where chunks are not shorter: each costs a round trip or three.
const SHORTEST: u64 = 8 * 1024 * 1024;
/// And at most so long: others wait for its slot, and Kaltura copies it once more where it came early.
const LONGEST: u64 = 64 * 1024 * 1024;
/// Parts of one file at a time. Kaltura joins ten that wait in one request.
const MOST: u64 = 8;

/// Whether it is worth it for so many bytes, and something is free for it.
pub(super) fn is_worth_it(context: TransferContext<'_>, bytes: u64) -> bool {
    bytes >= 4 * shortest_part(context) && context.tuning.slots.has_spare()
}

fn shortest_part(context: TransferContext<'_>) -> u64 {
    SHORTEST.min(context.tuning.chunk_bytes)
}

/// A recording on its way from Zoom into an upload token.
#[derive(Clone, Copy)]
pub(super) struct MediaUpload<'a> {
    pub(super) source: Source<'a>,
    pub(super) copy: &'a FileCopy,
    pub(super) token: &'a UploadTokenId,
}

/// Sends what follows `from`, which Kaltura has. `download` stands there. One fault ends all of it: what came early is sent
/// again then.
pub(super) async fn send_the_rest(
    context: TransferContext<'_>,
    job: &Job<'_>,
    upload: MediaUpload<'_>,
    from: u64,
    download: Download,
) -> Result<Position, TransferError> {
    let MediaUpload { source, copy, token } = upload;
    let rest = Rest { context, job, source, copy, token, passed_on: AtomicU64::new(from) };
    let mut ahead = Ahead::new(context, from, copy.bytes);
    let (mut opened, mut running) = (Some(download), FuturesUnordered::new());
    loop {
        while let Some((part, hold)) = ahead.next_part(context) {
            running.push(rest.send_part(part, hold, opened.take()));
        }
        let Some(end) = running.next().await else {
            break;
        };
        let SentPart { part, hold, position } = end?;
        if !matches!(position, Position::At(_)) {
            return Ok(position);
        }
        ahead.has_come(&part, &hold);
    }
    rest.send_part(ahead.last..copy.bytes, Hold::Own, None).await.map(|sent| sent.position)
}

/// On which slot a part is fetched.
enum Hold {
    /// The one that the transfer has anyway.
    Own,
    /// One that nobody else wants for now.
    Spare { _slot: Slot },
}

/// A part that was sent, and what its token says since.
struct SentPart {
    part: Range<u64>,
    hold: Hold,
    position: Position,
}

/// Which part comes next.
struct Ahead {
    next: u64,
    /// Where the piece begins that goes last.
    last: u64,
    length: u64,
    /// Where the parts begin that are under way.
    under_way: BTreeSet<u64>,
    own_is_free: bool,
}

impl Ahead {
    fn new(context: TransferContext<'_>, from: u64, bytes: u64) -> Ahead {
        let last = bytes - EDGE.min(bytes - from);
        let length =
            (last - from).div_ceil(MOST).clamp(shortest_part(context), context.tuning.chunk_bytes.min(LONGEST));
        Ahead { next: from, last, length, under_way: BTreeSet::new(), own_is_free: true }
    }

    /// A part, if there is one left, a slot for it, and not too much ahead of what Kaltura can join.
    fn next_part(&mut self, context: TransferContext<'_>) -> Option<(Range<u64>, Hold)> {
        let behind = self.under_way.first().copied().unwrap_or(self.next);
        if self.next >= self.last || self.next - behind >= MOST * self.length {
            return None;
        }
        let hold = if self.own_is_free { Hold::Own } else { Hold::Spare { _slot: context.tuning.slots.try_spare()? } };
        self.own_is_free = false;
        let part = self.next..(self.next + self.length).min(self.last);
        self.next = part.end;
        self.under_way.insert(part.start);
        Some((part, hold))
    }

    fn has_come(&mut self, part: &Range<u64>, hold: &Hold) {
        self.under_way.remove(&part.start);
        self.own_is_free |= matches!(hold, Hold::Own);
    }
}

/// What all parts share.
struct Rest<'a> {
    context: TransferContext<'a>,
    job: &'a Job<'a>,
    source: Source<'a>,
    copy: &'a FileCopy,
    token: &'a UploadTokenId,
    passed_on: AtomicU64,
}

impl Rest<'_> {
    /// Sends a part, of `opened` where that stands there.
    async fn send_part(
        &self,
        part: Range<u64>,
        hold: Hold,
        opened: Option<Download>,
    ) -> Result<SentPart, TransferError> {
        let mut download = match opened {
            Some(download) => download,
            None => self.context.systems.zoom.open_part(self.source, self.copy.bytes, part.clone()).await?,
        };
        let chunk = Chunk { at: part.start, bytes: part.end - part.start, last: part.end == self.copy.bytes };
        let gauge = PartProgress { of: self, from: part.start, passed_on: AtomicU64::new(0) };
        let answer = send_chunk(self.context, self.job, &gauge, self.token, chunk, &mut download).await?;
        Ok(SentPart { part, hold, position: position_of_token(self.copy, &answer) })
    }
}

/// A part's share of the progress of the whole.
struct PartProgress<'a> {
    of: &'a Rest<'a>,
    from: u64,
    passed_on: AtomicU64,
}

impl Gauge for PartProgress<'_> {
    fn at(&self, position: u64) {
        let now = position - self.from;
        let more = now - self.passed_on.swap(now, Ordering::Relaxed);
        self.of.job.gauge.at(self.of.passed_on.fetch_add(more, Ordering::Relaxed) + more);
    }
}
