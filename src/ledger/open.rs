//! Opening the ledger: to write, under the run lock, or to read only.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, MutexGuard};
use std::time::Duration;
use std::{fs, io};

use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior};

use super::file::{FILE_MODE, LedgerFile};
use super::journal::{Journal, PATIENCE, leave_log};
use super::migrations::{NEWEST, migrate_ledger, read_format, sign_ledger};
use super::wal::{check_log, has_log, is_complete, read_image};
use super::{LedgerError, Lock, LockKind};

const FILE: &str = "ledger.db";
/// For its owner only.
const FOLDER_MODE: u32 = 0o700;

/// Whose recordings a ledger is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The Zoom account.
    pub zoom_account: String,
    /// Kaltura's address.
    pub kaltura_url: String,
    /// The Kaltura partner.
    pub partner_id: i64,
}

/// An open ledger. Shared by the tasks of a run.
#[derive(Debug)]
pub struct Ledger {
    pub(super) file: Arc<LedgerFile>,
    /// Whose turn it is to make the changes that wait.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// What it is open for; `None` to read only.
    pub(super) work: Option<LockKind>,
    /// The format of the file, where the next run brings it to another one.
    older: Option<i64>,
}

impl Ledger {
    /// Opens it to write and holds the lock of `work` until dropped. Makes folder and file on the first run.
    pub fn open(
        state_dir: &Path,
        identity: &Identity,
        work: LockKind,
        journal: Journal,
    ) -> Result<Ledger, LedgerError> {
        make_folder(state_dir).map_err(|error| LedgerError::folder(state_dir, &error))?;
        let lock = Lock::take(state_dir, work)?;
        let file = state_dir.join(FILE);
        make_file(&file).map_err(|error| LedgerError::folder(state_dir, &error))?;
        let mut connection = open_to_write(&file)?;
        if read_format(&connection)? < NEWEST {
            let _nobody_else_is_at_work = Lock::take(state_dir, work.other())?;
            migrate_ledger(&mut connection)?;
        }
        let change = connection.transaction()?;
        claim_ledger(&change, state_dir, identity)?;
        sign_ledger(&change)?;
        change.commit()?;
        let connection = with_journal(connection, &file, journal)?;
        let ledger = Ledger::from_connection(connection, Some(&file), Some(work), Some(lock))?;
        ledger.drop_old_claims()?;
        Ok(ledger)
    }

    /// Opens the one there is to write a little beside whatever run is at work; `None` where there is none. One of an
    /// older format is left to a run to migrate.
    pub fn beside(state_dir: &Path, identity: &Identity) -> Result<Option<Ledger>, LedgerError> {
        let file = state_dir.join(FILE);
        if !file.try_exists().map_err(|error| LedgerError::folder(state_dir, &error))? {
            return Ok(None);
        }
        let connection = open_to_write(&file)?;
        compare_identity(&connection, state_dir, identity)?;
        if read_format(&connection)? < NEWEST {
            return Err(LedgerError::Older);
        }
        Ledger::from_connection(connection, Some(&file), None, None).map(Some)
    }

    /// Opens it so that nothing can be written: an absent one is an empty one, an older one is migrated in memory.
    pub fn read_only(state_dir: &Path, identity: &Identity) -> Result<Ledger, LedgerError> {
        let file = state_dir.join(FILE);
        let connection = if file.try_exists().map_err(|error| LedgerError::folder(state_dir, &error))? {
            let connection = read_file(&file)?;
            compare_identity(&connection, state_dir, identity)?;
            let format = read_format(&connection)?;
            if format < NEWEST {
                let copy = Ledger::from_connection(migrated_copy(&connection)?, None, None, None)?;
                return Ok(Ledger { older: Some(format).filter(|format| *format > 0), ..copy });
            }
            connection
        } else {
            migrated_copy(&Connection::open_in_memory()?)?
        };
        Ledger::from_connection(connection, None, None, None)
    }

    fn from_connection(
        connection: Connection,
        file: Option<&Path>,
        work: Option<LockKind>,
        lock: Option<Lock>,
    ) -> Result<Ledger, LedgerError> {
        let file = Arc::new(LedgerFile::new(connection, file, lock)?);
        Ok(Ledger { file, turn: tokio::sync::Mutex::default(), work, older: None })
    }

    pub(super) fn connection(&self) -> MutexGuard<'_, Connection> {
        self.file.connection()
    }

    /// The format of the file, where it is an older one that the next run changes.
    #[must_use]
    pub fn format_before_upgrade(&self) -> Option<i64> {
        self.older
    }

    /// Whether `SQLite` finds nothing wrong with it.
    pub fn is_sound(&self) -> Result<bool, LedgerError> {
        let said: String = self.connection().query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        Ok(said == "ok")
    }

    /// A remembered value, such as the checkpoint.
    pub(super) fn read_meta(&self, key: &str) -> Result<Option<String>, LedgerError> {
        Ok(kept_identity(&self.connection(), key)?)
    }

    /// Remembers a value.
    pub(super) fn set_meta(&self, key: &str, value: &str) -> Result<(), LedgerError> {
        let sql =
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.connection().execute(sql, (key, value))?;
        Ok(())
    }
}

/// Where the ledger lies in its folder.
pub(super) fn file_of(state_dir: &Path) -> PathBuf {
    state_dir.join(FILE)
}

/// Makes the folder itself, not those above it: a misspelt path is to be noticed.
fn make_folder(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(FOLDER_MODE).create(folder) {
        // whatever the umask says
        Ok(()) => return fs::set_permissions(folder, fs::Permissions::from_mode(FOLDER_MODE)),
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) => {}
    }
    let metadata = fs::metadata(folder)?;
    if !metadata.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(FOLDER_MODE))?;
    }
    Ok(())
}

/// Its log and shared memory get its mode from `SQLite`, whatever the umask says.
fn make_file(file: &PathBuf) -> io::Result<()> {
    let private = || fs::Permissions::from_mode(FILE_MODE);
    match OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(file) {
        Ok(made) => made.set_permissions(private()),
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => {
            // a backup that was restored may have another mode; whose file it is that is not ours shows when it is opened
            if fs::metadata(file)?.permissions().mode() & 0o077 != 0 {
                let _ = fs::set_permissions(file, private());
            }
            Ok(())
        }
    }
}

/// Finds out whether the file is a ledger, and whole, before anything is done on its ground.
fn check_file(connection: &Connection, file: &Path) -> Result<(), LedgerError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let announced = number("page_count").and_then(|pages| Ok(pages * number("page_size")?));
    let announced = announced.map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => LedgerError::Damaged(file.to_owned()),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => LedgerError::Unfinished(file.to_owned()),
        // no memory can be shared where it lies
        Some(ErrorCode::SystemIoFailure) if has_log(file) => LedgerError::Unfinished(file.to_owned()),
        _ => error.into(),
    })?;
    // a file that was cut shows only where a page is missed, which may be late
    let complete = if has_log(file) {
        is_complete(file)
    } else {
        fs::metadata(file).map(|found| found.len() >= announced.unsigned_abs())
    };
    match complete {
        Ok(true) => Ok(()),
        Ok(false) => Err(LedgerError::Damaged(file.to_owned())),
        Err(error) => Err(LedgerError::folder(file, &error)),
    }
}

/// Opens it to write, in whichever journal it has.
fn open_to_write(file: &Path) -> Result<Connection, LedgerError> {
    check_log(file)?;
    let connection = connect(file)?;
    let connection = match check_to_write(&connection, file) {
        Err(LedgerError::Unfinished(_)) if has_log(file) => reconnect(connection, file)?,
        checked => checked.map(|()| connection)?,
    };
    // it is whole
    keep_log_on_close(&connection, false)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // KiB: the pages that a first plan of tens of thousands of recordings changes, again and again
    connection.pragma_update(None, "cache_size", -8192)?;
    // of a new ledger: a change of a recording touches a row or two of each page, and writes whole ones
    connection.pragma_update(None, "page_size", 1024)?;
    // no room in TMPDIR is needed
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // an upload token that is forgotten is overwritten, not only unlinked
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

/// The same, and whether changes can go into the log that it has: memory that is not shared may do to read it.
fn check_to_write(connection: &Connection, file: &Path) -> Result<(), LedgerError> {
    check_file(connection, file)?;
    if !has_log(file) {
        return Ok(());
    }
    let tried = connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK");
    match tried.map_err(|error| error.sqlite_error_code()) {
        Err(Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::SystemIoFailure)) => {
            Err(LedgerError::Unfinished(file.to_owned()))
        }
        // what else is in the way shows where something is to be written
        _ => Ok(()),
    }
}

fn connect(file: &Path) -> Result<Connection, LedgerError> {
    // one thread at a time has it, so that SQLite need not see to that in every call
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(PATIENCE)?;
    keep_log_on_close(&connection, true)?;
    // one that reads first and writes then is refused at once where another command is about to write
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    Ok(connection)
}

/// Whether the last one to close the ledger leaves its log as it is. Otherwise `SQLite` brings the log into the file and deletes
/// it, and a file that was cut is as long as before, with zeros in place of what is missing.
fn keep_log_on_close(connection: &Connection, kept: bool) -> Result<(), LedgerError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, kept)?;
    Ok(())
}

/// Gives it the journal that it may have. Where its log turns out to be of no use, it is a plain file again.
fn with_journal(connection: Connection, file: &Path, journal: Journal) -> Result<Connection, LedgerError> {
    journal.take(&connection, file)?;
    match check_to_write(&connection, file) {
        Err(LedgerError::Unfinished(_)) if has_log(file) => {
            drop(reconnect(connection, file)?);
            open_to_write(file)
        }
        checked => checked.map(|()| connection),
    }
}

/// The same file without the log that cannot be used where it lies.
fn reconnect(unusable: Connection, file: &Path) -> Result<Connection, LedgerError> {
    drop(unusable);
    leave_log(&connect(file)?)?;
    let connection = connect(file)?;
    check_file(&connection, file)?;
    Ok(connection)
}

/// The ledger to read only; where a run died while it wrote, a copy in memory that is mended.
pub(super) fn read_file(file: &Path) -> Result<Connection, LedgerError> {
    check_log(file)?;
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    keep_log_on_close(&connection, true)?;
    connection.busy_timeout(PATIENCE)?;
    match check_file(&connection, file) {
        Ok(()) => Ok(connection),
        Err(LedgerError::Unfinished(_)) if has_log(file) => copy_with_log(file),
        Err(LedgerError::Unfinished(_)) => mended_copy(file),
        Err(error) => Err(error),
    }
}

/// In memory, for who can neither write beside the file nor share memory with who does.
fn copy_with_log(file: &Path) -> Result<Connection, LedgerError> {
    let image = read_image(file)?;
    let mut copy = Connection::open_in_memory()?;
    copy.deserialize_read_exact("main", image.as_slice(), image.len(), true)?;
    Ok(copy)
}

/// `SQLite` undoes an unfinished change only where it may write: in a folder of its own, for a moment.
fn mended_copy(file: &Path) -> Result<Connection, LedgerError> {
    let unfinished = |_| LedgerError::Unfinished(file.to_owned());
    let (process, now) = (std::process::id(), std::time::SystemTime::now());
    let moment = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos();
    let folder = std::env::temp_dir().join(format!("zoom2kaltura-{process}-{moment}"));
    let made = DirBuilder::new().mode(FOLDER_MODE).create(&folder);
    made.and_then(|()| fs::set_permissions(&folder, fs::Permissions::from_mode(FOLDER_MODE))).map_err(unfinished)?;
    let copied = ["", "-journal"].into_iter().try_for_each(|suffix| {
        let name = format!("{FILE}{suffix}");
        fs::copy(file.with_file_name(&name), folder.join(&name)).map(|_| ())
    });
    let mended = copied.map_err(unfinished).and_then(|()| {
        let dirty = Connection::open_with_flags(folder.join(FILE), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        check_file(&dirty, &folder.join(FILE))?;
        let mut copy = Connection::open_in_memory()?;
        Backup::new(&dirty, &mut copy)?.run_to_completion(1000, Duration::ZERO, None)?;
        Ok(copy)
    });
    fs::remove_dir_all(&folder).map_err(unfinished)?;
    mended
}

fn migrated_copy(from: &Connection) -> Result<Connection, LedgerError> {
    let mut copy = Connection::open_in_memory()?;
    Backup::new(from, &mut copy)?.run_to_completion(1000, Duration::ZERO, None)?;
    migrate_ledger(&mut copy)?;
    Ok(copy)
}

impl Identity {
    fn parts(&self) -> [(&'static str, &'static str, String); 3] {
        [
            ("zoom_account", "Zoom account", self.zoom_account.clone()),
            ("kaltura_url", "Kaltura at", self.kaltura_url.clone()),
            ("partner_id", "partner", self.partner_id.to_string()),
        ]
    }

    /// Whether a ledger says of itself that it is this one's.
    pub(super) fn is_kept_in(&self, connection: &Connection) -> bool {
        let is_kept =
            |key, value: &str| kept_identity(connection, key).is_ok_and(|kept| kept.as_deref() == Some(value));
        self.parts().iter().all(|(key, _, value)| is_kept(key, value))
    }
}

/// Writes down whose ledger it is, or compares.
fn claim_ledger(connection: &Connection, folder: &Path, identity: &Identity) -> Result<(), LedgerError> {
    compare_identity(connection, folder, identity)?;
    for (key, _, value) in identity.parts() {
        connection.execute("INSERT OR IGNORE INTO meta (key, value) VALUES (?1, ?2)", (key, value))?;
    }
    Ok(())
}

pub(super) fn compare_identity(connection: &Connection, folder: &Path, identity: &Identity) -> Result<(), LedgerError> {
    if read_format(connection)? == 0 {
        return Ok(());
    }
    for (key, what, configured) in identity.parts() {
        if let Some(kept) = kept_identity(connection, key)?.filter(|kept| *kept != configured) {
            return Err(LedgerError::Identity { folder: folder.to_owned(), what, kept, configured });
        }
    }
    Ok(())
}

fn kept_identity(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional()
}
