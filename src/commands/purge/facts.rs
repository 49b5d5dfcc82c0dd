//! Everything that a purge is decided on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::orphan::{OrphanSeen, Witnesses};
use crate::copying::directory::Directory;
use crate::ledger::OrphanShare;
use crate::model::{EntryId, HostId, HostProfile, KalturaUserId};
use crate::remotes::http::RemoteError;

/// Everything that a purge is decided on.
#[derive(Debug, Default)]
pub struct PurgeFacts {
    /// The orphans.
    pub seen: Vec<OrphanSeen>,
    /// Holding users that do not exist, or are blocked.
    pub missing: Vec<KalturaUserId>,
    /// What lies with a holding user, carries the mark of an orphan and is none by the ledger, which may know it as given
    /// away.
    pub given_back: Vec<(EntryId, KalturaUserId)>,
    /// Where two answers of Kaltura contradict one another, in words.
    pub contradictions: Vec<String>,
    /// Accounts that Kaltura must know.
    pub witnesses: Witnesses,
    /// How many of the recent copies have no owner.
    pub share: OrphanShare,
    /// The same of all copies that the ledger knows.
    pub ever: OrphanShare,
    /// Hosts that Zoom was asked for, to be remembered.
    pub hosts: BTreeMap<HostId, HostProfile>,
    /// What went wrong at single hosts and groups.
    pub trouble: Vec<RemoteError>,
    /// Lists of people that make no sense or are not believed, a line each: who may be meant is not deleted.
    pub held: Vec<String>,
    /// What to go by when the heirs are looked for again.
    pub directory: Option<Directory>,
    /// What time it is, by Kaltura's clock.
    pub now: DateTime<Utc>,
}
