//! Letting go of orphaned copies: in Kaltura only, never of anything else.
//!
//! `purge`: deletes the orphaned copies that are old enough, in Kaltura only, unless their host has an account by now.
//! Zoom is asked who the hosts are, and for nothing else.

mod apply;
mod brake;
mod facts;
mod gather;
mod orphan;
mod plan;

use chrono::{DateTime, Utc};

use super::CommandContext;
use super::failure::Failure;
use super::run::{end_early, end_run, join_lines, under_lock};
use super::setup::{MOVED, Run, Services, ledger_identity, read_categories, tell_clock};
use crate::cli::PurgeArgs;
use crate::config::Settings;
use crate::copying::apply::Outcome;
use crate::copying::categories::Categories;
use crate::copying::plan::Item;
use crate::exit::Exit;
use crate::ledger::{Ledger, LockKind};
use crate::output::report::Report;

pub use apply::{Bin, PurgeContext, apply_purge};
pub use brake::{PurgeLimits, find_brake};
pub use facts::PurgeFacts;
pub use gather::{PurgeSources, gather_purge};
pub use orphan::{NewOwner, OrphanSeen, Witnesses};
pub use plan::plan_purge;

const COMMAND: &str = "purge";

/// A run from the ledger's orphans to the report.
pub(super) async fn run_purge(
    args: PurgeArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let now = Utc::now();
    let (services, categories) = (Services::new(settings)?, read_categories(settings)?);
    let mut purge = Purge { args, settings, services, categories, run: context.run.clone(), now };
    let outcome = if args.dry_run { purge.rehearse(context).await } else { purge.perform(context).await };
    let nothing = Outcome::of_items(Vec::new());
    let report = Report { command: COMMAND, dry_run: args.dry_run, run_id: &purge.run, outcome: &nothing };
    tell_clock(&purge.services);
    let outcome = end_early(outcome, args.format, &report, context)?;
    let report = Report { outcome: &outcome, ..report };
    end_run(&report, args.format, context)
}

struct Purge<'a> {
    args: PurgeArgs,
    settings: &'a Settings,
    services: Services,
    categories: Categories,
    run: String,
    now: DateTime<Utc>,
}

/// What was decided, on what, and whether a brake holds it back.
struct PreparedPurge {
    items: Vec<Item>,
    evidence: PurgeFacts,
    held: Option<String>,
}

impl Purge<'_> {
    /// The plan, not carried out. The ledger is opened so that nothing can be written.
    async fn rehearse(&mut self, context: &CommandContext<'_>) -> Result<Outcome, Failure> {
        self.services.only_look();
        let ledger = Ledger::read_only(&self.settings.state_dir, &ledger_identity(self.settings))?;
        let PreparedPurge { items, evidence, held } = self.prepare(&ledger, context).await?;
        let held = join_lines(held.into_iter().chain(evidence.held));
        Ok(Outcome { held, trouble: evidence.trouble, ..Outcome::of_items(items) })
    }

    /// The plan, carried out under a lock of its own.
    async fn perform(&self, context: &CommandContext<'_>) -> Result<Outcome, Failure> {
        let run = Run {
            command: COMMAND,
            work: LockKind::Purging,
            id: &self.run,
            began: self.now,
            settings: self.settings,
            clients: &self.services.clients,
            installation: &self.services.installation,
        };
        under_lock(run, context, async |ledger| self.perform_with(ledger, context).await).await
    }

    /// A brake holds the plan back as a whole or not at all.
    async fn perform_with(&self, ledger: &Ledger, context: &CommandContext<'_>) -> Result<Outcome, Failure> {
        let PreparedPurge { items, evidence, held } = self.prepare(ledger, context).await?;
        ledger.remember_hosts(&evidence.hosts, self.now)?;
        for (entry, keeper) in &evidence.given_back {
            ledger.given_back(&self.run, entry, keeper, self.now)?;
        }
        if held.is_some() {
            let held = join_lines(held.into_iter().chain(evidence.held));
            return Ok(Outcome { held, trouble: evidence.trouble, ..Outcome::of_items(items) });
        }
        let context = PurgeContext {
            categories: &self.categories,
            from: self.origins(ledger),
            directory: evidence.directory.as_ref(),
            run: &self.run,
            state_dir: &self.settings.state_dir,
            bin: if self.settings.purge.recycle_bin { Bin::Recycle } else { Bin::None },
            cancel: context.interrupt.token(),
        };
        let mut outcome = apply_purge(items, context).await;
        outcome.trouble.splice(0..0, evidence.trouble);
        outcome.held = join_lines(outcome.held.into_iter().chain(evidence.held));
        Ok(outcome)
    }

    async fn prepare(&self, ledger: &Ledger, context: &CommandContext<'_>) -> Result<PreparedPurge, Failure> {
        let limits = &self.settings.purge;
        let older_than = self.args.older_than.unwrap_or(limits.older_than);
        let Some(evidence) =
            context.interrupt.or(Box::pin(gather_purge(self.origins(ledger), older_than, self.now))).await
        else {
            return Err(Failure::silent(context.interrupt.exit().unwrap_or(Exit::Unexpected)));
        };
        let evidence = evidence?;
        let items = plan_purge(&evidence.seen, older_than, evidence.now);
        let limits = PurgeLimits {
            max_deletes: self.args.max_deletes.unwrap_or(limits.max_deletes),
            max_orphan_percent: limits.max_orphan_percent,
        };
        let moved = self.services.installation.moved.then(|| MOVED.to_owned());
        let held = moved.or_else(|| find_brake(&items, &evidence, limits).map(|brake| brake.to_string()));
        Ok(PreparedPurge { items, evidence, held })
    }

    fn origins<'a>(&'a self, ledger: &'a Ledger) -> PurgeSources<'a> {
        PurgeSources {
            zoom: &self.services.zoom,
            kaltura: &self.services.kaltura,
            ledger,
            owner: &self.settings.owner,
            lists: &self.settings.filter.lists,
            adopt: self.settings.purge.adopt,
        }
    }
}
