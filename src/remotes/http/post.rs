//! Telling somebody by POST, at an address that is as good as a password: it shows in no message and no `Debug`.

use std::fmt;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use url::Url;

use super::clients::Clients;
use super::error::root_cause;
use super::is_private;

/// Such an address.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(Url);

impl SecretUrl {
    /// Reads one; else what is wrong with it, without repeating it.
    pub fn new(text: &str) -> Result<SecretUrl, String> {
        let wanted = "must be an address such as \"https://www.example.org/…\"";
        let url = Url::parse(text).map_err(|error| format!("{wanted}: {error}"))?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(format!("{wanted}: it names no host"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err("must have no user name, password or fragment".to_owned());
        }
        if !is_private(&url) {
            return Err("must be https (http only for this machine)".to_owned());
        }
        Ok(SecretUrl(url))
    }

    /// The same with a further segment of the path, where there is one, and a further pair in the query.
    #[must_use]
    pub fn with(&self, segment: Option<&str>, name: &str, value: &str) -> SecretUrl {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segment);
        }
        url.query_pairs_mut().append_pair(name, value);
        SecretUrl(url)
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Clients {
    /// Sends `body` and tells the status of the answer, or why there is none. No redirect is followed, nothing is
    /// repeated, and no credential goes along.
    pub async fn post(
        &self,
        to: &SecretUrl,
        content_type: &'static str,
        body: String,
        limit: Duration,
    ) -> Result<u16, String> {
        let request = self.control.post(to.0.clone()).header(CONTENT_TYPE, content_type).body(body).timeout(limit);
        match request.send().await.map_err(reqwest::Error::without_url) {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) if error.is_timeout() => Err(format!("no answer within {} s", limit.as_secs_f64())),
            Err(error) if error.is_connect() => Err(format!("it cannot be reached: {}", root_cause(&error))),
            Err(error) => Err(format!("the connection broke: {}", root_cause(&error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SecretUrl;

    #[test]
    fn pings_extend_address_and_keep_query() {
        let to =
            |text: &str, segment| SecretUrl::new(text).expect("an address").with(segment, "rid", "7").0.to_string();
        assert_eq!(to("https://ping.example.org/abc", Some("start")), "https://ping.example.org/abc/start?rid=7");
        assert_eq!(to("https://ping.example.org/abc/", None), "https://ping.example.org/abc?rid=7");
        assert_eq!(
            to("https://ping.example.org/k/s?create=1", Some("fail")),
            "https://ping.example.org/k/s/fail?create=1&rid=7"
        );
    }

    #[test]
    fn address_faults_never_show_the_address() {
        for text in
            ["s3cret", "http://ping.example.org/s3cret", "https://u:s3cret@ping.example.org", "https://a/b#s3cret"]
        {
            let why = SecretUrl::new(text).expect_err("a fault");
            assert!(!why.contains("s3cret") && why.starts_with("must "), "{why}");
        }
        assert_eq!(format!("{:?}", SecretUrl::new("http://127.0.0.1/s3cret").expect("for this machine")), "…");
    }
}
