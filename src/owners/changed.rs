//! Where the address behind a host's id is another than before, or the address of one host is another's by now. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::{HostId, HostProfile, one_line};
use crate::people::Address;

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
    /// Whose owner is to be decided anew.
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
                "the Zoom user {} has another address: {:?}, before {:?}; their Kaltura account is looked up anew",
                one_line(host.as_str()),
                one_line(now),
                one_line(before)
            ),
            Changed::Bearer { address, before, now } => write!(
                f,
                "the address {:?} belongs to another Zoom user: {}, before {}; their Kaltura account is looked up anew",
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

    #[test]
    fn every_way_in_which_an_address_and_an_id_come_apart() {
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
