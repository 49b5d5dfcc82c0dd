//! Who was told of which alarm, and who is left alone for a while.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::runs::{format_stamp, parse_stamp};
use super::{Ledger, LedgerError};

/// What a receiver was last told of an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentAlert {
    /// What it was about: recordings by their marks, or what else tells it from others of its kind.
    pub subjects: BTreeSet<String>,
    /// When it was told, as new or as still there.
    pub at: DateTime<Utc>,
    /// Whether it was told since that it is over.
    pub over: bool,
}

impl Ledger {
    /// What a receiver was told, by the alarms' words.
    pub fn told(&self, receiver: &str) -> Result<BTreeMap<String, SentAlert>, LedgerError> {
        let connection = self.connection();
        let mut told = connection.prepare("SELECT alarm, subjects, at, over FROM told WHERE receiver = ?1")?;
        let mut rows = told.query([receiver])?;
        let mut found = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (subjects, at): (String, String) = (row.get(1)?, row.get(2)?);
            let subjects = serde_json::from_str(&subjects).map_err(|_| LedgerError::Unreadable(subjects))?;
            found.insert(row.get(0)?, SentAlert { subjects, at: parse_stamp(&at)?, over: row.get(3)? });
        }
        Ok(found)
    }

    /// Remembers what a receiver was told, all or nothing.
    pub fn set_told(&self, receiver: &str, told: &BTreeMap<String, SentAlert>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let sql = "INSERT OR REPLACE INTO told (receiver, alarm, subjects, at, over) VALUES (?1, ?2, ?3, ?4, ?5)";
        for (alarm, told) in told {
            let subjects = serde_json::json!(told.subjects).to_string();
            change.execute(sql, params![receiver, alarm, subjects, format_stamp(told.at), told.over])?;
        }
        change.commit()?;
        Ok(())
    }

    /// Until when a receiver that failed is left alone.
    pub fn rests_until(&self, receiver: &str) -> Result<Option<DateTime<Utc>>, LedgerError> {
        self.meta(&format!("rests_{receiver}"))?.as_deref().map(parse_stamp).transpose()
    }

    /// Leaves a receiver alone until then.
    pub fn set_rests_until(&self, receiver: &str, until: DateTime<Utc>) -> Result<(), LedgerError> {
        self.set_meta(&format!("rests_{receiver}"), &format_stamp(until))
    }
}
