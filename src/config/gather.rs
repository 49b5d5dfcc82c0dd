//! What was given for each key: the environment's word before the file's, the file's before the default.

use std::ops::RangeInclusive;
use std::path::Path;

use chrono::TimeDelta;
use toml::Value;

use super::document::Document;
use super::error::{ConfigError, Origin};
use super::given::{Content, GivenValue};
use super::key::{Key, RenamedKey, Requirement, ValueKind, toml_literal};
use super::secret;
use super::sources::Sources;
use super::table::{list_keys, list_renamed};

/// Everything that was given.
pub(super) struct Gathered {
    /// The value of every key, in the table's order.
    pub(super) values: Vec<GivenValue>,
    /// What works, and is to be written otherwise.
    pub(super) notes: Vec<String>,
}

/// Everything that was given, or why it cannot be used.
pub(super) fn gather_values(sources: &Sources, document: &Document) -> Result<Gathered, ConfigError> {
    sources.refuse_unknown_variables()?;
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for key in list_keys() {
        match (key.need, key.kind) {
            (_, ValueKind::Secret) => match secret::find_secret(key, sources, document)? {
                Some((text, origin)) => found.push(GivenValue { key, content: Content::Secret(text), origin }),
                None if key.need == Requirement::Optional => {}
                None => missing.push(variable_name(key)),
            },
            (_, ValueKind::SecretUrl) => {
                let (text, origin) = secret::find_address(key, sources, document)?;
                found.push(GivenValue { key, content: Content::Secret(text), origin });
            }
            _ => match plain_value(key, sources, document)? {
                Some((value, origin)) => found.push(GivenValue { key, content: Content::Plain(value), origin }),
                None => missing.push(key.name.to_owned()),
            },
        }
    }
    // either of them opens Kaltura
    let is_way = |key: &&Key| (key.kind, key.need) == (ValueKind::Secret, Requirement::Optional);
    let ways: Vec<&Key> = list_keys().filter(is_way).collect();
    if !found.iter().any(|found| ways.iter().any(|key| key.name == found.key.name)) {
        missing.push(ways.into_iter().map(variable_name).collect::<Vec<_>>().join(" or "));
    }
    if missing.is_empty() {
        follow_retention(&mut found);
        let notes = take_renamed(&mut found, sources, document)?;
        Ok(Gathered { values: found, notes })
    } else {
        Err(ConfigError::Missing { file: document.file.clone(), keys: missing.join(", ") })
    }
}

/// For so long after Zoom has deleted a recording it can come back from Zoom's trash, with a reserve.
const AFTER_RETENTION: TimeDelta = TimeDelta::days(32);
/// The default where Zoom keeps recordings for 30 days or less, and the most that may be given.
const RESCAN_DAYS: RangeInclusive<i64> = 62..=400;

/// What was not given for `sync.rescan` follows from `sync.zoom_retention`.
fn follow_retention(found: &mut [GivenValue]) {
    let retention = found.iter().find(|value| value.key.name == "sync.zoom_retention");
    // what is wrong with it is reported where it is read
    let Some(kept) = retention.and_then(|value| value.span().ok()) else { return };
    let days = ((kept + AFTER_RETENTION).num_hours() + 23) / 24;
    let is_open = |value: &&mut GivenValue| value.key.name == "sync.rescan" && value.origin == Origin::Default;
    if let Some(rescan) = found.iter_mut().find(is_open) {
        let days = days.clamp(*RESCAN_DAYS.start(), *RESCAN_DAYS.end());
        rescan.content = Content::Plain(Value::String(format!("{days}d")));
    }
}

/// What was given under names that keys had before counts beside what is given now. Says how it is written today.
fn take_renamed(found: &mut [GivenValue], sources: &Sources, document: &Document) -> Result<Vec<String>, ConfigError> {
    let mut notes = Vec::new();
    for RenamedKey { old, new, word } in list_renamed() {
        let Some((value, origin)) = plain_value(old, sources, document)? else { continue };
        if origin == Origin::Default {
            continue;
        }
        let given = GivenValue { key: old, content: Content::Plain(value), origin };
        let (name, from) = (old.name, &given.origin);
        if !given.flag()? {
            notes.push(format!("{name} in {from} was renamed to {new}; remove it"));
            continue;
        }
        notes.push(format!("{name} in {from} was renamed to {new}; write {new} = [{word:?}] in its place"));
        // what is wrong with the list is reported where it is read
        let list = found.iter_mut().find(|value| value.key.name == *new);
        if let Some(GivenValue { content: Content::Plain(Value::Array(words)), origin, .. }) = list
            && !words.iter().any(|given| given.as_str() == Some(word))
        {
            words.push(Value::from(*word));
            if *origin == Origin::Default {
                *origin = given.origin;
            }
        }
    }
    Ok(notes)
}

fn variable_name(key: &Key) -> String {
    format!("{} ({})", key.name, secret::secret_ways(key))
}

fn plain_value(key: &Key, sources: &Sources, document: &Document) -> Result<Option<(Value, Origin)>, ConfigError> {
    let variable = key.variable();
    if let Some(text) = sources.variable(key.name, &variable)? {
        let value = tidy_value(key.kind, key.kind.read_variable(text), &sources.working_folder);
        return Ok(Some((value, Origin::Variable(variable))));
    }
    if let Some(value) = document.value_at(key.name) {
        return Ok(Some((tidy_value(key.kind, value.clone(), document.folder()), document.origin())));
    }
    Ok(match key.need {
        Requirement::Default(text) => toml_literal(text).map(|value| (value, Origin::Default)),
        Requirement::Required | Requirement::Optional => None,
    })
}

/// One spelling for what means the same, so that it is shown, compared and used alike.
fn tidy_value(kind: ValueKind, value: Value, base: &Path) -> Value {
    match (kind, value) {
        (ValueKind::Text, Value::String(text)) => Value::String(text.trim().to_owned()),
        (ValueKind::Url, Value::String(text)) => Value::String(text.trim().trim_end_matches('/').to_owned()),
        (ValueKind::Folder | ValueKind::File, Value::String(text)) if !text.trim().is_empty() => {
            match base.join(&text).into_os_string().into_string() {
                Ok(joined) => Value::String(joined),
                Err(_) => Value::String(text),
            }
        }
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::TestConfig;

    #[test]
    fn environment_beats_file_beats_default() {
        assert_eq!(TestConfig::with(&[]).entry("sync.parallel"), ("4".into(), "default".into()));
        let bench = TestConfig::with(&[("sync.parallel", "5")]);
        assert_eq!(bench.entry("sync.parallel"), ("5".into(), "zoom2kaltura.toml".into()));
        let bench = bench.set("ZOOM2KALTURA_SYNC_PARALLEL", "6");
        assert_eq!(bench.entry("sync.parallel"), ("6".into(), "environment ZOOM2KALTURA_SYNC_PARALLEL".into()));
        assert_eq!(bench.load().settings.sync.parallel, 6);
    }

    /// A secret is named with the ways to give it.
    #[test]
    fn all_missing_keys_are_named_together() {
        let bench = TestConfig::of("[zoom]\naccount_id = \"a\"\n").without_secret();
        let zoom = "zoom.client_secret (client_secret_file, or ZOOM2KALTURA_ZOOM_CLIENT_SECRET)";
        let rest =
            "kaltura.partner_id, sync.go_live, owner.holding_user; `zoom2kaltura config sample` explains every key";
        assert_eq!(bench.fault(), format!("zoom2kaltura.toml lacks state_dir, zoom.client_id, {zoom}, {rest}"));
    }

    /// Unless it is given.
    #[test]
    fn rescan_follows_from_zoom_retention() {
        let given = |keys: &[(&str, &str)]| TestConfig::with(keys).entry("sync.rescan");
        let cases = [
            ("\"30d\"", "\"62d\""),
            ("\"7d\"", "\"62d\""),
            ("\"120d\"", "\"152d\""),
            ("\"2881h\"", "\"153d\""),
            ("\"400d\"", "\"400d\""),
        ];
        for (kept, expected) in cases {
            assert_eq!(given(&[("sync.zoom_retention", kept)]), (expected.into(), "default".into()), "{kept}");
        }
        let both = given(&[("sync.zoom_retention", "\"120d\""), ("sync.rescan", "\"90d\"")]);
        assert_eq!(both, ("\"90d\"".into(), "zoom2kaltura.toml".into()));
        let late = TestConfig::with(&[("sync.zoom_retention", "\"120d\""), ("zoom_trash.after", "\"150d\"")]);
        assert_eq!(late.load().settings.sync.rescan, chrono::TimeDelta::days(152));
    }

    /// And says so.
    #[test]
    fn old_chat_key_still_counts() {
        let cases = [
            (&[("copy.chat", "true")][..], &["chat"][..], "write copy.attachments = [\"chat\"] in its place"),
            (&[("copy.chat", "false")], &[], "remove it"),
            (&[("copy.chat", "true"), ("copy.attachments", "[\"poll\"]")], &["chat", "poll"], "in its place"),
            (&[("copy.chat", "false"), ("copy.attachments", "[\"chat\"]")], &["chat"], "remove it"),
            (&[("copy.chat", "true"), ("copy.attachments", "[\"chat\"]")], &["chat"], "in its place"),
        ];
        for (keys, expected, said) in cases {
            let loaded = TestConfig::with(keys).load();
            assert_eq!(loaded.settings.copy.wanted.attachments, expected, "{keys:?}");
            let [note] = &loaded.notes[..] else { panic!("{:?}", loaded.notes) };
            assert!(note.contains("copy.chat in") && note.contains("was renamed") && note.ends_with(said), "{note}");
        }
        let bench = TestConfig::with(&[]).set("ZOOM2KALTURA_COPY_CHAT", "true");
        let shown = ("[\"chat\"]".to_owned(), "environment ZOOM2KALTURA_COPY_CHAT".to_owned());
        assert_eq!(bench.entry("copy.attachments"), shown);
        assert!(TestConfig::with(&[]).load().notes.is_empty());
        let fault = TestConfig::with(&[("copy.chat", "\"yes\"")]).fault();
        assert!(fault.starts_with("copy.chat in zoom2kaltura.toml must be true or false"), "{fault}");
    }

    /// They count from where they were written.
    #[test]
    fn relative_state_folders_follow_their_source() {
        let mut bench = TestConfig::with(&[("state_dir", "\"state\"")]);
        bench.sources.explicit = Some(bench.path("zoom2kaltura.toml"));
        bench.sources.working_folder = "/elsewhere".into();
        assert_eq!(bench.load().settings.state_dir, bench.path("state"));
        let bench = bench.set("ZOOM2KALTURA_STATE_DIR", "other");
        assert_eq!(bench.load().settings.state_dir, std::path::Path::new("/elsewhere/other"));
    }

    #[test]
    fn addresses_lose_their_last_slash() {
        let bench = TestConfig::with(&[("kaltura.url", "\"https://media.example.edu/\"")]);
        assert_eq!(bench.entry("kaltura.url").0, "\"https://media.example.edu\"");
    }
}
