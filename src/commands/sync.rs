//! `sync`: lists new recordings, decides, copies what is due, confirms what earlier runs sent.

use chrono::{DateTime, Utc};

use super::Skin;
use super::end::{end, exit};
use super::failure::Failure;
use super::world::{World, identity, pace, policy, run_id, tuning};
use crate::apply::{Means, Outcome, apply};
use crate::cli::SyncArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::gather::{Gathered, Origins, gather};
use crate::http::RemoteError;
use crate::ledger::{Ledger, Work};
use crate::plan::{Plan, plan, window};
use crate::report::Report;
use crate::transfer::Tools;

const COMMAND: &str = "sync";

/// A run from the listing to the report.
pub(super) async fn sync(args: SyncArgs, settings: &Settings, skin: &mut Skin<'_>) -> Result<Exit, Failure> {
    let now = Utc::now();
    let run = run_id(now);
    let work = Sync { settings, world: World::new(settings)?, run: &run, now };
    let outcome = if args.dry_run { work.rehearse(skin).await? } else { work.perform(skin).await? };
    let report = Report { command: COMMAND, dry_run: args.dry_run, run_id: &run, outcome: &outcome };
    end(&report, args.format, skin)
}

struct Sync<'a> {
    settings: &'a Settings,
    world: World,
    run: &'a str,
    now: DateTime<Utc>,
}

/// A plan, what went wrong on the way to it, and whether its window reaches back as far as a rescan.
struct Prepared {
    plan: Plan,
    trouble: Vec<RemoteError>,
    rescan: bool,
}

impl Sync<'_> {
    /// The plan, not carried out. The ledger is opened so that nothing can be written.
    async fn rehearse(&self, skin: &Skin<'_>) -> Result<Outcome, Failure> {
        let ledger = Ledger::read_only(&self.settings.state_dir, &identity(self.settings))?;
        let Prepared { plan, trouble, .. } = self.prepare(&ledger, skin).await?;
        Ok(Outcome::planned(plan, trouble))
    }

    /// The plan, carried out under the run lock.
    async fn perform(&self, skin: &Skin<'_>) -> Result<Outcome, Failure> {
        let ledger = Ledger::open(&self.settings.state_dir, &identity(self.settings), Work::Copying)?;
        ledger.begin_run(self.run, COMMAND, self.now)?;
        let outcome = self.perform_with(&ledger, skin).await;
        let exit = outcome.as_ref().map_or_else(|failure| failure.exit, |outcome| exit(outcome, skin));
        ledger.end_run(self.run, exit.code(), Utc::now())?;
        outcome
    }

    async fn perform_with(&self, ledger: &Ledger, skin: &Skin<'_>) -> Result<Outcome, Failure> {
        let Prepared { plan, trouble, rescan } = self.prepare(ledger, skin).await?;
        let tuning = tuning(self.settings);
        let World { zoom, kaltura } = &self.world;
        let means = Means {
            tools: Tools { zoom, kaltura, ledger, run: self.run, tuning: &tuning },
            parallel: self.settings.sync.parallel,
            retry_after: self.settings.sync.retry_after,
            max_attempts: self.settings.sync.max_attempts,
            monitor: skin.bars,
            cancel: skin.interrupt.token(),
        };
        let outcome = apply(plan, trouble, means).await?;
        ledger.set_checkpoint(outcome.checkpoint(self.now.date_naive()))?;
        if rescan {
            ledger.set_last_rescan(self.now)?;
        }
        Ok(outcome)
    }

    async fn prepare(&self, ledger: &Ledger, skin: &Skin<'_>) -> Result<Prepared, Failure> {
        let (window, rescan) = window(&pace(self.settings), ledger.checkpoint()?, ledger.last_rescan()?, self.now);
        let policy = policy(self.settings);
        let origins = Origins {
            zoom: &self.world.zoom,
            kaltura: &self.world.kaltura,
            ledger,
            holding_user: self.settings.owner.holding_user.as_str(),
        };
        tracing::info!(from = %window.from, to = %window.to, "listing recordings");
        let Some(gathered) = skin.interrupt.or(gather(origins, window, &policy, self.now)).await else {
            let exit = skin.interrupt.exit().unwrap_or(Exit::Unexpected);
            return Err(Failure { exit, message: None });
        };
        let Gathered { facts, trouble } = gathered?;
        Ok(Prepared { plan: plan(&facts, &policy, self.now), trouble, rescan })
    }
}
