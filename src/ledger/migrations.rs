//! The schema and its history: an append-only list, each step in a transaction of its own.

use rusqlite::Connection;

use super::LedgerError;
use crate::model::one_line;

/// Step N brings a ledger from format N to N + 1. Never edit one that was released; append.
const STEPS: [&str; 20] = [
    FIRST,
    WHOLE,
    OWNERS,
    STANDING,
    HISTORY,
    TRASH,
    RIGHTS,
    SIGNALS,
    BY_INDEX,
    LEFT_OUT,
    MARKS,
    ORPHANS_TAGGED,
    REPLACED,
    CLOCKS,
    IN_DOUBT,
    VALIDATORS,
    BEHIND,
    BEHIND_BOTH,
    TITLES,
    MANY_AT_ONCE,
];

const FIRST: &str = "
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- one row a recording segment, whether copied or not
CREATE TABLE recordings (
    id INTEGER PRIMARY KEY,
    meeting_uuid TEXT NOT NULL,
    recording_start TEXT NOT NULL,
    meeting_id INTEGER NOT NULL,
    webinar INTEGER NOT NULL,
    topic TEXT NOT NULL,
    meeting_start TEXT NOT NULL,
    host_id TEXT NOT NULL,
    host_email TEXT,
    action TEXT NOT NULL,
    reason TEXT,
    owner TEXT,
    orphan INTEGER NOT NULL DEFAULT 0,
    UNIQUE (meeting_uuid, recording_start)
) STRICT;
CREATE INDEX recordings_by_meeting_start ON recordings (meeting_start);
CREATE INDEX recordings_owed ON recordings (id) WHERE action NOT IN ('done', 'skip');

-- one row a file of which a copy was begun
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    recording INTEGER NOT NULL REFERENCES recordings (id),
    file_id TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    state TEXT NOT NULL,
    token TEXT,
    attach_sent TEXT,
    entry_id TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try TEXT,
    error TEXT,
    confirmed TEXT,
    UNIQUE (recording, file_id)
) STRICT;

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    command TEXT NOT NULL,
    started TEXT NOT NULL,
    finished TEXT,
    exit_code INTEGER
) STRICT;

-- what `explain` tells
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    run TEXT NOT NULL,
    recording INTEGER NOT NULL REFERENCES recordings (id),
    file_id TEXT,
    event TEXT NOT NULL,
    detail TEXT
) STRICT;
CREATE INDEX events_by_recording ON events (recording);
";

/// Before, one file of a segment was copied, and stood for it.
const WHOLE: &str = "
ALTER TABLE files ADD COLUMN role TEXT NOT NULL DEFAULT 'parent';
ALTER TABLE files ADD COLUMN file_type TEXT NOT NULL DEFAULT 'MP4';
-- seconds, pauses included; NULL where Zoom does not tell
ALTER TABLE files ADD COLUMN lasted INTEGER;
-- Zoom's file_size when the copy was begun; another one that its download announced
ALTER TABLE files ADD COLUMN listed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN announced INTEGER;
-- how often the entry was asked for: more than once may have made a twin
ALTER TABLE files ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
UPDATE files SET listed = bytes;
-- addresses that only Zoom's list of users tells
CREATE TABLE hosts (
    host_id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    asked TEXT NOT NULL
) STRICT;
-- which kind of run is at work on the entry that exists: copying or purging
ALTER TABLE recordings ADD COLUMN claim TEXT;
";

/// Before, an address was all that led to an account, and orphans were told from others by nothing else than a scan.
const OWNERS: &str = "
-- what led to the owner: alias, email, or a candidate as the configuration spells it
ALTER TABLE recordings ADD COLUMN owner_rule TEXT;
UPDATE recordings SET orphan = 0 WHERE reason = 'purged';
CREATE INDEX recordings_orphaned ON recordings (id) WHERE orphan;
CREATE INDEX files_by_entry ON files (entry_id);
-- what Zoom says of hosts beside their address: JSON, names and values
DELETE FROM hosts;
ALTER TABLE hosts ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}';
-- accounts that Kaltura confirmed, by what it was asked for
CREATE TABLE accounts (
    asked_for TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    asked TEXT NOT NULL
) STRICT;
-- who stood on the lists of those who opt out or in, and when; without a person it is the list itself that was in force
CREATE TABLE standings (
    id INTEGER PRIMARY KEY,
    list TEXT NOT NULL,
    person TEXT,
    since TEXT,
    until TEXT
) STRICT;
CREATE UNIQUE INDEX standings_now ON standings (list, coalesce(person, '')) WHERE until IS NULL;
";

/// Before, it could be told what was decided, but not how much of it is still owed, and for how long Zoom has it.
const STANDING: &str = "
-- what of it is still to be copied, as it was last listed
ALTER TABLE recordings ADD COLUMN owed_files INTEGER NOT NULL DEFAULT 0;
ALTER TABLE recordings ADD COLUMN owed_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE recordings ADD COLUMN ended TEXT;
-- the day on which Zoom deletes it, where it tells
ALTER TABLE recordings ADD COLUMN deleted_on TEXT;
CREATE INDEX recordings_given_up ON recordings (id) WHERE reason = 'given_up';
CREATE INDEX recordings_by_meeting ON recordings (meeting_id);
CREATE INDEX recordings_by_host ON recordings (host_email COLLATE NOCASE);
";

/// Before, the last run of a command was looked for among all runs there ever were, and nobody could be told why an
/// orphan stays.
const HISTORY: &str = "
-- why a purge leaves an orphan alone whose time has come
ALTER TABLE recordings ADD COLUMN kept TEXT;
CREATE INDEX runs_by_command ON runs (command, started);
";

/// Before, nothing was ever changed in Zoom.
const TRASH: &str = "
-- when the file was put into Zoom's trash, or found gone from Zoom
ALTER TABLE files ADD COLUMN trashed TEXT;
-- when Zoom was asked to, and the answer is not known
ALTER TABLE files ADD COLUMN trash_asked TEXT;
-- why it stays was found out; not to be looked at before
ALTER TABLE files ADD COLUMN trash_not_before TEXT;
";

/// Before, a copy was its owner's alone.
const RIGHTS: &str = "
-- whether others are to get rights on the copy: owed, given; NULL where nobody was to get any when it was made
ALTER TABLE recordings ADD COLUMN rights TEXT;
ALTER TABLE recordings ADD COLUMN rights_not_before TEXT;
CREATE INDEX recordings_rights ON recordings (id) WHERE rights = 'owed';
";

/// Before, nobody was told of anything, so that nothing of it had to be remembered.
const SIGNALS: &str = "
-- what runs have done since this ledger was made: numbers that only grow
CREATE TABLE counters (
    name TEXT NOT NULL,
    label TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (name, label)
) STRICT;
-- what hosts may want to hear, in the order in which it happened, until they were told
CREATE TABLE news (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    recording INTEGER NOT NULL REFERENCES recordings (id),
    what TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
-- which alarms a receiver was told of, about what, and when
CREATE TABLE told (
    receiver TEXT NOT NULL,
    alarm TEXT NOT NULL,
    subjects TEXT NOT NULL,
    at TEXT NOT NULL,
    over INTEGER NOT NULL,
    PRIMARY KEY (receiver, alarm)
) STRICT;
";

/// Before, some questions were answered by reading a whole table, in a time that grew with the history.
const BY_INDEX: &str = "
CREATE INDEX recordings_claimed ON recordings (claim) WHERE claim IS NOT NULL;
CREATE INDEX recordings_by_host_id ON recordings (host_id);
CREATE INDEX files_failed ON files (recording)
    WHERE attempts > 0 AND state NOT IN ('importing', 'sent', 'done', 'deleted', 'purged');
";

/// Before, a text that is none was tried until it was given up; an older version does not know the states of those that are
/// left out.
const LEFT_OUT: &str = "
CREATE INDEX files_left_out ON files (recording) WHERE state IN ('not_a_caption', 'not_a_chat', 'empty');
";

/// Before, entries were sent their bytes whether or not Kaltura had kept their mark.
const MARKS: &str = "
-- whether the entry may lack its mark, and is to be looked at once
ALTER TABLE files ADD COLUMN unmarked INTEGER NOT NULL DEFAULT 0;
UPDATE files SET unmarked = 1
WHERE entry_id IS NOT NULL AND role IN ('parent', 'child') AND state NOT IN ('new', 'deleted', 'purged');
CREATE INDEX files_unmarked ON files (id) WHERE unmarked;
";

/// Before, whatever the holding user had counted as an orphan, with no tag of its own.
const ORPHANS_TAGGED: &str = "
-- whether its copy is an orphan that does not carry the tag of one, as an older version made it
ALTER TABLE recordings ADD COLUMN untagged INTEGER NOT NULL DEFAULT 0;
UPDATE recordings SET untagged = 1 WHERE orphan AND id IN (SELECT recording FROM files WHERE entry_id IS NOT NULL);
";

/// Before, nobody looked for an entry that was made after its copy was confirmed.
const IN_DOUBT: &str = "
CREATE INDEX files_in_doubt ON files (attach_sent) WHERE asked > 1;
";

/// Before, what was no copy was deleted before a new one was made.
const REPLACED: &str = "
CREATE TABLE replaced (
    file INTEGER NOT NULL REFERENCES files (id),
    -- an entry that is no copy of the file, and goes once there is one
    entry_id TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (file, entry_id)
) WITHOUT ROWID;
UPDATE recordings SET kept = 'someone_else_added' WHERE kept = 'child_not_made_by_us';
";

/// Before, a copy was confirmed by the clock of this machine.
const CLOCKS: &str = "
-- whether `confirmed` is a time of Kaltura's clock
ALTER TABLE files ADD COLUMN by_kaltura INTEGER NOT NULL DEFAULT 0;
-- what lies in the future is found without reading the rest
CREATE INDEX files_attach_sent ON files (attach_sent) WHERE attach_sent IS NOT NULL;
CREATE INDEX files_next_try ON files (next_try) WHERE next_try IS NOT NULL;
CREATE INDEX files_trash_asked ON files (trash_asked) WHERE trash_asked IS NOT NULL;
CREATE INDEX files_trash_not_before ON files (trash_not_before) WHERE trash_not_before IS NOT NULL;
CREATE INDEX recordings_rights_not_before ON recordings (rights_not_before) WHERE rights_not_before IS NOT NULL;
CREATE INDEX runs_by_start ON runs (started);
";

/// Before, an upload went on with whatever Zoom had at the address by then.
const VALIDATORS: &str = "
-- the ETag, else the Last-Modified, of the content that the upload was begun with
ALTER TABLE files ADD COLUMN validator TEXT;
";

/// Before, who opted out by an address was known by nothing else.
const BEHIND: &str = "
-- which Zoom users are behind the addresses of the opt-out list; an empty id: Zoom was asked, and knew none
CREATE TABLE behind (
    address TEXT NOT NULL,
    host_id TEXT NOT NULL,
    PRIMARY KEY (address, host_id)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO behind (address, host_id)
SELECT standings.person, recordings.host_id
FROM standings JOIN recordings ON recordings.host_email = standings.person COLLATE NOCASE
WHERE standings.list = 'opt_out' AND standings.until IS NULL AND recordings.reason = 'opted_out'
    AND recordings.host_id <> '';
";

/// Before, who opted in by an address was whoever had it.
const BEHIND_BOTH: &str = "
ALTER TABLE behind RENAME TO behind_opt_out;
-- which Zoom users are behind the addresses of each list; an empty id: Zoom was asked, and knew none
CREATE TABLE behind (
    list TEXT NOT NULL,
    address TEXT NOT NULL,
    host_id TEXT NOT NULL,
    PRIMARY KEY (list, address, host_id)
) STRICT, WITHOUT ROWID;
INSERT INTO behind (list, address, host_id) SELECT 'opt_out', address, host_id FROM behind_opt_out;
DROP TABLE behind_opt_out;
";

/// Before, a title stayed what it was when its entry was made.
const TITLES: &str = "
-- the title that the entry was last given; NULL where that is not known
ALTER TABLE files ADD COLUMN title TEXT;
-- another one that Kaltura was asked to give it, and whose answer is not known
ALTER TABLE files ADD COLUMN title_asked TEXT;
-- the topic by which the titles were given, as long as they are to follow another one
ALTER TABLE recordings ADD COLUMN topic_before TEXT;
";

/// Before, each of the recordings that are left out together had an event of its own, and each recording was in an index by the
/// address of its host.
const MANY_AT_ONCE: &str = "
-- every address under which a host was listed
CREATE TABLE listed_addresses (
    address TEXT NOT NULL COLLATE NOCASE,
    host_id TEXT NOT NULL,
    PRIMARY KEY (address, host_id)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO listed_addresses (address, host_id)
SELECT DISTINCT host_email, host_id FROM recordings WHERE host_email IS NOT NULL;
DROP INDEX recordings_by_host;
-- the last of the recordings that it is an event of, where they were left out together
ALTER TABLE events ADD COLUMN last_recording INTEGER;
CREATE INDEX events_of_many ON events (recording) WHERE last_recording IS NOT NULL;
-- the events of each recording; those of many are few
CREATE VIEW each_event AS
SELECT id, at, run, recording, file_id, event, detail FROM events WHERE last_recording IS NULL
UNION ALL
SELECT events.id, at, run, recordings.id AS recording, file_id, event, detail
FROM events INDEXED BY events_of_many CROSS JOIN recordings ON recordings.id BETWEEN events.recording AND events.last_recording
WHERE events.last_recording IS NOT NULL;
";

/// Which version wrote it last.
const WRITTEN_BY: &str = "written_by";

/// The newest format.
pub const NEWEST: i64 = STEPS.len().cast_signed() as i64;

/// The version of the database library that is built in.
#[must_use]
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// The format of a ledger; 0 for an empty file. An error if this version does not know it.
pub(super) fn read_format(connection: &Connection) -> Result<i64, LedgerError> {
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > NEWEST {
        let sql = "SELECT value FROM meta WHERE key = ?1";
        let writer = connection.query_row(sql, [WRITTEN_BY], |row| row.get::<_, String>(0));
        return Err(LedgerError::Newer {
            found,
            known: NEWEST,
            writer: writer.map_or(String::new(), |name| one_line(&name)),
        });
    }
    Ok(found)
}

/// Remembers which version wrote it last, for those that do not know its format.
pub(super) fn sign_ledger(connection: &Connection) -> Result<(), LedgerError> {
    let sql = "
        INSERT INTO meta (key, value) VALUES (?1, ?2)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value";
    connection.execute(sql, [WRITTEN_BY, env!("CARGO_PKG_VERSION")])?;
    Ok(())
}

/// Brings a ledger to the newest format, in one transaction: the version before can read what an interrupted upgrade leaves,
/// and a new ledger waits for the disk once.
pub(super) fn migrate_ledger(connection: &mut Connection) -> Result<(), LedgerError> {
    let found = read_format(connection)?;
    if found >= NEWEST {
        return Ok(());
    }
    let change = connection.transaction()?;
    for sql in STEPS.iter().skip(usize::try_from(found).unwrap_or_default()) {
        change.execute_batch(sql)?;
    }
    change.pragma_update(None, "user_version", NEWEST)?;
    Ok(change.commit()?)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use std::fs;
    use std::path::{Path, PathBuf};

    use super::{FIRST, NEWEST, STEPS, WHOLE, migrate_ledger, read_format};
    use crate::ledger::{Identity, Journal, Ledger, LockKind};

    /// Tables and indexes as they stand, without how they are laid out.
    fn schema(ledger: &Connection) -> Vec<String> {
        let mut parts = ledger.prepare("SELECT coalesce(sql, name) FROM sqlite_master ORDER BY 1").expect("a schema");
        let parts = parts.query_map([], |row| row.get::<_, String>(0)).expect("a schema");
        let words = |part: String| part.split_whitespace().collect::<Vec<_>>().join(" ").replace('"', "");
        let without_comments = |part: String| {
            part.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n")
        };
        let mut parts: Vec<String> = parts.map(|part| words(without_comments(part.expect("a part")))).collect();
        parts.sort();
        parts
    }

    fn fixture(format: i64) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/ledgers/{format:02}.sql"))
    }

    /// As those versions wrote them: `sqlite3 ledger.db .dump`, with their format. A new step needs one of the format before.
    #[test]
    fn ledgers_of_every_version_open() {
        let mut newest = Connection::open_in_memory().expect("memory");
        migrate_ledger(&mut newest).expect("a migration");
        let identity =
            Identity { zoom_account: "z".to_owned(), kaltura_url: "http://127.0.0.1".to_owned(), partner_id: 1 };
        for format in 1..NEWEST {
            let folder = tempfile::tempdir().expect("a folder");
            let dump = fs::read_to_string(fixture(format)).unwrap_or_else(|error| panic!("format {format}: {error}"));
            let file = folder.path().join("ledger.db");
            Connection::open(&file).and_then(|old| old.execute_batch(&dump)).expect("a ledger");
            let looked_at = Ledger::read_only(folder.path(), &identity).expect("a ledger");
            assert_eq!(looked_at.format_before_upgrade(), Some(format));
            let backup = folder.path().join("backup");
            Ledger::back_up(folder.path(), &identity, &backup).expect("a backup");
            let kept = Connection::open(&backup)
                .and_then(|old| old.pragma_query_value(None, "user_version", |row| row.get(0)));
            assert_eq!(kept, Ok(format), "a backup has the format that its version can read");
            let ledger = Ledger::open(folder.path(), &identity, LockKind::Copying, Journal::Auto).expect("a ledger");
            assert_eq!(ledger.format_before_upgrade(), None);
            assert_eq!(schema(&ledger.connection()), schema(&newest), "format {format}");
            let row = |sql: &str| ledger.connection().query_row(sql, [], |row| row.get::<_, String>(0)).expect("rows");
            let states = row("SELECT group_concat(id || state || coalesce(entry_id, ''), ' ') FROM files");
            assert_eq!(states, "1done0_one 2reserved 3done0_three", "format {format}");
            let (pending, orphans) = (ledger.pending().expect("what is owed"), ledger.orphans().expect("orphans"));
            assert_eq!((pending.len(), orphans.len()), (1, 1), "format {format}");
            let of_ada = ledger.stories("ADA@uni.example").expect("recordings");
            assert_eq!(of_ada.len(), 2, "format {format}");
            assert!(ledger.is_sound().expect("a ledger"), "format {format}");
        }
    }

    /// Not the steps before the one that fails either: the version before can go on with it.
    #[test]
    fn failed_upgrades_change_nothing() {
        let mut old = Connection::open_in_memory().expect("memory");
        let dump = fs::read_to_string(fixture(NEWEST - 3)).expect("a dump");
        old.execute_batch(&dump).expect("a ledger");
        old.execute_batch("ALTER TABLE files ADD COLUMN title TEXT").expect("what the last step adds");
        let before = schema(&old);
        assert!(migrate_ledger(&mut old).is_err());
        assert_eq!((schema(&old), read_format(&old).expect("a format")), (before, NEWEST - 3));
    }

    #[test]
    fn newer_ledgers_name_their_writer() {
        let ledger = Connection::open_in_memory().expect("memory");
        ledger.execute_batch(FIRST).expect("a ledger");
        ledger.pragma_update(None, "user_version", NEWEST + 1).expect("a newer format");
        let said = || read_format(&ledger).expect_err("a newer one").to_string();
        let formats =
            format!("has format {}, this version knows up to {NEWEST}; install the newer zoom2kaltura", NEWEST + 1);
        assert!(said().contains(&formats), "{}", said());
        ledger.execute("INSERT INTO meta VALUES ('written_by', '9.8.7')", []).expect("a name");
        assert!(said().contains(&format!("{formats} (9.8.7)")), "{}", said());
    }

    #[test]
    fn older_data_is_kept_and_read() {
        let mut ledger = Connection::open_in_memory().expect("memory");
        let written = "
            INSERT INTO recordings (id, meeting_uuid, recording_start, meeting_id, webinar, topic, meeting_start, host_id, action)
            VALUES (1, 'u==', '2026-11-20T09:00:00Z', 81000000001, 0, 'Optics', '2026-11-20T09:00:00Z', 'h', 'done');
            INSERT INTO files (recording, file_id, bytes, state, entry_id) VALUES (1, 'v', 6000, 'done', '0_a');
            PRAGMA user_version = 1;";
        ledger.execute_batch(FIRST).expect("the first format");
        ledger.execute_batch(written).expect("rows of the first format");
        migrate_ledger(&mut ledger).expect("a migration");
        assert_eq!(read_format(&ledger).expect("a format"), NEWEST);
        let sql = "SELECT role || ' ' || state || ' ' || entry_id FROM files";
        let row: String = ledger.query_row(sql, [], |row| row.get(0)).expect("the row");
        assert_eq!(row, "parent done 0_a");
    }

    /// They were made before there were tags.
    #[test]
    fn only_old_orphans_stay_orphans() {
        let mut ledger = Connection::open_in_memory().expect("memory");
        let before = STEPS.iter().position(|step| step.contains("ADD COLUMN untagged")).expect("the step");
        for step in &STEPS[..before] {
            ledger.execute_batch(step).expect("an older format");
        }
        let written = format!(
            "
            INSERT INTO recordings (id, meeting_uuid, recording_start, meeting_id, webinar, topic, meeting_start, host_id,
                                    action, owner, orphan, kept)
            VALUES (1, 'u==', '2026-11-20T09:00:00Z', 1, 0, 'Optics', '2026-11-20T09:00:00Z', 'h', 'done', 'o', 1, NULL),
                   (2, 'v==', '2026-11-20T09:00:00Z', 1, 0, 'Optics', '2026-11-20T09:00:00Z', 'h', 'done', 'ada', 0, NULL),
                   (3, 'w==', '2026-11-20T09:00:00Z', 1, 0, 'Optics', '2026-11-20T09:00:00Z', 'h', 'wait', 'o', 1, NULL),
                   (4, 'x==', '2026-11-20T09:00:00Z', 1, 0, 'Optics', '2026-11-20T09:00:00Z', 'h', 'done', 'o', 1,
                    'child_not_made_by_us');
            INSERT INTO files (recording, file_id, bytes, state, entry_id, confirmed)
            VALUES (1, 'v', 6000, 'done', '0_a', '2026-11-20T10:00:00Z'), (2, 'v', 6000, 'done', '0_b', '2026-11-20T10:00:00Z'),
                   (3, 'v', 6000, 'new', NULL, NULL), (4, 'v', 6000, 'done', '0_d', '2026-11-20T10:00:00Z');
            PRAGMA user_version = {before};"
        );
        ledger.execute_batch(&written).expect("rows of the older format");
        migrate_ledger(&mut ledger).expect("a migration");
        let row = |sql: &str| ledger.query_row(sql, [], |row| row.get::<_, String>(0)).expect("rows");
        assert_eq!(row("SELECT group_concat(id) FROM recordings WHERE untagged"), "1,4");
        assert_eq!(row("SELECT kept FROM recordings WHERE id = 4"), "someone_else_added");
        // its clock is this machine's, and counts from its entry's last change
        assert_eq!(row("SELECT CAST(sum(by_kaltura) AS TEXT) FROM files"), "0");
    }

    #[test]
    fn opted_out_addresses_keep_their_person() {
        let mut ledger = Connection::open_in_memory().expect("memory");
        let before = STEPS.iter().position(|step| step.contains("behind_opt_out")).expect("the step");
        for step in &STEPS[..before] {
            ledger.execute_batch(step).expect("an older format");
        }
        let written = format!("INSERT INTO behind VALUES ('ada@x', 'a'), ('b@x', ''); PRAGMA user_version = {before};");
        ledger.execute_batch(&written).expect("rows of the older format");
        migrate_ledger(&mut ledger).expect("a migration");
        let sql = "SELECT group_concat(list || ' ' || address || ' ' || host_id) FROM behind";
        let rows: String = ledger.query_row(sql, [], |row| row.get(0)).expect("rows");
        assert_eq!(rows, "opt_out ada@x a,opt_out b@x ");
    }

    /// Those that were not purged still are.
    #[test]
    fn purged_entries_stop_being_orphans() {
        let mut ledger = Connection::open_in_memory().expect("memory");
        let written = "
            INSERT INTO recordings (id, meeting_uuid, recording_start, meeting_id, webinar, topic, meeting_start, host_id,
                                    action, reason, owner, orphan)
            VALUES (1, 'u==', '2026-11-20T09:00:00Z', 1, 0, 'Optics', '2026-11-20T09:00:00Z', 'h', 'skip', 'purged', 'o', 1),
                   (2, 'v==', '2026-11-20T09:00:00Z', 1, 0, 'Optics', '2026-11-20T09:00:00Z', 'h', 'done', NULL, 'o', 1);
            INSERT INTO hosts (host_id, email, asked) VALUES ('h', 'ada@uni.example', '2026-11-20T09:00:00Z');
            PRAGMA user_version = 2;";
        ledger.execute_batch(FIRST).expect("the first format");
        ledger.execute_batch(WHOLE).expect("the second format");
        ledger.execute_batch(written).expect("rows of the second format");
        migrate_ledger(&mut ledger).expect("a migration");
        let sql = "SELECT group_concat(id) FROM recordings WHERE orphan";
        let orphans: String = ledger.query_row(sql, [], |row| row.get(0)).expect("orphans");
        assert_eq!(orphans, "2");
    }
}
