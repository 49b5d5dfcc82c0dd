//! `sync`: what is new since the checkpoint, and what is owed from before.

use std::cell::RefCell;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};

use super::CommandContext;
use super::copy::{At, RunBrake, Verb, run_copying};
use super::failure::Failure;
use super::setup::{listing_rules, plan_policy, sync_pace};
use crate::cli::SyncArgs;
use crate::config::Settings;
use crate::copying::apply::Outcome;
use crate::copying::plan::{Item, Plan, Policy, Scope, Selection, Step, listing_window, note_listing};
use crate::exit::Exit;
use crate::ledger::{Ledger, LedgerError};
use crate::model::{Action, CopyState, FileCopy, Listings, Reach, Reason, TakeOver, format_count};
use crate::output::report::format_size;
use crate::owners::people::Consent;

/// A first run that reaches further back than Zoom keeps recordings, and a day, is probably not meant.
const FIRST_RUN_BRAKE: TimeDelta = TimeDelta::days(31);
/// Old history grows by the day.
const PRUNE_EVERY: TimeDelta = TimeDelta::days(1);

/// A run from the listing to the report.
pub(super) async fn run_sync(
    args: SyncArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let take_over = match args.take_over {
        None => TakeOver::Nothing,
        Some(None) => TakeOver::Everything,
        Some(Some(id)) => TakeOver::Of(id),
    };
    // what is taken over may be of any day
    let lists_all = args.full || take_over != TakeOver::Nothing;
    let (first_run, accept_list) = (args.first_run, args.accept_list);
    let sync = Sync { first_run, take_over, accept_list, lists_all, listing: RefCell::default() };
    let go_live = settings.sync.go_live;
    if go_live > Utc::now() {
        tracing::warn!(
            "sync.go_live is in the future: copying begins at {go_live}; nothing recorded before then is copied"
        );
    }
    Box::pin(run_copying(&sync, args.copying, settings, context)).await
}

struct Sync {
    first_run: bool,
    take_over: TakeOver,
    accept_list: bool,
    /// Whether everything is listed, whenever it was listed last.
    lists_all: bool,
    listing: RefCell<Option<ChosenListing>>,
}

/// The listing of a run, and what there was to choose it by.
struct ChosenListing {
    reach: Reach,
    last: Listings,
    rules: String,
}

impl Verb for Sync {
    const COMMAND: &'static str = "sync";
    const LISTS_ALL: bool = true;

    fn take_over(&self) -> TakeOver {
        self.take_over.clone()
    }

    fn choose_scope(&self, At { ledger, settings, now }: At<'_>) -> Result<Scope, Failure> {
        let rules = listing_rules(settings);
        let last = if self.lists_all { Listings::default() } else { ledger.listings(&rules)? };
        let (checkpoint, owed) = (ledger.checkpoint()?, ledger.owed_days()?);
        let (window, reach) = listing_window(&sync_pace(settings), checkpoint, last, owed, now);
        self.listing.replace(Some(ChosenListing { reach, last, rules }));
        Ok(Scope { window, selection: Selection::default(), owed: true })
    }

    fn choose_policy(&self, settings: &Settings) -> Policy {
        let consent = Consent::default().accepting(self.accept_list);
        Policy { consent, ..plan_policy(settings) }
    }

    fn find_brake(
        &self,
        plan: &Plan,
        At { ledger, settings, now }: At<'_>,
        unmarked: usize,
    ) -> Result<Option<RunBrake>, Failure> {
        let brake = |why, rebuilds| Ok(Some(RunBrake { why, rebuilds }));
        if self.first_run || !is_first_run(ledger)? {
            return Ok(None);
        }
        if unmarked > 0 && plan.items.iter().any(Item::is_copied) {
            let why = format!(
                "the ledger is empty, and Kaltura has entries of this program without a mark (referenceId; {unmarked} found): it is unknown which recordings they are, so these would be copied again; restore a backup of the ledger, or confirm with --first-run (`verify` lists them)"
            );
            return brake(why, false);
        }
        if now - settings.sync.go_live <= FIRST_RUN_BRAKE {
            return Ok(None);
        }
        let known = plan.items.iter().filter(|item| was_copied_before(item)).count();
        let due = plan.items.iter().filter(|item| is_to_be_made(item));
        let files = due.clone().flat_map(|item| &item.files).filter(|file| file.is_copied());
        let bytes = format_size(files.filter_map(|file| file.file.bytes).fold(0, u64::saturating_add));
        let (recordings, go_live) = (due.count(), settings.sync.go_live);
        let counted = format_count(recordings, "recording");
        let found = format!(
            "the ledger was lost: it is rebuilt from Kaltura, which already has {}",
            format_count(known, "recording")
        );
        match (known, recordings) {
            (0, _) => {
                let why = format!(
                    "this is the first run, and sync.go_live ({go_live}) is more than 31 days ago: it would copy {counted}, {bytes}; look at them with --dry-run, then confirm with --first-run, or correct sync.go_live"
                );
                brake(why, false)
            }
            (_, 0) => {
                tracing::warn!("{found}; there is nothing else to copy");
                Ok(None)
            }
            _ => {
                let why = format!(
                    "{found}; beyond these, this run would copy {counted}, {bytes}; look at them with --dry-run, then confirm with --first-run, or restore a backup of the ledger"
                );
                brake(why, true)
            }
        }
    }

    fn remember_run(&self, outcome: &Outcome, At { ledger, settings, now }: At<'_>) -> Result<(), LedgerError> {
        if ledger.last_pruned()?.is_none_or(|pruned| now - pruned > PRUNE_EVERY) {
            ledger.prune(now - settings.sync.keep_history, now)?;
        }
        let (sync, today) = (&settings.sync, now.date_naive());
        let Some(day) = outcome.find_checkpoint(sync.go_live, today, ledger.checkpoint()?, sync.zoom_retention) else {
            return Ok(());
        };
        ledger.set_checkpoint(day)?;
        match &*self.listing.borrow() {
            Some(ChosenListing { reach, last, rules }) if *reach != Reach::Recent => {
                let noted = note_listing(*last, *reach, outcome.complete, now);
                // what was changed while the days of `lookback` were listed makes all of them due
                ledger.set_listings(noted, (*reach == Reach::Rescan).then_some(rules.as_str()))
            }
            _ => Ok(()),
        }
    }
}

/// Whether the marks in Kaltura say that an earlier ledger copied it, whatever became of the copy.
fn was_copied_before(item: &Item) -> bool {
    let Some(main) = item.main.and_then(|number| item.files.get(number)) else {
        return false;
    };
    let is_known = |copy: &Arc<FileCopy>| copy.state.is_up_to_kaltura() || copy.state == CopyState::Done;
    matches!(main.step, Step::Recognise { .. })
        || main.copy.as_ref().is_some_and(is_known)
        || item.reason == Some(Reason::DeletedInKaltura)
}

/// Whether its entry is to be made, in this run or as soon as nothing more keeps it back.
fn is_to_be_made(item: &Item) -> bool {
    let is_held_back = item.reason.is_some_and(Reason::holds_back);
    !was_copied_before(item) && (item.is_copied() || (item.action == Action::Wait && is_held_back))
}

fn is_first_run(ledger: &Ledger) -> Result<bool, Failure> {
    Ok(ledger.checkpoint()?.is_none() && (ledger.is_empty()? || ledger.is_first_run_held()?))
}
