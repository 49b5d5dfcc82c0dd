//! Entries that can never be changed again: whole, told once, never made anew, and nobody tries for ever.

use serde_json::{Value, json};
use standin::kaltura::{Entry, Kaltura};
use standin::setup::HOLDING_USER;
use standin::zoom::{Part, User, Zoom};

use crate::campus::{Campus, Run, lecture};

const TOLD: &str = "can no longer change or delete its entry";

fn all(campus: &Campus) -> Vec<Entry> {
    campus.kaltura.entries()
}

fn times_told(run: &Run) -> usize {
    run.err.matches(TOLD).count()
}

/// Runs until nothing is in conversion; what was said on the way.
fn until_done(campus: &Campus) -> (usize, Value) {
    let mut times = 0;
    for _ in 0..50 {
        let run = campus.run(&["sync", "--format", "json"]);
        assert_eq!(run.exit, 0, "{}", run.err);
        times += times_told(&run);
        if !run.waits_for_kaltura() {
            return (times, run.report());
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("copies stay in conversion");
}

/// An orphan whose name was made such that nothing can be changed any more.
fn frozen_orphan() -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 5));
    campus.sync_until_done();
    campus.kaltura.rename_entry(&all(&campus)[0].id, &"ü".repeat(129));
    campus.kaltura.log().clear();
    campus
}

#[test]
fn long_names_are_cut_harmlessly() {
    let cases = [("ü".repeat(200), 256), ("汉".repeat(200), 255), (format!("a{}", "ü".repeat(199)), 255)];
    for (topic, bytes) in cases {
        let campus = Campus::new();
        campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).topic(&topic));
        let (times, report) = until_done(&campus);
        let entries = all(&campus);
        assert_eq!((times, entries.len(), entries[0].name.len()), (0, 1, bytes), "{report:#}");
        assert!(entries[0].ms_duration > 0, "it is not frozen");
    }
}

#[test]
fn frozen_copy_is_never_remade() {
    let campus = Campus::new();
    campus.zoom.add_user(User::new("pruf", "pruef@uni.example"));
    campus.kaltura.add_user("prüf", "pruef@uni.example");
    campus.zoom.add_meeting(lecture("frozen==", 81_000_000_001, "pruf", 5));
    let (times, report) = until_done(&campus);
    assert_eq!(times, 1);
    let item = |report: &Value| json!([report["items"][0]["action"], report["items"][0]["reason"]]);
    let frozen = json!(["done", "frozen_in_kaltura"]);
    let again = campus.run(&["sync", "--format", "json"]);
    assert_eq!((again.exit, times_told(&again), item(&again.report())), (0, 0, frozen), "{report:#}");
    campus.each_video_is_in_kaltura_once();
    campus.kaltura.log().clear();
    assert_eq!(campus.run(&["sync"]).err, "");
    assert!(campus.kaltura.log().calls().is_empty(), "it is not looked at again in every run");
    assert_eq!(campus.run(&["verify", "--days", "3"]).exit, 0, "it is no difference");

    campus.lose_ledger();
    until_done(&campus);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn fake_video_is_no_frozen_copy() {
    let campus = frozen_orphan();
    let id = all(&campus)[0].id.clone();
    campus.kaltura.replace_source(&id, b"a page for people, and no video at all");
    campus.lose_ledger();
    let run = campus.run(&["sync", "--format", "json"]);
    assert!(run.out.contains("\"items\"") && !run.out.contains("frozen_in_kaltura"), "{}", run.out);
}

#[test]
fn frozen_orphan_is_handed_to_nobody() {
    let campus = frozen_orphan();
    campus.kaltura.add_user("guest@elsewhere.example", "");
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!((run.exit, times_told(&run)), (0, 1), "{}", run.err);
    assert_eq!(run.report()["items"][0]["reason"], "frozen_in_kaltura", "{}", run.out);
    assert_eq!(all(&campus)[0].user_id, HOLDING_USER);
    campus.kaltura.log().clear();
    for _ in 0..2 {
        let run = campus.run(&["sync"]);
        assert_eq!((run.exit, run.err.as_str()), (0, ""));
        let run = campus.run(&["purge", "--older-than", "0s"]);
        assert_eq!((run.exit, run.err.as_str()), (0, ""));
    }
    assert_eq!(campus.kaltura.log().count("baseEntry.update") + campus.kaltura.log().count("media.delete"), 0);
}

#[test]
fn views_stay_with_frozen_parent() {
    let campus = Campus::new();
    let media = standin::media::Media::mp4().padded_to(8_000);
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 5).video("gallery_view", media));
    campus.sync_until_done();
    let parent = all(&campus).into_iter().find(|entry| entry.parent_entry_id.is_empty()).expect("an entry");
    campus.kaltura.rename_entry(&parent.id, &"ü".repeat(129));
    campus.kaltura.add_user("guest@elsewhere.example", "");
    let run = campus.run(&["sync"]);
    assert_eq!((run.exit, times_told(&run)), (0, 1), "{}", run.err);
    assert_eq!(all(&campus).len(), 2);
    assert!(all(&campus).iter().all(|entry| entry.user_id == HOLDING_USER));
}

#[test]
fn frozen_orphan_is_never_called_purged() {
    let campus = frozen_orphan();
    let purge = ["purge", "--older-than", "0s", "--format", "json"];
    for times in [1, 0] {
        let run = campus.run(&purge);
        assert_eq!((run.exit, times_told(&run)), (0, times), "{}", run.err);
        let item = run.report()["items"][0].clone();
        assert_eq!(json!([item["action"], item["reason"]]), json!(["keep", "frozen_in_kaltura"]));
        assert_eq!(campus.kaltura.log().count("media.delete"), 1);
        assert_eq!(all(&campus)[0].status, 2);
    }
    let status = campus.run(&["status", "--alert"]);
    assert_eq!(status.exit, 0, "{}{}", status.out, status.err);
}

/// Rights would freeze the copy.
#[test]
fn non_ascii_user_gets_no_rights() {
    let scopes = ["dashboard:read:list_meeting_participants:admin", "report:read:list_meeting_participants:admin"];
    let zoom = scopes.iter().fold(Zoom::builder(), |zoom, scope| zoom.with_scope(scope));
    let campus = Campus::of(zoom.start(), Kaltura::start());
    campus.kaltura.add_user("pröf@uni.example", "");
    campus.kaltura.add_user("bert@uni.example", "");
    let meeting = lecture("ada==", 81_000_000_001, "ada", 5);
    let there = [(Part::Participant, "pröf@uni.example"), (Part::Participant, "bert@uni.example")];
    campus.zoom.add_meeting(there.into_iter().fold(meeting, |meeting, (part, who)| meeting.with(part, who)));
    campus.sync_until_done_with(&[("ZOOM2KALTURA_RIGHTS_PARTICIPANTS", "viewer")]);
    let entry = all(&campus).remove(0);
    assert_eq!(entry.entitled, ["bert@uni.example", "", ""], "view, edit, publish");
    assert!(entry.ms_duration > 0);
}

#[test]
fn account_taken_for_another_is_ambiguous() {
    let cases = [("prof@uni.example", "pröf@uni.example"), ("pröf@uni.example", "prof@uni.example")];
    for (host, account) in cases {
        let campus = Campus::new();
        campus.zoom.add_user(User::new("prof", host));
        campus.kaltura.add_user(account, "");
        campus.zoom.add_meeting(lecture("prof==", 81_000_000_001, "prof", 5));
        let report = campus.run(&["sync", "--format", "json"]).report();
        let item = &report["items"][0];
        let found = json!([item["action"], item["reason"], item["owner"]]);
        assert_eq!(found, json!(["copy_as_orphan", "ambiguous_email", HOLDING_USER]), "{host}");
    }
}

#[test]
fn reference_in_a_text_stays_text() {
    let odd = "{1:result:id}";
    let campus = Campus::new();
    let (address, uuid) = (format!("{odd}@uni.example"), format!("{odd}=="));
    campus.zoom.add_user(User::new("odd", &address));
    campus.kaltura.add_user(&address, "");
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 6));
    campus.zoom.add_meeting(lecture(&uuid, 81_000_000_002, "odd", 5).topic(odd));
    campus.sync_until_done();
    let copy = all(&campus).into_iter().find(|entry| entry.name == odd).expect("a copy of that name");
    assert_eq!(copy.user_id, address);
    assert!(copy.reference_id.starts_with(&format!("Zoom_{uuid}")), "{}", copy.reference_id);
    campus.lose_ledger();
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}
