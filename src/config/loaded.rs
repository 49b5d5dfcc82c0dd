//! From files and variables to settings.

use std::path::PathBuf;

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use toml::Value;

use super::document::Document;
use super::error::{ConfigError, Origin};
use super::given::{Content, GivenValue, gather_values, value_of};
use super::key::ValueKind;
use super::settings::{
    CopySettings, FilterSettings, HttpSettings, KalturaSettings, NotifySettings, PurgeSettings, RetentionSettings,
    Settings, SyncSettings, ZoomSettings, ZoomTrashSettings,
};
use super::sources::Sources;
use crate::copying::categories::CategoryRules;
use crate::copying::plan::{Audio, WantedFiles};
use crate::copying::rights::{Grant, Grants};
use crate::copying::transfer::{Way, Wording};
use crate::model::KalturaUserId;
use crate::output::notify::{Receivers, Recordings};
use crate::owners::people::{ListSource, Lists};
use crate::owners::{OwnerRules, OwnerSettings};
use crate::remotes::kaltura::{Credentials, TokenHash};
use crate::remotes::zoom::CallsPerSecond;

/// A configuration without fault.
#[derive(Debug)]
pub struct Loaded {
    /// What it says.
    pub settings: Settings,
    /// The file it was read from.
    pub file: PathBuf,
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
    let document = Document::read(sources.file()?, sources.user)?;
    let found = gather_values(sources, &document)?;
    let settings = SettingsReader { found: &found, document: &document }.settings()?;
    Ok(Loaded { settings, entries: found.iter().map(shown_key).collect(), file: document.file })
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

struct SettingsReader<'a> {
    found: &'a [GivenValue],
    document: &'a Document,
}

impl SettingsReader<'_> {
    fn key(&self, name: &str) -> Result<&GivenValue, ConfigError> {
        value_of(self.found, name, self.document)
    }

    fn settings(&self) -> Result<Settings, ConfigError> {
        Ok(Settings {
            state_dir: self.key("state_dir")?.folder()?,
            name: self.key("name")?.name()?,
            installation: self.key("installation")?.installation()?,
            machine_id_file: self.key("machine_id_file")?.file()?,
            zoom: self.zoom()?,
            kaltura: self.kaltura()?,
            sync: self.sync()?,
            http: self.http()?,
            owner: self.owner()?,
            filter: self.filter()?,
            copy: self.copy()?,
            purge: PurgeSettings {
                older_than: self.key("purge.older_than")?.span()?,
                max_deletes: self.key("purge.max_deletes")?.whole()?,
                adopt: self.key("purge.adopt")?.flag()?,
                max_orphan_percent: self.key("purge.max_orphan_percent")?.whole()?,
                recycle_bin: self.key("purge.recycle_bin")?.flag()?,
            },
            retention: RetentionSettings {
                unplayed_years: self.key("retention.unplayed_years")?.whole()?,
                max_age_years: self.key("retention.max_age_years")?.whole()?,
            },
            rights: Grants {
                alternative_hosts: Grant::of(self.key("rights.alternative_hosts")?.choice()?),
                co_hosts: Grant::of(self.key("rights.co_hosts")?.choice()?),
                panelists: Grant::of(self.key("rights.panelists")?.choice()?),
                participants: Grant::of(self.key("rights.participants")?.choice()?),
            },
            zoom_trash: self.zoom_trash()?,
            notify: self.notify()?,
        })
    }

    fn zoom(&self) -> Result<ZoomSettings, ConfigError> {
        Ok(ZoomSettings {
            account_id: self.key("zoom.account_id")?.text()?,
            client_id: self.key("zoom.client_id")?.text()?,
            client_secret: self.key("zoom.client_secret")?.secret()?,
            api_url: self.key("zoom.api_url")?.url()?,
            oauth_url: self.key("zoom.oauth_url")?.url()?,
            download_hosts: self.key("zoom.download_hosts")?.hosts()?,
            calls_per_second: CallsPerSecond {
                light: self.key("zoom.light_per_second")?.count()?,
                medium: self.key("zoom.medium_per_second")?.count()?,
            },
        })
    }

    fn kaltura(&self) -> Result<KalturaSettings, ConfigError> {
        Ok(KalturaSettings {
            url: self.key("kaltura.url")?.url()?,
            partner_id: self.key("kaltura.partner_id")?.whole()?,
            service_user: self.key("kaltura.service_user")?.ascii_id()?,
            credentials: self.credentials()?,
            entry_link: self.key("kaltura.entry_link")?.link()?,
            conversion_profile_id: Some(self.key("kaltura.conversion_profile_id")?.whole()?).filter(|id| *id > 0),
        })
    }

    /// One of two ways: both at once would leave it open which is meant.
    fn credentials(&self) -> Result<Credentials, ConfigError> {
        let given = |name: &str| self.found.iter().find(|found| found.key.name == name);
        let id = self.key("kaltura.app_token_id")?;
        match (given("kaltura.admin_secret"), given("kaltura.app_token"), id.name()?) {
            (Some(secret), None, None) => Ok(Credentials::AdminSecret(secret.secret()?)),
            (None, Some(token), Some(id)) => Ok(Credentials::AppToken {
                id,
                token: token.secret()?,
                hash: match self.key("kaltura.app_token_hash")?.choice()? {
                    "SHA256" => TokenHash::Sha256,
                    "SHA512" => TokenHash::Sha512,
                    "MD5" => TokenHash::Md5,
                    _ => TokenHash::Sha1,
                },
            }),
            (Some(secret), ..) => {
                Err(secret.wrong("is given beside an app token: remove one of them, as only one can be used"))
            }
            (None, Some(token), None) => Err(token.wrong("needs kaltura.app_token_id beside it")),
            (None, None, _) => Err(id.wrong("needs kaltura.app_token beside it")),
        }
    }

    fn sync(&self) -> Result<SyncSettings, ConfigError> {
        let (lookback, rescan) = self.windows()?;
        Ok(SyncSettings {
            go_live: self.key("sync.go_live")?.instant()?,
            lookback,
            rescan,
            relist_every: self.key("sync.relist_every")?.timer()?,
            parallel: self.key("sync.parallel")?.whole()?,
            chunk_bytes: self.key("sync.chunk_mib")?.whole::<u64>()? * 1024 * 1024,
            bandwidth: self.key("sync.bandwidth")?.rate()?,
            transfer: if self.key("sync.transfer")?.choice()? == "pull" { Way::Pull } else { Way::Stream },
            pull_within: self.key("sync.pull_within")?.span()?,
            max_attempts: self.key("sync.max_attempts")?.whole()?,
            retry_after: self.key("sync.retry_after")?.span()?,
            zoom_retention: self.key("sync.zoom_retention")?.span()?,
            late_after: self.key("sync.late_after")?.span()?,
            processing_alert: self.key("sync.processing_alert")?.span()?,
            at_risk: self.key("sync.at_risk")?.span()?,
            keep_history: self.key("sync.keep_history")?.span()?,
        })
    }

    /// `lookback` and `rescan`, which would find nothing if it were shorter than what every run lists anyway.
    fn windows(&self) -> Result<(TimeDelta, TimeDelta), ConfigError> {
        let (lookback, rescan) = (self.key("sync.lookback")?, self.key("sync.rescan")?);
        let windows = (lookback.span()?, rescan.span()?);
        if windows.1 < windows.0 {
            let decided = if rescan.origin == Origin::Default { lookback } else { rescan };
            let why = "makes sync.rescan shorter than sync.lookback: lengthen sync.rescan or shorten sync.lookback";
            return Err(decided.wrong(why));
        }
        Ok(windows)
    }

    /// A file that no run lists any more when its time comes would never go.
    fn zoom_trash(&self) -> Result<ZoomTrashSettings, ConfigError> {
        let (key, rescan) = (self.key("zoom_trash.after")?, self.key("sync.rescan")?.span()?);
        let after = key.span_or_never()?;
        if after.is_some_and(|after| after >= rescan) {
            return Err(key.wrong("reaches beyond what sync.rescan lists: shorten it, or lengthen sync.rescan"));
        }
        Ok(ZoomTrashSettings { after, max_files: self.key("zoom_trash.max_files")?.whole()? })
    }

    fn http(&self) -> Result<HttpSettings, ConfigError> {
        Ok(HttpSettings {
            retries: self.key("http.retries")?.whole()?,
            retry_wait: self.key("http.retry_wait")?.timer()?,
            connect_timeout: self.key("http.connect_timeout")?.timer()?,
            stall_after: self.key("http.stall_after")?.timer()?,
            call_timeout: self.key("http.call_timeout")?.timer()?,
            settle: self.key("http.settle")?.span()?,
            claim_settle: self.key("http.claim_settle")?.span()?,
        })
    }

    fn copy(&self) -> Result<CopySettings, ConfigError> {
        let wanted = WantedFiles {
            all_views: self.key("copy.views")?.choice()? == "all",
            view_order: self.key("copy.view_order")?.texts()?,
            audio: match self.key("copy.audio")?.choice()? {
                "always" => Audio::Always,
                "never" => Audio::Never,
                _ => Audio::IfNoVideo,
            },
            captions: self.key("copy.captions")?.flag()?,
            chat: self.key("copy.chat")?.flag()?,
            excluded_types: self.key("filter.exclude_recording_types")?.texts()?,
        };
        Ok(CopySettings {
            wanted,
            categories: CategoryRules {
                meetings: self.key("copy.category")?.category()?,
                webinars: self.key("copy.webinar_category")?.category()?,
                topics: self.key("copy.category_by_topic")?.topic_rules()?,
                field: self
                    .key("copy.category_field")?
                    .field_rule(self.key("copy.category_file")?, self.key("copy.category_by_field")?)?,
            },
            wording: Wording {
                title: self.key("copy.title")?.template()?,
                description: self.key("copy.description")?.lines()?,
                tags: self.key("copy.tags")?.templates()?,
                time_zone: self.key("copy.time_zone")?.time_zone()?,
                caption_language: self.key("copy.caption_language")?.text()?,
            },
        })
    }

    fn filter(&self) -> Result<FilterSettings, ConfigError> {
        Ok(FilterSettings {
            meetings: self.key("filter.meetings")?.flag()?,
            webinars: self.key("filter.webinars")?.flag()?,
            min_duration: self.key("filter.min_duration")?.span()?,
            exclude_topics: self.key("filter.exclude_topics")?.patterns()?,
            lists: Lists {
                opt_out: self.named("filter.opt_out", "filter.opt_out_groups")?,
                opt_in: self.named("filter.opt_in", "filter.opt_in_groups")?,
            },
        })
    }

    fn named(&self, file: &str, groups: &str) -> Result<ListSource, ConfigError> {
        Ok(ListSource { file: self.key(file)?.file()?, groups: self.key(groups)?.texts()? })
    }

    fn notify(&self) -> Result<NotifySettings, ConfigError> {
        Ok(NotifySettings {
            metrics_file: self.key("notify.metrics_file")?.metrics_file()?,
            ping_url: self.key("notify.ping_url")?.secret_url()?,
            purge_ping_url: self.key("notify.purge_ping_url")?.secret_url()?,
            receivers: Receivers {
                webhook: self.key("notify.webhook_url")?.secret_url()?,
                command: self.key("notify.command")?.program()?,
                recordings: match self.key("notify.recordings")?.choice()? {
                    "orphans" => Recordings::Orphans,
                    "all" => Recordings::All,
                    _ => Recordings::None,
                },
                remind_after: self.key("notify.remind_after")?.span()?,
                limit: self.key("notify.timeout")?.timer()?,
            },
        })
    }

    fn owner(&self) -> Result<OwnerSettings, ConfigError> {
        Ok(OwnerSettings {
            rules: OwnerRules {
                candidates: self.key("owner.candidates")?.candidates()?,
                match_email: self.key("owner.match_email")?.flag()?,
                domains: self.key("owner.domains")?.domains()?,
            },
            aliases: self.key("owner.aliases")?.file()?,
            remember_for: self.key("owner.remember_for")?.span()?,
            holding_user: KalturaUserId::new(self.key("owner.holding_user")?.ascii_id()?),
        })
    }
}
