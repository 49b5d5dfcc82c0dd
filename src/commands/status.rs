//! `status`: how things stand, by the ledger alone. Opened so that nothing can be written, beside any run.

use chrono::{TimeDelta, Utc};

use super::Skin;
use super::failure::Failure;
use super::world::identity;
use crate::cli::{StatusArgs, StatusFormat};
use crate::config::Settings;
use crate::exit::Exit;
use crate::ledger::{Ledger, LedgerError, RunRecord};
use crate::model::visible_json;
use crate::status::{self, Figures, Limits, alarms};

/// Prints it; with `--alert`, what needs a person now decides the exit code.
pub(super) fn status(args: StatusArgs, settings: &Settings, skin: &mut Skin<'_>) -> Result<Exit, Failure> {
    let ledger = Ledger::read_only(&settings.state_dir, &identity(settings))?;
    let figures = figures(&ledger, |command| ledger.last_run(command))?;
    let limits = limits(settings);
    let now = Utc::now();
    let status = status::status(figures, limits, now);
    let alarms = alarms(&status, limits);
    match args.format {
        StatusFormat::Text => write!(skin.out, "{}", status::text(&status, &alarms))?,
        StatusFormat::Json => writeln!(skin.out, "{}", visible_json(&format!("{:#}", status::json(&status, &alarms))))?,
        StatusFormat::Html => {
            let lately = status::lately(&ledger.lately(status::since(now), &status::LOSSES)?, now);
            write!(skin.out, "{}", status::page(&status, &alarms, &lately))?;
        }
    }
    Ok(if args.alert && !alarms.is_empty() { Exit::Found } else { Exit::Good })
}

/// So long a loss is an alarm: long enough to be seen after a holiday, and shorter than Zoom keeps its trash.
const LOST_OF_LATE: TimeDelta = TimeDelta::days(7);

/// What the ledger knows, with those runs of `sync` and `purge` that `last` names.
pub(super) fn figures(
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
    })
}

/// The institution's times.
pub(super) fn limits(settings: &Settings) -> Limits {
    Limits {
        go_live: settings.sync.go_live,
        late_after: settings.sync.late_after,
        zoom_retention: settings.sync.zoom_retention,
        at_risk: settings.sync.at_risk,
        older_than: settings.purge.older_than,
    }
}
