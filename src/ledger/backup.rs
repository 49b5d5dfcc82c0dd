//! A copy of the ledger in another file, made beside a run too: whole, checked, on disk, for its owner only, or not there at
//! all.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::{fs, process};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::file::FILE_MODE;
use super::migrations::read_format;
use super::open::{compare_identity, file_of, read_file};
use super::wal::{MARKED_PLAIN, VERSION_AT};
use super::{Identity, Ledger, LedgerError};
use crate::machine::machine_lack;

/// How the name of a copy under way ends.
const PARTIAL: &str = ".partial";
/// Beside the ledger, these names are its own.
const OWN_NAMES: [&str; 4] = ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db-journal"];

impl Ledger {
    /// Copies the ledger as the last committed change left it, in the format that it has. An earlier backup of the same
    /// account is replaced once the new one is whole; any other file is left alone. Its size.
    pub fn back_up(state_dir: &Path, identity: &Identity, target: &Path) -> Result<u64, LedgerError> {
        let file = file_of(state_dir);
        let none = || not_made(target, format!("there is no ledger in {} yet", state_dir.display()), "run sync first");
        if !file.try_exists().map_err(|error| LedgerError::folder(state_dir, &error))? {
            return Err(none());
        }
        let source = read_file(&file)?;
        compare_identity(&source, state_dir, identity)?;
        // as the first run leaves it that is killed at once
        if read_format(&source)? == 0 {
            return Err(none());
        }
        check_target(state_dir, identity, target)?;
        let partial = PartialCopy::create(target).map_err(|error| of_target(target, &error))?;
        partial.fill(&source, &file)?;
        partial.check(&file, identity)?;
        partial.put_in_place().map_err(|error| of_target(target, &error))
    }
}

fn not_made(target: &Path, why: impl Into<String>, advice: &'static str) -> LedgerError {
    LedgerError::Backup { target: target.to_owned(), why: why.into(), advice }
}

fn of_target(target: &Path, error: &io::Error) -> LedgerError {
    let advice = machine_lack(error).unwrap_or(match error.kind() {
        ErrorKind::NotFound => "create its folder, or name another one",
        ErrorKind::PermissionDenied => "make its folder writable for the user who runs this program",
        _ => "name a file in another folder",
    });
    not_made(target, error.to_string(), advice)
}

/// That nothing is lost by putting a backup there.
fn check_target(state_dir: &Path, identity: &Identity, target: &Path) -> Result<(), LedgerError> {
    let Some(name) = target.file_name().map(|name| name.to_string_lossy()) else {
        return Err(not_made(target, "it names no file", "give the path of a file"));
    };
    let is_own = OWN_NAMES.contains(&&*name) || name.ends_with(".lock");
    let in_state_dir = || fs::canonicalize(folder_of(target)).ok() == fs::canonicalize(state_dir).ok();
    if is_own && in_state_dir() {
        return Err(not_made(target, "this file is the ledger's own", "name another file"));
    }
    let found = match fs::symlink_metadata(target) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        found => found.map_err(|error| of_target(target, &error))?,
    };
    if !found.is_file() {
        return Err(not_made(target, "it exists and is no plain file", "name another file"));
    }
    if fs::metadata(file_of(state_dir)).is_ok_and(|ledger| (ledger.dev(), ledger.ino()) == (found.dev(), found.ino())) {
        return Err(not_made(target, "this file is the ledger itself", "name another file"));
    }
    if found.len() > 0 && !is_backup(target, identity) {
        let why = "it exists and is no backup of this account's ledger, so it is left alone";
        return Err(not_made(target, why, "move it away, or name another file"));
    }
    Ok(())
}

/// Whether the file is a ledger of this account.
fn is_backup(file: &Path, identity: &Identity) -> bool {
    let opened = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY);
    opened.is_ok_and(|connection| identity.is_kept_in(&connection))
}

fn folder_of(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A copy under way, beside its target. Removed unless it is put in place.
struct PartialCopy<'a> {
    target: &'a Path,
    path: PathBuf,
    /// Held open and locked, so that no other backup takes it for one that nobody finishes.
    file: File,
}

impl Drop for PartialCopy<'_> {
    fn drop(&mut self) {
        // there no more where it was put in place
        let _ = fs::remove_file(&self.path);
    }
}

impl PartialCopy<'_> {
    fn create(target: &Path) -> io::Result<PartialCopy<'_>> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        remove_abandoned(folder_of(target), &format!(".{name}."))?;
        let path = target.with_file_name(format!(".{name}.{}{PARTIAL}", process::id()));
        let file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&path)?;
        let partial = PartialCopy { target, path, file };
        let _ = partial.file.try_lock();
        // whatever the umask says
        partial.file.set_permissions(Permissions::from_mode(FILE_MODE))?;
        Ok(partial)
    }

    /// In one step: a run that writes meanwhile waits for it, or writes into its log.
    fn fill(&self, source: &Connection, ledger: &Path) -> Result<(), LedgerError> {
        let of_copy = |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => {
                not_made(self.target, "no space is left on its disk", "free some, or name a file on another one")
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => LedgerError::Damaged(ledger.to_owned()),
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure) => {
                not_made(self.target, error.to_string(), "check its disk and that of the ledger")
            }
            _ => error.into(),
        };
        let mut copy = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(of_copy)?;
        // nobody reads it before it is whole, and one that does not become so is removed
        let asked = copy.pragma_update_and_check(None, "journal_mode", "off", |_| Ok(()));
        asked.and_then(|()| copy.pragma_update(None, "synchronous", "OFF")).map_err(of_copy)?;
        let backup = Backup::new(source, &mut copy).map_err(of_copy)?;
        if backup.step(-1).map_err(of_copy)? != StepResult::Done {
            let advice = "another program has it locked (sqlite3?): end that program, then run this again";
            return Err(not_made(self.target, "the ledger cannot be read", advice));
        }
        drop(backup);
        drop(copy);
        // its pages are all in this file, whatever journal the ledger has
        self.file.write_all_at(&MARKED_PLAIN, VERSION_AT as u64).map_err(|error| of_target(self.target, &error))
    }

    /// What a restore needs of it.
    fn check(&self, ledger: &Path, identity: &Identity) -> Result<(), LedgerError> {
        let copy = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let said: Result<String, _> = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0));
        match said {
            Ok(said) if said == "ok" && identity.is_kept_in(&copy) => Ok(()),
            Ok(_) => Err(LedgerError::Damaged(ledger.to_owned())),
            Err(error) => Err(error.into()),
        }
    }

    fn put_in_place(&self) -> io::Result<u64> {
        self.file.sync_all()?;
        let bytes = self.file.metadata()?.len();
        fs::rename(&self.path, self.target)?;
        File::open(folder_of(self.target))?.sync_all()?;
        Ok(bytes)
    }
}

/// Copies that a kill left under way: nobody has them locked.
fn remove_abandoned(folder: &Path, begin: &str) -> io::Result<()> {
    for found in fs::read_dir(folder)? {
        let found = found?;
        let name = found.file_name();
        let name = name.to_string_lossy();
        let number = name.strip_prefix(begin).and_then(|rest| rest.strip_suffix(PARTIAL));
        // one that is empty may have been made just now, and is not locked yet
        if number.is_some_and(|number| number.parse::<u32>().is_ok())
            && found.metadata().is_ok_and(|found| found.is_file() && found.len() > 0)
            && File::options().write(true).open(found.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            fs::remove_file(found.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;

    use rusqlite::Connection;

    use crate::ledger::{Identity, Journal, Ledger, LedgerError, LockKind};

    fn identity() -> Identity {
        Identity { zoom_account: "z".to_owned(), kaltura_url: "http://127.0.0.1".to_owned(), partner_id: 1 }
    }

    fn run(folder: &Path, journal: Journal) -> Ledger {
        Ledger::open(&folder.join("state"), &identity(), LockKind::Copying, journal).expect("a ledger")
    }

    fn back_up(folder: &Path, target: &str) -> Result<u64, LedgerError> {
        Ledger::back_up(&folder.join("state"), &identity(), &folder.join(target))
    }

    fn names(folder: &Path) -> Vec<String> {
        let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").file_name());
        let mut names: Vec<String> = files.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// A plain file: what an open log holds is in it, and none has to come along.
    #[test]
    fn backups_hold_what_was_committed() {
        for journal in [Journal::Auto, Journal::Rollback] {
            let folder = tempfile::tempdir().expect("a folder");
            let ledger = run(folder.path(), journal);
            for value in ["one", "two"] {
                ledger.set_meta("key", value).expect("a value");
                let bytes = back_up(folder.path(), "backup").expect("a backup");
                let file = folder.path().join("backup");
                assert_eq!(fs::metadata(&file).expect("a file").len(), bytes);
                assert_eq!(fs::read(&file).expect("a file")[18..20], [1, 1], "{journal:?}: no log belongs to it");
                assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
                let copy = Connection::open(&file).expect("a backup");
                let sql = "SELECT value FROM meta WHERE key = 'key'";
                let kept: String = copy.query_row(sql, [], |row| row.get(0)).expect("a value");
                assert_eq!(kept, value, "{journal:?}");
            }
            assert_eq!(names(folder.path()), ["backup", "state"], "{journal:?}");
        }
    }

    /// A case is a line: what is there, and what the error says; nothing is changed, and nothing is left.
    #[test]
    fn backups_replace_nothing_but_backups() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        drop(run(folder.path(), Journal::Auto));
        fs::write(at("text"), "a list of people").expect("a file");
        fs::write(at("empty"), "").expect("a file");
        fs::create_dir(at("folder")).expect("a folder");
        symlink(at("text"), at("link")).expect("a link");
        fs::hard_link(at("state/ledger.db"), at("same")).expect("a link");
        let other = Identity { zoom_account: "other".to_owned(), ..identity() };
        drop(Ledger::open(&at("elsewhere"), &other, LockKind::Copying, Journal::Auto).expect("a ledger"));
        let cases = [
            ("text", Err("no backup of this account")),
            ("link", Err("no plain file")),
            ("folder", Err("no plain file")),
            ("folder/..", Err("names no file")),
            ("same", Err("is the ledger itself")),
            ("state/ledger.db", Err("is the ledger's own")),
            ("state/ledger.db-wal", Err("is the ledger's own")),
            ("state/tell.lock", Err("is the ledger's own")),
            ("elsewhere/ledger.db", Err("no backup of this account")),
            ("missing/backup", Err("create its folder")),
            ("text/backup", Err("backup was not made")),
            ("empty", Ok(())),
            ("new", Ok(())),
            ("new", Ok(())),
        ];
        for (target, expected) in cases {
            let before = names(folder.path());
            match (back_up(folder.path(), target), expected) {
                (Ok(_), Ok(())) => assert!(fs::metadata(at(target)).expect("a file").len() > 0, "{target}"),
                (Err(error), Err(said)) => {
                    let error = error.to_string();
                    assert!(error.contains(said) && error.contains("; ") && !error.contains('\n'), "{target}: {error}");
                    assert_eq!(names(folder.path()), before, "{target}");
                }
                (made, _) => panic!("{target}: {made:?}"),
            }
        }
        assert_eq!(fs::read_to_string(at("text")).expect("a file"), "a list of people");
    }

    #[test]
    fn damaged_ledgers_replace_no_backup() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(run(folder.path(), Journal::Auto));
        back_up(folder.path(), "backup").expect("a backup");
        let before = fs::read(folder.path().join("backup")).expect("a backup");
        let file = folder.path().join("state/ledger.db");
        let mut bytes = fs::read(&file).expect("a ledger");
        let at = bytes.len() - 4096 * 3;
        bytes[at..at + 4096 * 2].fill(0xA5);
        fs::write(&file, bytes).expect("the damage");
        let refused = back_up(folder.path(), "backup");
        assert!(matches!(refused, Err(LedgerError::Damaged(_))), "{refused:?}");
        assert_eq!(fs::read(folder.path().join("backup")).expect("a backup"), before);
        assert_eq!(names(folder.path()), ["backup", "state"]);
    }

    /// The one of a backup in progress stays.
    #[test]
    fn abandoned_copies_are_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(run(folder.path(), Journal::Auto));
        for name in [".backup.1.partial", ".backup.2.partial", ".backup.x.partial", ".other.1.partial"] {
            fs::write(folder.path().join(name), "half of it").expect("a file");
        }
        let held = fs::File::options().write(true).open(folder.path().join(".backup.2.partial")).expect("a file");
        held.lock().expect("nobody else has it");
        back_up(folder.path(), "backup").expect("a backup");
        let left = [".backup.2.partial", ".backup.x.partial", ".other.1.partial", "backup", "state"];
        assert_eq!(names(folder.path()), left);
    }
}
