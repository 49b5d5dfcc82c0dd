//! Reading transcripts and closed captions, which are small enough to be held whole.

use reqwest::Response;

use super::client::Zoom;
use super::download::{CALL, Source, SourceError, check_type};
use crate::http::{RemoteError, Service};

/// Far beyond a day of speech.
const LIMIT: usize = 16 * 1024 * 1024;
/// What every `WebVTT` file begins with (W3C).
const SIGNATURE: &str = "WEBVTT";

impl Zoom {
    /// The text of a `WebVTT` file of `bytes` bytes, where Zoom's list tells its size.
    pub async fn captions(&self, source: Source<'_>, bytes: Option<u64>) -> Result<String, SourceError> {
        let body = self.served(source, 0, read).await?;
        let received = body.len() as u64;
        if let Some(bytes) = bytes.filter(|bytes| *bytes != received) {
            let message = format!("the captions have {received} bytes, Zoom's list says {bytes}");
            return Err(SourceError::NotTheRecording(message));
        }
        let text = String::from_utf8(body)
            .map_err(|_| SourceError::NotTheRecording("the captions are no UTF-8 text".to_owned()))?;
        let text = text.trim_start_matches('\u{FEFF}');
        if !text.starts_with(SIGNATURE) {
            let message = "the captions do not begin like a WebVTT file; look at them in Zoom's web portal";
            return Err(SourceError::NotTheRecording(message.to_owned()));
        }
        Ok(text.to_owned())
    }
}

/// The whole body; inside, what it is instead of captions. A body that breaks is an error that may pass.
async fn read(mut response: Response) -> Result<Result<Vec<u8>, SourceError>, RemoteError> {
    if let Err(error) = check_type(&response) {
        return Ok(Err(error));
    }
    let broken = |error| RemoteError::from_reqwest(Service::Zoom, CALL, "Zoom", error);
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(broken)? {
        body.extend_from_slice(&part);
        if body.len() > LIMIT {
            let message = format!("the captions are longer than {LIMIT} bytes");
            return Ok(Err(SourceError::NotTheRecording(message)));
        }
    }
    Ok(Ok(body))
}
