//! A whole recording arrives: its views, its sound, its captions; each once, and together as one.

use std::time::Duration;

use serde_json::{Value, json};
use standin::fault::Fault;
use standin::kaltura::{Entry, TextAsset};
use standin::media::Media;
use standin::setup::HOLDING_USER;
use standin::zoom::{Meeting, Segment};

use crate::campus::{Campus, Run, hours_ago, lecture};

/// A seminar of Ada's with two further views, its sound, a transcript, closed captions, a chat and a timeline.
fn seminar() -> Meeting {
    Meeting::new("seminar==", 81_000_000_001, "Seminar")
        .host("ada")
        .starts(&hours_ago(5))
        .video("gallery_view", Media::mp4().salted(1).padded_to(8_000))
        .video("shared_screen_with_speaker_view", Media::mp4().salted(2).padded_to(9_000))
        .video("hologram", Media::mp4().salted(3).padded_to(10_000))
        .audio(Media::m4a())
        .transcript(Media::vtt())
        .closed_caption(Media::vtt())
        .chat(Media::chat())
        .timeline()
}

fn with(meeting: Meeting) -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(meeting);
    campus
}

/// The entry of the only segment, and its children.
fn family(campus: &Campus) -> (Entry, Vec<Entry>) {
    let alive = campus.kaltura.alive().into_iter();
    let (children, mut parents): (Vec<_>, Vec<_>) = alive.partition(|entry| !entry.parent_entry_id.is_empty());
    assert_eq!(parents.len(), 1, "{parents:?}");
    (parents.remove(0), children)
}

fn captions(campus: &Campus) -> Vec<TextAsset> {
    let mut found = campus.kaltura.texts_of(&family(campus).0.id);
    found.sort_by_key(|asset| asset.field("label").to_owned());
    found
}

fn labels(campus: &Campus) -> Vec<String> {
    captions(campus).iter().map(|asset| asset.field("label").to_owned()).collect()
}

/// What the report says of each file: type, action, reason, result.
fn fates(run: &Run) -> Value {
    let report = run.report();
    let files = report["items"][0]["files"].as_array().expect("files").clone();
    files.iter().map(|file| json!([file["type"], file["action"], file["reason"], file["result"]])).collect()
}

#[test]
fn best_view_becomes_the_entry() {
    let campus = with(seminar());
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
    let (parent, children) = family(&campus);
    let files = campus.zoom.meetings()[0].files();
    assert_eq!(campus.kaltura.sha256_of(&parent.id), Some(files[1].sha256()));
    assert_eq!(parent.name, "Seminar");
    for (child, (file, view)) in children.iter().zip([(&files[0], "gallery view"), (&files[2], "hologram")]) {
        assert_eq!(child.name, format!("Seminar ({view})"));
        assert_eq!(child.reference_id, format!("{}#{}", parent.reference_id, file.id));
        assert_eq!((&child.user_id, &child.parent_entry_id), (&parent.user_id, &parent.id));
        assert!(child.admin_tags.starts_with("zoom2kaltura,zoom2kaltura-by-"), "{}", child.admin_tags);
        assert_eq!(child.tags, "zoom");
        assert_eq!(campus.kaltura.sha256_of(&child.id), Some(file.sha256()));
    }
}

#[test]
fn report_tells_each_files_fate() {
    let campus = with(seminar());
    let run = campus.run(&["sync", "--format", "json"]);
    let expected = json!([
        ["MP4", "copy", null, "done"],
        ["MP4", "copy", null, "done"],
        ["MP4", "copy", null, "done"],
        ["M4A", "skip", "audio_beside_video", null],
        ["TRANSCRIPT", "copy", null, "done"],
        ["CHAT", "skip", "chat_off", null],
        ["TIMELINE", "skip", "attachment_off", null],
    ]);
    // how far Kaltura is with its processing depends on the machine
    let mut found: Value =
        serde_json::from_str(&fates(&run).to_string().replace("\"sent\"", "\"done\"")).expect("JSON");
    // closed captions have no size in Zoom's list, so they are told by what became of them
    let captions = found.as_array_mut().expect("files").remove(5);
    assert_eq!((captions, found), (json!(["CC", "copy", null, "done"]), expected));
    assert_eq!(run.report()["totals"]["copy"]["files"], 5);
}

#[test]
fn copy_is_made_in_one_order() {
    let campus = with(seminar());
    campus.run(&["sync"]);
    let calls = campus.kaltura.log().calls();
    let parts_are_named_too = |call: &&String| {
        [
            "uploadToken.add",
            "media.add",
            "uploadToken.upload",
            "caption_captionAsset.add",
            "caption_captionAsset.setContent",
        ]
        .contains(&call.as_str())
    };
    let story: Vec<&str> = calls.iter().filter(parts_are_named_too).map(String::as_str).collect();
    let entry = ["uploadToken.add", "media.add", "uploadToken.upload"];
    let caption = ["caption_captionAsset.add", "caption_captionAsset.setContent"];
    let expected: Vec<&str> = [&entry[..], &caption, &caption, &entry, &entry].concat();
    assert_eq!(story, expected, "the entry first, then the captions, then the children");
    let looked_at_parent =
        calls.windows(2).filter(|pair| pair[0] == "media.get" && pair[1] == "flavorAsset.getByEntryId");
    assert!(looked_at_parent.count() >= 4, "before anything is added to an entry it is looked at: {calls:?}");
}

#[test]
fn whole_recording_costs_nothing_more() {
    let campus = with(seminar());
    campus.sync_until_done();
    let (zoom, kaltura) = (campus.zoom.log(), campus.kaltura.log());
    zoom.clear();
    kaltura.clear();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(zoom.calls(), ["POST /oauth/token", "GET /accounts/me/recordings"]);
    assert!(kaltura.calls().is_empty(), "{:?}", kaltura.calls());
}

#[test]
fn only_best_view_where_wanted() {
    let campus = with(seminar());
    let settings = [("ZOOM2KALTURA_COPY_VIEWS", "best"), ("ZOOM2KALTURA_COPY_CAPTIONS", "false")];
    let run = campus.run_with(&settings, &["sync", "--format", "json"]);
    assert_eq!(fates(&run)[0], json!(["MP4", "skip", "further_view_left_out", null]));
    assert_eq!(fates(&run)[4], json!(["TRANSCRIPT", "skip", "captions_off", null]));
    let (parent, children) = family(&campus);
    assert!(children.is_empty() && campus.kaltura.texts_of(&parent.id).is_empty());
}

#[test]
fn configuration_chooses_the_best_view() {
    let campus = with(seminar());
    campus.run_with(&[("ZOOM2KALTURA_COPY_VIEW_ORDER", "hologram")], &["sync"]);
    let hologram = &campus.zoom.meetings()[0].files()[2];
    assert_eq!(campus.kaltura.sha256_of(&family(&campus).0.id), Some(hologram.sha256()));
}

#[test]
fn lone_sound_becomes_audio_entry() {
    let meeting = Meeting::new("sound==", 81_000_000_001, "Interview").host("ada").starts(&hours_ago(5));
    let campus = with(meeting.audio(Media::m4a()).transcript(Media::vtt()));
    campus.sync_until_done();
    let (entry, _) = family(&campus);
    assert_eq!(entry.media_type, 5);
    assert_eq!(campus.kaltura.sha256_of(&entry.id), Some(campus.zoom.meetings()[0].files()[0].sha256()));
    assert_eq!(labels(&campus), ["English (transcript)"]);
}

#[test]
fn sound_follows_its_setting() {
    let campus = with(seminar());
    campus.run_with(&[("ZOOM2KALTURA_COPY_AUDIO", "always")], &["sync"]);
    let audio = family(&campus).1.into_iter().filter(|child| child.media_type == 5).count();
    assert_eq!(audio, 1);
    let meeting = Meeting::new("sound==", 81_000_000_001, "Interview").host("ada").starts(&hours_ago(5));
    let campus = with(meeting.audio(Media::m4a()));
    let run = campus.run_with(&[("ZOOM2KALTURA_COPY_AUDIO", "never")], &["sync", "--format", "json"]);
    assert_eq!(fates(&run), json!([["M4A", "skip", "audio_off", null]]));
    assert!(campus.kaltura.entries().is_empty());
}

#[test]
fn description_follows_its_template() {
    let campus = Campus::new();
    let topic = "Optics 🎉\u{7}\nlecture 3";
    let views = Media::mp4().salted(9);
    campus.zoom.add_meeting(lecture("seminar==", 81_000_000_001, "guest", 5).topic(topic).video("gallery_view", views));
    let settings = [
        ("ZOOM2KALTURA_COPY_DESCRIPTION", "{topic}\n\nRecorded {date} {time} by {host} ({meeting_id})\n"),
        ("ZOOM2KALTURA_COPY_TIME_ZONE", "Asia/Kathmandu"),
    ];
    campus.sync_until_done_with(&settings);
    let start = campus.zoom.meetings()[0].files()[0].start + chrono::TimeDelta::minutes(345);
    let recorded = start.format("Recorded %Y-%m-%d %H:%M by guest@elsewhere.example (81000000001)");
    let expected = format!("Optics lecture 3\n\n{recorded}");
    let descriptions = || campus.kaltura.entries().into_iter().map(|entry| entry.description).collect::<Vec<_>>();
    assert_eq!(descriptions(), [expected.clone(), expected.clone()]);
    campus.kaltura.add_user("guest@elsewhere.example", "");
    campus.sync_until_done();
    let owners = campus.kaltura.entries().into_iter().map(|entry| entry.user_id).collect::<Vec<_>>();
    assert_eq!(owners, ["guest@elsewhere.example", "guest@elsewhere.example"]);
    assert_eq!(descriptions(), [expected.clone(), expected]);
    campus.zoom.add_meeting(lecture("plain==", 81_000_000_002, "ada", 4));
    campus.sync_until_done();
    assert_eq!(descriptions().iter().filter(|text| text.is_empty()).count(), 1, "none unless one is configured");
}

#[test]
fn captions_take_the_configured_language() {
    let campus = with(seminar());
    campus.run_with(&[("ZOOM2KALTURA_COPY_CAPTION_LANGUAGE", "German")], &["sync"]);
    let found = captions(&campus);
    let words = |asset: &TextAsset| ["label", "language", "format"].map(|name| asset.field(name).to_owned());
    let expected =
        ["German (closed captions)", "German (transcript)"].map(|label| [label, "German", "3"].map(str::to_owned));
    assert_eq!(found.iter().map(words).collect::<Vec<_>>(), expected);
    let vtt = Media::vtt();
    let said = String::from_utf8(vtt.read(0, vtt.len()).to_vec()).expect("text");
    assert!(found.iter().all(|asset| asset.content.as_deref() == Some(said.as_str())));
}

#[test]
fn unknown_language_gets_a_suggestion() {
    let campus = with(seminar());
    let of = |language| [("ZOOM2KALTURA_COPY_CAPTION_LANGUAGE", language)];
    for command in [&["config", "validate"][..], &["sync"]] {
        let run = campus.run_with(&of("de"), command);
        assert_eq!(run.exit, 2, "{}", run.err);
        assert!(run.err.contains("did you mean \"German\"?"), "{}", run.err);
    }
    // a server of another version may know others
    let run = campus.run_with(&of("Abaza"), &["sync"]);
    assert_eq!(run.exit, 3, "{}", run.err);
    assert!(run.err.contains("copy.caption_language") && run.err.contains("such as \"German\""), "{}", run.err);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn late_transcript_is_added_once() {
    let campus = with(lecture("late==", 81_000_000_001, "ada", 60));
    campus.sync_until_done();
    campus.zoom.change_meeting("late==", |meeting| meeting.transcript(Media::vtt()));
    campus.setup.age_lookback();
    let run = campus.run(&["sync", "--format", "json"]);
    let expected = json!([["MP4", "done", null, null], ["TRANSCRIPT", "copy", null, "done"]]);
    assert_eq!(fates(&run), expected);
    for _ in 0..2 {
        campus.run(&["sync"]);
    }
    assert_eq!(labels(&campus), ["English (transcript)"]);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn caption_faults_double_nothing() {
    let calls = ["caption_captionAsset.add", "caption_captionAsset.setContent"];
    let faults = [Fault::LostAnswer, Fault::Reset, Fault::answer(503, "busy"), Fault::html()];
    for (call, fault) in calls.into_iter().flat_map(|call| faults.iter().map(move |fault| (call, fault.clone()))) {
        for hits in [1, 6] {
            let campus = with(seminar());
            for hit in 1..=hits {
                campus.kaltura.faults().queue(call, hit, fault.clone());
            }
            let settings = [("ZOOM2KALTURA_HTTP_SETTLE", "100ms"), ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")];
            for _ in 0..hits {
                let run = campus.run_with(&settings, &["sync"]);
                assert!([0, 3, 5].contains(&run.exit), "{call} {fault:?}: {} {}", run.exit, run.err);
            }
            campus.sync_until_done();
            let found = captions(&campus);
            assert_eq!(labels(&campus), ["English (closed captions)", "English (transcript)"], "{call} {fault:?}");
            assert!(found.iter().all(|asset| asset.content.is_some()), "{call} {fault:?}");
        }
    }
}

#[test]
fn late_captions_end_up_once() {
    let campus = with(seminar());
    campus.kaltura.faults().queue("caption_captionAsset.add", 1, Fault::Late(Duration::from_millis(500)));
    let run = campus.run_with(&[("ZOOM2KALTURA_HTTP_SETTLE", "50ms")], &["sync"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(captions(&campus).len(), 3, "the first one came late");
    campus.sync_until_done();
    assert_eq!(labels(&campus), ["English (closed captions)", "English (transcript)"]);
    assert!(captions(&campus).iter().all(|asset| asset.content.is_some()));
}

#[test]
fn only_captions_are_shown_as_such() {
    let page = Fault::html();
    let chat = Fault::answer(200, "09:00:00 From Ada to Everyone: hello");
    for fault in [page, chat] {
        let campus = with(lecture("odd==", 81_000_000_001, "ada", 5).transcript(Media::vtt()));
        for hit in 2..=3 {
            campus.zoom.faults().queue("GET /rec/download", hit, fault.clone());
        }
        let run = campus.run(&["sync", "--format", "json"]);
        assert_eq!(run.exit, 3, "{}", run.err);
        assert_eq!(fates(&run)[1], json!(["TRANSCRIPT", "copy", null, "failed"]));
        assert!(labels(&campus).is_empty());
    }
}

#[test]
fn best_view_is_waited_for() {
    let meeting = lecture("views==", 81_000_000_001, "ada", 2)
        .video("shared_screen_with_speaker_view", Media::mp4().salted(9).padded_to(9_000))
        .still_processing();
    let campus = with(meeting);
    assert_eq!(campus.run(&["sync", "--format", "json"]).report()["items"][0]["reason"], "processing");
    assert!(campus.kaltura.entries().is_empty());
    campus.zoom.finish_processing("views==");
    campus.sync_until_done();
    let best = &campus.zoom.meetings()[0].files()[1];
    assert_eq!(campus.kaltura.sha256_of(&family(&campus).0.id), Some(best.sha256()));
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn slow_view_becomes_a_child() {
    let meeting = lecture("views==", 81_000_000_001, "ada", 27)
        .video("shared_screen_with_speaker_view", Media::mp4().salted(9).padded_to(9_000))
        .still_processing();
    let campus = with(meeting);
    campus.kaltura.process_for(std::time::Duration::ZERO);
    campus.run(&["sync"]);
    campus.run(&["sync"]);
    let report = campus.run(&["sync", "--format", "json"]).report();
    let item = &report["items"][0];
    assert_eq!(json!([item["action"], item["reason"]]), json!(["wait", "processing"]), "{report:#}");
    assert!(family(&campus).1.is_empty());
    campus.zoom.finish_processing("views==");
    campus.sync_until_done();
    assert_eq!(family(&campus).1.len(), 1);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn child_follows_its_parents_owner() {
    let campus = with(lecture("given==", 81_000_000_001, "guest", 30));
    campus.sync_until_done();
    campus.setup.age_lookback();
    campus.kaltura.set_owner(&family(&campus).0.id, "ada@uni.example");
    campus.zoom.change_meeting("given==", |meeting| meeting.video("gallery_view", Media::mp4().padded_to(8_000)));
    campus.sync_until_done();
    assert_eq!(family(&campus).1[0].user_id, "ada@uni.example");
}

#[test]
fn deleted_owner_gets_no_child() {
    let campus = with(lecture("left==", 81_000_000_001, "ada", 30));
    campus.sync_until_done();
    campus.setup.age_lookback();
    campus.kaltura.delete_user("ada@uni.example");
    campus.zoom.change_meeting("left==", |meeting| meeting.video("gallery_view", Media::mp4().padded_to(8_000)));
    let run = campus.run(&["sync"]);
    assert_eq!(run.exit, 3);
    assert!(run.err.contains("no longer exists; give the entry to another user"), "{}", run.err);
    assert!(family(&campus).1.is_empty());
    let ada = campus.kaltura.users().into_iter().filter(|user| user.id == "ada@uni.example").count();
    assert_eq!(ada, 1, "nobody of that name was made anew");
}

/// What people do to an entry.
type Change = fn(&Campus, &str);

#[test]
fn changed_entries_get_nothing_added() {
    let trim: Change = |campus, id| campus.kaltura.replace_source(id, b"trimmed by its owner");
    let delete: Change = |campus, id| campus.kaltura.delete_entry(id);
    let cases = [(trim, "edited_in_kaltura"), (delete, "deleted_in_kaltura")];
    for (change, reason) in cases {
        let campus = with(lecture("theirs==", 81_000_000_001, "ada", 30));
        campus.sync_until_done();
        let id = campus.kaltura.entries()[0].id.clone();
        change(&campus, &id);
        campus.zoom.change_meeting("theirs==", |meeting| {
            meeting.video("gallery_view", Media::mp4().padded_to(8_000)).transcript(Media::vtt())
        });
        for _ in 0..2 {
            campus.setup.age_lookback();
            let run = campus.run(&["sync", "--format", "json"]);
            assert_eq!(run.exit, 0, "{}", run.err);
            let report = run.report();
            assert_eq!(report["items"][0]["files"][2]["reason"], reason, "{report:#}");
        }
        campus.kaltura.log().clear();
        campus.run(&["sync"]);
        assert!(campus.kaltura.log().calls().is_empty(), "it is not looked at again in every run");
        assert_eq!(campus.kaltura.entries().len(), 1);
        assert!(campus.kaltura.texts_of(&id).is_empty());
    }
}

#[test]
fn segments_are_numbered_in_titles() {
    let (first, second) = (hours_ago(6), hours_ago(5));
    let part = |time: &str, salt| Segment::starting(time).video("shared_screen", Media::mp4().salted(salt));
    let meeting = || {
        Meeting::new("break==", 81_000_000_001, "With a \u{7}break\u{200B}")
            .host("ada")
            .starts(&first)
            .segment(part(&first, 1))
            .segment(part(&second, 2))
    };
    let names = |settings: &[(&str, &str)]| {
        let campus = with(meeting());
        campus.run_with(settings, &["sync"]);
        let mut names: Vec<String> = campus.kaltura.entries().into_iter().map(|entry| entry.name).collect();
        names.sort();
        names
    };
    assert_eq!(names(&[]), ["With a break (1)", "With a break (2)"]);
    let title = [("ZOOM2KALTURA_COPY_TITLE", "{host}: {topic}, part {segment}")];
    assert_eq!(names(&title), ["ada@uni.example: With a break, part 1", "ada@uni.example: With a break, part 2"]);
}

#[test]
fn other_playing_time_is_reported_once() {
    let meeting = Meeting::new("short==", 81_000_000_001, "Broken off").host("ada").starts(&hours_ago(5));
    let campus = with(meeting.video("shared_screen", Media::mp4().lasting(20)));
    campus.kaltura.process_for(std::time::Duration::MAX);
    campus.run(&["sync"]);
    campus.kaltura.process_for(std::time::Duration::ZERO);
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(run.err.contains("another time than the 50 minutes"), "{}", run.err);
    assert_eq!(run.report()["items"][0]["reason"], "duration_differs");
    let again = campus.run(&["sync", "--format", "json"]);
    assert_eq!((again.exit, again.err.as_str()), (0, ""));
    assert_eq!(again.report()["items"][0]["reason"], "duration_differs");
    assert_eq!(campus.kaltura.entries().len(), 1);
}

#[test]
fn orphan_is_purged_whole() {
    let guest = seminar().host("guest");
    let campus = with(guest);
    campus.sync_until_done();
    assert!(campus.kaltura.entries().iter().all(|entry| entry.user_id == HOLDING_USER));
    assert_eq!(campus.run(&["purge"]).exit, 0);
    assert_eq!(family(&campus).1.len(), 2, "it is not a day old");
    let report = campus.run(&["purge", "--older-than", "0s", "--format", "json"]).report();
    assert_eq!(report["totals"]["delete"]["recordings"], 1);
    assert!(campus.kaltura.entries().iter().all(|entry| entry.status == 3));
    let after = campus.run(&["sync", "--format", "json"]);
    assert_eq!(after.report()["items"][0]["reason"], "purged");
    assert_eq!(fates(&after)[0], json!(["MP4", "skip", "purged", null]));
    let again = ["backfill", "--from", "2020-01-01", "--to", "2099-01-01", "--recopy-purged"];
    assert_eq!(campus.run(&again[..1]).exit, 2);
    let (from, to) = (hours_ago(30), hours_ago(-30));
    let again = ["backfill", "--from", &from[..10], "--to", &to[..10], "--recopy-purged"];
    assert_eq!(campus.run(&again).exit, 0);
    let (_, children) = family(&campus);
    assert_eq!((children.len(), labels(&campus).len()), (2, 2), "all of it is there again");
}
