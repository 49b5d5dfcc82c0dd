//! Which file of a recording stands for it, whatever becomes of the others: one bad file withholds nothing but itself, and the
//! same file under another id is the same.

use std::sync::LazyLock;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;
use standin::fault::Fault;
use standin::kaltura::Conversion;
use standin::media::Media;
use standin::zoom::{Meeting, RecordingFile};

use crate::campus::{Campus, Run, hours_ago, lecture};

/// One try a run, at once again.
const SETTINGS: [(&str, &str); 4] = [
    ("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1"),
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "200ms"),
    ("ZOOM2KALTURA_HTTP_RETRIES", "0"),
];
const BEST: &str = "shared_screen_with_speaker_view";

static START: LazyLock<String> = LazyLock::new(|| hours_ago(30));

fn meeting() -> Meeting {
    Meeting::new("big==", 81_000_000_001, "Big").host("ada").starts(&START)
}

fn media(salt: u64, bytes: u64) -> Media {
    Media::mp4().salted(salt).padded_to(bytes)
}

/// With the best view and another one.
fn two_views() -> (Meeting, Meeting) {
    let second = || meeting().video("gallery_view", media(2, 200_000)).with_id("B");
    let both = meeting().video(BEST, media(1, 3_500_000)).with_id("A").video("gallery_view", media(2, 200_000));
    (both.with_id("B"), second())
}

fn sync(campus: &Campus, times: usize) -> Run {
    let mut last = None;
    for _ in 0..times {
        last = Some(campus.run_with(&SETTINGS, &["sync", "--format", "json"]));
        // the day before yesterday, at some hours
        campus.setup.age_lookback();
        std::thread::sleep(Duration::from_millis(80));
    }
    last.expect("a run")
}

/// By default the picture without captions is the entry; what was copied by another order stays as it is.
#[test]
fn plain_views_stand_before_burnt_captions() {
    let plain = || meeting().video("shared_screen_with_speaker_view(CC)", media(1, 300_000)).with_id("A");
    let talk = || plain().video(BEST, media(2, 200_000)).with_id("B");
    let burnt_first = ("ZOOM2KALTURA_COPY_VIEW_ORDER", "shared_screen_with_speaker_view(CC)");
    let parent_bytes = |campus: &Campus| campus.parent().bytes;
    for (order, expected) in [(None, 200_000), (Some(burnt_first), 300_000)] {
        let campus = Campus::new();
        campus.zoom.add_meeting(talk());
        campus.sync_until_done_with(order.as_slice());
        assert_eq!((campus.kaltura.entries().len(), parent_bytes(&campus)), (2, expected));
        for lost in [false, true] {
            if lost {
                campus.lose_ledger();
            }
            campus.sync_until_done();
            assert_eq!((campus.kaltura.entries().len(), parent_bytes(&campus)), (2, expected), "ledger lost: {lost}");
        }
    }
}

#[test]
fn removed_view_gives_way_midway() {
    let campus = Campus::new();
    let (both, second) = two_views();
    campus.zoom.add_meeting(both);
    campus.zoom.faults().queue("CDN", 1, Fault::Cut(1_200_000));
    sync(&campus, 1);
    campus.zoom.change_meeting("big==", |_| second);
    sync(&campus, 4);
    assert_eq!(campus.contents(), campus.listed());
    assert_eq!(sync(&campus, 1).exit, 0);
}

#[test]
fn uncopyable_view_gives_way_until_retried() {
    for status in [404, 403] {
        let campus = Campus::new();
        let (both, _) = two_views();
        let bad = meeting().video(BEST, media(1, 3_500_000)).with_id("A").always(Fault::answer(status, ""));
        campus.zoom.add_meeting(bad.video("gallery_view", media(2, 200_000)).with_id("B"));
        let settings = [&SETTINGS[..], &[("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "2")]].concat();
        for _ in 0..5 {
            campus.run_with(&settings, &["sync"]);
            campus.setup.age_lookback();
            std::thread::sleep(Duration::from_millis(80));
        }
        assert_eq!(campus.contents(), [campus.zoom.meetings()[0].files()[1].sha256()], "{status}");
        let run = campus.run_with(&settings, &["sync", "--format", "json"]);
        let fates: Vec<Value> = run.report()["items"][0]["files"].as_array().expect("files").clone();
        let reasons: Vec<&Value> = fates.iter().map(|file| &file["reason"]).collect();
        assert!(reasons.iter().any(|reason| **reason == "given_up"), "{reasons:?}");
        campus.zoom.change_meeting("big==", |_| both);
        assert_eq!(campus.run(&["retry", "--failed"]).exit, 0);
        for _ in 0..3 {
            campus.run_with(&settings, &["sync"]);
            campus.setup.age_lookback();
            std::thread::sleep(Duration::from_millis(80));
        }
        assert_eq!(campus.contents(), campus.listed(), "{status}");
    }
}

#[test]
fn another_id_is_the_same_file() {
    for is_cut in [true, false] {
        let campus = Campus::new();
        let under = |id: &str| meeting().video(BEST, media(1, 3_500_000)).with_id(id);
        campus.zoom.add_meeting(under("one"));
        if is_cut {
            campus.zoom.faults().queue("CDN", 1, Fault::Cut(1_200_000));
        }
        sync(&campus, 2 - usize::from(is_cut));
        campus.zoom.change_meeting("big==", |_| under("two"));
        sync(&campus, 3);
        assert_eq!(campus.contents(), campus.listed(), "cut: {is_cut}");
        assert_eq!(campus.kaltura.entries().len(), 1, "cut: {is_cut}");
    }
}

#[test]
fn renamed_further_files_come_once() {
    let campus = Campus::new();
    let under = |prefix: &str| {
        let meeting = meeting().video(BEST, media(1, 300_000)).with_id(&format!("{prefix}1"));
        let meeting = meeting.video("gallery_view", media(2, 200_000)).with_id(&format!("{prefix}2"));
        meeting.transcript(Media::vtt()).with_id(&format!("{prefix}3"))
    };
    campus.zoom.add_meeting(under("a"));
    sync(&campus, 3);
    let before = (campus.contents(), count_texts(&campus));
    campus.zoom.change_meeting("big==", |_| under("b"));
    sync(&campus, 3);
    assert_eq!((campus.contents(), count_texts(&campus)), before);
}

fn count_texts(campus: &Campus) -> usize {
    campus.kaltura.alive().iter().map(|entry| campus.kaltura.texts_of(&entry.id).len()).sum()
}

#[test]
fn renewed_view_midway_comes_once() {
    let campus = Campus::new();
    let views = |second: &str, bytes: u64| {
        let meeting = meeting().video(BEST, media(1, 300_000)).with_id("A");
        meeting.video("gallery_view", media(2, bytes)).with_id(second)
    };
    campus.zoom.add_meeting(views("B", 3_500_000));
    campus.zoom.faults().queue("CDN", 2, Fault::Cut(1_200_000));
    sync(&campus, 1);
    campus.zoom.change_meeting("big==", |_| views("B2", 3_600_000));
    sync(&campus, 4);
    assert_eq!(campus.contents(), campus.listed());
}

/// Kaltura could not process the best view; then Zoom has another one in its place.
fn broken_then_another(campus: &Campus, host: &str) {
    let of = |meeting: Meeting| meeting.host(host);
    campus.kaltura.process_for(Duration::MAX);
    campus.zoom.add_meeting(of(meeting().video(BEST, media(1, 300_000)).with_id("A")));
    sync(campus, 1);
    let entry = campus.kaltura.alive()[0].id.clone();
    campus.kaltura.set_conversion(&entry, Conversion::Fails);
    campus.kaltura.process_for(Duration::ZERO);
    sync(campus, 1);
    campus.zoom.change_meeting("big==", |_| of(meeting().video("gallery_view", media(2, 200_000)).with_id("B")));
    sync(campus, 3);
}

#[test]
fn replacement_of_broken_copy_stands() {
    for is_frozen in [false, true] {
        let campus = Campus::new();
        campus.kaltura.freeze_index(is_frozen);
        broken_then_another(&campus, "ada");
        campus.kaltura.freeze_index(false);
        let run = sync(&campus, 3);
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{}", run.out);
        assert!(campus.contents().contains(&campus.listed()[0]));
    }
}

#[test]
fn orphaned_replacement_is_purged_or_adopted() {
    for has_account in [false, true] {
        let campus = Campus::new();
        broken_then_another(&campus, "guest");
        if has_account {
            campus.kaltura.add_user("guest@elsewhere.example", "");
            sync(&campus, 2);
            assert!(campus.kaltura.alive().iter().all(|entry| entry.user_id == "guest@elsewhere.example"));
        } else {
            campus.setup.age_confirmations(TimeDelta::days(3));
            assert_eq!(campus.run(&["purge"]).exit, 0);
            assert_eq!(campus.contents(), [""; 0]);
        }
    }
}

#[test]
fn unfinished_picture_withholds_nothing() {
    let sound = || meeting().audio(Media::m4a());
    let view = || meeting().video("gallery_view", media(2, 200_000));
    let stuck = |meeting: Meeting| meeting.video(BEST, media(1, 300_000)).still_processing();
    let unsized_view = |meeting: Meeting| meeting.video(BEST, media(1, 300_000)).listed_as(0);
    let cases = [stuck(sound()), stuck(view()), unsized_view(sound()), unsized_view(view())];
    for (number, case) in cases.into_iter().enumerate() {
        let campus = Campus::new();
        campus.zoom.add_meeting(case);
        sync(&campus, 3);
        assert!(!campus.contents().is_empty(), "case {number}");
        assert!(campus.contents().iter().all(|hash| campus.listed().contains(hash)), "case {number}");
    }
}

#[test]
fn sound_alone_waits_for_its_picture() {
    for (hours, comes) in [(2, true), (2, false), (5, false)] {
        let campus = Campus::new();
        let start = hours_ago(hours);
        let sound = || {
            Meeting::new("sound==", 81_000_000_001, "Sound").host("ada").starts(&start).audio(Media::m4a()).with_id("S")
        };
        campus.zoom.add_meeting(sound());
        let run = sync(&campus, 2);
        if hours == 2 {
            assert_eq!(run.report()["items"][0]["reason"], "processing");
        }
        if comes {
            campus.zoom.change_meeting("sound==", |_| sound().video("shared_screen", media(1, 300_000)).with_id("V"));
        }
        sync(&campus, 3);
        let stands = campus.kaltura.alive().into_iter().find(|entry| entry.parent_entry_id.is_empty());
        let expected = [(2, true, Some(1)), (2, false, None), (5, false, Some(5))];
        let expected = expected.iter().find(|case| (case.0, case.1) == (hours, comes)).expect("a case").2;
        assert_eq!(stands.map(|entry| entry.media_type), expected, "{hours} h, comes: {comes}");
    }
}

/// What Zoom says of the best view from now on.
fn say_of_the_best_view(campus: &Campus, field: &'static str, value: &'static str) {
    campus.zoom.answer_with("GET /accounts/me/recordings", move |_, mut answer| {
        answer["meetings"][0]["recording_files"][0][field] = Value::from(value);
        answer
    });
}

#[test]
fn unfetchable_begun_view_gives_way() {
    for (field, value, reason) in [("status", "processing", "processing"), ("download_url", "", "incomplete_listing")] {
        let campus = Campus::new();
        campus.zoom.add_meeting(two_views().0.transcript(Media::vtt()));
        campus.zoom.faults().queue("CDN", 1, Fault::Cut(1_200_000));
        sync(&campus, 1);
        say_of_the_best_view(&campus, field, value);
        let dry = campus.run_with(&SETTINGS, &["sync", "--dry-run", "--format", "json"]);
        assert_eq!(dry.report()["items"][0]["files"][0]["reason"], reason, "{}", dry.err);
        sync(&campus, 3);
        assert_eq!(campus.contents(), [campus.zoom.meetings()[0].files()[1].sha256()], "{field}");
        campus.zoom.answer_rightly("GET /accounts/me/recordings");
        assert_eq!(sync(&campus, 4).exit, 0);
        let files = campus.zoom.meetings()[0].files();
        let mut views: Vec<String> = files.iter().take(2).map(RecordingFile::sha256).collect();
        views.sort();
        assert_eq!((campus.contents(), count_texts(&campus)), (views, 1), "{field}");
    }
}

#[test]
fn removed_views_failures_are_forgotten() {
    let campus = Campus::new();
    let (_, second) = two_views();
    campus.zoom.add_meeting(meeting().video(BEST, media(1, 300_000)).with_id("A").always(Fault::answer(404, "")));
    let settings = [&SETTINGS[..], &[("ZOOM2KALTURA_SYNC_RETRY_AFTER", "1h")]].concat();
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 3);
    campus.zoom.change_meeting("big==", |_| second);
    campus.run_with(&settings, &["sync"]);
    assert_eq!(campus.contents(), campus.listed());
}

/// Whatever each download of the best view gives.
#[test]
fn missing_best_view_withholds_nothing() {
    for fault in [Fault::html(), Fault::answer(500, ""), Fault::Cut(1000), Fault::answer(200, "")] {
        let campus = Campus::new();
        let bad = meeting().video(BEST, media(1, 1_500_000)).with_id("A").always(fault.clone());
        campus.zoom.add_meeting(bad.video("gallery_view", media(2, 200_000)).with_id("B").transcript(Media::vtt()));
        let settings = [&SETTINGS[..], &[("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "2")]].concat();
        for _ in 0..5 {
            campus.run_with(&settings, &["sync"]);
            campus.setup.age_lookback();
            std::thread::sleep(Duration::from_millis(80));
        }
        let second = campus.zoom.meetings()[0].files()[1].sha256();
        assert_eq!((campus.contents(), count_texts(&campus)), (vec![second], 1), "{fault:?}");
    }
}

#[test]
fn lost_midway_leaves_nothing_behind() {
    let campus = Campus::new();
    let both = || two_views().0.transcript(Media::vtt());
    campus.zoom.add_meeting(both());
    campus.zoom.faults().queue("CDN", 1, Fault::Cut(1_200_000));
    sync(&campus, 1);
    campus.zoom.remove_meeting("big==");
    sync(&campus, 3);
    assert_eq!(campus.contents(), [""; 0]);
    campus.zoom.add_meeting(both());
    sync(&campus, 3);
    assert_eq!((campus.contents().len(), count_texts(&campus)), (2, 1));
}

#[test]
fn deleted_entry_gets_no_view() {
    let campus = Campus::new();
    campus.zoom.add_meeting(meeting().video(BEST, media(1, 200_000)).video("gallery_view", media(2, 3_500_000)));
    campus.zoom.faults().queue("CDN", 2, Fault::Cut(1_200_000));
    sync(&campus, 1);
    let parent = campus.kaltura.alive().into_iter().find(|entry| entry.parent_entry_id.is_empty()).expect("an entry");
    campus.kaltura.delete_entry(&parent.id);
    let run = sync(&campus, 3);
    assert_eq!((run.exit, campus.contents().len()), (0, 0), "{}", run.err);
}

#[test]
fn purged_orphan_stays_away() {
    let campus = Campus::new();
    campus.zoom.add_meeting(two_views().0.host("guest"));
    sync(&campus, 3);
    campus.setup.age_confirmations(TimeDelta::days(3));
    assert_eq!(campus.run(&["purge"]).exit, 0);
    let others =
        || meeting().host("guest").video("speaker_view", media(3, 210_000)).with_id("C").transcript(Media::vtt());
    campus.zoom.change_meeting("big==", |_| others());
    sync(&campus, 2);
    assert_eq!(campus.contents(), [""; 0]);
}

/// Its last chunk arrived, the answer did not, and Zoom has it no more by the next run.
#[test]
fn whole_copy_is_not_reported_lost() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 30));
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::LostAnswer);
    sync(&campus, 1);
    campus.zoom.remove_meeting("guest==");
    let dry = campus.run_with(&SETTINGS, &["sync", "--dry-run", "--format", "json"]);
    assert_eq!(dry.report()["items"][0]["reason"], "in_conversion", "{}", dry.err);
    let run = sync(&campus, 3);
    assert_eq!(run.exit, 0, "{}", run.err);
    let ledger = campus.ledger();
    let verdict: (String, Option<String>) = ledger
        .query_row("SELECT action, reason FROM recordings", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("a row");
    assert_eq!(verdict, ("done".to_owned(), None));
    campus.kaltura.add_user("guest@elsewhere.example", "");
    sync(&campus, 2);
    assert_eq!(campus.kaltura.alive()[0].user_id, "guest@elsewhere.example");
}
