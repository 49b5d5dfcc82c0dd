//! Everything a plan is made from, read from Zoom, the ledger and Kaltura. Changes nothing anywhere.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::directory::{Directory, DirectoryError, Learnt, person_behind, undecided_without_domains};
use super::hosts::{People, WhoseError, known_addresses, list_fresh};
use super::identity::{MarkedSegments, as_known};
use super::in_kaltura::{find_lost, find_sent, notice_deleted};
use super::misnamed::{find_misnamed, match_by_id};
use super::plan::{Facts, Policy, Presence, RuledOut, Scope, Stage, find_stage, may_be_due};
use super::sieve::{SiftError, list_and_sift};
use super::systems::Systems;
use super::unlisted::{fetch_owed, list_owed};
use crate::ledger::{KnownRecordings, Ledger, LedgerError};
use crate::model::{
    Action, Decision, HostId, HostProfile, KalturaUserId, MeetingUuid, Owner, Reason, Segment, SegmentKey, Tracked,
    Window,
};
use crate::owners::people::learn_links;
use crate::remotes::http::RemoteError;
use crate::remotes::zoom::Listing;

/// Read from the ledger beyond the days that Zoom lists.
const MARGIN: Days = Days::new(2);

/// Why nothing could be planned.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// Zoom or Kaltura did not answer as they should.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It is not known who is who.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl From<SiftError> for GatherError {
    fn from(error: SiftError) -> GatherError {
        match error {
            SiftError::Remote(error) => GatherError::Remote(error),
            SiftError::Ledger(error) => GatherError::Ledger(error),
        }
    }
}

impl From<WhoseError> for GatherError {
    fn from(error: WhoseError) -> GatherError {
        match error {
            WhoseError::Remote(error) => GatherError::Remote(error),
            WhoseError::Ledger(error) => GatherError::Ledger(error),
        }
    }
}

/// What was read, and what went wrong at single hosts.
#[derive(Debug)]
pub struct GatheredFacts {
    /// What to plan with.
    pub facts: Facts,
    /// The rules to plan by: those given, and what the lists say.
    pub policy: Policy,
    /// What was asked for, to be remembered.
    pub learnt: Learnt,
    /// Look-ups that failed; the recordings concerned wait.
    pub trouble: Vec<RemoteError>,
    /// Lists of people that make no sense or are not believed, a line each.
    pub held: Vec<String>,
    /// Whether all lists were read to their end, whatever Zoom counts beyond what came.
    pub read_through: bool,
    /// Entries of this program without a mark, as far as one look shows them; looked for where the ledger is empty.
    pub unmarked: usize,
    /// Why what nobody owns cannot be kept, where the holding user is a person's account.
    pub unkept: Option<String>,
}

/// Reads the recordings of `scope` and what is needed to decide on them. What the ledger knows is not asked again:
/// where nothing is new, Kaltura gets no call.
pub async fn gather_facts(
    systems: Systems<'_>,
    scope: &Scope,
    rules: Policy,
    now: DateTime<Utc>,
) -> Result<GatheredFacts, GatherError> {
    let mut directory = Directory::read(systems, rules.consent.accepts, now).await?;
    let consent = std::mem::take(&mut directory.consent).over_past(rules.consent.over_past);
    let policy = Policy { consent, ..rules };
    let Listed {
        segments: mut listed,
        mut ruled_out,
        users,
        mut tracked,
        addresses,
        gone,
        complete,
        read_through,
        mut trouble,
    } = list_recordings(systems, scope, &policy, now).await?;
    directory.remembered.addresses = addresses;
    name_ruled_out(&mut ruled_out, &directory, &tracked);
    if policy.recopy_deleted {
        Box::pin(notice_deleted(systems.kaltura, &mut tracked, &mut trouble)).await?;
    }
    let mut people =
        Box::pin(People::look_for(systems, &directory, &users, &mut listed, &tracked, &policy, now)).await?;
    let undecided = people.owners.values().filter(|owner| **owner == Owner::DomainsMissing).count();
    directory.held.extend(undecided_without_domains(&systems.owner.rules, undecided));
    let holding_user = &systems.owner.holding_user;
    let person = person_behind(holding_user, &directory.aliases, people.owners.values_mut());
    directory.held.extend(doubts_about_hosts(&listed, &tracked, &policy, now));
    let fresh = list_fresh(&listed, &tracked, &policy, now);
    let since = systems.ledger.is_empty()?.then_some(policy.go_live);
    let looked_for: Vec<&Segment> = fresh.iter().copied().chain(find_lost(&tracked, &gone, &policy, now)).collect();
    let marked = MarkedSegments::look_for(systems.kaltura, &looked_for, &tracked, since).await?;
    let is_unowned = |segment: &&Segment| matches!(people.owners.get(&segment.key()), Some(Owner::NoAccount(_)));
    let is_needed = !marked.entries.is_empty() || fresh.iter().any(is_unowned);
    let holding_user = if is_needed && person.is_none() {
        systems.kaltura.active_user(holding_user.as_str()).await?.map(|user| user.id)
    } else {
        None
    };
    marked.rename_listed(&mut listed, &mut people.owners);
    let policy = know_accounts(policy, &people.owners, &tracked);
    let texts = marked.own_texts(systems.kaltura, &listed, &mut trouble).await?;
    let (marked, unmarked) = (marked.entries, marked.unmarked);
    let sent = find_sent(systems.kaltura, &tracked, policy.max_attempts, &marked, &mut trouble).await?;
    trouble.splice(0..0, people.trouble.drain(..));
    trouble.append(&mut directory.trouble);
    let told = people.asked.iter().chain(&users).map(|(id, host)| (id, host.email.as_str()));
    let behind = learn_links(systems.zoom, &policy.consent, told).await;
    let learnt = Learnt {
        hosts: people.asked,
        accounts: people.confirmed,
        standings: policy.consent.standings().clone(),
        changes: directory.changes,
        behind,
    };
    // what goes to Zoom's trash is judged by Kaltura's clock
    let matters = tracked.values().any(|tracked| may_be_due(tracked, &policy, now));
    let in_kaltura = if matters { systems.kaltura.ask_time().await } else { None };
    let window = scope.window;
    let owners = people.owners;
    let facts = Facts {
        window,
        complete,
        listed,
        ruled_out,
        gone,
        tracked,
        owners,
        holding_user,
        marked,
        texts,
        sent,
        here: Utc::now(),
        in_kaltura,
    };
    Ok(GatheredFacts { facts, policy, learnt, trouble, held: directory.held, read_through, unmarked, unkept: person })
}

/// Who is in a group in Kaltura is known by the account: the one that was just found, else the one that has the copy.
fn know_accounts(
    policy: Policy,
    owners: &HashMap<SegmentKey, Owner>,
    tracked: &BTreeMap<SegmentKey, Tracked>,
) -> Policy {
    if !policy.consent.asks_for_accounts() {
        return policy;
    }
    let held = tracked.values().filter(|tracked| !tracked.orphan);
    let held = held.filter_map(|tracked| Some((tracked.segment.key(), tracked.owner.clone()?)));
    let mut accounts: HashMap<SegmentKey, KalturaUserId> = held.collect();
    accounts.extend(owners.iter().filter_map(|(key, owner)| Some((key.clone(), owner.account()?.clone()))));
    let consent = policy.consent.knowing_accounts(accounts);
    Policy { consent, ..policy }
}

/// Whose recordings wait as somebody else opted in by their address, a line for each of them.
fn doubts_about_hosts(
    listed: &[Segment],
    tracked: &BTreeMap<SegmentKey, Tracked>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> BTreeSet<String> {
    let waits = |segment: &&Segment| {
        let stage = find_stage(segment, Presence::Listed, tracked.get(&segment.key()), policy, now);
        matches!(stage, Stage::Rest(Decision { action: Action::Wait, reason: Some(Reason::ListInDoubt) }))
    };
    let doubt = |segment: &Segment| policy.consent.doubt_about(segment);
    listed.iter().filter(waits).filter_map(doubt).collect()
}

/// What Zoom lists and what the ledger knows of it.
struct Listed {
    segments: Vec<Segment>,
    ruled_out: RuledOut,
    /// Where the users of the account were walked: who they are.
    users: BTreeMap<HostId, HostProfile>,
    tracked: BTreeMap<SegmentKey, Tracked>,
    addresses: BTreeMap<HostId, (DateTime<Utc>, String)>,
    gone: HashSet<SegmentKey>,
    complete: bool,
    read_through: bool,
    trouble: Vec<RemoteError>,
}

async fn list_recordings(
    systems: Systems<'_>,
    scope: &Scope,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Listed, GatherError> {
    let (listing, ruled_out) = list_and_sift(systems, scope, policy).await?;
    let Listing { segments: mut listed, mut trouble, short, users, .. } = listing;
    for what in &short {
        tracing::warn!("{what}; the listed recordings are copied, and the checkpoint stays until the rest is listed");
    }
    let read_through = trouble.is_empty();
    let complete = read_through && short.is_empty();
    let since = first_known_day(scope.window);
    let KnownRecordings { mut tracked, addresses } = systems.ledger.known_since(since)?;
    name_as_known(systems.ledger, &mut listed, &mut tracked)?;
    share_meetings(&listed, &mut tracked);
    let selection = match_by_id(systems.zoom, &scope.selection, &listed).await?;
    trouble.extend(find_misnamed(systems.zoom, systems.ledger, &scope.selection, &listed).await?);
    listed.retain(|segment| selection.includes(segment));
    if !scope.owed {
        let keys: HashSet<SegmentKey> = listed.iter().map(Segment::key).collect();
        tracked.retain(|key, _| keys.contains(key));
    }
    let mut gone = HashSet::new();
    if scope.owed {
        let owed = list_owed(&listed, &tracked, policy);
        let is_over = |key: &SegmentKey| {
            tracked.get(key).is_none_or(|tracked| now - tracked.segment.started > policy.zoom_retention)
        };
        gone = fetch_owed(systems.zoom, &owed, &tracked, is_over, &mut listed, &mut trouble).await;
    }
    let profile = |(id, email)| (id, HostProfile { email, ..HostProfile::default() });
    let users = users.into_iter().map(profile).collect();
    Ok(Listed { segments: listed, ruled_out, users, tracked, addresses, gone, complete, read_through, trouble })
}

/// The listing may leave out the host's address, of what is left out too.
fn name_ruled_out(ruled_out: &mut RuledOut, directory: &Directory, tracked: &BTreeMap<SegmentKey, Tracked>) {
    if ruled_out.has_nameless() {
        let known = known_addresses(tracked, &directory.remembered);
        ruled_out.name_hosts(|host| known.get(host).copied());
    }
}

/// What the ledger knows of these days, of all that is owed, and of everything that is listed, whatever day either says
/// that it is of. What is listed goes by the names that it has there.
pub fn read_known(
    ledger: &Ledger,
    window: Window,
    listed: &mut [Segment],
) -> Result<BTreeMap<SegmentKey, Tracked>, LedgerError> {
    let mut tracked = ledger.tracked(first_known_day(window))?;
    name_as_known(ledger, listed, &mut tracked)?;
    Ok(tracked)
}

/// What Zoom lists under one day may have begun on the day before.
fn first_known_day(window: Window) -> NaiveDate {
    window.from.checked_sub_days(MARGIN).unwrap_or(window.from)
}

fn name_as_known(
    ledger: &Ledger,
    listed: &mut [Segment],
    tracked: &mut BTreeMap<SegmentKey, Tracked>,
) -> Result<(), LedgerError> {
    let unknown: BTreeSet<&MeetingUuid> = listed
        .iter()
        .filter(|segment| !tracked.contains_key(&segment.key()))
        .map(|segment| &segment.meeting.uuid)
        .collect();
    tracked.extend(ledger.tracked_of(&unknown)?.into_iter().map(|tracked| (tracked.segment.key(), tracked)));
    as_known(listed, tracked);
    Ok(())
}

/// A meeting of which Zoom and the ledger say the same is held once: a list may have tens of thousands.
fn share_meetings(listed: &[Segment], tracked: &mut BTreeMap<SegmentKey, Tracked>) {
    for segment in listed {
        if let Some(known) = tracked.get_mut(&segment.key())
            && known.segment.meeting == segment.meeting
        {
            known.segment.meeting = Arc::clone(&segment.meeting);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::{know_accounts, share_meetings};
    use crate::copying::plan::Policy;
    use crate::copying::plan::samples::{sample_policy, sample_segment, sample_tracked};
    use crate::model::{Action, KalturaUserId, Owner, OwnerRule, Segment, Tracked};
    use crate::owners::people::Consent;

    fn is_shared(listed: &Segment) -> bool {
        let known = sample_tracked(Action::Done, None, Vec::new());
        let mut known = BTreeMap::from([(known.segment.key(), known)]);
        share_meetings(std::slice::from_ref(listed), &mut known);
        known.values().all(|known| Arc::ptr_eq(&known.segment.meeting, &listed.meeting))
    }

    /// The account that was just found comes first; the holding user is nobody's.
    #[test]
    fn consent_knows_the_accounts_of_hosts() {
        let of = |orphan, owner: &str| {
            let tracked = sample_tracked(Action::Done, None, Vec::new());
            Tracked { orphan, owner: Some(KalturaUserId::new(owner)), ..tracked }
        };
        let found = |user: &str| Owner::Account(KalturaUserId::new(user), OwnerRule::new("{email}"));
        let cases = [
            (None, of(false, "Prof.Ada"), true),
            (None, of(true, "prof.ada"), false),
            (Some(found("bert")), of(false, "prof.ada"), false),
            (Some(found("prof.ada")), of(true, "orphans"), true),
        ];
        for (owner, tracked, is_out) in cases {
            let segment = tracked.segment.clone();
            let owners = owner.iter().map(|owner| (segment.key(), owner.clone())).collect();
            let policy = Policy { consent: Consent::opted_out("kaltura:prof.ada"), ..sample_policy() };
            let policy = know_accounts(policy, &owners, &BTreeMap::from([(segment.key(), tracked)]));
            assert_eq!(policy.consent.verdict(&segment).is_some(), is_out, "{owner:?}");
        }
    }

    /// Where Zoom and the ledger say the same of it.
    #[test]
    fn a_meeting_is_held_only_once() {
        assert!(is_shared(&sample_segment(Vec::new())));
        let mut renamed = sample_segment(Vec::new());
        Arc::make_mut(&mut renamed.meeting).topic = "Waves".to_owned();
        assert!(!is_shared(&renamed));
    }
}
