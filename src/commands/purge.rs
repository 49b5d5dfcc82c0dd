//! `purge`: deletes the orphaned copies that are old enough, in Kaltura only. Zoom is never called.

use chrono::{DateTime, Utc};

use super::Skin;
use super::end::{end, end_early, exit};
use super::failure::Failure;
use super::world::{World, identity, run_id};
use crate::apply::Outcome;
use crate::cli::PurgeArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::kaltura::Kaltura;
use crate::ledger::{Ledger, Work};
use crate::model::Orphan;
use crate::plan::Item;
use crate::purge::{apply, brake, gather, plan};
use crate::report::Report;

const COMMAND: &str = "purge";

/// A run from the ledger's orphans to the report.
pub(super) async fn purge(args: PurgeArgs, settings: &Settings, skin: &mut Skin<'_>) -> Result<Exit, Failure> {
    let now = Utc::now();
    let purge = Purge { args, settings, kaltura: World::new(settings)?.kaltura, run: run_id(now), now };
    let outcome = if args.dry_run { purge.rehearse(skin).await } else { purge.perform(skin).await };
    let nothing = Outcome::of_items(Vec::new());
    let report = Report { command: COMMAND, dry_run: args.dry_run, run_id: &purge.run, outcome: &nothing };
    let outcome = end_early(outcome, args.format, &report, skin)?;
    let report = Report { outcome: &outcome, ..report };
    end(&report, args.format, skin)
}

struct Purge<'a> {
    args: PurgeArgs,
    settings: &'a Settings,
    kaltura: Kaltura,
    run: String,
    now: DateTime<Utc>,
}

/// What was decided, on what, and whether the brake holds it back.
struct Prepared {
    items: Vec<Item>,
    orphans: Vec<Orphan>,
    held: Option<String>,
}

impl Purge<'_> {
    /// The plan, not carried out. The ledger is opened so that nothing can be written.
    async fn rehearse(&self, skin: &Skin<'_>) -> Result<Outcome, Failure> {
        let ledger = Ledger::read_only(&self.settings.state_dir, &identity(self.settings))?;
        let Prepared { items, held, .. } = self.prepare(&ledger, skin).await?;
        Ok(Outcome { held, ..Outcome::of_items(items) })
    }

    /// The plan, carried out under a lock of its own.
    async fn perform(&self, skin: &Skin<'_>) -> Result<Outcome, Failure> {
        let ledger = Ledger::open(&self.settings.state_dir, &identity(self.settings), Work::Purging)?;
        ledger.begin_run(&self.run, COMMAND, self.now)?;
        let outcome = self.perform_with(&ledger, skin).await;
        let exit = outcome.as_ref().map_or_else(|failure| failure.exit, |outcome| exit(outcome, skin));
        ledger.end_run(&self.run, exit.code(), Utc::now())?;
        outcome
    }

    /// The brake holds the plan back as a whole or not at all.
    async fn perform_with(&self, ledger: &Ledger, skin: &Skin<'_>) -> Result<Outcome, Failure> {
        let Prepared { items, orphans, held } = self.prepare(ledger, skin).await?;
        if held.is_some() {
            return Ok(Outcome { held, ..Outcome::of_items(items) });
        }
        Ok(apply(items, &orphans, &self.kaltura, (ledger, &self.run), skin.interrupt.token()).await?)
    }

    async fn prepare(&self, ledger: &Ledger, skin: &Skin<'_>) -> Result<Prepared, Failure> {
        let orphans = ledger.orphans()?;
        let Some(seen) = skin.interrupt.or(gather(&self.kaltura, orphans.clone())).await else {
            return Err(Failure { exit: skin.interrupt.exit().unwrap_or(Exit::Unexpected), message: None });
        };
        let older_than = self.args.older_than.unwrap_or(self.settings.purge.older_than);
        let items = plan(&seen?, older_than, self.now);
        let held = brake(&items, self.args.max_deletes.unwrap_or(self.settings.purge.max_deletes));
        let held = held.map(|brake| brake.to_string());
        Ok(Prepared { items, orphans, held })
    }
}
