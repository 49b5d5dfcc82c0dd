//! The copies of one Kaltura account handed to another, by hand: whole segments, and only what this program made.
//!
//! `reassign`: hands the copies of one Kaltura account to another.

mod accounts;
mod apply;
mod gather;
mod plan;

use chrono::{DateTime, Utc};

use super::CommandContext;
use super::failure::Failure;
use super::run::{end_early, end_run, under_lock};
use super::setup::{Run, Services, ledger_identity, tell_clock};
use crate::cli::ReassignArgs;
use crate::config::Settings;
use crate::copying::apply::Outcome;
use crate::copying::plan::{Item, Selection};
use crate::exit::Exit;
use crate::ledger::{Ledger, LockKind};
use crate::output::report::Report;
use crate::remotes::http::RemoteError;

pub use accounts::{AccountPair, ReassignError, ReassignSources, find_account_pair, find_misnamed_copies};
pub use apply::{ReassignContext, apply_reassign};
pub use gather::{WantedCopies, gather_account};
pub use plan::{SegmentInAccount, plan_reassign};

const COMMAND: &str = "reassign";

/// A run from the two accounts to the report.
pub(super) async fn run_reassign(
    args: ReassignArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let now = Utc::now();
    let (dry_run, format) = (args.dry_run, args.format);
    let mut reassign = Reassign { args, settings, services: Services::new(settings)?, run: context.run.clone(), now };
    let outcome = if dry_run { reassign.rehearse(context).await } else { reassign.perform(context).await };
    let nothing = Outcome::of_items(Vec::new());
    let report = Report { command: COMMAND, dry_run, run_id: &reassign.run, outcome: &nothing };
    tell_clock(&reassign.services);
    let outcome = end_early(outcome, format, &report, context)?;
    let report = Report { outcome: &outcome, ..report };
    end_run(&report, format, context)
}

struct Reassign<'a> {
    args: ReassignArgs,
    settings: &'a Settings,
    services: Services,
    run: String,
    now: DateTime<Utc>,
}

/// What was decided, on what.
struct PreparedReassign {
    accounts: AccountPair,
    found: Vec<SegmentInAccount>,
    items: Vec<Item>,
    trouble: Vec<RemoteError>,
}

impl Reassign<'_> {
    /// The plan, not carried out. The ledger is opened so that nothing can be written.
    async fn rehearse(&mut self, context: &CommandContext<'_>) -> Result<Outcome, Failure> {
        self.services.only_look();
        let ledger = Ledger::read_only(&self.settings.state_dir, &ledger_identity(self.settings))?;
        let PreparedReassign { items, trouble, .. } = self.prepare(&ledger, context).await?;
        Ok(Outcome { trouble, ..Outcome::of_items(items) })
    }

    /// The plan, carried out under the lock of `sync`: no run may copy to an account while its copies are handed on.
    async fn perform(&self, context: &CommandContext<'_>) -> Result<Outcome, Failure> {
        let run = Run {
            command: COMMAND,
            work: LockKind::Copying,
            id: &self.run,
            began: self.now,
            settings: self.settings,
            clients: &self.services.clients,
            installation: &self.services.installation,
        };
        under_lock(run, context, async |ledger| self.perform_with(ledger, context).await).await
    }

    async fn perform_with(&self, ledger: &Ledger, context: &CommandContext<'_>) -> Result<Outcome, Failure> {
        let PreparedReassign { accounts, found, items, trouble } = self.prepare(ledger, context).await?;
        let context = ReassignContext {
            kaltura: &self.services.kaltura,
            ledger,
            run: &self.run,
            accounts: &accounts,
            cancel: context.interrupt.token(),
        };
        let mut outcome = apply_reassign(items, &found, context).await;
        outcome.trouble.splice(0..0, trouble);
        Ok(outcome)
    }

    async fn prepare(&self, ledger: &Ledger, context: &CommandContext<'_>) -> Result<PreparedReassign, Failure> {
        let args = &self.args;
        let origins = ReassignSources {
            kaltura: &self.services.kaltura,
            ledger,
            holding_user: &self.settings.owner.holding_user,
        };
        let wanted = WantedCopies {
            selection: Selection { users: args.user.clone(), meetings: args.meeting.clone() },
            from: args.from_day,
            to: args.to_day,
        };
        let gathered = async {
            let accounts = find_account_pair(origins, &args.from, &args.to).await?;
            let mut gathered = gather_account(origins, &accounts, &wanted).await?;
            let wrong =
                find_misnamed_copies(origins, &self.services.zoom, &accounts, &wanted.selection, &gathered.all).await?;
            gathered.trouble.splice(0..0, wrong);
            Ok::<_, ReassignError>((accounts, gathered))
        };
        let Some(gathered) = context.interrupt.or(Box::pin(gathered)).await else {
            return Err(Failure::silent(context.interrupt.exit().unwrap_or(Exit::Unexpected)));
        };
        let (accounts, gathered) = gathered?;
        let items = plan_reassign(&gathered.found, &accounts.to);
        Ok(PreparedReassign { accounts, items, trouble: gathered.trouble, found: gathered.found })
    }
}

impl From<ReassignError> for Failure {
    fn from(error: ReassignError) -> Failure {
        match error {
            ReassignError::Refused(why) => Failure::said(Exit::Configuration, why),
            ReassignError::Remote(error) => error.into(),
            ReassignError::Ledger(error) => error.into(),
        }
    }
}
