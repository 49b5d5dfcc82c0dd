//! Addresses of hosts, where Zoom's listing leaves them out: remembered for a while.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::runs::stamp;
use super::{Ledger, LedgerError};
use crate::model::HostId;

impl Ledger {
    /// The addresses that were asked for since then.
    pub fn hosts(&self, since: DateTime<Utc>) -> Result<BTreeMap<HostId, String>, LedgerError> {
        let connection = self.connection();
        let mut hosts = connection.prepare("SELECT host_id, email FROM hosts WHERE asked >= ?1")?;
        let rows = hosts.query_map([stamp(since)], |row| Ok((HostId::new(row.get::<_, String>(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Remembers addresses that were just asked for.
    pub fn remember_hosts(&self, emails: &BTreeMap<HostId, String>, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let sql = "
            INSERT INTO hosts (host_id, email, asked) VALUES (?1, ?2, ?3)
            ON CONFLICT (host_id) DO UPDATE SET email = excluded.email, asked = excluded.asked";
        for (host, email) in emails {
            change.execute(sql, params![host.as_str(), email, stamp(at)])?;
        }
        change.commit()?;
        Ok(())
    }
}
