//! What Kaltura says of the orphaned copies: of those that the ledger knows, and of what else lies in the account of the
//! holding user. Changes nothing anywhere; Zoom is asked for hosts alone.
//!
//! Where a purge looks.
//!
//! Whose an orphan could be by now: looked for again before it is deleted.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::plan::{is_old_orphan, settled_fate};
use super::{NewOwner, OrphanSeen, PurgeFacts, Witnesses};
use crate::copying::directory::{Directory, list_nameless, undecided_without_domains, with_host_address};
use crate::copying::gather::GatherError;
use crate::copying::host_profiles::{Profiles, find_changed, find_profiles};
use crate::copying::systems::Systems;
use crate::ledger::Ledger;
use crate::model::{
    Action, CopyState, Decision, Entry, EntryId, EntryStatus, EntryWithSource, FileCopy, FileId, HostId, HostProfile,
    KalturaUserId, Orphan, Owner, Role, Segment, SegmentKey, ZoomTrash,
};
use crate::owners::{FoundAccounts, look_up_accounts};
use crate::remotes::http::RemoteError;
use crate::remotes::kaltura::{AccountEntry, Kaltura};
use crate::remotes::zoom::Zoom;

/// Over so many days it is judged how many hosts have an account.
const RECENT: Days = Days::new(7);
/// So many accounts are asked for that Kaltura must know.
const WITNESSES: usize = 20;

/// Looks at every orphan, and at all that lies in the accounts of those who hold them. `adopt`: what has an owner by now is
/// handed over.
pub async fn gather_purge(
    systems: Systems<'_>,
    adopt: bool,
    older_than: TimeDelta,
    now: DateTime<Utc>,
) -> Result<PurgeFacts, GatherError> {
    let known = systems.ledger.orphans().map_err(GatherError::Ledger)?;
    let mut missing = Vec::new();
    let mut keepers: BTreeSet<KalturaUserId> = known.iter().map(|orphan| orphan.keeper.clone()).collect();
    keepers.insert(systems.owner.holding_user.clone());
    let mut holdings: HashMap<KalturaUserId, Vec<AccountEntry>> = HashMap::new();
    for keeper in keepers {
        match systems.kaltura.active_user(keeper.as_str()).await? {
            Some(user) if !holdings.contains_key(&user.id) => {
                let holding = systems.kaltura.holding(&user.id).await?;
                holdings.insert(user.id, holding);
            }
            Some(_) => {}
            None => missing.push(keeper),
        }
    }
    let listed: Vec<&AccountEntry> = holdings.values().flatten().collect();
    let orphans: BTreeSet<&EntryId> = known.iter().filter_map(|orphan| orphan.copy.entry_id.as_ref()).collect();
    let is_back = |held: &&&AccountEntry| {
        held.entry.ours && held.entry.tags.is_orphan && !held.entry.recycled && !orphans.contains(&held.entry.id)
    };
    let back = listed.iter().filter(is_back);
    let given_back = back.map(|held| (held.entry.id.clone(), KalturaUserId::new(held.entry.owner.clone()))).collect();
    let strangers = list_strangers(systems.ledger, &listed)?;
    let mut evidence = PurgeFacts { missing, given_back, ..PurgeFacts::default() };
    let orphans = known.into_iter().chain(strangers).collect();
    (evidence.seen, evidence.trouble) = look_at_orphans(systems.kaltura, orphans).await?;
    // an orphan's age is a difference of Kaltura's own times: where it tells none, nothing is old
    evidence.now = systems.kaltura.now().unwrap_or(DateTime::UNIX_EPOCH);
    let (local, now) = (now, evidence.now);
    let is_due = |seen: &OrphanSeen| is_old_orphan(seen, older_than, now) && settled_fate(seen).is_none();
    evidence.contradictions = evidence
        .seen
        .iter()
        .filter(|seen| is_due(seen))
        .filter_map(|seen| find_contradiction(seen, &holdings))
        .collect();
    if !evidence.seen.iter().any(is_due) {
        return Ok(evidence);
    }
    look_for_heirs(systems, adopt, &mut evidence, is_due, local).await?;
    let recent = now.date_naive() - RECENT;
    evidence.witnesses = list_witnesses(systems, recent).await?;
    evidence.share = systems.ledger.share_of_orphans(recent)?;
    evidence.ever = systems.ledger.share_of_orphans(NaiveDate::default())?;
    Ok(evidence)
}

/// Looks at one orphan again, just before something is done about it.
pub(super) async fn look_again(
    systems: Systems<'_>,
    directory: Option<&Directory>,
    orphan: &Orphan,
) -> Result<Option<OrphanSeen>, RemoteError> {
    let (mut seen, mut trouble) = look_at_orphans(systems.kaltura, vec![orphan.clone()]).await?;
    let Some(mut seen) = seen.pop() else {
        return trouble.pop().map_or(Ok(None), Err);
    };
    seen.published = systems.kaltura.published(&entry_ids(std::slice::from_ref(&seen))).await?.into_iter().any(|it| it);
    if let Some(directory) = directory
        && settled_fate(&seen).is_none()
    {
        // accounts are asked for anew, hosts were just now
        let heirs = find_new_owners(systems, directory, vec![seen.orphan.segment.clone()]).await?;
        seen.heir = heirs.of.into_values().next().unwrap_or(NewOwner::NotAsked);
    }
    Ok(Some(seen))
}

/// What Kaltura says of each of them; of one that cannot be read nothing is said, and it stays.
async fn look_at_orphans(
    kaltura: &Kaltura,
    orphans: Vec<Orphan>,
) -> Result<(Vec<OrphanSeen>, Vec<RemoteError>), RemoteError> {
    let known: Vec<(Orphan, EntryId)> =
        orphans.into_iter().filter_map(|orphan| Some((orphan.clone(), orphan.copy.entry_id?))).collect();
    let ids: Vec<EntryId> = known.iter().map(|(_, id)| id.clone()).collect();
    let entries = kaltura.entries_with_source(&ids).await?;
    let children = kaltura.children(&ids).await?;
    let additions = kaltura.have_additions(&ids).await?;
    let (mut seen, mut trouble) = (Vec::new(), Vec::new());
    for ((((mut orphan, _), copied), children), additions) in
        known.into_iter().zip(entries).zip(children).zip(additions)
    {
        match copied.and_then(|copied| Ok((copied.map(entry_of_source), children?, additions?))) {
            Ok((entry, children, has_additions)) => {
                if !orphan.by_kaltura {
                    orphan.confirmed = since_changed(orphan.confirmed, entry.iter().chain(&children), kaltura.now());
                }
                seen.push(OrphanSeen::new(orphan, entry, children, has_additions));
            }
            Err(error) => trouble.push(error),
        }
    }
    Ok((seen, trouble))
}

/// Where the clock of an orphan starts that an older version confirmed, by this machine's clock: when it did, or when one of
/// the entries was last changed, whichever is later. `now` where an entry does not tell.
fn since_changed<'a>(
    confirmed: DateTime<Utc>,
    entries: impl Iterator<Item = &'a Entry>,
    now: Option<DateTime<Utc>>,
) -> DateTime<Utc> {
    entries.filter_map(|entry| entry.changed.or(now)).fold(confirmed, DateTime::max)
}

fn entry_of_source(copied: EntryWithSource) -> Entry {
    copied.entry
}

fn entry_ids(seen: &[OrphanSeen]) -> Vec<EntryId> {
    seen.iter().filter_map(|seen| seen.orphan.copy.entry_id.clone()).collect()
}

/// What people made of those that are due, and, where they may be handed over, whose they could be.
async fn look_for_heirs(
    systems: Systems<'_>,
    adopt: bool,
    evidence: &mut PurgeFacts,
    is_due: impl Fn(&OrphanSeen) -> bool,
    now: DateTime<Utc>,
) -> Result<(), GatherError> {
    let mut due: Vec<&mut OrphanSeen> = evidence.seen.iter_mut().filter(|seen| is_due(seen)).collect();
    let entries: Vec<EntryId> = due.iter().filter_map(|seen| seen.orphan.copy.entry_id.clone()).collect();
    for (seen, published) in due.iter_mut().zip(systems.kaltura.published(&entries).await?) {
        seen.published = published;
    }
    if !adopt {
        return Ok(());
    }
    let mut directory = Directory::read(systems, false, now).await?;
    // what is about to be deleted is not judged by an answer of an hour ago
    directory.remembered.accounts.clear();
    directory.remembered.hosts.clear();
    evidence.trouble.append(&mut directory.trouble);
    evidence.held.append(&mut directory.held);
    let mut segments = Vec::new();
    for seen in due.iter_mut().filter(|seen| settled_fate(seen).is_none()) {
        match if seen.orphan.is_in_ledger() { Ok(()) } else { find_host(systems.zoom, &mut seen.orphan.segment).await }
        {
            Ok(()) => segments.push(seen.orphan.segment.clone()),
            Err(error) => {
                seen.heir = NewOwner::Unknown(error.to_string());
                evidence.trouble.push(error);
            }
        }
    }
    let NewOwners { mut of, hosts, trouble } = find_new_owners(systems, &directory, segments).await?;
    for seen in &mut due {
        if let Some(heir) = of.remove(&seen.orphan.segment.key()) {
            seen.heir = heir;
        }
    }
    let undecided = due.iter().filter(|seen| seen.heir == NewOwner::DomainsMissing).count();
    evidence.held.extend(undecided_without_domains(&systems.owner.rules, undecided));
    let known = systems.ledger.host_addresses().map_err(GatherError::Ledger)?;
    let earlier = systems.ledger.earlier_hosts(&hosts).map_err(GatherError::Ledger)?;
    for change in find_changed(&known, &earlier, &hosts) {
        tracing::warn!("{change}");
    }
    directory.remembered.hosts.extend(hosts.clone());
    evidence.hosts = hosts;
    evidence.trouble.extend(trouble);
    evidence.directory = Some(directory);
    Ok(())
}

/// The host of a recording that the ledger does not know, as long as Zoom has it.
async fn find_host(zoom: &Zoom, segment: &mut Segment) -> Result<(), RemoteError> {
    let found = zoom.meeting(&segment.meeting.uuid).await?.unwrap_or_default();
    if let Some(known) = found.into_iter().find(|known| known.key() == segment.key()) {
        let topic = segment.meeting.topic.clone();
        segment.meeting = known.meeting;
        Arc::make_mut(&mut segment.meeting).topic = topic;
    }
    Ok(())
}

/// What lies in the account of a holding user and is in no ledger: copies whose ledger was lost, and what others put there.
fn list_strangers(ledger: &Ledger, listed: &[&AccountEntry]) -> Result<Vec<Orphan>, GatherError> {
    let mut strangers = Vec::new();
    for held in listed {
        let key = held.entry.reference_id.segment_key();
        let is_known = match &key {
            Some(key) => ledger.knows(Some(&held.entry.id), key)?,
            None => false,
        };
        if !is_known && !held.entry.recycled {
            strangers.push(make_stranger(held));
        }
    }
    Ok(strangers)
}

/// An orphan as its entry tells of it. Its clock is Kaltura's, and starts when the entry was last changed.
fn make_stranger(held: &AccountEntry) -> Orphan {
    let is_ready = held.entry.status == EntryStatus::Ready && held.entry.milliseconds > 0;
    Orphan {
        row: None,
        segment: held.segment(),
        copy: copy_in_orphan(&held.entry),
        children: Vec::new(),
        keeper: KalturaUserId::new(held.entry.owner.clone()),
        confirmed: held.changed,
        by_kaltura: true,
        in_transfer: held.entry.ours && !is_ready,
        kept: None,
        untagged: false,
    }
}

fn copy_in_orphan(entry: &Entry) -> FileCopy {
    FileCopy {
        row: 0,
        file_id: FileId::new(""),
        file_type: Arc::default(),
        role: Role::Parent,
        state: CopyState::Done,
        bytes: 0,
        listed: 0,
        announced: None,
        validator: None,
        lasted: None,
        token: None,
        attach_sent: None,
        asked: 1,
        entry_id: Some(entry.id.clone()),
        confirmed: None,
        by_kaltura: false,
        zoom_trash: ZoomTrash::default(),
        attempts: 0,
        next_try: None,
    }
}

/// Where Kaltura's index does not show an entry that its database has, in the account that it is in: what else the index
/// hides, such as a child of somebody else's, cannot be known then.
fn find_contradiction(seen: &OrphanSeen, holdings: &HashMap<KalturaUserId, Vec<AccountEntry>>) -> Option<String> {
    let holding = holdings.get(&seen.orphan.keeper)?;
    let id = seen.orphan.copy.entry_id.as_ref()?;
    let is_listed = holding.iter().any(|held| held.entry.id == *id);
    (!is_listed).then(|| format!("media.get shows entry {id}, media.list does not"))
}

/// Whether Kaltura still knows those to whom copies went lately.
async fn list_witnesses(systems: Systems<'_>, since: NaiveDate) -> Result<Witnesses, GatherError> {
    let owners = systems.ledger.recent_owners(since, WITNESSES)?;
    let answers = systems.kaltura.active_users(&owners).await?;
    let known = answers.iter().filter(|answer| !matches!(answer, Ok(None))).count();
    Ok(Witnesses { asked: owners.len(), known })
}

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
    systems: Systems<'_>,
    directory: &Directory,
    segments: Vec<Segment>,
) -> Result<NewOwners, RemoteError> {
    let segments: Vec<Segment> = segments.into_iter().map(list_nameless).collect();
    let asked: Vec<&Segment> = segments.iter().collect();
    let rules = &systems.owner.rules;
    let Profiles { of: hosts, asked, trouble, .. } = find_profiles(systems, &asked, &directory.remembered.hosts).await;
    let FoundAccounts { owners, .. } =
        look_up_accounts(systems.kaltura, rules, &directory.aliases, &hosts, &directory.remembered.accounts).await?;
    let of = segments.into_iter().map(|segment| {
        let key = segment.key();
        let email = hosts.get(&key).and_then(|host| host.as_ref().ok()?.known_email().map(str::to_owned));
        let account = owners.get(&key).and_then(Owner::account);
        let verdict = directory.consent.verdict_with(&with_host_address(&segment, email), account);
        let heir = match (owners.get(&key), verdict) {
            (Some(Owner::Account(..) | Owner::DomainsMissing), Some(Decision { action: Action::Skip, .. }))
            | (Some(Owner::NoAccount(_)), _) => NewOwner::Nobody,
            (Some(Owner::Account(..)), Some(_)) => {
                NewOwner::Unknown("it is unknown whether its host opted out or in".to_owned())
            }
            (Some(Owner::Account(user, _)), None) if user.is_also(systems.owner.holding_user.as_str()) => {
                NewOwner::Unknown(
                    "by the rules its host's account is owner.holding_user; name another holding user".to_owned(),
                )
            }
            (Some(Owner::Account(user, rule)), None) => NewOwner::Account(user.clone(), rule.clone()),
            (Some(Owner::Unknown(why) | Owner::WrongAlias(why)), _) => NewOwner::Unknown(why.clone()),
            (Some(Owner::DomainsMissing), _) => NewOwner::DomainsMissing,
            (Some(Owner::Undecided), _) => {
                NewOwner::Unknown("owner.aliases has invalid lines, one of which may name its host".to_owned())
            }
            (None, _) => NewOwner::Unknown("its host was not looked up".to_owned()),
        };
        (key, heir)
    });
    Ok(NewOwners { of: of.collect(), hosts: asked, trouble })
}
