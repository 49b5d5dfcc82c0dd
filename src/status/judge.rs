//! What needs a person now. Pure.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Limits, Status, Waiting};
use crate::model::{Orphan, Reason};

/// So long after its time an orphan may still be there: `purge` runs now and then.
const PURGE_PATIENCE: TimeDelta = TimeDelta::days(2);
/// Waited for on Zoom's side: nobody here can hasten it.
const ZOOMS: [Reason; 4] = [Reason::Processing, Reason::NotListed, Reason::NoFiles, Reason::Incomplete];
/// Nothing goes on before somebody does something.
const PEOPLES: [Reason; 4] =
    [Reason::WrongAlias, Reason::NoHoldingUser, Reason::GroupUnreadable, Reason::DurationDiffers];

/// Something that needs a person now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// Everything that Zoom lists was last read so long ago; `None`: never.
    NotListed(Option<TimeDelta>),
    /// The last `sync` or `purge` ended with this exit code, which does not mend itself.
    Refused(&'static str, i64),
    /// So many are not safe, and Zoom deletes them soon.
    AtRisk(usize),
    /// So many were given up, and Zoom still has them.
    GivenUp(usize),
    /// So many wait for somebody to do something.
    NeedsPerson(usize),
    /// So many ended long ago and are not there.
    Late(usize),
    /// So many orphans should have been purged.
    OrphansOverdue(usize),
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Alarm::NotListed(None) => {
                write!(f, "no run has ever listed everything that Zoom has: look at what sync says")
            }
            Alarm::NotListed(Some(ago)) => {
                write!(
                    f,
                    "everything that Zoom has was last listed {} hours ago: look whether sync runs, and what it says",
                    ago.num_hours()
                )
            }
            Alarm::Refused(command, code) => {
                write!(f, "the last {command} ended with exit code {code}: run it by hand and do what it says")
            }
            Alarm::AtRisk(count) => write!(f, "{count} recordings are not safe, and Zoom deletes them soon"),
            Alarm::GivenUp(count) => {
                write!(f, "{count} recordings were given up: see why, mend it, and make them due again with retry")
            }
            Alarm::NeedsPerson(count) => write!(f, "{count} recordings wait for somebody to do something"),
            Alarm::Late(count) => write!(f, "{count} recordings are late"),
            Alarm::OrphansOverdue(count) => {
                write!(f, "{count} orphaned copies should have been purged: look whether purge runs, and what it says")
            }
        }
    }
}

/// Judges the present state: what is mended is no alarm any more.
#[must_use]
pub fn alarms(status: &Status, limits: Limits) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    let ago = status.last_listing.map(|listing| status.now - listing);
    if ago.is_none_or(|ago| ago > limits.late_after) {
        alarms.push(Alarm::NotListed(ago));
    }
    for (command, run) in [("sync", status.last_sync), ("purge", status.last_purge)] {
        if let Some((_, Some(code @ (1 | 2 | 4 | 6)))) = run {
            alarms.push(Alarm::Refused(command, code));
        }
    }
    let is =
        |waiting: &Waiting, reasons: &[Reason]| waiting.pending.reason.is_some_and(|reason| reasons.contains(&reason));
    let count = |of: &dyn Fn(&Waiting) -> bool| status.backlog.iter().filter(|waiting| of(waiting)).count();
    let at_risk = status.backlog.iter().chain(&status.given_up).filter(|waiting| waiting.at_risk).count();
    let late = count(&|waiting| waiting.late && !is(waiting, &ZOOMS) && !is(waiting, &PEOPLES));
    let is_overdue =
        |(orphan, goes): &&(Orphan, DateTime<Utc>)| orphan.kept.is_none() && status.now - *goes > PURGE_PATIENCE;
    let overdue = status.orphans.iter().filter(is_overdue).count();
    let people = count(&|waiting| is(waiting, &PEOPLES));
    let counted = [
        (at_risk, Alarm::AtRisk(at_risk)),
        (status.given_up.len(), Alarm::GivenUp(status.given_up.len())),
        (people, Alarm::NeedsPerson(people)),
        (late, Alarm::Late(late)),
        (overdue, Alarm::OrphansOverdue(overdue)),
    ];
    alarms.extend(counted.into_iter().filter(|(count, _)| *count > 0).map(|(_, alarm)| alarm));
    alarms
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::figures::tests::{limits, pending};
    use super::super::{Figures, status};
    use super::{Alarm, alarms};
    use crate::model::{Pending, Reason};
    use crate::plan::samples::now;

    fn of(change: impl FnOnce(&mut Figures)) -> Vec<Alarm> {
        let mut figures =
            Figures { last_listing: Some(now()), last_sync: Some((now(), Some(0))), ..Figures::default() };
        change(&mut figures);
        alarms(&status(figures, limits(), now()), limits())
    }

    fn waiting(pending: Pending) -> Vec<Alarm> {
        of(|figures| figures.pending = vec![pending])
    }

    #[test]
    fn all_is_well_where_everything_was_listed_and_nothing_waits_for_long() {
        assert_eq!(of(|_| {}), []);
        assert_eq!(waiting(pending(2, Some(Reason::InConversion))), []);
        assert_eq!(of(|figures| figures.last_sync = Some((now(), None))), [], "a run at work is no failure");
        assert_eq!(of(|figures| figures.last_sync = Some((now(), Some(3)))), [], "it is tried again");
    }

    #[test]
    fn each_thing_that_needs_a_person_is_an_alarm() {
        let hours = TimeDelta::hours;
        assert_eq!(of(|figures| figures.last_listing = None), [Alarm::NotListed(None)]);
        assert_eq!(of(|figures| figures.last_listing = Some(now() - hours(4))), [Alarm::NotListed(Some(hours(4)))]);
        assert_eq!(of(|figures| figures.last_sync = Some((now(), Some(4)))), [Alarm::Refused("sync", 4)]);
        assert_eq!(of(|figures| figures.last_purge = Some((now(), Some(6)))), [Alarm::Refused("purge", 6)]);
        assert_eq!(waiting(pending(5, Some(Reason::RetryLater))), [Alarm::Late(1)]);
        assert_eq!(waiting(pending(5, Some(Reason::Processing))), [], "nobody here can hasten Zoom");
        assert_eq!(waiting(pending(1, Some(Reason::WrongAlias))), [Alarm::NeedsPerson(1)]);
        assert_eq!(waiting(pending(24 * 25, Some(Reason::Processing))), [Alarm::AtRisk(1)]);
        assert_eq!(waiting(pending(24, Some(Reason::GivenUp))), [Alarm::GivenUp(1)]);
        assert_eq!(waiting(pending(24 * 25, Some(Reason::GivenUp))), [Alarm::AtRisk(1), Alarm::GivenUp(1)]);
    }
}
