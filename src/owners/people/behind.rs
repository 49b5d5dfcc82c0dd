//! Which Zoom users are behind the addresses of the lists: who opted out has done so whatever their address becomes, until
//! the line is removed, and who opted in agreed for themselves and not for those who get the address later. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::HostId;

/// An address of the list, and who has it; nobody where Zoom was asked and knew none.
pub type Link = (String, Option<HostId>);

/// What earlier runs learnt of them, and which stand on the list now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// Users by the address; without any where Zoom was asked and knew none.
    users: BTreeMap<String, BTreeSet<HostId>>,
    /// The addresses that stand on the list now.
    pub(super) addresses: BTreeSet<String>,
}

/// The same for each list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BehindBoth {
    /// Behind the addresses that opted out.
    pub opt_out: Behind,
    /// Behind the addresses that opted in.
    pub opt_in: Behind,
}

impl Behind {
    /// Takes one in; whether it is new.
    pub fn note(&mut self, (address, user): Link) -> bool {
        let is_new = !self.users.contains_key(&address);
        let users = self.users.entry(address).or_default();
        user.map_or(is_new, |user| users.insert(user))
    }

    /// Everybody behind one of these addresses, with the address.
    pub(super) fn of(&self, addresses: &BTreeSet<String>) -> Vec<(String, HostId)> {
        let users = |address: &String| {
            let address = address.clone();
            let users = self.users.get(&address).into_iter().flatten().cloned();
            users.map(|user| (address.clone(), user)).collect::<Vec<_>>()
        };
        addresses.iter().flat_map(users).collect()
    }

    /// Those behind an address that is on the list.
    pub(super) fn users(&self, address: &str) -> impl Iterator<Item = &HostId> {
        self.users.get(address).into_iter().flatten()
    }

    /// Who is behind an address of the list, where that is somebody else than this user.
    pub(super) fn other(&self, address: &str, user: &str) -> Option<&HostId> {
        let users = self.users.get(address).filter(|_| self.addresses.contains(address))?;
        users.iter().next().filter(|_| users.iter().all(|behind| behind.as_str() != user))
    }

    /// Whether there is an address on the list behind which nobody is known.
    pub(super) fn has_unmatched(&self) -> bool {
        self.addresses.iter().any(|address| self.users(address).next().is_none())
    }

    /// The addresses on the list of which nothing is known yet.
    pub(super) fn unknown(&self) -> Vec<String> {
        self.addresses.iter().filter(|address| !self.users.contains_key(*address)).cloned().collect()
    }
}
