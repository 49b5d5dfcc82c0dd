//! All keys there are.

use Requirement::{Default, Optional, Required};
use ValueKind::{
    Choice, File, Flag, Folder, Hosts, Instant, Lines, Name, Patterns, Program, Rate, Rules, Secret, SecretUrl, Span,
    SpanOrNever, Text, Texts, Url, Whole,
};

use super::key::{Key, Requirement, ValueKind};
use crate::copying::rights::Grant;

const fn table_key(name: &'static str, kind: ValueKind, need: Requirement) -> Key {
    Key { name, kind, need }
}

/// Far beyond any sensible setting, near enough to count with.
const ANY: ValueKind = Span("0s", "400d");
/// By Zoom's names (`recording_type` in its reference), in the order of Kaltura's own connector.
const VIEW_ORDER: &str = r#"["shared_screen_with_speaker_view(CC)", "shared_screen_with_speaker_view", "shared_screen_with_gallery_view", "shared_screen", "speaker_view", "active_speaker", "gallery_view"]"#;
/// A wait of nothing would make every connection fail.
const SOME: ValueKind = Span("1ms", "1d");

/// In the order in which `config show` prints them.
pub(super) const KEYS: &[Key] = &[
    table_key("state_dir", Folder, Required),
    table_key("name", Name, Default(r#""""#)),
    table_key("installation", Name, Default(r#""""#)),
    table_key("machine_id_file", File, Default(r#""/etc/machine-id""#)),
    table_key("zoom.account_id", Text, Required),
    table_key("zoom.client_id", Text, Required),
    table_key("zoom.client_secret", Secret, Required),
    table_key("zoom.api_url", Url, Default(r#""https://api.zoom.us/v2""#)),
    table_key("zoom.oauth_url", Url, Default(r#""https://zoom.us/oauth/token""#)),
    table_key("zoom.download_hosts", Hosts, Default(r#"["zoom.us", "*.zoom.us"]"#)),
    table_key("zoom.light_per_second", Whole(1, 10_000), Default("80")),
    table_key("zoom.medium_per_second", Whole(1, 10_000), Default("60")),
    table_key("kaltura.url", Url, Default(r#""https://www.kaltura.com""#)),
    table_key("kaltura.partner_id", Whole(1, i64::MAX), Required),
    table_key("kaltura.admin_secret", Secret, Optional),
    table_key("kaltura.app_token_id", Name, Default(r#""""#)),
    table_key("kaltura.app_token", Secret, Optional),
    table_key("kaltura.app_token_hash", Choice(&["SHA1", "SHA256", "SHA512", "MD5"]), Default(r#""SHA1""#)),
    table_key("kaltura.service_user", Text, Default(r#""zoom2kaltura""#)),
    table_key("kaltura.entry_link", Name, Default(r#""""#)),
    table_key("kaltura.conversion_profile_id", Whole(0, i64::MAX), Default("0")),
    table_key("sync.go_live", Instant, Required),
    table_key("sync.lookback", Span("1d", "400d"), Default(r#""7d""#)),
    table_key("sync.rescan", Span("1d", "400d"), Default(r#""62d""#)),
    table_key("sync.relist_every", Span("1s", "1d"), Default(r#""5m""#)),
    table_key("sync.parallel", Whole(1, 64), Default("4")),
    table_key("sync.chunk_mib", Whole(1, 1024), Default("64")),
    table_key("sync.bandwidth", Rate, Default(r#""""#)),
    table_key("sync.transfer", Choice(&["stream", "pull"]), Default(r#""stream""#)),
    table_key("sync.pull_within", Span("1s", "7d"), Default(r#""2h""#)),
    table_key("sync.max_attempts", Whole(1, 1_000_000), Default("10")),
    table_key("sync.retry_after", ANY, Default(r#""5m""#)),
    table_key("sync.late_after", ANY, Default(r#""3h""#)),
    table_key("sync.processing_alert", ANY, Default(r#""24h""#)),
    table_key("sync.at_risk", ANY, Default(r#""7d""#)),
    table_key("sync.keep_history", Span("31d", "3650d"), Default(r#""400d""#)),
    table_key("sync.zoom_retention", Span("1d", "400d"), Default(r#""30d""#)),
    table_key("http.retries", Whole(0, 20), Default("4")),
    table_key("http.retry_wait", Span("0s", "1d"), Default(r#""500ms""#)),
    table_key("http.connect_timeout", SOME, Default(r#""10s""#)),
    table_key("http.stall_after", SOME, Default(r#""60s""#)),
    table_key("http.call_timeout", SOME, Default(r#""2m""#)),
    table_key("http.settle", Span("0s", "1d"), Default(r#""30s""#)),
    table_key("http.claim_settle", Span("0s", "1d"), Default(r#""60s""#)),
    table_key("owner.candidates", Texts, Default(r#"["{email}"]"#)),
    table_key("owner.domains", Texts, Default("[]")),
    table_key("owner.match_email", Flag, Default("true")),
    table_key("owner.aliases", File, Default(r#""""#)),
    table_key("owner.remember_for", ANY, Default(r#""1h""#)),
    table_key("owner.holding_user", Text, Required),
    table_key("filter.meetings", Flag, Default("true")),
    table_key("filter.webinars", Flag, Default("true")),
    table_key("filter.min_duration", ANY, Default(r#""0s""#)),
    table_key("filter.exclude_topics", Patterns, Default(r#"["(?i)^private"]"#)),
    table_key("filter.exclude_recording_types", Texts, Default("[]")),
    table_key("filter.opt_out", File, Default(r#""""#)),
    table_key("filter.opt_in", File, Default(r#""""#)),
    table_key("filter.opt_out_groups", Texts, Default("[]")),
    table_key("filter.opt_in_groups", Texts, Default("[]")),
    table_key("copy.views", Choice(&["all", "best"]), Default(r#""all""#)),
    table_key("copy.view_order", Texts, Default(VIEW_ORDER)),
    table_key("copy.audio", Choice(&["always", "if-no-video", "never"]), Default(r#""if-no-video""#)),
    table_key("copy.captions", Flag, Default("true")),
    table_key("copy.caption_language", Text, Default(r#""English""#)),
    table_key("copy.chat", Flag, Default("false")),
    table_key("copy.title", Text, Default(r#""{topic}""#)),
    table_key("copy.description", Lines, Default(r#""""#)),
    table_key("copy.tags", Texts, Default(r#"["zoom"]"#)),
    table_key("copy.time_zone", Text, Default(r#""UTC""#)),
    table_key("copy.category", Name, Default(r#""""#)),
    table_key("copy.webinar_category", Name, Default(r#""""#)),
    table_key("copy.category_by_topic", Rules, Default("[]")),
    table_key("copy.category_field", Name, Default(r#""""#)),
    table_key("copy.category_by_field", Name, Default(r#""""#)),
    table_key("copy.category_file", File, Default(r#""""#)),
    table_key("purge.older_than", ANY, Default(r#""24h""#)),
    table_key("purge.max_deletes", Whole(0, i64::MAX), Default("1000")),
    table_key("purge.adopt", Flag, Default("true")),
    table_key("purge.max_orphan_percent", Whole(0, 100), Default("50")),
    table_key("purge.recycle_bin", Flag, Default("false")),
    table_key("retention.unplayed_years", Whole(1, 100), Default("4")),
    table_key("retention.max_age_years", Whole(1, 100), Default("6")),
    table_key("rights.alternative_hosts", Choice(Grant::WORDS), Default(r#""none""#)),
    table_key("rights.co_hosts", Choice(Grant::WORDS), Default(r#""none""#)),
    table_key("rights.panelists", Choice(Grant::WORDS), Default(r#""none""#)),
    table_key("rights.participants", Choice(Grant::WORDS), Default(r#""none""#)),
    table_key("zoom_trash.after", SpanOrNever("1d", "400d"), Default(r#""never""#)),
    table_key("zoom_trash.max_files", Whole(0, i64::MAX), Default("1000")),
    table_key("notify.metrics_file", File, Default(r#""""#)),
    table_key("notify.ping_url", SecretUrl, Optional),
    table_key("notify.purge_ping_url", SecretUrl, Optional),
    table_key("notify.webhook_url", SecretUrl, Optional),
    table_key("notify.command", Program, Default(r#""""#)),
    table_key("notify.recordings", Choice(&["none", "orphans", "all"]), Default(r#""none""#)),
    table_key("notify.remind_after", Span("1h", "400d"), Default(r#""1d""#)),
    table_key("notify.timeout", Span("1s", "5m"), Default(r#""10s""#)),
];

/// The sections, each once.
pub(super) fn list_sections() -> Vec<&'static str> {
    let mut names: Vec<_> = KEYS.iter().filter_map(|key| key.place().0).collect();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{KEYS, list_sections};
    use crate::config::key::{Requirement, toml_literal};

    #[test]
    fn every_default_is_toml() {
        for key in KEYS {
            if let Requirement::Default(text) = key.need {
                assert!(toml_literal(text).is_some(), "{}: {text}", key.name);
            }
        }
    }

    /// The keys of a section stand together.
    #[test]
    fn keys_and_variables_are_unique() {
        let variables: BTreeSet<_> = KEYS.iter().flat_map(super::Key::variables).collect();
        assert_eq!(variables.len(), KEYS.iter().map(|key| key.variables().len()).sum::<usize>());
        assert_eq!(
            list_sections(),
            "zoom kaltura sync http owner filter copy purge retention rights zoom_trash notify"
                .split(' ')
                .collect::<Vec<_>>()
        );
    }
}
