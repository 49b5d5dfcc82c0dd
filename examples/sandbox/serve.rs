//! Stand-ins that stay up: the whole sandbox to try things by hand, or Kaltura alone for the replay of recorded traffic.

use std::io;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use standin::kaltura::Kaltura;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::print_line;
use crate::university::University;

/// The throw-away partner of the recordings and its secret: the replay asks for them unless told otherwise.
const PARTNER: u32 = 105;
const SECRET: &str = "0f6649c1014d583fdf99ab0d80840ca4";

/// Prints the server's address and serves until stdin is closed. It is lenient, as misuse was recorded too, and takes
/// its time where the recorded server did: more than 30 s for a final chunk after a gap, seconds until READY. The recorded
/// partner had the recycle bin at times.
pub(crate) fn kaltura(recycle_bin: bool) -> ExitCode {
    let builder = Kaltura::builder().partner(PARTNER, SECRET).strict(false);
    let builder = if recycle_bin { builder.recycle_bin() } else { builder };
    let kaltura = builder.ready_after(Duration::from_secs(3)).final_wait(Duration::from_secs(35)).start();
    print_line(&kaltura.url());
    until_stdin_is_closed()
}

/// Prints a ready configuration and what to try with it, and serves until stdin is closed.
pub(crate) fn sandbox() -> ExitCode {
    let university = University::new();
    let config = university.setup.config();
    print_line("Zoom and Kaltura run until you press Ctrl-C or Ctrl-D. In another shell:");
    print_line("");
    print_line(&format!("    export ZOOM2KALTURA_CONFIG={}", config.display()));
    for command in ["config show", "sync --dry-run", "sync --format text", "purge --dry-run"] {
        print_line(&format!("    cargo run -- {command}"));
    }
    let day = |days| (Utc::now() - TimeDelta::days(days)).date_naive();
    print_line(&format!("    cargo run -- backfill --from {} --to {} --dry-run", day(30), day(7)));
    until_stdin_is_closed()
}

/// A signal ends it too. That has to be said: the runs of the program before took the signals away from the system.
fn until_stdin_is_closed() -> ExitCode {
    let (closed, stdin) = oneshot::channel();
    thread::spawn(move || closed.send(io::copy(&mut io::stdin(), &mut io::sink())));
    let waited = tokio::runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
        runtime.block_on(async {
            let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
            tokio::select! {
                read = stdin => read.map_err(io::Error::other)?.map(drop),
                _ = interrupt.recv() => Ok(()),
                _ = terminate.recv() => Ok(()),
            }
        })
    });
    if waited.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
