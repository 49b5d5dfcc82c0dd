//! A long recording comes in several parts at a time where nothing else needs the slots, and whatever goes wrong with one
//! part, the bytes are right in the end.

use std::process::Stdio;
use std::time::Duration;

use standin::distance::Distance;
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::zoom::{Meeting, Zoom};

use crate::campus::{Campus, hours_ago};

/// Chunks of a MiB, so that a few MiB are long; failures that are due again at once. Nothing is taken for silence.
const SETTINGS: [(&str, &str); 5] = [
    ("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1"),
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "300ms"),
    ("ZOOM2KALTURA_HTTP_RETRY_WAIT", "5ms"),
    ("ZOOM2KALTURA_HTTP_STALL_AFTER", "120s"),
];
const LONG: u64 = 7_500_000;

fn long(number: i64) -> Meeting {
    let media = Media::mp4().salted(number.unsigned_abs()).padded_to(LONG);
    let meeting = Meeting::new(&format!("long{number}=="), 81_000_000_000 + number, "Long").host("ada");
    meeting.starts(&hours_ago(5)).video("shared_screen", media)
}

/// A download takes long enough for another to begin meanwhile.
fn far(long_ones: i64) -> Campus {
    with_rate(10_000_000, long_ones)
}

fn with_rate(bytes_per_second: u64, long_ones: i64) -> Campus {
    let distance = Distance { round_trip: Duration::from_millis(5), bytes_per_second: Some(bytes_per_second) };
    let campus = Campus::of(Zoom::builder().distance(distance).start(), Kaltura::start());
    (0..long_ones).for_each(|number| campus.zoom.add_meeting(long(number)));
    campus
}

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&SETTINGS[..], more].concat()
}

#[test]
fn lone_recording_uses_all_slots() {
    let campus = with_rate(1_000_000, 1);
    campus.sync_until_done_with(&with(&[("ZOOM2KALTURA_SYNC_PARALLEL", "4")]));
    campus.each_video_is_in_kaltura_once();
    assert_eq!(campus.zoom.most_downloads_at_a_time(), 4);
}

#[test]
fn side_by_side_they_share_slots() {
    let campus = far(3);
    campus.sync_until_done_with(&with(&[("ZOOM2KALTURA_SYNC_PARALLEL", "2")]));
    campus.each_video_is_in_kaltura_once();
    let most = campus.zoom.most_downloads_at_a_time();
    assert!((2..=4).contains(&most), "{most}: more than two, and two whose last bytes came");
}

/// With two long recordings, one at a time, each fetched in one piece.
fn two_long() -> (Campus, Vec<(&'static str, &'static str)>) {
    let campus = Campus::new();
    (1..=2).for_each(|number| campus.zoom.add_meeting(long(number)));
    let one_at_a_time = [("ZOOM2KALTURA_SYNC_PARALLEL", "1"), ("ZOOM2KALTURA_SYNC_CHUNK_MIB", "16")];
    (campus, with(&one_at_a_time))
}

/// Nobody waits for the first one, whose last bytes never come.
#[test]
fn last_bytes_keep_no_other_waiting() {
    let (campus, settings) = two_long();
    campus.zoom.faults().queue("CDN", 1, Fault::Halt { after: 4_000_000, pause: Duration::from_secs(1200) });
    let mut run = campus.program();
    run.arg("sync").envs(settings).env("ZOOM2KALTURA_HTTP_STALL_AFTER", "60s");
    let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    while !campus.kaltura.tokens().iter().any(|token| token.status == 3) {
        assert!(run.try_wait().expect("a process").is_none(), "it waits for the first one");
        std::thread::sleep(Duration::from_millis(5));
    }
    run.kill().expect("it waits for the first one");
    run.wait().expect("the program ends");
    campus.sync_until_done_with(&SETTINGS);
    campus.each_video_is_in_kaltura_once();
}

/// One that breaks off before goes on, and the next one comes behind it.
#[test]
fn all_before_the_last_bytes_block() {
    let (campus, settings) = two_long();
    campus.zoom.faults().queue("CDN", 1, Fault::Cut(2_000_000));
    campus.sync_until_done_with(&settings);
    campus.each_video_is_in_kaltura_once();
    let files: Vec<String> = campus.zoom.cdn_log().all().into_iter().map(|asked| file_of(&asked.target)).collect();
    assert!(files.len() == 3 && files[0] == files[1] && files[1] != files[2], "{files:?}");
}

/// What a signed address of the content network is about.
fn file_of(target: &str) -> String {
    target.split('?').next().unwrap_or_default().to_owned()
}

#[test]
fn slow_part_makes_others_wait() {
    let campus = Campus::new();
    let media = Media::mp4().padded_to(24 << 20);
    let meeting = Meeting::new("long==", 81_000_000_001, "Long").host("ada").starts(&hours_ago(5));
    campus.zoom.add_meeting(meeting.video("shared_screen", media));
    // what comes first is still on its way when all others could have come
    campus.zoom.faults().queue("CDN", 1, Fault::Halt { after: 1_500_000, pause: Duration::from_millis(1500) });
    let run = campus.run_with(&SETTINGS, &["sync"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    campus.sync_until_done_with(&SETTINGS);
    campus.each_video_is_in_kaltura_once();
    let waited = campus.kaltura.tokens()[0].most_waiting;
    assert!((2..=10).contains(&waited), "{waited} waited");
}

#[test]
fn one_slot_means_one_download() {
    let campus = far(1);
    campus.sync_until_done_with(&with(&[("ZOOM2KALTURA_SYNC_PARALLEL", "1")]));
    campus.each_video_is_in_kaltura_once();
    assert_eq!(campus.zoom.cdn_log().count("CDN"), 1);
}

#[test]
fn server_without_ranges_gets_one_stream() {
    let campus = Campus::of(Zoom::builder().without_ranges().start(), Kaltura::start());
    campus.zoom.add_meeting(long(1));
    let run = campus.run_with(&with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")]), &["sync"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    campus.sync_until_done_with(&SETTINGS);
    campus.each_video_is_in_kaltura_once();
}

/// All that is asked for while the parts are under way, and what can befall it.
fn cases() -> Vec<(&'static str, usize, Fault)> {
    let common = || {
        let statuses = [403, 416, 503].map(|status| Fault::answer(status, "as ordered"));
        let silence = Fault::Stall(Duration::from_secs(1200));
        statuses.into_iter().chain([Fault::Reset, Fault::LostAnswer, silence, Fault::html()])
    };
    // of the seven downloads the second belongs to a part, and the last to the piece that goes last
    let download = |call| [2, 4, 7].into_iter().flat_map(move |hit| common().map(move |fault| (call, hit, fault)));
    let cut = [1, 3, 7].map(|hit| ("CDN", hit, Fault::Cut(100_000)));
    // the first piece goes alone; the eighth is the last
    let upload = [2, 5, 8].into_iter().flat_map(|hit| {
        // as if it had come in the middle of the file
        let open = r#"{"objectType":"KalturaUploadToken","id":"0","status":1,"uploadedFileSize":"1048576"}"#;
        common()
            .chain([Fault::exception("LOCK_TIMED_OUT"), Fault::json(200, open)])
            .map(move |fault| ("uploadToken.upload", hit, fault))
    });
    download("CDN").chain(download("GET /rec/download")).chain(cut).chain(upload).collect()
}

#[test]
fn fault_in_one_part_harms_nothing() {
    let cases = cases();
    std::thread::scope(|threads| {
        for share in cases.chunks(cases.len().div_ceil(8)) {
            threads.spawn(move || {
                for (call, hit, fault) in share {
                    let campus = Campus::new();
                    campus.zoom.add_meeting(long(1));
                    let queue =
                        if *call == "uploadToken.upload" { campus.kaltura.faults() } else { campus.zoom.faults() };
                    queue.queue(call, *hit, fault.clone());
                    let is_silence = matches!(fault, Fault::Stall(_));
                    let patience = if is_silence { "3s" } else { "120s" };
                    let run = campus.run_with(&with(&[("ZOOM2KALTURA_HTTP_STALL_AFTER", patience)]), &["sync"]);
                    assert_eq!(run.exit, 0, "{call} {hit} {fault:?}: {}", run.err);
                    campus.sync_until_done_with(&SETTINGS);
                    campus.each_video_is_in_kaltura_once();
                }
            });
        }
    });
}

#[test]
fn early_parts_do_no_later_harm() {
    for hit in [2, 4, 7] {
        let campus = far(1);
        for hit in hit..hit + 8 {
            campus.zoom.faults().queue("CDN", hit, Fault::Cut(100_000));
        }
        let broken = campus.run_with(&with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")]), &["sync"]);
        assert_ne!(broken.exit, 0, "hit {hit}: {}", broken.err);
        assert!(campus.kaltura.tokens()[0].uploaded.is_some_and(|bytes| bytes < LONG));
        campus.zoom.faults().clear();
        campus.sync_until_done_with(&SETTINGS);
        campus.each_video_is_in_kaltura_once();
    }
}
