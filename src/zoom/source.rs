//! Where a recording file is to be had, what of it is asked for, and what may come in its place.

use reqwest::Response;
use reqwest::header::CONTENT_TYPE;

use crate::http::meanings::calls;
use crate::http::{Patience, RemoteError, RemoteKind, Service};
use crate::model::{MeetingUuid, Validator};

pub(super) const CALL: &str = calls::DOWNLOAD;

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

/// Where a recording file is to be had.
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
        "the download is {kind} instead of media: Zoom shows a page or an error; open the recording in its web portal, and see that the app has the scope cloud_recording:read:list_recording_files:admin"
    ))
}

pub(super) fn reject_source(message: &str) -> RemoteError {
    RemoteError::new(Service::Zoom, RemoteKind::Rejected, message)
}
