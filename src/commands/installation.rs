//! Which installation of this program runs here.

use std::fs;

use crate::config::Settings;
use crate::ledger::Ledger;
use crate::model::{Installation, InstallationPlace};

/// What is said where a ledger comes from another machine.
pub(super) const MOVED: &str = "the ledger was made on another machine, or for another installation: copies go on, and purge, taking back and Zoom's trash wait; if the other one is not at work any more, run sync --take-over once";

/// The installation that is at work here. A ledger that cannot be read is told when it is opened.
pub(super) fn installation(settings: &Settings) -> Installation {
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
