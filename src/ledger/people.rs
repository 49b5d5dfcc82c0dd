//! What is remembered of people: hosts, accounts, and who was on the lists.
//!
//! What Zoom was asked about hosts: remembered for a while.
//!
//! Accounts that Kaltura confirmed: remembered for a while, so that it need not be asked in every run.
//!
//! Who stood on the lists of those who opt out or in, and when.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use super::runs::{format_stamp, parse_stamp};
use super::{Ledger, LedgerError};
use crate::model::{HostId, HostProfile, KalturaUserId, Meeting};
use crate::owners::people::{Behind, BehindBoth, Link, ListChange, ListHistories, ListHistory, ListName, Span};

impl Ledger {
    /// The hosts that were asked for since then.
    pub fn hosts(&self, since: DateTime<Utc>) -> Result<BTreeMap<HostId, HostProfile>, LedgerError> {
        let connection = self.connection();
        let mut hosts = connection.prepare("SELECT host_id, email, attributes FROM hosts WHERE asked >= ?1")?;
        let mut rows = hosts.query([format_stamp(since)])?;
        let mut known = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let attributes: String = row.get(2)?;
            let attributes = serde_json::from_str(&attributes).map_err(|_| LedgerError::Unreadable(attributes))?;
            known.insert(
                HostId::new(row.get::<_, String>(0)?),
                HostProfile { email: row.get(1)?, attributes, last_owner: None },
            );
        }
        Ok(known)
    }

    /// The addresses of all hosts that were ever asked for; of whom Zoom had none, there is none.
    pub fn host_addresses(&self) -> Result<BTreeMap<HostId, String>, LedgerError> {
        let connection = self.connection();
        let mut hosts = connection.prepare("SELECT host_id, email FROM hosts WHERE email <> ''")?;
        let rows = hosts.query_map([], |row| Ok((HostId::new(row.get::<_, String>(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Who else hosted what was copied while they had the address of one of these hosts.
    pub fn earlier_hosts(
        &self,
        now: &BTreeMap<HostId, HostProfile>,
    ) -> Result<BTreeMap<String, BTreeSet<HostId>>, LedgerError> {
        let connection = self.connection();
        let mut hosts = connection.prepare_cached(
            "SELECT DISTINCT host_id FROM recordings
             WHERE host_id IN (SELECT host_id FROM listed_addresses WHERE address = ?1 AND host_id NOT IN ('', ?2))
                 AND host_email = ?1 COLLATE NOCASE AND owner_rule IS NOT NULL",
        )?;
        let mut earlier: BTreeMap<String, BTreeSet<HostId>> = BTreeMap::new();
        for (host, profile) in now.iter().filter(|(_, profile)| !profile.email.is_empty()) {
            let found = hosts.query_map([&profile.email, host.as_str()], |row| row.get::<_, String>(0))?;
            let found: BTreeSet<HostId> = found.map(|id| id.map(HostId::new)).collect::<Result<_, _>>()?;
            if !found.is_empty() {
                earlier.entry(profile.email.clone()).or_default().extend(found);
            }
        }
        Ok(earlier)
    }

    /// The account to which recordings of this host went last by the rules: not to the holding user, and not to somebody
    /// to whom people gave them.
    pub fn last_owner(&self, host: &HostId) -> Result<Option<KalturaUserId>, LedgerError> {
        let connection = self.connection();
        let mut last = connection.prepare_cached(
            "SELECT owner FROM recordings
             WHERE host_id = ?1 AND owner IS NOT NULL AND owner_rule IS NOT NULL AND NOT orphan
             ORDER BY meeting_start DESC LIMIT 1",
        )?;
        let owner: Option<String> = last.query_row([host.as_str()], |row| row.get(0)).optional()?;
        Ok(owner.map(KalturaUserId::new))
    }

    /// Whether captions came with one of the last recordings of a meeting's host that were copied before it.
    pub fn had_captions(&self, meeting: &Meeting) -> Result<bool, LedgerError> {
        if meeting.host_id.as_str().is_empty() {
            return Ok(false);
        }
        let connection = self.connection();
        let mut last = connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM files WHERE role = 'caption' AND state = 'done' AND recording IN (
                 SELECT id FROM recordings WHERE host_id = ?1 AND meeting_start < ?2 AND owner IS NOT NULL
                 ORDER BY meeting_start DESC LIMIT 5))",
        )?;
        Ok(last.query_row([meeting.host_id.as_str(), &format_stamp(meeting.start)], |row| row.get(0))?)
    }

    /// Remembers hosts that were just asked for.
    pub fn remember_hosts(&self, asked: &BTreeMap<HostId, HostProfile>, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.savepoint()?;
        let sql = "
            INSERT INTO hosts (host_id, email, attributes, asked) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (host_id) DO UPDATE SET
                email = excluded.email, attributes = excluded.attributes, asked = excluded.asked";
        for (host, profile) in asked {
            let attributes = serde_json::to_string(&profile.attributes).unwrap_or_default();
            change.execute(sql, params![host.as_str(), profile.email, attributes, format_stamp(at)])?;
        }
        change.commit()?;
        Ok(())
    }
}

impl Ledger {
    /// The accounts that were confirmed since then, by what Kaltura was asked for.
    pub fn accounts(&self, since: DateTime<Utc>) -> Result<BTreeMap<String, KalturaUserId>, LedgerError> {
        let connection = self.connection();
        let mut accounts = connection.prepare("SELECT asked_for, user_id FROM accounts WHERE asked > ?1")?;
        let rows = accounts
            .query_map([format_stamp(since)], |row| Ok((row.get(0)?, KalturaUserId::new(row.get::<_, String>(1)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The accounts to which anything was copied, by hand asked for once in years.
    pub fn owners(&self) -> Result<Vec<String>, LedgerError> {
        let connection = self.connection();
        let mut owners = connection.prepare("SELECT DISTINCT owner FROM recordings WHERE owner IS NOT NULL")?;
        let rows = owners.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets an account that is not there any more.
    pub fn forget_account(&self, user: &KalturaUserId) -> Result<(), LedgerError> {
        self.connection().execute("DELETE FROM accounts WHERE user_id = ?1", [user.as_str()])?;
        Ok(())
    }

    /// Remembers accounts that were just confirmed, and forgets those of before `since`.
    pub fn remember_accounts(
        &self,
        confirmed: &BTreeMap<String, KalturaUserId>,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        if confirmed.is_empty() {
            return Ok(());
        }
        let mut connection = self.connection();
        let change = connection.savepoint()?;
        change.execute("DELETE FROM accounts WHERE asked <= ?1", [format_stamp(since)])?;
        let sql = "
            INSERT INTO accounts (asked_for, user_id, asked) VALUES (?1, ?2, ?3)
            ON CONFLICT (asked_for) DO UPDATE SET user_id = excluded.user_id, asked = excluded.asked";
        for (asked_for, user) in confirmed {
            change.prepare_cached(sql)?.execute(params![asked_for, user.as_str(), format_stamp(at)])?;
        }
        change.commit()?;
        Ok(())
    }
}

impl Ledger {
    /// What earlier runs saw of the lists.
    pub fn standings(&self) -> Result<ListHistories, LedgerError> {
        Ok(ListHistories {
            opt_out: self.read_standing(ListName::OptOut)?,
            opt_in: self.read_standing(ListName::OptIn)?,
        })
    }

    fn read_standing(&self, list: ListName) -> Result<ListHistory, LedgerError> {
        let read = self.read_meta(&read_key(list))?.as_deref().map(parse_stamp).transpose()?;
        let in_doubt = self.read_meta(&doubt_key(list))?.is_some_and(|word| word == IN_DOUBT);
        // one that cannot be read was written by another version
        let sizes =
            self.read_meta(&sizes_key(list))?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let mut standing = ListHistory { read, in_doubt, sizes, ..ListHistory::default() };
        let connection = self.connection();
        let mut spans = connection.prepare("SELECT person, since, until FROM standings WHERE list = ?1 ORDER BY id")?;
        let mut rows = spans.query([list.word()])?;
        while let Some(row) = rows.next()? {
            let span = read_span(row)?;
            match row.get::<_, Option<String>>(0)? {
                Some(person) => standing.people.entry(person).or_default().push(span),
                None => standing.in_force.push(span),
            }
        }
        Ok(standing)
    }

    /// Remembers what a run saw.
    pub fn remember_standings(&self, now: &ListHistories, changes: &[ListChange]) -> Result<(), LedgerError> {
        for (list, standing) in [(ListName::OptOut, &now.opt_out), (ListName::OptIn, &now.opt_in)] {
            if let Some(read) = standing.read {
                self.set_meta(&read_key(list), &format_stamp(read))?;
            }
            self.set_meta(&doubt_key(list), if standing.in_doubt { IN_DOUBT } else { "" })?;
            let sizes: Value = standing.sizes.iter().map(|(part, size)| (part.clone(), Value::from(*size))).collect();
            self.set_meta(&sizes_key(list), &sizes.to_string())?;
        }
        let mut connection = self.connection();
        let change = connection.savepoint()?;
        for ListChange { list, person, span } in changes {
            let (list, since, until) = (list.word(), span.since.map(format_stamp), span.until.map(format_stamp));
            let sql = match until {
                None => "INSERT OR IGNORE INTO standings (list, person, since, until) VALUES (?1, ?2, ?3, ?4)",
                Some(_) => {
                    "UPDATE standings SET until = ?4
                     WHERE list = ?1 AND person IS ?2 AND since IS ?3 AND until IS NULL"
                }
            };
            change.prepare_cached(sql)?.execute(params![list, person, since, until])?;
            // a line that comes again later may mean somebody else
            if until.is_some() {
                let sql = "DELETE FROM behind WHERE list = ?1 AND address = ?2";
                change.prepare_cached(sql)?.execute(params![list, person])?;
            }
        }
        change.commit()?;
        Ok(())
    }

    /// Which Zoom users earlier runs found behind the addresses of the lists.
    pub fn behind(&self) -> Result<BehindBoth, LedgerError> {
        Ok(BehindBoth { opt_out: self.behind_of(ListName::OptOut)?, opt_in: self.behind_of(ListName::OptIn)? })
    }

    fn behind_of(&self, list: ListName) -> Result<Behind, LedgerError> {
        let connection = self.connection();
        let mut links = connection.prepare("SELECT address, host_id FROM behind WHERE list = ?1")?;
        let mut rows = links.query([list.word()])?;
        let mut behind = Behind::default();
        while let Some(row) = rows.next()? {
            let user: String = row.get(1)?;
            behind.note((row.get(0)?, Some(user).filter(|user| !user.is_empty()).map(HostId::new)));
        }
        Ok(behind)
    }

    /// Remembers what a run learnt of that.
    pub fn remember_behind(&self, links: &[(ListName, Link)]) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        let change = connection.savepoint()?;
        for (list, (address, user)) in links {
            let user = user.as_ref().map_or("", HostId::as_str);
            let sql = "INSERT OR IGNORE INTO behind (list, address, host_id) VALUES (?1, ?2, ?3)";
            change.prepare_cached(sql)?.execute([list.word(), address, user])?;
        }
        change.commit()?;
        Ok(())
    }
}

const IN_DOUBT: &str = "in doubt";

fn doubt_key(list: ListName) -> String {
    format!("{}_doubt", list.word())
}

fn sizes_key(list: ListName) -> String {
    format!("{}_sizes", list.word())
}

fn read_key(list: ListName) -> String {
    format!("{}_read", list.word())
}

fn read_span(row: &Row<'_>) -> Result<Span, LedgerError> {
    let time = |column| -> Result<Option<DateTime<Utc>>, LedgerError> {
        row.get::<_, Option<String>>(column)?.as_deref().map(parse_stamp).transpose()
    };
    Ok(Span { since: time(1)?, until: time(2)? })
}
