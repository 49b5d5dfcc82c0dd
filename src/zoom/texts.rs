//! Reading transcripts, closed captions and chats, which are small enough to be held whole.

use reqwest::Response;

use super::client::Zoom;
use super::download::{CALL, Extent, Source, SourceError, check_type};
use crate::http::{Flow, Patience, RemoteError};

/// Far beyond a day of speech.
const LIMIT: usize = 16 * 1024 * 1024;
/// What every `WebVTT` file begins with (W3C).
const SIGNATURE: &str = "WEBVTT";

impl Zoom {
    /// The text of a `WebVTT` file of `bytes` bytes, where Zoom's list tells its size.
    pub async fn captions(&self, source: Source<'_>, bytes: Option<u64>) -> Result<String, SourceError> {
        let text = self.text(source, bytes, "the captions file").await?;
        if !text.starts_with(SIGNATURE) {
            let message = "the captions do not begin like a WebVTT file; look at them in Zoom's web portal";
            return Err(SourceError::NotTheRecording(message.to_owned()));
        }
        Ok(text)
    }

    /// The text of a chat of `bytes` bytes. Nothing but its size tells it from another text.
    pub async fn chat(&self, source: Source<'_>, bytes: Option<u64>) -> Result<String, SourceError> {
        let text = self.text(source, bytes, "the chat file").await?;
        if text.trim().is_empty() {
            return Err(SourceError::NotTheRecording("the chat file is empty".to_owned()));
        }
        Ok(text)
    }

    async fn text(&self, source: Source<'_>, bytes: Option<u64>, what: &str) -> Result<String, SourceError> {
        let body = self.served(source, Extent::default(), |response| read(response, self.clients.patience())).await?;
        let received = body.len() as u64;
        if let Some(bytes) = bytes.filter(|bytes| *bytes != received) {
            let message = format!("{what} has {received} bytes, Zoom's list says {bytes}");
            return Err(SourceError::NotTheRecording(message));
        }
        let text =
            String::from_utf8(body).map_err(|_| SourceError::NotTheRecording(format!("{what} is no UTF-8 text")))?;
        Ok(text.trim_start_matches('\u{FEFF}').to_owned())
    }
}

/// The whole body; inside, what it is instead of a text. A body that breaks is an error that may pass.
async fn read(response: Response, patience: Patience) -> Result<Result<Vec<u8>, SourceError>, RemoteError> {
    if let Err(error) = check_type(&response) {
        return Ok(Err(error));
    }
    let (mut flow, mut body) = (Flow::new(response, CALL, patience), Vec::new());
    while let Some(part) = flow.next().await {
        body.extend_from_slice(&part?);
        if body.len() > LIMIT {
            let message = format!("the text is longer than {LIMIT} bytes");
            return Ok(Err(SourceError::NotTheRecording(message)));
        }
    }
    Ok(Ok(body))
}
