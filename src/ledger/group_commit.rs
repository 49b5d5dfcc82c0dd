//! Changes that several transfers make at a time, in one transaction. Each transaction waits for the disk, for milliseconds
//! where it is idle and for seconds where it is not: so those that come meanwhile wait for one together, and bytes go on
//! flowing.
//!
//! A change that need not be on disk before anything else happens waits for the next one that must, or for a moment.

use std::sync::{Arc, Weak};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::file::{LedgerChange, LedgerFile};
use super::{Ledger, LedgerError};

/// So long a change may wait for another one.
const LATEST: Duration = Duration::from_secs(5);

impl Ledger {
    /// Makes `change` together with the next one that somebody waits for, in their order, or soon by itself. Whoever reads
    /// the ledger in this run finds it made. [`Ledger::write_waiting`] reports that it cannot be made.
    pub(super) fn change_later(&self, change: impl FnOnce(&Connection) -> Result<(), LedgerError> + Send + 'static) {
        let lost = Arc::downgrade(&self.file);
        let made_later: LedgerChange = Box::new(move |shared| {
            let made = shared.and_then(|shared| commit_alone(shared, change));
            Box::new(move |end| {
                match (made.and(end), lost.upgrade()) {
                    // the next look at this copy finds it where it was
                    (Err(error), _) if error.is_of_one() => tracing::debug!("a change was not made: {error}"),
                    (Err(error), Some(file)) => file.note_lost(error),
                    _ => {}
                }
            })
        });
        let mut waiting = self.file.waiting();
        waiting.push(made_later);
        let is_first = waiting.len() == 1;
        drop(waiting);
        if let Ok(runtime) = tokio::runtime::Handle::try_current()
            && is_first
        {
            runtime.spawn(write_soon(Arc::downgrade(&self.file), self.file.writes(), LATEST));
        }
    }

    /// Makes all changes that wait, and tells whether one was lost.
    pub async fn write_waiting(&self) -> Result<(), LedgerError> {
        let is_waiting = !self.file.waiting().is_empty();
        let written = if is_waiting { self.commit_together(|_| Ok(())).await } else { Ok(()) };
        self.file.take_lost().map_or(written, Err)
    }

    /// Makes `change` all or not at all, and returns when it is on disk. It fails alone: those that share its transaction
    /// are made all the same. A caller that does not wait for the end may find it made or not.
    pub(super) async fn commit_together<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (sender, mut answer) = oneshot::channel();
        self.file.waiting().push(Box::new(move |shared| {
            let made = shared.and_then(|shared| commit_alone(shared, change));
            Box::new(move |end| {
                // nobody listens any more where the run is interrupted
                let _ = sender.send(made.and_then(|made| end.map(|()| made)));
            })
        }));
        tokio::select! {
            biased;
            // somebody else has made it
            end = &mut answer => return end.unwrap_or_else(|_| Err(report_given_up())),
            _turn = self.turn.lock() => self.make_those_that_wait().await,
        }
        answer.await.unwrap_or_else(|_| Err(report_given_up()))
    }

    /// Makes all that `changes` changes in one transaction: all or nothing. What it calls changes the ledger at once or within a
    /// savepoint, and reads what was changed so far.
    pub fn change_together<T>(&self, changes: impl FnOnce() -> Result<T, LedgerError>) -> Result<T, LedgerError> {
        // those that wait come first
        self.connection().execute_batch("BEGIN IMMEDIATE")?;
        let _guard = TransactionGuard(&self.file);
        let made = changes()?;
        let connection = self.connection();
        // SQLite undoes a transaction by itself where the disk is full or broken
        if connection.is_autocommit() {
            return Err(report_given_up());
        }
        connection.execute_batch("COMMIT")?;
        Ok(made)
    }

    /// Makes `count` changes in one transaction. It returns the numbers of those that the ledger does not take; they keep
    /// the others from nothing.
    pub(super) fn change_each(
        &self,
        count: usize,
        change: impl Fn(&Connection, usize) -> Result<(), LedgerError>,
    ) -> Result<Vec<(usize, LedgerError)>, LedgerError> {
        let all_in_turn = |all: &Connection| (0..count).try_for_each(|number| change(all, number));
        self.change_all_or_each(count, all_in_turn, &change)
    }

    /// The same; `change_all` is tried first, and makes all of them where the ledger takes each.
    pub(super) fn change_all_or_each(
        &self,
        count: usize,
        change_all: impl FnOnce(&Connection) -> Result<(), LedgerError>,
        change: impl Fn(&Connection, usize) -> Result<(), LedgerError>,
    ) -> Result<Vec<(usize, LedgerError)>, LedgerError> {
        let mut connection = self.connection();
        // what is looked at first is to be there when it is changed
        let all = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match change_all(&all) {
            Ok(()) => {
                all.commit()?;
                return Ok(Vec::new());
            }
            Err(error) if error.is_of_one() => all.rollback()?,
            Err(error) => return Err(error),
        }
        let mut each = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut refused = Vec::new();
        for number in 0..count {
            match commit_alone(&mut each, |savepoint| change(savepoint, number)) {
                Err(error) if error.is_of_one() => refused.push((number, error)),
                made => made?,
            }
        }
        each.commit()?;
        Ok(refused)
    }

    async fn make_those_that_wait(&self) {
        // whoever else can go on now may have a change too
        tokio::task::yield_now().await;
        if !self.file.waiting().is_empty() {
            let file = Arc::clone(&self.file);
            // a panic shows in the answers that do not come
            let _ = tokio::task::spawn_blocking(move || file.write_waiting()).await;
        }
    }
}

/// A transaction that is undone unless it was committed.
struct TransactionGuard<'a>(&'a LedgerFile);

impl Drop for TransactionGuard<'_> {
    fn drop(&mut self) {
        let connection = self.0.connection();
        if !connection.is_autocommit() {
            // where that fails, SQLite has undone it or will when the file is closed
            let _ = connection.execute_batch("ROLLBACK");
        }
        drop(connection);
        // those that came to wait meanwhile
        self.0.write_waiting();
    }
}

/// Where nobody else writes meanwhile: nothing since so many `writes`. A ledger that is closed by then has written it.
async fn write_soon(file: Weak<LedgerFile>, writes: u64, after: Duration) {
    tokio::time::sleep(after).await;
    if let Some(file) = file.upgrade().filter(|file| file.writes() == writes) {
        let _ = tokio::task::spawn_blocking(move || file.write_waiting()).await;
    }
}

fn report_given_up() -> LedgerError {
    let why = "a change was not written".to_owned();
    LedgerError::Sqlite { why, advice: "run sync again, which resumes from what the ledger has" }
}

/// One of the changes of a transaction.
fn commit_alone<T>(
    shared: &mut Transaction<'_>,
    change: impl FnOnce(&Connection) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    // SQLite undoes a transaction by itself where the disk is full or broken: nothing more may be made outside of it
    if shared.is_autocommit() {
        return Err(report_given_up());
    }
    let savepoint = shared.savepoint()?;
    let made = change(&savepoint)?;
    savepoint.commit()?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use futures_util::future::join_all;

    use super::write_soon;
    use crate::ledger::{Count, Identity, Journal, Ledger, LedgerError, LockKind};

    fn ledger(folder: &Path) -> Ledger {
        with_journal(folder, Journal::Auto)
    }

    fn with_journal(folder: &Path, journal: Journal) -> Ledger {
        let identity =
            Identity { zoom_account: "z".to_owned(), kaltura_url: "http://127.0.0.1".to_owned(), partner_id: 1 };
        Ledger::open(folder, &identity, LockKind::Copying, journal).expect("a ledger")
    }

    /// How many transactions have changed the file: what `SQLite`'s file format counts in its header, without a log.
    fn transactions(folder: &Path) -> u32 {
        let bytes = fs::read(folder.join("ledger.db")).expect("a ledger");
        u32::from_be_bytes(bytes[24..28].try_into().expect("four bytes"))
    }

    async fn remember(ledger: &Ledger, key: String) -> Result<(), LedgerError> {
        let sql = "INSERT INTO meta (key, value) VALUES (?1, '')";
        ledger.commit_together(move |change| Ok(change.execute(sql, [key]).map(|_| ())?)).await
    }

    #[tokio::test]
    async fn waiting_changes_share_a_transaction() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = with_journal(folder.path(), Journal::Rollback);
        let before = transactions(folder.path());
        let made = join_all((0..100).map(|number| remember(&ledger, format!("key {number}")))).await;
        assert!(made.iter().all(Result::is_ok), "{made:?}");
        assert!(ledger.read_meta("key 99").expect("a value").is_some());
        assert!(transactions(folder.path()) - before <= 2, "{}", transactions(folder.path()) - before);
    }

    /// All or nothing, in one transaction, and what waits meanwhile is made afterwards.
    #[tokio::test]
    async fn changes_together_share_a_transaction() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = with_journal(folder.path(), Journal::Rollback);
        let later = |key: &'static str| {
            let sql = "INSERT INTO meta (key, value) VALUES (?1, '')";
            ledger.change_later(move |change| Ok(change.execute(sql, [key]).map(drop)?));
        };
        let is_there = |key: &str| ledger.read_meta(key).expect("a value").is_some();
        let before = transactions(folder.path());
        later("waited before");
        let made = ledger.change_together(|| {
            ledger.set_meta("one", "")?;
            later("waits meanwhile");
            assert!(is_there("one") && is_there("waited before") && !is_there("waits meanwhile"));
            ledger.count(&[Count { name: "runs".to_owned(), label: String::new(), value: 1 }])?;
            ledger.set_meta("two", "")
        });
        made.expect("all of them");
        assert_eq!(transactions(folder.path()) - before, 3);
        assert!(["one", "two", "waits meanwhile"].into_iter().all(is_there));
        let failed = ledger.change_together(|| {
            ledger.set_meta("three", "")?;
            ledger.count(&[Count { name: "runs".to_owned(), label: String::new(), value: 1 }])?;
            later("waits for what fails");
            Err::<(), _>(LedgerError::Refused("of one".to_owned()))
        });
        assert!(failed.is_err());
        assert!(!is_there("three") && is_there("waits for what fails"));
        assert_eq!(ledger.counts().expect("counts").iter().map(|count| count.value).collect::<Vec<_>>(), [1]);
        ledger.set_meta("four", "").expect("the next change");
        assert_eq!(transactions(folder.path()) - before, 5);
        let panicking = std::panic::AssertUnwindSafe(|| {
            ledger.change_together::<()>(|| {
                ledger.set_meta("five", "")?;
                panic!("in the middle")
            })
        });
        assert!(std::panic::catch_unwind(panicking).is_err());
        assert!(!is_there("five"));
        ledger.change_together(|| ledger.set_meta("six", "")).expect("the next changes");
        assert!(is_there("six"));
    }

    /// It leaves nothing half made.
    #[tokio::test]
    async fn a_failing_change_fails_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = ledger(folder.path());
        let half = ledger.commit_together(|change| {
            change.execute("INSERT INTO meta (key, value) VALUES ('half', '')", [])?;
            Err::<(), _>(LedgerError::Moved(7))
        });
        let (before, half, after) =
            tokio::join!(remember(&ledger, "before".to_owned()), half, remember(&ledger, "after".to_owned()));
        assert!(before.is_ok() && after.is_ok());
        assert!(matches!(half, Err(LedgerError::Moved(7))));
        let kept = |key| ledger.read_meta(key).expect("a ledger").is_some();
        assert_eq!([kept("before"), kept("half"), kept("after")], [true, false, true]);
    }

    #[test]
    fn only_refused_changes_fail() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = ledger(folder.path());
        let insert = |keys: &[&str]| {
            let sql = "INSERT INTO meta (key, value) VALUES (?1, '')";
            ledger.change_each(keys.len(), |change, number| Ok(change.execute(sql, [keys[number]]).map(|_| ())?))
        };
        assert!(insert(&["a", "b"]).expect("a ledger").is_empty());
        let refused = insert(&["c", "a", "d"]).expect("a ledger");
        assert!(matches!(refused.as_slice(), [(1, LedgerError::Refused(_))]), "{refused:?}");
        assert!(["c", "d"].iter().all(|key| ledger.read_meta(key).expect("a ledger").is_some()));
    }

    /// The cause is in the error, and nothing more is made.
    #[tokio::test]
    async fn sqlites_own_rollback_stops_all_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = ledger(folder.path());
        let undone = ledger.commit_together(|change| {
            change.execute_batch("ROLLBACK")?;
            Err::<(), _>(LedgerError::Moved(7))
        });
        let (undone, after) = tokio::join!(undone, remember(&ledger, "after".to_owned()));
        assert!(matches!(undone, Err(LedgerError::Moved(7))), "{undone:?}");
        assert!(after.is_err() && ledger.read_meta("after").expect("a ledger").is_none(), "{after:?}");
    }

    /// Nothing of them is made.
    #[tokio::test]
    async fn failed_commits_fail_every_sharing_change() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = ledger(folder.path());
        // looked at by COMMIT alone: no recording has this number
        let astray = ledger.commit_together(|change| {
            change.execute_batch("PRAGMA defer_foreign_keys = ON")?;
            let sql = "INSERT INTO files (recording, file_id, bytes, state) VALUES (999, 'v', 1, 'new')";
            Ok(change.execute(sql, []).map(|_| ())?)
        });
        let (before, astray, after) =
            tokio::join!(remember(&ledger, "before".to_owned()), astray, remember(&ledger, "after".to_owned()));
        assert!(before.is_err() && astray.is_err() && after.is_err(), "{before:?} {astray:?} {after:?}");
        assert!(["before", "after"].iter().all(|key| ledger.read_meta(key).expect("a ledger").is_none()));
        assert!(remember(&ledger, "later".to_owned()).await.is_ok(), "the next one is made");
    }

    #[test]
    fn failed_commits_fail_batches_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = ledger(folder.path());
        let change = |change: &rusqlite::Connection, number: usize, refused: Option<usize>| {
            change.execute_batch("PRAGMA defer_foreign_keys = ON")?;
            let astray = "INSERT INTO files (recording, file_id, bytes, state) VALUES (999, ?1, 1, 'new')";
            // a size is never nothing: refused at once, and to this one alone
            let sql = if refused == Some(number) { astray.replace(", 1,", ", NULL,") } else { astray.to_owned() };
            Ok(change.execute(&sql, [number.to_string()]).map(|_| ())?)
        };
        for refused in [None, Some(1)] {
            let made = ledger.change_each(2, |connection, number| change(connection, number, refused));
            assert!(made.is_err(), "{refused:?}: {made:?}");
        }
    }

    /// Who reads it meanwhile finds it made.
    #[tokio::test]
    async fn later_changes_wait_for_the_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = with_journal(folder.path(), Journal::Rollback);
        let insert = |key: &'static str| {
            let sql = "INSERT INTO meta (key, value) VALUES (?1, '')";
            ledger.change_later(move |change| Ok(change.execute(sql, [key]).map(|_| ())?));
        };
        let before = transactions(folder.path());
        insert("a");
        insert("b");
        // what fails, fails alone
        insert("a");
        tokio::task::yield_now().await;
        assert_eq!(transactions(folder.path()) - before, 0);
        remember(&ledger, "next".to_owned()).await.expect("a change");
        assert_eq!(transactions(folder.path()) - before, 1);
        insert("c");
        assert!(["a", "b", "c"].iter().all(|key| ledger.read_meta(key).expect("a ledger").is_some()));
        assert_eq!(transactions(folder.path()) - before, 2);
        insert("last");
        drop(ledger);
        assert_eq!(transactions(folder.path()) - before, 3, "it is written when the ledger is closed");
    }

    /// What came after others were written waits for a time of its own.
    #[tokio::test]
    async fn later_changes_are_written_soon() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = with_journal(folder.path(), Journal::Rollback);
        let (before, writes) = (transactions(folder.path()), ledger.file.writes());
        let insert = |sql: &'static str| ledger.change_later(move |change| Ok(change.execute_batch(sql)?));
        insert("INSERT INTO meta VALUES ('a', '')");
        write_soon(Arc::downgrade(&ledger.file), writes, Duration::ZERO).await;
        assert_eq!(transactions(folder.path()) - before, 1);
        insert("INSERT INTO meta VALUES ('b', '')");
        write_soon(Arc::downgrade(&ledger.file), writes, Duration::ZERO).await;
        assert_eq!(transactions(folder.path()) - before, 1);
    }

    /// Whoever asks for all that waits.
    #[tokio::test]
    async fn lost_later_changes_are_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = ledger(folder.path());
        ledger.write_waiting().await.expect("nothing waits");
        ledger.change_later(|change| Ok(change.execute_batch("ROLLBACK")?));
        let other = "INSERT INTO meta VALUES ('a', '')";
        ledger.change_later(move |change| Ok(change.execute_batch(other)?));
        assert!(ledger.write_waiting().await.is_err());
        assert!(ledger.write_waiting().await.is_ok(), "once");
        assert!(ledger.read_meta("a").expect("a ledger").is_none());
    }

    #[tokio::test]
    async fn unwritable_ledgers_fail_every_change() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = ledger(folder.path());
        ledger.connection().busy_timeout(std::time::Duration::ZERO).expect("no patience");
        let other = rusqlite::Connection::open(folder.path().join("ledger.db")).expect("another program");
        other.execute_batch("BEGIN EXCLUSIVE").expect("a lock");
        let made = join_all((0..3).map(|number| remember(&ledger, format!("key {number}")))).await;
        assert!(made.iter().all(|made| matches!(made, Err(LedgerError::Sqlite { .. }))), "{made:?}");
    }
}
