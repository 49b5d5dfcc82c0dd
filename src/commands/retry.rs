//! `retry`: makes what failed due at once. Takes no lock, so that it works beside a run.

use chrono::{DateTime, Utc};

use super::CommandContext;
use super::failure::Failure;
use super::setup::ledger_identity;
use crate::cli::RetryArgs;
use crate::config::Settings;
use crate::copying::misnamed::did_you_mean;
use crate::exit::Exit;
use crate::ledger::{Ledger, LedgerError};
use crate::model::{Tracked, one_line};

/// Says which recordings are due again; the next `sync` takes them.
pub(super) fn run_retry(
    args: &RetryArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let now = Utc::now();
    let ledger = Ledger::beside(&settings.state_dir, &ledger_identity(settings))?;
    let due = match (ledger, args.ids.first()) {
        (Some(ledger), _) => match ledger.retry(&args.ids, &context.run, now) {
            Err(LedgerError::NothingSuch(id)) => {
                let meant = did_you_mean(&id, &recent_names(&ledger, now)?).unwrap_or_default();
                let message = format!("{}{meant}", LedgerError::NothingSuch(id));
                return Err(Failure::with_message(Exit::Configuration, message));
            }
            due => due?,
        },
        (None, Some(id)) => return Err(LedgerError::NothingSuch(id.clone()).into()),
        (None, None) => std::collections::BTreeSet::default(),
    };
    if due.is_empty() {
        writeln!(context.out, "nothing has failed")?;
    }
    for again in due {
        writeln!(context.out, "due again: {:?} of {}", one_line(&again.topic), again.recording_start)?;
    }
    Ok(Exit::Good)
}

/// What goes by which names of what is recent or owed, as far as it did not go well.
fn recent_names(ledger: &Ledger, now: DateTime<Utc>) -> Result<Vec<String>, LedgerError> {
    let tracked = ledger.tracked(now.date_naive())?;
    let failed = tracked.values().filter(|tracked| tracked.copies.iter().any(|copy| copy.attempts > 0));
    let of_segment = |tracked: &Tracked| {
        let meeting = &tracked.segment.meeting;
        let mut names = vec![meeting.uuid.to_string(), meeting.number.to_string()];
        for copy in &tracked.copies {
            names.push(copy.file_id.to_string());
            names.extend(copy.entry_id.as_ref().map(ToString::to_string));
        }
        names
    };
    Ok(failed.flat_map(of_segment).collect())
}
