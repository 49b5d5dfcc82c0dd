//! Orphaned copies are let go when their time has come, and nothing else is ever deleted.

use serde_json::json;
use standin::fault::Fault;
use standin::kaltura::Seed;
use standin::setup::HOLDING_USER;

use crate::campus::{Campus, lecture};

const ALL: [&str; 3] = ["purge", "--older-than", "0s"];

/// Two orphans and one copy that has an owner, all confirmed.
fn campus() -> Campus {
    campus_of(standin::kaltura::Kaltura::start())
}

fn campus_of(kaltura: standin::kaltura::Kaltura) -> Campus {
    let campus = Campus::of(standin::zoom::Zoom::start(), kaltura);
    campus.zoom.add_meeting(lecture("guest-one==", 81_000_000_001, "guest", 5));
    campus.zoom.add_meeting(lecture("guest-two==", 81_000_000_002, "guest", 4));
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_003, "ada", 3));
    campus.sync_until_done();
    for log in [campus.zoom.log(), campus.zoom.cdn_log(), campus.kaltura.log()] {
        log.clear();
    }
    campus
}

fn id_of(campus: &Campus, name: &str) -> String {
    let entries = campus.kaltura.entries();
    entries.into_iter().find(|entry| entry.name == name).map(|entry| entry.id).expect("the copy is there")
}

/// Zoom is asked who the hosts are, and nothing else.
#[test]
fn old_orphans_are_deleted() {
    let campus = campus();
    let run = campus.run(&ALL);
    assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (0, "", ""));
    assert_eq!(campus.left(), ["Lecture 81000000003"]);
    assert_eq!(campus.zoom.log().calls(), ["POST /oauth/token", "GET /users/{}"]);
    assert!(campus.zoom.cdn_log().calls().is_empty());
}

#[test]
fn nothing_due_asks_zoom_nothing() {
    let campus = campus();
    assert_eq!(campus.run(&["purge"]).exit, 0);
    assert!(campus.zoom.log().calls().is_empty());
    assert_eq!(campus.left().len(), 3);
}

#[test]
fn purged_stays_purged_without_ledger() {
    let campus = campus();
    campus.run(&ALL);
    let reasons = || {
        let report = campus.run(&["sync", "--format", "json"]).report();
        json!([report["items"][0]["reason"], report["items"][1]["reason"], report["totals"]["copy"]["recordings"]])
    };
    assert_eq!(reasons(), json!(["purged", "purged", 0]));
    campus.lose_ledger();
    assert_eq!(reasons(), json!(["deleted_in_kaltura", "deleted_in_kaltura", 0]));
    assert_eq!(campus.left(), ["Lecture 81000000003"]);
}

#[test]
fn orphans_stay_until_old_enough() {
    let campus = campus();
    let report = campus.run(&["purge", "--format", "json"]).report();
    assert_eq!(report["totals"]["keep"]["recordings"], 2);
    assert_eq!(report["items"][0]["reason"], "not_old_enough");
    assert_eq!(campus.left().len(), 3);
}

#[test]
fn given_away_or_extended_copies_stay() {
    let campus = campus();
    campus.kaltura.set_owner(&id_of(&campus, "Lecture 81000000001"), "ada@uni.example");
    let parent_entry_id = id_of(&campus, "Lecture 81000000002");
    let name = "A clip of somebody else".to_owned();
    campus.kaltura.add_entry(&Seed { parent_entry_id, name, user_id: "ada@uni.example".to_owned(), ..Seed::default() });
    let report = campus.run(&["purge", "--older-than", "0s", "--format", "json"]).report();
    let mut reasons = [report["items"][0]["reason"].to_string(), report["items"][1]["reason"].to_string()];
    reasons.sort();
    assert_eq!(reasons, ["\"owner_changed\"", "\"someone_else_added\""]);
    assert_eq!(campus.left().len(), 4);
}

#[test]
fn already_gone_is_no_error() {
    let campus = campus();
    campus.kaltura.delete_entry(&id_of(&campus, "Lecture 81000000001"));
    let run = campus.run(&ALL);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let again = campus.run(&["purge", "--older-than", "0s", "--format", "json"]).report();
    assert_eq!(again["items"], json!([]));
}

#[test]
fn max_deletes_stops_whole_purge() {
    let campus = campus();
    for args in [
        &["purge", "--older-than", "0s", "--max-deletes", "1"][..],
        &["purge", "--dry-run", "--older-than", "0s", "--max-deletes", "1"],
    ] {
        let run = campus.run(args);
        assert_eq!(run.exit, 6);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
        assert!(run.err.contains("2 orphaned copies") && run.err.contains("--max-deletes 2"), "{}", run.err);
        assert_eq!(campus.left().len(), 3);
    }
    assert_eq!(campus.run(&["purge", "--older-than", "0s", "--max-deletes", "2"]).exit, 0);
    assert_eq!(campus.left().len(), 1);
}

#[test]
fn dry_run_shows_and_changes_nothing() {
    let campus = campus();
    let before = (campus.state(), campus.kaltura.fingerprint());
    let run = campus.run(&["purge", "--dry-run", "--older-than", "0s"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    for word in ["delete", "0h", "guest@elsewhere.example", "old_enough", "dry run: nothing was changed"] {
        assert!(run.out.contains(word), "{word} is not in {}", run.out);
    }
    assert_eq!((campus.state(), campus.kaltura.fingerprint()), before);
}

#[test]
fn purge_excludes_purge_not_sync() {
    let campus = campus();
    let other_purge = campus.hold_lock("purge.lock");
    assert_eq!(campus.run(&ALL).exit, 75);
    assert_eq!(campus.left().len(), 3);
    drop(other_purge);
    let _sync = campus.hold_lock("run.lock");
    assert_eq!(campus.run(&ALL).exit, 0);
    assert_eq!(campus.left().len(), 1);
}

#[test]
fn next_purge_finishes_failed_one() {
    let faults = [Fault::answer(503, "busy"), Fault::Reset, Fault::LostAnswer];
    for (call, hits) in [("session.start", 1), ("multirequest", 9), ("media.delete", 2)] {
        for hit in 1..=hits {
            for fault in &faults {
                let campus = campus();
                campus.kaltura.faults().queue(call, hit, fault.clone());
                let run = campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], &ALL);
                assert!([0, 5].contains(&run.exit), "{call} {hit} {fault:?}: {} {}", run.exit, run.err);
                assert_eq!(campus.run(&ALL).exit, 0);
                assert_eq!(campus.left(), ["Lecture 81000000003"], "{call} {hit} {fault:?}");
            }
        }
    }
}

#[test]
fn each_copy_is_checked_before_deletion() {
    let campus = campus();
    // after as many as the plan is made of comes the last look at the first copy
    let plan = campus.count_dry_calls(&ALL, "multirequest");
    let run = campus.run_beside(&[&ALL[..], &["--format", "json"]].concat(), ("multirequest", plan + 1), || {
        for name in ["Lecture 81000000001", "Lecture 81000000002"] {
            campus.kaltura.set_owner(&id_of(&campus, name), "ada@uni.example");
        }
    });
    assert_eq!(run.exit, 0, "{}", run.err);
    assert_eq!(run.report()["items"][0]["reason"], "owner_changed");
    assert_eq!(campus.left().len(), 3);
}

/// The reasons of a purge's report, sorted.
fn sorted_reasons(campus: &Campus, settings: &[(&str, &str)], args: &[&str]) -> (i32, Vec<String>) {
    let run = campus.run_with(settings, &[args, &["--format", "json"]].concat());
    let report = run.report();
    let items = report["items"].as_array().expect("items").iter();
    let mut reasons: Vec<String> = items.map(|item| item["reason"].as_str().unwrap_or("").to_owned()).collect();
    reasons.sort();
    (run.exit, reasons)
}

#[test]
fn published_and_foreign_entries_stay() {
    let campus = campus();
    let category = campus.kaltura.add_category("MediaSpace>site>channels>Physics");
    campus.kaltura.publish(&id_of(&campus, "Lecture 81000000001"), category);
    let day = std::time::Duration::from_secs(90_000);
    let theirs = Seed { user_id: HOLDING_USER.to_owned(), age: day, ..Seed::default() };
    campus.kaltura.add_entry(&theirs);
    campus.kaltura.add_entry(&Seed { reference_id: "Zoom_other==2026-11-20T09:00:00Z".to_owned(), ..theirs });
    let expected = ["not_made_by_us", "not_made_by_us", "old_enough", "published"].map(str::to_owned).to_vec();
    assert_eq!(sorted_reasons(&campus, &[], &[&ALL[..], &["--dry-run"]].concat()), (0, expected.clone()));
    assert_eq!(sorted_reasons(&campus, &[], &ALL), (0, expected));
    assert_eq!(campus.left(), ["Lecture", "Lecture", "Lecture 81000000001", "Lecture 81000000003"]);
}

/// Held back as a whole, with these words, and nothing is deleted; a dry run says the same.
fn is_held_back(campus: &Campus, settings: &[(&str, &str)], said: &[&str]) {
    let before = campus.left();
    for args in [&ALL[..], &[&ALL[..], &["--dry-run"]].concat()] {
        let run = campus.run_with(settings, args);
        assert_eq!((run.exit, run.err.lines().count()), (6, 1), "{}", run.err);
        assert!(said.iter().all(|words| run.err.contains(words)), "{}", run.err);
        assert!(run.err.contains("nothing was deleted"), "{}", run.err);
        assert_eq!(campus.left(), before);
    }
}

#[test]
fn missing_holding_user_stops_purge() {
    let deleted = campus();
    deleted.kaltura.delete_user(HOLDING_USER);
    is_held_back(&deleted, &[], &["the holding user \"zoom-orphans\" does not exist in Kaltura, or is blocked"]);
    let blocked = campus();
    blocked.kaltura.block_user(HOLDING_USER);
    is_held_back(&blocked, &[], &["is blocked"]);
    let renamed = campus();
    is_held_back(&renamed, &[("ZOOM2KALTURA_OWNER_HOLDING_USER", "nobody")], &["\"nobody\" does not exist"]);
}

#[test]
fn contradicting_kaltura_stops_purge() {
    let campus = campus();
    campus.kaltura.freeze_index(true);
    campus.kaltura.set_owner(&id_of(&campus, "Lecture 81000000001"), "ada@uni.example");
    let new = Seed { user_id: HOLDING_USER.to_owned(), ..Seed::default() };
    campus.kaltura.add_entry(&new);
    // the database and the index agree on what was there before
    assert_eq!(campus.run(&[&ALL[..], &["--dry-run"]].concat()).exit, 0);
    let hidden = self::campus_behind_its_index();
    is_held_back(&hidden, &[], &["Kaltura contradicts itself (media.get shows entry", "2 in all"]);
    hidden.kaltura.freeze_index(false);
    assert_eq!(hidden.run(&ALL).exit, 0);
    assert_eq!(hidden.left(), ["Lecture 81000000003"]);
}

/// The index has not seen what was copied.
fn campus_behind_its_index() -> Campus {
    let campus = Campus::new();
    campus.kaltura.freeze_index(true);
    campus.zoom.add_meeting(lecture("guest-one==", 81_000_000_001, "guest", 5));
    campus.zoom.add_meeting(lecture("guest-two==", 81_000_000_002, "guest", 4));
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_003, "ada", 3));
    campus.sync_until_done();
    campus
}

#[test]
fn all_accounts_unknown_stops_purge() {
    let campus = campus();
    for (number, host) in [(4, "bert"), (5, "cara")] {
        let address = format!("{host}@uni.example");
        campus.zoom.add_user(standin::zoom::User::new(host, &address));
        campus.kaltura.add_user(&address, "");
        campus.zoom.add_meeting(lecture(&format!("{host}=="), 81_000_000_000 + number, host, number));
    }
    campus.sync_until_done();
    for host in ["ada", "bert", "cara"] {
        campus.kaltura.delete_user(&format!("{host}@uni.example"));
    }
    is_held_back(&campus, &[], &["Kaltura knows none of the 3 accounts"]);
    campus.kaltura.add_user("ada@uni.example", "");
    assert_eq!(campus.run(&ALL).exit, 0);
    assert_eq!(campus.left().len(), 3);
}

#[test]
fn too_many_orphans_stop_purge() {
    let campus = campus();
    for number in 4..=20 {
        let host = if number <= 12 { "guest" } else { "ada" };
        campus.zoom.add_meeting(lecture(&format!("{host}{number}=="), 81_000_000_000 + number, host, number));
    }
    campus.sync_until_done();
    is_held_back(&campus, &[], &["11 of the 20 copies of the last 7 days have no owner, more than 50 %"]);
    assert_eq!(campus.run_with(&[("ZOOM2KALTURA_PURGE_MAX_ORPHAN_PERCENT", "55")], &ALL).exit, 0);
    assert_eq!(campus.left().len(), 9);
}

#[test]
fn without_ledger_marks_and_ages_decide() {
    let campus = campus();
    campus.lose_ledger();
    campus.kaltura.age_entry(&id_of(&campus, "Lecture 81000000001"), std::time::Duration::from_secs(25 * 3600));
    assert_eq!(
        sorted_reasons(&campus, &[], &["purge", "--dry-run"]),
        (0, vec!["not_old_enough".into(), "old_enough".into()])
    );
    assert_eq!(sorted_reasons(&campus, &[], &["purge"]), (0, vec!["not_old_enough".into(), "old_enough".into()]));
    assert_eq!(campus.left(), ["Lecture 81000000002", "Lecture 81000000003"]);
    // what a sync takes up again is confirmed anew
    campus.sync_until_done();
    assert_eq!(sorted_reasons(&campus, &[], &["purge"]), (0, vec!["not_old_enough".into()]));
    assert_eq!(campus.run(&ALL).exit, 0);
    campus.sync_until_done();
    assert_eq!(campus.left(), ["Lecture 81000000003"]);
}

#[test]
fn without_ledger_owned_copies_wait() {
    let campus = campus();
    campus.lose_ledger();
    campus.kaltura.add_user("guest@elsewhere.example", "");
    assert_eq!(sorted_reasons(&campus, &[], &ALL), (0, vec!["not_in_ledger".into(), "not_in_ledger".into()]));
    for _ in 0..2 {
        campus.sync_until_done();
    }
    assert!(campus.kaltura.entries().iter().all(|entry| entry.user_id != HOLDING_USER));
    assert_eq!(campus.left().len(), 3);
}

#[test]
fn without_ledger_no_purge_beside_sync() {
    let campus = campus();
    campus.lose_ledger();
    assert_eq!(campus.run(&["purge"]).exit, 0);
    let lock = campus.hold_lock("run.lock");
    assert_eq!(sorted_reasons(&campus, &[], &ALL), (0, vec!["not_in_ledger".into(), "not_in_ledger".into()]));
    assert_eq!(campus.left().len(), 3);
    drop(lock);
    assert_eq!(campus.run(&ALL).exit, 0);
    assert_eq!(campus.left(), ["Lecture 81000000003"]);
}

#[test]
fn one_undeletable_copy_stops_no_other() {
    let campus = campus();
    campus.kaltura.faults().queue("media.delete", 1, Fault::exception("SOMETHING_ODD"));
    let run = campus.run(&ALL);
    assert_eq!((run.exit, run.err.lines().count()), (3, 1), "{}", run.err);
    assert_eq!(campus.left().len(), 2);
    assert_eq!(campus.run(&ALL).exit, 0);
    assert_eq!(campus.left(), ["Lecture 81000000003"]);
}

const RECYCLE: [(&str, &str); 1] = [("ZOOM2KALTURA_PURGE_RECYCLE_BIN", "true")];

#[test]
fn recycle_bin_takes_the_copies() {
    let campus = campus_of(standin::kaltura::Kaltura::builder().recycle_bin().start());
    for _ in 0..2 {
        assert_eq!(campus.run_with(&RECYCLE, &ALL).exit, 0);
    }
    let recycled = campus.kaltura.entries().into_iter().filter(|entry| entry.recycled && entry.status == 2).count();
    assert_eq!((recycled, campus.left().len()), (2, 3));
    assert_eq!(campus.run(&["sync", "--format", "json"]).report()["reasons"]["purged"]["recordings"], 2);
    campus.lose_ledger();
    let report = campus.run(&["sync", "--format", "json"]).report();
    assert_eq!(report["reasons"]["deleted_in_kaltura"]["recordings"], 2);
    assert_eq!(campus.run_with(&RECYCLE, &ALL).exit, 0);
    assert_eq!(campus.kaltura.entries().len(), 3);
}

#[test]
fn missing_recycle_bin_stops_purge() {
    let campus = campus();
    let run = campus.run_with(&RECYCLE, &ALL);
    assert_eq!((run.exit, run.err.lines().count()), (6, 1), "{}", run.err);
    assert!(run.err.contains("recycle bin is not switched on"), "{}", run.err);
    assert_eq!(campus.left().len(), 3);
    assert_eq!(campus.run(&ALL).exit, 0);
    assert_eq!(campus.left().len(), 1);
}
