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

use super::CommandContext;
use super::ending::join_lines;
use super::failure::Failure;
use super::run::{PlannedRun, run_planned};
use super::setup::{MOVED, Run, read_categories};
use crate::cli::PurgeArgs;
use crate::config::Settings;
use crate::copying::apply::Outcome;
use crate::copying::categories::Categories;
use crate::copying::plan::Item;
use crate::exit::Exit;
use crate::ledger::{Ledger, LockKind};

pub use apply::{Bin, PurgeContext, apply_purge};
pub use brake::{PurgeLimits, find_brake};
pub use facts::PurgeFacts;
pub use gather::gather_purge;
pub use orphan::{NewOwner, OrphanSeen, Witnesses};
pub use plan::plan_purge;

/// A run from the ledger's orphans to the report.
pub(super) async fn run_purge(
    args: PurgeArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let purge = Purge { args, categories: read_categories(settings)? };
    run_planned(&purge, settings, args.dry_run, args.format, context).await
}

struct Purge {
    args: PurgeArgs,
    categories: Categories,
}

/// What was decided, on what, and whether a brake holds it back: as a whole or not at all.
struct PreparedPurge {
    items: Vec<Item>,
    evidence: PurgeFacts,
    held: Option<String>,
}

impl PlannedRun for Purge {
    const COMMAND: &'static str = "purge";
    const LOCK: LockKind = LockKind::Purging;
    type Prepared = PreparedPurge;

    async fn prepare(
        &self,
        run: Run<'_>,
        ledger: &Ledger,
        context: &CommandContext<'_>,
    ) -> Result<PreparedPurge, Failure> {
        let _looking = context.monitor.begin_step("looking for orphaned copies");
        let limits = &run.settings.purge;
        let older_than = self.args.older_than.unwrap_or(limits.older_than);
        let gathered = gather_purge(run.systems(ledger), limits.adopt, older_than, run.began);
        let evidence = context.or_interrupted(Box::pin(gathered)).await??;
        let items = plan_purge(&evidence.seen, older_than, evidence.now);
        let limits = PurgeLimits {
            max_deletes: self.args.max_deletes.unwrap_or(limits.max_deletes),
            max_orphan_percent: limits.max_orphan_percent,
        };
        let moved = run.services.installation.moved.then(|| MOVED.to_owned());
        let held = moved.or_else(|| find_brake(&items, &evidence, limits).map(|brake| brake.to_string()));
        Ok(PreparedPurge { items, evidence, held })
    }

    async fn show(&self, prepared: PreparedPurge, _: Run<'_>, _: &Ledger) -> Result<Outcome, Failure> {
        let PreparedPurge { items, evidence, held } = prepared;
        let held = join_lines(held.into_iter().chain(evidence.held));
        Ok(Outcome { held, trouble: evidence.trouble, ..Outcome::of_items(items) })
    }

    async fn carry_out(
        &self,
        prepared: PreparedPurge,
        run: Run<'_>,
        ledger: &Ledger,
        context: &CommandContext<'_>,
    ) -> Result<Outcome, Failure> {
        ledger.remember_hosts(&prepared.evidence.hosts, run.began)?;
        for (entry, keeper) in &prepared.evidence.given_back {
            ledger.given_back(run.id, entry, keeper, run.began)?;
        }
        if prepared.held.is_some() {
            return self.show(prepared, run, ledger).await;
        }
        let PreparedPurge { items, evidence, .. } = prepared;
        let context = PurgeContext {
            categories: &self.categories,
            systems: run.systems(ledger),
            directory: evidence.directory.as_ref(),
            run: run.id,
            state_dir: &run.settings.state_dir,
            bin: if run.settings.purge.recycle_bin { Bin::Recycle } else { Bin::None },
            cancel: context.interrupt.token(),
        };
        let mut outcome = apply_purge(items, context).await;
        outcome.trouble.splice(0..0, evidence.trouble);
        outcome.held = join_lines(outcome.held.into_iter().chain(evidence.held));
        Ok(outcome)
    }
}
