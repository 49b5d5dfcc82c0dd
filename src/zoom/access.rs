//! What it takes to speak for a Zoom account.

use secrecy::SecretString;
use url::Url;

use super::download_hosts::DownloadHosts;
use super::limits::CallsPerSecond;

/// What the client needs to know.
#[derive(Debug)]
pub struct ZoomAccess {
    /// The account, client id and secret of a server-to-server OAuth app.
    pub account_id: String,
    /// See `account_id`.
    pub client_id: String,
    /// See `account_id`.
    pub client_secret: SecretString,
    /// Base address of the API, e.g. `https://api.zoom.us/v2`.
    pub api_url: Url,
    /// Where tokens are given out.
    pub oauth_url: Url,
    /// Where recordings lie.
    pub download_hosts: DownloadHosts,
    /// How many calls of the API are made in a second.
    pub calls_per_second: CallsPerSecond,
}
