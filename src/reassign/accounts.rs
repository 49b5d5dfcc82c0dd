//! Between which accounts copies can be handed.

use std::collections::BTreeSet;

use super::suggestion::suggest_account;
use super::{ReassignError, ReassignSources};
use crate::model::KalturaUserId;

/// Whose the copies are, and whose they are to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPair {
    /// As Kaltura spells it where it knows it.
    pub from: KalturaUserId,
    /// Whether Kaltura has an active user of that id.
    pub from_is_active: bool,
    /// An active user.
    pub to: KalturaUserId,
}

/// Looks both up, or says why nothing is handed between them.
pub async fn find_account_pair(
    origins: ReassignSources<'_>,
    from: &str,
    to: &str,
) -> Result<AccountPair, ReassignError> {
    let refused = |why: String| Err(ReassignError::Refused(why));
    if from.trim().is_empty() || to.trim().is_empty() {
        return refused("FROM and TO are ids of Kaltura users, and neither can be empty".to_owned());
    }
    if is_same_user(from, to) {
        return refused("FROM and TO are the same account".to_owned());
    }
    let keepers = list_keepers(origins)?;
    if keepers.iter().any(|keeper| is_same_user(keeper, from)) {
        return refused(format!(
            "{from:?} holds what nobody owns: give the host an account by a line in owner.aliases, and the next sync hands their orphans over"
        ));
    }
    if keepers.iter().any(|keeper| is_same_user(keeper, to)) {
        return refused(format!("{to:?} holds what nobody owns, and what it holds is purged: name another account"));
    }
    let to = match origins.kaltura.active_user(to).await? {
        Some(user) if user.id.as_str() == to => user.id,
        Some(user) => return refused(format!("Kaltura spells {to:?} {:?}: give it so", user.id.as_str())),
        None => {
            let why = "does not exist in Kaltura, or is blocked, or is a group";
            let meant = suggest_account(origins, to).await?;
            return refused(if meant.is_empty() {
                format!("{to:?} {why}; create or unblock it first, as Kaltura would make a user of whatever it is sent")
            } else {
                format!("{to:?} {why}{meant}")
            });
        }
    };
    let known = origins.kaltura.active_user(from).await?.map(|user| user.id);
    let from_is_active = known.is_some();
    Ok(AccountPair { from: known.unwrap_or_else(|| KalturaUserId::new(from)), from_is_active, to })
}

/// The holding user, and those of earlier settings who still hold something.
fn list_keepers(origins: ReassignSources<'_>) -> Result<BTreeSet<String>, ReassignError> {
    let earlier = origins.ledger.orphans()?.into_iter().map(|orphan| orphan.keeper.to_string());
    Ok(earlier.chain([origins.holding_user.to_string()]).collect())
}

/// Kaltura compares ids without regard to case (recorded traffic).
fn is_same_user(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}
