//! What needs a person now. Pure.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::{AlertLimits, Status, Waiting};
use crate::model::{Orphan, Reason};
use crate::remotes::http::ClockOff;

/// So long after its time an orphan may still be there: `purge` runs now and then.
const PURGE_PATIENCE: TimeDelta = TimeDelta::days(2);
/// A listing that is dated further ahead was written down by a clock that was wrong, or is read by one.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// The words of all alarms, for programs.
pub const ALARM_WORDS: [&str; 11] = [
    "not_listed",
    "sync_failed",
    "purge_failed",
    "at_risk",
    "lost",
    "given_up",
    "needs_person",
    "late",
    "orphans_overdue",
    "another_installation",
    "clock_off",
];

/// Something that needs a person now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// Everything that Zoom lists was last read so long ago; `None`: never.
    NotListed(Option<TimeDelta>),
    /// The last `sync` or `purge` ended with this exit code, which does not mend itself.
    Refused(&'static str, i64),
    /// So many are not safe, and Zoom deletes them soon.
    AtRisk(usize),
    /// So many were lost of late.
    Lost(usize),
    /// So many were given up, and Zoom still has them.
    GivenUp(usize),
    /// So many wait for somebody to do something.
    NeedsPerson(usize),
    /// So many ended long ago and are not there.
    Late(usize),
    /// So many orphans should have been purged.
    OrphansOverdue(usize),
    /// So many other installations of the account stopped in the middle of their work.
    AnotherInstallation(usize),
    /// This machine's clock differs from that of a remote side.
    ClockOff(ClockOff),
}

impl Alarm {
    /// The word for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        let [
            not_listed,
            sync_failed,
            purge_failed,
            at_risk,
            lost,
            given_up,
            needs_person,
            late,
            orphans_overdue,
            another,
            clock_off,
        ] = ALARM_WORDS;
        match self {
            Alarm::NotListed(_) => not_listed,
            Alarm::Refused("purge", _) => purge_failed,
            Alarm::Refused(..) => sync_failed,
            Alarm::AtRisk(_) => at_risk,
            Alarm::Lost(_) => lost,
            Alarm::GivenUp(_) => given_up,
            Alarm::NeedsPerson(_) => needs_person,
            Alarm::Late(_) => late,
            Alarm::OrphansOverdue(_) => orphans_overdue,
            Alarm::AnotherInstallation(_) => another,
            Alarm::ClockOff(_) => clock_off,
        }
    }

    /// The recordings it is about, of those that are not safe.
    #[must_use]
    pub fn recordings(self, status: &Status) -> Vec<&Waiting> {
        match self {
            Alarm::AtRisk(_) => at_risk(status),
            Alarm::GivenUp(_) => status.given_up.iter().collect(),
            Alarm::NeedsPerson(_) => for_people(status),
            Alarm::Late(_) => list_late(status),
            Alarm::Lost(_) => status.lost.iter().collect(),
            Alarm::NotListed(_)
            | Alarm::Refused(..)
            | Alarm::OrphansOverdue(_)
            | Alarm::AnotherInstallation(_)
            | Alarm::ClockOff(_) => Vec::new(),
        }
    }

    /// The orphaned copies it is about.
    #[must_use]
    pub fn orphans(self, status: &Status) -> Vec<&Orphan> {
        if matches!(self, Alarm::OrphansOverdue(_)) { list_overdue(status) } else { Vec::new() }
    }
}

fn at_risk(status: &Status) -> Vec<&Waiting> {
    status.backlog.iter().chain(&status.given_up).filter(|waiting| waiting.at_risk).collect()
}

fn list_late(status: &Status) -> Vec<&Waiting> {
    let is_others = |reason: Reason| reason.waits_for_zoom() || reason.waits_for_people();
    let is_late = |waiting: &&Waiting| waiting.late && !waiting.pending.reason.is_some_and(is_others);
    status.backlog.iter().filter(is_late).collect()
}

fn for_people(status: &Status) -> Vec<&Waiting> {
    status.backlog.iter().filter(|waiting| waiting.pending.reason.is_some_and(Reason::waits_for_people)).collect()
}

fn list_overdue(status: &Status) -> Vec<&Orphan> {
    let is_overdue =
        |(orphan, goes): &&(Orphan, DateTime<Utc>)| orphan.kept.is_none() && status.now - *goes > PURGE_PATIENCE;
    let overdue = status.orphans.iter().filter(is_overdue);
    overdue.map(|(orphan, _)| orphan).collect()
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Alarm::NotListed(None) => {
                write!(f, "no run has ever listed everything that Zoom has: look at what sync says")
            }
            Alarm::NotListed(Some(ago)) if *ago < TimeDelta::zero() => {
                write!(
                    f,
                    "the last listing of everything that Zoom has is dated {} minutes ahead of this machine's clock, so it is not known when it was: look whether sync runs, and set the clock",
                    ago.abs().num_minutes()
                )
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
            Alarm::Lost(count) => write!(
                f,
                "{count} recordings were lost in the last 7 days: look in Zoom's trash, explain says which and why; this ends by itself"
            ),
            Alarm::GivenUp(count) => {
                write!(f, "{count} recordings were given up: see why, mend it, and make them due again with retry")
            }
            Alarm::NeedsPerson(count) => write!(f, "{count} recordings wait for somebody to do something"),
            Alarm::Late(count) => write!(f, "{count} recordings are late"),
            Alarm::OrphansOverdue(count) => {
                write!(f, "{count} orphaned copies should have been purged: look whether purge runs, and what it says")
            }
            Alarm::AnotherInstallation(count) => write!(
                f,
                "{count} other installations of this Zoom account have uploads open and did nothing for 2 days: start them again, or run sync --take-over once if they are not at work any more"
            ),
            Alarm::ClockOff(off) => write!(f, "{off}"),
        }
    }
}

/// Judges the present state: what is mended is no alarm any more.
#[must_use]
pub fn find_alarms(status: &Status, limits: AlertLimits) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    let ago = status.last_listing.map(|listing| status.now - listing);
    if ago.is_none_or(|ago| ago > limits.late_after || ago < -AHEAD) {
        alarms.push(Alarm::NotListed(ago));
    }
    for (command, run) in [("sync", status.last_sync), ("purge", status.last_purge)] {
        if let Some((_, Some(code @ (1 | 2 | 4 | 6)))) = run {
            alarms.push(Alarm::Refused(command, code));
        }
    }
    let (at_risk, people) = (at_risk(status).len(), for_people(status).len());
    let (late, overdue) = (list_late(status).len(), list_overdue(status).len());
    let silent = status.others.iter().filter(|other| other.is_silent(status.now)).count();
    let counted = [
        (at_risk, Alarm::AtRisk(at_risk)),
        (status.lost.len(), Alarm::Lost(status.lost.len())),
        (status.given_up.len(), Alarm::GivenUp(status.given_up.len())),
        (people, Alarm::NeedsPerson(people)),
        (late, Alarm::Late(late)),
        (overdue, Alarm::OrphansOverdue(overdue)),
        (silent, Alarm::AnotherInstallation(silent)),
    ];
    alarms.extend(counted.into_iter().filter(|(count, _)| *count > 0).map(|(_, alarm)| alarm));
    alarms.extend(status.clock_off.map(Alarm::ClockOff));
    alarms
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{Alarm, ClockOff, find_alarms};
    use crate::copying::plan::samples::sample_now;
    use crate::model::{EntryId, InstallationId, OtherInstallation, Pending, Reason};
    use crate::output::status::figures::tests::{limits, pending};
    use crate::output::status::{Figures, sort_status};
    use crate::remotes::http::Service;

    fn of(change: impl FnOnce(&mut Figures)) -> Vec<Alarm> {
        let mut figures = Figures {
            last_listing: Some(sample_now()),
            last_sync: Some((sample_now(), Some(0))),
            ..Figures::default()
        };
        change(&mut figures);
        find_alarms(&sort_status(figures, limits(), sample_now()), limits())
    }

    fn waiting(pending: Pending) -> Vec<Alarm> {
        of(|figures| figures.pending = vec![pending])
    }

    /// Everything was listed and nothing waits for long.
    #[test]
    fn no_delay_means_no_alarm() {
        assert_eq!(of(|_| {}), []);
        assert_eq!(waiting(pending(2, Some(Reason::InConversion))), []);
        assert_eq!(of(|figures| figures.last_sync = Some((sample_now(), None))), [], "a run at work is no failure");
        assert_eq!(of(|figures| figures.last_sync = Some((sample_now(), Some(3)))), [], "it is tried again");
    }

    #[test]
    fn each_problem_raises_an_alarm() {
        let hours = TimeDelta::hours;
        assert_eq!(of(|figures| figures.last_listing = None), [Alarm::NotListed(None)]);
        assert_eq!(
            of(|figures| figures.last_listing = Some(sample_now() - hours(4))),
            [Alarm::NotListed(Some(hours(4)))]
        );
        let ahead = |minutes| of(|figures| figures.last_listing = Some(sample_now() + TimeDelta::minutes(minutes)));
        assert_eq!((ahead(5), ahead(6)), (vec![], vec![Alarm::NotListed(Some(-TimeDelta::minutes(6)))]));
        let off = ClockOff { service: Service::Zoom, by: TimeDelta::minutes(6) };
        assert_eq!(of(|figures| figures.clock_off = Some(off)), [Alarm::ClockOff(off)]);
        assert_eq!(of(|figures| figures.last_sync = Some((sample_now(), Some(4)))), [Alarm::Refused("sync", 4)]);
        assert_eq!(of(|figures| figures.last_purge = Some((sample_now(), Some(6)))), [Alarm::Refused("purge", 6)]);
        assert_eq!(waiting(pending(5, Some(Reason::RetryLater))), [Alarm::Late(1)]);
        assert_eq!(waiting(pending(5, Some(Reason::Processing))), [], "nobody here can hasten Zoom");
        assert_eq!(waiting(pending(1, Some(Reason::WrongAlias))), [Alarm::NeedsPerson(1)]);
        assert_eq!(waiting(pending(24 * 25, Some(Reason::Processing))), [Alarm::AtRisk(1)]);
        assert_eq!(waiting(pending(24, Some(Reason::GivenUp))), [Alarm::GivenUp(1)]);
        assert_eq!(of(|figures| figures.lost = vec![pending(24, Some(Reason::GoneFromZoom))]), [Alarm::Lost(1)]);
        assert_eq!(waiting(pending(24 * 25, Some(Reason::GivenUp))), [Alarm::AtRisk(1), Alarm::GivenUp(1)]);
        let other = |ago| {
            let id = InstallationId::new("0000bbbb").expect("an id");
            vec![OtherInstallation { id, entry: EntryId::new("0_a"), last: sample_now() - hours(ago), open: 1 }]
        };
        assert_eq!(of(|figures| figures.others = other(47)), []);
        assert_eq!(of(|figures| figures.others = other(49)), [Alarm::AnotherInstallation(1)]);
    }
}
