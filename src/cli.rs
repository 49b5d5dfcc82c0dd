//! The command line.
//!
//! What this binary is: its version, what it was built from and for, and what it reads.

use std::env::consts::{ARCH, OS};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::LazyLock;

use chrono::{NaiveDate, TimeDelta};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config::{parse_duration, parse_instant};
use crate::ledger;
use crate::model::{InstallationId, plain_meeting_number};

/// Options that every command takes.
const GLOBAL: &str = "Global options";

/// Copies every new Zoom cloud recording into its host's Kaltura account.
#[derive(Debug, Parser)]
#[command(version, long_version = LONG.as_str(), propagate_version = true)]
#[command(arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// Read this configuration file (default: see `zoom2kaltura guide install`)
    #[arg(long, global = true, value_name = "FILE", help_heading = GLOBAL)]
    pub config: Option<PathBuf>,
    /// Log more on stderr: -v what is done, -vv every decision
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet", help_heading = GLOBAL)]
    pub verbose: u8,
    /// Log errors only
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub quiet: bool,
    /// Write log lines as text or json
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t = LogFormat::Text,
        value_name = "FORMAT",
        hide_possible_values = true,
        help_heading = GLOBAL
    )]
    pub log_format: LogFormat,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// The whole of it as it was typed
    #[arg(skip)]
    pub typed: Vec<OsString>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Copy new recordings; what cron runs
    Sync(SyncArgs),
    /// Copy the recordings of past days, by hand
    Backfill(BackfillArgs),
    /// Delete orphaned copies that are old enough, from Kaltura only
    Purge(PurgeArgs),
    /// Show whether all is well: what waits, what is late or at risk, what needs attention
    Status(StatusArgs),
    /// Show where a recording is, what happened to it and what happens next
    Explain(ExplainArgs),
    /// Test the configuration, both logins, scopes and permissions, and say what to fix
    Check(CheckArgs),
    /// Compare Zoom, the ledger and Kaltura over some days; changes nothing
    Verify(VerifyArgs),
    /// List the copies that nobody seems to need; changes nothing
    Retention(RetentionArgs),
    /// List the copies without captions that people can rely on, and count them for status
    Captions(CaptionsArgs),
    /// Retry failed recordings in the next run, also those that were given up
    Retry(RetryArgs),
    /// Hand the copies of one Kaltura account to another
    Reassign(ReassignArgs),
    /// Copy the ledger into a file, also while a run is working
    Backup(BackupArgs),
    /// Print a page of the manual
    Guide {
        /// The page; without it, the list of topics
        topic: Option<String>,
    },
    /// Print shell completions
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
    /// Show, validate or print a sample of the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// Options of `sync`.
#[derive(Args, Clone, Debug)]
pub struct SyncArgs {
    /// Confirm a first run that copies more than a month of recordings
    #[arg(long)]
    pub first_run: bool,
    /// Take over the copies of other installations for the same Zoom account, or of this one alone, and use a ledger that
    /// was made on another machine; no other installation may still be running
    #[arg(long, value_name = "ID", value_parser = parse_installation)]
    #[expect(clippy::option_option, reason = "clap's form of an option whose value may be left out")]
    pub take_over: Option<Option<InstallationId>>,
    /// List all days of sync.rescan now, whenever they were last listed
    #[arg(long)]
    pub full: bool,
    /// Accept a list of people that shrank to less than half, or that opts in a whole domain
    #[arg(long)]
    pub accept_list: bool,
    /// What it shares with `backfill`
    #[command(flatten)]
    pub copying: CopyingArgs,
}

/// Options of `backfill`.
#[derive(Args, Clone, Debug)]
pub struct BackfillArgs {
    /// First day, by the start of the meeting, UTC
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub from: NaiveDate,
    /// Last day
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub to: NaiveDate,
    /// Only recordings of this host (repeatable)
    #[arg(long, value_name = "EMAIL_OR_ID", allow_hyphen_values = true, value_parser = no_option)]
    pub user: Vec<String>,
    /// Only recordings of this meeting, all its instances if by number (repeatable)
    #[arg(long, value_name = "UUID_OR_NUMBER", allow_hyphen_values = true, value_parser = parse_meeting)]
    pub meeting: Vec<String>,
    /// Copy again what was purged or what people deleted
    #[arg(long)]
    pub recopy_purged: bool,
    /// What it shares with `sync`
    #[command(flatten)]
    pub copying: CopyingArgs,
}

/// What `sync` and `backfill` have in common.
#[derive(Args, Clone, Copy, Debug)]
pub struct CopyingArgs {
    /// Change nothing, print what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Print the report on stdout as text, json or csv
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<ReportFormat>,
    /// Stop after this long, such as 50m; the next run resumes
    #[arg(long, value_name = "DURATION", value_parser = parse_span)]
    pub max_duration: Option<TimeDelta>,
    /// Copy at most this many recordings
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Options of `purge`.
#[derive(Args, Clone, Copy, Debug)]
pub struct PurgeArgs {
    /// Delete copies confirmed longer ago than this, such as 24h (default: as configured)
    #[arg(long, value_name = "DURATION", value_parser = parse_span)]
    pub older_than: Option<TimeDelta>,
    /// Delete nothing if more copies than this are due (default: as configured)
    #[arg(long, value_name = "N")]
    pub max_deletes: Option<usize>,
    /// Change nothing, print what would be deleted
    #[arg(long)]
    pub dry_run: bool,
    /// Print the report on stdout as text, json or csv
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<ReportFormat>,
}

/// Options of `status`.
#[derive(Args, Clone, Debug)]
pub struct StatusArgs {
    /// Print text, json, or html: a page of the last 30 days
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = StatusFormat::Text, hide_possible_values = true)]
    pub format: StatusFormat,
    /// Exit with 7 if something needs attention now
    #[arg(long)]
    pub alert: bool,
    /// Show a line for each configuration (*.toml) in this folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "config")]
    pub all: Option<PathBuf>,
}

/// Options of `explain`.
#[derive(Args, Clone, Debug)]
pub struct ExplainArgs {
    /// An e-mail address, a meeting number or UUID, a Kaltura entry id, or a part of the topic
    #[arg(allow_hyphen_values = true, value_parser = parse_meeting)]
    pub what: String,
    /// Print text or json
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = AnswerFormat::Text, hide_possible_values = true)]
    pub format: AnswerFormat,
}

/// Options of `check`.
#[derive(Args, Clone, Copy, Debug)]
pub struct CheckArgs {
    /// Print text or json
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = AnswerFormat::Text, hide_possible_values = true)]
    pub format: AnswerFormat,
}

/// Options of `verify`.
#[derive(Args, Clone, Copy, Debug)]
pub struct VerifyArgs {
    /// First day, by the start of the meeting, UTC
    #[arg(long, value_name = "DATE", value_parser = parse_day, requires = "to")]
    pub from: Option<NaiveDate>,
    /// Last day
    #[arg(long, value_name = "DATE", value_parser = parse_day, requires = "from")]
    pub to: Option<NaiveDate>,
    /// The last N days (default: as many as `sync.lookback`)
    #[arg(long, value_name = "N", conflicts_with = "from", value_parser = clap::value_parser!(u16).range(1..=400))]
    pub days: Option<u16>,
    /// Print text, json or csv
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ReportFormat::Text, hide_possible_values = true)]
    pub format: ReportFormat,
}

/// Options of `retention`.
#[derive(Args, Clone, Copy, Debug)]
pub struct RetentionArgs {
    /// List what nobody has played for this many years (default: as configured)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub unplayed_years: Option<u32>,
    /// List what is older than this many years (default: as configured)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_age_years: Option<u32>,
    /// Print text, json or csv
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ReportFormat::Text, hide_possible_values = true)]
    pub format: ReportFormat,
}

/// Options of `captions`.
#[derive(Args, Clone, Copy, Debug)]
pub struct CaptionsArgs {
    /// Print text, json or csv
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ReportFormat::Text, hide_possible_values = true)]
    pub format: ReportFormat,
}

/// Options of `retry`.
#[derive(Args, Clone, Debug)]
pub struct RetryArgs {
    /// A meeting UUID or number, a file id or an entry id, as reports show them
    #[arg(value_name = "ID", required_unless_present = "failed", allow_hyphen_values = true, value_parser = parse_meeting)]
    pub ids: Vec<String>,
    /// All recordings that failed
    #[arg(long, conflicts_with = "ids")]
    pub failed: bool,
}

/// Options of `reassign`.
#[derive(Args, Clone, Debug)]
pub struct ReassignArgs {
    /// The Kaltura user who has the copies, even if deleted by now
    #[arg(value_name = "FROM", allow_hyphen_values = true)]
    pub from: String,
    /// The Kaltura user who gets them
    #[arg(value_name = "TO", allow_hyphen_values = true)]
    pub to: String,
    /// Only recordings of this Zoom host (repeatable)
    #[arg(long, value_name = "EMAIL_OR_ID", allow_hyphen_values = true, value_parser = no_option)]
    pub user: Vec<String>,
    /// Only recordings of this meeting, all its instances if by number (repeatable)
    #[arg(long, value_name = "UUID_OR_NUMBER", allow_hyphen_values = true, value_parser = parse_meeting)]
    pub meeting: Vec<String>,
    /// Only meetings that started on this day or later, UTC
    #[arg(id = "from_day", long = "from", value_name = "DATE", value_parser = parse_day)]
    pub from_day: Option<NaiveDate>,
    /// Only meetings that started on this day or earlier, UTC
    #[arg(id = "to_day", long = "to", value_name = "DATE", value_parser = parse_day)]
    pub to_day: Option<NaiveDate>,
    /// Change nothing, print what would be handed over
    #[arg(long)]
    pub dry_run: bool,
    /// Print the report on stdout as text, json or csv
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<ReportFormat>,
}

/// Options of `backup`.
#[derive(Args, Clone, Debug)]
pub struct BackupArgs {
    /// The file; an earlier backup is replaced, nothing else is
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// A value may begin with a dash, as meeting UUIDs do; one that begins with two is an option whose turn it is not.
fn no_option(text: &str) -> Result<String, String> {
    if text.starts_with("--") {
        return Err("a value is missing before this option".to_owned());
    }
    // every topic has an empty part, and some recordings no host
    if text.trim().is_empty() {
        return Err("it names nothing; a variable may be unset".to_owned());
    }
    Ok(text.to_owned())
}

/// A meeting's number in any form in which people have it before them is that number; any other text stays as it is.
fn parse_meeting(text: &str) -> Result<String, String> {
    no_option(text).map(|text| plain_meeting_number(&text).unwrap_or(text))
}

fn parse_installation(text: &str) -> Result<InstallationId, String> {
    InstallationId::new(text)
        .ok_or_else(|| "give the 8 hexadecimal digits of an installation, as check and status name it".to_owned())
}

fn parse_day(text: &str) -> Result<NaiveDate, String> {
    let instant =
        parse_instant(text).ok_or_else(|| "give a day such as 2026-11-23, or an instant in RFC 3339".to_owned())?;
    Ok(instant.date_naive())
}

fn parse_span(text: &str) -> Result<TimeDelta, String> {
    parse_duration(text).ok_or_else(|| "give a number and a unit, such as 90s, 15m, 24h or 7d".to_owned())
}

/// What to do with the configuration.
#[derive(Clone, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting and where it comes from; secrets are masked
    Show,
    /// Check the configuration without connecting to anything
    Validate,
    /// Print a sample with every key, its default and what it means
    Sample,
    /// Propose a configuration from the settings of Kaltura's own Zoom connector
    ImportConnector {
        /// The answer of Kaltura's `vendor_zoomVendor`, in JSON
        file: PathBuf,
    },
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AnswerFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// How `status` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// A page for the web, complete in itself
    Html,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// For programs: one object a line
    Json,
}

/// Named by the person who builds it, with `ZOOM2KALTURA_COMMIT`: a build asks git nothing, so that one from a tarball, or
/// without a network, gives the same binary.
const COMMIT: Option<&str> = option_env!("ZOOM2KALTURA_COMMIT");

/// For `--version`, several lines; `-V` shows the first one.
pub static LONG: LazyLock<String> = LazyLock::new(|| {
    let libc = if cfg!(target_env = "musl") { "musl" } else { "gnu" };
    format!(
        "{}\ncommit         {}\nbuilt for      {ARCH}-{OS}-{libc}\nSQLite         {}\nledger format  {}",
        env!("CARGO_PKG_VERSION"),
        COMMIT.unwrap_or("not named at build time"),
        ledger::sqlite_version(),
        ledger::FORMAT
    )
});

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Cli;

    #[test]
    fn empty_names_are_no_names() {
        let days = ["--from", "2026-11-20", "--to", "2026-11-21"];
        let backfill = |option| [&["backfill"][..], &days, &[option]].concat();
        for before in [vec!["explain"], vec!["retry"], backfill("--user"), backfill("--meeting")] {
            let parsed = |name: &str| Cli::try_parse_from([&["zoom2kaltura"], &before[..], &[name]].concat());
            for name in ["", " ", "\t"] {
                let refused = parsed(name).expect_err("a name").to_string();
                assert!(
                    refused.contains("it names nothing; a variable may be unset"),
                    "{before:?} {name:?}: {refused}"
                );
            }
            assert!(parsed("-").is_ok() && parsed("ada@uni.example").is_ok(), "{before:?}");
        }
    }
}
