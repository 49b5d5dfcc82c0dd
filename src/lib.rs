//! x

pub mod apply;
pub mod cli;
pub mod commands;
pub mod config;
pub mod console;
pub mod exit;
pub mod gather;
pub mod http;
pub mod interrupt;
pub mod kaltura;
pub mod ledger;
pub mod model;
pub mod owners;
pub mod plan;
pub mod progress;
pub mod report;
pub mod transfer;
pub mod zoom;

use std::ffi::OsString;
use std::io::{self, IsTerminal};

use clap::Parser;

use cli::Cli;
use console::Bars;
use exit::Exit;

/// The whole program: `args` as the shell gives them, the name of the program first. Reports go to stdout, everything
/// else to stderr.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(usage) => {
            // help and version are answers, not errors; a closed pipe leaves nobody to tell
            let _ = usage.print();
            return if usage.use_stderr() { Exit::Configuration } else { Exit::Good };
        }
    };
    let bars = Bars::default();
    console::start_log(&cli, &bars);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!("the program cannot start: {error}");
            return Exit::Unexpected;
        }
    };
    let mut out = io::stdout();
    let terminal = out.is_terminal();
    runtime.block_on(commands::carry_out(cli, &bars, terminal, &mut out))
}
