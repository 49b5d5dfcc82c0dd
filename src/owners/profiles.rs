//! Who the hosts are: what the listing tells, what is remembered, and what Zoom is asked for.

use std::collections::{BTreeMap, HashMap};

use super::OwnerRules;
use crate::http::RemoteError;
use crate::ledger::Ledger;
use crate::model::{HostId, HostProfile, KalturaUserId, Meeting, Owner, Segment, SegmentKey};
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

/// What is known of a host who was asked for.
#[derive(Clone)]
enum Asked {
    Known(HostProfile),
    /// Zoom has no such user any more, or one without an address; whose the recordings were before.
    Departed(Option<KalturaUserId>),
    Failed(String),
}

/// Finds out who hosted `segments`. Each host whom the listing does not tell and who is not `remembered` is asked for
/// once; of one whom Zoom no longer has the ledger tells whose the recordings were.
pub async fn profiles(
    zoom: &Zoom,
    ledger: &Ledger,
    rules: &OwnerRules,
    segments: &[&Segment],
    remembered: &BTreeMap<HostId, HostProfile>,
) -> Profiles {
    let mut found = Profiles::default();
    let mut hosts: HashMap<HostId, Asked> = HashMap::new();
    let mut failed_in_a_row = 0;
    for segment in segments {
        let meeting = &segment.meeting;
        let profile = if let Some(told) = told(meeting, rules, remembered) {
            Ok(told)
        } else if let Some(known) = hosts.get(&meeting.host_id) {
            of_meeting(known.clone(), meeting)
        } else if let Some(error) = found.trouble.last().filter(|_| failed_in_a_row >= ENOUGH) {
            Err(Owner::Unknown(error.to_string()))
        } else {
            let asked = ask(zoom, ledger, &meeting.host_id, rules, &mut found.trouble).await;
            if let Asked::Known(profile) = &asked {
                found.asked.insert(meeting.host_id.clone(), profile.clone());
            }
            failed_in_a_row = if matches!(asked, Asked::Failed(_)) { failed_in_a_row + 1 } else { 0 };
            hosts.insert(meeting.host_id.clone(), asked.clone());
            of_meeting(asked, meeting)
        };
        found.of.insert(segment.key(), profile);
    }
    // what Zoom refuses for one host while it tells of others needs nobody to grant anything
    if hosts.values().any(|asked| !matches!(asked, Asked::Failed(_))) {
        found.trouble = found.trouble.into_iter().map(RemoteError::of_one_if_refused).collect();
    }
    found
}

/// What is to go by for one meeting of a host: of one whom Zoom no longer has the address in its list.
fn of_meeting(asked: Asked, meeting: &Meeting) -> Result<HostProfile, Owner> {
    match asked {
        Asked::Known(profile) => Ok(profile),
        Asked::Failed(why) => Err(Owner::Unknown(why)),
        Asked::Departed(last_owner) => {
            let email = meeting.host_email.clone().unwrap_or_default();
            Ok(HostProfile { email, last_owner, ..HostProfile::default() })
        }
    }
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
async fn ask(zoom: &Zoom, ledger: &Ledger, id: &HostId, rules: &OwnerRules, trouble: &mut Vec<RemoteError>) -> Asked {
    if id.as_str().is_empty() {
        return Asked::Departed(None);
    }
    match zoom.host(id).await {
        Ok(Some(Host { email: Some(email), attributes, .. })) => {
            let value = |name: &&str| attributes.get(*name).cloned().unwrap_or_default();
            let needed = rules.attributes().into_iter().map(|name| (name.to_owned(), value(&name)));
            Asked::Known(HostProfile { email, attributes: needed.collect(), last_owner: None })
        }
        // on a ledger that cannot be read nothing may be decided
        Ok(_) => ledger.last_owner(id).map_or_else(|error| Asked::Failed(error.to_string()), Asked::Departed),
        Err(error) => {
            let why = error.to_string();
            trouble.push(error);
            Asked::Failed(why)
        }
    }
}
