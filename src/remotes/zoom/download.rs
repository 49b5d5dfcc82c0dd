//! Opening a recording file: redirects by rule, with a token where it may go.
//!
//! What lets somebody else fetch a recording file from Zoom.

use std::ops::Range;
use std::time::Duration;

use chrono::Utc;
use reqwest::header::{IF_RANGE, LOCATION, RANGE};
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::client::Zoom;
use super::limits::pause_of;
use super::media::{
    CALL, Download, Extent, Source, SourceError, WantedMedia, begin_media, measured_bytes, reject_source,
};
use crate::remotes::http::meanings::{Refusal, calls, find_meaning};
use crate::remotes::http::{Meaning, RemoteError, RemoteKind, Service, is_private, redact_url};

/// More hops than this are a loop.
const MOST_REDIRECTS: usize = 5;
/// How long a download token lives that is used at once: longer than any download takes to begin.
const TOKEN_LIFE: Duration = Duration::from_secs(3600);

impl Zoom {
    /// Opens a video or its sound, of `bytes` bytes, at `from`. Every call asks for a new signed address.
    pub async fn open_media(&self, source: Source<'_>, bytes: u64, from: u64) -> Result<Download, SourceError> {
        let (extent, limit) = (Extent { from, to: None }, self.clients.flow_limit());
        let wanted = WantedMedia { bytes, extent, content: source.content };
        match self.served(source, extent, |response| begin_media(response, limit, wanted)).await {
            // ranges are nowhere promised: what is not available in part is read from its beginning and skipped
            Err(SourceError::Remote(error)) if from > 0 && error.means(Meaning::NoSuchRange) => {
                self.served(source, Extent::default(), |response| begin_media(response, limit, wanted)).await
            }
            opened => opened,
        }
    }

    /// How big such a file is: what its download announces, or else what it comes to.
    pub async fn size_of(&self, source: Source<'_>) -> Result<u64, SourceError> {
        let limit = self.clients.flow_limit();
        self.served(source, Extent::default(), |response| measured_bytes(response, limit)).await
    }

    /// Opens a part of such a file. A server that does not serve parts is an error, which [`Zoom::open_media`] gets
    /// along with.
    pub async fn open_part(&self, source: Source<'_>, bytes: u64, part: Range<u64>) -> Result<Download, SourceError> {
        let extent = Extent { from: part.start, to: Some(part.end) };
        let wanted = WantedMedia { bytes, extent, content: source.content };
        let limit = self.clients.flow_limit();
        self.served(source, extent, |response| begin_media(response, limit, wanted)).await
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
        let condition = source.condition(extent);
        let ask = |token| async { read(self.follow(url.clone(), token, extent, condition).await?).await };
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
            .map_err(|_| SourceError::NotTheRecording("download_url is not an address".to_owned()))?;
        let host = url.host_str().unwrap_or_default();
        if !self.download_hosts.allows(host) {
            let message = format!(
                "the download is at {}, which is not among zoom.download_hosts; add it if it is Zoom's",
                redact_url(host)
            );
            return Err(RemoteError::new(Service::Zoom, RemoteKind::Refused, message).into());
        }
        if !is_private(&url) {
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
        condition: Option<&str>,
    ) -> Result<Response, RemoteError> {
        self.clients.calls.counted(Service::Zoom, self.follow_once(first, token, extent, condition)).await
    }

    async fn follow_once(
        &self,
        first: Url,
        token: SecretString,
        extent: Extent,
        condition: Option<&str>,
    ) -> Result<Response, RemoteError> {
        let mut url = first;
        for hop in 0..=MOST_REDIRECTS {
            let mut request = self.clients.download.get(url.clone());
            if hop == 0 {
                request = request.bearer_auth(token.expose_secret());
            }
            if let Some(range) = extent.header() {
                request = request.header(RANGE, range);
            }
            if let Some(condition) = condition {
                request = request.header(IF_RANGE, condition);
            }
            let host = url.host_str().unwrap_or_default().to_owned();
            let response =
                request.send().await.map_err(|error| RemoteError::from_reqwest(Service::Zoom, CALL, &host, error))?;
            if !response.status().is_redirection() {
                return accept_range(response, hop);
            }
            url = next_hop(&url, &response)?;
        }
        Err(reject_source("the download redirects without end"))
    }
}

fn next_hop(from: &Url, response: &Response) -> Result<Url, RemoteError> {
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let url = location.and_then(|text| from.join(text).ok());
    match url {
        Some(url) if is_private(&url) => Ok(url),
        Some(_) => Err(reject_source("the download redirects to an address that is not https")),
        None => Err(reject_source("the download redirects to nowhere")),
    }
}

fn accept_range(response: Response, hop: usize) -> Result<Response, RemoteError> {
    let status = response.status();
    if matches!(status, StatusCode::OK | StatusCode::PARTIAL_CONTENT) {
        return Ok(response);
    }
    // Zoom answers 401 to a stale token; a signed address that is refused is asked for again
    let call = if hop == 0 { CALL } else { calls::SIGNED };
    let meaning = find_meaning(&Refusal { service: Service::Zoom, call, status: status.as_u16(), code: "", says: "" });
    let error = RemoteError::meant(Service::Zoom, meaning, format!("{CALL} answered {status}"));
    Err(match meaning {
        Meaning::TooMany => {
            RemoteError { kind: RemoteKind::RateLimited(pause_of(response.headers(), Utc::now())), ..error }
        }
        _ => error,
    })
}

/// An address, and the token for the files of its meeting alone: never that of the account.
#[derive(Debug)]
pub struct DownloadPass {
    /// The address of the file: https, at one of `download_hosts`.
    pub url: String,
    /// The HTTP header to ask for it with.
    pub header: SecretString,
}

impl Zoom {
    /// A pass for one recording file that lives for `life`, a week at most. `None` where Zoom gives no token for the meeting
    /// alone.
    pub async fn pass(&self, source: Source<'_>, life: Duration) -> Result<Option<DownloadPass>, SourceError> {
        let url = self.first_hop(source)?;
        let token = self.download_token(source.meeting, life).await?;
        // a line's end in it would be a header of its own
        let is_sound = |token: &SecretString| {
            let token = token.expose_secret();
            !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
        };
        Ok(token.filter(is_sound).map(|token| {
            let header = SecretString::from(format!("Authorization: Bearer {}", token.expose_secret()));
            DownloadPass { url: url.into(), header }
        }))
    }
}
