//! Who stood on the lists of those who opt out or in, and when.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};

use super::runs::{instant, stamp};
use super::{Ledger, LedgerError};
use crate::people::{Change, ListName, Span, Standing, Standings};

impl Ledger {
    /// What earlier runs saw of the lists.
    pub fn standings(&self) -> Result<Standings, LedgerError> {
        Ok(Standings { opt_out: self.standing(ListName::OptOut)?, opt_in: self.standing(ListName::OptIn)? })
    }

    fn standing(&self, list: ListName) -> Result<Standing, LedgerError> {
        let read = self.meta(&read_key(list))?.as_deref().map(instant).transpose()?;
        let mut standing = Standing { read, ..Standing::default() };
        let connection = self.connection();
        let mut spans = connection.prepare("SELECT person, since, until FROM standings WHERE list = ?1 ORDER BY id")?;
        let mut rows = spans.query([list.word()])?;
        while let Some(row) = rows.next()? {
            let span = span(row)?;
            match row.get::<_, Option<String>>(0)? {
                Some(person) => standing.people.entry(person).or_default().push(span),
                None => standing.in_force.push(span),
            }
        }
        Ok(standing)
    }

    /// Remembers what a run saw.
    pub fn remember_standings(&self, now: &Standings, changes: &[Change]) -> Result<(), LedgerError> {
        for (list, standing) in [(ListName::OptOut, &now.opt_out), (ListName::OptIn, &now.opt_in)] {
            if let Some(read) = standing.read {
                self.set_meta(&read_key(list), &stamp(read))?;
            }
        }
        let mut connection = self.connection();
        let change = connection.transaction()?;
        for Change { list, person, span } in changes {
            let (list, since, until) = (list.word(), span.since.map(stamp), span.until.map(stamp));
            let sql = match until {
                None => "INSERT OR IGNORE INTO standings (list, person, since, until) VALUES (?1, ?2, ?3, ?4)",
                Some(_) => {
                    "UPDATE standings SET until = ?4
                     WHERE list = ?1 AND person IS ?2 AND since IS ?3 AND until IS NULL"
                }
            };
            change.prepare_cached(sql)?.execute(params![list, person, since, until])?;
        }
        change.commit()?;
        Ok(())
    }
}

fn read_key(list: ListName) -> String {
    format!("{}_read", list.word())
}

fn span(row: &Row<'_>) -> Result<Span, LedgerError> {
    let time = |column| -> Result<Option<DateTime<Utc>>, LedgerError> {
        row.get::<_, Option<String>>(column)?.as_deref().map(instant).transpose()
    };
    Ok(Span { since: time(1)?, until: time(2)? })
}
