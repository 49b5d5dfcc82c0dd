//! What Zoom holds in one measurement, and how far away both sides are.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use standin::distance::Distance;
use standin::media::Media;
use standin::server::Transport;
use standin::zoom::Meeting;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// None has less.
const HOSTS: u64 = 50;
/// So many days meetings are spread over, so that a listing of the last seven days has them all.
const SPREAD: u64 = 6;

/// The number of the first recording that comes while it is measured.
const LATECOMERS: u64 = 10_000_000;

/// Recordings of the last days.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Scenario {
    /// How many.
    pub(crate) recordings: u64,
    /// Of how many bytes each; 0 for a video as it is.
    pub(crate) bytes: u64,
    /// One more, of so many bytes; 0 for none.
    pub(crate) long: u64,
    /// Milliseconds from a question to its answer.
    pub(crate) round_trip: u64,
    /// Of each download; 0 for as fast as it goes.
    pub(crate) bytes_per_second: u64,
    /// Whether both sides speak TLS.
    pub(crate) tls: bool,
    /// How many days meetings are spread over; 0 for the usual ones.
    pub(crate) days: u64,
    /// How many people host them by turns; 0 for the usual ones.
    pub(crate) hosts: u64,
    /// How many more come while it is measured, of today.
    pub(crate) arriving: u64,
}

impl Scenario {
    pub(crate) fn distance(&self) -> Distance {
        let bytes_per_second = Some(self.bytes_per_second).filter(|rate| *rate > 0);
        Distance { round_trip: Duration::from_millis(self.round_trip), bytes_per_second }
    }

    /// What its connections are.
    pub(crate) fn transport(&self) -> Transport {
        if self.tls { Transport::Tls } else { Transport::Plain }
    }

    /// How many people host meetings.
    pub(crate) fn count_hosts(&self) -> u64 {
        self.hosts.max(HOSTS)
    }

    /// All bytes there are.
    pub(crate) fn total(&self) -> u64 {
        self.recordings * self.bytes + self.long
    }

    /// As Zoom lists them.
    pub(crate) fn meetings(&self, now: DateTime<Utc>) -> Vec<Meeting> {
        let lectures = (0..self.recordings).map(|number| self.lecture(number, self.start(number, now)));
        let long = (self.long > 0).then(|| {
            let media = Media::mp4().padded_to(self.long);
            let start = self.start(self.recordings, now);
            self.meeting(self.recordings, start, "Conference").lasting_minutes(540).video("shared_screen", media)
        });
        lectures.chain(long).collect()
    }

    /// Those that come while it is measured: all are over since an hour, the first one since most of a day.
    pub(crate) fn latecomers(&self, now: DateTime<Utc>) -> impl Iterator<Item = Meeting> {
        let (scenario, each) = (*self, 20 * HOUR / (self.arriving.cast_signed() + 1));
        (0..self.arriving).map(move |number| {
            let start = now - TimeDelta::seconds(22 * HOUR - each * number.cast_signed());
            // ids of their own: those below may be in the ledger
            scenario.lecture(LATECOMERS + number, start)
        })
    }

    fn lecture(&self, number: u64, start: DateTime<Utc>) -> Meeting {
        let media = Media::mp4().salted(number);
        let media = if self.bytes > 0 { media.padded_to(self.bytes) } else { media };
        let meeting = self.meeting(number, start, &format!("Lecture {number}"));
        meeting.video("shared_screen", media).with_id(&file_id(number))
    }

    fn meeting(&self, number: u64, start: DateTime<Utc>, topic: &str) -> Meeting {
        let start = start.to_rfc3339_opts(SecondsFormat::Secs, true);
        let meeting = Meeting::new(&uuid(number), 81_000_000_000 + number.cast_signed(), topic);
        meeting.host(&host(number % self.count_hosts())).starts(&start)
    }

    /// When a recording began: the newest last, none later than what lasts nine hours may be.
    pub(crate) fn start(&self, number: u64, now: DateTime<Utc>) -> DateTime<Utc> {
        let spread = if self.days > 0 { self.days } else { SPREAD }.cast_signed() * DAY;
        let passed = spread * number.cast_signed() / (self.recordings.cast_signed() + 1);
        now - TimeDelta::seconds(spread + 10 * HOUR - passed)
    }
}

/// The UUID of a meeting, as long as Zoom's.
pub(crate) fn uuid(number: u64) -> String {
    format!("bench{number:017}==")
}

/// The id of its video, as long as Zoom's.
pub(crate) fn file_id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A host's id.
pub(crate) fn host(number: u64) -> String {
    format!("host{number:018}")
}

/// A host's address, which is the id of an account too.
pub(crate) fn address(number: u64) -> String {
    format!("lecturer{number}@uni.example")
}
