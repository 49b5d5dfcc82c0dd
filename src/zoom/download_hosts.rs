//! Where the bearer token may go with a download.

/// Patterns of host names: `zoom.us` is that host alone, `*.zoom.us` any host below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadHosts(Vec<String>);

impl DownloadHosts {
    /// Takes the patterns; gives back the first that could match hosts of different owners, or none at all.
    pub fn new(patterns: &[String]) -> Result<DownloadHosts, String> {
        let sound = |pattern: &&String| {
            let name = pattern.strip_prefix("*.").unwrap_or(pattern);
            let labels_needed = if pattern.starts_with("*.") { 2 } else { 1 };
            name.split('.').count() >= labels_needed
                && name.split('.').all(|label| !label.is_empty())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.')
        };
        match patterns.iter().find(|pattern| !sound(pattern)) {
            Some(pattern) => Err(pattern.clone()),
            None => Ok(DownloadHosts(patterns.iter().map(|pattern| pattern.to_ascii_lowercase()).collect())),
        }
    }

    /// Whether `host` is one of them.
    pub(super) fn allows(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.0.iter().any(|pattern| match pattern.strip_prefix('*') {
            Some(ending) => host.ends_with(ending),
            None => host == *pattern,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::DownloadHosts;

    fn hosts(patterns: &[&str]) -> Result<DownloadHosts, String> {
        DownloadHosts::new(&patterns.iter().map(|&pattern| pattern.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn only_the_named_hosts_and_those_below_a_star_get_the_token() {
        let hosts = hosts(&["zoom.us", "*.zoom.us"]).expect("sound patterns");
        assert!(hosts.allows("zoom.us") && hosts.allows("us02web.ZOOM.us"));
        for stranger in ["evilzoom.us", "zoom.us.example.com", "us", ""] {
            assert!(!hosts.allows(stranger), "{stranger}");
        }
    }

    #[test]
    fn a_pattern_that_spans_owners_or_is_no_host_is_refused() {
        for bad in ["*", "*.us", "zoom.*", "https://zoom.us", "", "zoom..us"] {
            assert_eq!(hosts(&[bad]), Err(bad.to_owned()));
        }
    }
}
