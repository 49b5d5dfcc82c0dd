//! Doubt never deletes: with one part of the proof taken away what was there stays, and is reported.

use std::time::Duration;

use serde_json::json;
use standin::kaltura::{Conversion, Kaltura, Seed};
use standin::media::Media;
use standin::setup::HOLDING_USER;
use standin::zoom::{Meeting, Zoom};

use crate::campus::{Campus, Run, hours_ago, lecture};

const SETTINGS: [(&str, &str); 3] = [
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "200ms"),
    ("ZOOM2KALTURA_HTTP_RETRIES", "0"),
];
const PURGE: [&str; 5] = ["purge", "--older-than", "0s", "--format", "json"];

/// What people do with an entry.
type Deed = (&'static str, fn(&Campus, &str));

const DEEDS: [Deed; 5] = [
    ("renamed", |campus, id| campus.kaltura.rename_entry(id, "Mine")),
    ("published", |campus, id| campus.kaltura.publish(id, campus.kaltura.add_category("Courses>PHYS 101"))),
    ("shared", |campus, id| campus.kaltura.entitle(id, ["", "", "eve"])),
    ("played", |campus, id| campus.kaltura.play_entry(id)),
    ("given away", |campus, id| campus.kaltura.set_owner(id, "bert@uni.example")),
];

fn sync(campus: &Campus) -> Run {
    campus.run_with(&SETTINGS, &["sync", "--format", "json"])
}

fn is_alive(campus: &Campus, id: &str) -> bool {
    campus.kaltura.alive().iter().any(|entry| entry.id == id)
}

/// Runs until a run ends well and waits for nothing.
fn settle(campus: &Campus) -> Vec<Run> {
    let mut runs = Vec::new();
    for _ in 0..50 {
        runs.push(sync(campus));
        let last = runs.last().expect("a run");
        if last.exit == 0 && !last.waits_for_kaltura() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    runs
}

#[test]
fn short_copy_stays_whatever_people_do() {
    for (what, deed) in [("left alone", (|_, _| ()) as fn(&Campus, &str))].into_iter().chain(DEEDS) {
        let campus = Campus::new();
        // a pause makes no new file
        let film = Media::mp4().lasting(20 * 60).padded_to(300_000);
        let meeting = Meeting::new("long==", 81_000_000_001, "Long day").host("ada").starts(&hours_ago(20));
        campus.zoom.add_meeting(meeting.lasting_minutes(480).video("shared_screen", film));
        let runs = settle(&campus);
        let told =
            |runs: &[Run]| runs.iter().filter(|run| run.err.contains("another time than the 480 minutes")).count();
        assert_eq!(told(&runs), 1, "{what}: {}", runs.iter().map(|run| run.err.as_str()).collect::<String>());
        let id = campus.kaltura.alive()[0].id.clone();
        deed(&campus, &id);
        for _ in 0..3 {
            let run = sync(&campus);
            assert_eq!((run.exit, run.err.as_str()), (0, ""), "{what}");
            assert_eq!(run.report()["items"][0]["reason"], "duration_differs", "{what}");
        }
        let made = campus.kaltura.entries();
        assert!(made.len() == 1 && made[0].id == id && made[0].status == 2, "{what}: {made:?}");
    }
}

/// Kaltura could not process the first entry and has made the second one READY; `deed` comes in between.
fn replaced(deed: impl Fn(&Campus, &str)) -> (Campus, String, Vec<Run>) {
    // a slow machine sees the second try fail too, and the first entry go, before anything can come in between
    let (campus, old) = std::iter::repeat_with(tried_twice)
        .take(50)
        .find(|(campus, old)| is_alive(campus, old))
        .expect("a second try that is not over at once");
    deed(&campus, &old);
    let new = campus.kaltura.entries().into_iter().find(|entry| entry.id != old).expect("a second try");
    campus.kaltura.set_conversion(&new.id, Conversion::Succeeds);
    let runs = settle(&campus);
    (campus, old, runs)
}

/// Kaltura could not process the first entry, and has the bytes of a second one.
fn tried_twice() -> (Campus, String) {
    let campus = Campus::of(Zoom::start(), Kaltura::builder().conversion(Conversion::Fails).start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.kaltura.add_user("bert@uni.example", "bert@uni.example");
    campus.kaltura.add_user("eve", "");
    sync(&campus);
    let old = campus.kaltura.alive()[0].id.clone();
    // its conversion takes longer than the run that finds out
    for _ in 0..50 {
        sync(&campus);
        if campus.kaltura.entries().len() > 1 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    (campus, old)
}

/// Untouched ones go once their replacement is confirmed.
#[test]
fn touched_broken_entries_are_kept() {
    let (campus, old, _) = replaced(|_, _| ());
    assert!(!is_alive(&campus, &old) && campus.kaltura.alive().len() == 1, "{:?}", campus.kaltura.alive());
    let child: Deed = ("added to", |campus, id| {
        let (parent_entry_id, user_id) = (id.to_owned(), "ada@uni.example".to_owned());
        campus.kaltura.add_entry(&Seed { parent_entry_id, user_id, entry_type: 10, bytes: 0, ..Seed::default() });
    });
    let remarked: Deed = ("marked otherwise", |campus, id| campus.kaltura.set_mark(id, "mine"));
    let repaired: Deed = ("repaired", |campus, id| {
        campus.kaltura.replace_source(id, &Media::mp4().lasting(3000).padded_to(250_000).read(0, 250_000));
        campus.kaltura.set_conversion(id, Conversion::Succeeds);
        campus.kaltura.set_status(id, 2);
    });
    for (what, deed) in DEEDS.into_iter().chain([child, remarked, repaired]) {
        let (campus, old, runs) = replaced(deed);
        assert!(is_alive(&campus, &old), "{what}");
        let told = runs.iter().filter(|run| run.err.contains(&format!("entry {old} was a bad copy"))).count();
        let said: String = runs.iter().map(|run| run.err.as_str()).collect();
        assert_eq!(told, 1, "{what}: {said}");
        let again = sync(&campus);
        assert_eq!((again.exit, again.err.as_str()), (0, ""), "{what}");
        if what != "marked otherwise" {
            let verify = campus.run(&["verify"]);
            assert!(verify.exit == 7 && verify.out.contains(&old), "{what}: {}", verify.out);
        }
    }
}

#[test]
fn repaired_entry_becomes_the_copy() {
    let campus = Campus::with_lecture();
    campus.kaltura.process_for(Duration::MAX);
    sync(&campus);
    let entry = campus.kaltura.alive()[0].id.clone();
    campus.kaltura.set_conversion(&entry, Conversion::Fails);
    campus.kaltura.process_for(Duration::ZERO);
    assert_eq!(sync(&campus).exit, 3);
    campus.kaltura.replace_source(&entry, &Media::mp4().lasting(3000).padded_to(250_000).read(0, 250_000));
    campus.kaltura.set_conversion(&entry, Conversion::Succeeds);
    campus.kaltura.set_status(&entry, 2);
    settle(&campus);
    assert_eq!(campus.kaltura.entries().len(), 1, "{:?}", campus.kaltura.entries());
    let run = sync(&campus);
    assert_eq!((run.exit, &run.report()["items"][0]["reason"]), (0, &json!("edited_in_kaltura")));
}

#[test]
fn peoples_texts_protect_an_orphan() {
    let ours: Deed = ("nobody", |_, _| ());
    let captions: Deed = ("captions", |campus, id| {
        let asset = json!({ "objectType": "KalturaCaptionAsset", "label": "Mine", "language": "English", "format": 3 });
        campus.in_kmc("caption_captionAsset", "add", json!({ "entryId": id, "captionAsset": asset }));
    });
    let attachment: Deed = ("attachment", |campus, id| {
        let asset =
            json!({ "objectType": "KalturaAttachmentAsset", "title": "Chat", "filename": "Chat.txt", "format": 1 });
        campus.in_kmc("attachment_attachmentAsset", "add", json!({ "entryId": id, "attachmentAsset": asset }));
    });
    for (who, deed) in [ours, captions, attachment] {
        let campus = Campus::new();
        let guest = lecture("guest==", 81_000_000_001, "guest", 5).transcript(Media::vtt()).chat(Media::chat());
        campus.zoom.add_meeting(guest);
        let chat = [("ZOOM2KALTURA_COPY_CHAT", "true")];
        for _ in 0..5 {
            campus.run_with(&chat, &["sync"]);
            std::thread::sleep(Duration::from_millis(60));
        }
        let id = campus.kaltura.alive()[0].id.clone();
        assert_eq!(campus.kaltura.texts_of(&id).len(), 2, "captions and a chat of our own");
        deed(&campus, &id);
        let item = campus.run(&PURGE).report()["items"][0].clone();
        let expected = if who == "nobody" { ("delete", "old_enough") } else { ("keep", "someone_else_added") };
        assert_eq!((&item["action"], &item["reason"]), (&json!(expected.0), &json!(expected.1)), "{who}: {item}");
        assert_eq!(is_alive(&campus, &id), who != "nobody", "{who}");
    }
}

#[test]
fn peoples_changes_protect_an_orphan() {
    for at_the_last_look in [false, true] {
        for (what, deed) in DEEDS.into_iter().filter(|(what, _)| !["renamed", "played"].contains(what)) {
            let campus = Campus::new();
            campus.kaltura.add_user("bert@uni.example", "bert@uni.example");
            campus.kaltura.add_user("eve", "");
            campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 5));
            campus.sync_until_done();
            let id = campus.kaltura.alive()[0].id.clone();
            let item = if at_the_last_look {
                // after as many as the plan is made of comes the last look
                let plan = campus.count_dry_calls(&PURGE, "multirequest");
                campus.run_beside(&PURGE, ("multirequest", plan + 1), || deed(&campus, &id)).items()[0].clone()
            } else {
                deed(&campus, &id);
                campus.run(&PURGE).report()["items"][0].clone()
            };
            assert!(is_alive(&campus, &id), "{what}, at the last look: {at_the_last_look}: {item}");
            assert_eq!(item["action"], "keep", "{what}, at the last look: {at_the_last_look}: {item}");
            assert_eq!(
                campus.kaltura.entry(&id).map(|entry| entry.user_id == HOLDING_USER),
                Some(what != "given away")
            );
        }
    }
}
