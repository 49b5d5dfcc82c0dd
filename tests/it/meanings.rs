//! What follows from what Zoom and Kaltura answer: for the recording it is about, and for the others. A next case is one line.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use standin::fault::{Fault, Faults};
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::setup::HOLDING_USER;
use standin::zoom::{User, Zoom};
use zoom2kaltura::MEANINGS;

use crate::at_once::check_each;
use crate::campus::{Campus, Run, hours_ago, lecture};
use crate::pages::page;

const ALWAYS: usize = 60;
const NO_PLAN: &str = "Webinar plan is missing. You must subscribe to the webinar plan and enable webinars for this user in order to perform this action.";
/// One recording after another, so that it is known which one meets a fault.
const IN_TURN: (&str, &str) = ("ZOOM2KALTURA_SYNC_PARALLEL", "1");
const PANELISTS: (&str, &str) = ("ZOOM2KALTURA_RIGHTS_PANELISTS", "viewer");
const PARTICIPANTS: (&str, &str) = ("ZOOM2KALTURA_RIGHTS_PARTICIPANTS", "viewer");
const FIELD: (&str, &str) = ("ZOOM2KALTURA_COPY_CATEGORY_FIELD", "Course");
const BY_FIELD: (&str, &str) = ("ZOOM2KALTURA_COPY_CATEGORY_BY_FIELD", "Courses>{value}");
const CATEGORY: (&str, &str) = ("ZOOM2KALTURA_COPY_CATEGORY", "Zoom");
const CHAT: (&str, &str) = ("ZOOM2KALTURA_COPY_CHAT", "true");

/// Ada and Bob have accounts, the guest has none.
fn campus_of(zoom: Zoom) -> Campus {
    let campus = Campus::of(zoom, Kaltura::start());
    campus.zoom.add_user(User::new("bob", "bob@uni.example"));
    campus.kaltura.add_user("bob@uni.example", "bob@uni.example");
    campus.kaltura.add_category("Zoom");
    campus
}

/// A recording of each, with a transcript and a chat.
fn campus() -> Campus {
    let campus = campus_of(Zoom::start());
    for (number, host) in [(1, "ada"), (2, "bob")] {
        let meeting = lecture(&format!("{host}=="), 81_000_000_000 + number, host, 5);
        campus.zoom.add_meeting(meeting.transcript(Media::vtt()).chat(Media::chat()));
    }
    campus
}

fn turned_away(headers: &[(&'static str, String)], message: &str) -> Fault {
    let body = json!({"code": 429, "message": message}).to_string();
    Fault::Answer { status: 429, headers: headers.to_vec(), body }
}

fn queue(faults: &Faults, call: &str, times: usize, fault: &Fault) {
    for hit in 1..=times {
        faults.queue(call, hit, fault.clone());
    }
}

/// Of a report: how many recordings failed, and how many have an entry.
fn failed_and_copied(run: &Run) -> (usize, usize) {
    let report = run.report();
    let items = report["items"].as_array().cloned().unwrap_or_default();
    let count = |is: &dyn Fn(&Value) -> bool| items.iter().filter(|item| is(item)).count();
    (count(&|item| item["result"] == "failed"), count(&|item| item["entry_id"].is_string()))
}

/// A call, how often it is answered so, and how; the exit code, failed recordings, recordings with an entry.
type Case = (&'static str, usize, Fault, (i32, usize, usize));

/// What Kaltura answers, so often, and then as usual; the exit code, failed recordings, recordings with an entry.
#[test]
fn only_repeated_refusals_end_runs() {
    const ATTACH: &str = "multirequest of media.add";
    const TEXT: &str = "caption_captionAsset.add";
    let all = [IN_TURN, CATEGORY, CHAT];
    let cases: &[Case] = &[
        (ATTACH, 1, Fault::exception("SERVICE_FORBIDDEN"), (3, 1, 1)),
        (ATTACH, 1, Fault::exception("USER_BLOCKED"), (3, 1, 1)),
        (ATTACH, 1, Fault::exception("SERVICE_FORBIDDEN_CONTENT_BLOCKED"), (3, 1, 1)),
        (ATTACH, 1, Fault::exception("INVALID_KS"), (3, 1, 1)),
        (ATTACH, 1, Fault::exception("NEVER_HEARD_OF"), (3, 1, 1)),
        // a firewall before Kaltura that dislikes a topic
        (ATTACH, 1, Fault::answer(403, "<html>blocked</html>"), (3, 1, 1)),
        (ATTACH, ALWAYS, Fault::exception("SERVICE_FORBIDDEN"), (4, 2, 0)),
        (ATTACH, ALWAYS, Fault::exception("USER_BLOCKED"), (4, 2, 0)),
        (ATTACH, ALWAYS, Fault::answer(403, "<html>blocked</html>"), (4, 2, 0)),
        (ATTACH, 3, Fault::exception("ACTION_BLOCKED"), (0, 0, 2)),
        (ATTACH, 3, Fault::answer(429, "slow down"), (0, 0, 2)),
        // once more than patience lasts
        (ATTACH, 13, Fault::exception("ACTION_BLOCKED"), (3, 1, 1)),
        (ATTACH, ALWAYS, Fault::exception("ACTION_BLOCKED"), (5, 2, 0)),
        // a claim made ahead that is refused is made once more when it is its turn
        ("uploadToken.add", 1, Fault::exception("SERVICE_FORBIDDEN"), (0, 0, 2)),
        ("uploadToken.add", ALWAYS, Fault::exception("SERVICE_FORBIDDEN"), (4, 2, 0)),
        ("uploadToken.upload", 1, Fault::exception("SERVICE_FORBIDDEN"), (3, 1, 1)),
        ("uploadToken.upload", 3, Fault::exception("ACTION_BLOCKED"), (0, 0, 2)),
        (TEXT, 1, Fault::exception("SERVICE_FORBIDDEN"), (3, 1, 2)),
        (TEXT, ALWAYS, Fault::exception("SERVICE_FORBIDDEN"), (4, 2, 2)),
        (TEXT, 3, Fault::exception("ACTION_BLOCKED"), (0, 0, 2)),
        ("caption_captionAsset.setContent", 1, Fault::exception("SERVICE_FORBIDDEN"), (3, 1, 2)),
        ("attachment_attachmentAsset.add", 1, Fault::exception("USER_BLOCKED"), (3, 1, 2)),
        ("categoryEntry.add", 1, Fault::exception("SERVICE_FORBIDDEN"), (3, 0, 2)),
        ("categoryEntry.add", ALWAYS, Fault::exception("SERVICE_FORBIDDEN"), (4, 0, 2)),
        ("categoryEntry.add", 3, Fault::exception("ACTION_BLOCKED"), (0, 0, 2)),
        ("session.start", ALWAYS, Fault::exception("START_SESSION_ERROR"), (4, 0, 0)),
    ];
    check_each(cases, |(call, times, fault, expected)| {
        let campus = campus();
        queue(campus.kaltura.faults(), call, *times, fault);
        let run = campus.run_with(&all, &["sync", "--format", "json"]);
        let (failed, copied) = failed_and_copied(&run);
        assert_eq!((run.exit, failed, copied), *expected, "{call} {times} times {fault:?}: {} {}", run.err, run.out);
        campus.kaltura.faults().clear();
        campus.run(&["retry", "--failed"]);
        campus.sync_until_done_with(&all);
        campus.each_video_is_in_kaltura_once();
    });
}

#[test]
fn one_owners_refusals_stay_theirs() {
    let campus = campus_of(Zoom::start());
    for number in 1..=3 {
        campus.zoom.add_meeting(lecture(&format!("ada{number}=="), 81_000_000_000 + number, "ada", 5));
    }
    queue(campus.kaltura.faults(), "multirequest of media.add", ALWAYS, &Fault::exception("USER_BLOCKED"));
    let run = campus.run_with(&[IN_TURN], &["sync", "--format", "json"]);
    assert_eq!((run.exit, failed_and_copied(&run)), (3, (3, 0)), "{}", run.err);
    campus.kaltura.faults().clear();
    let settings = [("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")];
    campus.run(&["retry", "--failed"]);
    campus.sync_until_done_with(&settings);
    campus.each_video_is_in_kaltura_once();
}

/// What Kaltura answers, so often, while copies are deleted or handed over; the exit code, and for how many it was done.
#[test]
fn one_refused_entry_stops_no_other() {
    let purge: &[&str] = &["purge", "--older-than", "0s"];
    let cases = [
        (purge, "media.delete", 1, Fault::exception("SERVICE_FORBIDDEN"), (3, 1)),
        (purge, "media.delete", 3, Fault::exception("ACTION_BLOCKED"), (0, 2)),
        (purge, "media.delete", ALWAYS, Fault::exception("SERVICE_FORBIDDEN"), (4, 0)),
        (&["sync"], "baseEntry.update", 1, Fault::exception("USER_BLOCKED"), (3, 1)),
        (&["sync"], "baseEntry.update", 3, Fault::exception("ACTION_BLOCKED"), (0, 2)),
        (&["sync"], "baseEntry.update", ALWAYS, Fault::exception("SERVICE_FORBIDDEN"), (4, 0)),
    ];
    for (args, call, times, fault, expected) in cases {
        let campus = campus_of(Zoom::start());
        campus.zoom.add_user(User::new("eve", "eve@elsewhere.example"));
        for (number, host) in [(1, "guest"), (2, "eve")] {
            campus.zoom.add_meeting(lecture(&format!("{host}=="), 81_000_000_000 + number, host, 5));
        }
        campus.sync_until_done();
        if args[0] == "sync" {
            campus.kaltura.add_user("guest@elsewhere.example", "");
            campus.kaltura.add_user("eve@elsewhere.example", "");
        }
        queue(campus.kaltura.faults(), call, times, &fault);
        let run = campus.run(args);
        let done =
            campus.kaltura.entries().iter().filter(|entry| entry.status == 3 || entry.user_id != HOLDING_USER).count();
        assert_eq!((run.exit, done), expected, "{args:?} {call} {times} times {fault:?}: {}", run.err);
    }
}

#[test]
fn refused_reassignment_stops_no_other() {
    let campus = campus_of(Zoom::start());
    for number in 1..=2 {
        campus.zoom.add_meeting(lecture(&format!("ada{number}=="), 81_000_000_000 + number, "ada", 5));
    }
    campus.sync_until_done();
    queue(campus.kaltura.faults(), "baseEntry.update", 1, &Fault::exception("SERVICE_FORBIDDEN"));
    let run = campus.run(&["reassign", "ada@uni.example", "bob@uni.example"]);
    let given = campus.kaltura.entries().iter().filter(|entry| entry.user_id == "bob@uni.example").count();
    assert_eq!((run.exit, given), (3, 1), "{}", run.err);
}

#[test]
fn refusing_all_counts_against_none() {
    let campus = campus();
    for _ in 0..4 {
        queue(campus.kaltura.faults(), "multirequest of media.add", 2, &Fault::exception("SERVICE_FORBIDDEN"));
        let run = campus.run_with(&[IN_TURN, ("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "2")], &["sync"]);
        assert_eq!(run.exit, 4, "{}", run.err);
        campus.kaltura.faults().clear();
    }
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

/// What Zoom answers to the download of one, so often, and then as usual; the exit code and failed recordings.
#[test]
fn refused_download_fails_its_recording_only() {
    let cases = [
        (401, 3, (3, 1)),
        (403, 2, (3, 1)),
        (404, 1, (3, 1)),
        (410, 1, (3, 1)),
        (403, ALWAYS, (4, 2)),
        (401, ALWAYS, (4, 2)),
        (404, ALWAYS, (3, 2)),
    ];
    for (status, times, expected) in cases {
        let campus = campus();
        queue(campus.zoom.faults(), "GET /rec/download", times, &Fault::answer(status, "no"));
        let run = campus.run_with(&[IN_TURN], &["sync", "--format", "json"]);
        assert_eq!((run.exit, failed_and_copied(&run).0), expected, "{status} {times} times: {}", run.err);
    }
    // alone too
    let campus = campus_of(Zoom::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    queue(campus.zoom.faults(), "GET /rec/download", ALWAYS, &Fault::answer(403, "no"));
    let run = campus.run(&["sync"]);
    assert_eq!(run.exit, 3, "{}", run.err);
    assert!(run.err.contains("\"Lecture 81000000001\" of "), "{}", run.err);
}

fn iso(seconds: i64) -> String {
    (Utc::now() + TimeDelta::seconds(seconds)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[test]
fn throttling_waits_unless_it_is_daily() {
    let http_date = || (Utc::now() + TimeDelta::seconds(2)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let second = "You have reached the maximum per-second rate limit for this API. Try again later.";
    let daily = "You have reached the maximum daily rate limit for this API.";
    let cases: [(Vec<_>, &str, i32); 11] = [
        (vec![("retry-after", iso(3))], second, 0),
        (vec![("retry-after", iso(3))], "", 0),
        (vec![("retry-after", http_date())], "", 0),
        (vec![("retry-after", "1".to_owned())], second, 0),
        (vec![("retry-after", iso(-30))], second, 0),
        (vec![("retry-after", "soon".to_owned())], second, 0),
        (vec![], "", 0),
        (vec![("retry-after", iso(3)), ("x-ratelimit-type", "QPS".to_owned())], second, 0),
        (vec![("retry-after", iso(3)), ("x-ratelimit-type", "Daily-limit".to_owned())], "", 5),
        (vec![("retry-after", iso(40_000))], daily, 5),
        (vec![], daily, 5),
    ];
    for (headers, message, exit) in cases {
        let campus = Campus::with_two_recordings();
        let fault = turned_away(&headers, message);
        campus.zoom.faults().queue("GET /accounts/me/recordings", 1, fault.clone());
        let run = campus.run(&["sync"]);
        assert_eq!(run.exit, exit, "{fault:?}: {}", run.err);
        assert_eq!(campus.kaltura.entries().len(), if exit == 0 { 2 } else { 0 }, "{fault:?}");
    }
}

/// What Zoom answers for a host whom its list does not tell; what becomes of their recording.
#[test]
fn failed_look_up_is_waited_for() {
    let cases = [
        (Fault::zoom_error(400, 1010, "User not found on this account"), 0, json!(["copy_as_orphan", "host_unknown"])),
        (Fault::zoom_error(400, 1001, "User does not exist"), 0, json!(["copy_as_orphan", "host_unknown"])),
        (Fault::zoom_error(404, 1001, "User does not exist"), 0, json!(["copy_as_orphan", "host_unknown"])),
        (
            Fault::zoom_error(400, 1120, "A valid invitation was not found"),
            0,
            json!(["copy_as_orphan", "host_unknown"]),
        ),
        (
            Fault::zoom_error(404, 1120, "A valid invitation was not found"),
            0,
            json!(["copy_as_orphan", "host_unknown"]),
        ),
        (Fault::zoom_error(400, 300, "Invalid field."), 3, json!(["wait", "owner_lookup_failed"])),
        (Fault::zoom_error(404, 2300, "Not recognized."), 3, json!(["wait", "owner_lookup_failed"])),
        (Fault::zoom_error(400, 200, "No permission."), 4, json!(["wait", "owner_lookup_failed"])),
        (Fault::answer(500, ""), 5, json!(["wait", "owner_lookup_failed"])),
    ];
    for (fault, exit, fate) in cases {
        let campus = campus_of(Zoom::builder().without_host_emails().start());
        campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
        queue(campus.zoom.faults(), "GET /users/{}", 5, &fault);
        let run = campus.run(&["sync", "--format", "json"]);
        let item = &run.report()["items"][0];
        assert_eq!((run.exit, json!([item["action"], item["reason"]])), (exit, fate), "{fault:?}: {}", run.err);
    }
}

#[test]
fn single_refusal_is_no_missing_scope() {
    for fault in
        [Fault::zoom_error(400, 4711, "does not contain scopes:[a]."), Fault::zoom_error(403, 200, "No permission.")]
    {
        let campus = campus_of(Zoom::builder().without_host_emails().start());
        for (number, host) in [(1, "ada"), (2, "bob")] {
            campus.zoom.add_meeting(lecture(&format!("{host}=="), 81_000_000_000 + number, host, 40).processing());
        }
        campus.run(&["sync"]);
        campus.zoom.remove_meeting("ada==");
        campus.zoom.remove_meeting("bob==");
        campus.zoom.faults().queue("GET /meetings/{}/recordings", 1, fault.clone());
        let run = campus.run(&["sync"]);
        assert_eq!(run.exit, 3, "{fault:?}: {}", run.err);
        for (number, host) in [(3, "ada"), (4, "bob")] {
            campus.zoom.add_meeting(lecture(&format!("{host}2=="), 81_000_000_000 + number, host, 5));
        }
        campus.setup.forget_hosts();
        campus.zoom.faults().queue("GET /users/{}", 1, fault.clone());
        let run = campus.run(&["sync", "--format", "json"]);
        assert_eq!((run.exit, failed_and_copied(&run).1), (3, 1), "{fault:?}: {} {}", run.err, run.out);
    }
}

#[test]
fn departed_host_keeps_known_account() {
    let campus = campus_of(Zoom::builder().without_host_emails().start());
    campus.zoom.add_meeting(lecture("before==", 81_000_000_001, "ada", 9));
    campus.sync_until_done();
    campus.zoom.remove_user("ada");
    // somebody else has the address by now
    campus.zoom.add_user(User::new("heir", "ada@uni.example"));
    campus.setup.forget_hosts();
    campus.zoom.add_meeting(lecture("after==", 81_000_000_002, "ada", 5));
    let report = campus.run(&["sync", "--format", "json"]).report();
    let item = report["items"].as_array().and_then(|items| items.iter().find(|item| item["meeting_uuid"] == "after=="));
    let item = item.expect("the later one").clone();
    assert_eq!(json!([item["owner"], item["owner_rule"]]), json!(["ada@uni.example", "last_owner"]), "{item:#}");
    // an account that is no more counts for nothing
    campus.kaltura.block_user("ada@uni.example");
    campus.zoom.add_meeting(lecture("late==", 81_000_000_003, "ada", 4));
    campus.setup.forget_hosts();
    let settings = [("ZOOM2KALTURA_OWNER_REMEMBER_FOR", "0s")];
    let report = campus.run_with(&settings, &["sync", "--format", "json"]).report();
    let item = report["items"].as_array().and_then(|items| items.iter().find(|item| item["meeting_uuid"] == "late=="));
    assert_eq!(item.expect("the last one")["owner"], json!(HOLDING_USER));
}

#[test]
fn gifts_and_orphans_name_no_owner() {
    let campus = campus_of(Zoom::builder().without_host_emails().start());
    campus.zoom.add_meeting(lecture("orphan==", 81_000_000_001, "guest", 9));
    campus.sync_until_done();
    campus.zoom.remove_user("guest");
    campus.zoom.add_meeting(lecture("given==", 81_000_000_002, "ada", 8));
    campus.sync_until_done();
    assert_eq!(campus.run(&["reassign", "ada@uni.example", "bob@uni.example"]).exit, 0);
    campus.zoom.remove_user("ada");
    campus.setup.forget_hosts();
    for (number, host) in [(3, "guest"), (4, "ada")] {
        campus.zoom.add_meeting(lecture(&format!("late-{host}=="), 81_000_000_000 + number, host, 3));
    }
    let report = campus.run(&["sync", "--format", "json"]).report();
    for item in report["items"].as_array().expect("items") {
        if item["meeting_uuid"].as_str().is_some_and(|uuid| uuid.starts_with("late-")) {
            assert_eq!(json!([item["owner"], item["reason"]]), json!([HOLDING_USER, "host_unknown"]), "{item:#}");
        }
    }
}

#[test]
fn departed_unknown_hosts_listed_address_counts() {
    let campus = campus_of(Zoom::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    queue(
        campus.zoom.faults(),
        "GET /users/{}",
        ALWAYS,
        &Fault::zoom_error(400, 1010, "User not found on this account"),
    );
    let settings = [("ZOOM2KALTURA_OWNER_CANDIDATES", "{employee_unique_id},{email}")];
    let run = campus.run_with(&settings, &["sync", "--format", "json"]);
    let item = &run.report()["items"][0];
    assert_eq!((run.exit, item["owner"].clone()), (0, json!("ada@uni.example")), "{} {item:#}", run.err);
}

/// What Zoom answers for a meeting that is owed and not listed: the exit code and the reason, before `sync.zoom_retention` is
/// over and after.
#[test]
fn lost_recording_is_reported_once() {
    let cases = [
        (
            Fault::zoom_error(404, 3301, "There is no recording for this meeting."),
            (3, "gone_from_zoom"),
            (3, "gone_from_zoom"),
        ),
        (Fault::zoom_error(400, 1010, "User not found on this account"), (3, "gone_from_zoom"), (3, "gone_from_zoom")),
        (Fault::zoom_error(404, 1001, "User does not exist"), (3, "not_listed"), (3, "gone_from_zoom")),
        (Fault::zoom_error(400, 300, "Invalid field."), (3, "not_listed"), (3, "gone_from_zoom")),
        (Fault::zoom_error(400, 200, "No permission."), (4, "not_listed"), (3, "gone_from_zoom")),
        (Fault::html(), (5, "not_listed"), (3, "gone_from_zoom")),
        (Fault::answer(500, ""), (5, "not_listed"), (3, "gone_from_zoom")),
        // no answer says nothing
        (Fault::Reset, (5, "not_listed"), (5, "not_listed")),
    ];
    for (fault, before, after) in cases {
        for (retention, (exit, reason)) in [("30d", before), ("1d", after)] {
            let campus = Campus::new();
            campus.zoom.add_meeting(lecture("owed==", 81_000_000_001, "ada", 40).processing());
            campus.run(&["sync"]);
            campus.zoom.remove_meeting("owed==");
            queue(campus.zoom.faults(), "GET /meetings/{}/recordings", ALWAYS, &fault);
            let settings = [("ZOOM2KALTURA_SYNC_ZOOM_RETENTION", retention)];
            let run = campus.run_with(&settings, &["sync", "--format", "json"]);
            let said = format!("{fault:?} {retention}: {}", run.err);
            assert_eq!((run.exit, run.report()["items"][0]["reason"].clone()), (exit, json!(reason)), "{said}");
            assert!(run.err.contains("\"Lecture 81000000001\" of "), "{said}");
            if reason == "gone_from_zoom" {
                let again = campus.run_with(&settings, &["sync", "--format", "json"]);
                assert_eq!((again.exit, again.err.as_str()), (0, ""), "{said}");
                let status = campus.run(&["status", "--alert", "--format", "json"]);
                assert_eq!(status.exit, 7, "{said}");
                assert!(status.out.contains("1 recording was lost"), "{}", status.out);
                assert_eq!(status.report()["lost"][0]["topic"], "Lecture 81000000001");
            } else {
                assert!(run.err.contains("owed=="), "{said}");
            }
        }
    }
}

/// What Zoom answers where a host's plan lacks something, or the app a scope; how the run ends.
#[test]
fn missing_plan_is_no_missing_scope() {
    let paid = "Only available for Paid or ZMP account: abc.";
    let panelists = "GET /webinars/{}/panelists";
    let report = "GET /report/{}/participants";
    let cases = [
        (panelists, PANELISTS, Fault::zoom_error(400, 200, NO_PLAN), 0),
        (panelists, PANELISTS, Fault::zoom_error(400, 300, NO_PLAN), 0),
        (panelists, PANELISTS, Fault::zoom_error(403, 200, NO_PLAN), 0),
        (panelists, PANELISTS, Fault::zoom_error(404, 3001, "Webinar does not exist"), 0),
        (panelists, PANELISTS, Fault::zoom_error(400, 1010, "User not found on this account"), 0),
        (report, PARTICIPANTS, Fault::zoom_error(400, 200, paid), 0),
        (report, PARTICIPANTS, Fault::zoom_error(400, 12702, "Can not access meeting a year ago."), 0),
        ("GET /webinars/{}", FIELD, Fault::zoom_error(400, 200, NO_PLAN), 0),
        ("GET /webinars/{}", FIELD, Fault::zoom_error(400, 1010, "User not found on this account"), 0),
        (panelists, PANELISTS, Fault::zoom_error(400, 200, "No permission."), 4),
        (panelists, PANELISTS, Fault::zoom_error(400, 4711, "does not contain scopes:[a]."), 4),
        (report, PARTICIPANTS, Fault::zoom_error(400, 200, "No permission."), 4),
        ("GET /webinars/{}", FIELD, Fault::zoom_error(400, 200, "No permission."), 4),
        (panelists, PANELISTS, Fault::zoom_error(400, 300, "Invalid field."), 3),
    ];
    for (call, setting, fault, expected) in cases {
        let campus = campus_of(Zoom::start());
        campus.zoom.add_meeting(lecture("w==", 91_000_000_001, "ada", 5).webinar());
        queue(campus.zoom.faults(), call, 5, &fault);
        let mut exits = Vec::new();
        let settings = if setting == FIELD { vec![FIELD, BY_FIELD] } else { vec![setting] };
        for _ in 0..50 {
            let run = campus.run_with(&settings, &["sync", "--format", "json"]);
            exits.push(run.exit);
            if run.exit != 0 || (!run.waits_for_kaltura() && campus.zoom.log().count(call) > 0) {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(exits.last(), Some(&expected), "{call} {fault:?}");
        let asked = campus.zoom.log().count(call);
        assert!(asked > 0, "{call}");
        if expected == 0 {
            assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
            assert_eq!(campus.zoom.log().count(call), asked, "{call} {fault:?}: it is not owed any more");
        }
    }
}

#[test]
fn refused_rights_stop_no_other_copy() {
    let campus = campus_of(Zoom::builder().with_scope("webinar:read:list_panelists:admin").start());
    for (number, host) in [(1, "ada"), (2, "bob")] {
        campus.zoom.add_meeting(lecture(&format!("{host}=="), 91_000_000_000 + number, host, 5).webinar());
    }
    // both become READY in the same run
    campus.kaltura.process_for(Duration::MAX);
    assert_eq!(campus.run_with(&[PANELISTS], &["sync"]).exit, 0);
    campus.kaltura.process_for(Duration::ZERO);
    campus.zoom.faults().queue(
        "GET /webinars/{}/panelists",
        1,
        Fault::zoom_error(400, 4711, "does not contain scopes:[a]."),
    );
    let run = campus.run_with(&[PANELISTS], &["sync"]);
    assert_eq!((run.exit, campus.zoom.log().count("GET /webinars/{}/panelists")), (3, 2), "{}", run.err);
    assert_eq!(campus.run_with(&[PANELISTS], &["sync"]).exit, 0, "one copy's rights wait for a day");
    campus.setup.age_rights(TimeDelta::days(1));
    assert_eq!(campus.run_with(&[PANELISTS], &["sync"]).exit, 0);
    assert_eq!(campus.zoom.log().count("GET /webinars/{}/panelists"), 3);
}

/// Odd addresses, ids and topics are values wherever they go.
#[test]
fn odd_characters_are_plain_values() {
    for odd in ["o\"brien", "\"o.b\"", "a\\b", "a\\\"b", "o'brien", "-dash", "%25", "a,b", "a*b", "*", "a|b"] {
        let campus = campus_of(Zoom::builder().without_host_emails().start());
        let address = format!("{odd}@uni.example");
        let id = format!("{odd}-id");
        campus.zoom.add_user(User::new(&id, &address));
        // found by address alone
        campus.kaltura.add_user("al7", &address);
        let uuid = format!("{odd}==");
        campus.zoom.add_meeting(lecture(&uuid, 81_000_000_001, &id, 5).topic(&format!("{odd}\n\"x\"\\")));
        campus.zoom.add_meeting(lecture("ada==", 81_000_000_002, "ada", 4));
        let settings = [("ZOOM2KALTURA_OWNER_CANDIDATES", "{email}"), ("ZOOM2KALTURA_OWNER_MATCH_EMAIL", "true")];
        campus.sync_until_done_with(&settings);
        campus.each_video_is_in_kaltura_once();
        let owners: BTreeSet<String> = campus.kaltura.entries().into_iter().map(|entry| entry.user_id).collect();
        // what Kaltura cannot be asked for, nobody has
        let expected = if odd == "a\\\"b" { HOLDING_USER } else { "al7" };
        assert_eq!(owners, BTreeSet::from([expected.to_owned(), "ada@uni.example".to_owned()]), "{odd}");
        for what in [&uuid, &address, odd] {
            let run = campus.run(&["explain", what]);
            assert!(
                run.exit == 0 && run.out.contains("confirmed, whole and playable"),
                "{what}: {}{}",
                run.out,
                run.err
            );
        }
        let (from, to) = (hours_ago(48), hours_ago(-24));
        for option in [["--meeting", uuid.as_str()], ["--user", address.as_str()]] {
            let args =
                [&["backfill", "--from", &from[..10], "--to", &to[..10], "--dry-run", "--format", "json"][..], &option]
                    .concat();
            let run = campus.run(&args);
            assert_eq!((run.exit, run.report()["items"].as_array().map(Vec::len)), (0, Some(1)), "{odd}: {}", run.err);
        }
        let run = campus.run(&["retry", &uuid]);
        assert!(!run.err.contains("unexpected argument"), "{}", run.err);
    }
}

#[test]
fn one_persons_failure_stays_theirs() {
    let campus = campus();
    let one_of_two = json!([
        {"objectType": "KalturaAPIException", "code": "INTERNAL_SERVERL_ERROR", "message": "x", "args": []},
        {"objectType": "KalturaUser", "id": "bob@uni.example", "status": 1}
    ]);
    queue(campus.kaltura.faults(), "multirequest of user.get", 5, &Fault::json(200, &one_of_two.to_string()));
    let run = campus.run_with(&[IN_TURN], &["sync", "--format", "json"]);
    assert_eq!((run.exit, failed_and_copied(&run)), (3, (1, 1)), "{} {}", run.err, run.out);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for file in fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn codes_stand_in_one_table_only() {
    let codes: BTreeSet<&str> =
        MEANINGS.iter().flat_map(|row| row.codes).copied().filter(|code| code.len() > 3).collect();
    assert!(codes.len() > 30, "{codes:?}");
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut strangers = Vec::new();
    for file in files.iter().filter(|file| !file.ends_with("http/meanings.rs")) {
        let text = fs::read_to_string(file).expect("a source");
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
        for line in lines {
            let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            strangers
                .extend(words.filter(|word| codes.contains(word)).map(|word| format!("{}: {word}", file.display())));
        }
    }
    assert!(strangers.is_empty(), "look-ups in src/remotes/http/meanings.rs are to be asked instead: {strangers:#?}");
}

#[test]
fn manual_explains_every_code() {
    let page = page("reference");
    let section = page.split("\n## What Zoom and Kaltura may answer\n").nth(1).expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    for code in MEANINGS.iter().flat_map(|row| row.codes) {
        assert!(section.contains(&format!("`{code}`")), "{code} is not explained");
    }
}
