//! The configuration as the rest of the program sees it: typed, checked, complete.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use regex::Regex;
use secrecy::SecretString;
use url::Url;

use crate::copying::categories::CategoryRules;
use crate::copying::plan::WantedFiles;
use crate::copying::rights::Grants;
use crate::copying::transfer::{Way, Wording};
use crate::model::InstallationId;
use crate::output::notify::Receivers;
use crate::owners::OwnerSettings;
use crate::owners::people::Lists;
use crate::remotes::http::SecretUrl;
use crate::remotes::kaltura::Credentials;
use crate::remotes::zoom::{CallsPerSecond, DownloadHosts};

/// All of it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the ledger and the run lock lie.
    pub state_dir: PathBuf,
    /// What the institution calls its account, where it says so.
    pub name: Option<String>,
    /// The id of this installation, where it is not made from the machine.
    pub installation: Option<InstallationId>,
    /// What tells this machine from others.
    pub machine_id_file: Option<PathBuf>,
    /// `[zoom]`.
    pub zoom: ZoomSettings,
    /// `[kaltura]`.
    pub kaltura: KalturaSettings,
    /// `[sync]`.
    pub sync: SyncSettings,
    /// `[http]`.
    pub http: HttpSettings,
    /// `[owner]`.
    pub owner: OwnerSettings,
    /// `[filter]`.
    pub filter: FilterSettings,
    /// `[copy]`.
    pub copy: CopySettings,
    /// `[purge]`.
    pub purge: PurgeSettings,
    /// `[retention]`.
    pub retention: RetentionSettings,
    /// `[rights]`.
    pub rights: Grants,
    /// `[zoom_trash]`.
    pub zoom_trash: ZoomTrashSettings,
    /// `[notify]`.
    pub notify: NotifySettings,
}

/// Where recordings come from.
#[derive(Clone, Debug)]
pub struct ZoomSettings {
    /// The account of a server-to-server OAuth app.
    pub account_id: String,
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: SecretString,
    /// Base address of the API.
    pub api_url: Url,
    /// Where tokens are given out.
    pub oauth_url: Url,
    /// Where the token may go.
    pub download_hosts: DownloadHosts,
    /// How many calls of the API are made in a second.
    pub calls_per_second: CallsPerSecond,
}

/// Where recordings go.
#[derive(Clone, Debug)]
pub struct KalturaSettings {
    /// Base address of the service.
    pub url: Url,
    /// The partner (account) number, above 0.
    pub partner_id: i64,
    /// The user in whose name this program acts.
    pub service_user: String,
    /// What sessions are made from.
    pub credentials: Credentials,
    /// Where people see an entry, with `{entry_id}` for its id; empty for nowhere.
    pub entry_link: String,
    /// How media are converted; the partner's default where none is named.
    pub conversion_profile_id: Option<i64>,
}

/// When what is copied.
#[derive(Clone, Debug)]
pub struct SyncSettings {
    /// Nothing recorded earlier is copied by `sync`.
    pub go_live: DateTime<Utc>,
    /// Listed anew by every run.
    pub lookback: TimeDelta,
    /// Listed anew every 12 hours; never shorter than `lookback`.
    pub rescan: TimeDelta,
    /// How often a long run looks for recordings that are newer than it.
    pub relist_every: Duration,
    /// Transfers at a time.
    pub parallel: usize,
    /// Size of an uploaded chunk, at most.
    pub chunk_bytes: u64,
    /// Bytes a second of all transfers together, where they are held back.
    pub bandwidth: Option<u64>,
    /// Who moves the bytes.
    pub transfer: Way,
    /// How long Kaltura may take to fetch a recording, and how long the token lives that lets it.
    pub pull_within: TimeDelta,
    /// After so many faults of its own a recording is given up.
    pub max_attempts: u32,
    /// Before the second try; doubles with each further one.
    pub retry_after: TimeDelta,
    /// How long Zoom keeps recordings.
    pub zoom_retention: TimeDelta,
    /// What could be copied for longer and is not there is late.
    pub late_after: TimeDelta,
    /// What Kaltura processes for longer needs attention.
    pub processing_alert: TimeDelta,
    /// What Zoom deletes within this time and is not there is at risk.
    pub at_risk: TimeDelta,
    /// So long it is kept what happened to recordings of which nothing is owed.
    pub keep_history: TimeDelta,
}

/// How patient this program is with both services.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Within a run, at one place.
    pub retries: usize,
    /// Before the first of them; doubles with each further one.
    pub retry_wait: Duration,
    /// For a connection to come about.
    pub connect_timeout: Duration,
    /// Without a byte.
    pub stall_after: Duration,
    /// For a call of an API, its whole answer included.
    pub call_timeout: Duration,
    /// How long a creation whose answer was lost is looked for.
    pub settle: TimeDelta,
    /// How long an upload that has no entry yet, or is being closed, may be somebody's.
    pub claim_settle: TimeDelta,
}

/// What is copied.
#[derive(Clone, Debug)]
pub struct FilterSettings {
    /// Whether meetings are.
    pub meetings: bool,
    /// Whether webinars are.
    pub webinars: bool,
    /// Shorter recordings are not.
    pub min_duration: TimeDelta,
    /// Recordings whose topic one of these matches are not.
    pub exclude_topics: Vec<Regex>,
    /// Who opts out, and who opts in.
    pub lists: Lists,
}

/// What of a recording is copied, and what the copies look like.
#[derive(Clone, Debug)]
pub struct CopySettings {
    /// Which files are.
    pub wanted: WantedFiles,
    /// What entries and captions are called.
    pub wording: Wording,
    /// The categories that copies are put into; their file is yet to be read.
    pub categories: CategoryRules,
}

/// When recording files go to Zoom's trash.
#[derive(Clone, Copy, Debug)]
pub struct ZoomTrashSettings {
    /// How long after their copy was confirmed; `None` for never.
    pub after: Option<TimeDelta>,
    /// More due than this, and none goes there.
    pub max_files: usize,
}

/// When orphaned copies are deleted.
#[derive(Clone, Copy, Debug)]
pub struct PurgeSettings {
    /// How long after it was confirmed an orphaned copy is kept.
    pub older_than: TimeDelta,
    /// More due than this, and nothing is deleted.
    pub max_deletes: usize,
    /// Whether a copy whose host has an account by now is handed over.
    pub adopt: bool,
    /// A greater share of orphans among recent copies than this, and nothing is deleted.
    pub max_orphan_percent: u8,
    /// Whether copies go to Kaltura's recycle bin.
    pub recycle_bin: bool,
}

/// Which copies `retention` tells, in calendar years.
#[derive(Clone, Copy, Debug)]
pub struct RetentionSettings {
    /// Those that nobody played for so long.
    pub unplayed_years: u32,
    /// Those that are older.
    pub max_age_years: u32,
}

/// Who is called.
#[derive(Clone, Debug)]
pub struct NotifySettings {
    /// Where metrics are written.
    pub metrics_file: Option<PathBuf>,
    /// Where `sync` pings.
    pub ping_url: Option<SecretUrl>,
    /// Where `purge` pings.
    pub purge_ping_url: Option<SecretUrl>,
    /// Who gets events.
    pub receivers: Receivers,
}
