//! Who moves recordings from Zoom to Kaltura.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::Extent;
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

/// `curl` into `curl`, a recording after the other: no API, no redirect, no check, nothing that could be resumed. `None` where
/// there is no `curl`.
pub(crate) fn curl(remote: &Remote, recordings: u64, bytes: u64) -> Option<Cost> {
    let plain = remote.address("plain");
    let one = || {
        let (mut download, mut upload) = (curl_to(remote), curl_to(remote));
        download.arg(format!("{plain}/media/{bytes}"));
        upload.args(["-T", "-", &format!("{plain}/sink")]);
        run(vec![download, upload])
    };
    has_curl().then(|| (0..recordings).map(|_| one()).reduce(Cost::then).expect("a recording"))
}

/// A download that is thrown away, and an upload of zeros: what moving costs at least.
pub(crate) fn halves(remote: &Remote, bytes: u64) -> Option<Cost> {
    let plain = remote.address("plain");
    let (mut download, mut upload) = (curl_to(remote), curl_to(remote));
    download.args(["-o", "/dev/null", &format!("{plain}/media/{bytes}")]);
    let mut zeros = Command::new("head");
    zeros.args(["-c", &bytes.to_string(), "/dev/zero"]);
    upload.args(["-T", "-", &format!("{plain}/sink")]);
    has_curl().then(|| run(vec![download]).then(run(vec![zeros, upload])))
}

fn curl_to(remote: &Remote) -> Command {
    let mut curl = Command::new("curl");
    // without the header it would first ask whether it may send
    curl.args(["-sSf", "-H", "Expect:"]);
    if let Some(root) = remote.root() {
        curl.args(["--tlsv1.3", "--cacert", root]);
    }
    curl
}

fn has_curl() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| good(Command::new("curl").arg("--version")))
}

/// The script beside this file; `None` where Python or its `requests` is not to be had.
pub(crate) fn script(remote: &Remote, recordings: u64, bytes: u64) -> Option<Cost> {
    let mut command = python_script("naive.py", remote)?;
    command.arg(format!("{}/media/{bytes}", remote.address("plain"))).arg(recordings.to_string());
    command.args([remote.address("kaltura"), "102", remote.address("secret")]);
    Some(run(vec![command]))
}

/// The other script: it lists as many days, and remembers in the file `seen` what it saw.
pub(crate) fn lister(remote: &Remote, days: u64, seen: &Path) -> Option<Cost> {
    let mut command = python_script("lister.py", remote)?;
    command.args(["zoom", "oauth", "account", "client", "client secret"].map(|name| remote.address(name)));
    command.arg(days.to_string()).arg(seen);
    Some(run(vec![command]))
}

fn python_script(name: &str, remote: &Remote) -> Option<Command> {
    let mut command = Command::new(python()?);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/bench").join(name));
    // for every request as with `verify=`
    command.envs(remote.root().map(|root| ("REQUESTS_CA_BUNDLE", root)));
    Some(command)
}

/// A Python that has `requests`: the one that is there, or one with it in a folder for temporary files, which the short form
/// does not fetch.
fn python() -> Option<&'static PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    // where it is: what stands in its place, as version managers put it there, would be measured too
    let with_requests = |python: &Path| {
        let found = Command::new(python).args(["-c", "import requests, sys; print(sys.executable)"]).output().ok()?;
        let place = String::from_utf8(found.stdout).ok()?;
        found.status.success().then(|| PathBuf::from(place.trim()))
    };
    let found = FOUND.get_or_init(|| {
        if let Some(system) = with_requests(Path::new("python3")) {
            return Some(system);
        }
        if Extent::chosen() == Extent::Short {
            return None;
        }
        let folder = std::env::temp_dir().join("zoom2kaltura-bench-python");
        let own = folder.join("bin/python3");
        let made = good(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            && good(Command::new(&own).args(["-m", "pip", "install", "--quiet", "requests"]));
        if made { with_requests(&own) } else { None }
    });
    found.as_ref()
}

fn good(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
