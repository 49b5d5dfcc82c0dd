//! Looking again while a run lasts: what is new, and what was not settled when it began, is listed again.

use chrono::{Days, Utc};

use super::setup::{Run, cautious_policy};
use crate::copying::gather::{GatheredFacts, gather_facts};
use crate::copying::plan::{Item, Plan, Policy, Scope, plan_recordings};
use crate::ledger::Ledger;
use crate::model::Window;

/// What is listed again, and by which rules it is decided.
pub(super) struct Look {
    pub(super) scope: Scope,
    pub(super) rules: Policy,
    /// Whether it goes on to the present day, and back over the days that every run lists.
    pub(super) is_recent: bool,
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
    let (today, window) = (zoom_now.date_naive(), look.scope.window);
    let recent = Window { from: window.from.min(today - run.settings.sync.lookback), to: today + Days::new(1) };
    let scope = Scope { window: if look.is_recent { recent } else { window }, ..look.scope.clone() };
    let rules = cautious_policy(look.rules.clone(), &run.services.installation);
    match Box::pin(gather_facts(run.systems(ledger), &scope, rules, zoom_now)).await {
        Ok(GatheredFacts { facts, policy, read_through, .. }) => {
            // a run that takes long keeps no other from having seen what is new: this one has
            if look.is_recent
                && read_through
                && let Err(error) = ledger.set_last_listing(now, facts.complete, run.settings.sync.zoom_retention)
            {
                tracing::warn!(%error, "the ledger cannot record that everything was listed");
            }
            let Plan { items, due, .. } = plan_recordings(&facts, &policy, zoom_now);
            let mut items: Vec<Option<Item>> = items.into_iter().map(Some).collect();
            due.into_iter().filter_map(|number| items[number].take()).collect()
        }
        Err(error) => {
            tracing::info!(%error, "new recordings cannot be listed just now; the next run lists them");
            Vec::new()
        }
    }
}
