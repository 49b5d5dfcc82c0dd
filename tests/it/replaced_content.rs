//! Zoom replaces the content of a file under its id, and of the same size, while it is copied: no copy mixes two contents.

use std::process::Stdio;
use std::time::Duration;

use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::zoom::{Meeting, Validators, Zoom, ZoomBuilder};

use crate::campus::{Campus, hours_ago};

const SETTINGS: [(&str, &str); 4] = [
    ("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1"),
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "200ms"),
    ("ZOOM2KALTURA_HTTP_RETRIES", "0"),
];

const BYTES: u64 = 3_500_000;
const LONG: u64 = 12 << 20;

fn content(salt: u64, bytes: u64) -> Media {
    Media::mp4().salted(salt).padded_to(bytes)
}

struct Big {
    campus: Campus,
    start: String,
    bytes: u64,
}

impl Big {
    fn of(zoom: ZoomBuilder, bytes: u64) -> Big {
        let big = Big { campus: Campus::of(zoom.start(), Kaltura::start()), start: hours_ago(30), bytes };
        big.campus.zoom.add_meeting(big.meeting(1));
        big
    }

    fn meeting(&self, salt: u64) -> Meeting {
        let meeting = Meeting::new("big==", 81_000_000_001, "Big").host("ada").starts(&self.start);
        meeting.video("shared_screen", content(salt, self.bytes)).with_id("A")
    }

    /// The download ends in the middle, and so does the run.
    fn half_sent(zoom: ZoomBuilder) -> Big {
        let big = Big::of(zoom, BYTES);
        big.breaks_off();
        big
    }

    fn breaks_off(&self) {
        self.campus.zoom.faults().queue("CDN", 1, Fault::Cut(1_200_000));
        let run = self.sync();
        assert_ne!(run.exit, 0);
        self.campus.zoom.faults().clear();
    }

    fn sync(&self) -> crate::campus::Run {
        self.campus.run_with(&SETTINGS, &["sync"])
    }

    fn is_replaced(&self, salt: u64) {
        self.campus.zoom.change_meeting("big==", |_| self.meeting(salt));
    }

    fn arrives(&self) {
        self.campus.sync_until_done_with(&SETTINGS);
        self.campus.each_video_is_in_kaltura_once();
    }

    fn uploads_begun(&self) -> usize {
        self.campus.kaltura.log().count("uploadToken.add")
    }
}

fn telling(validators: Validators) -> ZoomBuilder {
    Zoom::builder().validators(validators)
}

#[test]
fn content_replaced_between_runs_restarts() {
    use Validators::{Dates, Tags, WeakTags};
    let ways = [telling(Tags), telling(WeakTags), telling(Dates)];
    let whole = [telling(Tags).without_ranges(), telling(Dates).without_ranges(), telling(Tags).without_lengths()];
    for zoom in ways.into_iter().chain(whole) {
        let big = Big::half_sent(zoom);
        big.is_replaced(2);
        big.arrives();
        assert_eq!(big.campus.kaltura.entries().len(), 1, "in the entry that exists");
    }
}

#[test]
fn unchanged_content_goes_on() {
    use Validators::{Dates, Nothing, Tags, WeakTags};
    let ways = [Tags, WeakTags, Dates, Nothing].map(telling);
    let whole = [Tags, Nothing].map(|validators| telling(validators).without_ranges());
    for zoom in ways.into_iter().chain(whole) {
        let big = Big::half_sent(zoom);
        let begun = big.uploads_begun();
        big.arrives();
        assert_eq!(big.uploads_begun(), begun, "it was begun anew");
    }
}

#[test]
fn other_length_means_other_content() {
    let big = Big::half_sent(telling(Validators::Nothing));
    big.campus.zoom.change_meeting("big==", |_| {
        let meeting = Meeting::new("big==", 81_000_000_001, "Big").host("ada").starts(&big.start).lasting_minutes(20);
        meeting.video("shared_screen", content(2, BYTES)).with_id("A")
    });
    big.arrives();
}

#[test]
fn repeatedly_replaced_ends_as_one_content() {
    let big = Big::half_sent(Zoom::builder());
    for salt in [2, 3] {
        big.is_replaced(salt);
        // the first download of the run only tells that it is another content, the second one is that content
        big.campus.zoom.faults().queue("CDN", 2, Fault::Cut(2_200_000));
        assert_ne!(big.sync().exit, 0);
        big.campus.zoom.faults().clear();
    }
    let begun = big.uploads_begun();
    big.arrives();
    assert_eq!(big.uploads_begun(), begun, "the last one goes on from where it stood");
}

/// A run at work; the address of the file is asked for, and its content replaced before that is answered.
fn replaced_while_running(big: &Big, hit: usize, settings: &[(&str, &str)]) {
    let campus = &big.campus;
    campus.zoom.faults().queue("GET /rec/download", hit, Fault::Stall(Duration::from_secs(2)));
    let mut sync = campus
        .program()
        .arg("sync")
        .envs(SETTINGS)
        .envs(settings.iter().copied())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let is_asked = || campus.zoom.log().count("GET /rec/download") >= hit;
    while !is_asked() && sync.try_wait().expect("a child").is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    big.is_replaced(2);
    sync.wait().expect("it ends");
    campus.zoom.faults().clear();
    big.arrives();
}

#[test]
fn replaced_after_fault_is_one_content() {
    let big = Big::of(Zoom::builder(), BYTES);
    big.campus.zoom.faults().queue("CDN", 1, Fault::Cut(1_200_000));
    replaced_while_running(&big, 2, &[("ZOOM2KALTURA_HTTP_RETRIES", "2")]);
}

#[test]
fn replaced_among_parts_is_one_content() {
    for validators in [Validators::Tags, Validators::Dates, Validators::WeakTags] {
        let big = Big::of(telling(validators), LONG);
        replaced_while_running(&big, 4, &[("ZOOM2KALTURA_HTTP_RETRIES", "2"), ("ZOOM2KALTURA_SYNC_PARALLEL", "4")]);
    }
}

/// A 206 that is not what was asked for is none of the recording's bytes, whatever it holds.
#[test]
fn wrong_range_is_never_passed_on() {
    let ranges = [
        "bytes 0-3499999/3500000",
        "bytes 1048577-3499999/3500000",
        "bytes 1048576-3499998/3499999",
        "bytes */3500000",
        "none",
        "",
    ];
    for content_range in ranges {
        let big = Big::half_sent(telling(Validators::Nothing));
        let mut headers = vec![("content-type", "video/mp4".to_owned())];
        headers.extend((!content_range.is_empty()).then(|| ("content-range", content_range.to_owned())));
        let body = "x".repeat(2_451_424);
        big.campus.zoom.faults().queue("CDN", 1, Fault::Answer { status: 206, headers, body });
        big.sync();
        big.arrives();
    }
}
