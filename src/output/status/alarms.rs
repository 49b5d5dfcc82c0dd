//! What needs a person now. Pure.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::figures::AHEAD;
use super::{AlertLimits, Lateness, Status, Waiting};
use crate::model::{Orphan, format_count};
use crate::remotes::http::{ClockOff, Service};

/// So long after its time an orphan may still be there: `purge` runs now and then.
const PURGE_PATIENCE: TimeDelta = TimeDelta::days(2);

/// The words of all alarms, for programs.
pub const ALARM_WORDS: [&str; 14] = [
    "zoom_down",
    "kaltura_down",
    "not_listed",
    "sync_failed",
    "purge_failed",
    "at_risk",
    "lost",
    "given_up",
    "needs_person",
    "late",
    "orphans_overdue",
    "ambiguous_owners",
    "another_installation",
    "clock_off",
];

/// Something that needs a person now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// A remote side has been down for so long.
    Outage(Service, TimeDelta),
    /// Everything that Zoom lists was last read so long ago; `None`: never.
    NotListed(Option<TimeDelta>),
    /// The last `sync` or `purge` ended with this exit code, which does not go away by itself.
    Refused(&'static str, i64),
    /// So many are not safe, and Zoom deletes them soon.
    AtRisk(usize),
    /// So many were lost lately.
    Lost(usize),
    /// So many were given up, and Zoom still has them.
    GivenUp(usize),
    /// So many wait for somebody to do something.
    NeedsPerson(usize),
    /// So many wait for longer than they should.
    Late {
        /// For this program to copy them.
        copying: usize,
        /// For Kaltura to process them.
        processing: usize,
    },
    /// So many orphans should have been purged.
    OrphansOverdue(usize),
    /// So many orphans could belong to several accounts.
    AmbiguousOwners(usize),
    /// So many other installations of the account stopped in the middle of their work.
    AnotherInstallation(usize),
    /// This machine's clock differs from that of a remote side.
    ClockOff(ClockOff),
}

impl Alarm {
    /// The word of an outage.
    #[must_use]
    pub fn outage_word(service: Service) -> &'static str {
        Alarm::Outage(service, TimeDelta::zero()).word()
    }

    /// The word for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        let [
            zoom_down,
            kaltura_down,
            not_listed,
            sync_failed,
            purge_failed,
            at_risk,
            lost,
            given_up,
            needs_person,
            late,
            orphans_overdue,
            ambiguous,
            another,
            clock_off,
        ] = ALARM_WORDS;
        match self {
            Alarm::Outage(Service::Zoom, _) => zoom_down,
            Alarm::Outage(Service::Kaltura, _) => kaltura_down,
            Alarm::NotListed(_) => not_listed,
            Alarm::Refused("purge", _) => purge_failed,
            Alarm::Refused(..) => sync_failed,
            Alarm::AtRisk(_) => at_risk,
            Alarm::Lost(_) => lost,
            Alarm::GivenUp(_) => given_up,
            Alarm::NeedsPerson(_) => needs_person,
            Alarm::Late { .. } => late,
            Alarm::OrphansOverdue(_) => orphans_overdue,
            Alarm::AmbiguousOwners(_) => ambiguous,
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
            Alarm::Late { .. } => list_late(status),
            Alarm::Lost(_) => status.lost.iter().collect(),
            Alarm::Outage(..)
            | Alarm::NotListed(_)
            | Alarm::Refused(..)
            | Alarm::OrphansOverdue(_)
            | Alarm::AmbiguousOwners(_)
            | Alarm::AnotherInstallation(_)
            | Alarm::ClockOff(_) => Vec::new(),
        }
    }

    /// The orphaned copies it is about.
    #[must_use]
    pub fn orphans(self, status: &Status) -> Vec<&Orphan> {
        match self {
            Alarm::OrphansOverdue(_) => list_overdue(status),
            Alarm::AmbiguousOwners(_) => list_ambiguous(status),
            _ => Vec::new(),
        }
    }
}

fn at_risk(status: &Status) -> Vec<&Waiting> {
    status.backlog.iter().chain(&status.given_up).filter(|waiting| waiting.at_risk).collect()
}

fn list_late(status: &Status) -> Vec<&Waiting> {
    status.backlog.iter().filter(|waiting| waiting.late.is_some()).collect()
}

fn for_people(status: &Status) -> Vec<&Waiting> {
    status.backlog.iter().filter(|waiting| waiting.needs_people()).collect()
}

fn list_ambiguous(status: &Status) -> Vec<&Orphan> {
    let orphans = status.orphans.iter().map(|(orphan, _)| orphan);
    orphans.filter(|orphan| orphan.row.is_some_and(|row| status.ambiguous.contains(&row))).collect()
}

fn list_overdue(status: &Status) -> Vec<&Orphan> {
    let is_overdue =
        |(orphan, goes): &&(Orphan, DateTime<Utc>)| orphan.kept.is_none() && status.now - *goes > PURGE_PATIENCE;
    let overdue = status.orphans.iter().filter(is_overdue);
    overdue.map(|(orphan, _)| orphan).collect()
}

impl Alarm {
    /// What is wrong, in a few words.
    #[must_use]
    pub fn headline(self) -> String {
        match self {
            Alarm::Outage(service, ago) => {
                let ago = match ago.num_hours() {
                    0 => "less than an hour".to_owned(),
                    hours => format_count(hours.unsigned_abs(), "hour"),
                };
                format!("{service} has been down, out of reach or at its daily limit for {ago}")
            }
            Alarm::NotListed(None) => "no run has listed all recordings in Zoom yet".to_owned(),
            Alarm::NotListed(Some(ago)) if ago < TimeDelta::zero() => {
                let ahead = format_count(ago.abs().num_minutes().unsigned_abs(), "minute");
                format!("the last complete listing of Zoom is dated {ahead} ahead of this machine's clock")
            }
            Alarm::NotListed(Some(ago)) => {
                let ago = format_count(ago.num_hours().unsigned_abs(), "hour");
                format!("the last complete listing of Zoom was {ago} ago")
            }
            Alarm::Refused(command, code) => format!("the last {command} ended with exit code {code}"),
            Alarm::AtRisk(count) => {
                let (are, them) = if count == 1 { ("is", "it") } else { ("are", "them") };
                format!("{} {are} not safe in Kaltura, and Zoom deletes {them} soon", recordings(count))
            }
            Alarm::Lost(count) => format!("{} {} lost in the last 7 days", recordings(count), was(count)),
            Alarm::GivenUp(count) => format!("{} failed too often and {} given up", recordings(count), was(count)),
            Alarm::NeedsPerson(count) => {
                let wait = if count == 1 { "waits" } else { "wait" };
                format!("{} {wait} until you change something", recordings(count))
            }
            Alarm::Late { copying, processing } => {
                let are = |count| if count == 1 { "is" } else { "are" };
                let late = format!("{} {} late", recordings(copying), are(copying));
                let has = if processing == 1 { "has" } else { "have" };
                let slow = format!(
                    "{} {has} been in Kaltura's processing for longer than sync.processing_alert",
                    recordings(processing)
                );
                match (copying, processing) {
                    (_, 0) => late,
                    (0, _) => slow,
                    _ => format!("{late}, and {slow}"),
                }
            }
            Alarm::OrphansOverdue(count) => {
                let is = if count == 1 { "is" } else { "are" };
                let copies = format_count(count, "orphaned copy");
                format!("{copies} should have been purged and {is} still there")
            }
            Alarm::AmbiguousOwners(count) => {
                let copies = format_count(count, "orphaned copy");
                format!("{copies} could belong to several Kaltura users each")
            }
            Alarm::AnotherInstallation(count) => {
                let installations = format_count(count, "other installation");
                format!("{installations} of this Zoom account stopped in the middle of uploads more than 2 days ago")
            }
            Alarm::ClockOff(off) => off.headline(),
        }
    }

    /// The action that ends it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Alarm::Outage(..) => {
                "later runs copy what waits; if it lasts, run zoom2kaltura check, and look at the network, the proxy and the service's status page"
            }
            Alarm::NotListed(Some(ago)) if ago < TimeDelta::zero() => {
                "set this machine's clock, then run zoom2kaltura sync"
            }
            Alarm::NotListed(_) => "check that cron runs zoom2kaltura sync; run it by hand and do what its errors say",
            Alarm::Refused("purge", _) => "run zoom2kaltura purge by hand and do what its errors say",
            Alarm::Refused(..) => "run zoom2kaltura sync by hand and do what its errors say",
            Alarm::AtRisk(_) => {
                "zoom2kaltura explain MEETING says why each is not safe; zoom2kaltura retry MEETING tries it again at once"
            }
            Alarm::Lost(_) => {
                "recover them from Zoom's trash; zoom2kaltura explain MEETING says why each was lost; the alarm ends 7 days after the loss"
            }
            Alarm::GivenUp(_) => {
                "zoom2kaltura explain MEETING says why each failed; fix that, then run zoom2kaltura retry --failed"
            }
            Alarm::NeedsPerson(_) => {
                "zoom2kaltura explain MEETING says what each waits for; change that, and the next sync copies it"
            }
            Alarm::Late { copying: 0, .. } => {
                "look at the queue of conversions in the KMC, and ask whoever runs Kaltura; zoom2kaltura explain MEETING names the entry"
            }
            Alarm::Late { processing: 0, .. } => {
                "zoom2kaltura explain MEETING says why each is late; run zoom2kaltura sync by hand and do what its errors say"
            }
            Alarm::Late { .. } => {
                "zoom2kaltura explain MEETING says why each is late; run zoom2kaltura sync by hand, and look at the queue of conversions in the KMC"
            }
            Alarm::OrphansOverdue(_) => {
                "check that cron runs zoom2kaltura purge; zoom2kaltura purge --dry-run says what keeps them"
            }
            Alarm::AmbiguousOwners(_) => {
                "zoom2kaltura explain MEETING names the host: add a line for them to owner.aliases, or correct the addresses in Kaltura; the next sync hands the copy over"
            }
            Alarm::AnotherInstallation(_) => {
                "start them again; if they are gone for good, run zoom2kaltura sync --take-over once"
            }
            Alarm::ClockOff(_) => "set this machine's clock and keep it right with NTP",
        }
    }
}

fn recordings(count: usize) -> String {
    format_count(count, "recording")
}

fn was(count: usize) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.headline(), self.remedy())
    }
}

/// The sides whose outage excuses what is late just now.
fn excused_services(status: &Status, limits: AlertLimits) -> Vec<Service> {
    let excusing = status.outages.iter().filter(|outage| outage.excuses(status.now, limits.late_after));
    excusing.map(|outage| outage.service).collect()
}

/// The alarms that nobody can say to be over as long as an outage lasts, or what it delayed is being made up for.
#[must_use]
pub fn hidden_by_outages(status: &Status, limits: AlertLimits) -> &'static [&'static str] {
    const HIDDEN: &[&str] = &["not_listed", "sync_failed", "purge_failed", "late", "orphans_overdue"];
    if excused_services(status, limits).is_empty() { &[] } else { HIDDEN }
}

/// Judges the present state: what is corrected is no longer an alarm.
#[must_use]
pub fn find_alarms(status: &Status, limits: AlertLimits) -> Vec<Alarm> {
    let open = status.outages.iter().filter(|outage| outage.is_open(status.now, limits.late_after));
    let mut alarms: Vec<Alarm> = open.map(|outage| Alarm::Outage(outage.service, status.now - outage.since)).collect();
    let excused = excused_services(status, limits);
    let ago = status.last_listing.map(|listing| status.now - listing);
    if excused.is_empty() && ago.is_none_or(|ago| ago > limits.late_after || ago < -AHEAD) {
        alarms.push(Alarm::NotListed(ago));
    }
    for (command, run) in [("sync", status.last_sync), ("purge", status.last_purge)] {
        if let Some((_, Some(code @ (1 | 2 | 4 | 6)))) = run {
            alarms.push(Alarm::Refused(command, code));
        }
    }
    let (at_risk, people) = (at_risk(status).len(), for_people(status).len());
    let overdue = if excused.is_empty() { list_overdue(status).len() } else { 0 };
    let ambiguous = list_ambiguous(status).len();
    let late = |kind| list_late(status).iter().filter(|waiting| waiting.late == Some(kind)).count();
    // what an outage delays is the outage's alarm; how long Kaltura processes is known as long as Kaltura answers
    let copying = if excused.is_empty() { late(Lateness::Copying) } else { 0 };
    let processing = if excused.contains(&Service::Kaltura) { 0 } else { late(Lateness::Processing) };
    let silent = status.others.iter().filter(|other| other.is_silent(status.now)).count();
    let counted = [
        (at_risk, Alarm::AtRisk(at_risk)),
        (status.lost.len(), Alarm::Lost(status.lost.len())),
        (status.given_up.len(), Alarm::GivenUp(status.given_up.len())),
        (people, Alarm::NeedsPerson(people)),
        (copying + processing, Alarm::Late { copying, processing }),
        (overdue, Alarm::OrphansOverdue(overdue)),
        (ambiguous, Alarm::AmbiguousOwners(ambiguous)),
        (silent, Alarm::AnotherInstallation(silent)),
    ];
    alarms.extend(counted.into_iter().filter(|(count, _)| *count > 0).map(|(_, alarm)| alarm));
    alarms.extend(status.clock_off.map(Alarm::ClockOff));
    alarms
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::TimeDelta;

    use super::{ALARM_WORDS, Alarm, ClockOff, find_alarms};
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

    /// One of each, about as many.
    fn all_alarms(count: usize) -> Vec<Alarm> {
        let off = |minutes| ClockOff { service: Service::Zoom, by: TimeDelta::minutes(minutes) };
        vec![
            Alarm::Outage(Service::Zoom, TimeDelta::minutes(5)),
            Alarm::Outage(Service::Kaltura, TimeDelta::hours(count.cast_signed() as i64)),
            Alarm::AmbiguousOwners(count),
            Alarm::NotListed(None),
            Alarm::NotListed(Some(TimeDelta::hours(4))),
            Alarm::NotListed(Some(-TimeDelta::minutes(6))),
            Alarm::Refused("sync", 4),
            Alarm::Refused("purge", 6),
            Alarm::AtRisk(count),
            Alarm::Lost(count),
            Alarm::GivenUp(count),
            Alarm::NeedsPerson(count),
            Alarm::Late { copying: count, processing: 0 },
            Alarm::Late { copying: 0, processing: count },
            Alarm::Late { copying: count, processing: count },
            Alarm::OrphansOverdue(count),
            Alarm::AnotherInstallation(count),
            Alarm::ClockOff(off(6)),
        ]
    }

    /// For a person at 7 a.m.: in one line, in plain words.
    #[test]
    fn alarm_texts_name_what_ends_them() {
        let words: BTreeSet<&str> = all_alarms(1).into_iter().map(Alarm::word).collect();
        assert_eq!(words, ALARM_WORDS.into_iter().collect(), "an alarm without a text here");
        for alarm in all_alarms(1).into_iter().chain(all_alarms(2)) {
            let (text, remedy) = (alarm.to_string(), alarm.remedy());
            let acts = ["zoom2kaltura ", "set this machine's clock"].iter().any(|act| remedy.contains(act));
            assert!(acts && text.lines().count() == 1 && !text.ends_with('.'), "{text}");
            for odd in
                ["1 recordings", "1 other installations", "1 orphaned copies", "2 recording ", "somebody", "mend"]
            {
                assert!(!text.contains(odd), "{odd}: {text}");
            }
        }
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
        assert_eq!(waiting(pending(5, Some(Reason::RetryLater))), [Alarm::Late { copying: 1, processing: 0 }]);
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
