//! Which account a misspelt one may have been meant to be.

use super::{ReassignError, ReassignSources};
use crate::misnamed::did_you_mean;

/// The end of a message about an account that nobody knows: the one that may have been meant, or nothing.
pub(super) async fn suggest_account(origins: ReassignSources<'_>, wrong: &str) -> Result<String, ReassignError> {
    let mut known = origins.ledger.owners()?;
    // it is a help and no more: without it the message is as true
    known.extend(origins.kaltura.accounts_like(wrong).await.unwrap_or_default());
    known.retain(|name| name != origins.holding_user.as_str());
    Ok(did_you_mean(wrong, &known))
}
