//! The command line.

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::duration;

/// Copies every new Zoom cloud recording into its host's Kaltura account.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// The configuration, instead of the first one found (see README)
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Tell more on stderr: -v what is done, -vv every decision
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Tell errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Write log lines as text or json
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t = LogFormat::Text,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub log_format: LogFormat,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Copy new recordings; what cron runs
    Sync(SyncArgs),
    /// Delete orphaned copies that are old enough, in Kaltura only
    Purge(PurgeArgs),
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// Options of `sync`.
#[derive(Args, Clone, Copy, Debug)]
pub struct SyncArgs {
    /// Change nothing anywhere, print what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Print the report on stdout, as text or json
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<ReportFormat>,
}

/// Options of `purge`.
#[derive(Args, Clone, Copy, Debug)]
pub struct PurgeArgs {
    /// Delete copies confirmed longer ago than this, e.g. 24h (default: as configured)
    #[arg(long, value_name = "DURATION", value_parser = older_than)]
    pub older_than: Option<TimeDelta>,
    /// If more are due, delete none (default: as configured)
    #[arg(long, value_name = "N")]
    pub max_deletes: Option<usize>,
    /// Change nothing anywhere, print what would be deleted
    #[arg(long)]
    pub dry_run: bool,
    /// Print the report on stdout, as text or json
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<ReportFormat>,
}

fn older_than(text: &str) -> Result<TimeDelta, String> {
    duration(text).ok_or_else(|| "give a number and a unit, such as 90s, 15m, 24h or 7d".to_owned())
}

/// What to do with the configuration.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting with its source, secrets masked
    Show,
    /// Say whether the configuration is sound
    Validate,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// For programs: one object a line
    Json,
}
