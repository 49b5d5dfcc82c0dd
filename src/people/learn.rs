//! Finding out which Zoom users are behind the addresses of the lists: Zoom is asked once for each, and what it says of
//! hosts on the way counts too.

use futures_util::future::join_all;

use super::behind::{Behind, Link};
use super::consent::names_of;
use super::{Consent, ListName};
use crate::model::{HostId, one_line};
use crate::zoom::Zoom;

/// Addresses asked for at a time, once Zoom has answered.
const SIDE_BY_SIDE: usize = 8;

/// Addresses asked for in a run: the rest of a very long list by the next ones.
const AT_MOST: usize = 1000;

/// What is new: of the hosts that Zoom told of in this run, and of addresses that opted out and that nothing was known of.
pub async fn learn_links<'a>(
    zoom: &Zoom,
    consent: &Consent,
    told: impl Iterator<Item = (&'a HostId, &'a str)>,
) -> Vec<(ListName, Link)> {
    let (mut out, mut into) = (consent.behind.opt_out.clone(), consent.behind.opt_in.clone());
    let mut links: Vec<(ListName, Link)> =
        consent.found_behind.iter().map(|link| (ListName::OptIn, link.clone())).collect();
    for (user, email) in told.filter(|(user, _)| !user.as_str().is_empty()) {
        for address in names_of(email) {
            let link = || (address.clone(), Some(user.clone()));
            if out.addresses.contains(&address) {
                links.extend(note_link(&mut out, link()).map(|link| (ListName::OptOut, link)));
            }
            let agreed =
                into.addresses.contains(&address) && (consent.accepts || into.other(&address, user.as_str()).is_none());
            if agreed && into.note(link()) {
                links.push((ListName::OptIn, link()));
            }
        }
    }
    links.extend(ask_zoom(zoom, &mut out).await.into_iter().map(|link| (ListName::OptOut, link)));
    links
}

/// Asks for the addresses of which nothing is known. Those that Zoom cannot tell just now are asked for by the next run.
pub(super) async fn ask_zoom(zoom: &Zoom, behind: &mut Behind) -> Vec<Link> {
    let mut links = Vec::new();
    let unknown = behind.unknown();
    let mut rest = &unknown[..unknown.len().min(AT_MOST)];
    let mut at_a_time = 1;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(at_a_time.min(rest.len()));
        let ids: Vec<HostId> = now.iter().map(|address| HostId::new(address.as_str())).collect();
        let answers = join_all(ids.iter().map(|id| zoom.host(id))).await;
        for (address, answer) in now.iter().zip(answers) {
            let user = match answer {
                Ok(host) => host.and_then(|host| host.id).filter(|id| !id.as_str().is_empty()),
                Err(error) if error.is_outage() || error.ends_the_run() => {
                    tracing::info!(%error, "who is on a list is known by the address alone for now");
                    return links;
                }
                // what Zoom refuses of one address it refuses the next time too
                Err(_) => None,
            };
            links.extend(note_link(behind, (address.clone(), user)));
        }
        (rest, at_a_time) = (later, SIDE_BY_SIDE);
    }
    links
}

/// Takes a link in, and tells where the address was another's.
fn note_link(behind: &mut Behind, link: Link) -> Option<Link> {
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
