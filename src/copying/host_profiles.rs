//! Who the hosts are: what Zoom says of them in this run. An address may be somebody else's by now; an id never is.
//!
//! Where the address behind a host's id is another than before, or the address of one host is another's by now. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use futures_util::future::join_all;

use super::systems::Systems;
use crate::ledger::Ledger;
use crate::model::{HostId, HostProfile, KalturaUserId, Meeting, Owner, Segment, SegmentKey, one_line};
use crate::owners::OwnerRules;
use crate::owners::people::Address;
use crate::remotes::http::{RemoteError, RemoteKind, Service};
use crate::remotes::zoom::{Host, Zoom};

/// After so many errors in a row Zoom is not asked for hundreds of others, with a wait for each.
const ENOUGH: usize = 3;
/// Hosts asked for at a time, once Zoom has answered.
const SIDE_BY_SIDE: usize = 8;

/// The hosts of some segments.
#[derive(Debug, Default)]
pub struct Profiles {
    /// The host of each segment, or why there is no owner without one.
    pub of: BTreeMap<SegmentKey, Result<HostProfile, Owner>>,
    /// Those that Zoom was asked for, to be remembered: one whom it no longer has without an address.
    pub asked: BTreeMap<HostId, HostProfile>,
    /// Recordings whose list names an address that is not their host's, in words.
    pub taken: Vec<String>,
    /// What went wrong at single hosts; the others were found all the same.
    pub trouble: Vec<RemoteError>,
}

/// What is known of a host.
#[derive(Clone)]
enum KnownHost {
    Of(HostProfile),
    /// Zoom has no such user any more, or one without an address; whose the recordings were before.
    Departed(Option<KalturaUserId>),
    Failed(String),
}

/// Whose an address is that a list shows beside a recording.
#[derive(Clone)]
enum Bearer {
    /// This user's, as far as Zoom tells who it is.
    Is(Option<HostId>, HostProfile),
    Nobody,
    Failed(String),
}

/// Where hosts are asked for.
struct Asking<'a> {
    zoom: &'a Zoom,
    rules: &'a OwnerRules,
    failed_in_a_row: usize,
    answered: bool,
    trouble: Vec<RemoteError>,
}

/// Finds out who hosted `segments`. Each host is asked for once by the id, unless what was heard of them `lately` does; what
/// a list says of an address is not believed of anybody whom Zoom knows. Of one whom Zoom no longer has the ledger tells
/// whose the recordings were, and the address in the list counts only if it is nobody else's by now.
pub async fn find_profiles(
    systems: Systems<'_>,
    segments: &[&Segment],
    lately: &BTreeMap<HostId, HostProfile>,
) -> Profiles {
    let Systems { zoom, ledger, owner, .. } = systems;
    let rules = &owner.rules;
    let mut asking = Asking { zoom, rules, failed_in_a_row: 0, answered: false, trouble: Vec::new() };
    let mut hosts: HashMap<HostId, KnownHost> = HashMap::new();
    let (mut unknown, mut asked) = (Vec::new(), BTreeMap::new());
    for id in segments.iter().map(|segment| &segment.meeting.host_id).collect::<BTreeSet<_>>() {
        match lately.get(id).filter(|host| is_enough(host, rules)) {
            Some(host) if host.known_email().is_some() => drop(hosts.insert(id.clone(), KnownHost::Of(host.clone()))),
            Some(_) => drop(hosts.insert(id.clone(), is_departed(ledger, id))),
            None if id.as_str().is_empty() => drop(hosts.insert(id.clone(), KnownHost::Departed(None))),
            None => unknown.push(id.clone()),
        }
    }
    for (id, answer) in asking.ask_hosts(unknown).await {
        let known = match answer {
            Ok(Some(host)) => KnownHost::Of(host),
            // on a ledger that cannot be read nothing may be decided
            Ok(None) => is_departed(ledger, &id),
            Err(why) => KnownHost::Failed(why),
        };
        match &known {
            KnownHost::Of(host) => drop(asked.insert(id.clone(), host.clone())),
            KnownHost::Departed(_) => drop(asked.insert(id.clone(), HostProfile::default())),
            KnownHost::Failed(_) => {}
        }
        hosts.insert(id, known);
    }
    let known = |meeting: &Meeting| hosts.get(&meeting.host_id).cloned().unwrap_or(KnownHost::Departed(None));
    // what was heard lately is asked for again before anything follows from it
    let is_doubtful = |segment: &&&Segment| {
        let id = &segment.meeting.host_id;
        matches!(known(&segment.meeting), KnownHost::Departed(_)) && (id.as_str().is_empty() || asked.contains_key(id))
    };
    let doubtful = segments.iter().filter(is_doubtful);
    let bearers = asking.find_bearers(doubtful.filter_map(|segment| listed_address(&segment.meeting)).collect()).await;
    let of = segments.iter().map(|segment| {
        let meeting = &segment.meeting;
        (segment.key(), of_meeting(known(meeting), meeting, &bearers))
    });
    let of = of.collect();
    let is_departed = |segment: &&&Segment| matches!(known(&segment.meeting), KnownHost::Departed(_));
    let taken =
        segments.iter().filter(is_departed).filter_map(|segment| name_reused_address(segment, &bearers)).collect();
    // what Zoom refuses for one host while it answers for others needs no permission
    let refused = |error: RemoteError| if asking.answered { error.of_one_if_refused() } else { error };
    Profiles { of, asked, taken, trouble: asking.trouble.into_iter().map(refused).collect() }
}

/// Whether it has all that the rules ask for; one whom Zoom no longer has, has nothing.
fn is_enough(host: &HostProfile, rules: &OwnerRules) -> bool {
    host.known_email().is_none() || rules.attributes().iter().all(|name| host.attributes.contains_key(*name))
}

fn is_departed(ledger: &Ledger, id: &HostId) -> KnownHost {
    ledger.last_owner(id).map_or_else(|error| KnownHost::Failed(error.to_string()), KnownHost::Departed)
}

fn listed_address(meeting: &Meeting) -> Option<Address> {
    Address::new(meeting.host_email.as_deref()?)
}

/// What is to go by for one meeting of a host.
fn of_meeting(known: KnownHost, meeting: &Meeting, bearers: &BTreeMap<Address, Bearer>) -> Result<HostProfile, Owner> {
    let last_owner = match known {
        KnownHost::Of(profile) => return Ok(profile),
        KnownHost::Failed(why) => return Err(Owner::Unknown(why)),
        KnownHost::Departed(last_owner) => last_owner,
    };
    let nobody = HostProfile { last_owner, ..HostProfile::default() };
    let (Some(email), Some(address)) = (&meeting.host_email, listed_address(meeting)) else {
        return Ok(nobody);
    };
    match bearers.get(&address) {
        Some(Bearer::Failed(why)) => Err(Owner::Unknown(why.clone())),
        // a recording whose list tells no id of its host
        Some(Bearer::Is(_, profile)) if meeting.host_id.as_str().is_empty() => Ok(profile.clone()),
        Some(Bearer::Is(Some(id), _)) if *id == meeting.host_id => Ok(HostProfile { email: email.clone(), ..nobody }),
        Some(Bearer::Nobody) => Ok(HostProfile { email: email.clone(), ..nobody }),
        // it is another's, or nobody asked just now whose it is
        Some(Bearer::Is(..)) | None => Ok(nobody),
    }
}

/// The meetings whose host is not in Zoom any more, and whose address is somebody else's by now, in words.
fn name_reused_address(segment: &Segment, bearers: &BTreeMap<Address, Bearer>) -> Option<String> {
    let meeting = &segment.meeting;
    let address = listed_address(meeting).filter(|_| !meeting.host_id.as_str().is_empty())?;
    let is_another = matches!(bearers.get(&address)?, Bearer::Is(id, _) if id.as_ref() != Some(&meeting.host_id));
    is_another.then(|| {
        format!(
            "{:?} of {}: Zoom no longer has its host, the user {}; the listed address {:?} now belongs to another user, so no account is looked up by it",
            one_line(&meeting.topic),
            segment.recording_start,
            one_line(meeting.host_id.as_str()),
            one_line(address.as_str())
        )
    })
}

impl Asking<'_> {
    /// What Zoom says of each of them; `None` of whom it has no more, or without an address.
    async fn ask_hosts(&mut self, ids: Vec<HostId>) -> Vec<(HostId, Result<Option<HostProfile>, String>)> {
        let mut answers = Vec::with_capacity(ids.len());
        for (id, answer) in self.fetch_hosts(ids).await {
            let answer = match answer {
                Ok(Some(host)) if host.id.as_ref().is_some_and(|told| *told != id) => {
                    Err(self.note_trouble(RemoteError::new(
                        Service::Zoom,
                        RemoteKind::Rejected,
                        format!("Zoom returned another user than {}, which was requested", one_line(id.as_str())),
                    )))
                }
                Ok(host) => Ok(host.and_then(|host| self.make_profile(host))),
                Err(why) => Err(why),
            };
            answers.push((id, answer));
        }
        answers
    }

    /// Whose each address is.
    async fn find_bearers(&mut self, addresses: BTreeSet<Address>) -> BTreeMap<Address, Bearer> {
        let ids = addresses.iter().map(|address| HostId::new(address.as_str())).collect();
        let answers = self.fetch_hosts(ids).await.into_iter().map(|(_, answer)| match answer {
            Ok(Some(host)) => {
                let id = host.id.clone();
                self.make_profile(host).map_or(Bearer::Is(id.clone(), HostProfile::default()), |it| Bearer::Is(id, it))
            }
            Ok(None) => Bearer::Nobody,
            Err(why) => Bearer::Failed(why),
        });
        addresses.iter().cloned().zip(answers).collect()
    }

    /// The host as Zoom knows them; what they lack is remembered as empty.
    fn make_profile(&self, host: Host) -> Option<HostProfile> {
        let Host { email, attributes, .. } = host;
        let value = |name: &&str| attributes.get(*name).cloned().unwrap_or_default();
        let needed = self.rules.attributes().into_iter().map(|name| (name.to_owned(), value(&name)));
        Some(HostProfile { email: email?, attributes: needed.collect(), last_owner: None })
    }

    /// Asks for each by id or address: one after another as long as Zoom does not answer, then several at a time.
    async fn fetch_hosts(&mut self, ids: Vec<HostId>) -> Vec<(HostId, Result<Option<Host>, String>)> {
        let mut found = Vec::with_capacity(ids.len());
        let mut rest = ids.as_slice();
        while !rest.is_empty() {
            if let Some(error) = self.trouble.last().filter(|_| self.failed_in_a_row >= ENOUGH) {
                let why = error.to_string();
                found.extend(rest.iter().map(|id| (id.clone(), Err(why.clone()))));
                break;
            }
            let at_a_time = if self.answered && self.failed_in_a_row == 0 { SIDE_BY_SIDE } else { 1 };
            let (now, later) = rest.split_at(at_a_time.min(rest.len()));
            for (id, answer) in now.iter().zip(join_all(now.iter().map(|id| self.zoom.host(id))).await) {
                let answer = match answer {
                    Ok(host) => {
                        (self.answered, self.failed_in_a_row) = (true, 0);
                        Ok(host)
                    }
                    Err(error) => {
                        // what is odd about one host says nothing of the next
                        if error.is_outage() || error.ends_the_run() {
                            self.failed_in_a_row += 1;
                        }
                        Err(self.note_trouble(error))
                    }
                };
                found.push((id.clone(), answer));
            }
            rest = later;
        }
        found
    }

    fn note_trouble(&mut self, error: RemoteError) -> String {
        let why = error.to_string();
        self.trouble.push(error);
        why
    }
}

/// What differs from what was known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The host has another address.
    Address {
        /// The host.
        host: HostId,
        /// The address that was known.
        before: String,
        /// The address by now.
        now: String,
    },
    /// The address was another host's.
    Bearer {
        /// The address.
        address: String,
        /// Who had it.
        before: HostId,
        /// Who has it now.
        now: HostId,
    },
}

impl Changed {
    /// Whose owner is to be decided again.
    #[must_use]
    pub fn host(&self) -> &HostId {
        match self {
            Changed::Address { host, .. } => host,
            Changed::Bearer { now, .. } => now,
        }
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Changed::Address { host, before, now } => write!(
                f,
                "the Zoom user {} has a new address: {:?}, before {:?}; their Kaltura account is looked up again",
                one_line(host.as_str()),
                one_line(now),
                one_line(before)
            ),
            Changed::Bearer { address, before, now } => write!(
                f,
                "the address {:?} now belongs to the Zoom user {}, no longer to {}; their Kaltura account is looked up again",
                one_line(address),
                one_line(now.as_str()),
                one_line(before.as_str())
            ),
        }
    }
}

/// Compares what Zoom says of hosts `now` with what was `known`, by their ids, and with who had their addresses `earlier`.
/// Whom Zoom has no more has no address.
#[must_use]
pub fn find_changed(
    known: &BTreeMap<HostId, String>,
    earlier: &BTreeMap<String, BTreeSet<HostId>>,
    now: &BTreeMap<HostId, HostProfile>,
) -> Vec<Changed> {
    let mut bearers: BTreeMap<Address, BTreeSet<&HostId>> = BTreeMap::new();
    let earlier = earlier.iter().flat_map(|(email, hosts)| hosts.iter().map(move |host| (host, email)));
    for (host, email) in known.iter().chain(earlier) {
        if let Some(address) = Address::new(email) {
            bearers.entry(address).or_default().insert(host);
        }
    }
    let mut found = Vec::new();
    for (host, profile) in now {
        let Some(address) = Address::new(&profile.email) else {
            continue;
        };
        let before = known.get(host).and_then(|email| Address::new(email));
        if let Some(before) = before.filter(|before| *before != address) {
            let (host, now) = (host.clone(), address.to_string());
            found.push(Changed::Address { host, before: before.to_string(), now });
        }
        let others = bearers.get(&address).into_iter().flatten().copied().filter(|other| *other != host);
        // who is known to have it already had it before as well
        let is_news = known.get(host).and_then(|email| Address::new(email)).as_ref() != Some(&address);
        found.extend(others.filter(|_| is_news).map(|before| Changed::Bearer {
            address: address.to_string(),
            before: before.clone(),
            now: host.clone(),
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Changed, find_changed};
    use crate::model::{HostId, HostProfile};

    /// Pairs of an id and an address, as in `a=ada@x b=bert@x`; a dash is none.
    fn pairs(text: &str) -> impl Iterator<Item = (HostId, String)> {
        let pairs = text.split_whitespace().map(|pair| pair.split_once('=').expect("a pair"));
        pairs.map(|(id, email)| (HostId::new(id), email.trim_matches('-').to_owned()))
    }

    fn words(known: &str, now: &str) -> String {
        let now: BTreeMap<_, _> =
            pairs(now).map(|(id, email)| (id, HostProfile { email, ..HostProfile::default() })).collect();
        // who had an address before, and has another by now
        let (known, earlier) = known.split_once('|').unwrap_or((known, ""));
        let earlier = pairs(earlier).map(|(id, email)| (email, [id].into())).collect();
        let found = find_changed(&pairs(known).collect(), &earlier, &now);
        let word = |changed: &Changed| match changed {
            Changed::Address { host, .. } => format!("{host} moved"),
            Changed::Bearer { before, now, .. } => format!("{now} after {before}"),
        };
        found.iter().map(word).collect::<Vec<_>>().join(", ")
    }

    /// Every way in which an address and an id come apart.
    #[test]
    fn changed_address_owners_are_noticed() {
        let cases = [
            ("", "a=ada@x", ""),
            ("a=ada@x", "a=ada@x", ""),
            ("a=Ada@X", "a=ada@x", ""),
            ("a=ada@x", "", ""),
            ("a=ada@x", "a=-", ""),
            ("a=-", "a=ada@x", ""),
            ("a=ada@x", "a=lovelace@x", "a moved"),
            ("a=ada@x", "b=ada@x", "b after a"),
            ("a=ada@x b=bert@x", "a=bert@x b=ada@x", "a moved, a after b, b moved, b after a"),
            ("a=ada@x b=bert@x", "b=ada@x", "b moved, b after a"),
            ("a=ada@x b=ada@x", "b=ada@x", ""),
            ("a=ada@x b=ada@x", "c=ada@x", "c after a, c after b"),
            ("a=lovelace@x | a=ada@x", "b=ada@x", "b after a"),
            ("a=lovelace@x b=ada@x | a=ada@x", "b=ada@x", ""),
            ("a=ada@x | a=ada@x", "b=ada@x", "b after a"),
            ("a=ada@x | b=ada@x", "a=ada@x", ""),
        ];
        for (known, now, expected) in cases {
            assert_eq!(words(known, now), expected, "{known} | {now}");
        }
    }
}
