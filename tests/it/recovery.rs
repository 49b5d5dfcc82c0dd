//! Whatever state a copy was left in, the next run goes on from what Kaltura itself confirms.

use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};
use standin::fault::Fault;
use standin::kaltura::{Conversion, Entry, Kaltura};
use standin::media::Media;
use standin::setup::HOLDING_USER;
use standin::zoom::{Meeting, Zoom};

use crate::campus::{Campus, hours_ago, lecture, send_final_chunk};

/// Chunks of a MiB, failures that are due again at once, and little patience.
const SETTINGS: [(&str, &str); 4] = [
    ("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1"),
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "200ms"),
    ("ZOOM2KALTURA_HTTP_RETRIES", "0"),
];

/// One start for all of them: a meeting that is replaced keeps its recording.
static START: LazyLock<String> = LazyLock::new(|| hours_ago(5));

fn meeting(media: Media) -> Meeting {
    Meeting::new("big==", 81_000_000_001, "Big").host("ada").starts(&START).video("shared_screen", media)
}

fn big_of(bytes: u64) -> Meeting {
    meeting(Media::mp4().salted(bytes).padded_to(bytes))
}

/// A recording of which a run that broke off has sent a part.
fn half_sent() -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(big_of(3_500_000));
    campus.zoom.faults().queue("CDN", 1, Fault::Cut(1_200_000));
    assert_ne!(campus.run_with(&SETTINGS, &["sync"]).exit, 0);
    assert_eq!(campus.kaltura.tokens()[0].uploaded, Some(1 << 20));
    campus
}

/// Runs until all is confirmed; then what is alive in Kaltura is what Zoom holds, once.
fn arrives(campus: &Campus) {
    for _ in 0..40 {
        let run = campus.run_with(&SETTINGS, &["sync", "--format", "json"]);
        assert!([0, 3, 5].contains(&run.exit), "{} {}", run.exit, run.err);
        if run.exit == 0 && !run.waits_for_kaltura() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut expected: Vec<String> = campus
        .zoom
        .meetings()
        .iter()
        .flat_map(Meeting::files)
        .filter(|file| file.kind.file_type() == "MP4")
        .map(|file| file.sha256())
        .collect();
    let hash = |entry: &Entry| campus.kaltura.sha256_of(&entry.id).unwrap_or_else(|| format!("{entry:?} is bare"));
    let mut found: Vec<String> = campus.kaltura.alive().iter().map(hash).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    assert!(campus.kaltura.alive().iter().all(|entry| entry.status == 2));
}

fn first_item(campus: &Campus) -> Value {
    campus.run_with(&SETTINGS, &["sync", "--format", "json"]).report()["items"][0].clone()
}

#[test]
fn expired_token_is_replaced_in_place() {
    let campus = half_sent();
    let entry = campus.kaltura.alive()[0].id.clone();
    campus.kaltura.expire_token(&campus.kaltura.tokens()[0].id);
    arrives(&campus);
    assert_eq!(campus.kaltura.alive()[0].id, entry);
}

#[test]
fn lost_token_is_replaced() {
    let campus = half_sent();
    campus.kaltura.delete_token(&campus.kaltura.tokens()[0].id);
    arrives(&campus);
}

#[test]
fn wrongly_ended_upload_is_made_anew() {
    let campus = half_sent();
    let token = campus.kaltura.tokens()[0].id.clone();
    let answer = send_final_chunk(&campus.kaltura.url(), &campus.session(), &token, 1 << 20, vec![0; 10]);
    assert_eq!(answer.expect("a token")["status"], 3);
    let run = campus.run_with(&SETTINGS, &["sync"]);
    assert_eq!(run.exit, 3, "{}", run.err);
    assert!(run.err.contains("other bytes than were sent"), "{}", run.err);
    arrives(&campus);
}

#[test]
fn changed_size_restarts_under_its_entry() {
    let campus = half_sent();
    let entry = campus.kaltura.alive()[0].id.clone();
    campus.zoom.change_meeting("big==", |_| big_of(2_300_000));
    arrives(&campus);
    assert_eq!(campus.kaltura.alive()[0].id, entry);
}

#[test]
fn entry_deleted_mid_upload_stays_deleted() {
    let campus = half_sent();
    campus.kaltura.delete_entry(&campus.kaltura.alive()[0].id);
    for _ in 0..2 {
        assert_eq!(first_item(&campus)["reason"], "deleted_in_kaltura");
    }
    assert!(campus.kaltura.alive().is_empty());
}

#[test]
fn final_chunk_is_not_sent_twice() {
    let campus = Campus::new();
    campus.zoom.add_meeting(big_of(3_500_000));
    campus.kaltura.faults().queue("uploadToken.upload", 4, Fault::LostAnswer);
    campus.run_with(&SETTINGS, &["sync"]);
    arrives(&campus);
    assert_eq!(campus.kaltura.log().count("uploadToken.upload"), 4);
}

#[test]
fn unprocessed_entry_is_replaced_then_deleted() {
    let campus = Campus::new();
    campus.zoom.add_meeting(big_of(7_000));
    // however long the runs take, they do not see what becomes of a try before it is said here
    campus.kaltura.process_for(Duration::MAX);
    campus.run_with(&SETTINGS, &["sync"]);
    let failed = campus.kaltura.alive()[0].id.clone();
    campus.kaltura.set_status(&failed, -1);
    let runs = (0..50).map(|_| campus.run_with(&SETTINGS, &["sync", "--format", "json"]));
    let reasons = runs.map(|run| run.report()["items"][0]["reason"].clone());
    let reasons: Vec<_> = reasons.take_while(|_| campus.kaltura.alive().len() < 2).collect();
    assert!(reasons.contains(&json!("conversion_failed")), "{reasons:?}");
    // the failed one stays until there is a better one, which is a copy then
    let second = campus.kaltura.alive();
    assert!(second.len() == 2 && second.iter().any(|entry| entry.id == failed), "{second:?}");
    campus.kaltura.process_for(Duration::ZERO);
    arrives(&campus);
    assert_eq!(campus.kaltura.entry(&failed).map(|entry| entry.status), Some(3));
}

#[test]
fn other_playing_time_is_kept() {
    let campus = Campus::new();
    campus.zoom.add_meeting(meeting(Media::mp4().lasting(20).padded_to(9_000)));
    campus.kaltura.process_for(Duration::MAX);
    campus.run_with(&SETTINGS, &["sync"]);
    campus.kaltura.process_for(Duration::ZERO);
    assert_eq!(campus.run_with(&SETTINGS, &["sync"]).exit, 0);
    for _ in 0..2 {
        campus.lose_ledger();
        for _ in 0..3 {
            campus.run_with(&SETTINGS, &["sync"]);
        }
    }
    let made = campus.kaltura.entries();
    assert!(made.len() == 1 && made[0].status == 2, "{made:?}");
}

#[test]
fn silent_download_never_shortens_copies() {
    let campus = Campus::new();
    campus.zoom.add_meeting(big_of(900_000));
    let silent = [&SETTINGS[..], &[("ZOOM2KALTURA_HTTP_STALL_AFTER", "300ms")]].concat();
    campus.zoom.faults().queue("CDN", 1, Fault::Drip { bytes: 400_000, pause: Duration::from_millis(250) });
    campus.zoom.faults().queue("CDN", 2, Fault::Cut(500_000));
    for _ in 0..3 {
        campus.run_with(&silent, &["sync"]);
        let sizes: Vec<_> = campus.kaltura.tokens().iter().map(|token| token.uploaded).collect();
        assert!(sizes.iter().all(|bytes| bytes.is_none_or(|bytes| bytes == 900_000)), "{sizes:?}");
    }
    arrives(&campus);
}

#[test]
fn unprocessable_recording_is_given_up() {
    let campus = Campus::of(Zoom::start(), Kaltura::builder().conversion(Conversion::Fails).start());
    campus.zoom.add_meeting(big_of(7_000));
    let settings = [&SETTINGS[..], &[("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "2")]].concat();
    for _ in 0..6 {
        campus.run_with(&settings, &["sync"]);
        std::thread::sleep(Duration::from_millis(60));
    }
    let report = campus.run_with(&settings, &["sync", "--format", "json"]).report();
    assert_eq!(report["items"][0]["reason"], "given_up");
    // of two that came to the same the first one goes
    let made = campus.kaltura.entries();
    assert_eq!(made.iter().map(|entry| entry.status).collect::<Vec<_>>(), [3, -1], "two tries");
}

#[test]
fn given_up_half_copy_is_removed() {
    let campus = half_sent();
    let settings = [&SETTINGS[..], &[("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "2")]].concat();
    let page = Fault::answer(404, "gone");
    for hit in 1..=9 {
        campus.zoom.faults().queue("GET /rec/download", hit, page.clone());
    }
    for _ in 0..4 {
        campus.run_with(&settings, &["sync"]);
    }
    let report = campus.run_with(&settings, &["sync", "--format", "json"]).report();
    assert_eq!(report["items"][0]["reason"], "given_up");
    assert!(campus.kaltura.alive().is_empty(), "{:?}", campus.kaltura.alive());
    assert!(campus.kaltura.tokens().is_empty());
}

#[test]
fn given_up_is_copied_after_retry() {
    let campus = Campus::new();
    campus.zoom.add_meeting(big_of(7_000));
    let settings = [&SETTINGS[..], &[("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "1")]].concat();
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 3);
    let given_up = campus.run_with(&settings, &["sync", "--format", "json"]).report();
    assert_eq!(given_up["items"][0]["reason"], "given_up");
    let wrong = campus.run(&["retry", "no-such-id"]);
    assert_eq!(wrong.exit, 2);
    assert!(wrong.err.contains("no failed recording matches \"no-such-id\""), "{}", wrong.err);
    let right = campus.run(&["retry", "big=="]);
    assert!(right.exit == 0 && right.out.starts_with("due again: \"Big\" of "), "{}{}", right.out, right.err);
    arrives(&campus);
    assert_eq!(campus.run(&["retry", "--failed"]).out, "nothing has failed\n");
}

#[test]
fn retry_makes_waiting_file_due() {
    let campus = Campus::new();
    campus.zoom.add_meeting(big_of(7_000));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    campus.run(&["sync"]);
    let waits = campus.run(&["sync", "--format", "json"]).report();
    assert_eq!(waits["items"][0]["reason"], "retry_later");
    assert_eq!(campus.run(&["retry", "--failed"]).exit, 0);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn entry_made_twice_ends_as_one() {
    let kaltura = Kaltura::builder().link_delay(Duration::from_millis(1500)).start();
    let campus = Campus::of(Zoom::start(), kaltura);
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.kaltura.faults().queue("multirequest of media.add", 1, Fault::LostAnswer);
    campus.run_with(&SETTINGS, &["sync"]);
    assert_eq!(campus.kaltura.entries().len(), 2, "the link showed too late");
    std::thread::sleep(Duration::from_millis(1500));
    arrives(&campus);
}

#[test]
fn twin_is_seen_despite_lagging_index() {
    let kaltura = Kaltura::builder().link_delay(Duration::from_millis(1500)).start();
    let campus = Campus::of(Zoom::start(), kaltura);
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.kaltura.faults().queue("multirequest of media.add", 1, Fault::LostAnswer);
    campus.kaltura.freeze_index(true);
    campus.run_with(&SETTINGS, &["sync"]);
    std::thread::sleep(Duration::from_millis(1500));
    for _ in 0..3 {
        assert_eq!(first_item(&campus)["reason"], "in_conversion", "it waits until the index shows what there is");
    }
    campus.kaltura.freeze_index(false);
    arrives(&campus);
}

#[test]
fn owner_deleted_in_doubt_stays_deleted() {
    let campus = Campus::with_lecture();
    for hit in 1..=2 {
        campus.kaltura.faults().queue("multirequest of media.add", hit, Fault::Reset);
    }
    campus.run_with(&SETTINGS, &["sync"]);
    campus.kaltura.delete_user("ada@uni.example");
    arrives(&campus);
    assert_eq!(campus.kaltura.alive()[0].user_id, HOLDING_USER);
    let ada = campus.kaltura.users().into_iter().filter(|user| user.id == "ada@uni.example").count();
    assert_eq!(ada, 1);
}

fn seminar(host: &str) -> Meeting {
    lecture("seminar==", 81_000_000_001, host, 30)
        .video("gallery_view", Media::mp4().salted(7).padded_to(8_000))
        .transcript(Media::vtt())
}

#[test]
fn lost_ledger_is_rebuilt_from_marks() {
    let campus = Campus::new();
    campus.zoom.add_meeting(seminar("ada"));
    campus.sync_until_done();
    let before = campus.kaltura.fingerprint();
    campus.lose_ledger();
    campus.kaltura.log().clear();
    let report = campus.run(&["sync", "--format", "json"]).report();
    assert_eq!(
        json!([report["items"][0]["files"][0]["action"], report["items"][0]["files"][0]["reason"]]),
        json!(["done", "copied_before"])
    );
    campus.sync_until_done();
    assert_eq!(campus.kaltura.log().count("media.add"), 0);
    assert_eq!(campus.kaltura.log().count("caption_captionAsset.add"), 0);
    campus.each_video_is_in_kaltura_once();
    // tokens that were reserved and not needed are all that was added
    assert_eq!(campus.kaltura.entries().len(), 2, "{before}");
    campus.kaltura.log().clear();
    campus.run(&["sync"]);
    assert!(campus.kaltura.log().calls().is_empty(), "what was found is known from now on");
}

#[test]
fn half_made_copies_survive_lost_ledger() {
    let campus = half_sent();
    campus.lose_ledger();
    arrives(&campus);
    let campus = Campus::new();
    campus.zoom.add_meeting(seminar("ada"));
    campus.kaltura.faults().queue("uploadToken.upload", 2, Fault::Reset);
    campus.run_with(&SETTINGS, &["sync"]);
    campus.lose_ledger();
    arrives(&campus);
}

#[test]
fn forgotten_orphan_is_an_orphan_again() {
    let campus = Campus::new();
    campus.zoom.add_meeting(seminar("guest"));
    campus.sync_until_done();
    campus.lose_ledger();
    campus.sync_until_done();
    let report = campus.run(&["purge", "--older-than", "0s", "--format", "json"]).report();
    assert_eq!(report["totals"]["delete"]["recordings"], 1, "{report:#}");
    assert!(campus.kaltura.alive().is_empty());
}

#[test]
fn deleted_child_stays_deleted_without_ledger() {
    let campus = Campus::new();
    campus.zoom.add_meeting(seminar("ada"));
    campus.sync_until_done();
    let child = campus.kaltura.alive().into_iter().find(|entry| !entry.parent_entry_id.is_empty()).expect("a child");
    campus.kaltura.delete_entry(&child.id);
    campus.lose_ledger();
    campus.sync_until_done();
    assert_eq!(campus.kaltura.alive().len(), 1);
}

#[test]
fn another_tools_begun_copy_is_awaited() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("theirs==", 81_000_000_001, "ada", 5));
    let report = campus.run(&["sync", "--dry-run", "--format", "json"]).report();
    let start = report["items"][0]["recording_start"].as_str().expect("a text").to_owned();
    let theirs = campus.kaltura.add_entry(&standin::kaltura::Seed {
        reference_id: format!("Zoom_theirs=={start}"),
        status: 0,
        ..standin::kaltura::Seed::default()
    });
    let item = first_item(&campus);
    assert_eq!(json!([item["action"], item["reason"]]), json!(["wait", "copied_by_another_tool"]));
    campus.kaltura.set_status(&theirs, -2);
    campus.sync_until_done();
    assert_eq!(
        campus
            .kaltura
            .entries()
            .iter()
            .filter(|entry| entry.admin_tags.split(',').any(|tag| tag == "zoom2kaltura"))
            .count(),
        1
    );
}

#[test]
fn two_agreeing_downloads_correct_size() {
    let campus = Campus::new();
    campus.zoom.add_meeting(big_of(50_000).listed_as(49_900));
    let first = campus.run_with(&SETTINGS, &["sync"]);
    assert_eq!(first.exit, 3);
    assert!(first.err.contains("the download has 50000 bytes, but Zoom's list has 49900"), "{}", first.err);
    let second = campus.run_with(&SETTINGS, &["sync"]);
    assert_eq!(second.exit, 0, "{}", second.err);
    assert!(second.err.contains("Zoom lists a wrong size"), "{}", second.err);
    arrives(&campus);
}

/// What befalls Kaltura's search index, and what mends it.
type Mood = fn(&Kaltura, bool);

#[test]
fn broken_index_delays_never_doubles() {
    let moods: [Mood; 2] = [Kaltura::freeze_index, Kaltura::break_index];
    for mood in moods {
        for lost in 0..8 {
            let campus = Campus::new();
            campus.zoom.add_meeting(seminar("ada"));
            campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 31));
            if lost > 0 {
                // in the middle of the run, and with an answer lost somewhere
                campus.kaltura.faults().queue("multirequest", lost, Fault::LostAnswer);
                campus.run_with(&SETTINGS, &["sync", "--limit", "1"]);
            }
            mood(&campus.kaltura, true);
            for _ in 0..2 {
                campus.run_with(&SETTINGS, &["sync"]);
            }
            mood(&campus.kaltura, false);
            arrives(&campus);
        }
    }
}

/// All bytes are in Kaltura, the answer to the last chunk is lost, and so is the token.
#[test]
fn entry_tells_where_token_cannot() {
    let campus = Campus::with_lecture();
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::LostAnswer);
    assert_ne!(campus.run_with(&SETTINGS, &["sync"]).exit, 0);
    let tokens = campus.kaltura.tokens();
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    campus.in_kmc("uploadToken", "delete", json!({ "uploadTokenId": tokens[0].id }));
    campus.kaltura.log().clear();
    campus.sync_until_done_with(&SETTINGS);
    assert_eq!(campus.kaltura.log().count("uploadToken.upload"), 0, "what is there is not sent again");
    assert_eq!(campus.kaltura.log().count("uploadToken.add"), 0, "nor is room made for it");
    campus.each_video_is_in_kaltura_once();
}

/// Kaltura may read from a copy of its database that is a moment behind.
#[test]
fn briefly_unseen_entry_is_not_deleted() {
    let absent = r#"{"code":"ENTRY_ID_NOT_FOUND","message":"Entry id \"0_x\" not found","objectType":"KalturaAPIException","args":{"ENTRY_ID":"0_x"}}"#;
    let counted = Campus::with_lecture();
    assert_eq!(counted.run(&["sync"]).exit, 0);
    let last = counted.kaltura.log().count("media.get");
    assert!(last > 0, "{:?}", counted.kaltura.log().calls());
    let campus = Campus::with_lecture();
    campus.kaltura.faults().queue("media.get", last, Fault::json(200, absent));
    let run = campus.run(&["sync", "--format", "json"]);
    let item = &run.report()["items"][0];
    assert_eq!(
        (run.exit, item["action"].clone(), item["result"].clone()),
        (0, json!("copy"), json!("sent")),
        "{item:#}"
    );
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
    assert_eq!(campus.kaltura.entries().len(), 1);
    assert_eq!(campus.run(&["sync", "--format", "json"]).report()["items"][0]["action"], "done");
}
