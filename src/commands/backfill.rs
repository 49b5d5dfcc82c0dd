//! `backfill`: the recordings of past days, by hand. It never moves the checkpoint.

use chrono::{DateTime, Utc};

use super::CommandContext;
use super::copy::{At, RunBrake, Verb, run_copying};
use super::failure::Failure;
use super::setup::plan_policy;
use crate::cli::BackfillArgs;
use crate::config::Settings;
use crate::copying::apply::Outcome;
use crate::copying::plan::{Plan, Policy, Scope, Selection};
use crate::exit::Exit;
use crate::ledger::LedgerError;
use crate::model::Window;
use crate::owners::people::Consent;

/// A run over the days asked for.
pub(super) async fn run_backfill(
    args: BackfillArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    if args.from > args.to {
        let message = format!("--from {} is after --to {}: give the earlier day as --from", args.from, args.to);
        return Err(Failure::with_message(Exit::Configuration, message));
    }
    let copying = args.copying;
    Box::pin(run_copying(&Backfill(args), copying, settings, context)).await
}

struct Backfill(BackfillArgs);

impl Verb for Backfill {
    const COMMAND: &'static str = "backfill";
    const LISTS_ALL: bool = false;

    fn choose_scope(&self, _: At<'_>) -> Result<Scope, Failure> {
        let selection = Selection { users: self.0.user.clone(), meetings: self.0.meeting.clone() };
        Ok(Scope { window: Window { from: self.0.from, to: self.0.to }, selection, owed: false })
    }

    /// Go-live is about what comes by itself, and so is what somebody agreed to when a recording was made.
    fn choose_policy(&self, settings: &Settings) -> Policy {
        let consent = Consent::default().over_past(true);
        Policy {
            go_live: DateTime::<Utc>::MIN_UTC,
            recopy_deleted: self.0.recopy_purged,
            consent,
            ..plan_policy(settings)
        }
    }

    fn find_brake(&self, _: &Plan, _: At<'_>, _: usize) -> Result<Option<RunBrake>, Failure> {
        Ok(None)
    }

    fn remember_run(&self, _: &Outcome, _: At<'_>) -> Result<(), LedgerError> {
        Ok(())
    }
}
