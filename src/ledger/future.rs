//! Instants that lie ahead, although this program wrote them down itself: its clock was ahead then. They count as now, so
//! that nothing waits for them.

use chrono::{DateTime, TimeDelta, Utc};

use super::runs::format_stamp;
use super::{Ledger, LedgerError};

/// No try is put off for longer.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(1);

/// What was written down when it happened: `?1` is now.
const HAPPENED: [&str; 6] = [
    "UPDATE files SET attach_sent = ?1 WHERE attach_sent > ?1",
    "UPDATE hosts SET asked = ?1 WHERE asked > ?1",
    "UPDATE accounts SET asked = ?1 WHERE asked > ?1",
    "UPDATE standings SET since = ?1 WHERE since > ?1",
    "UPDATE meta SET value = ?1 WHERE key IN ('last_listing', 'last_pruned', 'short_since') AND value > ?1",
    "UPDATE runs SET started = ?1, finished = min(finished, ?1) WHERE started > ?1",
];

/// What is waited for: `?1` is now, and nothing is waited for beyond `?2`.
const WAITED_FOR: [&str; 5] = [
    "UPDATE files SET next_try = ?1 WHERE next_try > ?2",
    "UPDATE files SET trash_asked = ?1 WHERE trash_asked > ?2",
    "UPDATE files SET trash_not_before = ?1 WHERE trash_not_before > ?2",
    "UPDATE recordings SET rights_not_before = ?1 WHERE rights_not_before > ?2",
    "UPDATE meta SET value = ?1 WHERE key GLOB 'rests_*' AND value > ?2",
];

impl Ledger {
    /// Makes every instant that lies ahead of this machine's clock one of now. Where a run began in the future, what is
    /// waited for was put off from then, and is due.
    pub fn forget_future(&self, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let today = format_stamp(now);
        let sql = "SELECT EXISTS (SELECT 1 FROM runs WHERE started > ?1)";
        if change.query_row(sql, [&today], |row| row.get(0))? {
            for sql in WAITED_FOR {
                change.prepare_cached(sql)?.execute([&today, &today])?;
            }
        }
        for sql in HAPPENED {
            change.prepare_cached(sql)?.execute([&today])?;
        }
        change.commit()?;
        Ok(())
    }

    /// Makes due what is put off for longer than anything ever is; `now` is the time by which tries are put off.
    pub fn limit_waits(&self, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        for sql in WAITED_FOR {
            change.prepare_cached(sql)?.execute([format_stamp(now), format_stamp(now + LONGEST_WAIT)])?;
        }
        change.commit()?;
        Ok(())
    }
}
