//! The titles of entries: what each was last given, and which are to follow a topic that was renamed in Zoom.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::copies::advance_one;
use super::decisions::append_story;
use super::{Ledger, LedgerError};
use crate::model::{CopyState, FileCopy, masked, one_line};

/// What an entry was called by this program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenTitle {
    /// The title that it has from it; `None` where that is not known, as of a copy of an older version or a lost ledger.
    pub given: Option<String>,
    /// Another one that Kaltura was asked to give it, where its answer is not known.
    pub asked: Option<String>,
}

/// What came of a title that was to follow.
#[derive(Clone, Copy, Debug)]
pub enum TitleEnd<'a> {
    /// The entry has it.
    Given(&'a str),
    /// The entry keeps the one that it has, though Zoom has this topic, and why.
    Kept {
        /// What the recording is called in Zoom.
        topic: &'a str,
        /// Why its title does not follow.
        why: &'a str,
    },
}

/// What is noted of a title that stays.
const KEPT: &str = "title_kept";

/// What ends the note of a title that stays, and shows for which topic it was noted.
fn name_topic(topic: &str) -> String {
    masked(&format!("; Zoom calls the recording {:?}", one_line(topic)))
}

impl Ledger {
    /// Moves a copy on whose entry is about to be asked for, under this title. `from` is the state that it had.
    pub async fn ask_for_entry(
        &self,
        run: &str,
        from: CopyState,
        copy: FileCopy,
        title: &str,
        at: DateTime<Utc>,
    ) -> Result<FileCopy, LedgerError> {
        let (run, title) = (run.to_owned(), title.to_owned());
        self.commit_together(move |change| {
            advance_one(change, &run, from, &copy, at)?;
            let sql = "UPDATE files SET title = ?2, title_asked = NULL WHERE id = ?1";
            change.prepare_cached(sql)?.execute(params![copy.row, title])?;
            Ok(copy)
        })
        .await
    }

    /// The titles of the entries of a recording, by the rows of their files.
    pub fn given_titles(&self, recording: i64) -> Result<HashMap<i64, GivenTitle>, LedgerError> {
        let connection = self.connection();
        let mut titles = connection.prepare_cached("SELECT id, title, title_asked FROM files WHERE recording = ?1")?;
        let rows = titles
            .query_map([recording], |row| Ok((row.get(0)?, GivenTitle { given: row.get(1)?, asked: row.get(2)? })))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes that Kaltura is about to be asked to give an entry another title.
    pub fn ask_for_title(&self, copy: &FileCopy, title: &str) -> Result<(), LedgerError> {
        let sql = "UPDATE files SET title_asked = ?2 WHERE id = ?1";
        self.connection().execute(sql, params![copy.row, title])?;
        Ok(())
    }

    /// Notes what came of it.
    pub fn settle_title(
        &self,
        run: &str,
        copy: &FileCopy,
        end: TitleEnd<'_>,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.transaction()?;
        let (event, detail) = match end {
            TitleEnd::Given(title) => ("retitled", title.to_owned()),
            TitleEnd::Kept { topic, why } => (KEPT, format!("{why}{}", name_topic(topic))),
        };
        let recording: Option<i64> = match end {
            TitleEnd::Given(title) => {
                let sql = "
                    UPDATE files SET title = ?2, title_asked = NULL
                    WHERE id = ?1 AND (title IS NOT ?2 OR title_asked IS NOT NULL) RETURNING recording";
                change.prepare_cached(sql)?.query_row(params![copy.row, title], |row| row.get(0)).optional()?
            }
            // what people gave it is not what this program gave it
            TitleEnd::Kept { .. } => {
                let sql = "SELECT recording FROM files WHERE id = ?1";
                change.prepare_cached(sql)?.query_row([copy.row], |row| row.get(0)).optional()?
            }
        };
        if let Some(recording) = recording {
            append_story(&change, run, recording, Some(copy.file_id.as_str()), event, Some(&detail), at)?;
        }
        change.commit()?;
        Ok(())
    }

    /// Whether it was noted already that the entry keeps its title although Zoom has this topic.
    pub fn is_title_kept(&self, copy: &FileCopy, topic: &str) -> Result<bool, LedgerError> {
        let sql = "
            SELECT event, detail FROM events
            WHERE recording = (SELECT recording FROM files WHERE id = ?1) AND file_id = ?2
                AND event IN ('retitled', 'title_kept')
            ORDER BY id DESC LIMIT 1";
        let connection = self.connection();
        let last: Option<(String, Option<String>)> = connection
            .prepare_cached(sql)?
            .query_row(params![copy.row, copy.file_id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(last.is_some_and(|(event, detail)| {
            event == KEPT && detail.is_some_and(|detail| detail.ends_with(&name_topic(topic)))
        }))
    }

    /// Notes that all titles of a recording follow the topic that it has by now, or stay for good.
    pub fn settle_rename(&self, recording: i64, topic: &str) -> Result<(), LedgerError> {
        let sql = "UPDATE recordings SET topic_before = NULL WHERE id = ?1 AND topic = ?2";
        self.connection().execute(sql, params![recording, topic])?;
        Ok(())
    }
}
