//! Looking again while a run lasts: what is new, and what was not settled when it began, is listed again.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::setup::{Run, cautious_policy};
use crate::copying::gather::{GatheredFacts, gather_facts};
use crate::copying::plan::{Item, Plan, Policy, Scope, is_lookback_due, plan_recordings};
use crate::ledger::Ledger;
use crate::model::Window;

/// What is listed again, and by which rules it is decided.
pub(super) struct Look {
    pub(super) scope: Scope,
    pub(super) rules: Policy,
    /// Where it goes on to the present day, and back over the days that every run lists.
    pub(super) recent: Option<LookBack>,
}

/// When the days of `lookback` were last listed. A long run lists them as often as short ones do.
pub(super) struct LookBack(Mutex<Option<DateTime<Utc>>>);

impl LookBack {
    /// They last were then, by this run or an earlier one.
    pub(super) fn since(last: Option<DateTime<Utc>>) -> LookBack {
        LookBack(Mutex::new(last))
    }

    /// The days to list by now, back to `from` at least, and whether they are as many as that.
    fn choose_window(&self, from: NaiveDate, lookback: TimeDelta, now: DateTime<Utc>) -> (Window, bool) {
        let today = now.date_naive();
        let is_far = is_lookback_due(*self.last(), now);
        let back = if is_far { lookback } else { TimeDelta::days(1) };
        (Window { from: from.min(today - back), to: today + Days::new(1) }, is_far)
    }

    fn last(&self) -> MutexGuard<'_, Option<DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is to be copied now. What goes wrong is left to the next run.
pub(super) async fn list_new_work(run: Run<'_>, ledger: &Ledger, looks: &[Look]) -> Vec<Item> {
    let mut found = Vec::new();
    for look in looks {
        found.extend(Box::pin(list_anew(run, ledger, look)).await);
    }
    found
}

async fn list_anew(run: Run<'_>, ledger: &Ledger, look: &Look) -> Vec<Item> {
    let now = Utc::now();
    let zoom_now = run.services.zoom.now().unwrap_or(now);
    let (window, lookback) = (look.scope.window, run.settings.sync.lookback);
    let recent = look.recent.as_ref().map(|recent| (recent, recent.choose_window(window.from, lookback, zoom_now)));
    let scope = Scope { window: recent.map_or(window, |(_, (days, _))| days), ..look.scope.clone() };
    let rules = cautious_policy(look.rules.clone(), &run.services.installation);
    match Box::pin(gather_facts(run.systems(ledger), &scope, rules, zoom_now)).await {
        Ok(GatheredFacts { facts, policy, read_through, .. }) => {
            // a run that takes long keeps no other from having seen what is new: this one has
            if let Some((recent, (_, true))) = recent
                && facts.complete
            {
                *recent.last() = Some(zoom_now);
            }
            if recent.is_some()
                && read_through
                && let Err(error) = ledger.set_last_listing(now, facts.complete, run.settings.sync.zoom_retention)
            {
                tracing::warn!(%error, "the ledger cannot record that everything was listed");
            }
            let Plan { items, due, .. } = plan_recordings(facts, &policy, zoom_now);
            let mut items: Vec<Option<Item>> = items.into_iter().map(Some).collect();
            due.into_iter().filter_map(|number| items[number].take()).collect()
        }
        Err(error) => {
            tracing::info!(%error, "new recordings cannot be listed just now; the next run lists them");
            Vec::new()
        }
    }
}
