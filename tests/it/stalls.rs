//! No transfer can hang: silence is a fault like any other. Slowness is none.

use std::time::{Duration, Instant};

use standin::fault::Fault;
use standin::media::Media;
use standin::zoom::Meeting;

use crate::at_once::check_each;
use crate::campus::{Campus, hours_ago};

const SETTINGS: [(&str, &str); 3] = [
    ("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1"),
    ("ZOOM2KALTURA_HTTP_STALL_AFTER", "400ms"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "400ms"),
];
/// Far longer than any test may take.
const FOR_EVER: Duration = Duration::from_secs(120);

fn campus() -> Campus {
    let campus = Campus::new();
    let meeting = Meeting::new("big==", 81_000_000_001, "Big").host("ada").starts(&hours_ago(5));
    campus.zoom.add_meeting(meeting.video("shared_screen", Media::mp4().padded_to(2_300_000)).transcript(Media::vtt()));
    campus
}

#[test]
fn silent_side_is_asked_again() {
    let zoom = ["POST /oauth/token", "GET /accounts/me/recordings", "GET /rec/download", "CDN"];
    let kaltura = [
        "session.start",
        "multirequest of media.list",
        "multirequest of uploadToken.add",
        "multirequest",
        "uploadToken.upload",
        "caption_captionAsset.add",
    ];
    check_each(zoom.into_iter().chain(kaltura), |call| {
        let campus = campus();
        let queue = if zoom.contains(&call) { campus.zoom.faults() } else { campus.kaltura.faults() };
        queue.queue(call, 1, Fault::Stall(FOR_EVER));
        let since = Instant::now();
        let run = campus.run_with(&SETTINGS, &["sync"]);
        assert_eq!(run.exit, 0, "{call}: {}", run.err);
        assert!(since.elapsed() < FOR_EVER / 4, "{call} took {:?}", since.elapsed());
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
    });
}

#[test]
fn stopped_download_is_taken_up_again() {
    let campus = campus();
    campus.zoom.faults().queue("CDN", 1, Fault::Drip { bytes: 1_500_000, pause: Duration::from_secs(1) });
    let run = campus.run_with(&SETTINGS, &["sync"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn slow_steady_download_is_left_alone() {
    let campus = campus();
    campus.zoom.faults().queue("CDN", 1, Fault::Drip { bytes: 100_000, pause: Duration::from_millis(50) });
    let run = campus.run_with(&SETTINGS, &["sync"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert_eq!(campus.zoom.cdn_log().len(), 2, "one download for the video, one for the transcript");
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}
