//! Where a purge looks.

use crate::kaltura::Kaltura;
use crate::ledger::Ledger;
use crate::owners::OwnerSettings;
use crate::people::Lists;
use crate::zoom::Zoom;

/// Where evidence comes from.
#[derive(Clone, Copy, Debug)]
pub struct PurgeSources<'a> {
    /// The hosts.
    pub zoom: &'a Zoom,
    /// The copies and the accounts.
    pub kaltura: &'a Kaltura,
    /// What earlier runs did.
    pub ledger: &'a Ledger,
    /// How accounts are found, and who holds what nobody owns.
    pub owner: &'a OwnerSettings,
    /// Who opts out, and who opts in.
    pub lists: &'a Lists,
    /// Whether what has an owner by now is handed over.
    pub adopt: bool,
}
