//! How changes reach the disk: through a write-ahead log during a run, which waits for the disk once a change; back
//! to a plain file at its end, of which readers, copies and backups need nothing else.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};
use rustix::fs::statfs;

use super::LedgerError;

/// How long a writer waits for a reader, and the other way round.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How long the end of a run waits for readers.
const PATIENCE_AT_END: Duration = Duration::from_secs(1);
/// So large may the log stay once it is in the file; `SQLite` starts it over after as many bytes.
const MOST_LOG_BYTES: i64 = 4 << 20;

/// Which journal the ledger may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journal {
    /// A write-ahead log on a local disk, else a rollback journal.
    Auto,
    /// A rollback journal.
    Rollback,
}

impl Journal {
    /// The words of the configuration.
    pub const WORDS: &[&str] = &["auto", "rollback"];

    /// What a word of the configuration says.
    #[must_use]
    pub fn of(word: &str) -> Journal {
        if word == "rollback" { Journal::Rollback } else { Journal::Auto }
    }

    /// Takes the journal that the ledger may have, as far as `SQLite` agrees: where another program uses the ledger, it stays
    /// with the one that it has.
    pub(super) fn take(self, connection: &Connection, file: &Path) -> Result<(), LedgerError> {
        let wanted = if self == Journal::Auto && is_on_local_disk(file) { "wal" } else { "delete" };
        // before the first change in the log: what a change waits for is the same in both
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "journal_size_limit", MOST_LOG_BYTES)?;
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        connection.pragma_update(None, "wal_autocheckpoint", MOST_LOG_BYTES / page)?;
        match ask_journal(connection, wanted) {
            Ok(taken) => tracing::debug!("the ledger's journal: {taken}"),
            Err(error) if is_busy(&error) => tracing::debug!("the ledger's journal stays as it is: {error}"),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// Makes a plain file of it again. Where somebody reads just now, the log stays, empty if that can be, and the next run tries
/// again.
pub(super) fn end_journal(connection: &Connection) {
    if let Err(error) = make_plain(connection) {
        tracing::debug!("the ledger keeps its log for now: {error}");
    }
}

fn make_plain(connection: &Connection) -> rusqlite::Result<()> {
    let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if journal != "wal" {
        return Ok(());
    }
    connection.busy_timeout(PATIENCE_AT_END)?;
    let since = Instant::now();
    loop {
        // what was forgotten is forgotten in the log too, also where it has to stay
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        match ask_journal(connection, "delete") {
            Err(error) if is_busy(&error) && since.elapsed() < PATIENCE_AT_END => {
                thread::sleep(Duration::from_millis(20));
            }
            asked => return asked.map(|_| ()),
        }
    }
}

/// Makes a plain file of it for a moment, where nobody else uses the ledger just now; whether it is one.
pub(super) fn rest_log(connection: &Connection) -> Result<bool, LedgerError> {
    let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if journal != "wal" {
        return Ok(false);
    }
    connection.busy_timeout(Duration::ZERO)?;
    let asked = ask_journal(connection, "delete");
    connection.busy_timeout(PATIENCE)?;
    match asked {
        Err(error) if is_busy(&error) => Ok(false),
        asked => Ok(asked.map(|taken| taken == "delete")?),
    }
}

/// Gives it its log again. Where that cannot be just now, the run goes on without one.
pub(super) fn resume_log(connection: &Connection) {
    if let Err(error) = ask_journal(connection, "wal") {
        tracing::debug!("the ledger does without its log: {error}");
    }
}

/// Makes a plain file of one whose log cannot be used where it lies, for want of memory that processes share: alone, `SQLite`
/// does without (<https://www.sqlite.org/wal.html>, "Use of WAL Without Shared-Memory").
pub(super) fn leave_log(connection: &Connection) -> Result<(), LedgerError> {
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    ask_journal(connection, "delete")?;
    Ok(())
}

fn ask_journal(connection: &Connection, wanted: &str) -> rusqlite::Result<String> {
    connection.pragma_update_and_check(None, "journal_mode", wanted, |row| row.get(0))
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// File systems of one machine, by the numbers of `linux/magic.h` and their own sources. A log needs memory that all processes
/// share which use the ledger: on any other file system two machines may use it, so that one that is not known stays with
/// the rollback journal.
const LOCAL: [(u32, &str); 11] = [
    (0x0000_EF53, "ext2, ext3, ext4"),
    (0x5846_5342, "XFS"),
    (0x9123_683E, "Btrfs"),
    (0x2FC1_2FC1, "ZFS"),
    (0xF2F5_2010, "F2FS"),
    (0xCA45_1A4E, "bcachefs"),
    (0x3153_464A, "JFS"),
    (0x5265_4973, "ReiserFS"),
    (0x794C_7630, "overlay, of containers"),
    (0x0102_1994, "tmpfs"),
    (0x8584_58F6, "ramfs"),
];

fn is_on_local_disk(file: &Path) -> bool {
    statfs(file).is_ok_and(|found| u32::try_from(found.f_type & 0xFFFF_FFFF).is_ok_and(is_local))
}

fn is_local(file_system: u32) -> bool {
    LOCAL.iter().any(|(local, _)| *local == file_system)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use rusqlite::Connection;

    use super::{Journal, is_local, is_on_local_disk};
    use crate::ledger::wal::has_log;
    use crate::ledger::{Identity, Ledger, LedgerError, LockKind};

    fn identity() -> Identity {
        Identity { zoom_account: "z".to_owned(), kaltura_url: "http://127.0.0.1".to_owned(), partner_id: 1 }
    }

    fn open(folder: &Path, work: LockKind, journal: Journal) -> Result<Ledger, LedgerError> {
        Ledger::open(folder, &identity(), work, journal)
    }

    fn run(folder: &Path) -> Ledger {
        open(folder, LockKind::Copying, Journal::Auto).expect("a ledger")
    }

    fn files(folder: &Path) -> Vec<String> {
        let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").file_name());
        let mut names: Vec<String> = files.map(|name| name.to_string_lossy().into_owned()).collect();
        names.retain(|name| name.starts_with("ledger"));
        names.sort();
        names
    }

    /// `linux/magic.h`, and for some their own sources.
    #[test]
    fn only_local_file_systems_are_local() {
        let cases = [
            ("NFS", 0x6969, false),
            ("SMB", 0x517B, false),
            ("SMB2", 0xFE53_4D42, false),
            ("CIFS", 0xFF53_4D42, false),
            ("FUSE, sshfs, virtiofs", 0x6573_5546, false),
            ("9p", 0x0102_1997, false),
            ("Ceph", 0x00C3_6400, false),
            ("AFS", 0x5346_414F, false),
            ("Coda", 0x7375_7245, false),
            ("Lustre", 0x0BD0_0BD0, false),
            ("GPFS", 0x4750_4653, false),
            ("GFS2", 0x0116_1970, false),
            ("OCFS2", 0x7461_636F, false),
            ("BeeGFS", 0x1983_0326, false),
            ("one that nobody knows yet", 0x1234_5678, false),
            ("ext4", 0xEF53, true),
            ("XFS", 0x5846_5342, true),
            ("Btrfs", 0x9123_683E, true),
            ("tmpfs", 0x0102_1994, true),
            ("overlay", 0x794C_7630, true),
        ];
        for (name, number, local) in cases {
            assert_eq!(is_local(number), local, "{name}");
        }
    }

    #[test]
    fn log_is_there_during_runs_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ledger.db");
        for (journal, with_log) in [(Journal::Auto, is_on_local_disk(folder.path())), (Journal::Rollback, false)] {
            let ledger = open(folder.path(), LockKind::Copying, journal).expect("a ledger");
            ledger.set_meta("key", "value").expect("a change");
            assert_eq!(has_log(&file), with_log, "{journal:?}");
            drop(ledger);
            assert_eq!((has_log(&file), files(folder.path())), (false, vec!["ledger.db".to_owned()]), "{journal:?}");
        }
    }

    /// Each finds what the other wrote.
    #[test]
    fn last_of_two_runs_ends_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ledger.db");
        for journals in [[Journal::Auto; 2], [Journal::Auto, Journal::Rollback], [Journal::Rollback, Journal::Auto]] {
            let copying = open(folder.path(), LockKind::Copying, journals[0]).expect("a ledger");
            let purging = open(folder.path(), LockKind::Purging, journals[1]).expect("a ledger");
            copying.set_meta("one", &format!("{journals:?}")).expect("a change");
            purging.set_meta("other", &format!("{journals:?}")).expect("a change");
            drop(copying);
            assert_eq!(purging.read_meta("one").expect("a ledger"), Some(format!("{journals:?}")));
            purging.set_meta("other", "later").expect("a change");
            drop(purging);
            assert_eq!((has_log(&file), files(folder.path()).len()), (false, 1), "{journals:?}");
        }
    }

    /// Somebody may write who needs no lock.
    #[test]
    fn ledger_written_beside_follows_it() {
        let folder = tempfile::tempdir().expect("a folder");
        for journal in [Journal::Auto, Journal::Rollback] {
            let ledger = open(folder.path(), LockKind::Copying, journal).expect("a ledger");
            let beside = Ledger::beside(folder.path(), &identity()).expect("a ledger").expect("the one there is");
            beside.set_meta("beside", "1").expect("a change");
            drop(beside);
            assert_eq!(ledger.read_meta("beside").expect("a ledger").as_deref(), Some("1"), "{journal:?}");
            ledger.set_meta("beside", "2").expect("a change");
            drop(ledger);
            assert_eq!(files(folder.path()), ["ledger.db"], "{journal:?}");
        }
    }

    /// It is empty, and the next run ends it.
    #[test]
    fn log_that_is_read_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ledger.db");
        let ledger = run(folder.path());
        if !has_log(&file) {
            return;
        }
        ledger.set_meta("token", "1_secret").expect("a change");
        let reader = Ledger::read_only(folder.path(), &identity()).expect("a reader");
        assert!(reader.read_meta("token").expect("a ledger").is_some());
        drop(ledger);
        assert!(has_log(&file), "somebody reads");
        assert_eq!(fs::metadata(file.with_extension("db-wal")).expect("a log").len(), 0);
        assert!(reader.read_meta("token").expect("a ledger").is_some());
        drop(reader);
        drop(run(folder.path()));
        assert_eq!((has_log(&file), files(folder.path())), (false, vec!["ledger.db".to_owned()]));
    }

    /// A kill between two runs leaves the log as it is.
    fn die(ledger: Ledger, folder: &Path) {
        let kept: Vec<_> = files(folder).into_iter().map(|name| folder.join(name)).collect();
        let kept: Vec<_> = kept.into_iter().map(|path| (fs::read(&path).expect("a file"), path)).collect();
        drop(ledger);
        for (bytes, path) in kept {
            fs::write(path, bytes).expect("as it was");
        }
    }

    #[test]
    fn restored_backup_meets_no_foreign_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ledger.db");
        drop(run(folder.path()));
        let backup = fs::read(&file).expect("a ledger");
        let ledger = run(folder.path());
        if !has_log(&file) {
            return;
        }
        ledger.set_meta("key", "of the dead run").expect("a change");
        die(ledger, folder.path());
        fs::write(&file, &backup).expect("the backup is restored");
        let refused = |found: Result<(), LedgerError>| matches!(found, Err(LedgerError::ForeignLog(_)));
        assert!(refused(open(folder.path(), LockKind::Copying, Journal::Auto).map(|_| ())));
        assert!(refused(Ledger::beside(folder.path(), &identity()).map(|_| ())));
        assert!(refused(Ledger::read_only(folder.path(), &identity()).map(|_| ())));
        assert_eq!(fs::read(&file).expect("a ledger"), backup);
        fs::remove_file(file.with_extension("db-wal")).expect("it is deleted");
        assert!(run(folder.path()).read_meta("key").expect("a ledger").is_none());
    }

    /// A new ledger in place of a lost one has nothing of the old one.
    #[test]
    fn new_ledger_takes_no_old_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = run(folder.path());
        ledger.set_meta("key", "of the dead run").expect("a change");
        die(ledger, folder.path());
        fs::remove_file(folder.path().join("ledger.db")).expect("it is moved away");
        assert!(run(folder.path()).read_meta("key").expect("a ledger").is_none());
        assert_eq!(files(folder.path()), ["ledger.db"]);
    }

    #[test]
    fn cut_ledger_is_damaged_despite_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ledger.db");
        drop(run(folder.path()));
        let ledger = run(folder.path());
        ledger.set_meta("key", "value").expect("a change");
        die(ledger, folder.path());
        let whole = fs::read(&file).expect("a ledger");
        let log = file.with_extension("db-wal");
        let kept = fs::read(&log).expect("a log");
        // wherever the cut is, in a page or between two
        for cut in (1..8).map(|eighths| whole.len() * eighths / 8) {
            for length in [cut, cut / 1024 * 1024] {
                fs::write(&file, &whole[..length]).expect("a part of it");
                let opened = open(folder.path(), LockKind::Copying, Journal::Auto);
                assert!(matches!(opened, Err(LedgerError::Damaged(_))), "{length} bytes: {opened:?}");
                let read = Ledger::read_only(folder.path(), &identity());
                assert!(matches!(read, Err(LedgerError::Damaged(_))), "{length} bytes: {read:?}");
                assert!(fs::read(&log).is_ok_and(|now| now == kept), "{length} bytes: the log is touched");
                assert!(fs::read(&file).is_ok_and(|now| now == whole[..length]), "{length} bytes: the file is touched");
            }
        }
        fs::write(&file, &whole).expect("all of it");
        assert_eq!(run(folder.path()).read_meta("key").expect("a ledger").as_deref(), Some("value"));
    }

    /// As where a file system shares no memory: the journal is the other one, whether the log was left by somebody or not.
    #[test]
    fn log_without_memory_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, memory) = (folder.path().join("ledger.db"), folder.path().join("ledger.db-shm"));
        drop(run(folder.path()));
        fs::create_dir(&memory).expect("no file can be there");
        for value in ["plain", "left"] {
            let ledger = run(folder.path());
            ledger.set_meta("key", value).expect("a change");
            assert!(!has_log(&file), "{value}");
            assert_eq!(
                Ledger::read_only(folder.path(), &identity()).expect("a reader").read_meta("key").expect("it"),
                Some(value.to_owned())
            );
            drop(ledger);
            // another program gives it a log, and memory of its own
            let other = Connection::open(&file).expect("a ledger");
            other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL").expect("a log");
        }
        assert!(has_log(&file), "the case is what it says");
        assert_eq!(
            Ledger::read_only(folder.path(), &identity()).expect("a reader").read_meta("key").expect("it").as_deref(),
            Some("left")
        );
        let beside = Ledger::beside(folder.path(), &identity()).expect("a ledger").expect("the one there is");
        beside.set_meta("key", "beside").expect("a change");
        assert!(!has_log(&file));
    }

    /// Whoever makes it: `SQLite` looks for its file with a rollback journal only.
    #[test]
    fn replaced_ledger_takes_no_change() {
        for journal in [Journal::Auto, Journal::Rollback] {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("ledger.db");
            let ledger = open(folder.path(), LockKind::Copying, journal).expect("a ledger");
            fs::copy(&file, file.with_extension("copy")).expect("a copy");
            fs::rename(file.with_extension("copy"), &file).expect("another file");
            assert!(matches!(ledger.set_meta("key", "value"), Err(LedgerError::Replaced)), "{journal:?}");
        }
    }
}
