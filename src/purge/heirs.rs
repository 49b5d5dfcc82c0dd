//! Whose an orphan could be by now: looked for again before it is let go.

use std::collections::{BTreeMap, HashMap};

use super::{NewOwner, PurgeSources};
use crate::directory::{Directory, list_nameless, with_host_address};
use crate::http::RemoteError;
use crate::model::{Action, HostId, HostProfile, Owner, Segment, SegmentKey};
use crate::owners::{FoundAccounts, Profiles, find_profiles, look_up_accounts};

/// What was found, and what Zoom said on the way to it.
#[derive(Debug, Default)]
pub(super) struct NewOwners {
    pub(super) of: HashMap<SegmentKey, NewOwner>,
    pub(super) hosts: BTreeMap<HostId, HostProfile>,
    pub(super) trouble: Vec<RemoteError>,
}

/// Looks for the hosts of `segments` and for their accounts. Addresses that the ledger remembers of them may be somebody
/// else's by now.
pub(super) async fn find_new_owners(
    from: PurgeSources<'_>,
    directory: &Directory,
    segments: Vec<Segment>,
) -> Result<NewOwners, RemoteError> {
    let segments: Vec<Segment> = segments.into_iter().map(list_nameless).collect();
    let asked: Vec<&Segment> = segments.iter().collect();
    let rules = (&from.owner.rules, &directory.aliases);
    let Profiles { of: hosts, asked, trouble, .. } =
        find_profiles(from.zoom, from.ledger, rules.0, &asked, &directory.remembered.hosts).await;
    let FoundAccounts { owners, .. } =
        look_up_accounts(from.kaltura, rules, &hosts, &directory.remembered.accounts).await?;
    let of = segments.into_iter().map(|segment| {
        let key = segment.key();
        let email =
            hosts.get(&key).and_then(|host| Some(host.as_ref().ok()?.email.clone()).filter(|email| !email.is_empty()));
        let verdict = directory.consent.verdict(&with_host_address(&segment, email).meeting, segment.started);
        let heir = match (owners.get(&key), verdict) {
            (Some(Owner::Account(..) | Owner::DomainsMissing), Some((Action::Skip, _)))
            | (Some(Owner::NoAccount(_)), _) => NewOwner::Nobody,
            (Some(Owner::Account(..)), Some(_)) => NewOwner::Unknown("it is not known who opted out or in".to_owned()),
            (Some(Owner::Account(user, _)), None) if user.is_also(from.owner.holding_user.as_str()) => {
                NewOwner::Unknown("the rules lead its host to owner.holding_user; name another holding user".to_owned())
            }
            (Some(Owner::Account(user, rule)), None) => NewOwner::Account(user.clone(), rule.clone()),
            (Some(Owner::Unknown(why) | Owner::WrongAlias(why)), _) => NewOwner::Unknown(why.clone()),
            (Some(Owner::DomainsMissing), _) => NewOwner::DomainsMissing,
            (Some(Owner::Undecided), _) => {
                NewOwner::Unknown("owner.aliases has lines that make no sense, and its host may be meant".to_owned())
            }
            (None, _) => NewOwner::Unknown("its host was not looked up".to_owned()),
        };
        (key, heir)
    });
    Ok(NewOwners { of: of.collect(), hosts: asked, trouble })
}
