//! Opening a recording file: redirects by rule, and nothing taken for media that is not.

use std::ops::Range;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chrono::Utc;
use futures_util::{Stream, StreamExt};
use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, LOCATION, RANGE, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::client::Zoom;
use super::limits::pause_until;
use crate::http::{Patience, RemoteError, RemoteKind, Service, is_safe, redacted};
use crate::model::MeetingUuid;

/// More hops than this are a loop.
const MOST_REDIRECTS: usize = 5;
/// So many bytes tell an MP4 or M4A from a page: a length, then `ftyp`.
const HEAD: usize = 8;
/// How long a download token lives that is used at once: longer than any download takes to begin.
const TOKEN_LIFE: Duration = Duration::from_secs(3600);
pub(super) const CALL: &str = "the download";
/// No recording has as many bytes: whoever announces more announces nonsense, and what is counted further has no end.
const MOST_BYTES: u64 = 1 << 50;
/// HTTP's status for a range that cannot be had.
const NO_SUCH_RANGE: &str = "416";

/// Why a recording file could not be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SourceError {
    /// Zoom or the way to it failed.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The download has another size than Zoom's list, or than an earlier download.
    #[error("Zoom: the download has {announced} bytes, Zoom's list says {expected}")]
    OtherSize {
        /// The size it announces, or came to.
        announced: u64,
        /// Zoom's `file_size`, or what was found before.
        expected: u64,
    },
    /// A download that did not tell its size ended before it was whole: cut off, or of another size.
    #[error("Zoom: the download ended after {at} bytes, Zoom's list says {expected}")]
    EndedEarly {
        /// How many bytes came.
        at: u64,
        /// Zoom's `file_size`, or what was found before.
        expected: u64,
    },
    /// A page or an error came in its place: Zoom may do so for every recording, where it does not like the login.
    #[error("Zoom: {0}")]
    Page(String),
    /// What came is not the recording; the text says what it is instead.
    #[error("Zoom: {0}")]
    NotTheRecording(String),
}

/// An opened recording file whose first bytes are known to be media.
pub struct Download {
    body: Pin<Box<dyn Stream<Item = Result<Bytes, RemoteError>> + Send>>,
    held: Bytes,
    left: u64,
    /// The size of the whole file, as it is expected.
    expected: u64,
    tells_size: bool,
}

impl Download {
    /// Whether the answer itself says how big the file is.
    #[must_use]
    pub fn tells_size(&self) -> bool {
        self.tells_size
    }

    /// The next bytes, at most `most` of them; `None` after the last one. Fewer or more than announced is an error.
    pub async fn next(&mut self, most: u64) -> Result<Option<Bytes>, SourceError> {
        if self.held.is_empty() {
            match self.body.next().await {
                Some(bytes) => self.held = bytes?,
                None if self.left == 0 => return Ok(None),
                None => return Err(self.ended()),
            }
        }
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(self.held.len());
        let part = self.held.split_to(most);
        let Some(left) = self.left.checked_sub(part.len() as u64) else {
            return Err(SourceError::NotTheRecording("the download is longer than Zoom's file_size".to_owned()));
        };
        self.left = left;
        Ok(Some(part))
    }
}

impl Download {
    /// Makes sure that nothing follows; what does is counted.
    pub async fn end(&mut self) -> Result<(), SourceError> {
        match self.count_rest().await? {
            0 => Ok(()),
            more => {
                Err(SourceError::OtherSize { announced: self.expected.saturating_add(more), expected: self.expected })
            }
        }
    }

    /// Reads on to the end of the body, whatever was expected of it; how many bytes that are.
    async fn count_rest(&mut self) -> Result<u64, SourceError> {
        let mut count = std::mem::take(&mut self.held).len() as u64;
        while let Some(bytes) = self.body.next().await {
            count += bytes?.len() as u64;
            if count > MOST_BYTES {
                return Err(impossible(count));
            }
        }
        Ok(count)
    }

    /// What it means that the body has ended before its time.
    fn ended(&self) -> SourceError {
        if self.tells_size {
            return cut_short(self.left).into();
        }
        SourceError::EndedEarly { at: self.expected.saturating_sub(self.left), expected: self.expected }
    }
}

/// What of a file is asked for; everything where it begins at 0 and has no end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    from: u64,
    to: Option<u64>,
}

impl Extent {
    fn header(self) -> Option<String> {
        let last = self.to.map(|to| (to - 1).to_string()).unwrap_or_default();
        (self != Extent::default()).then(|| format!("bytes={}-{last}", self.from))
    }
}

/// Where a recording file is to be had.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Zoom's `download_url`.
    pub url: &'a str,
    /// Whose recording it is.
    pub meeting: &'a MeetingUuid,
    /// How long it may be waited for an answer.
    pub patience: Patience,
}

impl Zoom {
    /// Opens a video or its sound, of `bytes` bytes, at `from`. Every call asks for a new signed address.
    pub async fn open_media(&self, source: Source<'_>, bytes: u64, from: u64) -> Result<Download, SourceError> {
        let extent = Extent { from, to: None };
        match self.served(source, extent, |response| begun(response, bytes, extent)).await {
            // ranges are nowhere promised: what cannot be had in part is read from its beginning and skipped
            Err(SourceError::Remote(error)) if from > 0 && error.has_code(NO_SUCH_RANGE) => {
                self.served(source, Extent::default(), |response| begun(response, bytes, extent)).await
            }
            opened => opened,
        }
    }

    /// How big such a file is: what its download announces, or else what it comes to.
    pub async fn size_of(&self, source: Source<'_>) -> Result<u64, SourceError> {
        self.served(source, Extent::default(), measured).await
    }

    /// Opens a part of such a file. A server that does not serve parts is an error, which [`Zoom::open_media`] gets
    /// along with.
    pub async fn open_part(&self, source: Source<'_>, bytes: u64, part: Range<u64>) -> Result<Download, SourceError> {
        let extent = Extent { from: part.start, to: Some(part.end) };
        self.served(source, extent, |response| begun(response, bytes, extent)).await
    }

    /// Reads an answer to the account's token, and where that is refused, to one for the files of the meeting alone.
    pub(super) async fn served<T, F>(
        &self,
        source: Source<'_>,
        extent: Extent,
        read: impl Fn(Response) -> F,
    ) -> Result<T, SourceError>
    where
        F: Future<Output = Result<Result<T, SourceError>, RemoteError>>,
    {
        let url = self.first_hop(source)?;
        let ask = |token| async { read(self.follow(url.clone(), token, extent).await?).await };
        let answer = self.authorised_with(source.patience, ask).await;
        let is_refused = match &answer {
            Ok(answer) => matches!(answer, Err(SourceError::Page(_))),
            Err(error) => matches!(error.kind, RemoteKind::Expired | RemoteKind::Refused),
        };
        if !is_refused {
            return answer?;
        }
        match self.download_token(source.meeting, TOKEN_LIFE).await {
            Ok(Some(token)) => self.retry.run_with(source.patience, || ask(token.clone())).await?,
            // the refusal of the download says more than that of a token for it
            Ok(None) | Err(_) => answer?,
        }
    }

    /// The address that a token may be shown to.
    pub(super) fn first_hop(&self, source: Source<'_>) -> Result<Url, SourceError> {
        let url = Url::parse(source.url)
            .map_err(|_| SourceError::NotTheRecording("download_url is no address".to_owned()))?;
        let host = url.host_str().unwrap_or_default();
        if !self.download_hosts.allows(host) {
            let message = format!(
                "the download is at {}, which is not among zoom.download_hosts; add it if it is Zoom's",
                redacted(host)
            );
            return Err(RemoteError::new(Service::Zoom, RemoteKind::Refused, message).into());
        }
        if !is_safe(&url) {
            return Err(SourceError::NotTheRecording(format!("the download at {host} is not https")));
        }
        Ok(url)
    }

    /// The token goes with the first request only: the address that follows is signed, and on another host.
    pub(super) async fn follow(
        &self,
        first: Url,
        token: SecretString,
        extent: Extent,
    ) -> Result<Response, RemoteError> {
        self.clients.calls.counted(Service::Zoom, self.follow_once(first, token, extent)).await
    }

    async fn follow_once(&self, first: Url, token: SecretString, extent: Extent) -> Result<Response, RemoteError> {
        let mut url = first;
        for hop in 0..=MOST_REDIRECTS {
            let mut request = self.clients.download.get(url.clone());
            if hop == 0 {
                request = request.bearer_auth(token.expose_secret());
            }
            if let Some(range) = extent.header() {
                request = request.header(RANGE, range);
            }
            let host = url.host_str().unwrap_or_default().to_owned();
            let response =
                request.send().await.map_err(|error| RemoteError::from_reqwest(Service::Zoom, CALL, &host, error))?;
            if !response.status().is_redirection() {
                return accepted(response, hop);
            }
            url = next_hop(&url, &response)?;
        }
        Err(rejected("the download redirects without end"))
    }
}

/// A download whose first bytes have come; inside, what it is instead of the recording.
async fn begun(response: Response, bytes: u64, extent: Extent) -> Result<Result<Download, SourceError>, RemoteError> {
    let opened = async {
        check_type(&response)?;
        let (skip, tells_size) = check_extent(&response, bytes, extent)?;
        let left = extent.to.unwrap_or(bytes).saturating_sub(extent.from);
        let mut download = Download { tells_size, ..Download::of(response, left.saturating_add(skip), bytes) };
        if extent.from == 0 || skip > 0 {
            download.check_head().await?;
        }
        download.skip(skip).await?;
        Ok(download)
    };
    settled(opened.await)
}

/// The size of what comes; inside, what it is instead of the recording.
async fn measured(response: Response) -> Result<Result<u64, SourceError>, RemoteError> {
    let measured = async {
        check_type(&response)?;
        let announced = response.content_length();
        let mut download = Download::of(response, MOST_BYTES, MOST_BYTES);
        match (announced, download.check_head().await) {
            (_, Err(SourceError::EndedEarly { at, .. })) => Err(too_short(at)),
            (_, Err(error)) => Err(error),
            (Some(announced), Ok(())) => plausible(announced),
            (None, Ok(())) => download.count_rest().await,
        }
    };
    settled(measured.await)
}

/// An error that may pass stands outside: the same call may bring the recording.
fn settled<T>(answer: Result<T, SourceError>) -> Result<Result<T, SourceError>, RemoteError> {
    match answer {
        Err(SourceError::Remote(error)) => Err(error),
        answer => Ok(answer),
    }
}

impl Download {
    fn of(response: Response, left: u64, expected: u64) -> Download {
        let body = response.bytes_stream();
        let body = body.map(|part| part.map_err(|error| RemoteError::from_reqwest(Service::Zoom, CALL, "Zoom", error)));
        Download { body: Box::pin(body), held: Bytes::new(), left, expected, tells_size: false }
    }

    async fn check_head(&mut self) -> Result<(), SourceError> {
        let mut head = BytesMut::new();
        while head.len() < HEAD {
            match self.body.next().await {
                Some(bytes) => head.extend_from_slice(&bytes?),
                None => {
                    self.left = self.left.saturating_sub(head.len() as u64);
                    return Err(self.ended());
                }
            }
        }
        self.held = head.freeze();
        if &self.held[4..HEAD] == b"ftyp" {
            return Ok(());
        }
        let message = "the download does not begin like an MP4 or M4A file; look at the recording in Zoom's web portal";
        Err(SourceError::NotTheRecording(message.to_owned()))
    }

    /// For a server that answers a Range with the whole file.
    async fn skip(&mut self, mut bytes: u64) -> Result<(), SourceError> {
        while bytes > 0 {
            let Some(part) = self.next(bytes).await? else {
                return Err(self.ended());
            };
            bytes -= part.len() as u64;
        }
        Ok(())
    }
}

fn next_hop(from: &Url, response: &Response) -> Result<Url, RemoteError> {
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let url = location.and_then(|text| from.join(text).ok());
    match url {
        Some(url) if is_safe(&url) => Ok(url),
        Some(_) => Err(rejected("the download redirects to an address that is not https")),
        None => Err(rejected("the download redirects to nowhere")),
    }
}

fn accepted(response: Response, hop: usize) -> Result<Response, RemoteError> {
    let status = response.status();
    let kind = match status.as_u16() {
        200 | 206 => return Ok(response),
        // Zoom answers 401 to a stale token; a signed address that is refused is asked for anew
        401 if hop == 0 => RemoteKind::Expired,
        403 if hop == 0 => RemoteKind::Refused,
        429 => {
            let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            RemoteKind::RateLimited(asked.and_then(|text| pause_until(text, Utc::now())))
        }
        404 | 410 => RemoteKind::NotFound,
        401 | 403 | 500.. => RemoteKind::Server,
        _ => RemoteKind::Rejected,
    };
    let error = RemoteError::new(Service::Zoom, kind, format!("{CALL} answered {status}"));
    Err(error.with_code(status.as_u16().to_string()))
}

fn check_type(response: &Response) -> Result<(), SourceError> {
    page_type(response).map_or(Ok(()), |kind| Err(served_as_page(kind)))
}

/// With 200 may come a login page or an error as JSON: its type, where it is one of these.
pub(super) fn page_type(response: &Response) -> Option<&'static str> {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/json"].into_iter().find(|page| kind.eq_ignore_ascii_case(page))
}

pub(super) fn served_as_page(kind: &str) -> SourceError {
    SourceError::Page(format!(
        "the download is {kind} instead of media: Zoom shows a page or an error; open the recording in its web portal, and see that the app has the scope cloud_recording:read:list_recording_files:admin"
    ))
}

/// Compares what the answer announces with the size that is expected; how many bytes to skip before those asked for, and
/// whether it announces any size.
fn check_extent(response: &Response, bytes: u64, Extent { from, to }: Extent) -> Result<(u64, bool), SourceError> {
    let other_range = |message| SourceError::from(rejected(message).with_code(NO_SUCH_RANGE));
    let (skip, announced) = if response.status() == StatusCode::PARTIAL_CONTENT {
        let range = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
        let total =
            range.and_then(|text| text.strip_prefix(&format!("bytes {from}-"))?.split_once('/')?.1.parse().ok());
        let Some(total) = total else {
            return Err(other_range("the download answers with another range than asked for"));
        };
        (0, Some(total))
    } else if to.is_some() {
        return Err(other_range("the download is not to be had in parts"));
    } else {
        (from, response.content_length())
    };
    match announced {
        Some(announced) if announced != bytes => {
            Err(SourceError::OtherSize { announced: plausible(announced)?, expected: bytes })
        }
        announced => Ok((skip, announced.is_some())),
    }
}

/// A size that a recording can have.
fn plausible(announced: u64) -> Result<u64, SourceError> {
    match announced {
        0 => Err(too_short(0)),
        1..=MOST_BYTES => Ok(announced),
        _ => Err(impossible(announced)),
    }
}

fn too_short(bytes: u64) -> SourceError {
    SourceError::NotTheRecording(format!("the download has {bytes} bytes, which is no recording"))
}

fn impossible(bytes: u64) -> SourceError {
    SourceError::NotTheRecording(format!("the download has {bytes} bytes or more, which no recording has"))
}

fn cut_short(left: u64) -> RemoteError {
    RemoteError::new(Service::Zoom, RemoteKind::Broken, format!("{CALL} ended {left} bytes too early"))
}

fn rejected(message: &str) -> RemoteError {
    RemoteError::new(Service::Zoom, RemoteKind::Rejected, message)
}
