//! A small university for one test: both stand-ins, a configuration, and the program's binary.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};

use assert_cmd::Command;
use chrono::{SecondsFormat, TimeDelta, Utc};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::standin::kaltura::{Entry, Kaltura};
use crate::standin::media::Media;
use crate::standin::setup::{ADMIN_SECRET, HOLDING_USER, Setup};
use crate::standin::zoom::{Meeting, User, Zoom};

/// One root certificate, in place of all that the machine has: to read those is half of what the start of a run takes, and
/// nothing here speaks TLS.
pub(crate) const FEW_ROOTS: [(&str, &str); 2] = [
    ("SSL_CERT_FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/root.pem")),
    ("SSL_CERT_DIR", "/nonexistent"),
];

/// Both sides and the program between them.
pub(crate) struct Campus {
    pub(crate) zoom: Zoom,
    pub(crate) kaltura: Kaltura,
    pub(crate) setup: Setup,
    /// Whether a run was given settings by which Zoom may be changed.
    may_change_zoom: AtomicBool,
}

/// What one run of the program came to.
pub(crate) struct Run {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Campus {
    /// Ada has an account in Kaltura, the guest has none; go-live was three days ago.
    pub(crate) fn new() -> Campus {
        Campus::of(Zoom::start(), Kaltura::start())
    }

    /// The same with stand-ins that are built in another way.
    pub(crate) fn of(zoom: Zoom, kaltura: Kaltura) -> Campus {
        for (id, email) in [("ada", "ada@uni.example"), ("guest", "guest@elsewhere.example")] {
            zoom.add_user(User::new(id, email));
        }
        kaltura.add_user("ada@uni.example", "ada@uni.example");
        kaltura.add_user(HOLDING_USER, "");
        let setup = Setup::new(&zoom, &kaltura, &hours_ago(72));
        Campus { zoom, kaltura, setup, may_change_zoom: AtomicBool::new(false) }
    }

    /// The same with a recording of each of them, just over.
    pub(crate) fn with_two_recordings() -> Campus {
        let campus = Campus::new();
        campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 2));
        campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 2));
        campus
    }

    /// Runs the program.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_with(&[], args)
    }

    /// Runs the program with settings from the environment.
    pub(crate) fn run_with(&self, settings: &[(&str, &str)], args: &[&str]) -> Run {
        self.run_in(&self.setup, settings, args)
    }

    /// The same by another configuration.
    pub(crate) fn run_in(&self, setup: &Setup, settings: &[(&str, &str)], args: &[&str]) -> Run {
        let may_change_zoom = settings.iter().any(|(key, _)| *key == "ZOOM2KALTURA_ZOOM_TRASH_AFTER");
        self.may_change_zoom.fetch_or(may_change_zoom, Ordering::Relaxed);
        let mut command = Command::cargo_bin("zoom2kaltura").expect("the binary is built");
        command.arg("--config").arg(setup.config()).args(args).envs(FEW_ROOTS).envs(settings.iter().copied());
        command.env_remove("ZOOM2KALTURA_CONFIG").env_remove("CREDENTIALS_DIRECTORY");
        Run::of(&command.output().expect("the program runs"))
    }

    /// Runs `sync` until nothing is left in conversion.
    pub(crate) fn sync_until_done(&self) {
        self.sync_until_done_with(&[]);
    }

    /// The same with settings from the environment.
    pub(crate) fn sync_until_done_with(&self, settings: &[(&str, &str)]) {
        for _ in 0..50 {
            let run = self.run_with(settings, &["sync", "--format", "json"]);
            assert_eq!(run.exit, 0, "{}", run.err);
            if !run.waits_for_kaltura() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("copies stay in conversion");
    }

    /// A second installation for the same Zoom account: on another machine, with a ledger of its own.
    pub(crate) fn beside(&self) -> Setup {
        let setup = Setup::new(&self.zoom, &self.kaltura, &hours_ago(72));
        fs::write(setup.machine_id(), "ffffffffffffffffffffffffffffffff\n").expect("another machine");
        setup
    }

    /// The admin tags that this installation gives its entries; its ledger must be there.
    pub(crate) fn tags(&self, orphan: bool) -> String {
        let ledger = Connection::open(self.setup.state().join("ledger.db")).expect("a ledger");
        let sql = "SELECT value FROM meta WHERE key = 'installation'";
        let id: String = ledger.query_row(sql, [], |row| row.get(0)).expect("an installation");
        self.tags_of(&id, orphan)
    }

    /// Those of another installation of the same Zoom account.
    pub(crate) fn tags_of(&self, id: &str, orphan: bool) -> String {
        let hash = Sha256::digest(format!("account\0{}", self.zoom.account_id()));
        let account = format!("{:02x}{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2], hash[3]);
        let mark = if orphan { ",zoom2kaltura-orphan" } else { "" };
        format!("zoom2kaltura,zoom2kaltura-by-{account}-{id}{mark}")
    }

    /// One entry for each video that Zoom holds, with the same bytes, and nothing beside them.
    pub(crate) fn each_video_is_in_kaltura_once(&self) {
        let files = self.zoom.meetings().into_iter().flat_map(|meeting| meeting.files());
        let mut expected: Vec<String> =
            files.filter(|file| file.kind.file_type() == "MP4").map(|file| file.sha256()).collect();
        let entries = self.kaltura.entries();
        let hash = |id: &String| self.kaltura.sha256_of(id).unwrap_or_else(|| format!("{id} has no source"));
        let mut found: Vec<String> = entries.iter().map(|entry| hash(&entry.id)).collect();
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
    }

    /// What a person does in Kaltura, who may do everything.
    pub(crate) fn in_kmc(&self, service: &str, action: &str, mut params: Value) -> Value {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let client = reqwest::Client::builder().user_agent("tests").build().expect("a client");
            let address = |call: &str| format!("{}/api_v3/service/{call}", self.kaltura.url());
            let login = json!({
                "secret": ADMIN_SECRET, "partnerId": 102, "type": 2, "userId": "somebody", "expiry": 60,
                "privileges": "disableentitlement", "format": 1, "clientTag": "tests",
            });
            let session = client.post(address("session/action/start")).json(&login).send().await.expect("an answer");
            let session: String = session.json().await.expect("a session");
            (params["ks"], params["format"], params["clientTag"]) = (json!(session), json!(1), json!("tests"));
            let path = format!("{service}/action/{action}");
            let sent = client.post(address(&path)).json(&params).send().await.expect("an answer");
            let answer: Value = sent.json().await.expect("json");
            assert_ne!(answer["objectType"], "KalturaAPIException", "{answer}");
            answer
        })
    }

    /// What is in the state folder, by name, byte for byte; empty where there is none.
    pub(crate) fn state(&self) -> Vec<(String, Vec<u8>)> {
        contents(&self.setup.state())
    }

    /// Every secret that must not be seen anywhere.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets = self.zoom.secrets();
        secrets.push(crate::standin::setup::ADMIN_SECRET.to_owned());
        secrets.extend(self.kaltura.sessions());
        secrets.extend(self.kaltura.tokens().into_iter().map(|token| token.id));
        secrets
    }
}

impl Drop for Campus {
    /// Whatever a test is about, nothing may be done that the real servers would let pass and that is wrong.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.zoom.violations(), Vec::<String>::new());
            // promise 4: Zoom is never touched unless `zoom_trash` says so
            assert!(self.may_change_zoom.load(Ordering::Relaxed) || self.zoom.writes().is_empty());
            assert_eq!(self.kaltura.refusals(), Vec::<String>::new());
        }
    }
}

impl Run {
    pub(crate) fn of(output: &Output) -> Run {
        Run {
            exit: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Whether something is up to Kaltura after a run that was asked for a report in JSON, or is made anew by the next.
    pub(crate) fn waits_for_kaltura(&self) -> bool {
        let waiting = ["\"sent\"", "in_conversion", "\"importing\"", "\"import_"];
        waiting.iter().any(|word| self.out.contains(word))
    }

    /// The report of a run that was asked for one in JSON.
    pub(crate) fn report(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(files) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<(String, Vec<u8>)> = files
        .map(|file| file.expect("a file").path())
        .map(|path| (path.display().to_string(), fs::read(&path).expect("a readable file")))
        .collect();
    found.sort();
    found
}

/// What each entry is, whose, and how tagged.
pub(crate) fn states(kaltura: &Kaltura) -> Vec<String> {
    let line = |entry: Entry| format!("{} {} {} {}", entry.id, entry.status, entry.user_id, entry.admin_tags);
    kaltura.entries().into_iter().map(line).collect()
}

/// A time as Zoom writes it.
pub(crate) fn hours_ago(hours: i64) -> String {
    (Utc::now() - TimeDelta::hours(hours)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A finished meeting of `host` that began some hours ago, with one video of its own content.
pub(crate) fn lecture(uuid: &str, number: i64, host: &str, hours: i64) -> Meeting {
    let media = Media::mp4().salted(number.unsigned_abs());
    Meeting::new(uuid, number, &format!("Lecture {number}"))
        .host(host)
        .starts(&hours_ago(hours))
        .video("shared_screen", media)
}
