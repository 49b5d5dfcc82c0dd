//! A configuration that points the program at the stand-ins, in a folder of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use rusqlite::Connection;
use rustix::fs::{Access, AtFlags, CWD, StatVfs, StatVfsMountFlags, accessat, statvfs};
use tempfile::TempDir;

use super::kaltura::Kaltura;
use super::zoom::Zoom;

/// The user under whom orphans are kept.
pub const HOLDING_USER: &str = "zoom-orphans";
/// The admin secret that a Kaltura stand-in takes unless it was built with another.
pub const ADMIN_SECRET: &str = "admin secret";

/// Bytes that are free where tests keep their folders in memory.
const ROOM: u64 = 2 << 30;

/// The permissions in Kaltura that the manual names, those for single features among them.
pub fn documented_role() -> Vec<String> {
    let page = include_str!("../../src/doc/install.md");
    let table = page.split("| Kaltura permission | for |").nth(1).and_then(|rest| rest.split("\n\n").next());
    let rows = table.expect("a table").lines().filter_map(|row| row.strip_prefix("| `")?.split_once('`'));
    rows.map(|(permission, _)| permission.to_owned()).collect()
}

/// Where the folders of tests are: in memory where that can be, as most of what a run takes is the ledger's waiting for
/// the disk, several times a write; wherever `TMPDIR` says if it is set.
fn memory() -> PathBuf {
    let in_memory = Path::new("/dev/shm");
    let is_fit = |found: StatVfs| {
        // tests run scripts from there, and a copy of the binary; a container has 64 MiB of it, mounted `noexec`
        !found.f_flag.contains(StatVfsMountFlags::NOEXEC)
            && found.f_bavail.saturating_mul(found.f_frsize) >= ROOM
            && accessat(CWD, in_memory, Access::WRITE_OK, AtFlags::empty()).is_ok()
    };
    let is_free = std::env::var_os("TMPDIR").is_none();
    if is_free && statvfs(in_memory).is_ok_and(is_fit) { in_memory.to_owned() } else { std::env::temp_dir() }
}

/// The folder with configuration, secrets and state; gone when dropped.
pub struct Setup {
    folder: TempDir,
}

impl Setup {
    /// Writes the configuration to a folder on the disk; recordings before `go_live` (RFC 3339) are not copied.
    pub fn on_disk(zoom: &Zoom, kaltura: &Kaltura, go_live: &str) -> Setup {
        Setup::written(&std::env::temp_dir(), zoom, kaltura, go_live)
    }

    /// The same in memory where there is room: for tests, which do not measure the disk.
    pub fn in_memory(zoom: &Zoom, kaltura: &Kaltura, go_live: &str) -> Setup {
        Setup::written(&memory(), zoom, kaltura, go_live)
    }

    fn written(home: &Path, zoom: &Zoom, kaltura: &Kaltura, go_live: &str) -> Setup {
        let folder = TempDir::with_prefix_in("zoom2kaltura-", home).expect("a temporary folder");
        let setup = Setup { folder };
        setup.write_secret("zoom-secret", zoom.client_secret());
        setup.write_secret("kaltura-secret", ADMIN_SECRET);
        fs::write(setup.machine_id(), "0123456789abcdef0123456789abcdef\n").expect("a machine id is written");
        fs::write(setup.config(), setup.text(zoom, kaltura, go_live)).expect("a configuration is written");
        fs::set_permissions(setup.config(), fs::Permissions::from_mode(0o644)).expect("a configuration is protected");
        setup
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.path().join("zoom2kaltura.toml")
    }

    /// The state folder: made by the program, not by this.
    pub fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    /// The ledger, which the program makes.
    pub fn ledger_file(&self) -> PathBuf {
        self.state().join("ledger.db")
    }

    /// The ledger, to look into and to change.
    pub fn ledger(&self) -> Connection {
        Connection::open(self.ledger_file()).expect("a ledger")
    }

    /// What tells this machine from others.
    pub fn machine_id(&self) -> PathBuf {
        self.path().join("machine-id")
    }

    /// The folder with all of it.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts a secret into a file that only its owner can read.
    pub fn write_secret(&self, name: &str, secret: &str) {
        let file = self.path().join(name);
        fs::write(&file, secret).expect("a secret is written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a secret is protected");
    }

    /// Lets time pass for copies that were confirmed already: the program itself has no clock that could be set.
    pub fn age_confirmations(&self, by: TimeDelta) {
        self.age("files", "confirmed", by);
    }

    /// Lets time pass for what was asked of Zoom's trash.
    pub fn age_trash(&self, by: TimeDelta) {
        self.age("files", "trash_asked", by);
        self.age("files", "trash_not_before", by);
    }

    /// Lets time pass for rights that could not be given.
    pub fn age_rights(&self, by: TimeDelta) {
        self.age("recordings", "rights_not_before", by);
    }

    /// Lets time pass since what happened so far: what is late counts from there.
    pub fn age_events(&self, by: TimeDelta) {
        self.age("events", "at", by);
    }

    /// Lets time pass for what Kaltura was told to fetch.
    pub fn age_imports(&self, by: TimeDelta) {
        self.age("files", "attach_sent", by);
    }

    fn age(&self, table: &str, column: &str, by: TimeDelta) {
        let sql = format!(
            "UPDATE {table} SET {column} = strftime('%Y-%m-%dT%H:%M:%SZ', {column}, ?1) WHERE {column} IS NOT NULL"
        );
        self.ledger().execute(&sql, [format!("-{} seconds", by.num_seconds())]).expect("times in the ledger");
        self.age_listings(by);
    }

    /// Whatever time passes, the last listings become older by it.
    fn age_listings(&self, by: TimeDelta) {
        let sql = "
            UPDATE meta SET value = strftime('%Y-%m-%dT%H:%M:%SZ', value, ?1)
            WHERE key IN ('last_lookback', 'last_rescan') AND value <> ''";
        self.ledger().execute(sql, [format!("-{} seconds", by.num_seconds())]).expect("times in the ledger");
    }

    /// Lets the time pass after which the wide window is listed anew.
    pub fn forget_rescan(&self) {
        self.ledger().execute("DELETE FROM meta WHERE key = 'last_rescan'", []).expect("a rescan to forget");
    }

    /// Lets the time pass after which the days of `lookback` are listed again.
    pub fn age_lookback(&self) {
        self.age_listings(TimeDelta::hours(1));
    }

    /// Lets the time pass for which hosts are remembered.
    pub fn forget_hosts(&self) {
        self.ledger().execute("DELETE FROM hosts", []).expect("hosts to forget");
    }

    fn text(&self, zoom: &Zoom, kaltura: &Kaltura, go_live: &str) -> String {
        format!(
            r#"state_dir = "{state}"
machine_id_file = "machine-id"

[zoom]
account_id = "{account}"
client_id = "{client}"
client_secret_file = "zoom-secret"
api_url = "{api}"
oauth_url = "{oauth}"
download_hosts = ["127.0.0.1"]

[kaltura]
url = "{kaltura}"
partner_id = 102
admin_secret_file = "kaltura-secret"

[sync]
go_live = "{go_live}"

[http]
retry_wait = "20ms"
settle = "2s"
claim_settle = "1s"

[owner]
holding_user = "{HOLDING_USER}"
"#,
            state = self.state().display(),
            account = zoom.account_id(),
            client = zoom.client_id(),
            api = zoom.api_url(),
            oauth = zoom.oauth_url(),
            kaltura = kaltura.url(),
        )
    }
}
