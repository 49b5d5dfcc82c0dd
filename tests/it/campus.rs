//! A small university for one test: both stand-ins, a configuration, and the program's binary.

use std::fs::{self, File};
use std::path::Path;
use std::process::{self, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use chrono::{SecondsFormat, TimeDelta, Utc};
use reqwest::multipart::{Form, Part};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use standin::fault::Fault;
use standin::kaltura::{Entry, Kaltura, TextAsset};
use standin::media::Media;
use standin::setup::{ADMIN_SECRET, HOLDING_USER, Setup};
use standin::zoom::{Meeting, User, Zoom};

use crate::documents::hold_documents;

/// The root certificate of stand-ins that speak TLS, in place of all that the machine has: to read those is half of what the
/// start of a run takes.
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

    /// The same with a lecture of Ada's, five hours old.
    pub(crate) fn with_lecture() -> Campus {
        let campus = Campus::new();
        campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
        campus
    }

    /// The same with stand-ins that are built in another way.
    pub(crate) fn of(zoom: Zoom, kaltura: Kaltura) -> Campus {
        for (id, email) in [("ada", "ada@uni.example"), ("guest", "guest@elsewhere.example")] {
            zoom.add_user(User::new(id, email));
        }
        kaltura.add_user("ada@uni.example", "ada@uni.example");
        kaltura.add_user(HOLDING_USER, "");
        let setup = Setup::in_memory(&zoom, &kaltura, &hours_ago(72));
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
        let run = Run::of(&command.output().expect("the program runs"));
        hold_documents(args, &run);
        run
    }

    /// The program with its configuration, to be started beside the test.
    pub(crate) fn program(&self) -> process::Command {
        program(&self.setup)
    }

    /// What a run does while its call to Kaltura is held up: from then on `deed` is done.
    pub(crate) fn run_beside(&self, args: &[&str], (call, hit): (&str, usize), deed: impl Fn()) -> Run {
        self.kaltura.log().clear();
        self.kaltura.faults().queue(call, hit, Fault::Stall(Duration::from_millis(1500)));
        std::thread::scope(|scope| {
            let run = scope.spawn(|| self.run(args));
            while self.kaltura.log().count(call) < hit && !run.is_finished() {
                std::thread::sleep(Duration::from_millis(5));
            }
            deed();
            run.join().expect("a run")
        })
    }

    /// How often the same command asks so where nothing is carried out.
    pub(crate) fn count_dry_calls(&self, args: &[&str], call: &str) -> usize {
        self.kaltura.log().clear();
        assert_eq!(self.run(&[args, &["--dry-run"]].concat()).exit, 0);
        self.kaltura.log().count(call)
    }

    /// Runs the program from a shell; in the script it is `"$@"`.
    pub(crate) fn run_in_shell(&self, script: &str, args: &[&str]) -> Run {
        let mut shell = process::Command::new("sh");
        shell.args(["-c", script, "sh", env!("CARGO_BIN_EXE_zoom2kaltura"), "--config"]);
        Run::of(&shell.arg(self.setup.config()).args(args).output().expect("a shell"))
    }

    /// Holds a lock of the state folder, as a run does that is at work.
    pub(crate) fn hold_lock(&self, name: &str) -> File {
        fs::create_dir_all(self.setup.state()).expect("a state folder");
        let lock = File::options().create(true).append(true).open(self.setup.state().join(name));
        let lock = lock.expect("a lock");
        lock.lock().expect("the lock is free");
        lock
    }

    /// The ledger that the runs have made.
    pub(crate) fn ledger(&self) -> Connection {
        self.setup.ledger()
    }

    /// The ledger is lost, and all that lies beside it.
    pub(crate) fn lose_ledger(&self) {
        fs::remove_dir_all(self.setup.state()).expect("a ledger to lose");
    }

    /// The next run asks what became of its copies, of earlier ones too, and waits for the answer long enough to be killed.
    pub(crate) fn hold_confirmations(&self) {
        for hit in [1, 2] {
            self.kaltura.faults().queue("multirequest of media.get", hit, Fault::Stall(Duration::from_secs(3)));
        }
    }

    /// Waits until Kaltura was asked so, and so often.
    pub(crate) fn wait_for_call(&self, call: &str, hits: usize) {
        let since = Instant::now();
        while self.kaltura.log().count(call) < hits {
            assert!(since.elapsed() < Duration::from_secs(600), "{call} never came");
            std::thread::sleep(Duration::from_millis(5));
        }
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
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("copies stay in conversion");
    }

    /// A second installation for the same Zoom account: on another machine, with a ledger of its own.
    pub(crate) fn beside(&self) -> Setup {
        let setup = Setup::in_memory(&self.zoom, &self.kaltura, &hours_ago(72));
        fs::write(setup.machine_id(), "ffffffffffffffffffffffffffffffff\n").expect("another machine");
        setup
    }

    /// The admin tags that this installation gives its entries; its ledger must be there.
    pub(crate) fn tags(&self, orphan: bool) -> String {
        let ledger = self.setup.ledger();
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

    /// The hashes of what the entries hold that are not deleted, sorted.
    pub(crate) fn contents(&self) -> Vec<String> {
        let hash = |entry: &Entry| self.kaltura.sha256_of(&entry.id).unwrap_or_else(|| "no content".to_owned());
        let mut hashes: Vec<String> = self.kaltura.alive().iter().map(hash).collect();
        hashes.sort();
        hashes
    }

    /// The same of all files that Zoom lists.
    pub(crate) fn listed(&self) -> Vec<String> {
        let files = self.zoom.meetings().into_iter().flat_map(|meeting| meeting.files());
        let mut hashes: Vec<String> = files.map(|file| file.sha256()).collect();
        hashes.sort();
        hashes
    }

    /// The names of all copies that were ever made, sorted.
    pub(crate) fn copied(&self) -> Vec<String> {
        names(self.kaltura.entries())
    }

    /// The names of those that are not deleted, sorted.
    pub(crate) fn left(&self) -> Vec<String> {
        names(self.kaltura.alive())
    }

    /// The owner of each entry that is not deleted.
    pub(crate) fn owners(&self) -> Vec<String> {
        self.kaltura.alive().into_iter().map(|entry| entry.user_id).collect()
    }

    /// The first entry that has no parent, deleted or not.
    pub(crate) fn parent(&self) -> Entry {
        self.kaltura.entries().into_iter().find(|entry| entry.parent_entry_id.is_empty()).expect("an entry")
    }

    /// The captions and chats of all entries.
    pub(crate) fn texts(&self) -> Vec<TextAsset> {
        self.kaltura.entries().iter().flat_map(|entry| self.kaltura.texts_of(&entry.id)).collect()
    }

    /// The day before which the ledger holds everything settled; empty where there is none.
    pub(crate) fn checkpoint(&self) -> String {
        let sql = "SELECT coalesce((SELECT value FROM meta WHERE key = 'checkpoint'), '')";
        self.ledger().query_row(sql, [], |row| row.get(0)).expect("a checkpoint")
    }

    /// What a person does in Kaltura, who may do everything.
    pub(crate) fn in_kmc(&self, service: &str, action: &str, mut params: Value) -> Value {
        (params["ks"], params["format"], params["clientTag"]) = (json!(self.session()), json!(1), json!("tests"));
        let answer = self.post(&format!("/api_v3/service/{service}/action/{action}"), &params);
        assert_ne!(answer["objectType"], "KalturaAPIException", "{answer}");
        answer
    }

    /// Somebody's session, who may do everything.
    pub(crate) fn session(&self) -> String {
        let login = json!({
            "secret": ADMIN_SECRET, "partnerId": 102, "type": 2, "userId": "somebody", "expiry": 60,
            "privileges": "disableentitlement", "format": 1, "clientTag": "tests",
        });
        let session = self.post("/api_v3/service/session/action/start", &login);
        session.as_str().unwrap_or_else(|| panic!("no session: {session}")).to_owned()
    }

    /// Sends a call, or a request that was sent before, to Kaltura.
    pub(crate) fn post(&self, target: &str, body: &Value) -> Value {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let client = reqwest::Client::builder().user_agent("tests").build().expect("a client");
            let address = format!("{}{target}", self.kaltura.url());
            client.post(address).json(body).send().await.expect("an answer").json().await.expect("JSON")
        })
    }

    /// What is in the state folder, by name, byte for byte; empty where there is none.
    pub(crate) fn state(&self) -> Vec<(String, Vec<u8>)> {
        read_folder(&self.setup.state())
    }

    /// Every secret that must not be seen anywhere.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets = self.zoom.secrets();
        secrets.push(ADMIN_SECRET.to_owned());
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
    pub(crate) fn report(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    /// The recordings of that report.
    pub(crate) fn items(&self) -> Vec<Value> {
        self.report()["items"].as_array().expect("items").clone()
    }

    /// The reasons of those that have one.
    pub(crate) fn reasons(&self) -> Vec<String> {
        self.items().iter().filter_map(|item| item["reason"].as_str().map(str::to_owned)).collect()
    }
}

/// Copies the program to where other users may run it. Another process does so: a file that this one has open to write, or a
/// child that is just being started, cannot be run.
pub(crate) fn copy_program(to: &Path) {
    let copied = process::Command::new("cp").arg(env!("CARGO_BIN_EXE_zoom2kaltura")).arg(to).status();
    assert!(copied.is_ok_and(|status| status.success()), "a copy that others may run");
}

/// The program with this configuration.
pub(crate) fn program(setup: &Setup) -> process::Command {
    let mut program = process::Command::new(env!("CARGO_BIN_EXE_zoom2kaltura"));
    program.arg("--config").arg(setup.config());
    program
}

fn read_folder(folder: &Path) -> Vec<(String, Vec<u8>)> {
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

fn names(entries: Vec<Entry>) -> Vec<String> {
    let mut names: Vec<String> = entries.into_iter().map(|entry| entry.name).collect();
    names.sort();
    names
}

/// Sends the last bytes of an upload, as somebody else may; the answer, if there is one.
pub(crate) fn send_final_chunk(address: &str, session: &str, token: &str, at: u64, bytes: Vec<u8>) -> Option<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (resume, at) = (if at > 0 { "1" } else { "0" }, at.to_string());
    let given = [("ks", session), ("uploadTokenId", token), ("resume", resume), ("resumeAt", &at)];
    let always = [("finalChunk", "1"), ("format", "1"), ("clientTag", "tests")];
    let form =
        given.into_iter().chain(always).fold(Form::new(), |form, (name, value)| form.text(name, value.to_owned()));
    runtime.block_on(async {
        let client = reqwest::Client::builder().user_agent("tests").build().expect("a client");
        let request = client.post(format!("{address}/api_v3/service/uploadToken/action/upload"));
        let form = form.part("fileData", Part::bytes(bytes).file_name("recording.mp4"));
        request.multipart(form).send().await.ok()?.json().await.ok()
    })
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

/// The day so many days ago.
pub(crate) fn day(days_ago: i64) -> String {
    (Utc::now() - TimeDelta::days(days_ago)).date_naive().to_string()
}

/// An account whose recordings can only be listed user by user.
pub(crate) fn walked() -> Zoom {
    Zoom::builder().without_scope("cloud_recording:read:list_account_recordings:admin").start()
}

/// A finished meeting of `host` that began some hours ago, with one video of its own content.
pub(crate) fn lecture(uuid: &str, number: i64, host: &str, hours: i64) -> Meeting {
    let media = Media::mp4().salted(number.unsigned_abs());
    Meeting::new(uuid, number, &format!("Lecture {number}"))
        .host(host)
        .starts(&hours_ago(hours))
        .video("shared_screen", media)
}

/// A recording of Ada's of so many bytes.
pub(crate) fn big(bytes: u64) -> Meeting {
    let meeting = Meeting::new("big==", 81_000_000_001, "Big").host("ada").starts(&hours_ago(5));
    meeting.video("shared_screen", Media::mp4().padded_to(bytes))
}
