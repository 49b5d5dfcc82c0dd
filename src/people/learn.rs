//! Finding out which Zoom users are behind the addresses that opted out: Zoom is asked once for each, and what it says of
//! hosts on the way counts too.

use futures_util::future::join_all;

use super::behind::{Behind, Link};
use super::consent::names_of;
use super::{Consent, ListName};
use crate::model::{HostId, one_line};
use crate::zoom::Zoom;

/// Addresses asked for at a time, once Zoom has answered.
const SIDE_BY_SIDE: usize = 8;

/// What is new: of the hosts that Zoom told of in this run, and of addresses that nothing was known of. Those that Zoom
/// cannot tell just now are asked for by the next run.
pub async fn learn<'a>(zoom: &Zoom, consent: &Consent, told: impl Iterator<Item = (&'a HostId, &'a str)>) -> Vec<Link> {
    let mut behind = consent.behind.clone();
    let mut links = Vec::new();
    for (user, email) in told.filter(|(user, _)| !user.as_str().is_empty()) {
        for address in names_of(email) {
            if behind.addresses.contains(&address) {
                links.extend(note(&mut behind, (address, Some(user.clone()))));
            }
        }
    }
    let unknown = behind.unknown();
    let mut rest = unknown.as_slice();
    let mut at_a_time = 1;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(at_a_time.min(rest.len()));
        let ids: Vec<HostId> = now.iter().map(|address| HostId::new(address.as_str())).collect();
        let answers = join_all(ids.iter().map(|id| zoom.host(id))).await;
        for (address, answer) in now.iter().zip(answers) {
            let user = match answer {
                Ok(host) => host.and_then(|host| host.id).filter(|id| !id.as_str().is_empty()),
                Err(error) if error.is_outage() || error.ends_the_run() => {
                    tracing::info!(%error, "who opted out is known by the address alone for now");
                    return links;
                }
                // what Zoom refuses of one address it refuses the next time too
                Err(_) => None,
            };
            links.extend(note(&mut behind, (address.clone(), user)));
        }
        (rest, at_a_time) = (later, SIDE_BY_SIDE);
    }
    links
}

/// Takes a link in, and tells where the address was another's.
fn note(behind: &mut Behind, link: Link) -> Option<Link> {
    let before = behind.users(&link.0).next().cloned();
    let is_new = behind.note(link.clone());
    if let (true, Some(before), Some(user)) = (is_new, before, &link.1) {
        tracing::warn!(
            "{}: the address {:?} belongs to another Zoom user: {}, before {}; the line counts for both until it is removed",
            ListName::OptOut.key(),
            one_line(&link.0),
            one_line(user.as_str()),
            one_line(before.as_str())
        );
    }
    is_new.then_some(link)
}
