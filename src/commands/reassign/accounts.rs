//! Between which accounts copies can be handed.
//!
//! Where it is looked for what is to be handed over, and why nothing may be.
//!
//! Which account a misspelt one may have been meant to be.
//!
//! Names on the command line that nobody knows. A slip of the pen is not "nothing to do".

use std::collections::BTreeSet;

use crate::copying::misnamed::{did_you_mean, find_misnamed as of_selection};
use crate::copying::plan::Selection;
use crate::copying::systems::Systems;
use crate::ledger::LedgerError;
use crate::model::{KalturaUserId, Segment};
use crate::remotes::http::{RemoteError, RemoteKind, Service};
use crate::remotes::kaltura::AccountState;

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
pub async fn find_account_pair(systems: Systems<'_>, from: &str, to: &str) -> Result<AccountPair, ReassignError> {
    let refused = |why: String| Err(ReassignError::Refused(why));
    if from.trim().is_empty() || to.trim().is_empty() {
        return refused("FROM and TO are ids of Kaltura users, and neither can be empty".to_owned());
    }
    if is_same_user(from, to) {
        return refused("FROM and TO are the same account".to_owned());
    }
    let keepers = list_keepers(systems)?;
    if keepers.iter().any(|keeper| is_same_user(keeper, from)) {
        return refused(format!(
            "{from:?} is a holding user, and its copies are orphans: give the host an account with a line in owner.aliases, and the next sync hands the orphans over"
        ));
    }
    if keepers.iter().any(|keeper| is_same_user(keeper, to)) {
        return refused(format!("{to:?} is a holding user, whose copies purge deletes: name another account"));
    }
    let to = match systems.kaltura.active_user(to).await? {
        Some(user) if user.id.as_str() == to => user.id,
        Some(user) => return refused(format!("Kaltura spells {to:?} as {:?}: use that spelling", user.id.as_str())),
        None => {
            let why = "does not exist in Kaltura, or is blocked, or is a group";
            let meant = suggest_account(systems, to).await?;
            let advice = "; create or unblock it first, because Kaltura would make a user of any id that it is sent";
            return refused(format!("{to:?} {why}{}", meant.as_deref().unwrap_or(advice)));
        }
    };
    let known = systems.kaltura.active_user(from).await?.map(|user| user.id);
    let from_is_active = known.is_some();
    Ok(AccountPair { from: known.unwrap_or_else(|| KalturaUserId::new(from)), from_is_active, to })
}

/// The holding user, and those of earlier settings who still hold something.
fn list_keepers(systems: Systems<'_>) -> Result<BTreeSet<String>, ReassignError> {
    let earlier = systems.ledger.orphans()?.into_iter().map(|orphan| orphan.keeper.to_string());
    Ok(earlier.chain([systems.owner.holding_user.to_string()]).collect())
}

/// Kaltura compares ids without regard to case (facts-kaltura.md#k10).
fn is_same_user(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

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

/// The end of a message about an account that nobody knows: the one that may have been meant, if any.
pub(super) async fn suggest_account(systems: Systems<'_>, wrong: &str) -> Result<Option<String>, ReassignError> {
    let mut known = systems.ledger.owners()?;
    // it is a help and no more: without it the message is as true
    known.extend(systems.kaltura.accounts_like(wrong).await.unwrap_or_default());
    known.retain(|name| name != systems.owner.holding_user.as_str());
    Ok(did_you_mean(wrong, &known))
}

/// An error for each name that nobody knows: the account whose copies are to go, where `all` that lies in it is nothing,
/// and the hosts and meetings of which nothing lies in it.
pub async fn find_misnamed_copies(
    systems: Systems<'_>,
    accounts: &AccountPair,
    selection: &Selection,
    all: &[Segment],
) -> Result<Vec<RemoteError>, ReassignError> {
    let mut wrong = Vec::new();
    if all.is_empty() && !accounts.from_is_active {
        let from = accounts.from.to_string();
        let state = systems.kaltura.account_states(std::slice::from_ref(&from)).await?.pop();
        if state.transpose()? == Some(AccountState::Gone) {
            let meant = suggest_account(systems, &from).await?.unwrap_or_default();
            let message = format!("FROM {from:?}: Kaltura knows no such user, and no copy belongs to it{meant}");
            wrong.push(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message));
        }
    }
    let mut unknown = selection.clone();
    let mut known = Vec::new();
    for name in selection.users.iter().chain(&selection.meetings) {
        if systems.ledger.knows_name(name)? {
            known.push(name.clone());
        }
    }
    unknown.users.retain(|name| !known.contains(name));
    unknown.meetings.retain(|name| !known.contains(name));
    wrong.extend(of_selection(systems.zoom, systems.ledger, &unknown, all).await?);
    Ok(wrong)
}
