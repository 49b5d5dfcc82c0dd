//! Who is who: what is remembered of hosts and accounts, the alias file, and who opts out or in. Shared by every verb that
//! looks for the owners of recordings.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::systems::Systems;
use crate::ledger::{Ledger, LedgerError};
use crate::model::{HostId, HostProfile, KalturaUserId, Owner, OwnerProblem, Segment, format_count};
use crate::owners::people::{Aliases, Consent, Link, ListChange, ListFault, ListHistories, ListName, Read, read_lists};
use crate::owners::{OwnerRules, OwnerSettings, people};
use crate::remotes::http::RemoteError;

/// So long a host whose recordings have no owner is not asked for again. Before anything is made for them or handed over to
/// them, they are: people change their address, and others get the old one.
const HOST_LIFE: TimeDelta = TimeDelta::hours(12);

/// Why it is not known who is who.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A file that names people could not be read.
    #[error(transparent)]
    List(#[from] ListFault),
}

/// What is to go by when owners are looked for.
#[derive(Debug)]
pub struct Directory {
    /// What was asked lately.
    pub remembered: Remembered,
    /// The alias file.
    pub aliases: Aliases,
    /// Who agrees.
    pub consent: Consent,
    /// What differs from what earlier runs saw of the lists.
    pub changes: Vec<ListChange>,
    /// Groups that could not be read.
    pub trouble: Vec<RemoteError>,
    /// Lists that make no sense or are not believed, a line each.
    pub held: Vec<String>,
}

/// What was asked lately.
#[derive(Debug, Default)]
pub struct Remembered {
    /// Hosts, as Zoom knows them.
    pub hosts: BTreeMap<HostId, HostProfile>,
    /// Accounts that Kaltura confirmed, by what it was asked for.
    pub accounts: BTreeMap<String, KalturaUserId>,
    /// The last address beside each host of a recording that a rule left out, and when its meeting began.
    pub addresses: BTreeMap<HostId, (DateTime<Utc>, String)>,
}

impl Remembered {
    /// Reads what is still young enough.
    pub fn read(ledger: &Ledger, owner: &OwnerSettings, now: DateTime<Utc>) -> Result<Remembered, LedgerError> {
        let (hosts, accounts) = (ledger.hosts(now - HOST_LIFE)?, ledger.accounts(now - owner.remember_for)?);
        Ok(Remembered { hosts, accounts, addresses: BTreeMap::new() })
    }
}

impl Directory {
    /// Reads the files, the groups and what is remembered. `accepts`: a list that shrank is believed.
    pub async fn read(systems: Systems<'_>, accepts: bool, now: DateTime<Utc>) -> Result<Directory, DirectoryError> {
        let Systems { zoom, kaltura, ledger, owner, lists } = systems;
        let remembered = Remembered::read(ledger, owner, now)?;
        let aliases = load_aliases(owner)?;
        let Read { consent, changes, trouble, mut held } =
            read_lists(lists, (zoom, kaltura), ledger.standings()?, ledger.behind()?, accepts, now).await?;
        held.extend(aliases.fault().map(|fault| format!("{fault}; recordings that these lines may concern wait")));
        Ok(Directory { remembered, aliases, consent, changes, trouble, held })
    }
}

/// The sound lines of the alias file; without one there are no aliases.
pub fn load_aliases(owner: &OwnerSettings) -> Result<Aliases, ListFault> {
    Ok(owner.aliases.as_deref().map(people::sound_aliases).transpose()?.unwrap_or_default())
}

/// Why the holding user is a person's account, where a line of the alias file leads to it, or one of `owners` was found there:
/// what nobody owns could not be told from that person's recordings. Those owners count as not found.
#[must_use]
pub fn person_behind<'a>(
    holding_user: &KalturaUserId,
    aliases: &Aliases,
    owners: impl Iterator<Item = &'a mut Owner>,
) -> Option<String> {
    let mut whose = aliases.line_to(holding_user).map(|line| format!("line {line} of owner.aliases"));
    for owner in owners {
        if let Owner::Account(user, rule) = owner
            && user.is_also(holding_user.as_str())
        {
            whose.get_or_insert(format!("the rule {rule}"));
            *owner = Owner::NoAccount(OwnerProblem::Ambiguous);
        }
    }
    Some(format!(
        "owner.holding_user {:?} is the account of a host ({}): recordings of hosts without an account wait; set owner.holding_user to a user that is nobody's account, or correct the rule",
        holding_user.as_str(),
        whose?
    ))
}

/// Why so many recordings wait whose owner only `{localpart}` could decide.
#[must_use]
pub fn undecided_without_domains(rules: &OwnerRules, recordings: usize) -> Option<String> {
    let why = rules.lacks_domains().filter(|_| recordings > 0)?;
    Some(format!("{why}; {} waiting for this", format_count(recordings, "recording")))
}

/// The segment without its host's address, which is to be asked for again.
#[must_use]
pub fn list_nameless(mut segment: Segment) -> Segment {
    Arc::make_mut(&mut segment.meeting).host_email = None;
    segment
}

/// The segment with the address that its host has by Zoom's own word.
#[must_use]
pub fn with_host_address(segment: &Segment, email: Option<String>) -> Segment {
    let mut segment = segment.clone();
    Arc::make_mut(&mut segment.meeting).host_email = email;
    segment
}

/// The address of the host as Zoom gave it, in place of what its list says.
pub fn set_addresses<'a>(listed: &mut [Segment], address_of: impl Fn(&Segment) -> Option<&'a String>) {
    for segment in listed {
        if let Some(email) = address_of(segment).filter(|email| segment.meeting.host_email.as_ref() != Some(email)) {
            Arc::make_mut(&mut segment.meeting).host_email = Some(email.clone());
        }
    }
}

/// What a run learnt and the next ones need not ask for.
#[derive(Debug)]
pub struct Learnt {
    /// Hosts that Zoom was asked for.
    pub hosts: BTreeMap<HostId, HostProfile>,
    /// Accounts that Kaltura confirmed.
    pub accounts: BTreeMap<String, KalturaUserId>,
    /// Who stands on the lists.
    pub standings: ListHistories,
    /// What of that is new.
    pub changes: Vec<ListChange>,
    /// Which Zoom users are behind the addresses of the lists.
    pub behind: Vec<(ListName, Link)>,
}

impl Learnt {
    /// Writes it down.
    pub fn remember(&self, ledger: &Ledger, owner: &OwnerSettings, now: DateTime<Utc>) -> Result<(), LedgerError> {
        ledger.change_together(|| {
            ledger.remember_hosts(&self.hosts, now)?;
            ledger.remember_accounts(&self.accounts, now - owner.remember_for, now)?;
            ledger.remember_standings(&self.standings, &self.changes)?;
            ledger.remember_behind(&self.behind)
        })
    }
}
