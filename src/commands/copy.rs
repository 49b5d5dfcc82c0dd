//! What `sync` and `backfill` share: gather, plan, report, apply, report. They differ in the recordings they are about.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;

use super::CommandContext;
use super::carry_out::{carry_out_copying, run_within};
use super::ending::join_lines;
use super::failure::Failure;
use super::look::{Look, LookBack, list_new_work};
use super::run::{PlannedRun, run_planned};
use super::setup::{
    MOVED, Run, cautious_policy, listing_rules, note_others, plan_policy, read_caption_languages, read_categories,
    take_over_entries, transfer_tuning,
};
use crate::cli::CopyingArgs;
use crate::config::Settings;
use crate::copying::apply::{ApplyContext, Outcome, rebuild_ledger};
use crate::copying::caption_languages::CaptionLanguages;
use crate::copying::categories::Categories;
use crate::copying::directory::{DirectoryError, Learnt, load_aliases};
use crate::copying::gather::{GatheredFacts, gather_facts};
use crate::copying::marks;
use crate::copying::plan::{Plan, Policy, Scope, Selection, plan_recordings};
use crate::copying::rights::RightsContext;
use crate::copying::titles;
use crate::copying::transfer::{TransferContext, Tuning};
use crate::exit::Exit;
use crate::ledger::{Ledger, LedgerError, LockKind};
use crate::model::{TakeOver, Window, format_count};
use crate::remotes::http::{Breaker, RemoteError};

/// Longer than any run.
const NEVER: Duration = Duration::from_secs(10 * 365 * 86_400);

/// In what `sync` and `backfill` differ.
pub(super) trait Verb {
    /// The word for it.
    const COMMAND: &'static str;

    /// Whether it lists all that is recent.
    const LISTS_ALL: bool;

    /// What it takes over; anything but nothing: it keeps using a ledger from another machine, too.
    fn take_over(&self) -> TakeOver {
        TakeOver::Nothing
    }

    /// Which recordings it is about.
    fn choose_scope(&self, at: At<'_>) -> Result<Scope, Failure>;

    /// The rules it goes by.
    fn choose_policy(&self, settings: &Settings) -> Policy;

    /// Why the plan is not to be carried out, in one line.
    /// `unmarked` entries of this program tell nobody what they are copies of.
    fn find_brake(&self, plan: &Plan, at: At<'_>, unmarked: usize) -> Result<Option<RunBrake>, Failure>;

    /// What is remembered of a run that went over its whole scope.
    fn remember_run(&self, outcome: &Outcome, at: At<'_>) -> Result<(), LedgerError>;
}

/// What holds a plan back.
pub(super) struct RunBrake {
    /// One line.
    pub(super) why: String,
    /// Whether what an earlier ledger copied is written down all the same.
    pub(super) rebuilds: bool,
}

/// Where and when a run stands.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) settings: &'a Settings,
    pub(super) now: DateTime<Utc>,
}

/// A run from the listing to the report.
pub(super) async fn run_copying<V: Verb>(
    verb: &V,
    args: CopyingArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let copying =
        Copying { verb, args, categories: read_categories(settings)?, languages: read_caption_languages(settings)? };
    run_planned(&copying, settings, args.dry_run, args.format, context).await
}

struct Copying<'a, V> {
    verb: &'a V,
    args: CopyingArgs,
    categories: Categories,
    languages: CaptionLanguages,
}

/// A plan and what went wrong on the way to it.
struct PreparedCopying {
    plan: Plan,
    scope: Scope,
    learnt: Learnt,
    trouble: Vec<RemoteError>,
    /// Whether all lists were read to their end.
    read_through: bool,
    /// Why nothing goes to Zoom's trash, and perhaps nothing is taken back, where that is held back, and whom a list keeps
    /// waiting that is not believed.
    held: Option<String>,
    /// How many entries of this program carry no mark, as far as it was looked.
    unmarked: usize,
    /// What time it is by Zoom's clock, where it tells.
    now: DateTime<Utc>,
}

impl<V: Verb> PlannedRun for Copying<'_, V> {
    const COMMAND: &'static str = V::COMMAND;
    const LOCK: LockKind = LockKind::Copying;
    type Prepared = PreparedCopying;

    fn take_over(&self) -> TakeOver {
        self.verb.take_over()
    }

    async fn begin(
        &self,
        run: Run<'_>,
        ledger: &Ledger,
        context: &CommandContext<'_>,
    ) -> Result<Vec<RemoteError>, Failure> {
        let not_taken = if self.takes_over() {
            ledger.move_here(&run.services.installation)?;
            context.or_interrupted(take_over_entries(&run.services.kaltura)).await??
        } else {
            Vec::new()
        };
        ledger.limit_waits(ask_time(run, context).await?)?;
        Ok(not_taken)
    }

    async fn prepare(
        &self,
        run: Run<'_>,
        ledger: &Ledger,
        context: &CommandContext<'_>,
    ) -> Result<PreparedCopying, Failure> {
        let now = ask_time(run, context).await?;
        let scope = self.verb.choose_scope(At { ledger, settings: run.settings, now })?;
        let installation = &run.services.installation;
        let rules = cautious_policy(self.verb.choose_policy(run.settings), installation);
        let Window { from, to } = scope.window;
        let _listing = context.monitor.begin_step(&format!("listing recordings from {from} to {to}"));
        let gathered = Box::pin(gather_facts(run.systems(ledger), &scope, rules, now));
        let gathered = context.or_interrupted(gathered).await??;
        let GatheredFacts { facts, policy, learnt, trouble, held: lists, read_through, unmarked, unkept } = gathered;
        let plan = plan_recordings(facts, &policy, now).limited(self.args.limit.unwrap_or(usize::MAX));
        let (plan, held) = plan.with_trash_brake(run.settings.zoom_trash.max_files);
        let held = installation.moved.then(|| MOVED.to_owned()).or(unkept).or(held);
        let held = join_lines(held.into_iter().chain(lists));
        Ok(PreparedCopying { plan, scope, learnt, trouble, read_through, held, unmarked, now })
    }

    async fn show(&self, prepared: PreparedCopying, run: Run<'_>, ledger: &Ledger) -> Result<Outcome, Failure> {
        let PreparedCopying { plan, trouble, held, unmarked, now, .. } = prepared;
        let kaltura = &run.services.kaltura;
        if self.takes_over() {
            let left = kaltura.left_by_others().await?.len();
            let entries = format_count(left, "entry");
            tracing::warn!("the run takes over {entries} in Kaltura from other installations");
        }
        let brake = self.verb.find_brake(&plan, At { ledger, settings: run.settings, now }, unmarked)?;
        let held = join_lines(brake.map(|brake| brake.why).into_iter().chain(held));
        let lacking = marks::count_unmarked(kaltura, ledger).await?;
        if lacking.entries > 0 {
            let entries = format_count(lacking.entries, "entry");
            tracing::warn!("{entries} in Kaltura without a mark (referenceId): the run adds it");
        }
        let renamed = titles::preview_titles(plan.items.iter(), kaltura, ledger, &run.settings.copy.wording).await?;
        let trouble = trouble.into_iter().chain(lacking.trouble).chain(renamed).collect();
        Ok(Outcome { held, ..Outcome::of_plan(plan, trouble) })
    }

    async fn carry_out(
        &self,
        prepared: PreparedCopying,
        run: Run<'_>,
        ledger: &Ledger,
        context: &CommandContext<'_>,
    ) -> Result<Outcome, Failure> {
        let noted = self.note_gathered(&prepared, run, ledger).await;
        let PreparedCopying { plan, scope, trouble, held, unmarked, now, .. } = prepared;
        if let Err(error) = noted {
            return Ok(Outcome { broken: Some(error), ..Outcome::of_plan(plan, trouble) });
        }
        let (settings, systems) = (run.settings, run.systems(ledger));
        let brake = self.verb.find_brake(&plan, At { ledger, settings, now }, unmarked)?;
        let recopies = self.verb.choose_policy(settings).recopy_deleted;
        let caption_languages = self.languages.clone().with_members(systems.zoom).await;
        let tuning = Tuning { recopies, caption_languages, ..transfer_tuning(settings) };
        let (breaker, cancel) = (Breaker::default(), context.interrupt.token().child_token());
        let looks = self.find_looks(At { ledger, settings, now }, run, scope, &plan)?;
        let look = || list_new_work(run, ledger, &looks).boxed();
        let apply = ApplyContext {
            transfer: TransferContext { systems, run: run.id, tuning: &tuning, categories: &self.categories },
            breaker: &breaker,
            // a person who asks for so many recordings does not want others
            relist_every: if self.args.limit.is_some() { NEVER } else { settings.sync.relist_every },
            look: &look,
            parallel: settings.sync.parallel,
            retry_after: settings.sync.retry_after,
            trash_after: settings.zoom_trash.after,
            max_attempts: settings.sync.max_attempts,
            owes_rights: settings.rights.is_any(),
            monitor: context.monitor,
            cancel: &cancel,
        };
        if let Some(brake) = brake {
            return Ok(hold_back(brake, held, Outcome::of_plan(plan, trouble), apply).await);
        }
        if V::LISTS_ALL {
            ledger.set_first_run_held(false)?;
        }
        let aliases = load_aliases(&settings.owner).map_err(DirectoryError::List)?;
        let rights = RightsContext { grants: settings.rights, systems, aliases: &aliases, cancel: &cancel };
        let applied = carry_out_copying(plan, trouble, apply, rights, run.services.installation.moved);
        // counted from the start of the run, listing and look-ups included
        let left = self.args.max_duration.map(|time| (run.began + time - Utc::now()).to_std().unwrap_or_default());
        let mut outcome = Box::pin(run_within(left, &cancel, applied)).await;
        if outcome.broken.is_none() {
            outcome.broken =
                ledger.change_together(|| self.verb.remember_run(&outcome, At { ledger, settings, now })).err();
        }
        Ok(Outcome { held, ..outcome })
    }
}

impl<V: Verb> Copying<'_, V> {
    fn takes_over(&self) -> bool {
        self.verb.take_over() != TakeOver::Nothing
    }

    /// Writes down what the next runs need not ask for, and what was listed.
    async fn note_gathered(
        &self,
        prepared: &PreparedCopying,
        run: Run<'_>,
        ledger: &Ledger,
    ) -> Result<(), LedgerError> {
        prepared.learnt.remember(ledger, &run.settings.owner, prepared.now)?;
        // what a file says was looked at before the days to list were chosen; a group may have changed since
        if !prepared.learnt.changes.is_empty() {
            ledger.forget_listings()?;
        }
        if !V::LISTS_ALL {
            return Ok(());
        }
        if prepared.read_through {
            ledger.set_last_listing(run.began, prepared.plan.complete, run.settings.sync.zoom_retention)?;
        }
        note_others(&run.services.kaltura, ledger, run.began).await
    }

    /// What is listed again while the run lasts: the last days by the rules of `sync`, as no other run can copy them
    /// meanwhile, and the days of the run's own scope of which something was not settled when it began.
    fn find_looks(&self, at: At<'_>, run: Run<'_>, scope: Scope, plan: &Plan) -> Result<Vec<Look>, Failure> {
        let open = plan.items.iter().filter(|item| !item.action.is_settled());
        let open = open.map(|item| item.segment.meeting.day()).min();
        let from = open.unwrap_or(scope.window.to).max(scope.window.from);
        let is_far =
            V::LISTS_ALL && plan.complete && scope.window.from <= at.now.date_naive() - at.settings.sync.lookback;
        let last = if is_far { Some(at.now) } else { at.ledger.listings(&listing_rules(at.settings))?.lookback };
        let recent = || Some(LookBack::since(last));
        let own = Scope { window: Window { from, ..scope.window }, ..scope };
        let rules = self.verb.choose_policy(run.settings);
        if V::LISTS_ALL {
            return Ok(vec![Look { scope: own, rules, recent: recent() }]);
        }
        let window = Window { from: run.began.date_naive(), to: run.began.date_naive() };
        let scope = Scope { window, selection: Selection::default(), owed: false };
        let recent = Look { scope, rules: plan_policy(run.settings), recent: recent() };
        let own = open.map(|_| Look { scope: own, rules, recent: None });
        Ok([recent].into_iter().chain(own).collect())
    }
}

/// What time it is by Zoom's clock, where it tells: by one that is behind, its newest recordings would not be listed.
async fn ask_time(run: Run<'_>, context: &CommandContext<'_>) -> Result<DateTime<Utc>, Failure> {
    Ok(context.or_interrupted(run.services.zoom.ask_time()).await??.unwrap_or(run.began))
}

/// A plan that is not carried out. Where the ledger is rebuilt, the next run is still to be confirmed, whatever the ledger
/// holds by then.
async fn hold_back(
    RunBrake { why, rebuilds }: RunBrake,
    part: Option<String>,
    mut outcome: Outcome,
    context: ApplyContext<'_>,
) -> Outcome {
    let rebuilt = async {
        if rebuilds {
            context.transfer.systems.ledger.set_first_run_held(true)?;
            rebuild_ledger(&mut outcome.lines, context).await?;
        }
        Ok(())
    };
    let broken = rebuilt.await.err();
    Outcome { broken, held: join_lines(std::iter::once(why).chain(part)), ..outcome }
}
