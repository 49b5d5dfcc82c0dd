//! Zoom's trash: only what is safely in Kaltura goes there, only when it is told to, and only once.

use chrono::TimeDelta;
use serde_json::{Value, json};
use standin::fault::Fault;
use standin::kaltura::{Kaltura, Seed};
use standin::media::Media;
use standin::zoom::{Meeting, Segment, Zoom};

use crate::campus::{Campus, Run, hours_ago, lecture};

const SCOPE: &str = "cloud_recording:delete:recording_file:admin";
const DELETE: &str = "DELETE /meetings/{}/recordings/{}";
const ON: (&str, &str) = ("ZOOM2KALTURA_ZOOM_TRASH_AFTER", "7d");
const NO_RETRIES: (&str, &str) = ("ZOOM2KALTURA_HTTP_RETRIES", "0");

fn empty() -> Campus {
    Campus::of(Zoom::builder().with_scope(SCOPE).start(), Kaltura::start())
}

/// Two views, the sound, what was said and the chat.
fn whole(uuid: &str, number: i64, host: &str) -> Meeting {
    lecture(uuid, number, host, 5)
        .with_id(&format!("{number}-screen"))
        .video("gallery_view", Media::mp4().salted(number.unsigned_abs() + 1000))
        .with_id(&format!("{number}-gallery"))
        .audio(Media::m4a())
        .transcript(Media::vtt())
        .chat(Media::chat())
}

/// Everything of it is in Kaltura, confirmed eight days ago.
fn copied_long_ago(meeting: Meeting) -> Campus {
    let campus = empty();
    campus.zoom.add_meeting(meeting);
    campus.sync_until_done();
    campus.setup.age_confirmations(TimeDelta::days(8));
    campus
}

fn campus() -> Campus {
    // what Zoom tells of participants only where it is asked for the meeting keeps nothing
    copied_long_ago(whole("ada==", 81_000_000_001, "ada").participant_audio("Bert"))
}

const VIEWS: [&str; 2] = ["81000000001-screen", "81000000001-gallery"];

fn sync(campus: &Campus) -> Run {
    campus.run_with(&[ON], &["sync", "--format", "json"])
}

/// Action, reason and result of each file, by its type.
fn fates(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let files = report["items"].as_array().expect("items").iter().filter_map(|item| item["files"].as_array());
    let fate = |file: &Value| ["type", "action", "reason", "result"].map(|key| text(&file[key])).join(" ");
    files.flatten().map(fate).collect()
}

#[test]
fn safe_copies_go_the_rest_stays() {
    let campus = campus();
    let before = (campus.state(), campus.zoom.fingerprint(), campus.kaltura.fingerprint());
    let dry = campus.run_with(&[ON], &["sync", "--dry-run", "--format", "json"]);
    assert_eq!((campus.state(), campus.zoom.fingerprint(), campus.kaltura.fingerprint()), before);
    let expected = [
        "MP4 trash - -",
        "MP4 trash - -",
        "M4A skip audio_beside_video -",
        "TRANSCRIPT done - -",
        "CHAT skip chat_off -",
    ];
    assert_eq!((dry.exit, fates(&dry.report())), (0, expected.map(str::to_owned).to_vec()));
    let run = sync(&campus);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let report = run.report();
    assert_eq!(fates(&report)[..2], ["MP4 trash - done", "MP4 trash - done"]);
    assert_eq!((&report["items"][0]["action"], &report["items"][0]["result"]), (&json!("trash"), &json!("done")));
    assert_eq!((&report["totals"]["trash"]["recordings"], &report["totals"]["trash"]["files"]), (&json!(1), &json!(2)));
    assert_eq!(campus.zoom.trash(), VIEWS);
    assert_eq!(campus.zoom.meetings()[0].files().len(), 3);
    // the sound that is left is no recording without a picture, and nothing is missed
    let again = sync(&campus);
    assert_eq!((again.exit, again.report()["totals"]["copy"]["files"].clone()), (0, json!(0)), "{}", again.out);
    assert_eq!((campus.zoom.trash().len(), campus.kaltura.entries().len()), (2, 2));
    assert_eq!(campus.zoom.log().count(DELETE), 2);
    assert_eq!(campus.run(&["verify"]).exit, 0);
    assert_eq!(campus.run(&["status", "--alert"]).exit, 0);
    let story = campus.run(&["explain", "81000000001"]).out;
    assert!(
        story.contains("safely in Kaltura; no longer in Zoom since") && story.contains("put into Zoom's trash"),
        "{story}"
    );
}

#[test]
fn without_it_zoom_is_only_read() {
    let campus = campus();
    for args in [
        &["sync"][..],
        &["backfill", "--from", &hours_ago(96)[..10], "--to", &hours_ago(0)[..10]],
        &["purge", "--older-than", "0s"],
        &["verify"],
        &["check"],
        &["explain", "81000000001"],
        &["retry", "--failed"],
    ] {
        campus.run(args);
    }
    let calls = campus.zoom.log().calls();
    let reads = |call: &String| call.starts_with("GET ") || call == "POST /oauth/token";
    assert!(calls.len() > 10 && calls.iter().all(reads), "{calls:?}");
    assert!(campus.zoom.writes().is_empty());
}

#[test]
fn files_stay_until_confirmed_long_enough() {
    let campus = empty();
    campus.zoom.add_meeting(whole("ada==", 81_000_000_001, "ada"));
    campus.sync_until_done_with(&[ON]);
    campus.setup.age_confirmations(TimeDelta::days(7) - TimeDelta::minutes(5));
    assert_eq!(sync(&campus).exit, 0);
    assert!(campus.zoom.trash().is_empty());
    // a view that came later than the others lets the whole recording wait
    campus.setup.age_confirmations(TimeDelta::minutes(10));
    campus
        .zoom
        .change_meeting("ada==", |meeting| meeting.video("speaker_view", Media::mp4().salted(9)).with_id("late"));
    campus.sync_until_done_with(&[ON]);
    assert!(campus.zoom.trash().is_empty());
    campus.setup.age_confirmations(TimeDelta::days(7));
    assert_eq!(sync(&campus).exit, 0);
    assert_eq!(campus.zoom.trash().len(), 3);
}

#[test]
fn orphans_stay_until_they_are_owned() {
    let campus = copied_long_ago(whole("guest==", 81_000_000_001, "guest"));
    assert_eq!(sync(&campus).exit, 0);
    assert!(campus.zoom.trash().is_empty());
    assert_eq!(campus.run(&["purge", "--older-than", "0s"]).exit, 0);
    assert_eq!(sync(&campus).exit, 0);
    assert!(campus.zoom.trash().is_empty(), "what was purged is in Zoom alone");
}

#[test]
fn another_tools_copies_stay() {
    let campus = empty();
    let meeting = whole("ada==", 81_000_000_001, "ada");
    let theirs = format!("Zoom_ada=={}", meeting.files()[0].start.format("%Y-%m-%dT%H:%M:%SZ"));
    campus.kaltura.add_entry(&Seed { reference_id: theirs, user_id: "ada@uni.example".to_owned(), ..Seed::default() });
    campus.zoom.add_meeting(meeting);
    for _ in 0..2 {
        let run = sync(&campus);
        assert_eq!((run.exit, &run.report()["items"][0]["reason"]), (0, &json!("copied_by_another_tool")));
    }
    assert!(campus.zoom.trash().is_empty());
}

/// Nothing goes to the trash, for this reason, and it is not looked at again by the next run.
fn stays(campus: &Campus, reason: &str) {
    let run = sync(campus);
    assert_eq!((run.exit, run.err.as_str()), (0, ""), "{reason}");
    let told = fates(&run.report());
    assert!(told.iter().any(|fate| fate.contains(reason)), "{reason}: {told:?}");
    assert!(campus.zoom.trash().is_empty() && campus.zoom.writes().is_empty(), "{reason}");
    campus.kaltura.log().clear();
    assert_eq!(sync(campus).exit, 0);
    assert!(campus.kaltura.log().calls().is_empty(), "{reason}: {:?}", campus.kaltura.log().calls());
    assert!(campus.zoom.trash().is_empty(), "{reason}");
}

/// What an owner makes of a lecture.
fn trimmed() -> Vec<u8> {
    let media = Media::mp4().lasting(2000).padded_to(900_000);
    media.read(0, media.len()).to_vec()
}

#[test]
fn changed_copies_keep_the_recording() {
    type Deed = fn(&Campus, &str);
    let deeds: [(Deed, &str); 5] = [
        (|campus, id| campus.kaltura.delete_entry(id), "deleted_in_kaltura"),
        (|campus, id| campus.kaltura.forget_entry(id), "deleted_in_kaltura"),
        (|campus, id| campus.kaltura.set_owner(id, "eve@uni.example"), "owner_changed"),
        (|campus, id| campus.kaltura.set_status(id, -1), "conversion_failed"),
        (|campus, id| campus.kaltura.replace_source(id, &trimmed()), "edited_in_kaltura"),
    ];
    for (deed, reason) in deeds {
        for is_child in [false, true] {
            let campus = campus();
            campus.kaltura.add_user("eve@uni.example", "");
            let entries = campus.kaltura.entries();
            let entry = entries.iter().find(|entry| entry.parent_entry_id.is_empty() != is_child).expect("an entry");
            deed(&campus, &entry.id);
            // what has a new source is processed anew
            std::thread::sleep(std::time::Duration::from_millis(150));
            // an index that was not told of it would be no witness, and is not asked
            stays(&campus, reason);
        }
    }
}

#[test]
fn recordings_changed_since_copying_stay() {
    let campus = campus();
    campus.zoom.change_meeting("ada==", |meeting| meeting.chat(Media::chat()).video("speaker_view", Media::mp4()));
    campus.zoom.change_meeting("ada==", Meeting::still_processing);
    assert_eq!(sync(&campus).exit, 0);
    assert!(campus.zoom.trash().is_empty(), "a view is on its way");

    let trimmed = copied_long_ago(lecture("ada==", 81_000_000_001, "ada", 5));
    trimmed.zoom.change_meeting("ada==", |meeting| meeting.listed_as(77));
    let run = sync(&trimmed);
    assert_eq!((run.exit, fates(&run.report())), (0, vec!["MP4 done changed_in_zoom -".to_owned()]));
    assert!(trimmed.zoom.trash().is_empty());
}

#[test]
fn changes_before_the_last_look_count() {
    let campus = campus();
    let pause = Fault::Stall(std::time::Duration::from_millis(800));
    campus.zoom.faults().queue("GET /meetings/{}/recordings", 1, pause);
    let looks = || campus.zoom.log().count("GET /meetings/{}/recordings");
    let before = looks();
    let run = std::thread::scope(|scope| {
        let run = scope.spawn(|| sync(&campus));
        while looks() == before {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        campus.zoom.change_meeting("ada==", |meeting| {
            meeting.transcript(Media::vtt()).video("speaker_view", Media::mp4()).still_processing()
        });
        campus.zoom.change_meeting("ada==", Meeting::processing);
        run.join().expect("a run")
    });
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(fates(&run.report()).contains(&"MP4 done changed_in_zoom -".to_owned()), "{}", run.out);
    assert!(campus.zoom.writes().is_empty());
}

#[test]
fn opted_out_hosts_recordings_stay() {
    let campus = campus();
    let list = campus.setup.path().join("out.txt");
    std::fs::write(&list, "ada@uni.example\n").expect("a list");
    let out = ("ZOOM2KALTURA_FILTER_OPT_OUT", list.to_str().expect("a path"));
    assert_eq!(campus.run_with(&[ON, out], &["sync"]).exit, 0);
    assert!(campus.zoom.writes().is_empty());
}

#[test]
fn partly_given_up_recording_stays() {
    let campus = copied_long_ago(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.zoom.change_meeting("ada==", |meeting| meeting.video("gallery_view", Media::mp4().salted(3)).listed_as(77));
    let once = ("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "1");
    for _ in 0..3 {
        campus.run_with(&[ON, once], &["sync"]);
    }
    let run = campus.run_with(&[ON, once], &["sync", "--format", "json"]);
    assert_eq!(fates(&run.report()), ["MP4 done - -", "MP4 skip given_up -"], "{}", run.out);
    assert!(campus.zoom.writes().is_empty());
}

#[test]
fn recovered_files_are_left_alone() {
    let campus = campus();
    assert_eq!(sync(&campus).exit, 0);
    campus.zoom.recover("ada==");
    campus.setup.age_confirmations(TimeDelta::days(30));
    let run = sync(&campus);
    assert_eq!((run.exit, &run.report()["totals"]["trash"]["files"]), (0, &json!(0)));
    assert!(campus.zoom.trash().is_empty());
    assert_eq!(campus.kaltura.entries().len(), 2);
}

#[test]
fn emptied_recording_is_not_missed() {
    let campus = copied_long_ago(lecture("ada==", 81_000_000_001, "ada", 5));
    assert_eq!(sync(&campus).exit, 0);
    let run = sync(&campus);
    assert_eq!((run.exit, &run.report()["items"]), (0, &json!([])), "the meeting is in no list any more");
    assert_eq!((campus.run(&["verify"]).exit, campus.run(&["status", "--alert"]).exit), (0, 0));
    // nor without a ledger, as nothing lists it
    campus.lose_ledger();
    assert_eq!((sync(&campus).exit, campus.kaltura.entries().len()), (0, 1));
}

#[test]
fn leftovers_are_no_recording_without_ledger() {
    let campus = campus();
    assert_eq!(sync(&campus).exit, 0);
    campus.lose_ledger();
    for _ in 0..2 {
        assert_eq!(sync(&campus).exit, 0);
    }
    assert_eq!(campus.kaltura.entries().len(), 2);
}

#[test]
fn late_transcript_follows_trashed_video() {
    let campus = copied_long_ago(lecture("ada==", 81_000_000_001, "ada", 5).chat(Media::chat()));
    assert_eq!(sync(&campus).exit, 0);
    campus.zoom.change_meeting("ada==", |meeting| meeting.transcript(Media::vtt()));
    assert_eq!(sync(&campus).exit, 0);
    let entry = campus.kaltura.entries().remove(0);
    assert_eq!(campus.kaltura.texts_of(&entry.id).len(), 1);
    assert_eq!(campus.zoom.trash().len(), 1);
}

#[test]
fn odd_uuids_and_segments_find_files() {
    for uuid in ["/ada==", "a//da==", "a/da=="] {
        let second = Segment::starting(&hours_ago(3)).video("shared_screen", Media::mp4().salted(2));
        let campus = copied_long_ago(lecture(uuid, 81_000_000_001, "ada", 5).segment(second));
        let run = sync(&campus);
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{uuid}");
        assert_eq!(campus.zoom.trash().len(), 2, "{uuid}");
    }
}

#[test]
fn backfill_trashes_what_sync_misses() {
    let campus = empty();
    campus.zoom.add_meeting(lecture("old==", 81_000_000_001, "ada", 24 * 70));
    let days = [&hours_ago(24 * 71)[..10], &hours_ago(24 * 69)[..10]].map(str::to_owned);
    let backfill = ["backfill", "--from", &days[0], "--to", &days[1]];
    let waits = || {
        let run = campus.run_with(&[ON], &[&backfill[..], &["--format", "json"]].concat());
        assert_eq!(run.exit, 0, "{}", run.err);
        run.waits_for_kaltura()
    };
    let is_done = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        !waits()
    });
    assert!(is_done, "Kaltura takes its time");
    campus.setup.age_confirmations(TimeDelta::days(8));
    assert_eq!(sync(&campus).exit, 0);
    assert!(campus.zoom.trash().is_empty());
    assert_eq!(campus.run_with(&[ON], &backfill).exit, 0);
    assert_eq!(campus.zoom.trash().len(), 1);
}

#[test]
fn parallel_deletions_are_waited_out() {
    let campus = empty();
    for number in 1..=4 {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", 5));
    }
    campus.sync_until_done();
    campus.setup.age_confirmations(TimeDelta::days(8));
    let run = sync(&campus);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    assert_eq!(campus.zoom.trash().len(), 4);
}

#[test]
fn too_many_files_stop_trash_only() {
    let campus = campus();
    campus.zoom.add_meeting(lecture("new==", 81_000_000_002, "ada", 4));
    let most = ("ZOOM2KALTURA_ZOOM_TRASH_MAX_FILES", "1");
    for args in [&["sync", "--dry-run", "--format", "json"][..], &["sync", "--format", "json"]] {
        let run = campus.run_with(&[ON, most], args);
        assert_eq!((run.exit, run.err.lines().count()), (6, 1), "{}", run.err);
        for said in ["2 recording files", "max_files allows 1", "nothing went there", "ZOOM_TRASH_MAX_FILES=2"] {
            assert!(run.err.contains(said), "{}", run.err);
        }
        assert!(fates(&run.report()).contains(&"MP4 done zoom_trash_held_back -".to_owned()), "{}", run.out);
    }
    assert!(campus.zoom.writes().is_empty());
    assert_eq!(campus.kaltura.entries().len(), 3);
    let most = ("ZOOM2KALTURA_ZOOM_TRASH_MAX_FILES", "2");
    assert_eq!(campus.run_with(&[ON, most], &["sync"]).exit, 0);
    assert_eq!(campus.zoom.trash(), VIEWS);
}

#[test]
fn missing_scope_is_named_copying_continues() {
    let campus = Campus::new();
    campus.zoom.add_meeting(whole("ada==", 81_000_000_001, "ada"));
    campus.sync_until_done();
    campus.setup.age_confirmations(TimeDelta::days(8));
    campus.zoom.add_meeting(lecture("new==", 81_000_000_002, "ada", 4));
    let run = sync(&campus);
    assert_eq!(run.exit, 4);
    assert!(run.err.contains(SCOPE) && run.err.lines().count() == 1, "{}", run.err);
    assert_eq!((campus.kaltura.entries().len(), campus.zoom.log().count(DELETE)), (3, 1));
    let check = campus.run_with(&[ON], &["check"]);
    assert!(check.exit == 7 && check.out.contains(&format!("missing: {SCOPE}")), "{}", check.out);
    assert!(!campus.run(&["check"]).out.contains(SCOPE));
}

#[test]
fn next_runs_finish_failed_trashing() {
    let faults = [
        Fault::answer(503, "busy"),
        Fault::Reset,
        Fault::LostAnswer,
        Fault::garbage(),
        Fault::html(),
        Fault::zoom_error(429, 429, "You have reached the maximum daily rate limit for this API."),
        Fault::zoom_error(400, 3303, "You can not delete an uncompleted meeting."),
        Fault::zoom_error(404, 1001, "User does not exist."),
        Fault::json(404, r#"{"message":"Meeting recording file not found"}"#),
        Fault::zoom_error(200, 200, "You do not have the right permissions."),
        Fault::answer(200, ""),
    ];
    let look = "GET /meetings/{}/recordings";
    // what an answer says matters at the deletion; at the others, that it goes wrong
    let calls =
        [(DELETE, 1, 11), (DELETE, 2, 4), (look, 1, 4), ("GET /accounts/me/recordings", 1, 1), ("multirequest", 1, 4)];
    for (call, hit, most) in calls {
        for fault in &faults[..most] {
            let campus = campus();
            let queue = if call == "multirequest" { campus.kaltura.faults() } else { campus.zoom.faults() };
            queue.queue(call, hit, fault.clone());
            let run = campus.run_with(&[ON, NO_RETRIES], &["sync"]);
            let told = format!("{call} {hit} {fault:?}: {} {}", run.exit, run.err);
            assert!([0, 1, 3, 4, 5].contains(&run.exit), "{told}");
            let trash = campus.zoom.trash();
            assert!(run.exit > 0 || trash == VIEWS || matches!(fault, Fault::Answer { .. }), "{told}");
            assert!(run.exit == 0 || !run.err.is_empty(), "{told}");
            campus.setup.age_trash(TimeDelta::days(1));
            let was_down = run.exit == 5;
            let run = campus.run_with(&[ON], &["sync"]);
            // whoever heard of an outage hears of its end
            assert!(run.exit == 0 && run.err.lines().count() == usize::from(was_down), "{told}: {}", run.err);
            assert_eq!(run.err.contains(" answers again: "), was_down, "{told}: {}", run.err);
            assert_eq!(campus.zoom.trash(), VIEWS, "{told}");
        }
    }
}

#[test]
fn failure_is_reported_once_daily() {
    let campus = campus();
    let uncompleted = Fault::zoom_error(400, 3303, "You can not delete an uncompleted meeting.");
    campus.zoom.faults().queue(DELETE, 1, uncompleted);
    let run = sync(&campus);
    assert_eq!((run.exit, run.err.lines().count()), (3, 1), "{}", run.err);
    assert!(run.err.contains("\"Lecture 81000000001\"") && run.err.contains("3303"), "{}", run.err);
    assert_eq!(fates(&run.report())[..2], ["MP4 trash - failed", "MP4 trash - done"]);
    assert_eq!(run.report()["totals"]["failed"]["recordings"], 1);
    // of the copy nothing is owed, whatever becomes of its file in Zoom
    let story = campus.run(&["explain", "81000000001"]).out;
    assert!(
        story.contains("now: safely in Kaltura\n") && story.contains("not put into Zoom's trash: Zoom: "),
        "{story}"
    );
    assert!(story.lines().all(|line| !line.ends_with("  trash") && !line.contains("retry")), "{story}");
    let quiet = sync(&campus);
    assert_eq!((quiet.exit, campus.zoom.trash().len()), (0, 1));
    campus.setup.age_trash(TimeDelta::days(1));
    assert_eq!((sync(&campus).exit, campus.zoom.trash().len()), (0, 2));
}

#[test]
fn files_in_use_stay_without_failure() {
    let campus = campus();
    let used = Fault::zoom_error(400, 3332, "This recording was selected for a simulive webinar.");
    campus.zoom.faults().queue(DELETE, 1, used);
    let run = sync(&campus);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    assert_eq!(fates(&run.report())[..2], ["MP4 done used_in_zoom -", "MP4 trash - done"]);
    let story = campus.run(&["explain", "81000000001"]).out;
    assert!(story.contains("not put into Zoom's trash: it stays in Zoom, which still uses it"), "{story}");
}

#[test]
fn time_limit_ends_waiting_for_zoom() {
    let campus = campus();
    campus.zoom.faults().queue(DELETE, 1, Fault::Stall(std::time::Duration::from_secs(30)));
    let began = std::time::Instant::now();
    let run = campus.run_with(&[ON], &["sync", "--max-duration", "2s"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    assert!(began.elapsed() < std::time::Duration::from_secs(12), "{:?}", began.elapsed());
    assert_eq!(sync(&campus).exit, 0);
    assert_eq!(campus.zoom.trash(), VIEWS);
}

#[test]
fn lost_request_repeats_for_a_day() {
    for (age, expected) in [(TimeDelta::hours(23), 2), (TimeDelta::hours(25), 1)] {
        let campus = campus();
        campus.zoom.faults().queue(DELETE, 1, Fault::Reset);
        campus.zoom.faults().queue("GET /meetings/{}/recordings", 2, Fault::answer(503, "busy"));
        let run = campus.run_with(&[ON, NO_RETRIES], &["sync"]);
        assert_eq!((run.exit, campus.zoom.trash().len()), (5, 0), "{}", run.err);
        campus.setup.age_trash(age);
        assert_eq!(sync(&campus).exit, 0);
        assert_eq!(campus.zoom.trash().len(), expected, "after {age}");
    }
}
