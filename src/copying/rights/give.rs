//! Giving the rights that are due: who was there is asked of Zoom, whom Kaltura knows of Kaltura.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{Grant, Grants, added_rights};
use crate::copying::systems::Systems;
use crate::ledger::LedgerError;
use crate::model::{
    CopyState, EntryId, EntryStatus, HostId, HostProfile, KalturaUserId, Meeting, Owner, OwnerProblem, Tracked,
};
use crate::owners::look_up_accounts;
use crate::owners::people::Aliases;
use crate::remotes::http::{Breaker, Meaning, RemoteError, RemoteKind, Service};

/// Rights that could not be given are tried again after this long.
const TRY_AGAIN: TimeDelta = TimeDelta::days(1);
/// Where a remote side seems to be down: so long the others come first, as it may be this one meeting that it fails at.
const AFTER_THE_OTHERS: TimeDelta = TimeDelta::hours(1);

/// What rights are given with.
#[derive(Clone, Copy, Debug)]
pub struct RightsContext<'a> {
    /// Who gets what.
    pub grants: Grants,
    /// Who was there, where the copies are, and which of them rights are due on.
    pub systems: Systems<'a>,
    /// The alias file.
    pub aliases: &'a Aliases,
    /// Tells the run to end.
    pub cancel: &'a CancellationToken,
}

/// Gives what is due. What fails is reported, and due again later; where a remote side is down, so is the rest.
pub async fn give_rights(context: RightsContext<'_>) -> Result<Vec<RemoteError>, LedgerError> {
    let (mut trouble, mut refused, breaker) = (Vec::new(), Vec::new(), Breaker::default());
    if !context.grants.is_any() {
        return Ok(trouble);
    }
    for tracked in context.systems.ledger.rights_due(Utc::now())? {
        let Some(given) = context.cancel.run_until_cancelled(give_one(&tracked, context)).await else {
            // what was given and not written down is given once more, which changes nothing
            break;
        };
        match given {
            Ok(()) => {
                context.systems.ledger.rights_given(tracked.row)?;
                breaker.passed(Service::Zoom.word());
                breaker.passed(Service::Kaltura.word());
                for (tracked, error) in refused.drain(..) {
                    trouble.push(put_off_rights(&tracked, error, context)?);
                }
            }
            Err(error) if is_refused(&error) && !breaker.refused(error.service.word(), whose_rights(&tracked)) => {
                refused.push((tracked, error));
            }
            Err(error) if error.is_outage() || error.ends_the_run() => {
                if !error.ends_the_run() {
                    context.systems.ledger.rights_failed(tracked.row, Utc::now() + AFTER_THE_OTHERS)?;
                }
                trouble.push(error);
                break;
            }
            Err(error) => trouble.push(put_off_rights(&tracked, error, context)?),
        }
    }
    for (tracked, error) in refused {
        if breaker.is_open(error.service.word(), whose_rights(&tracked)) {
            continue;
        }
        // a scope that is missing is missing for all, unless others got through
        let is_for_all = !error.may_be_about_one();
        trouble.push(if is_for_all { error } else { put_off_rights(&tracked, error, context)? });
    }
    Ok(trouble)
}

/// Leaves the rights on one copy for later, and tells why.
fn put_off_rights(
    tracked: &Tracked,
    error: RemoteError,
    context: RightsContext<'_>,
) -> Result<RemoteError, LedgerError> {
    context.systems.ledger.rights_failed(tracked.row, Utc::now() + TRY_AGAIN)?;
    let message = format!(
        "rights on the copy of the recording of {} were not given: {}",
        tracked.segment.recording_start, error.message
    );
    Ok(RemoteError { message, ..error.about_one() })
}

/// Whether it may be about this one copy, or the host of this one meeting.
fn is_refused(error: &RemoteError) -> bool {
    error.may_be_about_one() || error.means(Meaning::MissingScope)
}

fn whose_rights(tracked: &Tracked) -> &str {
    tracked.segment.meeting.host_id.as_str()
}

async fn give_one(tracked: &Tracked, context: RightsContext<'_>) -> Result<(), RemoteError> {
    let copy = tracked.parent().filter(|copy| copy.state == CopyState::Done);
    let (Some(entry), Some(owner)) = (copy.and_then(|copy| copy.entry_id.as_ref()), &tracked.owner) else {
        return Ok(());
    };
    let copied = context.systems.kaltura.copied_one(entry).await?;
    // what people gave away, deleted or took the mark from is theirs
    let is_as_it_was = copied.is_some_and(|copied| {
        let entry = copied.entry;
        entry.ours && entry.owner == owner.as_str() && entry.status != EntryStatus::Deleted && !entry.recycled
    });
    if !is_as_it_was {
        return Ok(());
    }
    let mut people = Vec::new();
    let mut unknown = 0;
    for (grant, names) in read_participants(&tracked.segment.meeting, context).await? {
        let (users, without) = find_users(names, context).await?;
        unknown += without;
        people.push((grant, users));
    }
    let Some(there) = context.systems.kaltura.entitled(entry).await? else {
        return Ok(());
    };
    let wanted = added_rights(&there, owner, &people);
    if wanted != there {
        let answer = context.systems.kaltura.entitle(entry, &there, &wanted).await;
        confirm_grants(answer, entry, owner, &people, context).await?;
    }
    let users: BTreeSet<&KalturaUserId> = people.iter().flat_map(|(_, users)| users).collect();
    tracing::info!(entry_id = %entry, people = users.len(), without_account = unknown, "rights were given");
    Ok(())
}

/// What Kaltura made of a change: an error that it answered may be of a change that was made, and an answer of one that was
/// not.
async fn confirm_grants(
    answer: Result<(), RemoteError>,
    entry: &EntryId,
    owner: &KalturaUserId,
    people: &[(Grant, BTreeSet<KalturaUserId>)],
    context: RightsContext<'_>,
) -> Result<(), RemoteError> {
    let there = match (context.systems.kaltura.entitled(entry).await, &answer) {
        // deleted meanwhile: there is nothing left to give
        (Ok(None), _) => return Ok(()),
        (Ok(Some(there)), _) => there,
        (Err(error), Ok(())) => return Err(error),
        (Err(_), Err(_)) => return answer,
    };
    if added_rights(&there, owner, people) == there {
        return Ok(());
    }
    answer?;
    let message = format!("Kaltura reported success, but gave no rights on entry {entry}");
    Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message))
}

/// Who was there, by address or Zoom user id, and what they get.
async fn read_participants(
    meeting: &Meeting,
    context: RightsContext<'_>,
) -> Result<Vec<(Grant, Vec<String>)>, RemoteError> {
    let (grants, zoom) = (context.grants, context.systems.zoom);
    let mut found = Vec::new();
    if grants.alternative_hosts.is_any() {
        let details = zoom.meeting_details(meeting).await?.unwrap_or_default();
        found.push((grants.alternative_hosts, details.alternative_hosts()));
    }
    if grants.co_hosts.is_any() {
        found.push((grants.co_hosts, zoom.co_hosts(meeting).await?));
    }
    if grants.panelists.is_any() {
        found.push((grants.panelists, zoom.panelists(meeting).await?));
    }
    if grants.participants.is_any() {
        found.push((grants.participants, zoom.participants(meeting).await?));
    }
    Ok(found)
}

/// The active accounts of these people, each confirmed just now, and how many have none: by the rules for hosts where their
/// address is the institution's own, of others by the address alone.
async fn find_users(
    names: Vec<String>,
    context: RightsContext<'_>,
) -> Result<(BTreeSet<KalturaUserId>, usize), RemoteError> {
    let names: BTreeSet<String> = names.into_iter().collect();
    let (mut own, mut others) = (BTreeMap::new(), BTreeMap::new());
    for name in names {
        let profile = host_profile(&name, context).await?;
        let is_own = profile.as_ref().is_some_and(|profile| context.systems.owner.rules.domains.hold(&profile.email));
        let profiles = if is_own { &mut own } else { &mut others };
        profiles.insert(name, profile.ok_or(Owner::NoAccount(OwnerProblem::HostUnknown)));
    }
    let by_address = context.systems.owner.rules.by_address_alone();
    let (mut users, mut without) = (BTreeSet::new(), 0);
    let mut owners = Vec::new();
    for (rules, profiles) in [(&context.systems.owner.rules, own), (&by_address, others)] {
        let found =
            look_up_accounts(context.systems.kaltura, rules, context.aliases, &profiles, &BTreeMap::new()).await?;
        owners.extend(found.owners.into_values());
    }
    for owner in owners {
        match owner {
            // an id that is not ASCII would make of the copy an entry that can never be changed again
            Owner::Account(user, _) if !user.as_str().is_ascii() => {
                tracing::warn!(
                    user = user.as_str(),
                    "no rights on copies for this user: the id of the Kaltura user is not ASCII"
                );
                without += 1;
            }
            Owner::Account(user, _) => {
                users.insert(user);
            }
            Owner::NoAccount(_) | Owner::WrongAlias(_) | Owner::DomainsMissing => without += 1,
            Owner::Undecided => {
                let why = "owner.aliases has invalid lines; correct them".to_owned();
                return Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, why));
            }
            Owner::Unknown(why) => return Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, why)),
        }
    }
    Ok((users, without))
}

/// What the rules need to know of somebody. Zoom is asked only where an address alone does not do.
async fn host_profile(name: &str, context: RightsContext<'_>) -> Result<Option<HostProfile>, RemoteError> {
    let does = context.systems.owner.rules.attributes().is_empty() || !context.systems.owner.rules.domains.hold(name);
    if name.contains('@') && does {
        return Ok(Some(HostProfile { email: name.to_owned(), ..HostProfile::default() }));
    }
    let host = context.systems.zoom.host(&HostId::new(name)).await?;
    let profile =
        host.and_then(|host| Some(HostProfile { email: host.email?, attributes: host.attributes, last_owner: None }));
    Ok(profile)
}
