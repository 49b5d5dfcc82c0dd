//! How big a file is: what Zoom's list, the head of a download and its bytes say of it, and what follows where they differ.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::zoom::{Meeting, Zoom};

use crate::campus::{Campus, Run, hours_ago, lecture};

const SETTINGS: [(&str, &str); 5] = [
    ("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1"),
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "200ms"),
    ("ZOOM2KALTURA_HTTP_RETRIES", "1"),
    ("ZOOM2KALTURA_HTTP_RETRY_WAIT", "1ms"),
];
const BYTES: u64 = 50_000;
const LONG: u64 = 2_300_000;

/// Zoom changes files, not when they were recorded.
static START: LazyLock<String> = LazyLock::new(|| hours_ago(5));

fn big_listed(bytes: u64, listed: u64) -> Meeting {
    let meeting = Meeting::new("big==", 81_000_000_001, "Big").host("ada").starts(&START);
    meeting.video("shared_screen", Media::mp4().padded_to(bytes)).listed_as(listed)
}

fn campus(lengths: bool, meeting: Meeting) -> Campus {
    let zoom = if lengths { Zoom::builder() } else { Zoom::builder().without_lengths() };
    let campus = Campus::of(zoom.start(), Kaltura::start());
    campus.zoom.add_meeting(meeting);
    campus
}

fn sync(campus: &Campus, more: &[(&str, &str)]) -> Run {
    campus.run_with(&[&SETTINGS[..], more].concat(), &["sync", "--format", "json"])
}

/// Runs until the recording is there, at most `most` times, and as often as Kaltura takes then; the exit codes of the runs up
/// to the first good one.
fn arrives(campus: &Campus, most: usize, more: &[(&str, &str)]) -> Vec<i32> {
    let mut exits = Vec::new();
    for _ in 0..50 {
        let run = sync(campus, more);
        exits.push(run.exit);
        if run.exit == 0 && !run.waits_for_kaltura() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(campus.contents(), campus.listed());
    let first_good = exits.iter().position(|exit| *exit == 0).unwrap_or(exits.len());
    assert!(first_good < most, "{exits:?}");
    exits.truncate(first_good + 1);
    exits
}

#[test]
fn whatever_is_listed_arrives_whole() {
    // the size in Zoom's list, whether downloads tell theirs, the bytes, and the exit codes of the runs until it is there
    let cases: [(u64, bool, u64, &[i32]); 12] = [
        (BYTES, true, BYTES, &[0]),
        (BYTES, false, BYTES, &[0]),
        // no size in the list: two looks at one download agree
        (0, true, BYTES, &[0]),
        (0, false, BYTES, &[0]),
        (0, true, LONG, &[0]),
        (0, false, LONG, &[0]),
        // another size in the list: two tries agree
        (49_900, true, BYTES, &[3, 0]),
        (49_900, false, BYTES, &[3, 0]),
        (50_100, true, BYTES, &[3, 0]),
        (50_100, false, BYTES, &[3, 0]),
        (LONG + 1_500_000, false, LONG, &[3, 0]),
        // no size at all
        (i64::MAX as u64, true, BYTES, &[0]),
    ];
    for pull in [false, true] {
        for (listed, lengths, bytes, exits) in cases {
            let way = [("ZOOM2KALTURA_SYNC_TRANSFER", "pull")];
            let more = if pull { &way[..] } else { &[] };
            let campus = campus(lengths, big_listed(bytes, listed));
            let found = arrives(&campus, 8, more);
            // what Kaltura fetched by itself is found out to be of another size only once it is there
            if !pull {
                assert_eq!(found, exits, "listed as {listed}, tells its size: {lengths}, {bytes} bytes");
            }
        }
    }
}

#[test]
fn size_listed_later_changes_nothing() {
    let campus = campus(true, big_listed(LONG, 0));
    // half way up when Zoom comes to list it
    for hit in 2..=20 {
        campus.zoom.faults().queue("CDN", hit, Fault::Cut(1_200_000));
    }
    let run = sync(&campus, &[("ZOOM2KALTURA_HTTP_RETRIES", "0")]);
    assert_ne!(run.exit, 0);
    campus.zoom.faults().clear();
    let (entries, tokens) = (campus.kaltura.entries().len(), campus.kaltura.tokens().len());
    assert_eq!((entries, tokens), (1, 1), "half way up");
    campus.zoom.change_meeting("big==", |_| big_listed(LONG, LONG));
    assert_eq!(arrives(&campus, 3, &[]), [0]);
    assert_eq!(campus.kaltura.tokens().len(), tokens, "the upload went on");
    campus.kaltura.log().clear();
    assert_eq!(sync(&campus, &[]).exit, 0);
    assert_eq!(campus.kaltura.log().count("multirequest"), 0);
}

#[test]
fn two_looks_must_agree() {
    let campus = campus(true, big_listed(BYTES, 0));
    let other = Media::mp4().padded_to(40_000);
    let head = other.read(0, 40_000);
    let short = Fault::Answer {
        status: 200,
        headers: vec![("content-type", "video/mp4".to_owned())],
        body: String::from_utf8_lossy(&head[..]).chars().filter(char::is_ascii).collect(),
    };
    campus.zoom.faults().queue("CDN", 1, short);
    let run = sync(&campus, &[]);
    assert_eq!(run.exit, 3, "{}", run.err);
    assert!(campus.kaltura.entries().is_empty(), "nothing is made for a file whose size is not known");
    assert_eq!(arrives(&campus, 3, &[]), [0]);
}

#[test]
fn file_changed_midway_is_copied_anew() {
    let campus = campus(true, big_listed(LONG, LONG));
    for hit in 1..=20 {
        campus.zoom.faults().queue("CDN", hit, Fault::Cut(1_200_000));
    }
    assert_ne!(sync(&campus, &[("ZOOM2KALTURA_HTTP_RETRIES", "0")]).exit, 0);
    campus.zoom.faults().clear();
    // Zoom's list does not follow
    campus.zoom.change_meeting("big==", |_| big_listed(LONG + 700_000, LONG));
    let exits = arrives(&campus, 4, &[]);
    assert!(exits.ends_with(&[0]), "{exits:?}");
}

#[test]
fn unlisted_size_survives_lost_ledger() {
    let campus = campus(true, big_listed(BYTES, 0));
    assert_eq!(arrives(&campus, 1, &[]), [0]);
    campus.lose_ledger();
    campus.sync_until_done_with(&SETTINGS);
    campus.zoom.change_meeting("big==", |meeting| meeting.transcript(Media::vtt()));
    campus.sync_until_done_with(&SETTINGS);
    campus.each_video_is_in_kaltura_once();
    let entry = campus.kaltura.entries()[0].id.clone();
    assert_eq!(campus.kaltura.texts_of(&entry).len(), 1);
}

/// A server that answers everything so, whatever it is asked.
fn answering(head: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/", listener.local_addr().expect("its address"));
    let mut answer = format!("HTTP/1.1 {head}\r\nContent-Type: video/mp4\r\nConnection: close\r\n\r\n").into_bytes();
    answer.extend_from_slice(&Media::mp4().read(0, 4_000));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (mut stream, mut asked) = (stream, [0; 4096]);
            let _ = stream.read(&mut asked).and_then(|_| stream.write_all(&answer));
        }
    });
    address
}

#[test]
fn odd_download_heads_are_harmless() {
    let numbers = ["0", "-1", "4294967296", "9007199254740993", "9223372036854775808", "18446744073709551615", "1e300"];
    let odd = ["18446744073709551616", "twelve", "", " ", "12, 13", "0x10"];
    let numbers = || numbers.into_iter().chain(odd);
    let lengths = numbers().map(|number| format!("200 OK\r\nContent-Length: {number}"));
    let ranges = numbers().map(|number| format!("206 Partial Content\r\nContent-Range: bytes 0-{number}/{number}"));
    let starts = ["bytes 5-0/9", "bytes -1-5/5", "bytes */50000", "bytes 0-/", "none"];
    let starts = starts.into_iter().map(|range| format!("206 Partial Content\r\nContent-Range: {range}"));
    for (place, head) in lengths.chain(ranges).chain(starts).enumerate() {
        let listed = if place % 2 == 0 { 0 } else { BYTES };
        let astray = Fault::Answer { status: 302, headers: vec![("location", answering(&head))], body: String::new() };
        let campus = campus(true, big_listed(BYTES, listed).always(astray));
        campus.zoom.add_meeting(lecture("good==", 81_000_000_002, "ada", 3));
        for _ in 0..2 {
            let run = sync(&campus, &[]);
            assert!([3, 5].contains(&run.exit), "{head:?}: {} {}", run.exit, run.err);
            assert!(!run.err.contains("panicked"), "{head:?}: {}", run.err);
            assert_eq!(run.report()["items"].as_array().map(Vec::len), Some(2), "{head:?}");
        }
        let good = campus.zoom.meetings()[1].files()[0].sha256();
        assert!(campus.contents().contains(&good), "{head:?}");
        campus.zoom.change_meeting("big==", |_| big_listed(BYTES, listed));
        let exits = arrives(&campus, 4, &[]);
        assert!(exits.ends_with(&[0]), "{head:?}: {exits:?}");
    }
}

#[test]
fn dry_run_copies_unlisted_sizes_too() {
    let campus = campus(true, big_listed(BYTES, 0));
    let action = |run: &Run| run.report()["items"][0]["action"].clone();
    let dry = campus.run_with(&SETTINGS, &["sync", "--dry-run", "--format", "json"]);
    assert_eq!((dry.exit, action(&dry)), (0, Value::from("copy")));
    let run = sync(&campus, &[]);
    assert_eq!((run.exit, action(&run)), (0, Value::from("copy")));
    campus.sync_until_done_with(&SETTINGS);
    assert_eq!(campus.run_with(&SETTINGS, &["status", "--alert"]).exit, 0);
}
