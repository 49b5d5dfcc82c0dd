//! The answers: how things stand, and where a recording is.

use std::time::Duration;

use serde_json::{Value, json};
use standin::fault::Fault;
use standin::media::Media;

use crate::campus::{Campus, lecture};

fn status(campus: &Campus) -> Value {
    let run = campus.run(&["status", "--format", "json"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    run.report()
}

/// The exit code and the alarms.
fn alarms(campus: &Campus, settings: &[(&str, &str)]) -> (i32, Vec<String>) {
    let run = campus.run_with(settings, &["status", "--alert", "--format", "json"]);
    let alarms = run.report()["alarms"].as_array().expect("alarms").iter().map(ToString::to_string).collect();
    (run.exit, alarms)
}

#[test]
fn status_before_any_run_creates_nothing() {
    let campus = Campus::new();
    let run = campus.run(&["status"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    assert!(
        run.out.contains("last complete listing never") && run.out.contains("backlog               nothing"),
        "{}",
        run.out
    );
    assert_eq!(campus.run(&["status", "--alert"]).exit, 7);
    assert!(!campus.setup.state().exists());
}

#[test]
fn status_shows_backlog_lateness_and_orphans() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 30).video("gallery_view", Media::mp4().salted(7)));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 5));
    campus.zoom.add_meeting(lecture("slow==", 81_000_000_003, "ada", 10).processing());
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    campus.kaltura.process_for(Duration::MAX);
    campus.run(&["sync"]);
    for log in [campus.zoom.log(), campus.kaltura.log()] {
        log.clear();
    }
    campus.setup.age_events(chrono::TimeDelta::hours(4));
    let found = status(&campus);
    assert_eq!(found["backlog"]["recordings"], 3, "{found:#}");
    let late = found["late"].as_array().expect("those that are late");
    assert_eq!(late.len(), 1, "the others wait for Kaltura and Zoom: {found:#}");
    assert_eq!(late[0]["reason"], "retry_later");
    assert!(late[0]["error"].as_str().is_some_and(|error| !error.is_empty()), "{found:#}");
    assert!(found["backlog"]["bytes"].as_u64() > Some(6_000));
    assert_eq!((campus.zoom.log().calls().len(), campus.kaltura.log().calls().len()), (0, 0));
    let (exit, alarms) = alarms(&campus, &[]);
    assert_eq!(exit, 7);
    assert!(alarms.iter().any(|alarm| alarm.contains("1 recording is late: ")), "{alarms:?}");
    campus.kaltura.process_for(Duration::ZERO);
    campus.zoom.finish_processing("slow==");
    campus.run(&["retry", "--failed"]);
    campus.sync_until_done();
    let found = status(&campus);
    assert_eq!(found["backlog"]["recordings"], 0, "{found:#}");
    assert_eq!(found["orphans"][0]["host_email"], "guest@elsewhere.example");
    assert_eq!(self::alarms(&campus, &[]), (0, vec![]), "what is mended counts no more");
}

#[test]
fn failures_show_before_being_late() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 1));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    campus.run(&["sync"]);
    let found = status(&campus);
    assert_eq!((found["late"].clone(), found["failed"][0]["meeting_uuid"].as_str()), (json!([]), Some("ada==")));
    assert!(found["failed"][0]["next_try"].is_string() && found["failed"][0]["error"].is_string(), "{found:#}");
    let text = campus.run(&["status"]).out;
    assert!(text.contains("failed, tried again   1\n") && text.contains("\nfailed  "), "{text}");
    campus.run(&["retry", "--failed"]);
    campus.sync_until_done();
    assert_eq!(status(&campus)["failed"], json!([]));
}

#[test]
fn uncopied_before_deletion_is_at_risk() {
    let campus = Campus::with_lecture();
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    campus.run(&["sync"]);
    assert_eq!(status(&campus)["at_risk"], json!([]));
    let soon = [("ZOOM2KALTURA_SYNC_ZOOM_RETENTION", "1d"), ("ZOOM2KALTURA_SYNC_AT_RISK", "7d")];
    let run = campus.run_with(&soon, &["status", "--format", "json"]);
    assert_eq!(run.report()["at_risk"][0]["meeting_uuid"], "ada==");
    // Zoom says itself when
    let campus = Campus::new();
    let day = (chrono::Utc::now().date_naive() + chrono::Days::new(2)).to_string();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).deleted_on(&day));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    campus.run(&["sync"]);
    let found = status(&campus);
    assert_eq!(found["at_risk"][0]["zoom_deletes"], format!("{day}T00:00:00Z"), "{found:#}");
}

#[test]
fn refused_login_raises_alarm_until_mended() {
    let campus = Campus::new();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(alarms(&campus, &[]), (0, vec![]));
    campus.setup.write_secret("kaltura-secret", "wrong");
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 1));
    assert_eq!(campus.run(&["sync"]).exit, 4);
    let (exit, alarms) = self::alarms(&campus, &[]);
    assert_eq!(exit, 7);
    assert!(alarms[0].contains("the last sync ended with exit code 4"), "{alarms:?}");
    campus.setup.write_secret("kaltura-secret", standin::setup::ADMIN_SECRET);
    campus.sync_until_done();
    assert_eq!(self::alarms(&campus, &[]), (0, vec![]));
}

fn explained(campus: &Campus, what: &str) -> String {
    let run =
        campus.run_with(&[("ZOOM2KALTURA_KALTURA_ENTRY_LINK", "https://v.example/t/{entry_id}")], &["explain", what]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""), "{what}");
    run.out
}

#[test]
fn explain_finds_recordings_by_any_name() {
    let campus = Campus::with_lecture();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    campus.sync_until_done();
    let id = campus.kaltura.entries().into_iter().find(|entry| entry.user_id == "ada@uni.example").expect("a copy").id;
    for what in ["Ada@uni.example", "810 0000 0001", "81000000001", "ada==", &id, "ecture 81000000001"] {
        let text = explained(&campus, what);
        for said in [
            "\"Lecture 81000000001\", recorded ",
            "hosted by ada@uni.example",
            "now: safely in Kaltura",
            &format!("entry: {id} https://v.example/t/{id}"),
            "account: ada@uni.example, found by {email}",
            "listed, and to be copied to the host's account",
            "the recording: all bytes are in Kaltura",
            "the recording: confirmed, whole and playable",
        ] {
            assert!(text.contains(said), "{what}: {said:?} is not in\n{text}");
        }
        assert!(!text.contains("81000000002"), "{text}");
    }
    let orphan = explained(&campus, "guest@elsewhere.example");
    assert!(orphan.contains("account: zoom-orphans, the holding user"), "{orphan}");
    assert!(
        orphan.contains("now: in Kaltura, under the holding user; purge deletes it there, never in Zoom, after 20")
    );
    assert!(orphan.contains("unless its host has an account by then and gets it"), "{orphan}");
    campus.kaltura.add_user("guest@elsewhere.example", "");
    campus.run(&["sync"]);
    let adopted = explained(&campus, "guest==");
    assert!(adopted.contains("handed over to guest@elsewhere.example, whose account exists now"), "{adopted}");
    assert!(explained(&campus, "Lecture").contains("81000000002"));
}

#[test]
fn explain_shows_the_next_try() {
    let campus = Campus::with_lecture();
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    campus.run(&["sync"]);
    let text = explained(&campus, "ada==");
    assert!(text.contains("now: waits") && text.contains("next try after "), "{text}");
    assert!(text.contains("the recording: a try failed: "), "{text}");
    let away = campus.run_with(&[("ZOOM2KALTURA_COPY_TIME_ZONE", "Asia/Tokyo")], &["explain", "ada=="]).out;
    assert!(away.contains(" JST") && !away.contains(" UTC"), "times are in copy.time_zone: {away}");
}

/// Of what it knows the ledger answers alone while Zoom is down.
#[test]
fn explain_asks_zoom_about_unseen_recordings() {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    campus.zoom.add_meeting(lecture("new==", 81_000_000_002, "ada", 1));
    assert!(explained(&campus, "new==").contains("Zoom lists it, and no run has seen it yet"));
    let weeks = 24 * 20;
    campus.zoom.add_meeting(lecture("-old/==", 81_000_000_003, "ada", weeks));
    let old = explained(&campus, "81000000003");
    let command = old.split("zoom2kaltura ").nth(1).expect("what to do").trim();
    assert!(old.contains("recorded before sync.go_live"), "{old}");
    let run = campus.run(&command.split_whitespace().collect::<Vec<_>>());
    assert!(run.exit == 0 && campus.kaltura.entries().len() == 2, "{command}: {}", run.err);
    campus.zoom.faults().queue("GET /accounts/me/recordings", 1, Fault::answer(500, "down"));
    let run = campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], &["explain", "ada=="]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(run.out.contains("safely in Kaltura") && run.err.contains("cannot be shown"), "{} {}", run.out, run.err);
    let nothing = campus.run(&["explain", "nobody@uni.example"]);
    assert_eq!((nothing.exit, nothing.err.lines().count()), (2, 1), "{}", nothing.err);
}
