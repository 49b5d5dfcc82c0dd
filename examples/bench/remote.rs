//! The stand-ins as the benchmark sees them: a process of their own that answers questions.

use std::env::{current_exe, var};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use crate::scenario::Scenario;

/// Both services, up until this is dropped.
pub(crate) struct Remote {
    process: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    addresses: Value,
    tls: bool,
}

/// How often each side was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requests {
    /// Zoom's API.
    pub(crate) zoom: u64,
    /// Zoom's content network.
    pub(crate) downloads: u64,
    /// Kaltura, chunks left out.
    pub(crate) kaltura: u64,
    /// Chunks sent to Kaltura.
    pub(crate) chunks: u64,
}

/// What is in Kaltura.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entries {
    /// Every entry.
    pub(crate) made: u64,
    /// Those that can be played.
    pub(crate) ready: u64,
    /// Of all together.
    pub(crate) bytes: u64,
}

impl Requests {
    /// All together.
    pub(crate) fn sum(self) -> u64 {
        self.zoom + self.downloads + self.kaltura + self.chunks
    }
}

impl Remote {
    /// Starts them as they are at the moment `now`.
    pub(crate) fn start(scenario: &Scenario, now: DateTime<Utc>) -> Remote {
        let described = serde_json::to_string(scenario).expect("JSON");
        let mut process = Command::new(current_exe().expect("this program"))
            .args(["--stand-ins", &described, &now.to_rfc3339_opts(SecondsFormat::Secs, true)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the stand-ins start");
        let questions = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut remote = Remote { process, questions, answers, addresses: Value::Null, tls: scenario.tls };
        remote.addresses = remote.answer();
        remote
    }

    /// The configuration, the ledger, or one of the addresses.
    pub(crate) fn address(&self, name: &str) -> &str {
        self.addresses[name].as_str().expect("a name that the stand-ins tell")
    }

    /// The program's command with this configuration, under the profiler that `BENCH_UNDER` names, if it does.
    pub(crate) fn program(&self, parallel: u64, args: &[&str]) -> Command {
        let under = var("BENCH_UNDER").unwrap_or_default();
        let mut words = shlex::split(&under).expect("quotes that are closed").into_iter().map(PathBuf::from);
        let program = current_exe().expect("this program");
        let mut command = match words.next() {
            Some(profiler) => {
                let mut command = Command::new(profiler);
                command.args(words).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.args(["--program", "--config", self.address("config")]).args(args);
        command.env("ZOOM2KALTURA_SYNC_PARALLEL", parallel.to_string());
        // as long as by default: the stand-ins' configuration has less, so that tests need not wait
        command.env("ZOOM2KALTURA_HTTP_SETTLE", "30s").env("ZOOM2KALTURA_HTTP_CLAIM_SETTLE", "60s");
        command.envs(self.root().map(|root| ("SSL_CERT_FILE", root)));
        command
    }

    /// The root certificate by which the stand-ins are known, where they speak TLS.
    pub(crate) fn root(&self) -> Option<&'static str> {
        self.tls.then_some(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/root.pem"))
    }

    /// The ledger's file.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.address("ledger").into()
    }

    /// Forgets what was asked so far.
    pub(crate) fn clear(&mut self) {
        self.ask("clear");
    }

    /// What was asked since.
    pub(crate) fn requests(&mut self) -> Requests {
        let answer = self.ask("requests");
        let count = |name: &str| answer[name].as_u64().expect("a count");
        Requests {
            zoom: count("zoom"),
            downloads: count("downloads"),
            kaltura: count("kaltura"),
            chunks: count("chunks"),
        }
    }

    /// Lets Kaltura's import workers `work`, or be `busy` with something else.
    pub(crate) fn set_importers(&mut self, what: &str) {
        self.ask(what);
    }

    /// How many entries there are.
    pub(crate) fn entries(&mut self) -> Entries {
        let answer = self.ask("entries");
        let count = |name: &str| answer[name].as_u64().expect("a count");
        Entries { made: count("made"), ready: count("ready"), bytes: count("bytes") }
    }

    /// How many bytes the plain upload threw away.
    pub(crate) fn sunk(&mut self) -> u64 {
        self.ask("sunk").as_u64().expect("a count")
    }

    /// Lets so many recordings come that were not there before.
    pub(crate) fn let_come(&mut self, recordings: u64) {
        (0..recordings).for_each(|_| drop(self.ask("come")));
    }

    /// The names of the entries whose content is in Kaltura.
    pub(crate) fn arrived(&mut self) -> Vec<String> {
        let names = self.ask("arrived");
        names.as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
    }

    fn ask(&mut self, question: &str) -> Value {
        let questions = self.questions.as_mut().expect("open until it is dropped");
        writeln!(questions, "{question}").expect("stand-ins that listen");
        self.answer()
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("stand-ins that answer");
        serde_json::from_str(&line).expect("JSON from the stand-ins")
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        // they end when nobody can ask any more
        self.questions.take();
        let _ = self.process.wait();
    }
}
