//! Copies every new Zoom cloud recording into its host's Kaltura account.
//!
//! Data flows one way: **gather → plan → report → apply → report**. What is read from Zoom, the ledger and Kaltura
//! becomes facts; facts and the institution's rules become a plan, without a clock, a request or a query; the plan is
//! printed and left alone (a dry run) or carried out; and one report shows either.
//!
//! From the top floor down, each importing only from those below it:
//!
//! | where | what is in it |
//! |---|---|
//! | [`commands`] | the verbs, and what only one of them does; the terminal |
//! | [`cli`] | the command line |
//! | [`config`] | the configuration: a file for each section of keys |
//! | [`output`] | what people and machines read: reports, status, metrics, events |
//! | [`copying`] | the main job: gather, plan, apply, transfer, and what follows from a copy |
//! | [`ledger`] | what is remembered between runs |
//! | [`owners`] | whose a recording is, and who opted out or in |
//! | [`remotes`] | Zoom, Kaltura, HTTP |
//! | [`machine`] | this machine: its name, its users, what it lacks |
//! | [`progress`] | how transfers report progress without knowing who listens |
//! | [`interrupt`] | SIGINT and SIGTERM |
//! | [`exit`] | the exit codes |
//! | [`model`] | the vocabulary |
//!
//! The pages below say how it works and on what it relies: [`design`], [`copy_states`], [`deleting`], [`facts_zoom`],
//! [`facts_kaltura`].
#![warn(clippy::missing_docs_in_private_items)]
#![allow(rustdoc::private_intra_doc_links, reason = "people who read these pages work on the program")]

mod cli;
mod commands;
mod config;
mod copying;
mod exit;
mod interrupt;
mod ledger;
mod machine;
mod model;
mod output;
mod owners;
mod progress;
mod remotes;

use std::ffi::OsString;
use std::io;
use std::io::IsTerminal;
use std::time::Duration;

use clap::Parser;

use crate::cli::Cli;

use crate::commands::console;
use crate::commands::console::{Bars, Shown, Ticker};
use crate::output::table::Screen;

pub use exit::Exit;
pub use model::Reason;
pub use output::status::ALARM_WORDS;
pub use remotes::http::MEANINGS;
pub use remotes::kaltura::{PERMISSIONS_NEEDED, ROLE};

/// The whole program: `args` as the shell gives them, the name of the program first. Reports go to stdout, everything
/// else to stderr.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => Cli { typed: args, ..cli },
        Err(usage) => {
            // help and version are answers, not errors; a closed pipe leaves nobody to tell
            let _ = usage.print();
            return if usage.use_stderr() { Exit::Configuration } else { Exit::Good };
        }
    };
    let bars = Bars::default();
    console::start_log(&cli, &bars);
    let runtime = machine::check_handles()
        .and_then(|()| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build());
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let advice = machine::machine_lack(&error);
            tracing::error!(
                "the program cannot start: {error}; {}",
                advice.unwrap_or("check the limits of this machine (ulimit -a) and its memory")
            );
            return if advice.is_some() { Exit::Configuration } else { Exit::Unexpected };
        }
    };
    let screen = Screen::of_stdout();
    let mut out = Shown::new(io::stdout(), screen);
    let exit = runtime.block_on(async {
        if io::stderr().is_terminal() {
            return commands::run_command(cli, &bars, screen, &mut out).await;
        }
        let ticker = Ticker::default();
        ticker.start();
        commands::run_command(cli, &ticker, screen, &mut out).await
    });
    // a name that is being looked up cannot be interrupted, and is not worth waiting for
    runtime.shutdown_timeout(Duration::from_secs(1));
    exit
}

#[doc = include_str!("doc/design.md")]
#[allow(clippy::doc_markdown, reason = "a page for people")]
pub mod design {}
#[doc = include_str!("doc/copy-states.md")]
#[allow(clippy::doc_markdown, reason = "a page for people")]
pub mod copy_states {}
#[doc = include_str!("doc/deleting.md")]
#[allow(clippy::doc_markdown, reason = "a page for people")]
pub mod deleting {}
#[doc = include_str!("doc/facts-zoom.md")]
#[allow(clippy::doc_markdown, reason = "a page for people")]
pub mod facts_zoom {}
#[doc = include_str!("doc/facts-kaltura.md")]
#[allow(clippy::doc_markdown, reason = "a page for people")]
pub mod facts_kaltura {}
