//! What `sync` and `backfill` share: gather, plan, report, apply, report. They differ in the recordings they are about.

use std::time::Duration;

use chrono::{DateTime, Days, Utc};
use futures_util::FutureExt;

use super::CommandContext;
use super::carry_out::{carry_out_copying, run_within};
use super::failure::Failure;
use super::run::{end_early, end_run, join_lines, under_lock};
use super::setup::{
    MOVED, Run, Services, cautious_policy, ledger_identity, note_others, plan_policy, read_categories,
    take_over_entries, tell_clock, transfer_tuning,
};
use crate::cli::CopyingArgs;
use crate::config::Settings;
use crate::copying::apply::{ApplyContext, Outcome, rebuild_ledger};
use crate::copying::categories::Categories;
use crate::copying::directory::{DirectoryError, Learnt, load_aliases};
use crate::copying::gather::{FactSources, GatheredFacts, gather_facts};
use crate::copying::plan::{Item, Plan, Policy, Scope, Selection, plan_recordings};
use crate::copying::transfer::{TransferContext, Tuning};
use crate::copying::{marks, rights};
use crate::exit::Exit;
use crate::ledger::{Ledger, LedgerError, LockKind};
use crate::model::{TakeOver, Window};
use crate::output::report::Report;
use crate::remotes::http::{Breaker, RemoteError};

/// Longer than any run.
const NEVER: Duration = Duration::from_secs(10 * 365 * 86_400);

/// In what `sync` and `backfill` differ.
pub(super) trait Verb {
    /// The word for it.
    const COMMAND: &'static str;

    /// Whether it lists all that is recent.
    const LISTS_ALL: bool;

    /// What it takes over; anything but nothing: it goes on for good with a ledger from another machine, too.
    fn take_over(&self) -> TakeOver {
        TakeOver::Nothing
    }

    /// Which recordings it is about.
    fn scope(&self, at: At<'_>) -> Result<Scope, Failure>;

    /// The rules it goes by.
    fn policy(&self, settings: &Settings) -> Policy;

    /// Why the plan is not to be carried out, in one line.
    /// `unmarked` entries of this program tell nobody what they are copies of.
    fn brake(&self, plan: &Plan, at: At<'_>, unmarked: usize) -> Result<Option<RunBrake>, Failure>;

    /// What is remembered of a run that went over its whole scope.
    fn remember(&self, outcome: &Outcome, at: At<'_>) -> Result<(), LedgerError>;
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
    let now = Utc::now();
    let (services, categories) = (Services::taking_over(settings, verb.take_over())?, read_categories(settings)?);
    let mut copying = Copying { verb, args, settings, services, categories, run: context.run.clone(), now };
    let outcome = if args.dry_run { copying.rehearse(context).await } else { Box::pin(copying.perform(context)).await };
    let nothing = Outcome::of_items(Vec::new());
    let report = Report { command: V::COMMAND, dry_run: args.dry_run, run_id: &copying.run, outcome: &nothing };
    tell_clock(&copying.services);
    let outcome = end_early(outcome, args.format, &report, context)?;
    let report = Report { outcome: &outcome, ..report };
    end_run(&report, args.format, context)
}

struct Copying<'a, V> {
    verb: &'a V,
    args: CopyingArgs,
    settings: &'a Settings,
    services: Services,
    categories: Categories,
    run: String,
    now: DateTime<Utc>,
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

impl<V: Verb> Copying<'_, V> {
    fn at<'a>(&'a self, ledger: &'a Ledger) -> At<'a> {
        At { ledger, settings: self.settings, now: self.now }
    }

    /// The plan, not carried out. The ledger is opened so that nothing can be written.
    async fn rehearse(&mut self, context: &CommandContext<'_>) -> Result<Outcome, Failure> {
        self.services.only_look();
        let ledger = Ledger::read_only(&self.settings.state_dir, &ledger_identity(self.settings))?;
        let PreparedCopying { plan, trouble, held, unmarked, now, .. } = self.prepare(&ledger, context).await?;
        if self.takes_over() {
            let left = self.services.kaltura.left_by_others().await?.len();
            tracing::warn!("the run takes over {left} entries in Kaltura from other installations");
        }
        let brake = self.verb.brake(&plan, At { now, ..self.at(&ledger) }, unmarked)?;
        let held = join_lines(brake.map(|brake| brake.why).into_iter().chain(held));
        let lacking = marks::count_unmarked(&self.services.kaltura, &ledger).await?;
        if lacking.entries > 0 {
            tracing::warn!(
                "{} entries in Kaltura lack their mark (referenceId); the run gives it to them",
                lacking.entries
            );
        }
        let trouble = trouble.into_iter().chain(lacking.trouble).collect();
        Ok(Outcome { held, ..Outcome::planned(plan, trouble) })
    }

    /// The plan, carried out under the run lock.
    async fn perform(&self, context: &CommandContext<'_>) -> Result<Outcome, Failure> {
        let run = Run {
            command: V::COMMAND,
            work: LockKind::Copying,
            id: &self.run,
            began: self.now,
            settings: self.settings,
            clients: &self.services.clients,
            installation: &self.services.installation,
        };
        Box::pin(under_lock(run, context, async |ledger| Box::pin(self.perform_with(ledger, context)).await)).await
    }

    async fn perform_with(&self, ledger: &Ledger, context: &CommandContext<'_>) -> Result<Outcome, Failure> {
        let not_taken = if self.takes_over() {
            ledger.move_here(&self.services.installation)?;
            self.or_interrupted(take_over_entries(&self.services.kaltura), context).await??
        } else {
            Vec::new()
        };
        ledger.limit_waits(self.ask_time(context).await?)?;
        let PreparedCopying { plan, scope, learnt, mut trouble, read_through, held: held_part, unmarked, now } =
            self.prepare(ledger, context).await?;
        let at = At { now, ..self.at(ledger) };
        trouble.splice(0..0, not_taken);
        let noted = learnt.remember(ledger, &self.settings.owner, now);
        let noted = noted.and_then(|()| self.note_listing(ledger, plan.complete, read_through));
        let noted = match noted {
            Ok(()) if V::LISTS_ALL => note_others(&self.services.kaltura, ledger, self.now).await,
            noted => noted,
        };
        if let Err(error) = noted {
            return Ok(Outcome { broken: Some(error), ..Outcome::planned(plan, trouble) });
        }
        let brake = self.verb.brake(&plan, at, unmarked)?;
        let recopies = self.verb.policy(self.settings).recopy_deleted;
        let tuning = Tuning { recopies, ..transfer_tuning(self.settings) };
        let Services { zoom, kaltura, .. } = &self.services;
        let cancel = context.interrupt.token().child_token();
        let (services, settings) = (&self.services, self.settings);
        let looks = self.looks(scope, &plan);
        let look = || list_new_work(services, settings, ledger, &looks).boxed();
        let breaker = Breaker::default();
        let means = ApplyContext {
            breaker: &breaker,
            tools: TransferContext {
                zoom,
                kaltura,
                ledger,
                run: &self.run,
                tuning: &tuning,
                categories: &self.categories,
            },
            // whoever asks for so many recordings does not want others
            relist_every: if self.args.limit.is_some() { NEVER } else { self.settings.sync.relist_every },
            look: &look,
            parallel: self.settings.sync.parallel,
            retry_after: self.settings.sync.retry_after,
            trash_after: self.settings.zoom_trash.after,
            max_attempts: self.settings.sync.max_attempts,
            owes_rights: self.settings.rights.is_any(),
            monitor: context.monitor,
            cancel: &cancel,
        };
        if let Some(brake) = brake {
            return Ok(self.held_back(brake, held_part, Outcome::planned(plan, trouble), means).await);
        }
        if V::LISTS_ALL {
            ledger.set_first_run_held(false)?;
        }
        let aliases = load_aliases(&self.settings.owner).map_err(DirectoryError::List)?;
        let rights = rights::RightsContext {
            grants: settings.rights,
            zoom,
            kaltura,
            ledger,
            rules: &settings.owner.rules,
            aliases: &aliases,
            cancel: &cancel,
        };
        let applied = carry_out_copying((plan, trouble), means, rights, self.services.installation.moved);
        // counted from the start of the run, listing and look-ups included
        let left = self.args.max_duration.map(|time| (self.now + time - Utc::now()).to_std().unwrap_or_default());
        let mut outcome = Box::pin(run_within(left, &cancel, applied)).await;
        if outcome.broken.is_none() {
            outcome.broken = self.verb.remember(&outcome, at).err();
        }
        Ok(Outcome { held: held_part, ..outcome })
    }

    /// A plan that is not carried out. Where the ledger is rebuilt, the next run is still to be confirmed, whatever the ledger
    /// holds by then.
    async fn held_back(
        &self,
        brake: RunBrake,
        part: Option<String>,
        mut outcome: Outcome,
        means: ApplyContext<'_>,
    ) -> Outcome {
        let RunBrake { why, rebuilds } = brake;
        let rebuilt = async {
            if rebuilds {
                means.tools.ledger.set_first_run_held(true)?;
                rebuild_ledger(&mut outcome.lines, means).await?;
            }
            Ok(())
        };
        let broken = rebuilt.await.err();
        Outcome { broken, held: join_lines(std::iter::once(why).chain(part)), ..outcome }
    }

    fn note_listing(&self, ledger: &Ledger, is_whole: bool, read_through: bool) -> Result<(), LedgerError> {
        if V::LISTS_ALL && read_through {
            ledger.set_last_listing(self.now, is_whole, self.settings.sync.zoom_retention)?;
        }
        Ok(())
    }

    fn takes_over(&self) -> bool {
        self.services.installation.take_over != TakeOver::Nothing
    }

    async fn or_interrupted<T>(
        &self,
        story: impl Future<Output = T>,
        context: &CommandContext<'_>,
    ) -> Result<T, Failure> {
        context.interrupt.or(story).await.ok_or_else(|| interrupted_failure(context))
    }

    /// What time it is by Zoom's clock, where it tells: by one that is behind, its newest recordings would not be listed.
    async fn ask_time(&self, context: &CommandContext<'_>) -> Result<DateTime<Utc>, Failure> {
        Ok(self.or_interrupted(self.services.zoom.ask_time(), context).await??.unwrap_or(self.now))
    }

    async fn prepare(&self, ledger: &Ledger, context: &CommandContext<'_>) -> Result<PreparedCopying, Failure> {
        let now = self.ask_time(context).await?;
        let scope = self.verb.scope(At { now, ..self.at(ledger) })?;
        let rules = cautious_policy(self.verb.policy(self.settings), &self.services.installation);
        let origins = fact_sources(&self.services, self.settings, ledger);
        tracing::info!(from = %scope.window.from, to = %scope.window.to, "listing recordings");
        let gathered = self.or_interrupted(Box::pin(gather_facts(origins, &scope, rules, now)), context).await?;
        let GatheredFacts { facts, policy, learnt, trouble, held: lists, read_through, unmarked, nobodys } = gathered?;
        let plan = plan_recordings(&facts, &policy, now).limited(self.args.limit.unwrap_or(usize::MAX));
        let (plan, held) = plan.with_trash_brake(self.settings.zoom_trash.max_files);
        let held = self.services.installation.moved.then(|| MOVED.to_owned()).or(nobodys).or(held);
        let held = join_lines(held.into_iter().chain(lists));
        Ok(PreparedCopying { plan, scope, learnt, trouble, read_through, held, unmarked, now })
    }

    /// What is listed anew while the run lasts: the last days by the rules of `sync`, as no other run can copy them
    /// meanwhile, and the days of the run's own scope of which something was not settled when it began.
    fn looks(&self, scope: Scope, plan: &Plan) -> Vec<Look> {
        let open = plan.items.iter().filter(|item| !item.action.is_settled());
        let open = open.map(|item| item.segment.meeting.day()).min();
        let from = open.unwrap_or(scope.window.to).max(scope.window.from);
        let own = Scope { window: Window { from, ..scope.window }, ..scope };
        let rules = self.verb.policy(self.settings);
        if V::LISTS_ALL {
            return vec![Look { scope: own, rules, is_recent: true }];
        }
        let window = Window { from: self.now.date_naive(), to: self.now.date_naive() };
        let recent = Scope { window, selection: Selection::default(), owed: false };
        let recent = Look { scope: recent, rules: plan_policy(self.settings), is_recent: true };
        let own = open.map(|_| Look { scope: own, rules, is_recent: false });
        [recent].into_iter().chain(own).collect()
    }
}

fn interrupted_failure(context: &CommandContext<'_>) -> Failure {
    Failure::silent(context.interrupt.exit().unwrap_or(Exit::Unexpected))
}

/// What is listed anew, and by which rules it is decided.
struct Look {
    scope: Scope,
    rules: Policy,
    /// Whether it goes on to the present day, and back over the days that every run lists.
    is_recent: bool,
}

/// What is to be copied now. What goes wrong is left to the next run.
async fn list_new_work(services: &Services, settings: &Settings, ledger: &Ledger, looks: &[Look]) -> Vec<Item> {
    let mut found = Vec::new();
    for look in looks {
        found.extend(Box::pin(list_new_work_of(services, settings, ledger, look)).await);
    }
    found
}

async fn list_new_work_of(services: &Services, settings: &Settings, ledger: &Ledger, look: &Look) -> Vec<Item> {
    let now = Utc::now();
    let zooms = services.zoom.now().unwrap_or(now);
    let (today, window) = (zooms.date_naive(), look.scope.window);
    let recent = Window { from: window.from.min(today - settings.sync.lookback), to: today + Days::new(1) };
    let scope = Scope { window: if look.is_recent { recent } else { window }, ..look.scope.clone() };
    let rules = cautious_policy(look.rules.clone(), &services.installation);
    match Box::pin(gather_facts(fact_sources(services, settings, ledger), &scope, rules, zooms)).await {
        Ok(GatheredFacts { facts, policy, read_through, .. }) => {
            // a run that takes long keeps no other from having seen what is new: this one has
            if look.is_recent
                && read_through
                && let Err(error) = ledger.set_last_listing(now, facts.complete, settings.sync.zoom_retention)
            {
                tracing::warn!(%error, "that everything was listed cannot be written down");
            }
            let Plan { items, due, .. } = plan_recordings(&facts, &policy, zooms);
            let mut items: Vec<Option<Item>> = items.into_iter().map(Some).collect();
            due.into_iter().filter_map(|number| items[number].take()).collect()
        }
        Err(error) => {
            tracing::info!(%error, "fresh recordings cannot be listed just now");
            Vec::new()
        }
    }
}

/// Where a run gathers from.
pub(super) fn fact_sources<'a>(services: &'a Services, settings: &'a Settings, ledger: &'a Ledger) -> FactSources<'a> {
    FactSources {
        zoom: &services.zoom,
        kaltura: &services.kaltura,
        ledger,
        owner: &settings.owner,
        lists: &settings.filter.lists,
    }
}
