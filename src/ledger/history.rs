//! How long what happened is kept. How a recording stands is kept for good.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::runs::{format_stamp, parse_stamp};
use super::{Ledger, LedgerError};

const LAST_PRUNED: &str = "last_pruned";

impl Ledger {
    /// When old history was last let go.
    pub fn last_pruned(&self) -> Result<Option<DateTime<Utc>>, LedgerError> {
        self.meta(LAST_PRUNED)?.as_deref().map(parse_stamp).transpose()
    }

    /// Forgets what happened before `oldest` to recordings of which nothing is owed, and the runs of that time but the
    /// last one of each command. The file keeps its size, and what comes next takes the room.
    pub fn prune(&self, oldest: DateTime<Utc>, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        // ids grow with time, so that one search bounds what is old, however much there is since
        let sql = "SELECT id FROM events WHERE id > 0 AND at >= ?1 ORDER BY id LIMIT 1";
        let first_kept: Option<i64> = change.query_row(sql, [format_stamp(oldest)], |row| row.get(0)).optional()?;
        let sql = "
            DELETE FROM events WHERE id < ?1
                AND (SELECT action FROM recordings WHERE id = events.recording) IN ('done', 'skip')";
        change.execute(sql, [first_kept.unwrap_or(i64::MAX)])?;
        let sql = "
            DELETE FROM runs WHERE started < ?1 AND EXISTS
                (SELECT 1 FROM runs AS later WHERE later.command = runs.command AND later.started > runs.started)";
        change.execute(sql, [format_stamp(oldest)])?;
        let sql =
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        change.execute(sql, params![LAST_PRUNED, format_stamp(at)])?;
        change.commit()?;
        Ok(())
    }
}
