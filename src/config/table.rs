//! All keys there are.

use super::key::{Key, Kind, Need};
use crate::rights::Grant;
use Kind::{
    Choice, File, Flag, Folder, Hosts, Instant, Lines, Name, Patterns, Program, Rate, Rules, Secret, SecretUrl, Span,
    SpanOrNever, Text, Texts, Url, Whole,
};
use Need::{Default, Optional, Required};

const fn key(name: &'static str, kind: Kind, need: Need) -> Key {
    Key { name, kind, need }
}

/// Far beyond any sensible setting, near enough to count with.
const ANY: Kind = Span("0s", "400d");
/// By Zoom's names (`recording_type` in its reference), in the order of Kaltura's own connector.
const VIEW_ORDER: &str = r#"["shared_screen_with_speaker_view(CC)", "shared_screen_with_speaker_view", "shared_screen_with_gallery_view", "shared_screen", "speaker_view", "active_speaker", "gallery_view"]"#;
/// A wait of nothing would make every connection fail.
const SOME: Kind = Span("1ms", "1d");

/// In the order in which `config show` prints them.
pub(super) const KEYS: &[Key] = &[
    key("state_dir", Folder, Required),
    key("installation", Name, Default(r#""""#)),
    key("machine_id_file", File, Default(r#""/etc/machine-id""#)),
    key("zoom.account_id", Text, Required),
    key("zoom.client_id", Text, Required),
    key("zoom.client_secret", Secret, Required),
    key("zoom.api_url", Url, Default(r#""https://api.zoom.us/v2""#)),
    key("zoom.oauth_url", Url, Default(r#""https://zoom.us/oauth/token""#)),
    key("zoom.download_hosts", Hosts, Default(r#"["zoom.us", "*.zoom.us"]"#)),
    key("zoom.light_per_second", Whole(1, 10_000), Default("80")),
    key("zoom.medium_per_second", Whole(1, 10_000), Default("60")),
    key("kaltura.url", Url, Default(r#""https://www.kaltura.com""#)),
    key("kaltura.partner_id", Whole(1, i64::MAX), Required),
    key("kaltura.admin_secret", Secret, Optional),
    key("kaltura.app_token_id", Name, Default(r#""""#)),
    key("kaltura.app_token", Secret, Optional),
    key("kaltura.app_token_hash", Choice(&["SHA1", "SHA256", "SHA512", "MD5"]), Default(r#""SHA1""#)),
    key("kaltura.service_user", Text, Default(r#""zoom2kaltura""#)),
    key("kaltura.entry_link", Name, Default(r#""""#)),
    key("kaltura.conversion_profile_id", Whole(0, i64::MAX), Default("0")),
    key("sync.go_live", Instant, Required),
    key("sync.lookback", Span("1d", "400d"), Default(r#""7d""#)),
    key("sync.rescan", Span("1d", "400d"), Default(r#""62d""#)),
    key("sync.relist_every", Span("1s", "1d"), Default(r#""5m""#)),
    key("sync.parallel", Whole(1, 64), Default("4")),
    key("sync.chunk_mib", Whole(1, 1024), Default("64")),
    key("sync.bandwidth", Rate, Default(r#""""#)),
    key("sync.transfer", Choice(&["stream", "pull"]), Default(r#""stream""#)),
    key("sync.pull_within", Span("1s", "7d"), Default(r#""2h""#)),
    key("sync.max_attempts", Whole(1, 1_000_000), Default("10")),
    key("sync.retry_after", ANY, Default(r#""5m""#)),
    key("sync.late_after", ANY, Default(r#""3h""#)),
    key("sync.at_risk", ANY, Default(r#""7d""#)),
    key("sync.keep_history", Span("31d", "3650d"), Default(r#""400d""#)),
    key("sync.zoom_retention", Span("1d", "400d"), Default(r#""30d""#)),
    key("http.retries", Whole(0, 20), Default("4")),
    key("http.retry_wait", Span("0s", "1d"), Default(r#""500ms""#)),
    key("http.connect_timeout", SOME, Default(r#""10s""#)),
    key("http.stall_after", SOME, Default(r#""60s""#)),
    key("http.call_timeout", SOME, Default(r#""2m""#)),
    key("http.settle", Span("0s", "1d"), Default(r#""30s""#)),
    key("http.claim_settle", Span("0s", "1d"), Default(r#""60s""#)),
    key("owner.candidates", Texts, Default(r#"["{email}"]"#)),
    key("owner.domains", Texts, Default("[]")),
    key("owner.match_email", Flag, Default("true")),
    key("owner.aliases", File, Default(r#""""#)),
    key("owner.remember_for", ANY, Default(r#""1h""#)),
    key("owner.holding_user", Text, Required),
    key("filter.meetings", Flag, Default("true")),
    key("filter.webinars", Flag, Default("true")),
    key("filter.min_duration", ANY, Default(r#""0s""#)),
    key("filter.exclude_topics", Patterns, Default(r#"["(?i)^private"]"#)),
    key("filter.exclude_recording_types", Texts, Default("[]")),
    key("filter.opt_out", File, Default(r#""""#)),
    key("filter.opt_in", File, Default(r#""""#)),
    key("filter.opt_out_groups", Texts, Default("[]")),
    key("filter.opt_in_groups", Texts, Default("[]")),
    key("copy.views", Choice(&["all", "best"]), Default(r#""all""#)),
    key("copy.view_order", Texts, Default(VIEW_ORDER)),
    key("copy.audio", Choice(&["always", "if-no-video", "never"]), Default(r#""if-no-video""#)),
    key("copy.captions", Flag, Default("true")),
    key("copy.caption_language", Text, Default(r#""English""#)),
    key("copy.chat", Flag, Default("false")),
    key("copy.title", Text, Default(r#""{topic}""#)),
    key("copy.description", Lines, Default(r#""""#)),
    key("copy.tags", Texts, Default(r#"["zoom"]"#)),
    key("copy.time_zone", Text, Default(r#""UTC""#)),
    key("copy.category", Name, Default(r#""""#)),
    key("copy.webinar_category", Name, Default(r#""""#)),
    key("copy.category_by_topic", Rules, Default("[]")),
    key("copy.category_field", Name, Default(r#""""#)),
    key("copy.category_by_field", Name, Default(r#""""#)),
    key("copy.category_file", File, Default(r#""""#)),
    key("purge.older_than", ANY, Default(r#""24h""#)),
    key("purge.max_deletes", Whole(0, i64::MAX), Default("1000")),
    key("purge.adopt", Flag, Default("true")),
    key("purge.max_orphan_percent", Whole(0, 100), Default("50")),
    key("purge.recycle_bin", Flag, Default("false")),
    key("retention.unplayed_years", Whole(1, 100), Default("4")),
    key("retention.max_age_years", Whole(1, 100), Default("6")),
    key("rights.alternative_hosts", Choice(Grant::WORDS), Default(r#""none""#)),
    key("rights.co_hosts", Choice(Grant::WORDS), Default(r#""none""#)),
    key("rights.panelists", Choice(Grant::WORDS), Default(r#""none""#)),
    key("rights.participants", Choice(Grant::WORDS), Default(r#""none""#)),
    key("zoom_trash.after", SpanOrNever("1d", "400d"), Default(r#""never""#)),
    key("zoom_trash.max_files", Whole(0, i64::MAX), Default("1000")),
    key("notify.metrics_file", File, Default(r#""""#)),
    key("notify.ping_url", SecretUrl, Optional),
    key("notify.purge_ping_url", SecretUrl, Optional),
    key("notify.webhook_url", SecretUrl, Optional),
    key("notify.command", Program, Default(r#""""#)),
    key("notify.recordings", Choice(&["none", "orphans", "all"]), Default(r#""none""#)),
    key("notify.remind_after", Span("1h", "400d"), Default(r#""1d""#)),
    key("notify.timeout", Span("1s", "5m"), Default(r#""10s""#)),
];

/// The sections, each once.
pub(super) fn sections() -> Vec<&'static str> {
    let mut names: Vec<_> = KEYS.iter().filter_map(|key| key.place().0).collect();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::key::{Need, literal};
    use super::{KEYS, sections};

    #[test]
    fn every_default_is_toml() {
        for key in KEYS {
            if let Need::Default(text) = key.need {
                assert!(literal(text).is_some(), "{}: {text}", key.name);
            }
        }
    }

    #[test]
    fn no_two_keys_share_a_name_or_a_variable_and_sections_hang_together() {
        let variables: BTreeSet<_> = KEYS.iter().flat_map(super::Key::variables).collect();
        assert_eq!(variables.len(), KEYS.iter().map(|key| key.variables().len()).sum::<usize>());
        assert_eq!(
            sections(),
            "zoom kaltura sync http owner filter copy purge retention rights zoom_trash notify"
                .split(' ')
                .collect::<Vec<_>>()
        );
    }
}
