//! What is lost, left or kept is said so by every answer, and by each for the same reason.

use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::zoom::{Meeting, Zoom};

use crate::campus::{Campus, lecture};

fn alarms(campus: &Campus) -> (i32, Vec<String>) {
    let run = campus.run(&["status", "--alert", "--format", "json"]);
    let alarms = run.report()["alarms"].as_array().expect("alarms").iter().map(ToString::to_string).collect();
    (run.exit, alarms)
}

fn verified(campus: &Campus) -> (i32, Vec<String>) {
    let run = campus.run(&["verify", "--format", "json"]);
    let found = run.report()["differences"].as_array().expect("differences").clone();
    (run.exit, found.iter().map(|found| found["difference"].as_str().unwrap_or_default().to_owned()).collect())
}

fn explained(campus: &Campus, what: &str) -> String {
    let run = campus.run(&["explain", what]);
    assert_eq!(run.exit, 0, "{}", run.err);
    run.out
}

#[test]
fn given_up_view_is_reported_everywhere() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).video("gallery_view", Media::mp4().salted(7)));
    campus.zoom.faults().queue("GET /rec/download", 2, Fault::answer(404, "gone"));
    let once = [("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "1")];
    assert_eq!(campus.run_with(&once, &["sync"]).exit, 3);
    campus.sync_until_done_with(&once);
    assert_eq!(campus.kaltura.entries().len(), 1);
    let (exit, said) = alarms(&campus);
    assert!(exit == 7 && said[0].contains("1 recording failed too often and was given up: "), "{said:?}");
    assert_eq!(verified(&campus), (7, vec!["missing".to_owned()]));
    assert!(explained(&campus, "ada==").contains("in Kaltura, except for a file that the program gave up"));
    let status = campus.run(&["status"]).out;
    let entry = &campus.kaltura.entries()[0].id;
    assert!(status.contains(entry.as_str()) && status.contains("81000000001"), "{status}");
    assert_eq!(campus.run(&["retry", entry]).exit, 0);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
    assert_eq!((alarms(&campus).0, verified(&campus).0), (0, 0));
}

#[test]
fn retry_takes_numbers_with_blanks() {
    let campus = Campus::with_lecture();
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    campus.run(&["sync"]);
    assert_eq!(campus.run(&["retry", "810 0000 0001"]).exit, 0);
}

#[test]
fn given_up_and_lost_are_missing() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 8));
    campus.zoom.add_meeting(lecture("lost==", 81_000_000_002, "ada", 7));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    campus.zoom.faults().queue("GET /rec/download", 2, Fault::answer(404, "gone"));
    let once = [("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "1"), ("ZOOM2KALTURA_SYNC_PARALLEL", "1")];
    assert_eq!(campus.run_with(&once, &["sync", "--limit", "1"]).exit, 3);
    assert_eq!(campus.run(&["sync"]).exit, 3);
    campus.zoom.remove_meeting("lost==");
    campus.setup.age_events(chrono::TimeDelta::hours(4));
    assert_eq!(verified(&campus), (7, vec!["missing".to_owned(); 2]));
    // told once as a loss, and missing all the same
    assert_eq!(campus.run(&["sync"]).exit, 3);
    assert_eq!(verified(&campus), (7, vec!["missing".to_owned(); 2]));
}

#[test]
fn entry_just_requested_is_no_leftover() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 2));
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Reset);
    let run = campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], &["sync"]);
    assert_ne!(run.exit, 0);
    // as the ledger stands while the answer to the creation is on its way
    let ledger = campus.ledger();
    ledger.execute("UPDATE files SET state = 'attaching', entry_id = NULL", []).expect("a file");
    assert_eq!(campus.kaltura.entries().len(), 1);
    assert_eq!(verified(&campus), (0, vec![]));
    ledger.execute("UPDATE recordings SET action = 'skip'", []).expect("a recording");
    assert_eq!(verified(&campus), (7, vec!["bare_left_over".to_owned()]));
}

#[test]
fn deleted_lecture_counts_with_its_child() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).video("gallery_view", Media::mp4().salted(7)));
    campus.sync_until_done();
    let parent = campus.kaltura.entries().into_iter().find(|entry| entry.parent_entry_id.is_empty()).expect("one").id;
    campus.kaltura.delete_entry(&parent);
    assert_eq!(verified(&campus), (7, vec!["deleted_in_kaltura".to_owned(); 2]));
}

#[test]
fn old_backfill_leftovers_are_not_late() {
    let campus = Campus::new();
    for number in 1..4 {
        campus.zoom.add_meeting(lecture(&format!("old{number}=="), 81_000_000_000 + number, "ada", 24 * 20 + number));
    }
    campus.sync_until_done();
    let (from, to) = (chrono::Utc::now() - chrono::TimeDelta::days(25), chrono::Utc::now());
    let days = [from.date_naive().to_string(), to.date_naive().to_string()];
    assert_eq!(campus.run(&["backfill", "--from", &days[0], "--to", &days[1], "--limit", "1"]).exit, 0);
    let status = campus.run(&["status", "--format", "json"]).report();
    assert!(status["backlog"]["recordings"].as_u64() >= Some(2), "{status:#}");
    assert_eq!(status["late"], serde_json::json!([]));
    assert_eq!(alarms(&campus), (0, vec![]));
}

#[test]
fn outage_is_not_called_nothing() {
    let campus = Campus::new();
    campus.zoom.faults().queue("GET /accounts/me/recordings", 1, Fault::answer(500, "down"));
    let run = campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], &["explain", "ada@uni.example"]);
    assert_eq!((run.exit, run.err.lines().count()), (5, 1), "{}", run.err);
    assert!(run.err.contains("and Zoom cannot be asked: "), "{}", run.err);
}

#[test]
fn host_without_listed_address_is_found() {
    let campus = Campus::of(Zoom::builder().without_host_emails().start(), Kaltura::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 5));
    let told = explained(&campus, "ada@uni.example");
    assert!(told.contains("Lecture 81000000001") && !told.contains("Lecture 81000000002"), "{told}");
}

#[test]
fn meeting_without_files_is_explained() {
    let campus = Campus::new();
    campus.zoom.add_meeting(Meeting::new("empty==", 81_000_000_004, "Nothing yet").host("ada").without_files());
    campus.run(&["sync"]);
    let told = explained(&campus, "Nothing yet");
    assert!(told.contains("without any file; there is nothing to copy yet"), "{told}");
}

#[test]
fn orphans_missing_owner_is_explained() {
    let campus = Campus::new();
    for id in ["one", "two"] {
        campus.kaltura.add_user(id, "guest@elsewhere.example");
    }
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    campus.sync_until_done();
    let told = explained(&campus, "guest==");
    assert!(told.contains("the holding user: several Kaltura users have the host's address"), "{told}");
}

#[test]
fn published_orphan_raises_no_alarm() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    campus.sync_until_done();
    campus.setup.age_confirmations(chrono::TimeDelta::days(5));
    assert!(alarms(&campus).1[0].contains("1 orphaned copy should have been purged"));
    let category = campus.kaltura.add_category("Channel");
    let entry = campus.kaltura.entries()[0].id.clone();
    campus.kaltura.publish(&entry, category);
    assert_eq!(campus.run(&["purge"]).exit, 0);
    assert_eq!(alarms(&campus), (0, vec![]));
    assert!(campus.run(&["status"]).out.contains("stays: published"));
    let told = explained(&campus, "guest==");
    assert!(told.contains("purge leaves it there: somebody published the entry, or shared it"), "{told}");
    campus.kaltura.unpublish(&entry);
    campus.setup.age_confirmations(chrono::TimeDelta::days(5));
    assert_eq!(campus.run(&["purge"]).exit, 0);
    assert_eq!(campus.kaltura.entry(&entry).map(|entry| entry.status), Some(3));
}
