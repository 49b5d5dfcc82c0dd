//! Whose recordings are: who Zoom says in this run that their hosts are, and which accounts these have. Changes nothing
//! anywhere.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::directory::{Directory, Remembered, list_nameless, set_addresses, with_host_address};
use super::host_profiles::{Profiles, find_changed, find_profiles};
use super::plan::{Policy, Presence, Stage, find_stage};
use super::systems::Systems;
use crate::ledger::LedgerError;
use crate::model::{HostId, HostProfile, KalturaUserId, Orphan, Owner, Segment, SegmentKey, Tracked};
use crate::owners::people::{Address, Consent};
use crate::owners::{FoundAccounts, forget_accounts, look_up_accounts};
use crate::remotes::http::RemoteError;

/// Why it is not known of anybody.
#[derive(Debug, thiserror::Error)]
pub enum WhoseError {
    /// Kaltura did not answer as it should.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The hosts and the owners of what is to be copied or handed over.
#[derive(Debug)]
pub struct People {
    /// The owner of each of them.
    pub owners: HashMap<SegmentKey, Owner>,
    /// Hosts that Zoom was asked for, to be remembered.
    pub asked: BTreeMap<HostId, HostProfile>,
    /// Accounts that Kaltura confirmed, to be remembered.
    pub confirmed: BTreeMap<String, KalturaUserId>,
    /// Look-ups that failed.
    pub trouble: Vec<RemoteError>,
}

impl People {
    /// Fills in the addresses that Zoom told, as who opted out is known by them. For what is to be copied or handed over it
    /// is asked who the host is in this run; only of what stays an orphan for now an answer of some hours ago does.
    pub async fn look_for(
        systems: Systems<'_>,
        directory: &Directory,
        users: &BTreeMap<HostId, HostProfile>,
        listed: &mut [Segment],
        tracked: &BTreeMap<SegmentKey, Tracked>,
        policy: &Policy,
        now: DateTime<Utc>,
    ) -> Result<People, WhoseError> {
        let rules = &systems.owner.rules;
        let orphans = if policy.adopt { list_orphaned(listed, tracked) } else { Vec::new() };
        remember_addresses(listed, tracked, &directory.remembered, |segment| {
            may_be_begun(segment, tracked, policy, now)
        });
        let fresh = may_begin(listed, tracked, policy, now);
        let of_fresh: Vec<&Segment> = fresh.iter().collect();
        let Profiles { of: mut hosts, mut asked, taken, mut trouble } = find_profiles(systems, &of_fresh, users).await;
        for taken in taken {
            tracing::warn!("{taken}");
        }
        let walked = fresh.iter().filter_map(|segment| users.get_key_value(&segment.meeting.host_id));
        for (id, user) in walked {
            asked.entry(id.clone()).or_insert_with(|| user.clone());
        }
        if rules.attributes().is_empty() {
            let walked = orphans.iter().filter_map(|segment| users.get_key_value(&segment.meeting.host_id));
            asked.extend(walked.map(|(id, user)| (id.clone(), user.clone())));
        }
        let mut lately = directory.remembered.hosts.clone();
        for segment in &orphans {
            forget_if_renamed(&mut lately, segment);
        }
        lately.extend(asked.clone());
        // of whom Zoom has no more it is asked whose their address is
        lately.retain(|id, host| host.known_email().is_some() || !asked.contains_key(id));
        let of_orphans: Vec<&Segment> = orphans.iter().collect();
        let kept = find_profiles(systems, &of_orphans, &lately).await;
        hosts.extend(kept.of);
        asked.extend(kept.asked);
        trouble.extend(kept.trouble);
        let email = |segment: &Segment| hosts.get(&segment.key())?.as_ref().ok()?.known_email().map(str::to_owned);
        let emails: HashMap<SegmentKey, String> =
            fresh.iter().filter_map(|segment| Some((segment.key(), email(segment)?))).collect();
        set_addresses(listed, |segment| emails.get(&segment.key()));
        // a host who turns out to have opted out is not asked about again
        let fresh = list_fresh(listed, tracked, policy, now);
        let matters: HashSet<SegmentKey> = fresh.into_iter().chain(&orphans).map(Segment::key).collect();
        hosts.retain(|key, _| matters.contains(key));
        let refused = without_consent(&orphans, &hosts, policy);
        hosts.retain(|key, _| !refused.contains(key));
        let mut known = directory.remembered.accounts.clone();
        forget_changed(systems, directory, tracked, &asked, &mut known)?;
        let aliases = &directory.aliases;
        let FoundAccounts { owners, confirmed } =
            look_up_accounts(systems.kaltura, rules, aliases, &hosts, &known).await?;
        let mut people = People { owners, asked, confirmed, trouble };
        people.confirm_heirs(systems, directory, tracked, &orphans, policy).await?;
        Ok(people)
    }

    /// Orphans that are to be handed over: an account that was found by what Zoom said some hours ago may be the wrong one.
    async fn confirm_heirs(
        &mut self,
        systems: Systems<'_>,
        directory: &Directory,
        tracked: &BTreeMap<SegmentKey, Tracked>,
        orphans: &[Segment],
        policy: &Policy,
    ) -> Result<(), WhoseError> {
        // who opted out gets nothing, and is not asked about again
        let is_due = |segment: &&Segment| {
            let account = self.owners.get(&segment.key()).and_then(Owner::account);
            account.is_some()
                && !self.asked.contains_key(&segment.meeting.host_id)
                && policy.consent.verdict_with(segment, account).is_none()
        };
        let due: Vec<&Segment> = orphans.iter().filter(is_due).collect();
        if due.is_empty() {
            return Ok(());
        }
        let rules = &systems.owner.rules;
        let Profiles { of, asked, trouble, .. } = find_profiles(systems, &due, &self.asked).await;
        let mut known = directory.remembered.accounts.clone();
        forget_changed(systems, directory, tracked, &asked, &mut known)?;
        let FoundAccounts { owners, confirmed } =
            look_up_accounts(systems.kaltura, rules, &directory.aliases, &of, &known).await?;
        self.owners.extend(owners);
        let refused = without_consent(orphans, &of, policy);
        self.owners.retain(|key, _| !refused.contains(key));
        self.confirmed.extend(confirmed);
        self.asked.extend(asked);
        self.trouble.extend(trouble);
        Ok(())
    }
}

/// The orphans that are not handed over to whom they could be by now, as their hosts, by the address that Zoom tells of them,
/// have opted out.
fn without_consent(
    orphans: &[Segment],
    hosts: &BTreeMap<SegmentKey, Result<HostProfile, Owner>>,
    policy: &Policy,
) -> HashSet<SegmentKey> {
    let agrees = |segment: &&Segment| {
        let host = hosts.get(&segment.key()).and_then(|host| host.as_ref().ok());
        let Some(email) = host.and_then(HostProfile::known_email) else { return true };
        policy.consent.verdict(&with_host_address(segment, Some(email.to_owned()))).is_none()
    };
    orphans.iter().filter(|segment| !agrees(segment)).map(Segment::key).collect()
}

/// Where a list tells another address than was heard of the host lately, Zoom is asked who they are.
fn forget_if_renamed(lately: &mut BTreeMap<HostId, HostProfile>, segment: &Segment) {
    let id = &segment.meeting.host_id;
    let listed = segment.meeting.host_email.as_deref().and_then(Address::new);
    let known = lately.get(id).and_then(|host| Address::new(&host.email));
    if listed.is_some() && known.is_some() && listed != known {
        lately.remove(id);
    }
}

/// Compares who the hosts are with what earlier runs heard of them, tells what differs, and forgets the accounts that
/// followed from it.
fn forget_changed(
    systems: Systems<'_>,
    directory: &Directory,
    tracked: &BTreeMap<SegmentKey, Tracked>,
    asked: &BTreeMap<HostId, HostProfile>,
    accounts: &mut BTreeMap<String, KalturaUserId>,
) -> Result<(), LedgerError> {
    if asked.is_empty() {
        return Ok(());
    }
    let of_tracked = tracked.values().filter_map(|Tracked { segment, .. }| {
        Some((&segment.meeting.host_id, segment.started, segment.meeting.host_email.as_ref()?))
    });
    let of_others = directory.remembered.addresses.iter().map(|(host, (start, email))| (host, *start, email));
    let mut seen: Vec<_> = of_others.chain(of_tracked).collect();
    seen.sort_by_key(|(_, started, _)| *started);
    let mut known: BTreeMap<HostId, String> =
        seen.into_iter().map(|(host, _, email)| (host.clone(), email.clone())).collect();
    known.extend(systems.ledger.host_addresses()?);
    for change in find_changed(&known, &systems.ledger.earlier_hosts(asked)?, asked) {
        tracing::warn!("{change}");
        if let Some(host) = asked.get(change.host()) {
            forget_accounts(accounts, &systems.owner.rules, &directory.aliases, host);
        }
    }
    Ok(())
}

/// The segments whose copy is to begin, or would if the address that a list tells beside them were another's: who opted out
/// or in is not told by that alone.
fn may_begin(
    listed: &[Segment],
    tracked: &BTreeMap<SegmentKey, Tracked>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Vec<Segment> {
    let begins = |segment: &Segment| may_be_begun(segment, tracked, policy, now);
    let is_doubtful = |segment: &Segment| policy.consent.is_out_by_address_alone(segment);
    let of_all = Policy { consent: Consent::default().over_past(policy.consent.over_past), ..policy.clone() };
    let would = |segment: &Segment| may_be_begun(segment, tracked, &of_all, now);
    let may = |segment: &&Segment| begins(segment) || (is_doubtful(segment) && would(segment));
    listed.iter().filter(may).cloned().collect()
}

/// The segments whose copy is to begin, by rules that cost no look-up.
#[must_use]
pub fn list_fresh<'a>(
    listed: &'a [Segment],
    tracked: &BTreeMap<SegmentKey, Tracked>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Vec<&'a Segment> {
    listed.iter().filter(|segment| may_be_begun(segment, tracked, policy, now)).collect()
}

/// The segments whose copy the holding user keeps, as Zoom lists them. Of the others the address is left out, as it may
/// be somebody else's by now.
fn list_orphaned(listed: &[Segment], tracked: &BTreeMap<SegmentKey, Tracked>) -> Vec<Segment> {
    let orphans = tracked.values().filter_map(Tracked::as_orphan).filter(|orphan| !orphan.in_transfer);
    let orphans: HashMap<SegmentKey, Orphan> = orphans.map(|orphan| (orphan.segment.key(), orphan)).collect();
    if orphans.is_empty() {
        return Vec::new();
    }
    let listed: HashMap<SegmentKey, &Segment> = listed.iter().map(|segment| (segment.key(), segment)).collect();
    let segment = |(key, orphan): (SegmentKey, Orphan)| {
        listed.get(&key).map_or_else(|| list_nameless(orphan.segment), |segment| (*segment).clone())
    };
    orphans.into_iter().map(segment).collect()
}

fn may_be_begun(
    segment: &Segment,
    tracked: &BTreeMap<SegmentKey, Tracked>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> bool {
    matches!(find_stage(segment, Presence::Listed, tracked.get(&segment.key()), policy, now), Stage::Begin(_))
}

/// The listing may leave out the host's address; once looked up, the ledger has it. For a recording that is to be copied
/// it is asked for again: people change their addresses, and others get the old ones.
fn remember_addresses(
    listed: &mut [Segment],
    tracked: &BTreeMap<SegmentKey, Tracked>,
    remembered: &Remembered,
    is_fresh: impl Fn(&Segment) -> bool,
) {
    if listed.iter().all(|segment| segment.meeting.host_email.is_some()) {
        return;
    }
    let known = known_addresses(tracked, remembered);
    let is_nameless = |segment: &Segment| segment.meeting.host_email.is_none() && !is_fresh(segment);
    set_addresses(listed, |segment| known.get(&segment.meeting.host_id).copied().filter(|_| is_nameless(segment)));
}

/// The addresses beside hosts in what the ledger knows of these days.
#[must_use]
pub fn known_addresses<'a>(
    tracked: &'a BTreeMap<SegmentKey, Tracked>,
    remembered: &'a Remembered,
) -> HashMap<&'a HostId, &'a String> {
    let of_others = remembered.addresses.iter().map(|(host, (_, email))| (host, email));
    let meetings = tracked.values().map(|tracked| &tracked.segment.meeting);
    let of_tracked = meetings.filter_map(|meeting| Some((&meeting.host_id, meeting.host_email.as_ref()?)));
    of_others.chain(of_tracked).collect()
}
