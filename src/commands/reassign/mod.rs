//! The copies of one Kaltura account handed to another, by hand: whole segments, and only what this program made.
//!
//! `reassign`: hands the copies of one Kaltura account to another.

mod accounts;
mod apply;
mod gather;
mod plan;

use super::CommandContext;
use super::failure::Failure;
use super::run::{PlannedRun, run_planned};
use super::setup::Run;
use crate::cli::ReassignArgs;
use crate::config::Settings;
use crate::copying::apply::Outcome;
use crate::copying::plan::{Item, Selection};
use crate::exit::Exit;
use crate::ledger::{Ledger, LockKind};
use crate::remotes::http::RemoteError;

pub use accounts::{AccountPair, ReassignError, find_account_pair, find_misnamed_copies};
pub use apply::{ReassignContext, apply_reassign};
pub use gather::{WantedCopies, gather_account};
pub use plan::{SegmentInAccount, plan_reassign};

/// A run from the two accounts to the report.
pub(super) async fn run_reassign(
    args: ReassignArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let ReassignArgs { dry_run, format, .. } = args;
    run_planned(&Reassign { args }, settings, dry_run, format, context).await
}

struct Reassign {
    args: ReassignArgs,
}

/// What was decided, on what.
struct PreparedReassign {
    accounts: AccountPair,
    found: Vec<SegmentInAccount>,
    items: Vec<Item>,
    trouble: Vec<RemoteError>,
}

impl PlannedRun for Reassign {
    const COMMAND: &'static str = "reassign";
    /// That of `sync`: no run may copy to an account while its copies are handed on.
    const LOCK: LockKind = LockKind::Copying;
    type Prepared = PreparedReassign;

    async fn prepare(
        &self,
        run: Run<'_>,
        ledger: &Ledger,
        context: &CommandContext<'_>,
    ) -> Result<PreparedReassign, Failure> {
        let _looking = context.monitor.begin_step("looking for the copies to hand over");
        let (args, systems) = (&self.args, run.systems(ledger));
        let wanted = WantedCopies {
            selection: Selection { users: args.user.clone(), meetings: args.meeting.clone() },
            from: args.from_day,
            to: args.to_day,
        };
        let gathered = async {
            let accounts = find_account_pair(systems, &args.from, &args.to).await?;
            let mut gathered = gather_account(systems, &accounts, &wanted).await?;
            let wrong = find_misnamed_copies(systems, &accounts, &wanted.selection, &gathered.all).await?;
            gathered.trouble.splice(0..0, wrong);
            Ok::<_, ReassignError>((accounts, gathered))
        };
        let (accounts, gathered) = context.or_interrupted(Box::pin(gathered)).await??;
        let items = plan_reassign(&gathered.found, &accounts.to);
        Ok(PreparedReassign { accounts, items, trouble: gathered.trouble, found: gathered.found })
    }

    async fn show(&self, prepared: PreparedReassign, _: Run<'_>, _: &Ledger) -> Result<Outcome, Failure> {
        let PreparedReassign { items, trouble, .. } = prepared;
        Ok(Outcome { trouble, ..Outcome::of_items(items) })
    }

    async fn carry_out(
        &self,
        prepared: PreparedReassign,
        run: Run<'_>,
        ledger: &Ledger,
        context: &CommandContext<'_>,
    ) -> Result<Outcome, Failure> {
        let PreparedReassign { accounts, found, items, trouble } = prepared;
        let context = ReassignContext {
            systems: run.systems(ledger),
            run: run.id,
            accounts: &accounts,
            cancel: context.interrupt.token(),
        };
        let mut outcome = apply_reassign(items, &found, context).await;
        outcome.trouble.splice(0..0, trouble);
        Ok(outcome)
    }
}

impl From<ReassignError> for Failure {
    fn from(error: ReassignError) -> Failure {
        match error {
            ReassignError::Refused(why) => Failure::with_message(Exit::Configuration, why),
            ReassignError::Remote(error) => error.into(),
            ReassignError::Ledger(error) => error.into(),
        }
    }
}
