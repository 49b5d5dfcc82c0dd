//! Where it is looked for what is to be handed over, and why nothing may be.

use crate::http::RemoteError;
use crate::kaltura::Kaltura;
use crate::ledger::{Ledger, LedgerError};
use crate::model::KalturaUserId;

/// Why nothing can be handed over.
#[derive(Debug, thiserror::Error)]
pub enum ReassignError {
    /// The accounts are not ones between which anything is handed.
    #[error("{0}")]
    Refused(String),
    /// Kaltura did not answer as it should.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Where it is looked.
#[derive(Clone, Copy, Debug)]
pub struct ReassignSources<'a> {
    /// The entries and the accounts.
    pub kaltura: &'a Kaltura,
    /// What was copied to whom.
    pub ledger: &'a Ledger,
    /// Holds what nobody owns.
    pub holding_user: &'a KalturaUserId,
}
