//! The claim of a file, its upload token by name: whatever is lost, late or done twice, and whoever else is at work, each
//! recording is copied once.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use standin::fault::Fault;
use standin::media::Media;
use standin::request_log::Logged;

use crate::campus::{Campus, lecture};

/// Little patience, one transfer at a time.
pub(crate) const SETTINGS: [(&str, &str); 5] = [
    ("ZOOM2KALTURA_SYNC_PARALLEL", "1"),
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
    ("ZOOM2KALTURA_HTTP_RETRIES", "2"),
    ("ZOOM2KALTURA_HTTP_RETRY_WAIT", "2ms"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "150ms"),
];
const ATTACH: &str = "multirequest of media.add";

/// A lecture with a further view.
fn world() -> Campus {
    let campus = Campus::new();
    let lecture = lecture("ada==", 81_000_000_001, "ada", 5);
    campus.zoom.add_meeting(lecture.video("gallery_view", Media::mp4().salted(7).padded_to(7_000)));
    campus
}

/// The hashes of what is in Kaltura, in order; an entry without content has none.
pub(crate) fn hashes(campus: &Campus) -> Vec<Option<String>> {
    let mut hashes: Vec<_> = campus.kaltura.alive().iter().map(|entry| campus.kaltura.sha256_of(&entry.id)).collect();
    hashes.sort();
    hashes
}

/// The same of what Zoom has.
pub(crate) fn wanted(campus: &Campus) -> Vec<Option<String>> {
    let files = campus.zoom.meetings().into_iter().flat_map(|meeting| meeting.files());
    let mut hashes: Vec<_> = files.map(|file| Some(file.sha256())).collect();
    hashes.sort();
    hashes
}

/// Runs until a run is clean and everything is in Kaltura once.
pub(crate) fn until_each_is_there_once(campus: &Campus, settings: &[(&str, &str)]) {
    let mut said = Vec::new();
    for round in 0..20 {
        let run = campus.run_with(settings, &["sync"]);
        said.push(format!("exit {} {}", run.exit, run.err));
        if run.exit == 0
            && hashes(campus) == wanted(campus)
            && campus.kaltura.alive().iter().all(|entry| entry.status == 2)
        {
            return;
        }
        std::thread::sleep(Duration::from_millis(20 * round));
    }
    panic!("{:?}\n{}", campus.kaltura.alive(), said.join("\n"));
}

/// The requests that asked for entries, in order.
pub(crate) fn attaches(campus: &Campus) -> Vec<Logged> {
    let whole = campus.kaltura.log().all().into_iter().filter(|logged| logged.call == "multirequest");
    whole.filter(|logged| body(logged)["1"]["service"] == "media" && body(logged)["1"]["action"] == "add").collect()
}

pub(crate) fn body(logged: &Logged) -> Value {
    serde_json::from_str(&logged.body).expect("JSON")
}

/// Kaltura forgets an upload token.
fn forget(campus: &Campus, token: &str) {
    let session = campus.session();
    let call = json!({ "ks": session, "uploadTokenId": token, "format": 1, "clientTag": "tests" });
    assert_eq!(campus.post("/api_v3/service/uploadToken/action/delete", &call), Value::Null);
}

#[test]
fn late_entry_after_confirmation_is_removed() {
    // the lecture's, and the further view's
    for hit in [1, 2] {
        let campus = world();
        campus.kaltura.faults().queue(ATTACH, hit, Fault::Reset);
        until_each_is_there_once(&campus, &SETTINGS);
        let late = &attaches(&campus)[hit - 1];
        campus.post(&late.target, &body(late));
        assert_eq!(hashes(&campus)[0], None, "an entry without content");
        until_each_is_there_once(&campus, &SETTINGS);
    }
}

#[test]
fn late_entries_take_no_bytes() {
    for hit in [1, 2] {
        let campus = world();
        campus.kaltura.faults().queue(ATTACH, hit, Fault::Reset);
        for upload in 0..20 {
            campus.kaltura.faults().queue("uploadToken.upload", hit + upload, Fault::Reset);
        }
        campus.run_with(&SETTINGS, &["sync"]);
        campus.kaltura.faults().clear();
        let before: Vec<String> = campus.kaltura.alive().into_iter().map(|entry| entry.id).collect();
        assert_eq!(before.len(), hit);
        let late = &attaches(&campus)[hit - 1];
        for _ in 0..2 {
            campus.post(&late.target, &body(late));
        }
        until_each_is_there_once(&campus, &SETTINGS);
        let now: Vec<String> = campus.kaltura.alive().into_iter().map(|entry| entry.id).collect();
        assert!(before.iter().all(|id| now.contains(id)), "{before:?} {now:?}");
    }
}

#[test]
fn entry_with_the_bytes_stays() {
    let campus = world();
    for upload in 1..20 {
        campus.kaltura.faults().queue("uploadToken.upload", upload, Fault::Reset);
    }
    campus.run_with(&SETTINGS, &["sync"]);
    campus.kaltura.faults().clear();
    let again = &attaches(&campus)[0];
    campus.post(&again.target, &body(again));
    assert_eq!(campus.kaltura.alive().len(), 2);
    until_each_is_there_once(&campus, &SETTINGS);
}

#[test]
fn nothing_doubles_without_ledger_and_index() {
    let campus = world();
    campus.kaltura.freeze_index(true);
    campus.sync_until_done();
    campus.lose_ledger();
    campus.run(&["sync"]);
    assert_eq!(hashes(&campus), wanted(&campus));
    campus.kaltura.freeze_index(false);
    until_each_is_there_once(&campus, &SETTINGS);
}

#[test]
fn half_done_uploads_survive_lost_ledger() {
    for hit in [1, 2] {
        let campus = world();
        campus.kaltura.freeze_index(true);
        for upload in 0..20 {
            campus.kaltura.faults().queue("uploadToken.upload", hit + upload, Fault::Reset);
        }
        campus.run_with(&SETTINGS, &["sync"]);
        campus.kaltura.faults().clear();
        let before: Vec<String> = campus.kaltura.alive().into_iter().map(|entry| entry.id).collect();
        assert_eq!(before.len(), hit);
        campus.lose_ledger();
        until_each_is_there_once(&campus, &SETTINGS);
        let now: Vec<String> = campus.kaltura.alive().into_iter().map(|entry| entry.id).collect();
        assert!(before.iter().all(|id| now.contains(id)), "{before:?} {now:?}");
    }
}

/// Neither finds the other by its marks.
#[test]
fn two_installations_copy_each_once() {
    let campus = Campus::new();
    campus.kaltura.freeze_index(true);
    for number in 0..6 {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", number + 1));
    }
    let other = campus.setup.path().join("other");
    let other = other.to_str().expect("a path");
    let here = [&SETTINGS[1..], &[("ZOOM2KALTURA_INSTALLATION", "0000aaaa")]].concat();
    let there =
        [&SETTINGS[1..], &[("ZOOM2KALTURA_INSTALLATION", "0000bbbb"), ("ZOOM2KALTURA_STATE_DIR", other)]].concat();
    for _ in 0..20 {
        std::thread::scope(|scope| {
            for settings in [&here, &there] {
                let campus = &campus;
                scope.spawn(move || {
                    let run = campus.run_with(settings, &["sync"]);
                    assert_eq!(run.exit, 0, "{}", run.err);
                });
            }
        });
        let found = hashes(&campus);
        if found == wanted(&campus) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    campus.kaltura.freeze_index(false);
    for settings in [&here, &there, &here] {
        assert_eq!(campus.run_with(settings, &["sync"]).exit, 0);
    }
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn lost_claim_leaves_no_open_token() {
    let campus = world();
    campus.kaltura.faults().queue("multirequest of uploadToken.add", 1, Fault::LostAnswer);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
    assert!(campus.kaltura.tokens().iter().all(|token| token.status == 3), "{:?}", campus.kaltura.tokens());
}

#[test]
fn forgotten_token_is_made_anew() {
    let campus = Campus::with_lecture();
    for hit in 1..=10 {
        campus.kaltura.faults().queue("media.addContent", hit, Fault::exception("SOMETHING_NEW"));
    }
    campus.run_with(&SETTINGS, &["sync"]);
    campus.kaltura.faults().clear();
    assert_eq!((campus.kaltura.alive().len(), campus.kaltura.tokens().len()), (1, 1));
    forget(&campus, &campus.kaltura.tokens()[0].id);
    until_each_is_there_once(&campus, &SETTINGS);
    assert_eq!(campus.kaltura.entries().len(), 1);
}

#[test]
fn expired_session_repeats_one_part_only() {
    let campus = Campus::with_lecture();
    let expired = r#"{"code":"INVALID_KS","message":"Invalid KS \"EXPIRED\"","objectType":"KalturaAPIException","args":{"KSID":"EXPIRED","ERR_CODE":"-1","ERR_DESC":"INVALID_STR"}}"#;
    campus.kaltura.faults().queue("media.addContent", 1, Fault::json(200, expired));
    until_each_is_there_once(&campus, &SETTINGS);
    assert_eq!(campus.kaltura.entries().len(), 1);
}

/// Ada's lecture, whose entry was asked for and never answered.
fn asked_for_in_vain() -> Campus {
    let campus = Campus::with_lecture();
    for hit in 1..=4 {
        campus.kaltura.faults().queue(ATTACH, hit, Fault::Reset);
    }
    campus.run_with(&SETTINGS, &["sync"]);
    campus.kaltura.faults().clear();
    campus
}

#[test]
fn clock_ahead_delays_no_attach() {
    let campus = asked_for_in_vain();
    let ledger = campus.ledger();
    let then = (Utc::now() + TimeDelta::days(1)).format("%Y-%m-%dT%H:%M:%S.000Z").to_string();
    let changed = ledger.execute("UPDATE files SET attach_sent = ?1 WHERE state = 'attaching'", [then]);
    assert_eq!(changed.expect("a row"), 1);
    until_each_is_there_once(&campus, &SETTINGS);
}

#[test]
fn deleted_stays_deleted_without_ledger() {
    let campus = Campus::with_lecture();
    campus.kaltura.freeze_index(true);
    campus.sync_until_done();
    let id = campus.kaltura.entries()[0].id.clone();
    campus.kaltura.set_status(&id, 3);
    campus.lose_ledger();
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!(run.report()["items"][0]["reason"], "deleted_in_kaltura", "{}", run.err);
    assert_eq!(campus.kaltura.alive().len(), 0);
}

/// The ledger is lost, and the index shows nothing.
#[test]
fn purged_returns_only_when_asked() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_002, "ada", 5));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 5));
    campus.sync_until_done();
    let run = campus.run(&["purge", "--older-than", "0s"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    campus.lose_ledger();
    campus.kaltura.delay_index(Duration::from_secs(86_400));
    let run = campus.run(&["sync", "--format", "json"]);
    assert!(run.out.contains("\"deleted_in_kaltura\""), "{}{}", run.out, run.err);
    assert_eq!(campus.kaltura.alive().len(), 1);
    let yesterday = (Utc::now() - TimeDelta::days(2)).date_naive().to_string();
    let tomorrow = (Utc::now() + TimeDelta::days(1)).date_naive().to_string();
    let again = ["backfill", "--from", &yesterday, "--to", &tomorrow, "--recopy-purged"];
    let run = campus.run(&again);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert_eq!(hashes(&campus), wanted(&campus));
}

#[test]
fn final_chunk_beats_its_ended_token() {
    let campus = Campus::with_lecture();
    campus.kaltura.freeze_index(true);
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Stall(Duration::from_secs(3)));
    let mut run = campus.program().arg("sync").spawn().expect("the program runs");
    campus.wait_for_call("uploadToken.upload", 1);
    run.kill().expect("it was running");
    run.wait().expect("it has ended");
    campus.lose_ledger();
    let patient = [&SETTINGS[..], &[("ZOOM2KALTURA_HTTP_CLAIM_SETTLE", "6s")]].concat();
    let run = campus.run_with(&patient, &["sync"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert_eq!(hashes(&campus), wanted(&campus));
    assert_eq!(campus.kaltura.entries().len(), 1);
}

#[test]
fn abandoned_recordings_late_entry_is_removed() {
    let campus = asked_for_in_vain();
    campus.zoom.remove_meeting("ada==");
    campus.run_with(&SETTINGS, &["sync"]);
    let late = &attaches(&campus)[0];
    campus.post(&late.target, &body(late));
    assert_eq!(campus.kaltura.alive().len(), 1);
    campus.run_with(&SETTINGS, &["sync"]);
    assert_eq!(campus.kaltura.alive().len(), 0);
}
