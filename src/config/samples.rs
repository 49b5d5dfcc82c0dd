//! Whole configurations.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use toml::Value;

use super::key::{Key, toml_literal};
use super::table::list_keys;
use super::testing::{KALTURA_SECRET, TestConfig, ZOOM_SECRET};
use crate::copying::plan::Audio;
use crate::model::Template;
use crate::remotes::kaltura::Credentials;

#[test]
fn required_keys_load_with_defaults() {
    let settings = TestConfig::with(&[]).load().settings;
    assert_eq!(settings.zoom.client_secret.expose_secret(), ZOOM_SECRET);
    let Credentials::AdminSecret(secret) = &settings.kaltura.credentials else {
        panic!("no admin secret");
    };
    assert_eq!(secret.expose_secret(), KALTURA_SECRET);
    assert_eq!(settings.zoom.api_url.as_str(), "https://api.zoom.us/v2");
    assert_eq!(settings.zoom.oauth_url.as_str(), "https://zoom.us/oauth/token");
    assert_eq!(settings.kaltura.url.as_str(), "https://www.kaltura.com/");
    assert_eq!((settings.kaltura.partner_id, settings.kaltura.conversion_profile_id), (102, None));
    assert_eq!(settings.kaltura.service_user, "zoom2kaltura");
    assert_eq!((settings.sync.lookback, settings.sync.rescan), (TimeDelta::days(7), TimeDelta::days(62)));
    assert_eq!((settings.sync.parallel, settings.sync.chunk_bytes), (4, 64 << 20));
    assert_eq!((settings.sync.max_attempts, settings.sync.retry_after), (10, TimeDelta::minutes(5)));
    assert_eq!((settings.http.retries, settings.http.retry_wait), (4, Duration::from_millis(500)));
    assert_eq!(settings.http.connect_timeout, Duration::from_secs(10));
    assert_eq!((settings.http.stall_after, settings.http.settle), (Duration::from_secs(60), TimeDelta::seconds(30)));
    assert_eq!(settings.owner.holding_user.as_str(), "zoom-orphans");
    let filter = settings.filter.rules;
    assert!(filter.meetings && filter.webinars && filter.min_duration.is_zero() && filter.excluded_types.is_empty());
    assert!(filter.exclude_topics[0].is_match("Private tutorial"));
    let wanted = settings.copy.wanted;
    assert!(wanted.all_views && wanted.captions && wanted.audio == Audio::IfNoVideo);
    assert_eq!(wanted.view_order[..2], ["", "(CC)"].map(|end| format!("shared_screen_with_speaker_view{end}")));
    let wording = settings.copy.wording;
    assert_eq!((Ok(wording.title), wording.tags.len()), (Template::new("{topic}"), 1));
    assert_eq!((wording.time_zone.name(), wording.caption_language.as_str()), ("UTC", "English"));
}

/// Neither in `Debug` nor in what `config show` prints.
#[test]
fn no_secret_is_ever_shown() {
    let loaded = TestConfig::with(&[]).load();
    let printed = format!("{loaded:?} {:?}", loaded.entries().collect::<Vec<_>>());
    assert!(!printed.contains(ZOOM_SECRET) && !printed.contains(KALTURA_SECRET), "{printed}");
    let masked: Vec<_> = loaded.entries().filter(|entry| entry.value == "\"…\"").map(|entry| &entry.key).collect();
    assert_eq!(masked, ["zoom.client_secret", "kaltura.admin_secret"]);
}

/// One line for each key.
#[test]
fn config_show_prints_valid_toml() {
    let bench = TestConfig::with(&[("filter.exclude_topics", r#"["a\nb", 'c\d"']"#), ("copy.tags", "['a b', \"ü\"]")]);
    for entry in bench.load().entries() {
        assert!(!entry.value.contains('\n') && toml_literal(&entry.value).is_some(), "{entry:?}");
    }
    let patterns = toml_literal(&bench.entry("filter.exclude_topics").0);
    assert_eq!(patterns, Some(Value::Array(["a\nb", "c\\d\""].map(|text| Value::String(text.to_owned())).to_vec())));
    assert_eq!(bench.entry("copy.tags").0, "[\"a b\", \"ü\"]");
}

const EXAMPLE: &str = include_str!("../../examples/config.toml");

/// The example, with its commented settings switched on.
fn spelt_out() -> String {
    let is_setting = |line: &str| line.split_once(" = ").is_some_and(|(name, _)| !name.contains(' '));
    let line = |line: &'static str| line.strip_prefix('#').filter(|rest| is_setting(rest)).unwrap_or(line);
    EXAMPLE.lines().map(|text| line(text).to_owned() + "\n").collect()
}

/// Once the secrets are there.
#[test]
fn the_example_lacks_only_go_live() {
    let bench = TestConfig::of(EXAMPLE);
    assert_eq!(bench.fault(), "zoom2kaltura.toml lacks sync.go_live; `zoom2kaltura config sample` explains every key");
    let bench = bench.set("ZOOM2KALTURA_SYNC_GO_LIVE", "2026-09-01");
    assert_eq!(bench.load().settings.sync.go_live.to_rfc3339(), "2026-09-01T00:00:00+00:00");
}

#[test]
fn the_example_reads_its_secret_files() {
    let text = EXAMPLE.replace("/etc/zoom2kaltura/", "");
    let bench = TestConfig::of(&text).set("ZOOM2KALTURA_SYNC_GO_LIVE", "2026-09-01").without_secret();
    assert_eq!(bench.fault(), "zoom.client_secret in file zoom-secret cannot be read: it does not exist");
    bench.write("zoom-secret", "from file\n", 0o600);
    assert_eq!(bench.entry("zoom.client_secret").1, "file zoom-secret");
}

/// Only one of two can be given, so the example has the other in words.
fn is_alternative(key: &Key) -> bool {
    key.name == "kaltura.app_token"
}

/// Every key that has an effect, and no other.
#[test]
fn the_example_mentions_exactly_every_key() {
    let example: toml::Table = spelt_out().parse().expect("TOML");
    let names = |(name, value): (&String, &Value)| match value {
        Value::Table(section) => section.keys().map(|key| format!("{name}.{key}")).collect(),
        _ => vec![name.clone()],
    };
    let mentioned: BTreeSet<String> = example.iter().flat_map(names).collect();
    let known = |key: &&Key| !is_alternative(key);
    let known: BTreeSet<_> = list_keys().filter(known).map(Key::name_in_file).collect();
    assert_eq!(mentioned, known);
    for key in list_keys().filter(|key| is_alternative(key)) {
        assert!(EXAMPLE.contains(key.name_in_file().trim_start_matches("kaltura.")), "{}", key.name);
    }
}

#[test]
fn commented_example_keys_are_the_defaults() {
    let values = |text: &str| -> Vec<_> {
        let bench = TestConfig::of(text).set("ZOOM2KALTURA_SYNC_GO_LIVE", "2026-09-01");
        bench.load().entries().filter(|entry| entry.key != "state_dir").map(|entry| entry.value.clone()).collect()
    };
    assert_eq!(values(EXAMPLE), values(&spelt_out()));
}

/// An app token or the admin secret, never both.
#[test]
fn kaltura_needs_exactly_one_credential() {
    let token = ("ZOOM2KALTURA_KALTURA_APP_TOKEN", "fedcba");
    let alone = || TestConfig::with(&[("kaltura.app_token_id", "\"0_id\"")]).without_kaltura_secret();
    let settings = alone().set(token.0, token.1).load().settings;
    assert!(matches!(settings.kaltura.credentials, Credentials::AppToken { ref id, .. } if id == "0_id"));
    let fault = TestConfig::with(&[("kaltura.app_token_id", "\"0_id\"")]).set(token.0, token.1).fault();
    assert!(fault.starts_with("kaltura.admin_secret in ") && fault.contains("only one can be used"), "{fault}");
    let fault = TestConfig::with(&[]).without_kaltura_secret().set(token.0, token.1).fault();
    assert!(fault.ends_with("also needs kaltura.app_token_id") && !fault.contains("fedcba"), "{fault}");
    let fault = alone().fault();
    assert!(fault.contains("lacks kaltura.admin_secret (") && fault.contains(") or kaltura.app_token ("), "{fault}");
}
