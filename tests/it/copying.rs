//! A recording travels: its bytes, its owner, its marks; and it travels once.

use std::time::Duration;

use serde_json::json;

use crate::campus::{Campus, hours_ago, lecture};
use crate::standin::kaltura::Kaltura;
use crate::standin::media::Media;
use crate::standin::setup::HOLDING_USER;
use crate::standin::zoom::{Meeting, Segment, Zoom};

#[test]
fn a_lecture_arrives_with_its_bytes_its_owner_and_its_marks() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada+one/==", 81_234_567_890, "ada", 5));
    campus.sync_until_done();
    let entries = campus.kaltura.entries();
    assert_eq!(entries.len(), 1, "{entries:?}");
    let (entry, file) = (&entries[0], &campus.zoom.meetings()[0].files()[0]);
    assert_eq!(campus.kaltura.sha256_of(&entry.id), Some(file.sha256()));
    assert_eq!(entry.user_id, "ada@uni.example");
    assert_eq!(entry.name, "Lecture 81234567890");
    assert_eq!(entry.reference_id, format!("Zoom_ada+one/=={}", recording_start(&campus, "ada+one/==")));
    assert_eq!(entry.admin_tags, campus.tags(false));
    assert_eq!(entry.tags, "zoom");
}

/// `recording_start` as the report has it, which is as Zoom gives it.
fn recording_start(campus: &Campus, uuid: &str) -> String {
    let report = campus.run(&["sync", "--dry-run", "--format", "json"]).report();
    let items = report["items"].as_array().expect("items").clone();
    let item = items.into_iter().find(|item| item["meeting_uuid"] == uuid).expect("the meeting is reported");
    item["recording_start"].as_str().expect("a text").to_owned()
}

#[test]
fn every_recording_arrives_whatever_its_size_uuid_topic_or_kind() {
    let campus = Campus::new();
    let big = Media::mp4().salted(9).padded_to(3_600_000);
    let chunked = Meeting::new("chunked==", 81_000_000_001, "In chunks").host("ada").starts(&hours_ago(9));
    let webinar = Meeting::new("webinar==", 81_000_000_002, "Webinar").webinar().host("ada").starts(&hours_ago(8));
    let emoji = Meeting::new("//emoji==", 81_000_000_003, "🧬 Größe \u{200B}").host("ada").starts(&hours_ago(7));
    campus.zoom.add_meeting(chunked.video("shared_screen", big));
    campus.zoom.add_meeting(webinar.video("active_speaker", Media::mp4().salted(2)));
    campus.zoom.add_meeting(emoji.video("hologram", Media::mp4().salted(3)));
    let run = campus.run_with(&[("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1")], &["sync"]);
    assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (0, "", ""), "a clean run says nothing");
    let names: Vec<String> = campus.kaltura.entries().into_iter().map(|entry| entry.name).collect();
    assert!(names.contains(&"Größe".to_owned()), "{names:?}");
    assert_eq!(campus.kaltura.log().count("uploadToken.upload"), 4 + 1 + 1, "3.6 MB go in four chunks of a MiB");
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn two_segments_of_one_meeting_become_two_entries() {
    let campus = Campus::new();
    let (first, second) = (hours_ago(6), hours_ago(5));
    let meeting = Meeting::new("stopstart==", 81_000_000_001, "Stop and start").host("ada").starts(&first);
    let part = |time: &str, salt| Segment::starting(time).video("shared_screen", Media::mp4().salted(salt));
    campus.zoom.add_meeting(meeting.segment(part(&first, 1)).segment(part(&second, 2)));
    campus.sync_until_done();
    assert_eq!(campus.kaltura.entries().len(), 2);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn a_host_without_an_account_gets_a_copy_under_the_holding_user() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 5));
    let report = campus.run(&["sync", "--format", "json"]).report();
    let item = &report["items"][0];
    let found = json!([item["action"], item["reason"], item["owner"]]);
    assert_eq!(found, json!(["copy_as_orphan", "no_account", HOLDING_USER]));
    assert_eq!(campus.kaltura.entries()[0].user_id, HOLDING_USER);
    let users = campus.kaltura.users();
    assert!(!users.iter().any(|user| user.id.contains("guest")), "Kaltura would create whatever owner it is sent");
}

#[test]
fn a_blocked_account_is_nobody() {
    let campus = Campus::new();
    campus.kaltura.block_user("ada@uni.example");
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.sync_until_done();
    assert_eq!(campus.kaltura.entries()[0].user_id, HOLDING_USER);
}

#[test]
fn an_account_is_found_whatever_the_case_and_named_as_kaltura_spells_it() {
    let campus = Campus::new();
    campus.zoom.add_user(crate::standin::zoom::User::new("eve", "Eve@Uni.Example"));
    campus.kaltura.add_user("eve@uni.example", "");
    campus.zoom.add_meeting(lecture("eve==", 81_000_000_001, "eve", 5));
    campus.sync_until_done();
    assert_eq!(campus.kaltura.entries()[0].user_id, "eve@uni.example");
}

#[test]
fn a_host_whom_the_listing_does_not_name_is_looked_up_once() {
    let campus = Campus::of(Zoom::builder().without_host_emails().start(), Kaltura::start());
    campus.kaltura.process_for(Duration::ZERO);
    campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 4));
    campus.zoom.add_meeting(lecture("left==", 81_000_000_003, "gone", 3));
    campus.sync_until_done();
    let owner = |uuid| {
        let entries = campus.kaltura.entries();
        entries.into_iter().find(|entry| entry.reference_id.contains(uuid)).map(|entry| entry.user_id)
    };
    assert_eq!(owner("one=="), Some("ada@uni.example".to_owned()));
    assert_eq!(owner("two=="), Some("ada@uni.example".to_owned()));
    assert_eq!(owner("left=="), Some(HOLDING_USER.to_owned()), "Zoom has no such user any more");
    assert_eq!(campus.zoom.log().count("GET /users/{}"), 2);
}

#[test]
fn without_a_holding_user_owned_recordings_are_copied_and_orphans_wait() {
    let campus = Campus::new();
    campus.kaltura.delete_user(HOLDING_USER);
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!(run.exit, 6);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    assert!(run.err.contains("owner.holding_user") && run.err.contains("create the user"), "{}", run.err);
    let entries = campus.kaltura.entries();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].user_id, "ada@uni.example");
    assert_eq!(run.report()["items"][1]["reason"], "no_holding_user");
    campus.kaltura.add_user(HOLDING_USER, "");
    campus.sync_until_done();
    assert_eq!(campus.kaltura.entries().len(), 2);
}

#[test]
fn what_zoom_still_processes_waits_and_is_copied_once_it_is_finished() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("slow==", 81_000_000_001, "ada", 2).processing());
    let report = campus.run(&["sync", "--format", "json"]).report();
    assert_eq!(report["items"][0]["reason"], "processing");
    assert!(campus.kaltura.log().calls().is_empty(), "nobody needs to be asked whose it is");
    campus.zoom.finish_processing("slow==");
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn a_meeting_still_being_recorded_waits() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("live==", 81_000_000_001, "ada", 1).in_progress());
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!(run.exit, 0);
    assert_eq!(run.report()["items"][0]["reason"], "processing");
}

#[test]
fn go_live_is_about_the_instant_at_which_the_recording_began() {
    let campus = Campus::new();
    let meeting = Meeting::new("late==", 81_000_000_001, "Recorded late").host("ada").starts(&hours_ago(73));
    let part = |hours, salt| Segment::starting(&hours_ago(hours)).video("shared_screen", Media::mp4().salted(salt));
    campus.zoom.add_meeting(meeting.segment(part(73, 1)).segment(part(71, 2)));
    let report = campus.run(&["sync", "--format", "json"]).report();
    let found = json!([report["items"][0]["reason"], report["items"][1]["action"]]);
    assert_eq!(found, json!(["before_go_live", "copy"]));
    assert_eq!(campus.kaltura.entries().len(), 1);
}

#[test]
fn rules_keep_recordings_out_and_say_which() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 5).topic("Private talk"));
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 4).webinar());
    campus.zoom.add_meeting(lecture("three==", 81_000_000_003, "ada", 3).lasting_minutes(5));
    let settings = [
        ("ZOOM2KALTURA_FILTER_EXCLUDE_TOPICS", "(?i)^private"),
        ("ZOOM2KALTURA_FILTER_WEBINARS", "false"),
        ("ZOOM2KALTURA_FILTER_MIN_DURATION", "10m"),
    ];
    let report = campus.run_with(&settings, &["sync", "--format", "json"]).report();
    let reasons: Vec<_> =
        report["items"].as_array().expect("items").iter().map(|item| item["reason"].clone()).collect();
    assert_eq!(json!(reasons), json!(["topic_excluded", "webinars_off", "too_short"]));
    assert_eq!(report["totals"]["skip"]["recordings"], 3);
    assert!(campus.kaltura.entries().is_empty());
}

#[test]
fn a_second_sync_writes_nothing_and_downloads_nothing() {
    let campus = Campus::new();
    for number in 1..=3 {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", number));
    }
    campus.sync_until_done();
    for log in [campus.zoom.log(), campus.zoom.cdn_log(), campus.kaltura.log()] {
        log.clear();
    }
    let run = campus.run(&["sync"]);
    assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (0, "", ""));
    assert_eq!(campus.zoom.log().calls(), ["POST /oauth/token", "GET /accounts/me/recordings"]);
    assert!(campus.zoom.cdn_log().calls().is_empty());
    assert!(campus.kaltura.log().calls().is_empty(), "{:?}", campus.kaltura.log().calls());
}
