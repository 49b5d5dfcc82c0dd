//! What `[notify]` holds, checked and typed.

use std::path::PathBuf;

use secrecy::ExposeSecret;
use toml::Value;

use super::error::ConfigError;
use super::given::GivenValue;
use crate::remotes::http::SecretUrl;

/// Of an account's name in the name of a file.
const LONGEST_ACCOUNT: usize = 80;

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

    /// The path of a file of metrics, with `{account}` for the name of the account; `None` for an empty one.
    pub(super) fn metrics_file(&self, account: &str) -> Result<Option<PathBuf>, ConfigError> {
        let file = self.file()?.map(|file| file.to_string_lossy().replace("{account}", &fit_for_file(account)));
        if file.as_ref().is_some_and(|file| file.contains(['{', '}'])) {
            return Err(self.wrong("has a placeholder that is not {account}"));
        }
        let file = file.map(PathBuf::from);
        if file.as_ref().is_some_and(|file| file.extension().is_none_or(|extension| extension != "prom")) {
            return Err(self.wrong("must end in .prom: node_exporter reads no other file"));
        }
        Ok(file)
    }
}

/// As part of a file's name.
fn fit_for_file(account: &str) -> String {
    let fit = |c: char| if c.is_alphanumeric() || "_-.".contains(c) { c } else { '_' };
    let name: String = account.trim().chars().map(fit).take(LONGEST_ACCOUNT).collect();
    // a name that begins with a dot is hidden, and may be none
    if name.starts_with('.') { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::TestConfig;

    /// A case is a line: the name of the account, and the file of its metrics.
    #[test]
    fn metrics_files_are_named_for_accounts() {
        for (name, expected) in [
            ("Law", "/m/Law.prom"),
            ("Universität Wien", "/m/Universität_Wien.prom"),
            ("../../etc/x", "/m/_.._.._etc_x.prom"),
            ("a{account}b/c", "/m/a_account_b_c.prom"),
            ("..", "/m/_...prom"),
            ("", "/m/abc.prom"),
        ] {
            let set = [("name", format!("{name:?}")), ("notify.metrics_file", "\"/m/{account}.prom\"".to_owned())];
            let set: Vec<(&str, &str)> = set.iter().map(|(key, value)| (*key, value.as_str())).collect();
            let bench = TestConfig::with(&set).set("ZOOM2KALTURA_ZOOM_ACCOUNT_ID", "abc");
            let file = bench.load().settings.notify.metrics_file.expect("a file");
            assert_eq!(file.display().to_string(), expected, "{name}");
        }
        let fault = TestConfig::with(&[("notify.metrics_file", "\"/m/{acount}.prom\"")]).fault();
        assert!(fault.contains("placeholder that is not {account}"), "{fault}");
    }

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
