//! Who the hosts are: what the listing tells, what is remembered, and what Zoom is asked for.

use std::collections::{BTreeMap, HashMap};

use super::OwnerRules;
use crate::http::RemoteError;
use crate::model::{HostId, HostProfile, Meeting, Owner, OwnerProblem, Segment, SegmentKey};
use crate::zoom::{Host, Zoom};

/// After so many errors in a row Zoom is not asked for hundreds of others, with a wait for each.
const ENOUGH: usize = 3;

/// The hosts of some segments.
#[derive(Debug, Default)]
pub struct Profiles {
    /// The host of each segment, or why there is no owner without one.
    pub of: BTreeMap<SegmentKey, Result<HostProfile, Owner>>,
    /// Those that Zoom was asked for, to be remembered.
    pub asked: BTreeMap<HostId, HostProfile>,
    /// What went wrong at single hosts; the others were found all the same.
    pub trouble: Vec<RemoteError>,
}

/// Finds out who hosted `segments`. Each host whom the listing does not tell and who is not `remembered` is asked for
/// once.
pub async fn profiles(
    zoom: &Zoom,
    rules: &OwnerRules,
    segments: &[&Segment],
    remembered: &BTreeMap<HostId, HostProfile>,
) -> Profiles {
    let mut found = Profiles::default();
    let mut hosts: HashMap<HostId, Result<HostProfile, Owner>> = HashMap::new();
    let mut failed_in_a_row = 0;
    for segment in segments {
        let meeting = &segment.meeting;
        let profile = if let Some(told) = told(meeting, rules, remembered) {
            Ok(told)
        } else if let Some(known) = hosts.get(&meeting.host_id) {
            known.clone()
        } else if let Some(error) = found.trouble.last().filter(|_| failed_in_a_row >= ENOUGH) {
            Err(Owner::Unknown(error.to_string()))
        } else {
            let asked = ask(zoom, &meeting.host_id, rules, &mut found.trouble).await;
            if let Ok(profile) = &asked {
                found.asked.insert(meeting.host_id.clone(), profile.clone());
            }
            failed_in_a_row = if matches!(asked, Err(Owner::Unknown(_))) { failed_in_a_row + 1 } else { 0 };
            hosts.insert(meeting.host_id.clone(), asked.clone());
            asked
        };
        found.of.insert(segment.key(), profile);
    }
    found
}

/// The host as the listing tells them, or as they are remembered, if that is all that is needed.
fn told(meeting: &Meeting, rules: &OwnerRules, remembered: &BTreeMap<HostId, HostProfile>) -> Option<HostProfile> {
    let needed = rules.attributes();
    if let Some(email) = meeting.host_email.as_ref().filter(|_| needed.is_empty()) {
        return Some(HostProfile { email: email.clone(), ..HostProfile::default() });
    }
    let known = remembered.get(&meeting.host_id)?;
    needed.iter().all(|name| known.attributes.contains_key(*name)).then(|| known.clone())
}

/// The host as Zoom knows them; what they lack is remembered as empty.
async fn ask(
    zoom: &Zoom,
    id: &HostId,
    rules: &OwnerRules,
    trouble: &mut Vec<RemoteError>,
) -> Result<HostProfile, Owner> {
    let unknown = Owner::NoAccount(OwnerProblem::HostUnknown);
    if id.as_str().is_empty() {
        return Err(unknown);
    }
    match zoom.host(id).await {
        Ok(Some(Host { email: Some(email), attributes, .. })) => {
            let value = |name: &&str| attributes.get(*name).cloned().unwrap_or_default();
            let needed = rules.attributes().into_iter().map(|name| (name.to_owned(), value(&name)));
            Ok(HostProfile { email, attributes: needed.collect() })
        }
        Ok(_) => Err(unknown),
        Err(error) => {
            let owner = Owner::Unknown(error.to_string());
            trouble.push(error);
            Err(owner)
        }
    }
}
