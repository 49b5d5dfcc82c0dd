//! What a run works with, handed on as one: Zoom, Kaltura and the ledger, and the institution's word on whose a recording is.

use crate::ledger::Ledger;
use crate::owners::OwnerSettings;
use crate::owners::people::Lists;
use crate::remotes::kaltura::Kaltura;
use crate::remotes::zoom::Zoom;

/// The systems that a run works with, and the settings by which it tells whose a recording is.
#[derive(Clone, Copy, Debug)]
pub struct Systems<'a> {
    /// Has the recordings, and knows their hosts.
    pub zoom: &'a Zoom,
    /// Has the copies and the accounts.
    pub kaltura: &'a Kaltura,
    /// Remembers what earlier runs did.
    pub ledger: &'a Ledger,
    /// How accounts are found, and who holds what nobody owns.
    pub owner: &'a OwnerSettings,
    /// Who opts out, and who opts in.
    pub lists: &'a Lists,
}
