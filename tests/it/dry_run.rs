//! A dry run changes nothing: not in Zoom, not in Kaltura, not in the ledger, not on a virgin disk.

use serde_json::{Value, json};

use crate::campus::{Campus, lecture};

fn seeded() -> Campus {
    let campus = Campus::with_lecture();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    campus.zoom.add_meeting(lecture("slow==", 81_000_000_003, "ada", 2).processing());
    campus
}

/// What was asked of Kaltura beyond logging in and looking.
fn writes(campus: &Campus) -> Vec<String> {
    let harmless = [
        "session.start",
        "user.get",
        "user.list",
        "media.list",
        "media.get",
        "flavorAsset.getByEntryId",
        "multirequest",
    ];
    campus.kaltura.log().calls().into_iter().filter(|call| !harmless.contains(&call.as_str())).collect()
}

/// The plan of a report: what does not change by being carried out.
fn plan_of(report: &Value) -> Value {
    let items = report["items"].as_array().expect("items").iter();
    json!(
        items
            .map(|item| json!([item["meeting_uuid"], item["action"], item["reason"], item["owner"]]))
            .collect::<Vec<_>>()
    )
}

#[test]
fn virgin_state_folder_stays_virgin() {
    let campus = seeded();
    let before = (campus.zoom.fingerprint(), campus.kaltura.fingerprint());
    let run = campus.run(&["sync", "--dry-run"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(run.out.contains("dry run: nothing was changed"), "{}", run.out);
    assert!(!campus.setup.state().exists());
    assert_eq!((campus.zoom.fingerprint(), campus.kaltura.fingerprint()), before);
    assert_eq!(writes(&campus), Vec::<String>::new());
    assert!(campus.zoom.cdn_log().calls().is_empty());
}

#[test]
fn ledger_stays_byte_for_byte() {
    let campus = seeded();
    campus.sync_until_done();
    campus.zoom.add_meeting(lecture("new==", 81_000_000_004, "ada", 1));
    campus.zoom.finish_processing("slow==");
    let before = (campus.state(), campus.zoom.fingerprint(), campus.kaltura.fingerprint());
    campus.kaltura.log().clear();
    let run = campus.run(&["sync", "--dry-run", "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert_eq!(run.report()["totals"]["copy"]["recordings"], 2);
    assert_eq!((campus.state(), campus.zoom.fingerprint(), campus.kaltura.fingerprint()), before);
    assert_eq!(writes(&campus), Vec::<String>::new());
}

#[test]
fn says_what_the_run_does() {
    let campus = seeded();
    let rehearsed = campus.run(&["sync", "--dry-run", "--format", "json"]).report();
    let carried_out = campus.run(&["sync", "--format", "json"]).report();
    assert_eq!(plan_of(&rehearsed), plan_of(&carried_out));
    assert_eq!(rehearsed["totals"], carried_out["totals"]);
    assert_eq!((rehearsed["dry_run"].clone(), carried_out["dry_run"].clone()), (json!(true), json!(false)));
}

#[test]
fn takes_and_minds_no_lock() {
    let campus = seeded();
    campus.sync_until_done();
    let _lock = campus.hold_lock("run.lock");
    assert_eq!(campus.run(&["sync", "--dry-run"]).exit, 0);
    assert_eq!(campus.run(&["sync"]).exit, 75);
}

#[test]
fn reports_confirmable_copies_without_confirming() {
    let campus = seeded();
    let settings = [("ZOOM2KALTURA_HTTP_RETRIES", "0")];
    campus.run_with(&settings, &["sync"]);
    std::thread::sleep(std::time::Duration::from_millis(200));
    let before = campus.state();
    let report = campus.run(&["sync", "--dry-run", "--format", "json"]).report();
    assert_eq!(report["totals"]["done"]["recordings"], 2);
    assert_eq!(campus.state(), before);
}

/// Nobody may see that somebody looked: what changes nothing makes no user either, and on a partner that never saw the program
/// Kaltura would make that of the session.
#[test]
fn looking_makes_no_kaltura_user() {
    let campus = seeded();
    let today = chrono::Utc::now().date_naive().to_string();
    let backfill = ["backfill", "--from", &today, "--to", &today, "--dry-run"];
    let cases = [
        &["check"][..],
        &["sync", "--dry-run"],
        &backfill,
        &["purge", "--dry-run"],
        &["reassign", "ada@uni.example", "zoom-orphans", "--dry-run"],
        &["explain", "0_12345678"],
        &["verify"],
        &["retention"],
        &["captions"],
    ];
    let before = campus.kaltura.fingerprint();
    for args in cases {
        campus.run(args);
        assert_eq!(campus.kaltura.fingerprint(), before, "{args:?}");
    }
    assert!(campus.kaltura.log().count("user.get") > 0);
    assert_eq!(campus.run(&["sync"]).exit, 0);
    let before = campus.kaltura.fingerprint();
    campus.kaltura.log().clear();
    assert_eq!(campus.run(&["sync", "--dry-run"]).exit, 0);
    assert_eq!(campus.kaltura.fingerprint(), before);
    assert_eq!(campus.kaltura.log().count("session.start"), 2, "in the name of the user that is there by now");
}
