//! Orphaned copies are let go when their time has come, and nothing else is ever deleted.

use std::fs::{self, File};

use serde_json::json;

use crate::campus::{Campus, lecture};
use crate::standin::fault::Fault;
use crate::standin::kaltura::Seed;

const ALL: [&str; 3] = ["purge", "--older-than", "0s"];

/// Two orphans and one copy that has an owner, all confirmed.
fn campus() -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("guest-one==", 81_000_000_001, "guest", 5));
    campus.zoom.add_meeting(lecture("guest-two==", 81_000_000_002, "guest", 4));
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_003, "ada", 3));
    campus.sync_until_done();
    for log in [campus.zoom.log(), campus.zoom.cdn_log(), campus.kaltura.log()] {
        log.clear();
    }
    campus
}

/// The names of the copies that are still there.
fn left(campus: &Campus) -> Vec<String> {
    let entries = campus.kaltura.entries().into_iter().filter(|entry| entry.status != 3);
    let mut names: Vec<String> = entries.map(|entry| entry.name).collect();
    names.sort();
    names
}

fn id_of(campus: &Campus, name: &str) -> String {
    let entries = campus.kaltura.entries();
    entries.into_iter().find(|entry| entry.name == name).map(|entry| entry.id).expect("the copy is there")
}

#[test]
fn old_orphans_go_and_zoom_is_never_called() {
    let campus = campus();
    let run = campus.run(&ALL);
    assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (0, "", ""));
    assert_eq!(left(&campus), ["Lecture 81000000003"]);
    assert!(campus.zoom.log().calls().is_empty() && campus.zoom.cdn_log().calls().is_empty());
}

#[test]
fn a_purged_orphan_stays_purged_even_after_a_lost_ledger() {
    let campus = campus();
    campus.run(&ALL);
    let reasons = || {
        let report = campus.run(&["sync", "--format", "json"]).report();
        json!([report["items"][0]["reason"], report["items"][1]["reason"], report["totals"]["copy"]["recordings"]])
    };
    assert_eq!(reasons(), json!(["purged", "purged", 0]));
    fs::remove_dir_all(campus.setup.state()).expect("the ledger is lost");
    assert_eq!(reasons(), json!(["deleted_in_kaltura", "deleted_in_kaltura", 0]));
    assert_eq!(left(&campus), ["Lecture 81000000003"]);
}

#[test]
fn an_orphan_stays_until_it_is_old_enough() {
    let campus = campus();
    let report = campus.run(&["purge", "--format", "json"]).report();
    assert_eq!(report["totals"]["keep"]["recordings"], 2);
    assert_eq!(report["items"][0]["reason"], "not_old_enough");
    assert_eq!(left(&campus).len(), 3);
}

#[test]
fn a_copy_that_was_given_away_or_lost_its_mark_stays() {
    let campus = campus();
    campus.kaltura.set_owner(&id_of(&campus, "Lecture 81000000001"), "ada@uni.example");
    let parent_entry_id = id_of(&campus, "Lecture 81000000002");
    let name = "A clip of somebody else".to_owned();
    campus.kaltura.add_entry(&Seed { parent_entry_id, name, user_id: "ada@uni.example".to_owned(), ..Seed::default() });
    let report = campus.run(&["purge", "--older-than", "0s", "--format", "json"]).report();
    let mut reasons = [report["items"][0]["reason"].to_string(), report["items"][1]["reason"].to_string()];
    reasons.sort();
    assert_eq!(reasons, ["\"child_not_made_by_us\"", "\"owner_changed\""]);
    assert_eq!(left(&campus).len(), 4);
}

#[test]
fn what_is_gone_already_is_no_error() {
    let campus = campus();
    campus.kaltura.delete_entry(&id_of(&campus, "Lecture 81000000001"));
    let run = campus.run(&ALL);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let again = campus.run(&["purge", "--older-than", "0s", "--format", "json"]).report();
    assert_eq!(again["items"], json!([]));
}

#[test]
fn more_than_allowed_and_nothing_is_deleted() {
    let campus = campus();
    for args in [
        &["purge", "--older-than", "0s", "--max-deletes", "1"][..],
        &["purge", "--dry-run", "--older-than", "0s", "--max-deletes", "1"],
    ] {
        let run = campus.run(args);
        assert_eq!(run.exit, 6);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
        assert!(run.err.contains("2 orphaned copies") && run.err.contains("--max-deletes 2"), "{}", run.err);
        assert_eq!(left(&campus).len(), 3);
    }
    assert_eq!(campus.run(&["purge", "--older-than", "0s", "--max-deletes", "2"]).exit, 0);
    assert_eq!(left(&campus).len(), 1);
}

#[test]
fn a_dry_run_of_purge_shows_age_host_and_fate_and_changes_nothing() {
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
fn purge_runs_beside_a_long_sync_but_not_beside_another_purge() {
    let campus = campus();
    let hold = |name: &str| {
        let file = File::options().create(true).truncate(false).write(true).open(campus.setup.state().join(name));
        let file = file.expect("a lock file");
        file.lock().expect("the lock is free");
        file
    };
    let other_purge = hold("purge.lock");
    assert_eq!(campus.run(&ALL).exit, 75);
    assert_eq!(left(&campus).len(), 3);
    drop(other_purge);
    let _sync = hold("run.lock");
    assert_eq!(campus.run(&ALL).exit, 0);
    assert_eq!(left(&campus).len(), 1);
}

#[test]
fn a_fault_at_any_call_of_purge_deletes_nothing_else_and_the_next_purge_ends_the_work() {
    let faults = [Fault::answer(503, "busy"), Fault::Reset, Fault::LostAnswer];
    for call in ["session.start", "multirequest", "media.delete"] {
        for hit in 1..=2 {
            for fault in &faults {
                let campus = campus();
                campus.kaltura.faults().queue(call, hit, fault.clone());
                let run = campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], &ALL);
                assert!([0, 5].contains(&run.exit), "{call} {hit} {fault:?}: {} {}", run.exit, run.err);
                assert_eq!(campus.run(&ALL).exit, 0);
                assert_eq!(left(&campus), ["Lecture 81000000003"], "{call} {hit} {fault:?}");
            }
        }
    }
}

#[test]
fn each_copy_is_looked_at_again_just_before_it_is_deleted() {
    let campus = campus();
    // the plan is made by the first two; the third is the last look at the first copy
    campus.kaltura.faults().queue("multirequest", 3, Fault::Stall(std::time::Duration::from_millis(800)));
    let run = std::thread::scope(|scope| {
        let purge = scope.spawn(|| campus.run(&["purge", "--older-than", "0s", "--format", "json"]));
        while campus.kaltura.log().count("multirequest") < 3 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        for name in ["Lecture 81000000001", "Lecture 81000000002"] {
            campus.kaltura.set_owner(&id_of(&campus, name), "ada@uni.example");
        }
        purge.join().expect("a run")
    });
    assert_eq!(run.exit, 0, "{}", run.err);
    assert_eq!(run.report()["items"][0]["reason"], "owner_changed");
    assert_eq!(left(&campus).len(), 3);
}
