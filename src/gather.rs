//! Everything a plan is made from, read from Zoom, the ledger and Kaltura. Changes nothing anywhere.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Days, Utc};

use crate::config::OwnerSettings;
use crate::directory::{Directory, DirectoryError, Learnt, nameless, person_behind, set_addresses};
use crate::http::RemoteError;
use crate::identity::{Marked, as_known};
use crate::in_kaltura::{lost, sent};
use crate::kaltura::Kaltura;
use crate::ledger::{Ledger, LedgerError};
use crate::misnamed::{by_id, misnamed};
use crate::model::{
    HostId, HostProfile, KalturaUserId, MeetingUuid, Orphan, Owner, Segment, SegmentKey, Tracked, Window,
};
use crate::owed::{fetch, owed};
use crate::owners::{Accounts, Profiles, accounts, changed, forget, profiles};
use crate::people::Lists;
use crate::plan::{Facts, Policy, Presence, Scope, Stage, may_be_due, stage};
use crate::zoom::{Listing, Zoom};

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

/// Where facts come from.
#[derive(Clone, Copy, Debug)]
pub struct Origins<'a> {
    /// The recordings and their hosts.
    pub zoom: &'a Zoom,
    /// The accounts and what is there already.
    pub kaltura: &'a Kaltura,
    /// What earlier runs did.
    pub ledger: &'a Ledger,
    /// How accounts are found, and who holds what nobody owns.
    pub owner: &'a OwnerSettings,
    /// Who opts out, and who opts in.
    pub lists: &'a Lists,
}

/// What was read, and what went wrong at single hosts.
#[derive(Debug)]
pub struct Gathered {
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
    pub nobodys: Option<String>,
}

/// Reads the recordings of `scope` and what is needed to decide on them. What the ledger knows is not asked again:
/// where nothing is new, Kaltura gets no call.
pub async fn gather(
    from: Origins<'_>,
    scope: &Scope,
    rules: Policy,
    now: DateTime<Utc>,
) -> Result<Gathered, GatherError> {
    let lists = (from.lists, rules.consent.accepts);
    let mut directory = Directory::read(from.zoom, from.ledger, from.owner, lists, now).await?;
    let consent = std::mem::take(&mut directory.consent).over_past(rules.consent.over_past);
    let policy = Policy { consent, ..rules };
    let Listed { segments: mut listed, users, tracked, gone, complete, read_through, mut trouble } =
        recordings(from, scope, &policy, now).await?;
    let mut people =
        Box::pin(People::look_for(from, (&directory, &users), &mut listed, &tracked, &policy, now)).await?;
    let holding_user = &from.owner.holding_user;
    let is_persons = person_behind(holding_user, &directory.aliases, people.owners.values_mut());
    let fresh = fresh(&listed, &tracked, &policy, now);
    let since = from.ledger.is_empty()?.then_some(policy.go_live);
    let looked_for: Vec<&Segment> = fresh.iter().copied().chain(lost(&tracked, &gone, &policy, now)).collect();
    let marked = Marked::look_for(from.kaltura, &looked_for, &tracked, since).await?;
    let nobodys = |segment: &&Segment| matches!(people.owners.get(&segment.key()), Some(Owner::NoAccount(_)));
    let is_needed = !marked.entries.is_empty() || fresh.iter().any(nobodys);
    let holding_user = if is_needed && is_persons.is_none() {
        from.kaltura.active_user(holding_user.as_str()).await?.map(|user| user.id)
    } else {
        None
    };
    marked.rename(&mut listed, &mut people.owners);
    let texts = marked.own_texts(from.kaltura, &listed, &mut trouble).await?;
    let (marked, unmarked) = (marked.entries, marked.unmarked);
    let sent = sent(from.kaltura, (&tracked, policy.max_attempts), &marked, &mut trouble).await?;
    trouble.splice(0..0, people.trouble.drain(..));
    trouble.append(&mut directory.trouble);
    let learnt = Learnt {
        hosts: people.asked,
        accounts: people.confirmed,
        standings: policy.consent.standings().clone(),
        changes: directory.changes,
    };
    // what goes to Zoom's trash is judged by Kaltura's clock
    let matters = tracked.values().any(|tracked| may_be_due(tracked, &policy, now));
    let in_kaltura = if matters { from.kaltura.ask_time().await } else { None };
    let window = scope.window;
    let owners = people.owners;
    let facts = Facts {
        window,
        complete,
        listed,
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
    Ok(Gathered { facts, policy, learnt, trouble, held: directory.held, read_through, unmarked, nobodys: is_persons })
}

/// What Zoom lists and what the ledger knows of it.
struct Listed {
    segments: Vec<Segment>,
    /// Where the users of the account were walked: who they are.
    users: BTreeMap<HostId, HostProfile>,
    tracked: BTreeMap<SegmentKey, Tracked>,
    gone: HashSet<SegmentKey>,
    complete: bool,
    read_through: bool,
    trouble: Vec<RemoteError>,
}

async fn recordings(
    from: Origins<'_>,
    scope: &Scope,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Listed, GatherError> {
    let Listing { segments: mut listed, mut trouble, short, users, .. } = from.zoom.recordings(scope.window).await?;
    for what in &short {
        tracing::warn!("{what}; what came is copied, and the checkpoint waits for the rest");
    }
    let read_through = trouble.is_empty();
    let complete = read_through && short.is_empty();
    let mut tracked = known(from.ledger, scope.window, &mut listed)?;
    share_meetings(&listed, &mut tracked);
    let selection = by_id(from.zoom, &scope.selection, &listed).await?;
    trouble.extend(misnamed(from.zoom, from.ledger, &scope.selection, &listed).await?);
    listed.retain(|segment| selection.includes(segment));
    if !scope.owed {
        let keys: HashSet<SegmentKey> = listed.iter().map(Segment::key).collect();
        tracked.retain(|key, _| keys.contains(key));
    }
    let mut gone = HashSet::new();
    if scope.owed {
        let owed = owed(&listed, &tracked, policy);
        let is_over = |key: &SegmentKey| {
            tracked.get(key).is_none_or(|tracked| now - tracked.segment.started > policy.zoom_retention)
        };
        gone = fetch(from.zoom, (&owed, &tracked), is_over, &mut listed, &mut trouble).await;
    }
    let profile = |(id, email)| (id, HostProfile { email, ..HostProfile::default() });
    let users = users.into_iter().map(profile).collect();
    Ok(Listed { segments: listed, users, tracked, gone, complete, read_through, trouble })
}

/// What the ledger knows of these days, of all that is owed, and of everything that is listed, whatever day either says
/// that it is of. What is listed goes by the names that it has there.
pub fn known(
    ledger: &Ledger,
    window: Window,
    listed: &mut [Segment],
) -> Result<BTreeMap<SegmentKey, Tracked>, LedgerError> {
    // what Zoom lists under one day may have begun on the day before
    let mut tracked = ledger.tracked(window.from.checked_sub_days(MARGIN).unwrap_or(window.from))?;
    let unknown: BTreeSet<&MeetingUuid> = listed
        .iter()
        .filter(|segment| !tracked.contains_key(&segment.key()))
        .map(|segment| &segment.meeting.uuid)
        .collect();
    tracked.extend(ledger.tracked_of(&unknown)?.into_iter().map(|tracked| (tracked.segment.key(), tracked)));
    as_known(listed, &tracked);
    Ok(tracked)
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

/// The hosts and the owners of what is to be copied or handed over.
struct People {
    owners: HashMap<SegmentKey, Owner>,
    asked: BTreeMap<HostId, HostProfile>,
    confirmed: BTreeMap<String, KalturaUserId>,
    trouble: Vec<RemoteError>,
}

impl People {
    /// Fills in the addresses that Zoom told, as who opted out is known by them. For what is to be copied or handed over it
    /// is asked who the host is in this run; only of what stays an orphan for now an answer of some hours ago does.
    async fn look_for(
        from: Origins<'_>,
        (directory, users): (&Directory, &BTreeMap<HostId, HostProfile>),
        listed: &mut [Segment],
        tracked: &BTreeMap<SegmentKey, Tracked>,
        policy: &Policy,
        now: DateTime<Utc>,
    ) -> Result<People, GatherError> {
        let rules = &from.owner.rules;
        let orphans = if policy.adopt { orphans(listed, tracked) } else { Vec::new() };
        remember_addresses(listed, tracked, |segment| begins(segment, tracked, policy, now));
        let fresh: Vec<Segment> = fresh(listed, tracked, policy, now).into_iter().cloned().collect();
        let of_fresh: Vec<&Segment> = fresh.iter().collect();
        let Profiles { of: mut hosts, mut asked, taken, mut trouble } =
            profiles(from.zoom, from.ledger, rules, &of_fresh, users).await;
        for taken in taken {
            tracing::warn!("{taken}");
        }
        let walked = fresh.iter().filter_map(|segment| users.get_key_value(&segment.meeting.host_id));
        for (id, user) in walked {
            asked.entry(id.clone()).or_insert_with(|| user.clone());
        }
        let mut lately = directory.remembered.hosts.clone();
        lately.extend(asked.clone());
        // of whom Zoom has no more it is asked whose their address is
        lately.retain(|id, host| !(host.email.is_empty() && asked.contains_key(id)));
        let of_orphans: Vec<&Segment> = orphans.iter().collect();
        let kept = profiles(from.zoom, from.ledger, rules, &of_orphans, &lately).await;
        hosts.extend(kept.of);
        asked.extend(kept.asked);
        trouble.extend(kept.trouble);
        let email = |segment: &Segment| {
            Some(hosts.get(&segment.key())?.as_ref().ok()?.email.clone()).filter(|email| !email.is_empty())
        };
        let emails: HashMap<SegmentKey, String> =
            fresh.iter().filter_map(|segment| Some((segment.key(), email(segment)?))).collect();
        set_addresses(listed, |segment| emails.get(&segment.key()));
        // whoever turns out to have opted out is nobody's business any more
        let fresh = self::fresh(listed, tracked, policy, now);
        let matters: HashSet<SegmentKey> = fresh.into_iter().chain(&orphans).map(Segment::key).collect();
        hosts.retain(|key, _| matters.contains(key));
        let mut known = directory.remembered.accounts.clone();
        forget_changed(from, directory, tracked, &asked, &mut known)?;
        let aliases = &directory.aliases;
        let Accounts { owners, confirmed } = accounts(from.kaltura, (rules, aliases), &hosts, &known).await?;
        let mut people = People { owners, asked, confirmed, trouble };
        people.confirm_heirs(from, directory, (tracked, &orphans)).await?;
        Ok(people)
    }

    /// Orphans that are to be handed over: an account that was found by what Zoom said some hours ago may be the wrong one.
    async fn confirm_heirs(
        &mut self,
        from: Origins<'_>,
        directory: &Directory,
        (tracked, orphans): (&BTreeMap<SegmentKey, Tracked>, &[Segment]),
    ) -> Result<(), GatherError> {
        let is_due = |segment: &&Segment| {
            matches!(self.owners.get(&segment.key()), Some(Owner::Account(..)))
                && !self.asked.contains_key(&segment.meeting.host_id)
        };
        let due: Vec<&Segment> = orphans.iter().filter(is_due).collect();
        if due.is_empty() {
            return Ok(());
        }
        let rules = &from.owner.rules;
        let Profiles { of, asked, trouble, .. } = profiles(from.zoom, from.ledger, rules, &due, &self.asked).await;
        let mut known = directory.remembered.accounts.clone();
        forget_changed(from, directory, tracked, &asked, &mut known)?;
        let Accounts { owners, confirmed } = accounts(from.kaltura, (rules, &directory.aliases), &of, &known).await?;
        self.owners.extend(owners);
        self.confirmed.extend(confirmed);
        self.asked.extend(asked);
        self.trouble.extend(trouble);
        Ok(())
    }
}

/// Compares who the hosts are with what earlier runs heard of them, tells what differs, and forgets the accounts that
/// followed from it.
fn forget_changed(
    from: Origins<'_>,
    directory: &Directory,
    tracked: &BTreeMap<SegmentKey, Tracked>,
    asked: &BTreeMap<HostId, HostProfile>,
    accounts: &mut BTreeMap<String, KalturaUserId>,
) -> Result<(), LedgerError> {
    if asked.is_empty() {
        return Ok(());
    }
    let mut seen: Vec<&Tracked> = tracked.values().collect();
    seen.sort_by_key(|tracked| tracked.segment.started);
    let meetings = seen.iter().map(|tracked| &tracked.segment.meeting);
    let listed = meetings.filter_map(|meeting| Some((meeting.host_id.clone(), meeting.host_email.clone()?)));
    let mut known: BTreeMap<HostId, String> = listed.collect();
    known.extend(from.ledger.host_addresses()?);
    for change in changed(&known, asked) {
        tracing::warn!("{change}");
        if let Some(host) = asked.get(change.host()) {
            forget(accounts, (&from.owner.rules, &directory.aliases), host);
        }
    }
    Ok(())
}

/// The segments whose copy is to begin, by rules that cost no look-up.
fn fresh<'a>(
    listed: &'a [Segment],
    tracked: &BTreeMap<SegmentKey, Tracked>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Vec<&'a Segment> {
    listed.iter().filter(|segment| begins(segment, tracked, policy, now)).collect()
}

/// The segments whose copy the holding user keeps, as Zoom lists them. Of the others the address is left out, as it may
/// be somebody else's by now.
fn orphans(listed: &[Segment], tracked: &BTreeMap<SegmentKey, Tracked>) -> Vec<Segment> {
    let orphans = tracked.values().filter_map(Tracked::as_orphan).filter(|orphan| !orphan.in_transfer);
    let orphans: HashMap<SegmentKey, Orphan> = orphans.map(|orphan| (orphan.segment.key(), orphan)).collect();
    if orphans.is_empty() {
        return Vec::new();
    }
    let listed: HashMap<SegmentKey, &Segment> = listed.iter().map(|segment| (segment.key(), segment)).collect();
    let segment = |(key, orphan): (SegmentKey, Orphan)| {
        listed.get(&key).map_or_else(|| nameless(orphan.segment), |segment| (*segment).clone())
    };
    orphans.into_iter().map(segment).collect()
}

fn begins(segment: &Segment, tracked: &BTreeMap<SegmentKey, Tracked>, policy: &Policy, now: DateTime<Utc>) -> bool {
    matches!(stage(segment, Presence::Listed, tracked.get(&segment.key()), policy, now), Stage::Begin(_))
}

/// The listing may leave out the host's address; once looked up, the ledger has it. For a recording that is to be copied
/// it is asked for anew: people change their addresses, and others get the old ones.
fn remember_addresses(
    listed: &mut [Segment],
    tracked: &BTreeMap<SegmentKey, Tracked>,
    is_fresh: impl Fn(&Segment) -> bool,
) {
    let known: HashMap<&HostId, &String> = tracked
        .values()
        .map(|tracked| &tracked.segment.meeting)
        .filter_map(|meeting| Some((&meeting.host_id, meeting.host_email.as_ref()?)))
        .collect();
    let is_nameless = |segment: &Segment| segment.meeting.host_email.is_none() && !is_fresh(segment);
    set_addresses(listed, |segment| known.get(&segment.meeting.host_id).copied().filter(|_| is_nameless(segment)));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::share_meetings;
    use crate::model::{Action, Segment};
    use crate::plan::samples::{segment, tracked};

    fn is_shared(listed: &Segment) -> bool {
        let known = tracked(Action::Done, None, Vec::new());
        let mut known = BTreeMap::from([(known.segment.key(), known)]);
        share_meetings(std::slice::from_ref(listed), &mut known);
        known.values().all(|known| Arc::ptr_eq(&known.segment.meeting, &listed.meeting))
    }

    #[test]
    fn a_meeting_of_which_zoom_and_the_ledger_say_the_same_is_held_once() {
        assert!(is_shared(&segment(Vec::new())));
        let mut renamed = segment(Vec::new());
        Arc::make_mut(&mut renamed.meeting).topic = "Waves".to_owned();
        assert!(!is_shared(&renamed));
    }
}
