//! The configuration file, read and flattened to dotted keys.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::error::{ConfigError, Origin, shown_path};
use super::key::{Key, ValueKind};
use super::table::{list_keys, list_renamed, list_sections};
use crate::model::near;
use crate::model::one_line;
use crate::owners::people::trust::{FileUse, Ownership, Trust, check_trust};

/// What the file says, by keys that exist. May hold a misplaced secret, and so has no `Debug`.
pub(super) struct Document {
    /// The file.
    pub(super) file: PathBuf,
    values: BTreeMap<String, Value>,
}

impl Document {
    /// Reads it and refuses what this program does not know.
    pub(super) fn read(file: PathBuf, user: u32) -> Result<Document, ConfigError> {
        let unreadable = |error| ConfigError::file(&file, &error);
        // the rights of what is read, not of what the path may lead to a moment later
        let mut opened = File::open(&file).map_err(unreadable)?;
        let found = Ownership::of(&file, &opened.metadata().map_err(unreadable)?);
        if let Trust::Refused(why) = check_trust(found, FileUse::Decisive, user) {
            return Err(ConfigError::Untrusted { file, why });
        }
        let mut bytes = Vec::new();
        opened.read_to_end(&mut bytes).map_err(unreadable)?;
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(&file, &error))?;
        let table: Table = text.parse().map_err(|error| malformed_document(&file, &text, &error))?;
        let mut values = BTreeMap::new();
        for (name, value) in table {
            match value {
                Value::Table(inner) if !is_known(&name) => values.extend(check_section(&file, &name, inner)?),
                value => {
                    refuse_unless_known(&file, &name)?;
                    values.insert(name, value);
                }
            }
        }
        Ok(Document { file, values })
    }

    /// What it says about the key of this name.
    pub(super) fn value_at(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Where its values come from.
    pub(super) fn origin(&self) -> Origin {
        Origin::Document(self.file.clone())
    }

    /// The folder from which its relative paths count.
    pub(super) fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("."))
    }
}

fn check_section(file: &Path, name: &str, inner: Table) -> Result<Vec<(String, Value)>, ConfigError> {
    let known = list_sections();
    if !known.contains(&name) {
        let hint = match near(name, known.iter().copied()) {
            Some(meant) => format!("did you mean [{meant}]?"),
            None => format!("the sections are {}", known.join(", ")),
        };
        return Err(ConfigError::Unknown {
            what: format!("section [{}] in {}", one_line(name), shown_path(file)),
            hint,
        });
    }
    let dotted = inner.into_iter().map(|(key, value)| (format!("{name}.{key}"), value));
    dotted.map(|(key, value)| refuse_unless_known(file, &key).map(|()| (key, value))).collect()
}

/// A secret's own name is known too, so that the advice about it can be given.
fn is_known(name: &str) -> bool {
    let is_renamed = || list_renamed().any(|renamed| renamed.old.name == name);
    list_keys().any(|key| key.name == name || key.file_of_it().is_some_and(|file| file == name)) || is_renamed()
}

fn refuse_unless_known(file: &Path, name: &str) -> Result<(), ConfigError> {
    if is_known(name) {
        return Ok(());
    }
    let what = format!("key {} in {}", one_line(name), shown_path(file));
    let hint = if list_sections().contains(&name) {
        format!("{name} is a section: write [{name}] and its keys below")
    } else {
        let names: Vec<String> = list_keys().map(Key::name_in_file).collect();
        match near(name, names.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean {meant}?"),
            None => keys_beside(name),
        }
    };
    Err(ConfigError::Unknown { what, hint })
}

fn keys_beside(name: &str) -> String {
    let Some((section, _)) = name.split_once('.') else {
        let above = list_keys().filter(|key| key.section().is_none()).map(|key| key.name).collect::<Vec<_>>();
        let (above, below) = (above.join(", "), list_sections().join(", "));
        return format!("only {above} can be set outside a section; the sections are {below}");
    };
    let beside = list_keys().filter(|key| key.section() == Some(section));
    let names: Vec<String> = beside
        .map(|key| match key.kind {
            ValueKind::Secret => format!("{}_file", key.short_name()),
            _ => key.short_name().to_owned(),
        })
        .collect();
    format!("the keys of [{section}] are {}", names.join(", "))
}

fn not_utf8(file: &Path, error: &std::string::FromUtf8Error) -> ConfigError {
    let sound = error.utf8_error().valid_up_to();
    let line = String::from_utf8_lossy(&error.as_bytes()[..sound]).matches('\n').count() + 1;
    ConfigError::File { file: file.to_owned(), why: format!("line {line} is not UTF-8; save it as UTF-8") }
}

/// The parser's own message spans lines and quotes the file, which may hold a secret.
fn malformed_document(file: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    ConfigError::Syntax {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message: one_line(error.message()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::config::testing::TestConfig;

    #[test]
    fn a_misspelt_key_gets_a_suggestion() {
        let fault = TestConfig::with(&[("sync.golive", "1")]).fault();
        assert_eq!(fault, "unknown key sync.golive in zoom2kaltura.toml; did you mean sync.go_live?");
        let fault = TestConfig::with(&[("lookback", "1")]).fault();
        assert_eq!(fault, "unknown key lookback in zoom2kaltura.toml; did you mean sync.lookback?");
        let fault = TestConfig::with(&[("kaltura.admin_secert_file", "1")]).fault();
        assert!(fault.ends_with("did you mean kaltura.admin_secret_file?"), "{fault}");
    }

    #[test]
    fn an_unknown_key_lists_its_section() {
        let fault = TestConfig::with(&[("zoom.colour", "1")]).fault();
        let keys = "account_id, client_id, client_secret_file, api_url, oauth_url, download_hosts, light_per_second, \
                    medium_per_second";
        assert_eq!(fault, format!("unknown key zoom.colour in zoom2kaltura.toml; the keys of [zoom] are {keys}"));
        assert!(TestConfig::with(&[("colour", "1")]).fault().contains("only state_dir, name, installation,"));
    }

    #[test]
    fn a_misspelt_section_gets_a_suggestion() {
        let fault = TestConfig::with(&[("kultura.url", "1")]).fault();
        assert_eq!(fault, "unknown section [kultura] in zoom2kaltura.toml; did you mean [kaltura]?");
        let fault = TestConfig::with(&[("database.path", "1")]).fault();
        assert!(fault.ends_with(
            "the sections are zoom, kaltura, sync, http, owner, filter, copy, purge, retention, rights, zoom_trash, notify"
        ));
    }

    /// The error says how to write a section.
    #[test]
    fn a_key_as_section_is_refused() {
        for text in ["sync = 4", "[[sync]]"] {
            let fault = TestConfig::of(text).fault();
            assert!(fault.ends_with("sync is a section: write [sync] and its keys below"), "{fault}");
        }
        assert!(
            TestConfig::with(&[("state_dir", "{}")]).fault().contains("must be the path of a folder, not a section")
        );
    }

    /// One line, without the text of the file.
    #[test]
    fn malformed_toml_gives_its_place_only() {
        let fault = TestConfig::of("[zoom]\naccount_id = \"ä\" client_secret = \"s3cret\"\n").fault();
        let place = "the configuration zoom2kaltura.toml is malformed: line 2, column 18: ";
        assert!(fault.starts_with(place) && fault.len() > place.len(), "{fault}");
        assert!(
            TestConfig::of("[sync]\nparallel = 1\nparallel = 2").fault().contains("line 3, column 1: duplicate key")
        );
        assert!(TestConfig::of("a = \"open").fault().contains("line 1"));
    }

    #[test]
    fn bytes_beyond_utf8_name_the_line() {
        let bench = TestConfig::of("");
        bench.write("zoom2kaltura.toml", b"# one\n# caf\xe9\n", 0o600);
        assert!(bench.fault().ends_with("cannot be read: line 2 is not UTF-8; save it as UTF-8"));
    }

    #[test]
    fn a_folder_as_file_is_refused() {
        let bench = TestConfig::of("");
        fs::remove_file(bench.path("zoom2kaltura.toml")).expect("removed");
        fs::create_dir(bench.path("zoom2kaltura.toml")).expect("a folder");
        assert!(bench.fault().ends_with("zoom2kaltura.toml cannot be read: it is a folder, not a file"));
    }

    #[test]
    fn odd_key_characters_never_get_printed() {
        let fault = TestConfig::of("\"a\\u001b[2Jb\" = 1").fault();
        assert!(fault.starts_with("unknown key a [2Jb in"), "{fault}");
    }
}
