//! `retry`: makes what failed due at once. Takes no lock, so that it works beside a run.

use chrono::Utc;

use super::Skin;
use super::failure::Failure;
use super::world::identity;
use crate::cli::RetryArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::model::one_line;

/// Says which recordings are due again; the next `sync` takes them.
pub(super) fn retry(args: &RetryArgs, settings: &Settings, skin: &mut Skin<'_>) -> Result<Exit, Failure> {
    let now = Utc::now();
    let ledger = Ledger::beside(&settings.state_dir, &identity(settings))?;
    let due = match ledger {
        Some(ledger) => ledger.retry(&args.ids, &skin.run, now)?,
        None => std::collections::BTreeSet::default(),
    };
    if due.is_empty() {
        writeln!(skin.out, "nothing has failed")?;
    }
    for again in due {
        writeln!(skin.out, "due again: {:?} of {}", one_line(&again.topic), again.recording_start)?;
    }
    Ok(Exit::Good)
}
