//! From files and variables to settings.

use std::path::PathBuf;

use secrecy::ExposeSecret;
use toml::Value;

use super::document::Document;
use super::error::ConfigError;
use super::gather::{Gathered, gather_values};
use super::given::{Content, GivenValue};
use super::key::ValueKind;
use super::reader::SettingsReader;
use super::settings::Settings;
use super::sources::Sources;
use crate::ledger::Journal;

/// A configuration without fault.
#[derive(Debug)]
pub struct Loaded {
    /// What it says.
    pub settings: Settings,
    /// The file it was read from.
    pub file: PathBuf,
    /// What works, and is to be written otherwise.
    pub notes: Vec<String>,
    entries: Vec<ShownKey>,
}

impl Loaded {
    /// Every key that has an effect, in the order of the documentation, for `config show`.
    pub fn entries(&self) -> impl Iterator<Item = &ShownKey> {
        self.entries.iter()
    }
}

/// One line of `config show`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownKey {
    /// Section and key, e.g. `sync.lookback`.
    pub key: String,
    /// As TOML; of a secret nothing.
    pub value: String,
    /// `default`, the file, `environment NAME`, `file PATH` or `credential NAME`.
    pub source: String,
}

/// Reads and checks everything; the first fault ends it.
pub fn load_config(sources: &Sources) -> Result<Loaded, ConfigError> {
    let document = Document::read(sources.find_file()?, sources.user)?;
    let Gathered { values: found, notes } = gather_values(sources, &document)?;
    let settings = read_settings(&SettingsReader { found: &found, file: &document.file })?;
    Ok(Loaded { settings, entries: found.iter().map(shown_key).collect(), file: document.file, notes })
}

fn shown_key(found: &GivenValue) -> ShownKey {
    let value = match &found.content {
        Content::Plain(value) if found.key.kind == ValueKind::Program => literal_line(&without_arguments(value)),
        Content::Plain(value) => literal_line(value),
        Content::Secret(text) if text.expose_secret().is_empty() => "\"\"".to_owned(),
        Content::Secret(_) => "\"…\"".to_owned(),
    };
    ShownKey { key: found.key.name.to_owned(), value, source: found.origin.to_string() }
}

/// The program alone: among its arguments may be a password, or an address that is as good as one.
fn without_arguments(value: &Value) -> Value {
    let words = match value {
        Value::String(text) => shlex::split(text).unwrap_or_default(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    match &words[..] {
        [] => Value::String(String::new()),
        [program] => Value::String(program.clone()),
        [program, ..] => Value::Array([program.as_str(), "…"].map(Value::from).to_vec()),
    }
}

/// TOML's own printer spreads a text with line breaks over several lines.
fn literal_line(value: &Value) -> String {
    match value {
        Value::Array(list) => format!("[{}]", list.iter().map(literal_line).collect::<Vec<_>>().join(", ")),
        Value::String(text) if text.chars().any(char::is_control) => basic_string(text),
        other => other.to_string(),
    }
}

fn basic_string(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// The sections and keys that say which recordings are copied, and how far back they are looked for.
const CHOOSING: [&str; 7] =
    ["sync.go_live", "sync.lookback", "sync.rescan", "sync.zoom_retention", "filter.", "copy.", "owner."];

fn list_choosing(found: &[GivenValue]) -> String {
    let choosing = found.iter().filter(|found| CHOOSING.iter().any(|name| found.key.name.starts_with(name)));
    let lines: Vec<String> =
        choosing.map(shown_key).map(|ShownKey { key, value, .. }| format!("{key} = {value}")).collect();
    lines.join("\n")
}

fn read_settings(reader: &SettingsReader<'_>) -> Result<Settings, ConfigError> {
    Ok(Settings {
        state_dir: reader.key("state_dir")?.folder()?,
        name: reader.key("name")?.name()?,
        installation: reader.key("installation")?.installation()?,
        machine_id_file: reader.key("machine_id_file")?.file()?,
        choosing: list_choosing(reader.found),
        journal: Journal::of(reader.key("ledger_journal")?.choice()?),
        zoom: reader.read_zoom()?,
        kaltura: reader.read_kaltura()?,
        sync: reader.read_sync()?,
        http: reader.read_http()?,
        owner: reader.read_owner()?,
        filter: reader.read_filter()?,
        copy: reader.read_copy()?,
        purge: reader.read_purge()?,
        retention: reader.read_retention()?,
        rights: reader.read_rights()?,
        zoom_trash: reader.read_zoom_trash()?,
        notify: reader.read_notify()?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Document, SettingsReader, gather_values, read_settings};
    use crate::config::key::Requirement;
    use crate::config::testing::TestConfig;

    /// One that nothing reads would have no effect.
    #[test]
    fn settings_come_from_every_key() {
        let token = ("ZOOM2KALTURA_KALTURA_APP_TOKEN", "fedcba");
        let bench = TestConfig::with(&[("kaltura.app_token_id", "\"0_id\"")]).without_kaltura_secret();
        let bench = bench.set(token.0, token.1);
        let sources = &bench.sources;
        let document = Document::read(sources.find_file().expect("a file"), sources.user).expect("a document");
        let mut found = gather_values(sources, &document).expect("values").values;
        read_settings(&SettingsReader { found: &found, file: &document.file }).expect("settings");
        for number in 0..found.len() {
            let key = found.remove(number);
            let without = read_settings(&SettingsReader { found: &found, file: &document.file });
            assert!(without.is_err(), "nothing reads {}", key.key.name);
            found.insert(number, key);
        }
        assert!(found.iter().any(|value| value.key.need == Requirement::Optional), "the app token among them");
    }
}
