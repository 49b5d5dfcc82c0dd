//! The configuration as the rest of the program sees it: typed, checked, complete.

use std::path::PathBuf;

use super::sections::copy::CopySettings;
use super::sections::filter::FilterSettings;
use super::sections::http::HttpSettings;
use super::sections::kaltura::KalturaSettings;
use super::sections::notify::NotifySettings;
use super::sections::purge::PurgeSettings;
use super::sections::retention::RetentionSettings;
use super::sections::sync::SyncSettings;
use super::sections::zoom_trash::ZoomTrashSettings;
use crate::copying::rights::Grants;
use crate::ledger::Journal;
use crate::model::InstallationId;
use crate::owners::OwnerSettings;
use crate::remotes::zoom::ZoomAccess;

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
    /// What says which recordings are copied, key by key: to tell whether that was changed.
    pub choosing: String,
    /// How the ledger's changes reach the disk.
    pub journal: Journal,
    /// `[zoom]`.
    pub zoom: ZoomAccess,
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

impl Settings {
    /// What the account is called in metrics and in `status`.
    #[must_use]
    pub fn account(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.zoom.account_id)
    }
}
