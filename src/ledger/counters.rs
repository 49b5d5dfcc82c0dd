//! What runs have done since the ledger was made, and how its recordings stand: numbers for metrics.

use chrono::NaiveDate;
use rusqlite::params;

use super::runs::format_stamp;
use super::{Ledger, LedgerError};

/// A number that only grows, of as many kinds as it has labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// What is counted.
    pub name: String,
    /// Of which kind: values of labels, divided by blanks; empty where there is one kind only.
    pub label: String,
    /// How much of it.
    pub value: u64,
}

/// How many recordings stand alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    /// What was last decided about them.
    pub action: String,
    /// And why.
    pub reason: Option<String>,
    /// How many.
    pub recordings: u64,
}

impl Ledger {
    /// Adds up, all or nothing.
    pub fn count(&self, counts: &[Count]) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let sql = "
            INSERT INTO counters (name, label, value) VALUES (?1, ?2, ?3)
            ON CONFLICT (name, label) DO UPDATE SET value = value + excluded.value";
        for count in counts {
            change.prepare_cached(sql)?.execute(params![count.name, count.label, count.value.cast_signed()])?;
        }
        change.commit()?;
        Ok(())
    }

    /// All that was ever counted.
    pub fn counts(&self) -> Result<Vec<Count>, LedgerError> {
        let connection = self.connection();
        let mut counts = connection.prepare("SELECT name, label, value FROM counters ORDER BY name, label")?;
        let read = counts.query_map([], |row| {
            Ok(Count { name: row.get(0)?, label: row.get(1)?, value: row.get::<_, i64>(2)?.unsigned_abs() })
        })?;
        Ok(read.collect::<Result<_, _>>()?)
    }

    /// How the recordings of meetings since `from` stand.
    pub fn census(&self, from: NaiveDate) -> Result<Vec<Census>, LedgerError> {
        let connection = self.connection();
        let sql = "
            SELECT action, reason, count(*) FROM recordings WHERE meeting_start >= ?1
            GROUP BY action, reason ORDER BY action, reason";
        let since = format_stamp(from.and_time(chrono::NaiveTime::MIN).and_utc());
        let mut census = connection.prepare(sql)?;
        let read = census.query_map([since], |row| {
            Ok(Census { action: row.get(0)?, reason: row.get(1)?, recordings: row.get::<_, i64>(2)?.unsigned_abs() })
        })?;
        Ok(read.collect::<Result<_, _>>()?)
    }
}
