//! Names on the command line that nobody knows. A slip of the pen is not "nothing to do".

use super::suggestion::suggest_account;
use super::{AccountPair, ReassignError, ReassignSources};
use crate::http::{RemoteError, RemoteKind, Service};
use crate::kaltura::AccountState;
use crate::misnamed::find_misnamed as of_selection;
use crate::model::Segment;
use crate::plan::Selection;
use crate::zoom::Zoom;

/// An error for each name that nobody knows: the account whose copies are to go, where `all` that lies in it is nothing,
/// and the hosts and meetings of which nothing lies in it.
pub async fn find_misnamed_copies(
    origins: ReassignSources<'_>,
    zoom: &Zoom,
    accounts: &AccountPair,
    selection: &Selection,
    all: &[Segment],
) -> Result<Vec<RemoteError>, ReassignError> {
    let mut wrong = Vec::new();
    if all.is_empty() && !accounts.from_is_active {
        let from = accounts.from.to_string();
        let state = origins.kaltura.account_states(std::slice::from_ref(&from)).await?.pop();
        if state.transpose()? == Some(AccountState::Gone) {
            let meant = suggest_account(origins, &from).await?;
            let message = format!("FROM {from:?}: Kaltura knows no such user, and no copy belongs to one{meant}");
            wrong.push(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message));
        }
    }
    let mut unknown = selection.clone();
    let mut known = Vec::new();
    for name in selection.users.iter().chain(&selection.meetings) {
        if origins.ledger.knows_name(name)? {
            known.push(name.clone());
        }
    }
    unknown.users.retain(|name| !known.contains(name));
    unknown.meetings.retain(|name| !known.contains(name));
    wrong.extend(of_selection(zoom, origins.ledger, &unknown, all).await?);
    Ok(wrong)
}
