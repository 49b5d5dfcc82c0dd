//! What Zoom holds in one measurement, and how far away both sides are.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::standin::distance::Distance;
use crate::standin::media::Media;
use crate::standin::zoom::Meeting;

/// Hosts whose recordings take turns.
pub(crate) const HOSTS: u64 = 50;
const HOUR: i64 = 3600;
/// Over so many seconds meetings are spread, so that a listing of the last seven days has them all.
const SPREAD: i64 = 6 * 24 * HOUR;

/// The recordings of the last six days.
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
}

impl Scenario {
    pub(crate) fn distance(&self) -> Distance {
        let bytes_per_second = Some(self.bytes_per_second).filter(|rate| *rate > 0);
        Distance { round_trip: Duration::from_millis(self.round_trip), bytes_per_second }
    }

    /// All bytes there are.
    pub(crate) fn total(&self) -> u64 {
        self.recordings * self.bytes + self.long
    }

    /// As Zoom lists them.
    pub(crate) fn meetings(&self, now: DateTime<Utc>) -> Vec<Meeting> {
        let lectures = (0..self.recordings).map(|number| {
            let media = Media::mp4().salted(number);
            let media = if self.bytes > 0 { media.padded_to(self.bytes) } else { media };
            self.meeting(number, now, &format!("Lecture {number}"))
                .video("shared_screen", media)
                .with_id(&file_id(number))
        });
        let long = (self.long > 0).then(|| {
            let media = Media::mp4().padded_to(self.long);
            self.meeting(self.recordings, now, "Conference").lasting_minutes(540).video("shared_screen", media)
        });
        lectures.chain(long).collect()
    }

    fn meeting(&self, number: u64, now: DateTime<Utc>, topic: &str) -> Meeting {
        let start = self.start(number, now).to_rfc3339_opts(SecondsFormat::Secs, true);
        Meeting::new(&uuid(number), 81_000_000_000 + number.cast_signed(), topic).host(&host(number)).starts(&start)
    }

    /// When a recording began: the newest last, none later than what lasts nine hours may be.
    pub(crate) fn start(&self, number: u64, now: DateTime<Utc>) -> DateTime<Utc> {
        let each = SPREAD / (self.recordings.cast_signed() + 1);
        now - TimeDelta::seconds(SPREAD + 10 * HOUR) + TimeDelta::seconds(each * number.cast_signed())
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

/// Its host's id.
pub(crate) fn host(number: u64) -> String {
    format!("host{:018}", number % HOSTS)
}

/// Its host's address, which is the id of an account too.
pub(crate) fn address(number: u64) -> String {
    format!("lecturer{}@uni.example", number % HOSTS)
}
