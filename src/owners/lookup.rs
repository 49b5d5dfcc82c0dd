//! Finding the accounts: Zoom is asked where the listing does not tell the address, Kaltura whether it knows the user.

use std::collections::{BTreeMap, HashMap};

use super::rules::candidates;
use crate::http::RemoteError;
use crate::kaltura::Kaltura;
use crate::model::{HostId, KalturaUserId, Owner, OwnerProblem, Segment, SegmentKey};
use crate::zoom::Zoom;

/// What a look-up found.
#[derive(Debug, Default)]
pub struct LookUp {
    /// The owner of each segment asked for.
    pub owners: HashMap<SegmentKey, Owner>,
    /// The hosts' addresses that only Zoom's user list told.
    pub emails: BTreeMap<HostId, String>,
    /// What went wrong at single hosts; the others were found all the same.
    pub trouble: Vec<RemoteError>,
}

/// Looks up the owners of `segments`: each host that is not `remembered` and each id is asked for once.
pub async fn owners(
    zoom: &Zoom,
    kaltura: &Kaltura,
    segments: &[&Segment],
    remembered: &BTreeMap<HostId, String>,
) -> Result<LookUp, RemoteError> {
    let mut found = LookUp::default();
    let mut addresses: HashMap<SegmentKey, String> = HashMap::new();
    let mut hosts: HashMap<HostId, Result<String, Owner>> = HashMap::new();
    for segment in segments {
        let id = &segment.meeting.host_id;
        let address = if let Some(email) = &segment.meeting.host_email {
            Ok(email.clone())
        } else if let Some(email) = remembered.get(id) {
            Ok(email.clone())
        } else if let Some(known) = hosts.get(id) {
            known.clone()
        } else {
            let address = address_of(zoom, id, &mut found.trouble).await;
            hosts.insert(id.clone(), address.clone());
            address
        };
        match address {
            Ok(email) => {
                addresses.insert(segment.key(), email);
            }
            Err(owner) => {
                found.owners.insert(segment.key(), owner);
            }
        }
    }
    found.emails = hosts.into_iter().filter_map(|(id, address)| Some((id, address.ok()?))).collect();
    let known = known_users(kaltura, addresses.values()).await?;
    for (key, email) in addresses {
        let user = candidates(&email).into_iter().find_map(|id| known.get(&id).cloned());
        let owner = user.map_or(Owner::NoAccount(OwnerProblem::NoMatch), Owner::Account);
        found.owners.insert(key, owner);
    }
    Ok(found)
}

/// The host's address, or why there is no owner without it.
async fn address_of(zoom: &Zoom, id: &HostId, trouble: &mut Vec<RemoteError>) -> Result<String, Owner> {
    if id.as_str().is_empty() {
        return Err(Owner::NoAccount(OwnerProblem::HostUnknown));
    }
    match zoom.host(id).await {
        Ok(host) => host.and_then(|host| host.email).ok_or(Owner::NoAccount(OwnerProblem::HostUnknown)),
        Err(error) => {
            let owner = Owner::Unknown(error.to_string());
            trouble.push(error);
            Err(owner)
        }
    }
}

/// By each id that was tried: the active user it names.
async fn known_users(
    kaltura: &Kaltura,
    emails: impl Iterator<Item = &String>,
) -> Result<HashMap<String, KalturaUserId>, RemoteError> {
    let mut ids: Vec<String> = emails.flat_map(|email| candidates(email)).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let users = kaltura.active_users(&ids).await?;
    Ok(ids.into_iter().zip(users).filter_map(|(id, user)| Some((id, user?))).collect())
}
