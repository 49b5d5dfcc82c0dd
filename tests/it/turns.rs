//! What Zoom does not give holds nothing else up: it gives its slot to others, comes back once, and is told as what it is.

use std::time::Duration;

use serde_json::Value;
use standin::fault::Fault;
use standin::media::Media;
use standin::zoom::{Meeting, User};

use crate::campus::{Campus, Run, hours_ago};

const SETTINGS: [(&str, &str); 5] = [
    ("ZOOM2KALTURA_SYNC_PARALLEL", "1"),
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "1h"),
    ("ZOOM2KALTURA_HTTP_STALL_AFTER", "300ms"),
    ("ZOOM2KALTURA_HTTP_RETRIES", "2"),
    ("ZOOM2KALTURA_HTTP_RETRY_WAIT", "5ms"),
];
/// Far longer than any test may take.
const FOR_EVER: Duration = Duration::from_secs(600);

/// A recording of so many bytes: the smaller come first.
fn talk(number: i64, bytes: u64) -> Meeting {
    let meeting =
        Meeting::new(&format!("talk{number}=="), 81_000_000_000 + number, &format!("Talk {number}")).host("ada");
    let media = Media::mp4().padded_to(bytes).salted(number.unsigned_abs());
    meeting.starts(&hours_ago(5)).video("shared_screen", media)
}

fn sync(campus: &Campus) -> Run {
    campus.run_with(&SETTINGS, &["sync", "--format", "json"])
}

/// What came of each recording, by its topic.
fn results(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let report = run.report();
    let items = report["items"].as_array().expect("items");
    let mut results: Vec<_> = items.iter().map(|item| (text(&item["topic"]), text(&item["result"]))).collect();
    results.sort();
    results
}

fn failed(run: &Run) -> Vec<String> {
    results(run).into_iter().filter(|(_, result)| result == "failed").map(|(topic, _)| topic).collect()
}

fn turned_away(after: &str) -> Fault {
    let headers = vec![("retry-after", after.to_owned())];
    Fault::Answer { status: 429, headers: if after.is_empty() { Vec::new() } else { headers }, body: String::new() }
}

#[test]
fn withheld_download_fails_its_recording_only() {
    let cases = [
        turned_away(""),
        turned_away("1"),
        turned_away("-1"),
        turned_away("99999999999999999999"),
        turned_away("Wed, 21 Oct 2015 07:28:00 GMT"),
        turned_away("2015-10-21T07:28:00Z"),
        turned_away("soon"),
        Fault::answer(503, ""),
        Fault::answer(403, ""),
        Fault::Stall(FOR_EVER),
        Fault::Reset,
        Fault::Cut(3),
    ];
    for fault in cases {
        let campus = Campus::new();
        campus.zoom.add_meeting(talk(1, 20_000).always(fault.clone()));
        campus.zoom.add_meeting(talk(2, 200_000));
        campus.zoom.add_meeting(talk(3, 300_000));
        let run = sync(&campus);
        assert_eq!((run.exit, failed(&run)), (3, vec!["Talk 1".to_owned()]), "{fault:?}: {}", run.err);
        assert_eq!(campus.kaltura.entries().len(), 2, "{fault:?}");
        // it has its own time now, and nobody waits for it
        campus.zoom.cdn_log().clear();
        assert_eq!(sync(&campus).exit, 0, "{fault:?}");
        assert!(campus.zoom.cdn_log().all().is_empty(), "{fault:?}");
    }
}

#[test]
fn withheld_download_comes_back_last() {
    for fault in [turned_away("0"), Fault::answer(503, ""), Fault::Stall(FOR_EVER)] {
        let campus = Campus::new();
        let transcript = || Media::vtt();
        for number in 1..=4 {
            campus.zoom.add_meeting(talk(number, 20_000 + 1_000 * number.unsigned_abs()).transcript(transcript()));
        }
        // as often as the first recording is asked for in its turn
        for hit in 1..=2 {
            campus.zoom.faults().queue("CDN", hit, fault.clone());
        }
        let run = sync(&campus);
        assert_eq!((run.exit, failed(&run)), (0, Vec::new()), "{fault:?}: {}", run.err);
        let entries = campus.kaltura.entries();
        let order: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(order, ["Talk 2", "Talk 3", "Talk 4", "Talk 1"], "{fault:?}");
        campus.sync_until_done_with(&SETTINGS);
        campus.each_video_is_in_kaltura_once();
        let texts = |entry: &standin::kaltura::Entry| campus.kaltura.texts_of(&entry.id).len();
        assert!(campus.kaltura.entries().iter().all(|entry| texts(entry) == 1), "{fault:?}");
    }
}

#[test]
fn dozen_withheld_hold_nothing_up() {
    for fault in [turned_away("0"), Fault::answer(503, ""), Fault::Stall(FOR_EVER)] {
        let campus = Campus::new();
        for number in 1..=12 {
            campus.zoom.add_meeting(talk(number, 20_000).always(fault.clone()));
        }
        for number in 13..=15 {
            campus.zoom.add_meeting(talk(number, 200_000));
        }
        let settings = [&SETTINGS[..], &[("ZOOM2KALTURA_SYNC_PARALLEL", "6")]].concat();
        let run = campus.run_with(&settings, &["sync", "--format", "json"]);
        assert_eq!(campus.kaltura.entries().len(), 3, "{fault:?}: {}", run.err);
        assert_ne!(run.exit, 0, "{fault:?}");
    }
}

#[test]
fn nothing_given_at_all_blames_zoom() {
    let campus = Campus::new();
    for number in 1..=3 {
        let host = format!("host{number}");
        campus.zoom.add_user(User::new(&host, &format!("{host}@uni.example")));
        campus.zoom.add_meeting(talk(number, 20_000).host(&host).always(turned_away("0")));
    }
    let run = sync(&campus);
    assert_eq!((run.exit, failed(&run).len()), (5, 3), "{}", run.err);
    // they are not asked for again at once
    campus.zoom.cdn_log().clear();
    assert_eq!(sync(&campus).exit, 0);
    assert!(campus.zoom.cdn_log().all().is_empty());
}

#[test]
fn withheld_further_file_comes_back() {
    let campus = Campus::new();
    let meeting = talk(1, 20_000).video("gallery_view", Media::mp4().padded_to(30_000)).transcript(Media::vtt());
    campus.zoom.add_meeting(meeting);
    campus.zoom.add_meeting(talk(2, 200_000));
    // the entry's file is given, the transcript is not, the gallery is
    for hit in 2..=3 {
        campus.zoom.faults().queue("CDN", hit, Fault::answer(503, ""));
    }
    let run = sync(&campus);
    assert_eq!((run.exit, failed(&run)), (0, Vec::new()), "{}", run.err);
    campus.sync_until_done_with(&SETTINGS);
    campus.each_video_is_in_kaltura_once();
    let parents = campus.kaltura.entries().into_iter().filter(|entry| entry.parent_entry_id.is_empty());
    assert_eq!(parents.map(|entry| campus.kaltura.texts_of(&entry.id).len()).sum::<usize>(), 1);
}
