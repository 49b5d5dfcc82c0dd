//! A ledger with its write-ahead log, read without `SQLite`, which needs shared memory for it and a place to write: for readers
//! who have neither. What is read is held in memory; nothing else bounds its size.
//!
//! The format: <https://www.sqlite.org/fileformat2.html>, 4.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{fs, thread};

use super::LedgerError;

/// Where the file says that it has a log (<https://www.sqlite.org/fileformat2.html>, 1.3.3).
pub(super) const VERSION_AT: usize = 18;
const VERSION_WITH_LOG: u8 = 2;
/// What stands there, to write and to read it, where it has none.
pub(super) const MARKED_PLAIN: [u8; 2] = [1; 2];

const HEADER: usize = 32;
const FRAME_HEAD: usize = 24;
const VERSION: u32 = 3_007_000;
/// Where the file says of how many pages it consists.
const COUNT_AT: usize = 28;
/// How often a ledger is read that changes meanwhile.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// A running sum over all that a log holds so far.
type Checksum = (u32, u32);

/// The pages that the changes in a log made, as the last of those left them that were committed.
pub(super) struct CommittedPages<'a> {
    page_bytes: usize,
    /// Of how many the ledger consists after them.
    count: u32,
    latest: BTreeMap<u32, &'a [u8]>,
}

/// `None` where the log holds nothing that was committed.
pub(super) fn read_committed(log: &[u8]) -> Option<CommittedPages<'_>> {
    let header = log.get(..HEADER)?;
    let to_word = match number_at(header, 0) {
        0x377F_0682 => u32::from_le_bytes,
        0x377F_0683 => u32::from_be_bytes,
        _ => return None,
    };
    let mut sum = add_up(to_word, (0, 0), &header[..24]);
    let page_bytes = usize::try_from(number_at(header, 8)).ok()?;
    let is_sound = sum == sum_at(header, 24) && number_at(header, 4) == VERSION;
    if !is_sound || !page_bytes.is_power_of_two() || !(512..=65_536).contains(&page_bytes) {
        return None;
    }
    let (mut found, mut open) = (CommittedPages { page_bytes, count: 0, latest: BTreeMap::new() }, Vec::new());
    for frame in log[HEADER..].chunks_exact(FRAME_HEAD + page_bytes) {
        let (head, page) = frame.split_at(FRAME_HEAD);
        sum = add_up(to_word, add_up(to_word, sum, &head[..8]), page);
        // what an earlier use of the log left, or a write that was torn
        if head[8..16] != header[16..24] || sum != sum_at(head, 16) {
            break;
        }
        open.push((number_at(head, 0), page));
        let count = number_at(head, 4);
        if count > 0 {
            found.count = count;
            found.latest.extend(open.drain(..));
        }
    }
    (found.count > 0).then_some(found)
}

fn number_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}

fn sum_at(bytes: &[u8], at: usize) -> Checksum {
    (number_at(bytes, at), number_at(bytes, at + 4))
}

fn add_up(to_word: fn([u8; 4]) -> u32, sum: Checksum, bytes: &[u8]) -> Checksum {
    let words = bytes.chunks_exact(8).filter_map(|eight| {
        let (one, other) = (eight[..4].try_into().ok()?, eight[4..].try_into().ok()?);
        Some((to_word(one), to_word(other)))
    });
    words.fold(sum, |(first, second), (one, other)| {
        let first = first.wrapping_add(one).wrapping_add(second);
        (first, second.wrapping_add(other).wrapping_add(first))
    })
}

impl CommittedPages<'_> {
    /// Whether every page of the ledger is here or in a file of so many bytes.
    fn complete(&self, file_bytes: u64) -> bool {
        let in_file = u32::try_from(file_bytes / self.page_bytes as u64).unwrap_or(u32::MAX);
        let beyond = self.count.saturating_sub(in_file) as usize;
        let last_ones = self.latest.range(in_file.saturating_add(1)..).take_while(|(number, _)| **number <= self.count);
        beyond == 0 || last_ones.count() == beyond
    }

    /// Writes them over the pages of the file.
    fn lay_over(&self, image: &mut Vec<u8>) {
        image.resize(self.count as usize * self.page_bytes, 0);
        for (number, page) in &self.latest {
            let at = (*number as usize).saturating_sub(1) * self.page_bytes;
            if let Some(place) = image.get_mut(at..at + self.page_bytes) {
                place.copy_from_slice(page);
            }
        }
    }
}

/// Whether the file says that changes may be in a log beside it.
pub(super) fn has_log(file: &Path) -> bool {
    let mut head = [0; VERSION_AT + 2];
    File::open(file)
        .and_then(|mut file| file.read_exact(&mut head))
        .is_ok_and(|()| head[VERSION_AT] == VERSION_WITH_LOG)
}

/// The same file without a log, which must be in it.
pub(super) fn mark_plain(image: &mut [u8]) {
    if let Some(versions) = image.get_mut(VERSION_AT..VERSION_AT + 2) {
        versions.copy_from_slice(&MARKED_PLAIN);
    }
}

/// The log of a ledger: beside the file itself, wherever links to it lie.
pub(super) fn log_of(file: &Path) -> PathBuf {
    let mut name = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned()).into_os_string();
    name.push("-wal");
    name.into()
}

/// That the log beside it, if there is one, is its own. A log of another ledger, whose backup was put in its place after a
/// run had died, would be written into this one by `SQLite`.
pub(super) fn check_log(file: &Path) -> Result<(), LedgerError> {
    // a run that begins or ends just now makes and removes it: what is wrong stays wrong
    for _ in 0..3 {
        let log = log_of(file);
        let is_plain = || fs::metadata(file).is_ok_and(|found| found.len() > 0) && !has_log(file);
        let is_foreign = is_plain() && fs::read(&log).is_ok_and(|log| read_committed(&log).is_some()) && is_plain();
        if !is_foreign {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(LedgerError::ForeignLog(log_of(file)))
}

/// Whether all pages of a ledger that has a log are there, in the one or the other. A run may write at the same time.
pub(super) fn is_complete(file: &Path) -> io::Result<bool> {
    for _ in 0..3 {
        let log = read_log(&log_of(file))?;
        let bytes = fs::metadata(file)?.len();
        let complete = match read_committed(&log) {
            Some(pages) => pages.complete(bytes),
            None => bytes >= announced_bytes(file)?,
        };
        if complete {
            return Ok(true);
        }
        // a page may have come into the file and out of the log between the two looks
        thread::sleep(PAUSE);
    }
    Ok(false)
}

fn announced_bytes(file: &Path) -> io::Result<u64> {
    let mut head = [0; COUNT_AT + 4];
    File::open(file)?.read_exact(&mut head)?;
    let page_bytes = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        bytes => u64::from(bytes),
    };
    Ok(page_bytes * u64::from(number_at(&head, COUNT_AT)))
}

/// The whole ledger as the last committed change left it, without a log. A run may write at the same time: within one use of
/// the log, every page that changes is in it, whatever of it was copied into the file meanwhile.
pub(super) fn read_image(file: &Path) -> Result<Vec<u8>, LedgerError> {
    let unreadable = |error: io::Error| LedgerError::folder(file, &error);
    let log_path = log_of(file);
    for _ in 0..TRIES {
        let before = Stamp::read(file, &log_path).map_err(unreadable)?;
        let mut image = fs::read(file).map_err(unreadable)?;
        // after the file: it has all that came into the file meanwhile
        let log = read_log(&log_path).map_err(unreadable)?;
        if before == Stamp::read(file, &log_path).map_err(unreadable)? {
            match read_committed(&log) {
                Some(pages) if pages.complete(image.len() as u64) => pages.lay_over(&mut image),
                Some(_) => return Err(LedgerError::Damaged(file.to_owned())),
                None => {}
            }
            mark_plain(&mut image);
            return Ok(image);
        }
        thread::sleep(PAUSE);
    }
    let why = "it changes again and again while it is read".to_owned();
    Err(LedgerError::Sqlite { why, advice: "run this again, or as the user who runs sync" })
}

/// Nothing where there is none.
fn read_log(log: &Path) -> io::Result<Vec<u8>> {
    match fs::read(log) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read,
    }
}

/// By what it shows that two readings are of one state.
#[derive(PartialEq, Eq)]
enum Stamp {
    /// The use of the log that both are in: a new one has new salts.
    Log(u64, Vec<u8>),
    /// Without a log, the file itself.
    File(u64, u64, Option<SystemTime>),
}

impl Stamp {
    fn read(file: &Path, log: &Path) -> io::Result<Stamp> {
        let mut header = Vec::new();
        match File::open(log) {
            Ok(log) => {
                let inode = log.metadata()?.ino();
                log.take(HEADER as u64).read_to_end(&mut header)?;
                if header.len() == HEADER {
                    return Ok(Stamp::Log(inode, header));
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let found = fs::metadata(file)?;
        Ok(Stamp::File(found.ino(), found.len(), found.modified().ok()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use rusqlite::Connection;

    use super::read_image;
    use crate::ledger::LedgerError;

    /// What is read of a table, and whether all is sound.
    type Content = (String, i64, i64, i64);

    /// Nothing where not even the table is left.
    fn content(connection: &Connection) -> Option<Content> {
        connection.prepare("SELECT count(*) FROM t").ok()?;
        let number = |sql| connection.query_row(sql, [], |row| row.get(0)).expect("a number");
        let soundness = connection.pragma_query_value(None, "integrity_check", |row| row.get(0)).expect("a check");
        let pages = connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("pages");
        let sum = number("SELECT coalesce(sum(id * length(v)), 0) FROM t");
        Some((soundness, number("SELECT count(*) FROM t"), sum, pages))
    }

    fn from_image(file: &Path) -> Result<Option<Content>, LedgerError> {
        let image = read_image(file)?;
        let mut copy = Connection::open_in_memory().expect("memory");
        copy.deserialize_read_exact("main", image.as_slice(), image.len(), true).expect("an image");
        Ok(content(&copy))
    }

    fn add_rows(connection: &Connection, count: usize) {
        let sql = "INSERT INTO t (v) VALUES (hex(randomblob(abs(random()) % 3000)))";
        for _ in 0..count {
            connection.execute(sql, []).expect("a row");
        }
    }

    /// A database with some changes in its file and some in its log.
    fn database(file: &Path) -> Connection {
        let connection = Connection::open(file).expect("a database");
        connection.pragma_update(None, "journal_mode", "wal").expect("a log");
        connection.pragma_update(None, "wal_autocheckpoint", 0).expect("a long log");
        connection.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)").expect("a table");
        add_rows(&connection, 20);
        connection
    }

    type LogStory = (&'static str, fn(&Connection));
    type LogHarm = (&'static str, fn(&mut Vec<u8>));

    /// What had happened when the last process that used it was gone: a case is a line.
    const STORIES: [LogStory; 8] = [
        ("all in the log", |_| ()),
        ("all in the file", |all| all.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").expect("a checkpoint")),
        ("a log in its second use", |all| {
            all.execute_batch("PRAGMA wal_checkpoint(RESTART)").expect("a checkpoint");
            add_rows(all, 3);
        }),
        ("copied, and still in the log", |all| {
            all.execute_batch("PRAGMA wal_checkpoint(PASSIVE)").expect("a checkpoint");
        }),
        ("copied in part", |all| {
            all.execute_batch("PRAGMA wal_checkpoint(PASSIVE)").expect("a checkpoint");
            add_rows(all, 9);
        }),
        ("much shorter than before", |all| {
            all.execute_batch("DELETE FROM t WHERE id > 2; VACUUM").expect("less");
        }),
        ("an open change", |all| {
            all.pragma_update(None, "cache_size", 1).expect("a small cache, so that pages reach the log");
            all.execute_batch("BEGIN; UPDATE t SET v = v || 'open'").expect("a change");
        }),
        ("larger pages", |all| {
            all.execute_batch(
                "PRAGMA journal_mode = delete; PRAGMA page_size = 65536; VACUUM; PRAGMA journal_mode = wal",
            )
            .expect("another format");
            add_rows(all, 5);
        }),
    ];

    /// What happened to the log afterwards.
    const HARMS: [LogHarm; 7] = [
        ("nothing", |_| ()),
        ("cut by a byte", |log| log.truncate(log.len().saturating_sub(1))),
        ("cut in the middle", |log| log.truncate(log.len() / 2)),
        ("no whole header", |log| log.truncate(31)),
        ("a bit of the last page", |log| log.iter_mut().rev().take(1).for_each(|byte| *byte ^= 1)),
        ("a bit in the middle", |log| {
            let half = log.len() / 2;
            log.iter_mut().skip(half).take(1).for_each(|byte| *byte ^= 1);
        }),
        ("a bit of the header", |log| log.iter_mut().skip(17).take(1).for_each(|byte| *byte ^= 1)),
    ];

    #[test]
    fn image_is_what_sqlite_recovers() {
        let mut read = 0;
        for (story, tell) in STORIES {
            for (harm, apply) in HARMS {
                let folder = tempfile::tempdir().expect("a folder");
                let [from, ours, theirs] = ["from.db", "ours.db", "theirs.db"].map(|name| folder.path().join(name));
                let connection = database(&from);
                tell(&connection);
                let file = fs::read(&from).expect("a file");
                let mut log = fs::read(from.with_extension("db-wal")).expect("a log");
                apply(&mut log);
                for copy in [&ours, &theirs] {
                    fs::write(copy, &file).expect("a copy");
                    fs::write(copy.with_extension("db-wal"), &log).expect("a copy");
                }
                let found = from_image(&ours).expect("an image");
                let recovered = content(&Connection::open(&theirs).expect("a database"));
                assert_eq!(found, recovered, "{story}, {harm}");
                read += usize::from(recovered.is_some());
                assert_eq!(fs::read(&ours).expect("a file"), file, "{story}, {harm}: read only");
            }
        }
        assert!(read > STORIES.len() * HARMS.len() / 2, "{read} were left with a table");
    }

    /// All rows are of one change in every one. The file does not grow for ever, however long the reader takes.
    #[test]
    fn image_beside_writer_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("busy.db");
        let writer = database(&file);
        writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint = 60").expect("a short log");
        let read = || {
            // it may change again and again while it is read
            let image = read_image(&file).ok()?;
            let mut copy = Connection::open_in_memory().expect("memory");
            copy.deserialize_read_exact("main", image.as_slice(), image.len(), true).expect("an image");
            let sql = "SELECT min(length(v)), max(length(v)) FROM t";
            let (least, most): (i64, i64) = copy.query_row(sql, [], |row| row.try_into()).expect("rows");
            assert_eq!(least, most);
            Some(least)
        };
        writer.execute("UPDATE t SET v = ''", []).expect("a change");
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| (0..100).filter_map(|_| read()).collect::<BTreeSet<_>>());
            let mut changes = 0;
            while !reader.is_finished() {
                changes = (changes + 1) % 4000;
                writer.execute("UPDATE t SET v = zeroblob(?1)", [changes]).expect("a change");
            }
            assert!(reader.join().expect("only whole images").len() > 1, "it was read while it changed");
        });
    }

    #[test]
    fn cut_file_is_no_image() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("cut.db");
        let connection = database(&file);
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").expect("a checkpoint");
        add_rows(&connection, 1);
        let bytes = fs::read(&file).expect("a file");
        fs::write(&file, &bytes[..8192]).expect("less of it");
        assert!(matches!(from_image(&file), Err(LedgerError::Damaged(_))));
    }
}
