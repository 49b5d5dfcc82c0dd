//! Hosts and meetings that a person asked for by name: who is meant, and which of the names nobody knows. A slip of the pen is
//! not "nothing to do".

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Selection;
use crate::ledger::{Ledger, LedgerError};
use crate::model::near_whole;
use crate::model::{HostId, Segment, one_line};
use crate::remotes::http::{RemoteError, RemoteKind, Service};
use crate::remotes::zoom::Zoom;

/// Hosts chosen by address are matched by their ids as well: the listing may leave addresses out, and an address in it that is
/// not the host's own says nothing.
pub async fn match_by_id(zoom: &Zoom, selection: &Selection, listed: &[Segment]) -> Result<Selection, RemoteError> {
    let mut selection = selection.clone();
    let tells_addresses = listed.iter().all(|segment| segment.meeting.host_email.is_some());
    let addresses: Vec<String> = selection.users.iter().filter(|user| user.contains('@')).cloned().collect();
    for address in addresses {
        let host = match zoom.host(&HostId::new(address)).await {
            // whom it concerns is reported where the listing does not know them either
            Err(_) if tells_addresses => continue,
            host => host?,
        };
        selection.users.extend(host.and_then(|host| host.id).map(|id| id.to_string()));
    }
    Ok(selection)
}

/// An error for each name of `selection` that neither what is listed, nor the ledger, nor Zoom knows, and for each that Zoom
/// could not be asked for.
pub async fn find_misnamed(
    zoom: &Zoom,
    ledger: &Ledger,
    selection: &Selection,
    listed: &[Segment],
) -> Result<Vec<RemoteError>, LedgerError> {
    let mut wrong = Vec::new();
    if selection.users.is_empty() && selection.meetings.is_empty() {
        return Ok(wrong);
    }
    let hosts = ledger.host_addresses()?;
    let in_ledger =
        |user: &str| hosts.iter().any(|(id, email)| id.as_str() == user || email.eq_ignore_ascii_case(user));
    for user in &selection.users {
        let only = Selection { users: vec![user.clone()], meetings: Vec::new() };
        if in_ledger(user) || listed.iter().any(|segment| only.includes(segment)) {
            continue;
        }
        match zoom.host(&HostId::new(user.as_str())).await {
            // Zoom takes `me` for an id, too
            Ok(Some(host)) if user.contains('@') || host.id.as_ref().is_none_or(|id| id.as_str() == user) => {}
            Ok(_) => {
                let meant = did_you_mean(user, &known_hosts(&hosts, listed)).unwrap_or_default();
                wrong.push(is_nobody(format!("--user {}: Zoom knows no such user{meant}", one_line(user))));
            }
            Err(error) => wrong.push(name_error(&format!("--user {}", one_line(user)), error)),
        }
    }
    for meeting in &selection.meetings {
        let only = Selection { users: Vec::new(), meetings: vec![meeting.clone()] };
        if listed.iter().any(|segment| only.includes(segment)) {
            continue;
        }
        match zoom.has_recordings(meeting).await {
            Ok(true) => {}
            Ok(false) => {
                let meant = did_you_mean(meeting, &known_meetings(listed));
                let meant = meant.as_deref().unwrap_or("; check the number or UUID");
                wrong.push(is_nobody(format!(
                    "--meeting {}: Zoom has no recordings of such a meeting{meant}",
                    one_line(meeting)
                )));
            }
            Err(error) => wrong.push(name_error(&format!("--meeting {}", one_line(meeting)), error)),
        }
    }
    Ok(wrong)
}

/// The end of a message about a host or meeting that nobody knows: the one that may have been meant, if any.
pub fn suggest_meant(wrong: &str, ledger: &Ledger, listed: &[Segment]) -> Result<Option<String>, LedgerError> {
    let mut known = [known_hosts(&ledger.host_addresses()?, listed), known_meetings(listed)].concat();
    // hosts are known in any letter case
    known.retain(|known| !known.eq_ignore_ascii_case(wrong));
    Ok(did_you_mean(wrong, &known))
}

/// The same of a name that may be one of `known`.
#[must_use]
pub fn did_you_mean(wrong: &str, known: &[String]) -> Option<String> {
    let known: BTreeSet<&str> = known.iter().map(String::as_str).filter(|known| *known != wrong).collect();
    near_whole(wrong, known).map(|meant| format!("; did you mean {}?", one_line(meant)))
}

fn known_hosts(remembered: &BTreeMap<HostId, String>, listed: &[Segment]) -> Vec<String> {
    let listed = listed.iter().filter_map(|segment| segment.meeting.host_email.clone());
    remembered.values().cloned().chain(listed).collect()
}

fn known_meetings(listed: &[Segment]) -> Vec<String> {
    let names = |segment: &Segment| [segment.meeting.number.to_string(), segment.meeting.uuid.to_string()];
    listed.iter().flat_map(names).collect()
}

fn is_nobody(message: String) -> RemoteError {
    RemoteError::new(Service::Zoom, RemoteKind::Rejected, message)
}

fn name_error(what: &str, error: RemoteError) -> RemoteError {
    RemoteError { message: format!("{what}: {}", error.message), ..error }
}
