//! Who stood on the lists of those who opt out or in, and when.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use serde_json::Value;

use super::runs::{format_stamp, parse_stamp};
use super::{Ledger, LedgerError};
use crate::model::HostId;
use crate::people::{Behind, BehindBoth, Link, ListChange, ListHistories, ListHistory, ListName, Span};

impl Ledger {
    /// What earlier runs saw of the lists.
    pub fn standings(&self) -> Result<ListHistories, LedgerError> {
        Ok(ListHistories { opt_out: self.standing(ListName::OptOut)?, opt_in: self.standing(ListName::OptIn)? })
    }

    fn standing(&self, list: ListName) -> Result<ListHistory, LedgerError> {
        let read = self.meta(&read_key(list))?.as_deref().map(parse_stamp).transpose()?;
        let in_doubt = self.meta(&doubt_key(list))?.is_some_and(|word| word == IN_DOUBT);
        // one that cannot be read was written by another version
        let sizes = self.meta(&sizes_key(list))?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
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
        let change = connection.transaction()?;
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
        let change = connection.transaction()?;
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
