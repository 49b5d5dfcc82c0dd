//! Log lines on stderr.

use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use super::Bars;
use super::line::Form;
use crate::cli::{Cli, LogFormat};

/// Sets up the log as the command line asks; a second time in one process it changes nothing.
///
/// Only this program's own lines are shown: what the libraries below log may hold addresses and headers.
pub fn start_log(cli: &Cli, bars: &Bars) {
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    let bars = bars.clone();
    let form = match cli.log_format {
        LogFormat::Json => Form::Json,
        LogFormat::Text if io::stderr().is_terminal() => Form::Terminal,
        LogFormat::Text if is_journal() => Form::Journal,
        LogFormat::Text => Form::Text,
    };
    let lines = fmt::layer().with_writer(move || bars.clone()).event_format(form);
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    // a failure means that a log is set up already, which is the case when one process runs several commands
    let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
}

/// Whether stderr goes to journald: systemd names its device and inode (systemd.exec(5), `JOURNAL_STREAM`).
fn is_journal() -> bool {
    let named = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    rustix::fs::fstat(io::stderr()).is_ok_and(|found| named == format!("{}:{}", found.st_dev, found.st_ino))
}
