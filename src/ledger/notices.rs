//! Who was told of what: alarms, and news for hosts.
//!
//! Who was told of which alarm, and who is left alone for a while.
//!
//! What hosts may want to know of their recordings. Written down in the same change as the decision, so that no crash
//! loses it, and forgotten when everybody was told who is to be.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, Transaction, params};

use super::runs::{format_stamp, parse_stamp};
use super::tracked::{read_time, segment_of_row};
use super::{Ledger, LedgerError};
use crate::model::{EntryId, Segment};

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
        let change = connection.savepoint()?;
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
        self.read_meta(&format!("rests_{receiver}"))?.as_deref().map(parse_stamp).transpose()
    }

    /// Leaves a receiver alone until then.
    pub fn set_rests_until(&self, receiver: &str, until: DateTime<Utc>) -> Result<(), LedgerError> {
        self.set_meta(&format!("rests_{receiver}"), &format_stamp(until))
    }
}

/// One piece of news.
#[derive(Clone, Debug)]
pub struct News {
    /// Its number: they grow, and none is given twice.
    pub id: i64,
    /// `arrived`, `held` or `handed_over`.
    pub what: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The recording, as it was last listed, without its files.
    pub segment: Segment,
    /// The account that it belongs to.
    pub owner: Option<String>,
    /// Its entry.
    pub entry_id: Option<EntryId>,
    /// When its copy was confirmed.
    pub confirmed: Option<DateTime<Utc>>,
}

/// A copy is good: with its host, or with the holding user.
pub(super) fn add_arrival_news(change: &Connection, recording: i64, at: DateTime<Utc>) -> Result<(), LedgerError> {
    let sql = "
        INSERT INTO news (recording, what, at)
        SELECT id, CASE WHEN orphan THEN 'held' ELSE 'arrived' END, ?2 FROM recordings WHERE id = ?1";
    change.prepare_cached(sql)?.execute(params![recording, format_stamp(at)])?;
    Ok(())
}

/// An orphan has found its host.
pub(super) fn add_hand_over_news(
    change: &Transaction<'_>,
    recording: i64,
    at: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO news (recording, what, at) VALUES (?1, 'handed_over', ?2)";
    change.execute(sql, params![recording, format_stamp(at)])?;
    Ok(())
}

impl Ledger {
    /// News that a receiver was not told yet, oldest first, at most so many.
    pub fn news(&self, receiver: &str, most: usize) -> Result<Vec<News>, LedgerError> {
        let told = self.told_up_to(receiver)?;
        let connection = self.connection();
        let sql = "
            SELECT news.id AS news_id, what, at, recordings.*, files.entry_id, files.confirmed
            FROM news JOIN recordings ON recordings.id = news.recording
                LEFT JOIN files ON files.recording = recordings.id AND files.role = 'parent'
            WHERE news.id > ?1 GROUP BY news.id ORDER BY news.id LIMIT ?2";
        let mut news = connection.prepare(sql)?;
        let mut rows = news.query(params![told, i64::try_from(most).unwrap_or(i64::MAX)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read_news(row)?);
        }
        Ok(found)
    }

    /// Remembers that a receiver was told of all news up to this one.
    pub fn set_told_up_to(&self, receiver: &str, id: i64) -> Result<(), LedgerError> {
        self.set_meta(&receiver_key(receiver), &id.to_string())
    }

    /// Forgets what all of these receivers were told, and what happened before `oldest`.
    pub fn forget_news(&self, receivers: &[&str], oldest: DateTime<Utc>) -> Result<(), LedgerError> {
        let told = receivers.iter().map(|receiver| self.told_up_to(receiver)).collect::<Result<Vec<_>, _>>()?;
        let all_told = told.into_iter().min().unwrap_or(i64::MAX);
        let sql = "DELETE FROM news WHERE id <= ?1 OR at < ?2";
        self.connection().execute(sql, params![all_told, format_stamp(oldest)])?;
        Ok(())
    }

    fn told_up_to(&self, receiver: &str) -> Result<i64, LedgerError> {
        let told = self.read_meta(&receiver_key(receiver))?;
        told.map_or(Ok(0), |text| text.parse().map_err(|_| LedgerError::Unreadable(text)))
    }
}

fn receiver_key(receiver: &str) -> String {
    format!("told_up_to_{receiver}")
}

fn read_news(row: &Row<'_>) -> Result<News, LedgerError> {
    Ok(News {
        id: row.get("news_id")?,
        what: row.get("what")?,
        at: parse_stamp(&row.get::<_, String>("at")?)?,
        segment: segment_of_row(row)?,
        owner: row.get("owner")?,
        entry_id: row.get::<_, Option<String>>("entry_id")?.map(EntryId::new),
        confirmed: read_time(row, "confirmed")?,
    })
}
