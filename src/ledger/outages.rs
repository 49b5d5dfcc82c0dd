//! Outages of the remote sides, as runs met them; and other readings of the last run: numbers that the next one replaces.

use chrono::{DateTime, TimeDelta, Utc};

use super::runs::{format_stamp, parse_stamp};
use super::{Ledger, LedgerError};
use crate::remotes::http::Service;

/// Both, in the order in which they are reported.
const SERVICES: [Service; 2] = [Service::Zoom, Service::Kaltura];

/// After an outage, whatever is late for longer has another cause.
const LONGEST_EXCUSE: TimeDelta = TimeDelta::days(1);

/// An outage of a remote side, its daily limit included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Of which side.
    pub service: Service,
    /// When the first run met it.
    pub since: DateTime<Utc>,
    /// When the last run met it.
    pub seen: DateTime<Utc>,
    /// When a run found that it was over.
    pub ended: Option<DateTime<Utc>>,
}

/// What a run found of a remote side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It was down for the run.
    Down,
    /// It answered, and was not down.
    Up,
    /// It was not asked.
    Nothing,
}

impl Outage {
    /// What is known after a run found this.
    #[must_use]
    pub fn after(before: Option<Outage>, service: Service, found: Found, now: DateTime<Utc>) -> Option<Outage> {
        match (before, found) {
            (Some(outage), Found::Down) if outage.ended.is_none() => Some(Outage { seen: now, ..outage }),
            (_, Found::Down) => Some(Outage { service, since: now, seen: now, ended: None }),
            (Some(outage), Found::Up) if outage.ended.is_none() => Some(Outage { ended: Some(now), ..outage }),
            (before, _) => before,
        }
    }

    /// Whether it is still there, as far as is known: a run met it no longer ago than `patience`.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>, patience: TimeDelta) -> bool {
        self.ended.is_none() && now - self.seen <= patience
    }

    /// Whether what is late may be so for it: it is there, or what waited for its end is still being made up for, which may
    /// take as long as it lasted.
    #[must_use]
    pub fn excuses(&self, now: DateTime<Utc>, patience: TimeDelta) -> bool {
        let is_made_up_for =
            |ended: DateTime<Utc>| now - ended > patience.max((ended - self.since).min(LONGEST_EXCUSE));
        self.is_open(now, patience) || self.ended.is_some_and(|ended| !is_made_up_for(ended))
    }
}

impl Ledger {
    /// The last outage of each side.
    pub fn outages(&self) -> Result<Vec<Outage>, LedgerError> {
        let mut outages = Vec::new();
        for service in SERVICES {
            let Some(kept) = self.read_meta(&outage_key(service))? else { continue };
            let times = kept.split(' ').map(parse_stamp).collect::<Result<Vec<_>, _>>()?;
            let [since, seen, ended @ ..] = &times[..] else { return Err(LedgerError::Unreadable(kept)) };
            outages.push(Outage { service, since: *since, seen: *seen, ended: ended.first().copied() });
        }
        Ok(outages)
    }

    /// Remembers what a run found.
    pub fn note_outages(&self, found: impl Fn(Service) -> Found, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let before = self.outages()?;
        for service in SERVICES {
            let known = before.iter().copied().find(|outage| outage.service == service);
            let after = Outage::after(known, service, found(service), now);
            if let Some(outage) = after.filter(|_| after != known) {
                let times = [Some(outage.since), Some(outage.seen), outage.ended];
                let times: Vec<String> = times.into_iter().flatten().map(format_stamp).collect();
                self.set_meta(&outage_key(service), &times.join(" "))?;
            }
        }
        Ok(())
    }

    /// Remembers a number, and when it was read.
    pub fn set_reading(&self, name: &str, value: i64, at: DateTime<Utc>) -> Result<(), LedgerError> {
        self.set_meta(&reading_key(name), &format!("{} {value}", format_stamp(at)))
    }

    /// A number that was read, and when.
    pub fn reading(&self, name: &str) -> Result<Option<(DateTime<Utc>, i64)>, LedgerError> {
        let Some(kept) = self.read_meta(&reading_key(name))? else { return Ok(None) };
        let parsed = kept.split_once(' ').and_then(|(at, value)| Some((parse_stamp(at).ok()?, value.parse().ok()?)));
        parsed.map(Some).ok_or(LedgerError::Unreadable(kept))
    }
}

fn outage_key(service: Service) -> String {
    format!("outage_{}", service.word())
}

fn reading_key(name: &str) -> String {
    format!("reading_{name}")
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::{Found, Outage};
    use crate::ledger::{Identity, Journal, Ledger, LockKind};
    use crate::remotes::http::Service;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    /// A case is a line: what was found every five minutes, and since, seen, ended in minutes.
    #[test]
    fn outages_last_from_first_to_last() {
        let cases = [
            ("", None),
            ("uu", None),
            ("d", Some((0, 0, None))),
            ("udd", Some((5, 10, None))),
            ("dd-", Some((0, 5, None))),
            ("ddu", Some((0, 5, Some(10)))),
            ("dduu", Some((0, 5, Some(10)))),
            ("ddu-d", Some((20, 20, None))),
        ];
        let folder = tempfile::tempdir().expect("a folder");
        for (runs, expected) in cases {
            let identity = Identity { zoom_account: runs.to_owned(), kaltura_url: String::new(), partner_id: 1 };
            let state = folder.path().join(format!("state{runs}"));
            let ledger = Ledger::open(&state, &identity, LockKind::Copying, Journal::Auto).expect("a ledger");
            for (number, run) in (0_i64..).zip(runs.chars()) {
                let found = match run {
                    'd' => Found::Down,
                    'u' => Found::Up,
                    _ => Found::Nothing,
                };
                let of_kaltura = |service| if service == Service::Kaltura { found } else { Found::Up };
                ledger.note_outages(of_kaltura, at(number * 5)).expect("a note");
            }
            let expected = expected.map(|(since, seen, ended): (i64, i64, Option<i64>)| Outage {
                service: Service::Kaltura,
                since: at(since),
                seen: at(seen),
                ended: ended.map(at),
            });
            assert_eq!(ledger.outages().expect("outages"), expected.into_iter().collect::<Vec<_>>(), "{runs}");
        }
    }

    /// Nobody knows of one that no run meets now.
    #[test]
    fn forgotten_outages_excuse_nothing() {
        let open = Outage { service: Service::Zoom, since: at(0), seen: at(60), ended: None };
        let over = Outage { ended: Some(at(60)), ..open };
        let hour = TimeDelta::hours(1);
        let said = |outage: Outage, minute| (outage.is_open(at(minute), hour), outage.excuses(at(minute), hour));
        assert_eq!([said(open, 120), said(open, 121)], [(true, true), (false, false)]);
        assert_eq!([said(over, 61), said(over, 121)], [(false, true), (false, false)]);
        // three hours of it may take three hours, three days a day
        let longer = |hours: i64| Outage { since: at(60 - hours * 60), ..over };
        assert_eq!([said(longer(3), 240), said(longer(3), 241)], [(false, true), (false, false)]);
        assert_eq!([said(longer(72), 1500), said(longer(72), 1501)], [(false, true), (false, false)]);
    }
}
