//! `status`: how things stand, by the ledger alone. Opened so that nothing can be written, beside any run.

mod accounts;

pub(super) use accounts::run_status_of_all;

use chrono::{DateTime, TimeDelta, Utc};

use super::CommandContext;
use super::failure::Failure;
use super::setup::ledger_identity;
use crate::cli::{StatusArgs, StatusFormat};
use crate::config::Settings;
use crate::exit::Exit;
use crate::ledger::{FORMAT, Ledger, LedgerError, RunRecord};
use crate::machine::machine_name;
use crate::output::status;
use crate::output::status::{Alarm, AlertLimits, Figures, Site, Status, find_alarms};

/// Prints it; with `--alert`, what needs a person now decides the exit code.
pub(super) fn run_status(
    args: &StatusArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let ledger = Ledger::read_only(&settings.state_dir, &ledger_identity(settings))?;
    let now = Utc::now();
    let (status, alarms) = judge_account(&ledger, settings, now)?;
    let site = status_site(settings);
    match args.format {
        StatusFormat::Text => write!(context.out, "{}", status::status_text(&status, &alarms, &site, context.screen))?,
        StatusFormat::Json => context.print_document(&status::status_document(&status, &alarms, &site))?,
        StatusFormat::Html => {
            let happened = ledger.lately(status::days_since(now, site.zone))?;
            let lately = status::sum_last_days(&happened, now, site.zone);
            write!(context.out, "{}", status::render_page(&status, &alarms, &lately, &site))?;
        }
    }
    Ok(if args.alert && !alarms.is_empty() { Exit::Found } else { Exit::Good })
}

fn judge_account(
    ledger: &Ledger,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<(Status, Vec<Alarm>), LedgerError> {
    let limits = alert_limits(settings);
    let figures = read_figures(ledger, |command| ledger.last_run(command))?;
    let status = status::sort_status(figures, limits, now);
    let alarms = find_alarms(&status, limits);
    Ok((status, alarms))
}

fn status_site(settings: &Settings) -> Site {
    Site { name: settings.account().to_owned(), machine: machine_name(), zone: settings.copy.wording.time_zone }
}

/// So long a loss is an alarm: long enough to be seen after a holiday, and shorter than Zoom keeps its trash.
const LOST_OF_LATE: TimeDelta = TimeDelta::days(7);

/// What the ledger knows, with those runs of `sync` and `purge` that `last` names.
pub(super) fn read_figures(
    ledger: &Ledger,
    last: impl Fn(&str) -> Result<Option<RunRecord>, LedgerError>,
) -> Result<Figures, LedgerError> {
    let run = |command| Ok::<_, LedgerError>(last(command)?.map(|run| (run.started, run.exit_code)));
    Ok(Figures {
        last_listing: ledger.last_listing()?,
        checkpoint: ledger.checkpoint()?,
        last_sync: run("sync")?,
        last_purge: run("purge")?,
        lost: ledger.lost(Utc::now() - LOST_OF_LATE)?,
        pending: ledger.pending()?,
        orphans: ledger.orphans()?,
        texts_left_out: ledger.texts_left_out()?,
        others: ledger.others()?.0,
        clock_off: ledger.clock_off()?,
        outages: ledger.outages()?,
        ambiguous: ledger.ambiguous_orphans()?,
        captions: ledger.caption_survey()?,
        upgrade: ledger.format_before_upgrade().map(|format| (format, FORMAT)),
    })
}

/// How things stand when a run ends: one in progress says nothing yet, and takes back nothing of what the last
/// one said.
pub(super) fn read_standing(settings: &Settings, ledger: &Ledger) -> Result<(Status, Vec<Alarm>), LedgerError> {
    let limits = alert_limits(settings);
    let figures = read_figures(ledger, |command| ledger.last_ended(command))?;
    let status = status::sort_status(figures, limits, Utc::now());
    let alarms = find_alarms(&status, limits);
    Ok((status, alarms))
}

/// The institution's times.
pub(super) fn alert_limits(settings: &Settings) -> AlertLimits {
    AlertLimits {
        go_live: settings.sync.go_live,
        late_after: settings.sync.late_after,
        processing_alert: settings.sync.processing_alert,
        zoom_retention: settings.sync.zoom_retention,
        at_risk: settings.sync.at_risk,
        older_than: settings.purge.older_than,
    }
}
