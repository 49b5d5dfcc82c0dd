//! The verbs: each file or folder has what one command does, from its settings to its exit code.
//!
//! A verb with parts of its own keeps them with it (`purge`, `reassign`, `verify`, `retention`, `captions`, `check`); what `sync` and
//! `backfill` do to recordings is in `copying`. What is planned and carried out (`sync`, `backfill`, `purge`, `reassign`) is a
//! `PlannedRun`. Imports everything below. Start with `run`, then `copy` and `sync`.

mod backfill;
mod backup;
mod captions;
mod carry_out;
mod check;
mod config;
pub mod console;
mod copy;
mod ending;
mod explain;
mod failure;
mod guide;
mod look;
mod outages;
mod purge;
mod readings;
mod reassign;
mod retention;
mod retry;
mod run;
mod setup;
mod shell;
mod signals;
mod status;
mod sync;
mod verify;
mod who;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::Utc;
use console::name_run;
use failure::Failure;
use serde::Serialize;
use setup::run_id;

use crate::cli::{Cli, Command, ConfigCommand};
use crate::config::{Loaded, Sources, load_config};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::output::document::JsonDocument;
use crate::output::table::Screen;
use crate::progress::Monitor;

/// What every verb is given.
struct CommandContext<'a> {
    /// Where reports go.
    out: &'a mut (dyn Write + Send),
    /// How text is laid out in `out`.
    screen: Screen,
    /// Whether a run prints its report unasked.
    shows_report: bool,
    monitor: &'a dyn Monitor,
    /// What this run is called.
    run: String,
    interrupt: &'a Interrupt,
    /// Whether the outage that a run met was reported before, so that its errors are nothing new.
    hushed: AtomicBool,
}

impl CommandContext<'_> {
    fn is_hushed(&self) -> bool {
        self.hushed.load(Ordering::Relaxed)
    }

    /// Prints what a program asked for.
    fn print_document<T: Serialize>(&mut self, document: &JsonDocument<T>) -> Result<(), Failure> {
        Ok(writeln!(self.out, "{}", document.pretty()?)?)
    }

    /// What comes of `work`; nothing where the run is interrupted meanwhile.
    async fn or_interrupted<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let answer = self.interrupt.or(work).await;
        answer.ok_or_else(|| Failure::silent(self.interrupt.exit().unwrap_or(Exit::Unexpected)))
    }
}

/// Carries out the command. What goes wrong is reported in one line on the log; `out` gets what was asked for.
pub(crate) async fn run_command(cli: Cli, monitor: &dyn Monitor, screen: Screen, out: &mut (dyn Write + Send)) -> Exit {
    let only_looks = matches!(
        cli.command,
        Command::Explain(_) | Command::Check(_) | Command::Verify(_) | Command::Retention(_) | Command::Captions(_)
    );
    let exit = match Interrupt::listen() {
        Ok(interrupt) => {
            let shows_report = screen.is_terminal() && !cli.quiet;
            let mut context = CommandContext {
                out,
                screen,
                shows_report,
                monitor,
                run: run_id(Utc::now()),
                interrupt: &interrupt,
                hushed: AtomicBool::new(false),
            };
            match dispatch_command(cli, &mut context).await {
                Ok(exit) => context.out.flush().map(|()| exit).map_err(Failure::from),
                // what was printed before it counts, the failure counts more
                Err(failure) => {
                    let _ = context.out.flush();
                    Err(if context.is_hushed() { failure.hush() } else { failure })
                }
            }
        }
        Err(error) => Err(Failure::new(
            Exit::Unexpected,
            anyhow::Error::new(error).context("the program cannot listen for signals"),
        )),
    };
    exit.unwrap_or_else(|failure| {
        let failure = failure.or_of_this_machine();
        if let Some(error) = &failure.error {
            tracing::error!("{error:#}");
        } else if only_looks && matches!(failure.exit, Exit::Interrupted | Exit::Terminated) {
            tracing::warn!("interrupted before there was an answer; nothing was changed");
        }
        failure.exit
    })
}

async fn dispatch_command(cli: Cli, context: &mut CommandContext<'_>) -> Result<Exit, Failure> {
    // what needs no configuration
    match &cli.command {
        Command::Guide { topic } => return guide::run_guide(topic.as_deref(), context),
        Command::Completions { shell } => return shell::print_completions(*shell, context),
        Command::Man => return shell::print_man(context),
        Command::Config(ConfigCommand::Sample) => return config::print_sample(context),
        Command::Config(ConfigCommand::ImportConnector { file }) => return config::import_connector(file, context),
        Command::Status(args) => {
            if let Some(folder) = &args.all {
                return status::run_status_of_all(folder, args, context);
            }
        }
        _ => {}
    }
    let loaded: Loaded = load_config(&Sources::of_process(cli.config))?;
    who::refuse_root(&cli.command, &cli.typed, &loaded.settings.state_dir)?;
    // what is wrong with a configuration belongs to no run
    name_run(&context.run);
    if !matches!(cli.command, Command::Config(_) | Command::Check(_)) {
        // not above that: cron would mail it every five minutes
        loaded.notes.iter().for_each(|note| tracing::info!("{note}"));
    }
    match cli.command {
        Command::Guide { .. } | Command::Completions { .. } | Command::Man => Ok(Exit::Good),
        Command::Sync(args) => Box::pin(sync::run_sync(args, &loaded.settings, context)).await,
        Command::Backfill(args) => Box::pin(backfill::run_backfill(args, &loaded.settings, context)).await,
        Command::Purge(args) => Box::pin(purge::run_purge(args, &loaded.settings, context)).await,
        Command::Status(args) => status::run_status(&args, &loaded.settings, context),
        Command::Explain(args) => Box::pin(explain::run_explain(&args, &loaded.settings, context)).await,
        Command::Check(args) => Box::pin(check::run_check(args, &loaded, context)).await,
        Command::Verify(args) => Box::pin(verify::run_verify(args, &loaded.settings, context)).await,
        Command::Retention(args) => retention::run_retention(args, &loaded.settings, context).await,
        Command::Captions(args) => captions::run_captions(args, &loaded.settings, context).await,
        Command::Reassign(args) => Box::pin(reassign::run_reassign(args, &loaded.settings, context)).await,
        Command::Backup(args) => backup::run_backup(&args, &loaded.settings, context).await,
        Command::Retry(args) => retry::run_retry(&args, &loaded.settings, context),
        Command::Config(command) => config::run_config(command, &loaded, context),
    }
}
