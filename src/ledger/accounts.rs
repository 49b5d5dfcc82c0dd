//! Accounts that Kaltura confirmed: remembered for a while, so that it need not be asked in every run.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::runs::format_stamp;
use super::{Ledger, LedgerError};
use crate::model::KalturaUserId;

impl Ledger {
    /// The accounts that were confirmed since then, by what Kaltura was asked for.
    pub fn accounts(&self, since: DateTime<Utc>) -> Result<BTreeMap<String, KalturaUserId>, LedgerError> {
        let connection = self.connection();
        let mut accounts = connection.prepare("SELECT asked_for, user_id FROM accounts WHERE asked > ?1")?;
        let rows = accounts
            .query_map([format_stamp(since)], |row| Ok((row.get(0)?, KalturaUserId::new(row.get::<_, String>(1)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The accounts to which anything was copied, by hand asked for once in years.
    pub fn owners(&self) -> Result<Vec<String>, LedgerError> {
        let connection = self.connection();
        let mut owners = connection.prepare("SELECT DISTINCT owner FROM recordings WHERE owner IS NOT NULL")?;
        let rows = owners.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets an account that is not there any more.
    pub fn forget_account(&self, user: &KalturaUserId) -> Result<(), LedgerError> {
        self.connection().execute("DELETE FROM accounts WHERE user_id = ?1", [user.as_str()])?;
        Ok(())
    }

    /// Remembers accounts that were just confirmed, and forgets those of before `since`.
    pub fn remember_accounts(
        &self,
        confirmed: &BTreeMap<String, KalturaUserId>,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        if confirmed.is_empty() {
            return Ok(());
        }
        let mut connection = self.connection();
        let change = connection.transaction()?;
        change.execute("DELETE FROM accounts WHERE asked <= ?1", [format_stamp(since)])?;
        let sql = "
            INSERT INTO accounts (asked_for, user_id, asked) VALUES (?1, ?2, ?3)
            ON CONFLICT (asked_for) DO UPDATE SET user_id = excluded.user_id, asked = excluded.asked";
        for (asked_for, user) in confirmed {
            change.prepare_cached(sql)?.execute(params![asked_for, user.as_str(), format_stamp(at)])?;
        }
        change.commit()?;
        Ok(())
    }
}
