//! Log lines on stderr.

use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::time::ChronoUtc;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use super::Bars;
use crate::cli::{Cli, LogFormat};

const TIME: &str = "%Y-%m-%dT%H:%M:%SZ";

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
    let lines = fmt::layer().with_writer(move || bars.clone()).with_target(false).with_ansi(false);
    let lines = match cli.log_format {
        LogFormat::Json => lines.json().flatten_event(true).with_timer(ChronoUtc::new(TIME.to_owned())).boxed(),
        LogFormat::Text if io::stderr().is_terminal() => lines.without_time().boxed(),
        LogFormat::Text => lines.with_timer(ChronoUtc::new(TIME.to_owned())).boxed(),
    };
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    // a failure means that a log is set up already, which is the case when one process runs several commands
    let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
}
