//! What Zoom was asked about hosts: remembered for a while.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::runs::format_stamp;
use super::{Ledger, LedgerError};
use crate::model::{HostId, HostProfile, KalturaUserId};

impl Ledger {
    /// The hosts that were asked for since then.
    pub fn hosts(&self, since: DateTime<Utc>) -> Result<BTreeMap<HostId, HostProfile>, LedgerError> {
        let connection = self.connection();
        let mut hosts = connection.prepare("SELECT host_id, email, attributes FROM hosts WHERE asked >= ?1")?;
        let mut rows = hosts.query([format_stamp(since)])?;
        let mut known = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let attributes: String = row.get(2)?;
            let attributes = serde_json::from_str(&attributes).map_err(|_| LedgerError::Unreadable(attributes))?;
            known.insert(
                HostId::new(row.get::<_, String>(0)?),
                HostProfile { email: row.get(1)?, attributes, last_owner: None },
            );
        }
        Ok(known)
    }

    /// The addresses of all hosts that were ever asked for; of whom Zoom had none, there is none.
    pub fn host_addresses(&self) -> Result<BTreeMap<HostId, String>, LedgerError> {
        let connection = self.connection();
        let mut hosts = connection.prepare("SELECT host_id, email FROM hosts WHERE email <> ''")?;
        let rows = hosts.query_map([], |row| Ok((HostId::new(row.get::<_, String>(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Who else hosted what was copied while they had the address of one of these hosts.
    pub fn earlier_hosts(
        &self,
        now: &BTreeMap<HostId, HostProfile>,
    ) -> Result<BTreeMap<String, BTreeSet<HostId>>, LedgerError> {
        let connection = self.connection();
        let mut hosts = connection.prepare_cached(
            "SELECT DISTINCT host_id FROM recordings
             WHERE host_email = ?1 COLLATE NOCASE AND owner_rule IS NOT NULL AND host_id <> '' AND host_id <> ?2",
        )?;
        let mut earlier: BTreeMap<String, BTreeSet<HostId>> = BTreeMap::new();
        for (host, profile) in now.iter().filter(|(_, profile)| !profile.email.is_empty()) {
            let found = hosts.query_map([&profile.email, host.as_str()], |row| row.get::<_, String>(0))?;
            let found: BTreeSet<HostId> = found.map(|id| id.map(HostId::new)).collect::<Result<_, _>>()?;
            if !found.is_empty() {
                earlier.entry(profile.email.clone()).or_default().extend(found);
            }
        }
        Ok(earlier)
    }

    /// The account to which recordings of this host went last by the rules: not to the holding user, and not to somebody
    /// to whom people gave them.
    pub fn last_owner(&self, host: &HostId) -> Result<Option<KalturaUserId>, LedgerError> {
        let connection = self.connection();
        let mut last = connection.prepare_cached(
            "SELECT owner FROM recordings
             WHERE host_id = ?1 AND owner IS NOT NULL AND owner_rule IS NOT NULL AND NOT orphan
             ORDER BY meeting_start DESC LIMIT 1",
        )?;
        let owner: Option<String> = last.query_row([host.as_str()], |row| row.get(0)).optional()?;
        Ok(owner.map(KalturaUserId::new))
    }

    /// Remembers hosts that were just asked for.
    pub fn remember_hosts(&self, asked: &BTreeMap<HostId, HostProfile>, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let sql = "
            INSERT INTO hosts (host_id, email, attributes, asked) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (host_id) DO UPDATE SET
                email = excluded.email, attributes = excluded.attributes, asked = excluded.asked";
        for (host, profile) in asked {
            let attributes = serde_json::to_string(&profile.attributes).unwrap_or_default();
            change.execute(sql, params![host.as_str(), profile.email, attributes, format_stamp(at)])?;
        }
        change.commit()?;
        Ok(())
    }
}
