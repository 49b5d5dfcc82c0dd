//! What `[notify]` holds, checked and typed.

use std::path::PathBuf;

use secrecy::ExposeSecret;
use toml::Value;

use super::error::ConfigError;
use super::given::GivenValue;
use crate::remotes::http::SecretUrl;

impl GivenValue {
    /// An address that is as good as a secret; `None` for an empty one.
    pub(super) fn secret_url(&self) -> Result<Option<SecretUrl>, ConfigError> {
        match self.secret()?.expose_secret() {
            "" => Ok(None),
            text => SecretUrl::new(text).map(Some).map_err(|why| self.wrong(why)),
        }
    }

    /// A program and its arguments.
    pub(super) fn program(&self) -> Result<Vec<String>, ConfigError> {
        match self.plain()? {
            Value::String(text) => shlex::split(text).ok_or_else(|| self.wrong("has an unmatched quotation mark")),
            // one of the arguments may be a password
            Value::Array(_) => {
                self.texts().map_err(|_| self.wrong(format!("must be {}", self.key.kind.describe_wanted())))
            }
            _ => self.texts(),
        }
    }

    /// The path of a file of metrics; `None` for an empty one.
    pub(super) fn metrics_file(&self) -> Result<Option<PathBuf>, ConfigError> {
        let file = self.file()?;
        if file.as_ref().is_some_and(|file| file.extension().is_none_or(|extension| extension != "prom")) {
            return Err(self.wrong("must end in .prom: node_exporter reads no other file"));
        }
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::TestConfig;

    /// Text is split as a shell would.
    #[test]
    fn a_command_is_text_or_list() {
        let command =
            |literal| TestConfig::with(&[("notify.command", literal)]).load().settings.notify.receivers.command;
        assert_eq!(command(r#""tell --to 'physics team' $HOME""#), ["tell", "--to", "physics team", "$HOME"]);
        assert_eq!(command(r#"["tell", "a b"]"#), ["tell", "a b"]);
        assert!(command(r#""""#).is_empty());
        let fault = TestConfig::with(&[("notify.command", r#"["tell", "--token", "hunter2", 7]"#)]).fault();
        assert!(fault.contains("must be a program and its arguments") && !fault.contains("hunter2"), "{fault}");
        let bench = TestConfig::with(&[]).set("ZOOM2KALTURA_NOTIFY_COMMAND", "['tell', 'a,b']");
        assert_eq!(bench.load().settings.notify.receivers.command, ["tell", "a,b"]);
    }

    /// They stand in the file or are given as a secret is, and never show.
    #[test]
    fn callback_addresses_may_be_secret() {
        let plain = TestConfig::with(&[("notify.ping_url", "\"https://ping.example.org/s3cret\"")]);
        assert_eq!(plain.entry("notify.ping_url"), ("\"…\"".into(), "zoom2kaltura.toml".into()));
        let file = TestConfig::with(&[("notify.ping_url_file", "\"ping\"")]);
        file.write("ping", "https://ping.example.org/s3cret\n", 0o600);
        assert_eq!(file.entry("notify.ping_url"), ("\"…\"".into(), "file ping".into()));
        file.write("ping", "https://ping.example.org/s3cret\n", 0o644);
        assert!(file.fault().contains("can be read by others"));
        let variable = plain.set("ZOOM2KALTURA_NOTIFY_PING_URL", "https://ping.example.org/other");
        let name = "environment ZOOM2KALTURA_NOTIFY_PING_URL";
        assert_eq!(variable.entry("notify.ping_url"), ("\"…\"".into(), name.into()));
        let off = variable.set("ZOOM2KALTURA_NOTIFY_PING_URL", "");
        assert_eq!(off.entry("notify.ping_url"), ("\"\"".into(), name.into()));
        assert!(off.load().settings.notify.ping_url.is_none());
        let printed = format!("{:?}", off.load().settings.notify);
        assert!(!printed.contains("s3cret"), "{printed}");
    }
}
