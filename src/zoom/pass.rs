//! What lets somebody else fetch a recording file from Zoom.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::client::Zoom;
use super::source::{Source, SourceError};

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
