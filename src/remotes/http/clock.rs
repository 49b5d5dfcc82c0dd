//! What time it is by the clocks of the remote sides, and how far this machine's clock is from them.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{DATE, HeaderMap};

use super::Service;
use crate::model::format_count;

/// A machine whose clock is further off than this is reported.
const OFF: TimeDelta = TimeDelta::minutes(5);

/// A remote side's clock, as the `Date` of its last answer tells it. It goes on between two answers.
#[derive(Debug, Default)]
struct Clock(Mutex<Option<(DateTime<Utc>, Instant)>>);

/// The clocks of both remote sides, shared by all clients.
#[derive(Debug, Default)]
pub struct RemoteClocks {
    zoom: Clock,
    kaltura: Clock,
}

/// How far this machine's clock is ahead of a remote side's; behind it where negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockOff {
    /// Whose clock differs.
    pub service: Service,
    /// By how much.
    pub by: TimeDelta,
}

impl RemoteClocks {
    fn of(&self, service: Service) -> &Clock {
        match service {
            Service::Zoom => &self.zoom,
            Service::Kaltura => &self.kaltura,
        }
    }

    /// Takes note of the `Date` of an answer, where it has one that is a time.
    pub fn note(&self, service: Service, headers: &HeaderMap) {
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        if let Some(date) = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) {
            let told = Some((date.to_utc(), Instant::now()));
            *self.of(service).0.lock().unwrap_or_else(PoisonError::into_inner) = told;
        }
    }

    /// What time it is by the clock of this side, where it ever told.
    #[must_use]
    pub fn now_by(&self, service: Service) -> Option<DateTime<Utc>> {
        let (date, told) = (*self.of(service).0.lock().unwrap_or_else(PoisonError::into_inner))?;
        date.checked_add_signed(TimeDelta::from_std(told.elapsed()).ok()?)
    }

    /// Whether any side told the time.
    #[must_use]
    pub fn were_read(&self) -> bool {
        [Service::Zoom, Service::Kaltura].into_iter().any(|service| self.now_by(service).is_some())
    }

    /// The side from whose clock this machine's is furthest, if that is too far; `now` is this machine's time.
    #[must_use]
    pub fn off(&self, now: DateTime<Utc>) -> Option<ClockOff> {
        let off = |service| self.now_by(service).map(|theirs| ClockOff { service, by: now - theirs });
        let all = [Service::Zoom, Service::Kaltura].into_iter().filter_map(off);
        all.filter(|off| off.by.abs() > OFF).max_by_key(|off| off.by.abs())
    }
}

impl ClockOff {
    /// What is wrong, in a few words.
    #[must_use]
    pub fn headline(self) -> String {
        let minutes = self.by.num_minutes();
        let side = if minutes < 0 { "behind" } else { "ahead of" };
        format!(
            "this machine's clock is {} {side} the clock of {}",
            format_count(minutes.abs(), "minute"),
            self.service
        )
    }
}

impl std::fmt::Display for ClockOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; set it, and synchronize it by NTP", self.headline())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};
    use reqwest::header::{DATE, HeaderMap, HeaderValue};

    use super::{RemoteClocks, Service};

    fn dated(date: &str) -> HeaderMap {
        HeaderMap::from_iter([(DATE, HeaderValue::from_str(date).expect("a header"))])
    }

    /// Only beyond five minutes.
    #[test]
    fn the_clock_most_off_is_named() {
        let now = Utc::now();
        let cases = [
            (0_i64, 0_i64, None),
            (4, -4, None),
            (6, 0, Some("6 minutes behind the clock of Zoom")),
            (0, -7, Some("7 minutes ahead of the clock of Kaltura")),
            (6, 60, Some("60 minutes behind the clock of Kaltura")),
        ];
        for (zoom, kaltura, expected) in cases {
            let clocks = RemoteClocks::default();
            for (service, minutes) in [(Service::Zoom, zoom), (Service::Kaltura, kaltura)] {
                // half a minute, so that no second of this test counts
                let date = now + TimeDelta::seconds(minutes * 60 + minutes.signum() * 30);
                clocks.note(service, &dated(&date.to_rfc2822()));
            }
            let said = clocks.off(now).map(|off| off.to_string());
            match (&said, expected) {
                (None, None) => {}
                (Some(said), Some(expected)) if said.contains(expected) => {}
                _ => panic!("{zoom} {kaltura}: {said:?}"),
            }
        }
    }

    #[test]
    fn sides_without_time_are_not_compared() {
        let clocks = RemoteClocks::default();
        for date in ["", "yesterday", "Thu, 99 Nov 2026 10:00:00 GMT"] {
            clocks.note(Service::Zoom, &dated(date));
        }
        clocks.note(Service::Kaltura, &HeaderMap::new());
        assert_eq!((clocks.now_by(Service::Zoom), clocks.off(Utc::now())), (None, None));
    }
}
