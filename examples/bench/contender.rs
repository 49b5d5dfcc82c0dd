//! Who moves recordings from Zoom to Kaltura.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::measured::{Cost, run};
use crate::remote::Remote;

/// The program itself.
pub(crate) fn program(remote: &Remote, parallel: u64) -> Cost {
    run(vec![remote.program(parallel, &["sync"])])
}

/// The same, moving the bytes in the mode of `sync.transfer`.
pub(crate) fn program_in_mode(remote: &Remote, parallel: u64, mode: &str) -> Cost {
    let mut command = remote.program(parallel, &["sync"]);
    command.env("ZOOM2KALTURA_SYNC_TRANSFER", mode);
    run(vec![command])
}

/// `curl` into `curl`, a recording after the other: no API, no redirect, no check, nothing that could be resumed.
pub(crate) fn curl(remote: &Remote, recordings: u64, bytes: u64) -> Cost {
    let plain = remote.address("plain");
    let one = || {
        let mut download = Command::new("curl");
        download.args(["-sSf", &format!("{plain}/media/{bytes}")]);
        let mut upload = Command::new("curl");
        // without the header it would first ask whether it may send
        upload.args(["-sSf", "-H", "Expect:", "-T", "-", &format!("{plain}/sink")]);
        run(vec![download, upload])
    };
    (0..recordings).map(|_| one()).reduce(Cost::then).expect("a recording")
}

/// A download that is thrown away, and an upload of zeros: what moving costs at least.
pub(crate) fn halves(remote: &Remote, bytes: u64) -> Cost {
    let plain = remote.address("plain");
    let mut download = Command::new("curl");
    download.args(["-sSf", "-o", "/dev/null", &format!("{plain}/media/{bytes}")]);
    let mut zeros = Command::new("head");
    zeros.args(["-c", &bytes.to_string(), "/dev/zero"]);
    let mut upload = Command::new("curl");
    upload.args(["-sSf", "-H", "Expect:", "-T", "-", &format!("{plain}/sink")]);
    run(vec![download]).then(run(vec![zeros, upload]))
}

/// The script beside this file; `None` where Python or its `requests` is not to be had.
pub(crate) fn script(remote: &Remote, recordings: u64, bytes: u64) -> Option<Cost> {
    let mut command = Command::new(python()?);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/bench/naive.py");
    command.arg(script).arg(format!("{}/media/{bytes}", remote.address("plain"))).arg(recordings.to_string());
    command.args([remote.address("kaltura"), "102", remote.address("secret")]);
    Some(run(vec![command]))
}

/// A Python that has `requests`: the one that is there, or one with it in a folder for temporary files.
fn python() -> Option<&'static PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let has_requests = |python: &Path| good(Command::new(python).args(["-c", "import requests"]));
    let found = FOUND.get_or_init(|| {
        let system = PathBuf::from("python3");
        if has_requests(&system) {
            return Some(system);
        }
        let folder = std::env::temp_dir().join("zoom2kaltura-bench-python");
        let own = folder.join("bin/python3");
        let made = good(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            && good(Command::new(&own).args(["-m", "pip", "install", "--quiet", "requests"]));
        (made && has_requests(&own)).then_some(own)
    });
    found.as_ref()
}

fn good(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
