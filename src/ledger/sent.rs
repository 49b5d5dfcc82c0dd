//! Since when all bytes of a file have been in Kaltura.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::runs::parse_stamp;
use super::{Ledger, LedgerError};
use crate::model::FileId;

impl Ledger {
    /// By the rows of segments and their files: when the last bytes of a file were sent.
    pub fn sent(&self, rows: &[i64]) -> Result<HashMap<(i64, FileId), DateTime<Utc>>, LedgerError> {
        let connection = self.connection();
        let mut events = connection.prepare(
            "SELECT recording, file_id, max(at) FROM events
             WHERE recording IN (SELECT value FROM json_each(?1)) AND event = 'sent' AND file_id IS NOT NULL
             GROUP BY recording, file_id",
        )?;
        let mut found = events.query([serde_json::Value::from(rows).to_string()])?;
        let mut sent = HashMap::new();
        while let Some(row) = found.next()? {
            let file = FileId::new(row.get::<_, String>(1)?);
            sent.insert((row.get(0)?, file), parse_stamp(&row.get::<_, String>(2)?)?);
        }
        Ok(sent)
    }
}
