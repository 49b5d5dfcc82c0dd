//! What a run found of the remote sides, and what of an outage reaches cron's mail: its begin, once a day that it lasts, and
//! its end.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::io::IsTerminal;
use std::sync::atomic::Ordering;

use chrono::Utc;

use super::CommandContext;
use super::failure::Failure;
use super::setup::Run;
use super::status::read_standing;
use crate::copying::apply::Outcome;
use crate::exit::Exit;
use crate::ledger::{Found, Ledger, LedgerError};
use crate::output::notify::{AlertState, find_alert_states};
use crate::output::status::{Alarm, resolved_text};
use crate::remotes::http::{RemoteError, Service};

/// Who reads what a run writes on stderr.
const READER: &str = "stderr";

/// Writes down what the run found, says what ended, and hushes a run that has nothing new to say of an outage.
pub(super) fn note_outages(
    run: Run<'_>,
    ledger: &Ledger,
    (outcome, exit): (&Result<Outcome, Failure>, Exit),
    context: &CommandContext<'_>,
) -> Result<(), LedgerError> {
    let tally = run.services.clients.calls.tally();
    let down = list_down(outcome);
    let found = |service: Service| {
        if down.contains(&service) {
            Found::Down
        } else if tally.get(&(service.word(), "ok")).is_some_and(|calls| *calls > 0) {
            Found::Up
        } else {
            Found::Nothing
        }
    };
    let now = Utc::now();
    ledger.note_outages(found, now)?;
    let open = ledger.outages()?.into_iter().filter(|outage| outage.ended.is_none());
    let present: BTreeMap<&'static str, BTreeSet<String>> =
        open.map(|outage| (Alarm::outage_word(outage.service), BTreeSet::new())).collect();
    let remind_after = run.settings.notify.receivers.remind_after;
    let news = find_alert_states(&present, &ledger.told(READER)?, remind_after, now);
    let over: Vec<&String> =
        news.iter().filter(|(_, (state, _))| *state == AlertState::Over).map(|(word, _)| word).collect();
    if !over.is_empty() {
        let (status, _) = read_standing(run.settings, ledger)?;
        for word in over {
            tracing::warn!("{}", resolved_text(word, &status));
        }
    }
    let is_begun = news.values().any(|(state, _)| *state != AlertState::Over);
    let hushed = exit == Exit::Outage && !is_begun && !io::stderr().is_terminal();
    context.hushed.store(hushed, Ordering::Relaxed);
    ledger.set_told(READER, &news.into_iter().map(|(word, (_, told))| (word, told)).collect())
}

/// The sides that were down for the run.
fn list_down(outcome: &Result<Outcome, Failure>) -> Vec<Service> {
    let errors: Vec<&RemoteError> = match outcome {
        Ok(outcome) => outcome.trouble.iter().collect(),
        Err(failure) => failure.error.iter().filter_map(|error| error.downcast_ref::<RemoteError>()).collect(),
    };
    errors.into_iter().filter(|error| error.is_outage()).map(|error| error.service).collect()
}
