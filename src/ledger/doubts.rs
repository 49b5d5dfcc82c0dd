//! Copies that were asked for and whose answer never came: what was asked may yet be carried out.

use chrono::{DateTime, Utc};

use super::runs::format_fine_stamp;
use super::{Ledger, LedgerError};
use crate::model::Tracked;

/// One that is on its way is not over yet.
const IN_DOUBT: &str = "
SELECT DISTINCT recording FROM files
WHERE asked > 1 AND attach_sent >= ?1
    AND state IN ('new', 'sent', 'done', 'broken', 'deleted')";

impl Ledger {
    /// The segments of which an entry, or a text on one, may have been made late, of those asked for since then.
    pub fn in_doubt(&self, since: DateTime<Utc>) -> Result<Vec<Tracked>, LedgerError> {
        self.tracked_by(&self.ids(IN_DOUBT, [format_fine_stamp(since)])?)
    }
}
