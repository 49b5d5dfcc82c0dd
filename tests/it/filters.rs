//! What the institution keeps out, and how it is told.

use std::time::Duration;

use serde_json::{Value, json};
use standin::fault::Fault;
use standin::kaltura::Entry;
use standin::media::Media;
use standin::zoom::{Meeting, RecordingFile};

use crate::campus::{Campus, Run, hours_ago, lecture};

const TYPES: &str = "ZOOM2KALTURA_FILTER_EXCLUDE_RECORDING_TYPES";

/// A seminar of Ada's: gallery, speaker, sound, transcript and closed captions.
fn seminar() -> Meeting {
    Meeting::new("seminar==", 81_000_000_001, "Seminar")
        .host("ada")
        .starts(&hours_ago(5))
        .video("gallery_view", Media::mp4().salted(1).padded_to(8_000))
        .video("speaker_view", Media::mp4().salted(2).padded_to(9_000))
        .audio(Media::m4a())
        .transcript(Media::vtt())
        .closed_caption(Media::vtt())
}

fn with(meeting: Meeting) -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(meeting);
    campus
}

/// Type, action and reason of each file, by type.
fn fates(run: &Run) -> Value {
    let report = run.report();
    let files = report["items"][0]["files"].as_array().expect("files").clone();
    let mut fates: Vec<_> = files.iter().map(|file| json!([file["type"], file["action"], file["reason"]])).collect();
    fates.sort_by_key(Value::to_string);
    json!(fates)
}

/// The entries that are there, without those that were deleted.
fn entries(campus: &Campus) -> Vec<Entry> {
    campus.kaltura.alive()
}

/// How many of them have no source.
fn bare(campus: &Campus) -> usize {
    entries(campus).iter().filter(|entry| campus.kaltura.sha256_of(&entry.id).is_none()).count()
}

#[test]
fn excluded_types_are_not_copied() {
    let campus = with(seminar());
    let settings = [(TYPES, "Gallery_View, audio_transcript, closed_caption")];
    let run = campus.run_with(&settings, &["sync", "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    let expected = json!([
        ["CC", "skip", "recording_type_excluded"],
        ["M4A", "skip", "audio_beside_video"],
        ["MP4", "copy", null],
        ["MP4", "skip", "recording_type_excluded"],
        ["TRANSCRIPT", "skip", "recording_type_excluded"],
    ]);
    assert_eq!(fates(&run), expected);
    let entries = entries(&campus);
    let speaker = campus.zoom.meetings()[0].files()[1].sha256();
    assert_eq!(entries.iter().map(|entry| campus.kaltura.sha256_of(&entry.id)).collect::<Vec<_>>(), [Some(speaker)]);
    assert!(campus.kaltura.texts_of(&entries[0].id).is_empty());
}

#[test]
fn excluded_view_in_processing_delays_nothing() {
    let meeting = lecture("views==", 81_000_000_001, "ada", 2)
        .video("gallery_view", Media::mp4().salted(9).padded_to(9_000))
        .still_processing();
    let campus = with(meeting);
    let run = campus.run_with(&[(TYPES, "gallery_view")], &["sync", "--format", "json"]);
    assert_eq!(fates(&run), json!([["MP4", "copy", null], ["MP4", "skip", "recording_type_excluded"]]));
    assert_eq!(entries(&campus).len(), 1);
}

#[test]
fn excluding_all_types_settles_recording() {
    let campus = with(lecture("screen==", 81_000_000_001, "ada", 5).transcript(Media::vtt()));
    let settings = [(TYPES, "shared_screen")];
    let report = campus.run_with(&settings, &["sync", "--format", "json"]).report();
    let item = &report["items"][0];
    assert_eq!(json!([item["action"], item["reason"]]), json!(["skip", "recording_type_excluded"]), "{report:#}");
    assert!(campus.kaltura.entries().is_empty() && campus.zoom.cdn_log().calls().is_empty());
    let report = campus.run(&["sync", "--format", "json"]).report();
    assert_eq!(report["items"][0]["action"], "copy", "a rule that was taken back holds no longer: {report:#}");
}

#[test]
fn excluded_videos_leave_the_sound() {
    let campus = with(seminar());
    campus.run_with(&[(TYPES, "gallery_view,speaker_view")], &["sync"]);
    let media: Vec<_> = entries(&campus).iter().map(|entry| entry.media_type).collect();
    assert_eq!(media, [5]);
}

#[test]
fn later_exclusion_changes_no_copy() {
    let campus = with(seminar());
    campus.sync_until_done();
    let before = campus.kaltura.fingerprint();
    let settings = [(TYPES, "gallery_view,speaker_view,audio_transcript,closed_caption")];
    let run = campus.run_with(&settings, &["sync", "--format", "json"]);
    let done = |kind: &str| json!([kind, "done", null]);
    let expected =
        json!([done("CC"), ["M4A", "skip", "audio_beside_video"], done("MP4"), done("MP4"), done("TRANSCRIPT")]);
    assert_eq!(fates(&run), expected);
    assert_eq!(campus.kaltura.fingerprint(), before);
}

#[test]
fn begun_copy_of_excluded_type_finishes() {
    // the upload of the entry, then that of the child
    for hit in [1, 2] {
        let campus = with(seminar());
        campus.kaltura.faults().queue("uploadToken.upload", hit, Fault::answer(503, "busy"));
        let settings = [("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"), ("ZOOM2KALTURA_HTTP_RETRIES", "0")];
        campus.run_with(&settings, &["sync"]);
        assert_eq!((entries(&campus).len(), bare(&campus)), (hit, 1));
        let without: Vec<_> = settings.into_iter().chain([(TYPES, "gallery_view,speaker_view")]).collect();
        campus.run_with(&without, &["sync"]);
        std::thread::sleep(Duration::from_millis(200));
        campus.run_with(&without, &["sync"]);
        assert_eq!((entries(&campus).len(), bare(&campus)), (hit, 0));
    }
}

#[test]
fn report_counts_by_reason() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 5).topic("Private talk"));
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 4).lasting_minutes(5).chat(Media::chat()));
    campus.zoom.add_meeting(lecture("three==", 81_000_000_003, "ada", 3).lasting_minutes(5));
    campus.zoom.add_meeting(lecture("four==", 81_000_000_004, "guest", 2).chat(Media::chat()));
    let settings = [("ZOOM2KALTURA_FILTER_MIN_DURATION", "10m")];
    let report = campus.run_with(&settings, &["sync", "--dry-run", "--format", "json"]).report();
    let bytes = |meeting: usize| campus.zoom.meetings()[meeting].files().iter().map(RecordingFile::size).sum::<u64>();
    let chat = Media::chat().len();
    let expected = json!({
        "chat_off": {"recordings": 0, "files": 1, "bytes": chat},
        "no_account": {"recordings": 1, "files": 1, "bytes": bytes(3) - chat},
        "too_short": {"recordings": 2, "files": 3, "bytes": bytes(1) + bytes(2)},
        "topic_excluded": {"recordings": 1, "files": 1, "bytes": bytes(0)},
    });
    assert_eq!(report["reasons"], expected);
    let text = campus.run_with(&settings, &["sync", "--dry-run"]).out;
    let told = "\ncopy_as_orphan: 1 no_account\nskip: 2 too_short, 1 topic_excluded\n\
                other files of these recordings: 1 chat_off, 1 too_short\n";
    assert!(text.contains(told), "{text}");
}

#[test]
fn malformed_pattern_is_pointed_at() {
    let campus = with(seminar());
    let run = campus.run_with(&[("ZOOM2KALTURA_FILTER_EXCLUDE_TOPICS", "exam (mid|final")], &["sync"]);
    assert_eq!(run.exit, 2);
    let told = "filter.exclude_topics in environment ZOOM2KALTURA_FILTER_EXCLUDE_TOPICS contains the pattern \
                \"exam (mid|final\", which is malformed at character 6: unclosed group";
    assert!(run.err.contains(told) && run.err.lines().count() == 1, "{}", run.err);
    assert!(campus.zoom.log().calls().is_empty());
}
