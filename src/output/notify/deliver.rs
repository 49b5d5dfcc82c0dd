//! The story of telling: what is news to each receiver, told, and then written down. A run that dies in between tells
//! again; nothing is forgotten.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;

use super::alerts::{AlertState, alert_subjects, find_alert_states};
use super::command::Undelivered;
use super::event;
use super::receiver::{Receiver, Receivers, Recordings};
use crate::copying::apply::Outcome;
use crate::ledger::{Ledger, LedgerError, Lock, SentAlert};
use crate::model::format_count;
use crate::output::entry_terms::EntryTerms;
use crate::output::status::{Alarm, Status};
use crate::remotes::http::Clients;

/// A receiver that failed is left alone for so long, so that it does not cost every run its patience and a warning.
const REST: TimeDelta = TimeDelta::minutes(15);
/// News of a recording that is older is no news.
const KEPT: TimeDelta = TimeDelta::days(7);
/// So many recordings are reported by one run, and for so long; the next one goes on.
const MOST: usize = 500;
const LONGEST: Duration = Duration::from_secs(60);
/// A sync and a purge that end together tell one after the other.
const TURN: Duration = Duration::from_millis(100);

/// What there is to tell.
#[derive(Clone, Copy, Debug)]
pub struct RunDigest<'a> {
    /// The run that has ended.
    pub run: &'a str,
    /// How things stand.
    pub status: &'a Status,
    /// What needs a person.
    pub alarms: &'a [Alarm],
    /// Alarms of which nobody can say just now whether they are over.
    pub hidden: &'a [&'static str],
    /// What a purge came to.
    pub purge: Option<&'a Outcome>,
    /// What people see and expect.
    pub terms: EntryTerms<'a>,
}

/// Why telling stopped.
#[derive(Debug, thiserror::Error)]
enum Stopped {
    #[error(transparent)]
    Undelivered(#[from] Undelivered),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Tells every receiver what is news to it. What cannot be told is a warning; the ledger's errors are returned.
pub async fn tell(
    receivers: &Receivers,
    clients: &Clients,
    ledger: &Ledger,
    state_dir: &Path,
    hearing: RunDigest<'_>,
) -> Result<(), LedgerError> {
    let Some(_lock) = in_turn(state_dir, receivers.limit).await? else {
        tracing::info!("another run is sending notifications; the next run sends the rest");
        return Ok(());
    };
    let each = receivers.each(clients);
    let told = each.iter().map(|receiver| tell_one(*receiver, receivers, ledger, hearing));
    join_all(told).await.into_iter().collect::<Result<(), _>>()?;
    let listening = each.iter().map(|receiver| receiver.name()).filter(|_| receivers.recordings != Recordings::None);
    ledger.forget_news(&listening.collect::<Vec<_>>(), hearing.status.now - KEPT)
}

async fn in_turn(state_dir: &Path, limit: Duration) -> Result<Option<Lock>, LedgerError> {
    let given_up = tokio::time::Instant::now() + limit;
    loop {
        match Lock::to_tell(state_dir) {
            Ok(lock) => return Ok(Some(lock)),
            Err(LedgerError::Locked(_)) if tokio::time::Instant::now() < given_up => tokio::time::sleep(TURN).await,
            Err(LedgerError::Locked(_)) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
}

async fn tell_one(
    receiver: Receiver<'_>,
    receivers: &Receivers,
    ledger: &Ledger,
    hearing: RunDigest<'_>,
) -> Result<(), LedgerError> {
    if ledger.rests_until(receiver.name())?.is_some_and(|until| hearing.status.now < until) {
        tracing::debug!("{} failed recently and is skipped for now", receiver.key());
        return Ok(());
    }
    match tell_all(receiver, receivers, ledger, hearing).await {
        Ok(()) => Ok(()),
        Err(Stopped::Ledger(error)) => Err(error),
        Err(Stopped::Undelivered(why)) => {
            let rest = format_count(REST.num_minutes(), "minute");
            tracing::warn!("{}: the notification was not delivered: {why}; it is sent again in {rest}", receiver.key());
            ledger.set_rests_until(receiver.name(), Utc::now() + REST)
        }
    }
}

async fn tell_all(
    receiver: Receiver<'_>,
    receivers: &Receivers,
    ledger: &Ledger,
    hearing: RunDigest<'_>,
) -> Result<(), Stopped> {
    let RunDigest { run, status, alarms, hidden, purge, terms } = hearing;
    let (name, limit, now) = (receiver.name(), receivers.limit, status.now);
    // once a purge is over nobody knows its summary any more: it goes first, and whatever becomes of it, the rest follows
    if let Some(event) = purge.and_then(|outcome| event::purge_event(run, outcome, now))
        && let Err(why) = receiver.tell(&event, limit).await
    {
        tracing::warn!("{}: the summary of the purge was not delivered: {why}", receiver.key());
    }
    let news = alarm_news(ledger.told(name)?, receivers.remind_after, status, (alarms, hidden));
    if !news.is_empty() {
        let of = |word: &str| alarms.iter().copied().find(|alarm| alarm.word() == word);
        let told: Vec<_> = news.iter().map(|(word, (turn, _))| (word.as_str(), *turn, of(word))).collect();
        receiver.tell(&event::alert_event(run, &told, status, now), limit).await?;
        ledger.set_told(name, &news.into_iter().map(|(word, (_, told))| (word, told)).collect())?;
    }
    if receivers.recordings == Recordings::None {
        return Ok(());
    }
    let began = Instant::now();
    for news in ledger.news(name, MOST)? {
        if began.elapsed() > LONGEST {
            break;
        }
        if receivers.recordings.include(&news.what) && now - news.at < KEPT {
            match receiver.tell(&event::host_event(run, &news, terms, now), limit).await {
                Err(why) if why.may_pass => return Err(why.into()),
                Err(why) => {
                    let meeting_uuid = news.segment.meeting.uuid.as_str();
                    tracing::warn!(
                        meeting_uuid,
                        "{}: the notification of a recording was refused: {why}",
                        receiver.key()
                    );
                }
                Ok(()) => {}
            }
        }
        ledger.set_told_up_to(name, news.id)?;
    }
    Ok(())
}

fn alarm_news(
    mut told: BTreeMap<String, SentAlert>,
    remind_after: TimeDelta,
    status: &Status,
    (alarms, hidden): (&[Alarm], &[&str]),
) -> BTreeMap<String, (AlertState, SentAlert)> {
    let present = alarms.iter().map(|alarm| (alarm.word(), alert_subjects(*alarm, status))).collect();
    told.retain(|word, _| !hidden.contains(&word.as_str()) || alarms.iter().any(|alarm| alarm.word() == word));
    find_alert_states(&present, &told, remind_after, status.now)
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use chrono::{DateTime, TimeDelta, Utc};

    use super::alarm_news;
    use crate::copying::plan::samples::{sample_now, sample_segment};
    use crate::ledger::{Found, Outage, SentAlert};
    use crate::model::{Action, Pending};
    use crate::output::status::{AlertLimits, Figures, find_alarms, hidden_by_outages, sort_status};
    use crate::remotes::http::Service;

    /// One that could be copied since then.
    pub(crate) fn due(since: DateTime<Utc>) -> Pending {
        let mut segment = sample_segment(Vec::new());
        segment.started = since;
        Arc::make_mut(&mut segment.meeting).start = since;
        Pending {
            ended: since,
            copyable: Some(since),
            with_kaltura: None,
            segment,
            action: Action::Copy,
            reason: None,
            files: 1,
            bytes: 1,
            error: None,
            next_try: None,
            entry_id: None,
        }
    }

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

    /// What is mailed of four days, in which a run begins every five minutes: the hour, and what it says.
    fn mails(is_down: impl Fn(Service, i64) -> bool) -> Vec<(i64, String)> {
        let limits = limits();
        let (mut told, mut outages) = (BTreeMap::<String, SentAlert>::new(), [None::<Outage>; 2]);
        let (mut listed, mut backlog, mut mails) = (sample_now(), Vec::new(), Vec::new());
        for minutes in (0..4 * 24 * 60).step_by(5) {
            let (hour, now) = (minutes / 60, sample_now() + TimeDelta::minutes(minutes));
            if minutes % 60 == 0 {
                backlog.push(now);
            }
            let [zoom, kaltura] = [Service::Zoom, Service::Kaltura].map(|side| is_down(side, hour));
            listed = if zoom { listed } else { now };
            // it takes a while to make up for an outage
            backlog = backlog.split_off(if zoom || kaltura { 0 } else { backlog.len().min(1) });
            for (outage, (side, down)) in outages.iter_mut().zip([(Service::Zoom, zoom), (Service::Kaltura, kaltura)]) {
                *outage = Outage::after(*outage, side, if down { Found::Down } else { Found::Up }, now);
            }
            let figures = Figures {
                last_listing: Some(listed),
                last_sync: Some((now, Some(if zoom || kaltura { 5 } else { 0 }))),
                pending: backlog.iter().copied().map(due).collect(),
                outages: outages.iter().flatten().copied().collect(),
                ..Figures::default()
            };
            let status = sort_status(figures, limits, now);
            let alarms = find_alarms(&status, limits);
            let hidden = hidden_by_outages(&status, limits);
            let news = alarm_news(told.clone(), TimeDelta::days(1), &status, (&alarms, hidden));
            if !news.is_empty() {
                let said = news.iter().map(|(word, (state, _))| format!("{word} {}", state.word()));
                mails.push((hour, said.collect::<Vec<_>>().join(", ")));
            }
            told.extend(news.into_iter().map(|(word, (_, told))| (word, told)));
        }
        mails
    }

    /// From which hour to which each side is down, and what is mailed when.
    type OutageCase = ((i64, i64), (i64, i64), &'static [(i64, &'static str)]);

    /// A case is a line: from which hour to which each side is down.
    #[test]
    fn outages_lead_to_few_mails() {
        let cases: [OutageCase; 4] = [
            ((0, 0), (0, 0), &[]),
            ((6, 7), (0, 0), &[(6, "zoom_down new"), (7, "zoom_down resolved")]),
            (
                (1, 37),
                (37, 74),
                &[
                    (1, "zoom_down new"),
                    (25, "zoom_down still"),
                    (37, "kaltura_down new, zoom_down resolved"),
                    (61, "kaltura_down still"),
                    (74, "kaltura_down resolved"),
                ],
            ),
            (
                (10, 90),
                (20, 30),
                &[
                    (10, "zoom_down new"),
                    (20, "kaltura_down new"),
                    (30, "kaltura_down resolved"),
                    (34, "zoom_down still"),
                    (58, "zoom_down still"),
                    (82, "zoom_down still"),
                    (90, "zoom_down resolved"),
                ],
            ),
        ];
        for (zoom, kaltura, expected) in cases {
            let is_down = |side, hour| {
                let (from, to) = if side == Service::Zoom { zoom } else { kaltura };
                (from..to).contains(&hour)
            };
            let expected: Vec<(i64, String)> =
                expected.iter().map(|(hour, said)| (*hour, (*said).to_owned())).collect();
            assert_eq!(mails(is_down), expected, "{zoom:?} {kaltura:?}");
        }
    }
}
