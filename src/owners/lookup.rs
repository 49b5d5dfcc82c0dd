//! Asking Kaltura for the accounts: all ids in one request, then the addresses of those who were not found.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use super::OwnerRules;
use super::people::{Address, Aliases};
use super::rules::{AccountAnswer, ById, NamedAccount, by_email};
use crate::model::{HostProfile, KalturaUserId, Owner};
use crate::remotes::http::RemoteError;
use crate::remotes::kaltura::{Kaltura, KnownUser};

/// Before an address that led to an account. No id holds a colon (facts-kaltura.md#s24).
const BY_EMAIL: &str = "email:";

/// What a look-up found.
#[derive(Debug)]
pub struct FoundAccounts<K> {
    /// The owner of each thing asked for: a segment, say.
    pub owners: HashMap<K, Owner>,
    /// The accounts that Kaltura confirmed just now, by what they were asked for: to be remembered for a while.
    pub confirmed: BTreeMap<String, KalturaUserId>,
}

/// Looks up the accounts of `hosts`. What is `remembered` is not asked for again; that somebody has no account is never
/// remembered.
pub async fn look_up_accounts<K: Clone + Eq + Hash>(
    kaltura: &Kaltura,
    rules: &OwnerRules,
    aliases: &Aliases,
    hosts: &BTreeMap<K, Result<HostProfile, Owner>>,
    remembered: &BTreeMap<String, KalturaUserId>,
) -> Result<FoundAccounts<K>, RemoteError> {
    let mut found = FoundAccounts { owners: HashMap::new(), confirmed: BTreeMap::new() };
    let ids = hosts.values().flatten().flat_map(|host| rules.ids(host, aliases)).collect();
    let known = find_by_id(kaltura, ids, remembered, &mut found.confirmed).await?;
    let mut by_address = Vec::new();
    for (key, host) in hosts {
        let owner = match host {
            Ok(host) => rules.by_id(host, aliases, &known).map_err(|nobody| (host, nobody)),
            Err(owner) => Ok(owner.clone()),
        };
        match owner {
            Ok(owner) => {
                found.owners.insert(key.clone(), owner);
            }
            Err((host, nobody)) => by_address.push((key, Address::new(&host.email), nobody)),
        }
    }
    let addresses = by_address.iter().filter_map(|(_, address, _)| address.clone()).collect();
    let users = find_by_email(kaltura, addresses, remembered, &mut found.confirmed).await?;
    for (key, address, nobody) in by_address {
        let users = address.and_then(|address| users.get(&address).cloned()).unwrap_or_else(|| Ok(Vec::new()));
        found.owners.insert(key.clone(), by_email(users, nobody));
    }
    Ok(found)
}

/// Forgets what was remembered of the accounts that the rules lead this host to.
pub fn forget_accounts(
    remembered: &mut BTreeMap<String, KalturaUserId>,
    rules: &OwnerRules,
    aliases: &Aliases,
    host: &HostProfile,
) {
    let by_address = Address::new(&host.email).map(|address| format!("{BY_EMAIL}{address}"));
    for asked_for in rules.ids(host, aliases).into_iter().map(|id| id.to_lowercase()).chain(by_address) {
        remembered.remove(&asked_for);
    }
}

/// By each id that was tried: the active user it names.
async fn find_by_id(
    kaltura: &Kaltura,
    mut ids: Vec<String>,
    remembered: &BTreeMap<String, KalturaUserId>,
    confirmed: &mut BTreeMap<String, KalturaUserId>,
) -> Result<ById, RemoteError> {
    ids.sort_unstable();
    ids.dedup();
    let (mut known, mut unknown) = (ById::new(), Vec::new());
    for id in ids {
        match remembered.get(&id.to_lowercase()) {
            Some(user) => drop(known.insert(id, Ok(NamedAccount::User(user.clone())))),
            None => unknown.push(id),
        }
    }
    let answers = kaltura.known_users(&unknown).await?;
    for (id, answer) in unknown.into_iter().zip(answers) {
        let named = answer.map(read_named_account).map_err(|error| error.to_string());
        if let Ok(NamedAccount::User(user)) = &named {
            confirmed.insert(id.to_lowercase(), user.clone());
        }
        known.insert(id, named);
    }
    Ok(known)
}

fn read_named_account(known: KnownUser) -> NamedAccount {
    match known {
        KnownUser::User(user) => NamedAccount::User(user.id),
        KnownUser::Alike(other) => NamedAccount::Alike(other),
        KnownUser::Nobody => NamedAccount::Nobody,
    }
}

/// By each address: the active users who have it, each confirmed by id, as an index may be behind.
async fn find_by_email(
    kaltura: &Kaltura,
    mut addresses: Vec<Address>,
    remembered: &BTreeMap<String, KalturaUserId>,
    confirmed: &mut BTreeMap<String, KalturaUserId>,
) -> Result<HashMap<Address, AccountAnswer<Vec<KalturaUserId>>>, RemoteError> {
    addresses.sort_unstable();
    addresses.dedup();
    let mut known = HashMap::new();
    let mut new = Vec::new();
    for address in addresses {
        let user = remembered.get(&format!("{BY_EMAIL}{address}")).cloned();
        // the address may have been given to another account since
        match confirm_email(kaltura, &address, user.into_iter().collect()).await? {
            Ok(users) if users.is_empty() => new.push(address),
            users => drop(known.insert(address, users)),
        }
    }
    let texts: Vec<String> = new.iter().map(ToString::to_string).collect();
    for (address, answer) in new.into_iter().zip(kaltura.users_with_email(&texts).await?) {
        let users = match answer {
            Ok(users) => confirm_email(kaltura, &address, users).await?,
            Err(error) => Err(error.to_string()),
        };
        if let Ok([user]) = users.as_deref() {
            confirmed.insert(format!("{BY_EMAIL}{address}"), user.clone());
        }
        known.insert(address, users);
    }
    Ok(known)
}

/// Which of `users` are active and have the address, by Kaltura's database.
async fn confirm_email(
    kaltura: &Kaltura,
    address: &Address,
    users: Vec<KalturaUserId>,
) -> Result<AccountAnswer<Vec<KalturaUserId>>, RemoteError> {
    let ids: Vec<String> = users.iter().map(ToString::to_string).collect();
    let answers = kaltura.active_users(&ids).await?;
    let users: Result<Vec<_>, _> = answers.into_iter().collect();
    Ok(users.map_err(|error| error.to_string()).map(|users| {
        let has_it = |email: &str| Address::new(email).as_ref() == Some(address);
        users.into_iter().flatten().filter(|user| has_it(&user.email)).map(|user| user.id).collect()
    }))
}
