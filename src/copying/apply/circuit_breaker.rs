//! When going on with a run has become pointless, and which side is to blame.
//!
//! A transfer that did not get to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::{ApplyContext, Line};
use crate::copying::transfer::TransferError;
use crate::model::{FileCopy, Role};
use crate::remotes::http::{RemoteError, RemoteKind, Service};

/// So many recordings in a row, of so many hosts, that met trouble of one side: the side is down, and no recording to blame.
const OUTAGE: Spread = Spread { hosts: 3, recordings: 3 };
/// The same where the side says itself that it is asked too often.
const TOO_OFTEN: Spread = Spread { hosts: 2, recordings: 2 };
/// So many in a row, and the others are left for the next run: each waits for long until it gives up.
const HALT: Spread = Spread { hosts: 3, recordings: 8 };
/// The same with those that were put off until others had their turn: each was asked for only briefly, and a dozen that
/// Zoom does not give may well lie side by side.
const PUT_OFF: Spread = Spread { hosts: 3, recordings: 64 };
/// So many hosts whose downloads Zoom refuses, while it serves none, are refused for what all have in common.
const REFUSED_HOSTS: usize = 2;
/// So many errors in a row that no transfer met.
const UNPLACED: usize = 8;

/// How far trouble has spread. What one host has in common may be their own.
#[derive(Clone, Copy)]
struct Spread {
    hosts: usize,
    recordings: usize,
}

/// When going on has become pointless.
#[derive(Default)]
pub(super) struct CircuitBreaker(Mutex<MetErrors>);

/// What the transfers of a run met.
#[derive(Default)]
struct MetErrors {
    reached: bool,
    unplaced: usize,
    zoom: Streak,
    kaltura: Streak,
    /// Whether anything came through.
    passed: bool,
    /// Whose downloads were refused, and how.
    refused: Vec<(String, RemoteError)>,
}

/// Who met trouble of one side since something came through last: recordings with their hosts.
#[derive(Default)]
struct Streak {
    failed: BTreeMap<String, String>,
    put_off: BTreeMap<String, String>,
    errors: Vec<RemoteError>,
    /// Recordings that met it while others came through.
    alone: BTreeSet<String>,
}

impl Streak {
    fn has_spread(&self, to: Spread) -> bool {
        is_at_least(self.failed.iter(), to)
    }

    /// Something came through: whoever met trouble before met it alone.
    fn end_streak(&mut self) {
        self.alone.extend(std::mem::take(&mut self.put_off).into_keys());
        self.failed.clear();
        self.errors.clear();
    }

    fn note_message(&mut self, error: &RemoteError) {
        if self.errors.iter().all(|said| said.message != error.message) {
            self.errors.push(error.clone());
        }
    }

    fn is_outage(&self) -> bool {
        let is_too_often = |error: &RemoteError| matches!(error.kind, RemoteKind::RateLimited(_));
        let spread = if self.errors.iter().all(is_too_often) { TOO_OFTEN } else { OUTAGE };
        self.has_spread(spread) || self.has_spread_with_put_offs(PUT_OFF)
    }

    fn has_spread_with_put_offs(&self, to: Spread) -> bool {
        is_at_least(self.failed.iter().chain(&self.put_off), to)
    }
}

fn is_at_least<'a>(met: impl Iterator<Item = (&'a String, &'a String)>, spread: Spread) -> bool {
    let (recordings, hosts): (BTreeSet<&String>, BTreeSet<&String>) = met.unzip();
    hosts.len() >= spread.hosts && recordings.len() >= spread.recordings
}

impl MetErrors {
    fn streak_of(&mut self, service: Service) -> &mut Streak {
        match service {
            Service::Zoom => &mut self.zoom,
            Service::Kaltura => &mut self.kaltura,
        }
    }

    fn judge_spread(&mut self) {
        let halts = |streak: &Streak| streak.has_spread(HALT) || streak.has_spread_with_put_offs(PUT_OFF);
        self.reached |= self.unplaced >= UNPLACED || halts(&self.zoom) || halts(&self.kaltura);
    }
}

impl CircuitBreaker {
    fn with_met<T>(&self, note: impl FnOnce(&mut MetErrors) -> T) -> T {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn is_open(&self) -> bool {
        self.with_met(|met| met.reached)
    }

    pub(super) fn open(&self) {
        self.with_met(|met| met.reached = true);
    }

    /// Notes how the transfer of a file of `line` ended. What failed before is known to fail, and says nothing of
    /// anything else.
    pub(super) fn count_end(&self, line: &Line, role: Role, end: Result<&FileCopy, &Ended>, context: ApplyContext<'_>) {
        let Err(ended) = end else {
            return self.note_passed(role, context);
        };
        let TransferError::Remote(error) = &ended.error else {
            return;
        };
        // an address that this program itself may not go to is a matter of its configuration, every time
        if ended.has_failed_before() && error.meaning.is_some() {
            return;
        }
        match error.service {
            Service::Kaltura if error.may_be_about_one() => {
                let is_for_all = context.note_refusal(line, role.word(), error);
                self.with_met(|met| met.reached |= is_for_all);
            }
            // what Zoom refuses costs nobody anything, and may yet be about these alone
            Service::Zoom if matches!(error.kind, RemoteKind::Refused | RemoteKind::Expired) => {
                let host = line.item.segment.meeting.host_id.as_str().to_owned();
                self.with_met(|met| met.refused.push((host, error.clone())));
            }
            service if error.is_outage() && error.kind != RemoteKind::DailyLimit => self.with_met(|met| {
                let (recording, host) = recording_and_host(line);
                let streak = met.streak_of(service);
                streak.put_off.remove(&recording);
                if !streak.alone.contains(&recording) {
                    streak.failed.insert(recording, host);
                    streak.note_message(error);
                }
                met.judge_spread();
            }),
            _ => {}
        }
    }

    fn note_passed(&self, role: Role, context: ApplyContext<'_>) {
        context.note_passed(role);
        self.with_met(|met| {
            met.passed = true;
            if !met.reached {
                met.zoom.end_streak();
                met.kaltura.end_streak();
            }
        });
    }

    /// Notes a transfer that comes back after all others.
    pub(super) fn note_put_off(&self, line: &Line, ended: &Ended) {
        let (TransferError::Remote(error), false) = (&ended.error, ended.has_failed_before()) else {
            return;
        };
        self.with_met(|met| {
            let (recording, host) = recording_and_host(line);
            met.zoom.put_off.insert(recording, host);
            met.zoom.note_message(error);
            met.judge_spread();
        });
    }

    /// Notes an error that no transfer met.
    pub(super) fn note_error(&self, error: &RemoteError) {
        self.with_met(|met| {
            met.reached |= error.ends_the_run();
            met.unplaced += usize::from(error.is_outage());
            met.judge_spread();
        });
    }

    /// Whether a side is down, as far as can be told now.
    pub(super) fn is_outage(&self, service: Service) -> bool {
        self.with_met(|met| met.streak_of(service).is_outage())
    }

    /// What is to be said of the remote sides as a whole, once all is over.
    pub(super) fn collect_blame(&self) -> Vec<RemoteError> {
        self.with_met(|met| {
            let mut said = Vec::new();
            for streak in [&met.zoom, &met.kaltura].into_iter().filter(|streak| streak.is_outage()) {
                said.extend(streak.errors.iter().cloned());
            }
            let hosts: BTreeSet<&String> = met.refused.iter().map(|(host, _)| host).collect();
            let accuses = |error: &RemoteError| hosts.len() >= REFUSED_HOSTS || error.meaning.is_none();
            let refused = met.refused.iter().map(|(_, error)| error).filter(|error| !met.passed && accuses(error));
            said.extend(refused.cloned());
            said
        })
    }
}

/// A recording, and its host.
fn recording_and_host(line: &Line) -> (String, String) {
    let meeting = &line.item.segment.meeting;
    (format!("{}{}", meeting.uuid, line.item.segment.recording_start), meeting.host_id.as_str().to_owned())
}

/// A transfer that did not get to its end.
pub(super) struct Ended {
    /// The copy as it was when the transfer began.
    pub(super) copy: Option<Box<FileCopy>>,
    /// Why.
    pub(super) error: TransferError,
    /// Whether Kaltura has taken more of its bytes all the same.
    pub(super) moved: bool,
}

impl Ended {
    /// A transfer that was not begun.
    pub(super) fn before_it_began(error: impl Into<TransferError>) -> Ended {
        Ended { copy: None, error: error.into(), moved: false }
    }

    /// Whether an earlier try failed too.
    pub(super) fn has_failed_before(&self) -> bool {
        self.copy.as_ref().is_some_and(|copy| copy.attempts > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{MetErrors, Streak};
    use crate::remotes::http::{RemoteError, RemoteKind, Service};

    /// Who met trouble of Kaltura's: a recording, a word each, by its host's letter and a number; `+` when one came through.
    /// Whether that is an outage, and ends the run.
    fn judged(story: &str, kind: &RemoteKind) -> (bool, bool) {
        let mut met = MetErrors::default();
        for word in story.split_whitespace() {
            if word == "+" {
                met.kaltura.end_streak();
                continue;
            }
            met.kaltura.failed.insert(word.to_owned(), word[..1].to_owned());
            met.kaltura.note_message(&RemoteError::new(Service::Kaltura, kind.clone(), "as ordered"));
            met.judge_spread();
        }
        (Streak::is_outage(&met.kaltura), met.reached)
    }

    /// Failures in a row of different hosts and recordings.
    #[test]
    fn outages_span_hosts_and_recordings() {
        let cases = [
            ("a1", (false, false)),
            ("a1 a2 a3 a4 a5 a6 a7 a8 a9", (false, false)),
            ("a1 a1 a1 b1 b1 b1 b1 b1 b1", (false, false)),
            ("a1 b1 c1", (true, false)),
            ("a1 b1 + c1", (false, false)),
            ("a1 a2 a3 a4 b1 b2 b3 b4 b5", (false, false)),
            ("a1 a2 a3 a4 b1 b2 b3 c1", (true, true)),
            ("a1 a2 a3 a4 b1 b2 b3 + c1", (false, false)),
        ];
        for (story, expected) in cases {
            assert_eq!(judged(story, &RemoteKind::Server), expected, "{story}");
        }
        assert_eq!(judged("a1 b1", &RemoteKind::RateLimited(None)), (true, false));
        assert_eq!(judged("a1 a2 a3", &RemoteKind::RateLimited(None)), (false, false));
    }
}
