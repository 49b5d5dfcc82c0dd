//! The media of a recording as they come: known to be media by their first bytes, counted, and compared with the size that is
//! expected of them.
//!
//! Where to fetch a recording file, what of it is asked for, and what may come in its place.

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, LAST_MODIFIED};
use reqwest::{Response, StatusCode};

use crate::model::{MeetingUuid, Validator, format_count};
use crate::remotes::http::meanings::calls;
use crate::remotes::http::{Flow, FlowLimit, Meaning, Patience, RemoteError, RemoteKind, Service};

/// So many bytes tell an MP4 or M4A from a page: a length, then `ftyp`.
const HEAD: usize = 8;
/// No recording has as many bytes: a side that announces more announces nonsense, and what is counted further has no end.
const MOST_BYTES: u64 = 1 << 50;

/// An opened recording file whose first bytes are known to be media.
pub struct Download {
    body: Flow,
    held: Bytes,
    left: u64,
    /// The size of the whole file, as it is expected.
    expected: u64,
    tells_size: bool,
    content: Option<Validator>,
}

/// What of a recording is asked for, and what is expected of it.
#[derive(Clone, Copy)]
pub(super) struct WantedMedia<'a> {
    /// The size of the whole file.
    pub(super) bytes: u64,
    pub(super) extent: Extent,
    /// What an earlier download said of its content.
    pub(super) content: Option<&'a Validator>,
}

impl Download {
    /// What the answer says of its content, where it says anything.
    #[must_use]
    pub fn content(&self) -> Option<&Validator> {
        self.content.as_ref()
    }

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
                return Err(impossible_length(count));
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

/// A download whose first bytes have come; inside, what it is instead of the recording.
pub(super) async fn begin_media(
    response: Response,
    limit: FlowLimit,
    WantedMedia { bytes, extent, content }: WantedMedia<'_>,
) -> Result<Result<Download, SourceError>, RemoteError> {
    let opened = async {
        check_type(&response)?;
        check_content(&response, content)?;
        let (skip, tells_size) = check_extent(&response, bytes, extent)?;
        let left = extent.to.unwrap_or(bytes).saturating_sub(extent.from);
        let mut download = Download { tells_size, ..Download::of(response, limit, left.saturating_add(skip), bytes) };
        if extent.from == 0 || skip > 0 {
            download.check_head().await?;
        }
        download.skip(skip).await?;
        Ok(download)
    };
    settle_source_error(opened.await)
}

/// The size of what comes; inside, what it is instead of the recording.
pub(super) async fn measured_bytes(
    response: Response,
    limit: FlowLimit,
) -> Result<Result<u64, SourceError>, RemoteError> {
    let measured = async {
        check_type(&response)?;
        let announced = response.content_length();
        let mut download = Download::of(response, limit, MOST_BYTES, MOST_BYTES);
        match (announced, download.check_head().await) {
            (_, Err(SourceError::EndedEarly { at, .. })) => Err(too_short(at)),
            (_, Err(error)) => Err(error),
            (Some(announced), Ok(())) => check_plausible(announced),
            (None, Ok(())) => download.count_rest().await,
        }
    };
    settle_source_error(measured.await)
}

/// An error that may pass stands outside: the same call may bring the recording.
fn settle_source_error<T>(answer: Result<T, SourceError>) -> Result<Result<T, SourceError>, RemoteError> {
    match answer {
        Err(SourceError::Remote(error)) => Err(error),
        answer => Ok(answer),
    }
}

impl Download {
    fn of(response: Response, limit: FlowLimit, left: u64, expected: u64) -> Download {
        let content = content_of(&response);
        let body = Flow::new(response, CALL, limit);
        Download { body, held: Bytes::new(), left, expected, tells_size: false, content }
    }

    async fn check_head(&mut self) -> Result<(), SourceError> {
        let mut head = BytesMut::new();
        while head.len() < HEAD {
            let Some(bytes) = self.body.next().await else {
                self.left = self.left.saturating_sub(head.len() as u64);
                return Err(self.ended());
            };
            head.extend_from_slice(&bytes?);
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

fn check_type(response: &Response) -> Result<(), SourceError> {
    page_type(response).map_or(Ok(()), |kind| Err(served_as_page(kind)))
}

fn content_of(response: &Response) -> Option<Validator> {
    let header = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
    Validator::of(header(ETAG), header(LAST_MODIFIED))
}

/// Bytes of two contents never come together. Who says nothing of its content and sends all of it where a part was asked for
/// on condition has another one, or does not know.
fn check_content(response: &Response, known: Option<&Validator>) -> Result<(), SourceError> {
    let Some(known) = known else {
        return Ok(());
    };
    let is_whole = response.status() != StatusCode::PARTIAL_CONTENT;
    let is_other = match content_of(response) {
        Some(now) if known.is_comparable(&now) => !known.is_same(&now),
        _ => is_whole,
    };
    if is_other { Err(SourceError::OtherContent) } else { Ok(()) }
}

/// Compares what the answer announces with the size that is expected; how many bytes to skip before those asked for, and
/// whether it announces any size.
fn check_extent(response: &Response, bytes: u64, Extent { from, to }: Extent) -> Result<(u64, bool), SourceError> {
    let other_range = |message| SourceError::from(RemoteError::meant(Service::Zoom, Meaning::NoSuchRange, message));
    let (skip, announced) = if response.status() == StatusCode::PARTIAL_CONTENT {
        let range = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
        let total =
            range.and_then(|text| text.strip_prefix(&format!("bytes {from}-"))?.split_once('/')?.1.parse().ok());
        let Some(total) = total else {
            return Err(other_range("the download answers with another range than requested"));
        };
        (0, Some(total))
    } else if to.is_some() {
        return Err(other_range("the download is not available in parts"));
    } else {
        (from, response.content_length())
    };
    match announced {
        Some(announced) if announced != bytes => {
            Err(SourceError::OtherSize { announced: check_plausible(announced)?, expected: bytes })
        }
        announced => Ok((skip, announced.is_some())),
    }
}

/// A size that a recording can have.
fn check_plausible(announced: u64) -> Result<u64, SourceError> {
    match announced {
        0 => Err(too_short(0)),
        1..=MOST_BYTES => Ok(announced),
        _ => Err(impossible_length(announced)),
    }
}

fn too_short(bytes: u64) -> SourceError {
    SourceError::NotTheRecording(format!("the download has {}, too few for a recording", format_count(bytes, "byte")))
}

fn impossible_length(bytes: u64) -> SourceError {
    SourceError::NotTheRecording(format!(
        "the download has {} or more, too many for a recording",
        format_count(bytes, "byte")
    ))
}

fn cut_short(left: u64) -> RemoteError {
    RemoteError::new(
        Service::Zoom,
        RemoteKind::Broken,
        format!("{CALL} ended {} too early", format_count(left, "byte")),
    )
}

pub(super) const CALL: &str = calls::DOWNLOAD;

/// Why a recording file could not be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SourceError {
    /// Zoom or the way to it failed.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The download has another size than Zoom's list, or than an earlier download.
    #[error("Zoom: the download has {}, but Zoom's list has {expected}", format_count(*announced, "byte"))]
    OtherSize {
        /// The size it announces, or came to.
        announced: u64,
        /// Zoom's `file_size`, or what was found before.
        expected: u64,
    },
    /// A download that did not tell its size ended before it was whole: cut off, or of another size.
    #[error("Zoom: the download ended after {}, but Zoom's list has {expected}", format_count(*at, "byte"))]
    EndedEarly {
        /// How many bytes came.
        at: u64,
        /// Zoom's `file_size`, or what was found before.
        expected: u64,
    },
    /// Zoom has another content there than the one that was begun with.
    #[error("Zoom: the recording was replaced in Zoom while it was copied")]
    OtherContent,
    /// A page or an error came in its place: Zoom may do so for every recording, where it does not like the login.
    #[error("Zoom: {0}")]
    Page(String),
    /// What came is not the recording; the text says what it is instead.
    #[error("Zoom: {0}")]
    NotTheRecording(String),
}

/// What of a file is asked for; everything where it begins at 0 and has no end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) from: u64,
    pub(super) to: Option<u64>,
}

impl Extent {
    pub(super) fn header(self) -> Option<String> {
        let last = self.to.map(|to| (to - 1).to_string()).unwrap_or_default();
        (self != Extent::default()).then(|| format!("bytes={}-{last}", self.from))
    }
}

/// Where to fetch a recording file.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Zoom's `download_url`.
    pub url: &'a str,
    /// Whose recording it is.
    pub meeting: &'a MeetingUuid,
    /// How long it may be waited for an answer.
    pub patience: Patience,
    /// What an earlier download said of its content: this one goes on from there, with the same content or not at all.
    pub content: Option<&'a Validator>,
}

impl<'a> Source<'a> {
    /// What `If-Range` is to say: a part of the same content, or all of another one.
    pub(super) fn condition(self, extent: Extent) -> Option<&'a str> {
        let content = self.content.filter(|content| content.may_be_a_condition() && extent != Extent::default())?;
        Some(content.as_str())
    }
}

/// With 200 may come a login page or an error as JSON: its type, where it is one of these.
pub(super) fn page_type(response: &Response) -> Option<&'static str> {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/json"].into_iter().find(|page| kind.eq_ignore_ascii_case(page))
}

pub(super) fn served_as_page(kind: &str) -> SourceError {
    SourceError::Page(format!(
        "the download is {kind} instead of media: Zoom shows a page or an error; open the recording in its web portal, and check that the app has the scope cloud_recording:read:list_recording_files:admin"
    ))
}

pub(super) fn reject_source(message: &str) -> RemoteError {
    RemoteError::new(Service::Zoom, RemoteKind::Rejected, message)
}

#[cfg(test)]
mod tests {
    use axum::http::Response as Answer;
    use reqwest::Response;
    use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG};

    use super::{Extent, SourceError, check_content, check_extent};
    use crate::model::Validator;
    use crate::remotes::http::Meaning;

    fn answer(status: u16, headers: &[(reqwest::header::HeaderName, &str)]) -> Response {
        let mut answer = Answer::builder().status(status);
        for (name, value) in headers {
            answer = answer.header(name, *value);
        }
        Response::from(answer.body(String::new()).expect("an answer"))
    }

    fn word<T: std::fmt::Debug>(found: Result<T, SourceError>) -> String {
        match found {
            Ok(found) => format!("{found:?}"),
            Err(SourceError::Remote(error)) if error.means(Meaning::NoSuchRange) => "another range".to_owned(),
            Err(SourceError::OtherSize { announced, .. }) => format!("size {announced}"),
            Err(SourceError::OtherContent) => "other content".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    /// The part that was asked for, of a file that is as big as it was.
    #[test]
    fn parts_must_match_request_and_size() {
        let asked = Extent { from: 100, to: None };
        let cases = [
            (206, "bytes 100-999/1000", asked, "(0, true)"),
            (206, "bytes 0-999/1000", asked, "another range"),
            (206, "bytes 99-999/1000", asked, "another range"),
            (206, "bytes 1000-999/1000", asked, "another range"),
            (206, "bytes 100-999/1001", asked, "size 1001"),
            (206, "bytes 100-998/999", asked, "size 999"),
            (206, "bytes 100-999/*", asked, "another range"),
            (206, "bytes */1000", asked, "another range"),
            (206, "bytes 100", asked, "another range"),
            (206, "none", asked, "another range"),
            (206, "", asked, "another range"),
            (206, "bytes 100-199/1000", Extent { from: 100, to: Some(200) }, "(0, true)"),
            (206, "bytes 200-299/1000", Extent { from: 100, to: Some(200) }, "another range"),
            (200, "", Extent { from: 100, to: Some(200) }, "another range"),
            (200, "", asked, "(100, true)"),
        ];
        for (status, range, extent, expected) in cases {
            let headers: &[_] = if range.is_empty() { &[] } else { &[(CONTENT_RANGE, range)] };
            let length = [(CONTENT_LENGTH, "1000")];
            let length: &[_] = if status == 200 { &length } else { &[] };
            let answer = sized(answer(status, &[headers, length].concat()));
            assert_eq!(word(check_extent(&answer, 1000, extent)), expected, "{status} {range:?} {extent:?}");
        }
    }

    /// A body of as many bytes as the head says.
    fn sized(answer: Response) -> Response {
        let Some(length) = answer.headers().get(CONTENT_LENGTH) else {
            return answer;
        };
        let length: usize = length.to_str().expect("a text").parse().expect("a number");
        let body = vec![0_u8; length];
        Response::from(Answer::builder().status(answer.status()).body(body).expect("an answer"))
    }

    /// Wherever the answer says anything.
    #[test]
    fn differing_contents_are_told_apart() {
        let known = Validator::new("\"a\"");
        let cases = [
            (206, Some("\"a\""), "()"),
            (206, Some("W/\"a\""), "()"),
            (206, Some("\"b\""), "other content"),
            (206, None, "()"),
            (200, Some("\"a\""), "()"),
            (200, Some("\"b\""), "other content"),
            (200, None, "other content"),
        ];
        for (status, tag, expected) in cases {
            let headers: Vec<_> = tag.into_iter().map(|tag| (ETAG, tag)).collect();
            let answer = answer(status, &headers);
            assert_eq!(word(check_content(&answer, Some(&known))), expected, "{status} {tag:?}");
            assert_eq!(word(check_content(&answer, None)), "()", "{status} {tag:?}");
        }
    }
}
