//! What was given, checked and typed.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use regex::Regex;
use secrecy::SecretString;
use toml::Value;
use url::Url;

use super::error::ConfigError;
use super::given::{Content, GivenValue};
use super::key::{ValueKind, show_value};
use super::parsing::{parse_duration, parse_instant, parse_pattern, parse_rate};
use crate::model::{InstallationId, Template, find_language, one_line};
use crate::owners::{Candidate, Domains};
use crate::remotes::http::is_private;
use crate::remotes::zoom::DownloadHosts;

impl GivenValue {
    /// A text that says something.
    pub(super) fn text(&self) -> Result<String, ConfigError> {
        let text = self.plain()?.as_str().filter(|text| says_something(text));
        text.map(str::to_owned).ok_or_else(|| self.unfit())
    }

    /// A language, as Kaltura spells it.
    pub(super) fn language(&self) -> Result<String, ConfigError> {
        find_language(&self.text()?).map(str::to_owned).map_err(|why| self.wrong(why))
    }

    /// The id of a Kaltura user who appears in entries: one that is not ASCII makes of each an entry that can never be
    /// changed again (facts-kaltura.md#k41).
    pub(super) fn ascii_id(&self) -> Result<String, ConfigError> {
        let text = self.text()?;
        if text.is_ascii() {
            return Ok(text);
        }
        Err(self.wrong(format!(
            "must be the id of a Kaltura user in ASCII letters, digits and signs, not {}: Kaltura can never change or delete an entry with any other id",
            self.given()
        )))
    }

    /// One of the key's words.
    pub(super) fn choice(&self) -> Result<&'static str, ConfigError> {
        let ValueKind::Choice(words) = self.key.kind else { return Err(self.unfit()) };
        let text = self.plain()?.as_str().unwrap_or_default();
        words.iter().find(|word| **word == text).copied().ok_or_else(|| self.unfit())
    }

    /// A text with placeholders.
    pub(super) fn template(&self) -> Result<Template, ConfigError> {
        self.placeholders(&self.text()?)
    }

    /// Texts with placeholders.
    pub(super) fn templates(&self) -> Result<Vec<Template>, ConfigError> {
        self.texts()?.iter().map(|text| self.placeholders(text)).collect()
    }

    /// A text of several lines with placeholders; `None` for an empty one.
    pub(super) fn lines(&self) -> Result<Option<Template>, ConfigError> {
        let text = self.plain()?.as_str().ok_or_else(|| self.unfit())?;
        let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        match text.trim() {
            "" => Ok(None),
            text if text.contains(is_odd) => Err(self.unfit()),
            text => self.placeholders(text).map(Some),
        }
    }

    fn placeholders(&self, text: &str) -> Result<Template, ConfigError> {
        Template::new(text).map_err(|unknown| {
            let unknown = one_line(&unknown);
            self.wrong(format!(
                "contains {{{unknown}}}, which is not a field; the fields are {{topic}}, {{date}}, {{time}}, {{host}}, {{meeting_id}}, {{segment}}"
            ))
        })
    }

    /// A time zone by the name in the IANA database.
    pub(super) fn time_zone(&self) -> Result<Tz, ConfigError> {
        let wanted = "must be the name of a time zone such as \"America/Los_Angeles\" or \"UTC\"";
        self.text()?.parse().map_err(|_| self.wrong(format!("{wanted}, not {}", self.given())))
    }

    /// The path of a folder.
    pub(super) fn folder(&self) -> Result<PathBuf, ConfigError> {
        self.text().map(PathBuf::from)
    }

    /// The path of a file; `None` for an empty one.
    pub(super) fn file(&self) -> Result<Option<PathBuf>, ConfigError> {
        let text = self.plain()?.as_str().ok_or_else(|| self.unfit())?;
        if text.trim().is_empty() { Ok(None) } else { self.folder().map(Some) }
    }

    /// A text that says something; `None` for an empty one.
    pub(super) fn name(&self) -> Result<Option<String>, ConfigError> {
        let text = self.plain()?.as_str().ok_or_else(|| self.unfit())?;
        if text.trim().is_empty() { Ok(None) } else { self.text().map(Some) }
    }

    /// The id of an installation; `None` for an empty one.
    pub(super) fn installation(&self) -> Result<Option<InstallationId>, ConfigError> {
        let wrong = || self.wrong(format!("must be 8 hexadecimal digits, or \"\" for none, not {}", self.given()));
        self.name()?.map(|text| InstallationId::new(text.trim()).ok_or_else(wrong)).transpose()
    }

    /// The address of an entry, with `{entry_id}` for its id; empty for none.
    pub(super) fn link(&self) -> Result<String, ConfigError> {
        let text = self.plain()?.as_str().map(str::trim).ok_or_else(|| self.unfit())?;
        if text.is_empty() || (text.contains("{entry_id}") && text.starts_with("http") && says_something(text)) {
            return Ok(text.to_owned());
        }
        Err(self
            .wrong(format!("must be an address that contains {{entry_id}}, or \"\" for none, not {}", self.given())))
    }

    /// Kaltura user ids to try, spelt with placeholders.
    pub(super) fn candidates(&self) -> Result<Vec<Candidate>, ConfigError> {
        let candidate = |text: &String| {
            Candidate::new(text).map_err(|why| self.wrong(format!("{}: {}", shown_text(text), one_line(&why))))
        };
        self.texts()?.iter().map(candidate).collect()
    }

    /// Domains of addresses.
    pub(super) fn domains(&self) -> Result<Domains, ConfigError> {
        Domains::new(&self.texts()?)
            .map_err(|(text, why)| self.wrong(format!("contains {}, which {why}", shown_text(&text))))
    }

    /// True or false.
    pub(super) fn flag(&self) -> Result<bool, ConfigError> {
        self.plain()?.as_bool().ok_or_else(|| self.unfit())
    }

    /// A whole number within the key's bounds.
    pub(super) fn whole<T: TryFrom<i64>>(&self) -> Result<T, ConfigError> {
        let ValueKind::Whole(least, most) = self.key.kind else { return Err(self.unfit()) };
        let number = self.plain()?.as_integer().filter(|number| (least..=most).contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| self.unfit())
    }

    /// A number of things, at least one.
    pub(super) fn count(&self) -> Result<NonZeroU32, ConfigError> {
        NonZeroU32::new(self.whole()?).ok_or_else(|| self.unfit())
    }

    /// A duration within the key's bounds.
    pub(super) fn span(&self) -> Result<TimeDelta, ConfigError> {
        let (ValueKind::Span(least, most) | ValueKind::SpanOrNever(least, most)) = self.key.kind else {
            return Err(self.unfit());
        };
        let span = self.plain()?.as_str().and_then(parse_duration);
        span.filter(|span| parse_duration(least) <= Some(*span) && Some(*span) <= parse_duration(most))
            .ok_or_else(|| self.unfit())
    }

    /// The same; `None` for "never".
    pub(super) fn span_or_never(&self) -> Result<Option<TimeDelta>, ConfigError> {
        if self.plain()?.as_str() == Some("never") { Ok(None) } else { self.span().map(Some) }
    }

    /// The same for timers, which know nothing below zero.
    pub(super) fn timer(&self) -> Result<Duration, ConfigError> {
        self.span()?.to_std().map_err(|_| self.unfit())
    }

    /// Bytes a second; `None` for no limit.
    pub(super) fn rate(&self) -> Result<Option<u64>, ConfigError> {
        let text = self.plain()?.as_str().map(str::trim).ok_or_else(|| self.unfit())?;
        if text.is_empty() { Ok(None) } else { parse_rate(text).map(Some).ok_or_else(|| self.unfit()) }
    }

    /// A point in time, as text or as TOML's own kind of date.
    pub(super) fn instant(&self) -> Result<DateTime<Utc>, ConfigError> {
        let text = match self.plain()? {
            Value::String(text) => text.trim().to_owned(),
            Value::Datetime(date) => date.to_string(),
            _ => return Err(self.unfit()),
        };
        parse_instant(&text).ok_or_else(|| self.unfit())
    }

    /// Texts that say something.
    pub(super) fn texts(&self) -> Result<Vec<String>, ConfigError> {
        let list = self.plain()?.as_array().ok_or_else(|| self.unfit())?;
        let text = |value: &Value| value.as_str().map(str::trim).filter(|text| says_something(text)).map(str::to_owned);
        list.iter().map(text).collect::<Option<_>>().ok_or_else(|| self.unfit())
    }

    /// Some of the key's words, each once.
    pub(super) fn words(&self) -> Result<Vec<&'static str>, ConfigError> {
        let ValueKind::Words(words) = self.key.kind else { return Err(self.unfit()) };
        let given = self.texts()?;
        if given.iter().any(|given| !words.contains(&given.as_str())) {
            return Err(self.unfit());
        }
        Ok(words.iter().copied().filter(|word| given.iter().any(|given| given == word)).collect())
    }

    /// Host names; without any, nothing could be downloaded.
    pub(super) fn hosts(&self) -> Result<DownloadHosts, ConfigError> {
        let names = self.texts()?;
        if names.is_empty() {
            return Err(self.unfit());
        }
        DownloadHosts::new(&names).map_err(|name| {
            self.wrong(format!("must be {}; {:?} is not one", self.key.kind.describe_wanted(), one_line(&name)))
        })
    }

    /// Patterns, none of them empty: that one would exclude everything.
    pub(super) fn patterns(&self) -> Result<Vec<Regex>, ConfigError> {
        let list = self.plain()?.as_array().ok_or_else(|| self.unfit())?;
        list.iter().map(|value| self.pattern(value)).collect()
    }

    fn pattern(&self, value: &Value) -> Result<Regex, ConfigError> {
        let text = value.as_str().ok_or_else(|| self.unfit())?;
        if text.is_empty() {
            return Err(self.wrong("contains an empty pattern, which would match every topic: remove it"));
        }
        parse_pattern(text).map_err(|fault| {
            self.wrong(format!("contains the pattern {}, which is {}", show_value(value), one_line(&fault)))
        })
    }

    /// An address that a secret may be sent to. What is refused is not repeated: it may hold a password.
    pub(super) fn url(&self) -> Result<Url, ConfigError> {
        let text = self.text()?;
        let wanted = self.key.kind.describe_wanted();
        let url = Url::parse(&text).map_err(|error| self.wrong(format!("must be {wanted}: {error}")))?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(self.wrong("must have no user name, password, query or fragment"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(self.wrong(format!("must be {wanted}: it names no host")));
        }
        if !is_private(&url) {
            return Err(self.wrong("must be https (http only for this machine)"));
        }
        Ok(url)
    }

    /// A secret.
    pub(super) fn secret(&self) -> Result<SecretString, ConfigError> {
        match &self.content {
            Content::Secret(secret) => Ok(secret.clone()),
            Content::Plain(_) => Err(self.unfit()),
        }
    }

    /// The error for this key, with where its value comes from.
    pub(super) fn wrong(&self, why: impl Into<String>) -> ConfigError {
        ConfigError::value(self.key.name, &self.origin, why)
    }

    fn unfit(&self) -> ConfigError {
        let wanted = self.key.kind.describe_wanted();
        self.wrong(match &self.content {
            Content::Plain(value) => format!("must be {wanted}, not {}", show_value(value)),
            Content::Secret(_) => format!("must be {wanted}"),
        })
    }

    pub(super) fn given(&self) -> String {
        self.plain().map(show_value).unwrap_or_default()
    }

    pub(super) fn plain(&self) -> Result<&Value, ConfigError> {
        match &self.content {
            Content::Plain(value) => Ok(value),
            Content::Secret(_) => Err(self.unfit()),
        }
    }
}

fn shown_text(text: &str) -> String {
    show_value(&Value::String(text.to_owned()))
}

fn says_something(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use crate::config::testing::TestConfig;

    /// Key, value, and what the message must hold beside the key and the file.
    const BAD: &[(&str, &str, &str)] = &[
        ("state_dir", "\"\"", "must be the path of a folder, not \"\""),
        ("zoom.account_id", "\" \"", "must be a text of one line that is not empty, not \"\""),
        ("zoom.account_id", "\"a\\nb\"", "must be a text"),
        ("zoom.client_id", "7", "not 7"),
        ("zoom.api_url", "\"api.zoom.us\"", "relative URL without a base"),
        ("zoom.api_url", "\"data:x\"", "names no host"),
        ("zoom.api_url", "\"http://api.zoom.us\"", "must be https (http only for this machine)"),
        ("zoom.api_url", "\"ftp://api.zoom.us\"", "must be https"),
        ("zoom.oauth_url", "\"https://u:s3cret@zoom.us\"", "must have no user name, password"),
        ("zoom.oauth_url", "\"https://zoom.us?a=s3cret\"", "query"),
        ("kaltura.url", "\"https://k.example.edu/#a\"", "fragment"),
        ("kaltura.url", "\"\"", "must be an address"),
        (
            "copy.attachments",
            "[\"chats\"]",
            "must be a list of any of \"chat\", \"summary\", \"poll\", \"timeline\", or [] for none",
        ),
        ("copy.attachments", "\"chat\"", "must be a list of any of"),
        ("zoom.download_hosts", "[\"zoom.us\", \"*\"]", "\"*\" is not one"),
        ("zoom.download_hosts", "[]", "must be a list of host names"),
        ("zoom.light_per_second", "0", "from 1 to 10000, not 0"),
        ("kaltura.partner_id", "\"102\"", "must be a whole number from 1 up, not \"102\""),
        ("kaltura.partner_id", "0", "from 1 up, not 0"),
        ("kaltura.entry_link", "\"https://video.example.edu\"", "must be an address that contains {entry_id}"),
        ("kaltura.conversion_profile_id", "-1", "from 0 up, not -1"),
        ("sync.go_live", "\"next week\"", "must be an instant such as"),
        ("sync.go_live", "2026-09-01T08:00:00", "not 2026-09-01T08:00:00"),
        ("sync.lookback", "7", "must be a duration such as \"90s\""),
        ("sync.lookback", "\"23h\"", "from \"1d\" to \"400d\", not \"23h\""),
        ("sync.rescan", "\"401d\"", "from \"1d\" to \"400d\", not \"401d\""),
        ("sync.rescan", "\"6d\"", "makes sync.rescan shorter than sync.lookback"),
        ("sync.lookback", "\"63d\"", "makes sync.rescan shorter than sync.lookback"),
        ("sync.parallel", "\"four\"", "must be a whole number from 1 to 64, not \"four\""),
        ("sync.parallel", "65", "not 65"),
        ("sync.parallel", "0", "not 0"),
        ("sync.parallel", "4.0", "not 4.0"),
        ("sync.parallel", "{ a = 1 }", "not a section"),
        ("sync.chunk_mib", "1025", "from 1 to 1024"),
        ("sync.bandwidth", "\"200MB\"", "must be a bandwidth such as \"200MB/s\""),
        ("sync.max_attempts", "0", "from 1 to"),
        ("sync.retry_after", "\"soon\"", "not \"soon\""),
        ("http.retries", "21", "from 0 to 20"),
        ("http.retry_wait", "\"-1s\"", "must be a duration"),
        ("http.connect_timeout", "\"0s\"", "from \"1ms\""),
        ("http.stall_after", "\"0s\"", "from \"1ms\""),
        ("http.settle", "30", "must be a duration"),
        ("owner.holding_user", "\"\"", "must be a text of one line that is not empty"),
        ("owner.holding_user", "\"zoom-wäisen\"", "must be the id of a Kaltura user in ASCII letters"),
        ("kaltura.service_user", "\"zöm\"", "must be the id of a Kaltura user in ASCII letters"),
        (
            "owner.candidates",
            "[\"{mail}\"]",
            "\"{mail}\": contains {mail}, which is not a field; the fields are {email}, {localpart}, {domain}, {employee_unique_id}",
        ),
        ("owner.candidates", "[\"lectures\"]", "\"lectures\": does not depend on the host"),
        (
            "owner.domains",
            "[\"*.example\"]",
            "contains \"*.example\", which is a domain that many institutions share: name your own",
        ),
        ("owner.domains", "[\"ada@uni.example\"]", "contains \"ada@uni.example\", which is not a domain such as"),
        ("owner.aliases", "7", "must be the path of a file, or \"\" for none, not 7"),
        ("filter.opt_out_groups", "\"staff\"", "must be a list of texts"),
        ("purge.max_orphan_percent", "101", "from 0 to 100, not 101"),
        ("zoom_trash.after", "\"soon\"", "from \"1d\" to \"400d\", or \"never\", not \"soon\""),
        ("zoom_trash.after", "\"0s\"", "not \"0s\""),
        ("zoom_trash.after", "\"62d\"", "reaches beyond what sync.rescan lists"),
        ("zoom_trash.max_files", "-1", "from 0 up, not -1"),
        ("filter.meetings", "\"yes\"", "must be true or false, not \"yes\""),
        ("filter.webinars", "1", "must be true or false"),
        ("filter.min_duration", "true", "must be a duration"),
        (
            "filter.exclude_topics",
            "['(abc']",
            "contains the pattern \"(abc\", which is malformed at character 1: unclosed group",
        ),
        ("filter.exclude_topics", "['a\\p{Nope}']", "which is malformed at character 2: Unicode property not found"),
        ("filter.exclude_topics", "['']", "empty pattern"),
        ("filter.exclude_topics", "['ok', \"exam \\n(mid\"]", "which is malformed at character 7: unclosed group"),
        ("filter.exclude_topics", "'private'", "must be a list of patterns"),
        ("filter.exclude_recording_types", "'gallery_view'", "must be a list of texts"),
        ("filter.exclude_recording_types", "['gallery_view', '']", "must be a list of texts that are not empty"),
        ("copy.views", "\"some\"", "must be \"all\" or \"best\", not \"some\""),
        ("copy.audio", "true", "must be \"always\" or \"if-no-video\" or \"never\", not true"),
        ("copy.view_order", "\"shared_screen\"", "must be a list of texts"),
        ("copy.caption_language", "\"de\"", "no language that Kaltura knows; did you mean \"German\"?"),
        (
            "copy.title",
            "\"{topic} {subject}\"",
            "contains {subject}, which is not a field; the fields are {topic}, {date}",
        ),
        ("copy.description", "7", "must be a text, or \"\" for none, not 7"),
        (
            "copy.description",
            "\"\"\"a\n{course}\"\"\"",
            "contains {course}, which is not a field; the fields are {topic}",
        ),
        ("copy.description", "\"a\\u0007b\"", "must be a text"),
        ("copy.tags", "[\"{course}\"]", "contains {course}"),
        ("copy.time_zone", "\"Berkeley\"", "such as \"America/Los_Angeles\" or \"UTC\", not \"Berkeley\""),
        ("copy.tags", "[\"\"]", "must be a list of texts"),
        ("copy.tags", "\"zoom\"", "must be a list of texts"),
        ("notify.metrics_file", "\"/var/lib/metrics.txt\"", "must end in .prom"),
        ("notify.ping_url", "\"http://ping.example.org/s3cret\"", "must be https (http only for this machine)"),
        ("notify.webhook_url", "[\"s3cret\"]", "must be an address such as"),
        ("notify.command", "\"tell 'me\"", "has an unmatched quotation mark"),
        ("notify.command", "7", "must be a program and its arguments"),
        ("notify.recordings", "\"some\"", "must be \"none\" or \"orphans\" or \"all\""),
    ];

    /// One line for each, with the key and the file.
    #[test]
    fn a_bad_value_names_its_key() {
        for (key, literal, said) in BAD {
            let fault = TestConfig::with(&[(key, literal)]).fault();
            assert!(fault.starts_with(&format!("{key} in zoom2kaltura.toml ")), "{key} = {literal}: {fault}");
            assert!(fault.contains(said), "{key} = {literal}: {fault}");
        }
    }

    #[test]
    fn bad_environment_values_name_the_variable() {
        let fault = TestConfig::with(&[]).set("ZOOM2KALTURA_FILTER_MEETINGS", "yes").fault();
        let place = "filter.meetings in environment ZOOM2KALTURA_FILTER_MEETINGS";
        assert_eq!(fault, format!("{place} must be true or false, not \"yes\""));
    }

    /// As text or as a TOML date.
    #[test]
    fn go_live_takes_instant_or_day() {
        let go_live =
            |literal| TestConfig::with(&[("sync.go_live", literal)]).load().settings.sync.go_live.to_rfc3339();
        let morning = "2021-01-06T16:00:00+00:00";
        assert_eq!(go_live("\"2021-01-06T08:00:00-08:00\""), morning);
        assert_eq!(go_live("2021-01-06T08:00:00-08:00"), morning);
        assert_eq!(go_live("2021-01-06 16:00:00Z"), morning);
        assert_eq!(go_live("\"2026-11-23\""), "2026-11-23T00:00:00+00:00");
        assert_eq!(go_live("2026-11-23"), "2026-11-23T00:00:00+00:00");
    }

    #[test]
    fn http_is_accepted_for_this_machine() {
        TestConfig::with(&[("kaltura.url", "\"http://127.0.0.1:8080\""), ("zoom.api_url", "\"http://[::1]/v2\"")])
            .load();
    }
}
