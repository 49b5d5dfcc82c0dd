//! What the ledger knows becomes what people ask for. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::ledger::Outage;
use crate::model::{CaptionSurvey, Orphan, OtherInstallation, Pending, Reason};
use crate::remotes::http::ClockOff;

/// What the ledger knows.
#[derive(Debug, Default)]
pub struct Figures {
    /// When everything that Zoom lists was last read, to the end.
    pub last_listing: Option<DateTime<Utc>>,
    /// The day before which everything is settled.
    pub checkpoint: Option<NaiveDate>,
    /// When the last `sync` began, and how it ended, where it did.
    pub last_sync: Option<(DateTime<Utc>, Option<i64>)>,
    /// The same of `purge`.
    pub last_purge: Option<(DateTime<Utc>, Option<i64>)>,
    /// What was lost lately, and still is.
    pub lost: Vec<Pending>,
    /// What is owed or given up.
    pub pending: Vec<Pending>,
    /// What the holding user keeps.
    pub orphans: Vec<Orphan>,
    /// How many captions and side files are left out, as they are none.
    pub texts_left_out: u64,
    /// Other installations of the same Zoom account, as Kaltura showed them last.
    pub others: Vec<OtherInstallation>,
    /// How far this machine's clock is off, where that is too far.
    pub clock_off: Option<ClockOff>,
    /// The last outage of each remote side.
    pub outages: Vec<Outage>,
    /// The ledger's rows of orphans that several accounts could own.
    pub ambiguous: BTreeSet<i64>,
    /// What `captions` last counted.
    pub captions: Option<CaptionSurvey>,
    /// The ledger's format and the one that the next run brings it to, where they differ.
    pub upgrade: Option<(i64, i64)>,
}

/// The institution's times.
#[derive(Clone, Copy, Debug)]
pub struct AlertLimits {
    /// What was recorded earlier comes by hand: nobody waits for it.
    pub go_live: DateTime<Utc>,
    /// What could be copied for longer, and waits for this program, is late.
    pub late_after: TimeDelta,
    /// What waits for Kaltura's processing for longer is late too.
    pub processing_alert: TimeDelta,
    /// So long Zoom keeps recordings, where it does not say.
    pub zoom_retention: TimeDelta,
    /// What Zoom deletes within this time, and is not safe, is at risk.
    pub at_risk: TimeDelta,
    /// So long orphans are kept.
    pub older_than: TimeDelta,
}

/// How things stand.
#[derive(Debug)]
pub struct Status {
    /// The moment it is about.
    pub now: DateTime<Utc>,
    /// When copying begins, where that lies ahead.
    pub begins: Option<DateTime<Utc>>,
    /// See [`Figures::last_listing`].
    pub last_listing: Option<DateTime<Utc>>,
    /// See [`Figures::checkpoint`].
    pub checkpoint: Option<NaiveDate>,
    /// See [`Figures::last_sync`].
    pub last_sync: Option<(DateTime<Utc>, Option<i64>)>,
    /// See [`Figures::last_purge`].
    pub last_purge: Option<(DateTime<Utc>, Option<i64>)>,
    /// See [`Figures::lost`].
    pub lost: Vec<Waiting>,
    /// What is owed, oldest first.
    pub backlog: Vec<Waiting>,
    /// What was given up, as long as Zoom has it.
    pub given_up: Vec<Waiting>,
    /// How many of the backlog wait for which reason.
    pub reasons: BTreeMap<&'static str, u64>,
    /// The orphans, and when each goes.
    pub orphans: Vec<(Orphan, DateTime<Utc>)>,
    /// See [`Figures::texts_left_out`].
    pub texts_left_out: u64,
    /// See [`Figures::others`].
    pub others: Vec<OtherInstallation>,
    /// See [`Figures::clock_off`].
    pub clock_off: Option<ClockOff>,
    /// See [`Figures::outages`].
    pub outages: Vec<Outage>,
    /// See [`Figures::ambiguous`].
    pub ambiguous: BTreeSet<i64>,
    /// See [`Figures::captions`].
    pub captions: Option<CaptionSurvey>,
    /// See [`Figures::upgrade`].
    pub upgrade: Option<(i64, i64)>,
}

impl Status {
    /// Files and bytes of the backlog.
    #[must_use]
    pub fn sums(&self) -> (u64, u64) {
        self.backlog.iter().fold((0, 0), |(files, bytes), waiting| {
            (files.saturating_add(waiting.pending.files), bytes.saturating_add(waiting.pending.bytes))
        })
    }
}

/// A recording that is not safely in Kaltura.
#[derive(Debug)]
pub struct Waiting {
    /// What the ledger knows of it.
    pub pending: Pending,
    /// What it is late with, where it is late.
    pub late: Option<Lateness>,
    /// Whether it was recorded before go-live, so that only a backfill copies it.
    pub by_hand: bool,
    /// When Zoom deletes it, as far as is known.
    pub deleted: DateTime<Utc>,
    /// Whether that is soon.
    pub at_risk: bool,
}

/// What a recording is late with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lateness {
    /// It could have been copied long ago.
    Copying,
    /// Kaltura has had all bytes for long.
    Processing,
}

impl Waiting {
    fn judge(pending: Pending, limits: AlertLimits, now: DateTime<Utc>) -> Waiting {
        let told = pending.segment.meeting.deleted_on.map(|day| day.and_time(NaiveTime::MIN).and_utc());
        let deleted = told.unwrap_or(pending.segment.meeting.start + limits.zoom_retention);
        let by_hand = pending.segment.started < limits.go_live;
        let late = find_lateness(&pending, by_hand, limits, now);
        // Zoom has it for longer than Kaltura may take
        let in_time = pending.with_kaltura.is_some_and(|since| deleted > since + limits.processing_alert);
        let at_risk = deleted - now < limits.at_risk && deleted > now && (late.is_some() || !in_time);
        // what is due by now is tried by the next run
        let pending = Pending { next_try: pending.next_try.filter(|time| *time > now), ..pending };
        Waiting { pending, late, by_hand, deleted, at_risk }
    }

    /// Whether its last try failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.pending.error.is_some()
    }

    /// Whether it waits until somebody at the institution changes something.
    #[must_use]
    pub fn needs_people(&self) -> bool {
        self.pending.reason.is_some_and(Reason::waits_for_people)
    }

    /// Why it is not in Kaltura yet: what a run that ended early did not write down is clear from its files.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.pending.reason.or(self.pending.with_kaltura.map(|_| Reason::InConversion))
    }
}

/// So long a time may lie ahead and be believed: the clock may have been set back since.
pub(super) const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// Late is what waits for this program, or for Kaltura, and not what waits for Zoom or for people. Nobody waits for what
/// a backfill left, but Kaltura is to process that in time too.
fn find_lateness(pending: &Pending, by_hand: bool, limits: AlertLimits, now: DateTime<Utc>) -> Option<Lateness> {
    let is_others = |reason: Reason| reason.waits_for_zoom() || reason.waits_for_people();
    let for_longer = |since: Option<DateTime<Utc>>, limit| {
        let believed = [since, pending.copyable].into_iter().flatten().find(|since| *since - now <= AHEAD);
        now - believed.unwrap_or(pending.ended) > limit
    };
    match (pending.with_kaltura, pending.reason) {
        (Some(since), _) => for_longer(Some(since), limits.processing_alert).then_some(Lateness::Processing),
        (None, reason) if by_hand || reason.is_some_and(is_others) => None,
        (None, _) => for_longer(pending.copyable, limits.late_after).then_some(Lateness::Copying),
    }
}

/// Sorts what the ledger knows.
#[must_use]
pub fn sort_status(figures: Figures, limits: AlertLimits, now: DateTime<Utc>) -> Status {
    let waiting = |pending: Pending| Waiting::judge(pending, limits, now);
    // what a backfill left and Zoom has deleted since no run can repair, unless Kaltura has it
    let is_told =
        |waiting: &Waiting| !waiting.by_hand || waiting.deleted > now || waiting.pending.with_kaltura.is_some();
    let (given_up, backlog): (Vec<Waiting>, Vec<Waiting>) = figures
        .pending
        .into_iter()
        .map(waiting)
        .filter(is_told)
        .partition(|waiting| waiting.pending.reason == Some(Reason::GivenUp));
    let mut reasons = BTreeMap::new();
    for waiting in &backlog {
        *reasons.entry(waiting.reason().map_or("due", Reason::word)).or_default() += 1;
    }
    let goes = |orphan: &Orphan| orphan.confirmed + limits.older_than;
    let orphans = figures.orphans.into_iter().map(|orphan| (orphan.clone(), goes(&orphan)));
    Status {
        now,
        begins: Some(limits.go_live).filter(|go_live| *go_live > now),
        last_listing: figures.last_listing,
        checkpoint: figures.checkpoint,
        last_sync: figures.last_sync,
        last_purge: figures.last_purge,
        lost: figures.lost.into_iter().map(waiting).collect(),
        backlog,
        // nobody can repair what Zoom no longer has
        given_up: given_up.into_iter().filter(|waiting| waiting.deleted > now).collect(),
        reasons,
        orphans: orphans.collect(),
        texts_left_out: figures.texts_left_out,
        others: figures.others,
        clock_off: figures.clock_off,
        outages: figures.outages,
        ambiguous: figures.ambiguous,
        captions: figures.captions,
        upgrade: figures.upgrade,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use chrono::{DateTime, TimeDelta, Utc};

    use super::{AlertLimits, Figures, Lateness, Waiting, sort_status};
    use crate::copying::plan::samples::{sample_now, sample_segment};
    use crate::model::{Action, Pending, Reason};

    pub(crate) fn limits() -> AlertLimits {
        AlertLimits {
            go_live: sample_now() - TimeDelta::days(100),
            late_after: TimeDelta::hours(3),
            processing_alert: TimeDelta::hours(24),
            zoom_retention: TimeDelta::days(30),
            at_risk: TimeDelta::days(7),
            older_than: TimeDelta::hours(24),
        }
    }

    /// One that began so many hours ago, lasted for half an hour, and waits for this reason; no run has listed it.
    pub(crate) fn pending(hours: i64, reason: Option<Reason>) -> Pending {
        let started: DateTime<Utc> = sample_now() - TimeDelta::hours(hours);
        let mut segment = sample_segment(Vec::new());
        segment.started = started;
        Arc::make_mut(&mut segment.meeting).start = started;
        Pending {
            ended: started + TimeDelta::minutes(30),
            copyable: None,
            with_kaltura: None,
            segment,
            action: if reason == Some(Reason::GivenUp) { Action::Skip } else { Action::Wait },
            reason,
            files: 2,
            bytes: 6000,
            error: None,
            next_try: None,
            entry_id: None,
        }
    }

    /// Judged with the only one that waits.
    fn judged(pending: Pending) -> Waiting {
        let figures = Figures { pending: vec![pending], ..Figures::default() };
        sort_status(figures, limits(), sample_now()).backlog.remove(0)
    }

    /// Late is what could be copied long ago, at risk what Zoom deletes soon.
    #[test]
    fn late_and_at_risk_are_separate() {
        let told = |day: &str| {
            let mut pending = pending(24, None);
            Arc::make_mut(&mut pending.segment.meeting).deleted_on = Some(day.parse().expect("a day"));
            pending
        };
        let cases = [
            (pending(3, None), false, false),
            (pending(4, None), true, false),
            (pending(24 * 22, None), true, false),
            (pending(24 * 24, None), true, true),
            // Zoom has deleted it already
            (pending(24 * 31, None), true, false),
            (told("2026-11-29"), true, true),
            (told("2027-05-01"), true, false),
        ];
        for (pending, late, at_risk) in cases {
            let found = judged(pending.clone());
            assert_eq!((found.late.is_some(), found.at_risk), (late, at_risk), "{pending:?}");
        }
    }

    /// A recording of two days ago: since how many hours it could be copied and waits for Kaltura, and why it waits.
    #[test]
    fn lateness_counts_from_what_waits() {
        use Lateness::{Copying, Processing};
        use Reason::{BeyondLimit, InConversion, NoHoldingUser, NotListed, RetryLater};
        let cases = [
            // listed a moment ago, however old it is
            (Some(0), None, None, None),
            (Some(3), None, None, None),
            (Some(4), None, None, Some(Copying)),
            (Some(4), None, Some(RetryLater), Some(Copying)),
            (Some(4), None, Some(BeyondLimit), Some(Copying)),
            // others have to do something first
            (Some(40), None, Some(NotListed), None),
            (Some(40), None, Some(NoHoldingUser), None),
            // Kaltura has it, also where a run died before it could say so
            (Some(40), Some(0), Some(InConversion), None),
            (Some(40), Some(24), Some(InConversion), None),
            (Some(40), Some(24), None, None),
            (Some(40), Some(25), Some(InConversion), Some(Processing)),
            (Some(40), Some(25), None, Some(Processing)),
            // one of its files fails, whatever Kaltura does with another
            (Some(40), None, Some(InConversion), Some(Copying)),
            // a time that a wrong clock wrote down says nothing
            (Some(-1), None, None, Some(Copying)),
            (Some(40), Some(-1), Some(InConversion), Some(Processing)),
            (None, None, None, Some(Copying)),
        ];
        for (copyable, with_kaltura, reason, late) in cases {
            let ago = |hours: i64| sample_now() - TimeDelta::hours(hours);
            let pending =
                Pending { copyable: copyable.map(ago), with_kaltura: with_kaltura.map(ago), ..pending(48, reason) };
            assert_eq!(judged(pending).late, late, "{copyable:?} {with_kaltura:?} {reason:?}");
        }
    }

    /// What Kaltura processes is safe unless Zoom deletes it before that counts as late.
    #[test]
    fn processing_in_time_is_no_risk() {
        let sent = |recorded: i64, sent: i64| {
            let with_kaltura = Some(sample_now() - TimeDelta::hours(sent));
            judged(Pending { with_kaltura, ..pending(recorded, Some(Reason::InConversion)) }).at_risk
        };
        // Zoom keeps it for 30 days
        let (days_left, hours_left) = (24 * 24, 24 * 30 - 20);
        assert_eq!([sent(days_left, 1), sent(days_left, 25), sent(hours_left, 1)], [false, true, true]);
    }

    /// They are reported as long as Zoom has them.
    #[test]
    fn backfill_leftovers_are_never_late() {
        let limits = AlertLimits { go_live: sample_now() - TimeDelta::hours(1), ..limits() };
        let figures = Figures { pending: vec![pending(24 * 24, None), pending(24 * 31, None)], ..Figures::default() };
        let found = sort_status(figures, limits, sample_now());
        let told: Vec<_> = found.backlog.iter().map(|waiting| (waiting.late, waiting.at_risk)).collect();
        assert_eq!(told, [(None, true)]);
    }

    /// As long as Zoom has the recording.
    #[test]
    fn abandoned_copies_show_while_zoom_lasts() {
        let pending =
            vec![pending(24, Some(Reason::GivenUp)), pending(24 * 31, Some(Reason::GivenUp)), pending(5, None)];
        let found = sort_status(Figures { pending, ..Figures::default() }, limits(), sample_now());
        assert_eq!((found.given_up.len(), found.backlog.len()), (1, 1));
        assert_eq!(found.reasons.into_iter().collect::<Vec<_>>(), [("due", 1)]);
    }
}
