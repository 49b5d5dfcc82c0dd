//! Which installation of this program runs here.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::Settings;
use crate::http::RemoteError;
use crate::kaltura::Kaltura;
use crate::ledger::{Ledger, LedgerError};
use crate::model::{Installation, InstallationPlace};

/// What is said where a ledger comes from another machine.
pub(super) const MOVED: &str = "the ledger was made on another machine, or for another installation: copies go on, and purge, taking back and Zoom's trash wait; if the other one is not at work any more, run sync --take-over once";

/// So long what is known of other installations is new enough.
const OTHERS_LIFE: TimeDelta = TimeDelta::hours(12);

/// The installation that is at work here. A ledger that cannot be read is reported when it is opened.
pub(super) fn this_installation(settings: &Settings) -> Installation {
    let machine_id = settings.machine_id_file.as_ref().and_then(|file| fs::read_to_string(file).ok());
    let place = InstallationPlace {
        machine_id: machine_id.as_deref().unwrap_or_default(),
        state_dir: &settings.state_dir.to_string_lossy(),
        zoom_account: &settings.zoom.account_id,
        partner_id: settings.kaltura.partner_id,
        configured: settings.installation.as_ref(),
    };
    let kept = Ledger::kept_installation(&settings.state_dir).ok().flatten();
    Installation::at(place, kept.as_ref())
}

/// Signs what other installations left in place of them: from now on it is this one's. What could not be signed is reported,
/// and stays theirs.
pub(super) async fn take_over_entries(kaltura: &Kaltura) -> Result<Vec<RemoteError>, RemoteError> {
    let left = kaltura.left_by_others().await?;
    let not_taken: Vec<RemoteError> = kaltura.sign(&left).await?.into_iter().filter_map(Result::err).collect();
    tracing::info!(entries = left.len() - not_taken.len(), "entries were taken over from other installations");
    Ok(not_taken.into_iter().map(RemoteError::about_one).collect())
}

/// Asks now and then for other installations of the same account, for `status`. Where Kaltura does not tell, what is known
/// stays.
pub(super) async fn note_others(kaltura: &Kaltura, ledger: &Ledger, now: DateTime<Utc>) -> Result<(), LedgerError> {
    let (_, asked) = ledger.others()?;
    // a run that has nothing to ask Kaltura asks nothing
    if kaltura.now().is_none() || asked.is_some_and(|asked| asked <= now && now - asked < OTHERS_LIFE) {
        return Ok(());
    }
    match kaltura.others().await {
        Ok(others) => ledger.remember_others(&others, now),
        Err(error) => {
            tracing::info!(%error, "other installations cannot be asked for just now");
            Ok(())
        }
    }
}
