//! Which proxy is used: what the environment says, as hyper-util reads it, but for what cannot be meant. A value that
//! names no proxy is a fault in place of no proxy, and a loopback address is never reached through one.
//!
//! What keeps this machine from speaking HTTP at all: a person has to set it up.

use std::env;

use reqwest::{ClientBuilder, NoProxy, Proxy};
use url::Url;

use super::address::is_loopback;
use crate::machine::RAISE_HANDLES;

/// Who is never behind a proxy.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";
/// What a proxy for https is named by; the first that is set counts, and then what follows in [`ALL`].
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
const NO: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The proxies of a run.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    http: Option<NamedProxy>,
    https: Option<NamedProxy>,
    no: String,
}

/// A proxy and the variable that names it.
#[derive(Clone)]
struct NamedProxy {
    variable: &'static str,
    url: Url,
}

impl std::fmt::Debug for NamedProxy {
    /// The address may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.variable)
    }
}

impl Proxies {
    /// Reads the environment.
    pub fn from_env() -> Result<Proxies, SetupFault> {
        Proxies::from(|name| env::var_os(name).map(|value| value.into_string().map_err(|_| ())))
    }

    fn from(given: impl Fn(&'static str) -> Option<Result<String, ()>>) -> Result<Proxies, SetupFault> {
        let first = |names: [&'static str; 2]| names.into_iter().find_map(|name| Some((name, given(name)?)));
        let named = |names| match first(names) {
            None => Ok(None),
            Some((variable, value)) => {
                let fault = |why: String| SetupFault::Proxy { variable, why };
                let value = value.map_err(|()| fault("it is not UTF-8".to_owned()))?;
                Ok(parse_proxy(&value).map_err(fault)?.map(|url| NamedProxy { variable, url }))
            }
        };
        let (http, https, all) = (named(HTTP)?, named(HTTPS)?, named(ALL)?);
        let no = first(NO).and_then(|(_, value)| value.ok()).unwrap_or_default();
        Ok(Proxies { http: http.or_else(|| all.clone()), https: https.or(all), no })
    }

    /// That one of these addresses is to be reached through a proxy that cannot be used.
    pub fn check<'a>(&self, addresses: impl IntoIterator<Item = &'a Url>) -> Result<(), SetupFault> {
        let Some(NamedProxy { variable, .. }) = self.https.as_ref().filter(|named| is_socks(&named.url)) else {
            return Ok(());
        };
        let no: Vec<_> = self.no.split(',').map(|part| part.trim().trim_start_matches('.')).collect();
        let is_exempt = |host: &str| no.iter().any(|part| !part.is_empty() && (*part == "*" || host.ends_with(part)));
        let needed = addresses.into_iter().filter(|url| !is_loopback(url)).filter_map(Url::host_str);
        match needed.into_iter().find(|host| !is_exempt(host)) {
            Some(host) => Err(SetupFault::Socks { variable, host: host.to_owned() }),
            None => Ok(()),
        }
    }

    /// A client that goes through them.
    pub(super) fn apply(&self, mut builder: ClientBuilder) -> reqwest::Result<ClientBuilder> {
        let no = || NoProxy::from_string(&format!("{},{LOOPBACK}", self.no));
        builder = builder.no_proxy();
        let usable = |named: &&NamedProxy| !is_socks(&named.url);
        if let Some(named) = self.http.as_ref().filter(usable) {
            builder = builder.proxy(Proxy::http(named.url.clone())?.no_proxy(no()));
        }
        if let Some(named) = self.https.as_ref().filter(usable) {
            builder = builder.proxy(Proxy::https(named.url.clone())?.no_proxy(no()));
        }
        Ok(builder)
    }
}

/// The variable that names the proxy for https, and the proxy without its login.
pub(super) fn in_use() -> String {
    match Proxies::from_env().ok().and_then(|proxies| proxies.https) {
        Some(NamedProxy { variable, url }) => {
            let port = url.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
            format!("the proxy {}{port}, named by {variable},", url.host_str().unwrap_or_default())
        }
        None => "a proxy on the way".to_owned(),
    }
}

/// What to do about a proxy that answers 407.
pub(super) fn wants_login() -> String {
    format!("{} wants a login (407); put it into the variable: http://user:password@host:port", in_use())
}

fn is_socks(url: &Url) -> bool {
    url.scheme().starts_with("socks")
}

/// `None` where it is empty, which means no proxy; else what is wrong with it, without repeating it.
fn parse_proxy(value: &str) -> Result<Option<Url>, String> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(None);
    }
    let text = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    let url = Url::parse(&text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" | "socks" | "socks4" | "socks4a" | "socks5" | "socks5h" => {}
        _ => return Err("it begins with neither http:// nor https://".to_owned()),
    }
    // the third slash would be passed over
    if url.host_str().is_none_or(str::is_empty) || text.contains(":///") {
        return Err("it names no host".to_owned());
    }
    // a "/", "?" or "#" in a password ends the host's part there
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err("something follows its host and port".to_owned());
    }
    Ok(Some(url))
}

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

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Proxies, SetupFault};

    fn of(given: &[(&'static str, &str)]) -> Result<Proxies, SetupFault> {
        Proxies::from(|name| given.iter().find(|(given, _)| *given == name).map(|(_, value)| Ok((*value).to_owned())))
    }

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    /// No password is repeated.
    #[test]
    fn bad_proxies_name_only_their_variable() {
        for value in [
            "http://user:s3cret@proxy:port",
            "http://user:s3cret#more@proxy:3128",
            "http://user:12/s3cret@proxy:3128",
            "http://user:12?s3cret@proxy:3128",
            "http://user:s3cret@",
            "http:///s3cret",
            "://s3cret",
            "ftp://user:s3cret@proxy:3128",
            "http://user:s3cret@pro xy:3128",
            "user:s3cret@proxy:99999",
            "http://user:s3cret@[::1:3128",
            "http://proxy/s3cret.pac",
        ] {
            for variable in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
                let fault = of(&[(variable, value)]).expect_err(value).to_string();
                assert!(fault.starts_with(variable) && !fault.contains("s3cret"), "{value}: {fault}");
            }
        }
    }

    /// Empty means none.
    #[test]
    fn proxies_have_any_spelling_or_none() {
        for value in [
            "http://proxy:3128",
            "http://proxy:3128/",
            "proxy:3128",
            "10.0.0.1:3128",
            "https://u:p@proxy",
            "http://u:p%40%23@proxy:8080",
            "http://[::1]:3128",
            " http://proxy:3128 ",
            "socks://127.0.0.1:1080/",
        ] {
            assert!(of(&[("https_proxy", value)]).expect(value).https.is_some(), "{value}");
        }
        for value in ["", " "] {
            assert!(of(&[("HTTPS_PROXY", value)]).expect(value).https.is_none());
        }
        // the first that is set counts, as in hyper-util
        let first = of(&[("HTTPS_PROXY", "one:1"), ("https_proxy", "two:2"), ("ALL_PROXY", "three:3")]);
        assert_eq!(first.expect("proxies").https.map(|named| named.variable), Some("HTTPS_PROXY"));
    }

    #[test]
    fn socks_is_refused_only_when_needed() {
        let (zoom, here) = (url("https://api.zoom.us/v2"), url("http://[::1]:8080"));
        let socks = of(&[("all_proxy", "socks5://127.0.0.1:1080")]).expect("a proxy");
        assert!(socks.check([&here]).is_ok());
        let fault = socks.check([&here, &zoom]).expect_err("a fault").to_string();
        assert!(fault.starts_with("all_proxy") && fault.contains("api.zoom.us"), "{fault}");
        let exempt = of(&[("all_proxy", "socks5://127.0.0.1:1080"), ("NO_PROXY", ".zoom.us")]).expect("a proxy");
        assert!(exempt.check([&zoom]).is_ok());
        let other = of(&[("all_proxy", "socks5://127.0.0.1:1080"), ("HTTPS_PROXY", "proxy:3128")]).expect("a proxy");
        assert!(other.check([&zoom]).is_ok());
    }
}
