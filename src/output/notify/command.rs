//! A program of the institution's own that receives an event on its standard input: without a shell, with a time limit,
//! and without the secrets that this program was given.
//!
//! Why an event was not taken.

use std::env;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStderr, ChildStdin, Command};
use tokio::time::timeout;

use crate::remotes::http::redact_url;

/// "Temporary failure, try again later" in sysexits.h, as mail programs have it.
const TRY_AGAIN: i32 = 75;
/// So much of what it says last on stderr is kept.
const KEPT: usize = 2048;
/// How long to wait after its end for what it said: something that it left behind may hold its stderr.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Runs it. Exit code 0: it has taken the event; 75: a later run is to try again; any other: it does not want it.
pub(super) async fn run_program(command: &[String], event: String, limit: Duration) -> Result<(), Undelivered> {
    let Some((program, arguments)) = command.split_first() else {
        return Ok(());
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("ZOOM2KALTURA_") || text == "CREDENTIALS_DIRECTORY" {
            command.env_remove(&name);
        }
    }
    let mut child = command.spawn().map_err(|error| Undelivered::passing(format!("it cannot be started: {error}")))?;
    let mut group = Group(child.id().and_then(|id| Pid::from_raw(id.cast_signed())));
    let fed = child.stdin.take().map(|stdin| tokio::spawn(feed_stdin(stdin, event)));
    let heard = child.stderr.take().map(|stderr| tokio::spawn(last_line(stderr)));
    let ended = timeout(limit, child.wait()).await;
    if let Some(fed) = fed {
        fed.abort();
    }
    let Ok(ended) = ended else {
        group.kill();
        let _ = child.wait().await;
        return Err(Undelivered::passing(format!("it took longer than {} s and was killed", limit.as_secs_f64())));
    };
    group.0 = None;
    let said = match heard {
        Some(heard) => timeout(LAST_WORDS, heard).await.ok().and_then(Result::ok).unwrap_or_default(),
        None => String::new(),
    };
    judge_exit(ended, &said)
}

fn judge_exit(ended: std::io::Result<ExitStatus>, said: &str) -> Result<(), Undelivered> {
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    match ended.map(|status| status.code()) {
        Ok(Some(0)) => Ok(()),
        Ok(Some(TRY_AGAIN)) => {
            Err(Undelivered::passing(format!("it ended with exit code 75, which asks for a retry{said}")))
        }
        Ok(Some(code)) => Err(Undelivered::for_good(format!("it ended with exit code {code}{said}"))),
        Ok(None) => Err(Undelivered::passing(format!("it was killed{said}"))),
        Err(error) => Err(Undelivered::passing(format!("its exit code is unknown: {error}"))),
    }
}

/// The program and whatever it started, killed together unless it ended by itself.
struct Group(Option<Pid>);

impl Group {
    fn kill(&mut self) {
        if let Some(leader) = self.0.take() {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A command that does not read it is no failure.
async fn feed_stdin(mut stdin: ChildStdin, event: String) {
    let _ = stdin.write_all(event.as_bytes()).await;
    let _ = stdin.write_all(b"\n").await;
}

/// Reads on to the end, so that nobody waits for room in a pipe.
async fn last_line(mut stderr: ChildStderr) -> String {
    let (mut kept, mut part) = (Vec::new(), [0; KEPT]);
    while let Ok(bytes @ 1..) = stderr.read(&mut part).await {
        kept.extend_from_slice(&part[..bytes]);
        kept.drain(..kept.len().saturating_sub(KEPT));
    }
    let text = String::from_utf8_lossy(&kept).into_owned();
    redact_url(text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default())
}

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub(super) struct Undelivered {
    why: String,
    /// Whether it may be taken another time.
    pub(super) may_pass: bool,
}

impl Undelivered {
    /// It may be taken another time.
    pub(super) fn passing(why: String) -> Undelivered {
        Undelivered { why, may_pass: true }
    }

    /// It will not be taken, however often it is sent.
    pub(super) fn for_good(why: String) -> Undelivered {
        Undelivered { why, may_pass: false }
    }
}
