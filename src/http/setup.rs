//! What keeps this machine from speaking HTTP at all: a person has to set it up.

use crate::machine::RAISE_HANDLES;

/// One line each, without a password.
#[derive(Debug, thiserror::Error)]
pub enum SetupFault {
    /// No certificate is trusted, so that no https connection can be made.
    #[error(
        "this machine has no root certificates: install the package ca-certificates, or set SSL_CERT_FILE to a file with them{}",
        given_proxies()
    )]
    NoRoots,
    /// No file can be opened.
    #[error("{RAISE_HANDLES}")]
    NoHandles,
    /// A variable that names a proxy does not.
    #[error(
        "{variable} names no proxy: {why}; write http://host:port, with user:password@ before the host where it wants a login (percent-encode : / ? # @ in them), or unset it"
    )]
    Proxy {
        /// The environment variable. Its value may hold a password.
        variable: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A proxy of a kind that this program does not speak with is needed.
    #[error(
        "{variable} names a SOCKS proxy, which this program cannot use: set HTTPS_PROXY to an http:// proxy, or add the host {host} to NO_PROXY"
    )]
    Socks {
        /// The environment variable.
        variable: &'static str,
        /// Who is to be reached through it.
        host: String,
    },
    /// Anything else.
    #[error("no HTTP client can be made: {0}")]
    Other(String),
}

/// The variables that name other places than the system's (rustls-native-certs).
fn given_proxies() -> String {
    let set = |name: &&str| std::env::var_os(name).is_some();
    let given: Vec<_> = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter(set).collect();
    if given.is_empty() { String::new() } else { format!("; none was found where {} leads", given.join(" and ")) }
}
