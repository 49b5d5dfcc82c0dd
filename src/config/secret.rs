//! Secrets: never a flag, never in the configuration file, never in a file that others can read.

use std::fs::File;
use std::io;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use toml::Value;

use super::document::Document;
use super::error::{ConfigError, Origin, io_reason, shown_path};
use super::key::{Key, ValueKind, show_value};
use super::sources::Sources;
use crate::owners::people::trust::{FileUse, Ownership, Trust, check_trust};

/// Looks in the environment, then in the file that is named for it, then among systemd's credentials.
pub(super) fn find_secret(
    key: &Key,
    sources: &Sources,
    document: &Document,
) -> Result<Option<(SecretString, Origin)>, ConfigError> {
    if document.value_at(key.name).is_some() {
        return Err(ConfigError::value(key.name, &document.origin(), mode_advice(key)));
    }
    if let Some(text) = sources.variable(key.name, &key.variable())? {
        return trim_secret(key, text, Origin::Variable(key.variable())).map(Some);
    }
    if let Some(path) = named_file(key, sources, document)? {
        return from_file(key, path, sources.user).map(Some);
    }
    from_credential(key, sources)
}

/// Finds an address that is as good as a secret in the same places, and in the configuration file itself; empty for none.
pub(super) fn find_address(
    key: &Key,
    sources: &Sources,
    document: &Document,
) -> Result<(SecretString, Origin), ConfigError> {
    if let Some(text) = sources.variable(key.name, &key.variable())? {
        return Ok((SecretString::from(text.trim()), Origin::Variable(key.variable())));
    }
    if let Some(path) = named_file(key, sources, document)? {
        return from_file(key, path, sources.user);
    }
    match document.value_at(key.name) {
        Some(Value::String(text)) => Ok((SecretString::from(text.trim()), document.origin())),
        Some(_) => {
            Err(ConfigError::value(key.name, &document.origin(), format!("must be {}", key.kind.describe_wanted())))
        }
        None => Ok(from_credential(key, sources)?.unwrap_or((SecretString::from(""), Origin::Default))),
    }
}

/// How this secret can be given.
pub(super) fn secret_ways(key: &Key) -> String {
    format!("{}_file, or {}", key.short_name(), key.variable())
}

fn mode_advice(key: &Key) -> String {
    let name = key.short_name();
    format!(
        "must not be in this file: put it alone into a file of mode 600 and name that file as {name}_file, or set {}",
        key.variable()
    )
}

fn named_file(key: &Key, sources: &Sources, document: &Document) -> Result<Option<PathBuf>, ConfigError> {
    let name = format!("{}_file", key.name);
    let variable = format!("{}_FILE", key.variable());
    let (text, base, origin) = match (sources.variable(&name, &variable)?, document.value_at(&name)) {
        (Some(text), _) => (text, sources.working_folder.as_path(), Origin::Variable(variable)),
        (None, Some(Value::String(text))) => (text.as_str(), document.folder(), document.origin()),
        (None, Some(other)) => {
            let why = format!("must be {}, not {}", ValueKind::Secret.describe_wanted(), show_value(other));
            return Err(ConfigError::value(&name, &document.origin(), why));
        }
        (None, None) => return Ok(None),
    };
    if text.trim().is_empty() {
        return Err(ConfigError::value(&name, &origin, "is empty: it must be the path of a file"));
    }
    Ok(Some(base.join(text)))
}

fn from_file(key: &Key, path: PathBuf, user: u32) -> Result<(SecretString, Origin), ConfigError> {
    let text = read_private(&path, user);
    let origin = Origin::File(path);
    let text = text.map_err(|why| ConfigError::value(key.name, &origin, why))?;
    trim_secret(key, &text, origin)
}

/// Looks at the rights of what was opened, not of what the path may lead to a moment later.
fn read_private(path: &Path, user: u32) -> Result<String, String> {
    let unreadable = |error: io::Error| format!("cannot be read: {}", io_reason(&error));
    let file = File::open(path).map_err(unreadable)?;
    let found = Ownership::of(path, &file.metadata().map_err(unreadable)?);
    if found.mode & 0o077 != 0 {
        return Err(format!("can be read by others: run chmod 600 {}", shown_path(path)));
    }
    if let Trust::Refused(why) = check_trust(found, FileUse::Decisive, user) {
        return Err(why);
    }
    read_text(file).map_err(unreadable)
}

fn read_text(mut file: File) -> io::Result<String> {
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text)
}

/// systemd sees to who can read these.
fn from_credential(key: &Key, sources: &Sources) -> Result<Option<(SecretString, Origin)>, ConfigError> {
    let Some(folder) = sources.credentials() else { return Ok(None) };
    for name in [key.name.replace('.', "_"), key.short_name().to_owned()] {
        let origin = Origin::Credential(name.clone());
        match File::open(folder.join(name)).and_then(read_text) {
            Ok(text) => return trim_secret(key, &text, origin).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(ConfigError::value(key.name, &origin, format!("cannot be read: {}", io_reason(&error))));
            }
        }
    }
    Ok(None)
}

/// Editors end a file with a line break, which is no part of the secret; one inside means it is something else.
fn trim_secret(key: &Key, text: &str, origin: Origin) -> Result<(SecretString, Origin), ConfigError> {
    let text = text.trim_end();
    if text.is_empty() {
        return Err(ConfigError::value(key.name, &origin, "is empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(ConfigError::value(
            key.name,
            &origin,
            "contains a line break: it must contain only the secret itself",
        ));
    }
    Ok((SecretString::from(text), origin))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use crate::config::testing::{TestConfig, ZOOM_VARIABLE};

    const FILE_KEY: &str = "zoom.client_secret_file";

    fn secret(bench: &TestConfig) -> String {
        bench.load().settings.zoom.client_secret.expose_secret().to_owned()
    }

    fn source(bench: &TestConfig) -> String {
        bench.entry("zoom.client_secret").1
    }

    #[test]
    fn environment_beats_file_beats_credential() {
        let bench = TestConfig::with(&[(FILE_KEY, "\"a\"")]);
        let folder = bench.path("");
        let mut bench = bench.set("CREDENTIALS_DIRECTORY", folder).set(ZOOM_VARIABLE, "from variable");
        assert_eq!((secret(&bench), source(&bench)), ("from variable".into(), format!("environment {ZOOM_VARIABLE}")));
        bench.write("a", "from file\r\n\n", 0o600);
        bench = bench.without_secret();
        assert_eq!((secret(&bench), source(&bench)), ("from file".into(), "file a".into()));
        bench.write("b", "from other file", 0o400);
        bench = bench.set("ZOOM2KALTURA_ZOOM_CLIENT_SECRET_FILE", "b");
        assert_eq!((secret(&bench), source(&bench)), ("from other file".into(), "file b".into()));
    }

    /// The long and the bare one, no matter who can read it.
    #[test]
    fn a_credential_has_two_names() {
        let bench = TestConfig::with(&[]).without_secret();
        let folder = bench.path("");
        let bench = bench.set("CREDENTIALS_DIRECTORY", folder);
        bench.write("client_secret", "bare\n", 0o444);
        assert_eq!((secret(&bench), source(&bench)), ("bare".into(), "credential client_secret".into()));
        bench.write("zoom_client_secret", "long", 0o444);
        assert_eq!((secret(&bench), source(&bench)), ("long".into(), "credential zoom_client_secret".into()));
    }

    #[test]
    fn secret_files_others_read_are_refused() {
        let bench = TestConfig::with(&[(FILE_KEY, "\"a\"")]).without_secret();
        for mode in [0o644, 0o640, 0o604, 0o620, 0o601] {
            bench.write("a", "s3cret", mode);
            let fault = bench.fault();
            assert_eq!(fault, "zoom.client_secret in file a can be read by others: run chmod 600 a", "{mode:o}");
        }
    }

    #[test]
    fn inline_secrets_are_refused_with_advice() {
        let fault = TestConfig::with(&[("zoom.client_secret", "\"s3cret\"")]).fault();
        assert!(
            fault.starts_with("zoom.client_secret in zoom2kaltura.toml must not be in this file: put it"),
            "{fault}"
        );
        assert!(fault.contains("client_secret_file") && fault.ends_with(ZOOM_VARIABLE), "{fault}");
    }

    #[test]
    fn an_empty_secret_is_always_refused() {
        let bench = TestConfig::with(&[(FILE_KEY, "\"a\"")]).set(ZOOM_VARIABLE, "");
        assert_eq!(bench.fault(), format!("zoom.client_secret in environment {ZOOM_VARIABLE} is empty"));
        let bench = bench.without_secret();
        bench.write("a", " \n", 0o600);
        assert_eq!(bench.fault(), "zoom.client_secret in file a is empty");
        let bench = TestConfig::with(&[]).without_secret();
        let folder = bench.path("");
        let bench = bench.set("CREDENTIALS_DIRECTORY", folder);
        bench.write("client_secret", "", 0o400);
        assert_eq!(bench.fault(), "zoom.client_secret in credential client_secret is empty");
    }

    #[test]
    fn a_multiline_secret_is_refused() {
        let bench = TestConfig::with(&[(FILE_KEY, "\"a\"")]).without_secret();
        bench.write("a", "s3cret\nmore s3cret\n", 0o600);
        assert!(bench.fault().starts_with("zoom.client_secret in file a contains a line break"));
    }

    /// Missing, a folder, or no text.
    #[test]
    fn unusable_secret_files_are_named() {
        let bench = TestConfig::with(&[(FILE_KEY, "\"a\"")]).without_secret();
        assert_eq!(bench.fault(), "zoom.client_secret in file a cannot be read: it does not exist");
        bench.write("a", b"\xff\xfe", 0o600);
        assert!(bench.fault().starts_with("zoom.client_secret in file a cannot be read: "));
        let bench = TestConfig::with(&[(FILE_KEY, "\"\"")]).without_secret();
        assert!(bench.fault().starts_with("zoom.client_secret_file in zoom2kaltura.toml is empty"));
        let bench = TestConfig::with(&[(FILE_KEY, "7")]).without_secret();
        assert!(bench.fault().ends_with("must be the path of a file, not 7"));
    }
}
