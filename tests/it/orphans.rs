//! Orphans find their owner: by `sync` and by `purge`, whole, once, and without undoing what people did.

use std::time::Duration;

use serde_json::json;
use standin::fault::Fault;
use standin::kaltura::{Entry, Kaltura};
use standin::media::Media;
use standin::setup::HOLDING_USER;
use standin::zoom::{User, Zoom};

use crate::campus::{Campus, lecture};

const GUEST: &str = "guest@elsewhere.example";
const PURGE: [&str; 3] = ["purge", "--older-than", "0s"];

/// An orphan with a second view, confirmed, whose host has an account since.
fn campus() -> Campus {
    let campus = orphaned();
    campus.kaltura.add_user(GUEST, "");
    campus
}

/// The same without an account.
fn orphaned() -> Campus {
    let campus = Campus::new();
    let meeting = lecture("guest==", 81_000_000_001, "guest", 5).video("gallery_view", Media::mp4().salted(7));
    campus.zoom.add_meeting(meeting);
    campus.sync_until_done();
    assert_eq!(campus.owners(), [HOLDING_USER, HOLDING_USER]);
    campus.kaltura.log().clear();
    campus
}

fn living_parent(campus: &Campus) -> Entry {
    campus.kaltura.alive().into_iter().find(|entry| entry.parent_entry_id.is_empty()).expect("the entry")
}

fn child(campus: &Campus) -> Entry {
    campus.kaltura.alive().into_iter().find(|entry| !entry.parent_entry_id.is_empty()).expect("a child")
}

#[test]
fn new_account_gets_whole_segment() {
    for args in [&["sync", "--format", "json"][..], &["purge", "--older-than", "0s", "--format", "json"]] {
        let campus = campus();
        let run = campus.run(args);
        assert_eq!(run.exit, 0, "{}", run.err);
        let item = &run.report()["items"][0];
        assert_eq!(
            json!([item["action"], item["result"], item["owner"], item["owner_rule"]]),
            json!(["adopt", "done", GUEST, "{email}"])
        );
        assert_eq!(campus.owners(), [GUEST, GUEST]);
        let again = campus.run(&[&PURGE[..], &["--format", "json"]].concat());
        assert_eq!((again.exit, &again.report()["items"]), (0, &json!([])));
        let idle = campus.run(&["sync", "--format", "json"]).report();
        assert_eq!(idle["totals"]["done"]["recordings"], 1);
        assert_eq!(campus.owners(), [GUEST, GUEST]);
    }
}

#[test]
fn dry_run_hands_nothing_over() {
    let campus = campus();
    let before = (campus.state(), campus.kaltura.fingerprint());
    for args in [
        &["sync", "--dry-run", "--format", "json"][..],
        &["purge", "--dry-run", "--older-than", "0s", "--format", "json"],
    ] {
        let report = campus.run(args).report();
        assert_eq!(report["items"][0]["action"], "adopt");
        assert_eq!(report["totals"]["adopt"]["recordings"], 1);
    }
    assert_eq!((campus.state(), campus.kaltura.fingerprint()), before);
}

#[test]
fn unlisted_orphan_finds_its_owner() {
    let campus = campus();
    campus.zoom.remove_meeting("guest==");
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(campus.owners(), [GUEST, GUEST]);
}

#[test]
fn without_adoption_orphans_are_purged() {
    let campus = campus();
    let off = [("ZOOM2KALTURA_PURGE_ADOPT", "false")];
    campus.zoom.log().clear();
    assert_eq!(campus.run_with(&off, &["sync"]).exit, 0);
    assert_eq!(campus.owners(), [HOLDING_USER, HOLDING_USER]);
    campus.zoom.log().clear();
    assert_eq!(campus.run_with(&off, &PURGE).exit, 0);
    assert!(campus.kaltura.alive().is_empty() && campus.zoom.log().calls().is_empty());
}

#[test]
fn peoples_changes_to_orphans_stay() {
    let campus = campus();
    campus.kaltura.set_owner(&child(&campus).id, "ada@uni.example");
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!((living_parent(&campus).user_id.as_str(), child(&campus).user_id.as_str()), (GUEST, "ada@uni.example"));

    let given_away = self::campus();
    given_away.kaltura.set_owner(&living_parent(&given_away).id, "ada@uni.example");
    for args in [&["sync"][..], &PURGE] {
        assert_eq!(given_away.run(args).exit, 0);
        assert_eq!(living_parent(&given_away).user_id, "ada@uni.example");
        assert_eq!(child(&given_away).user_id, HOLDING_USER);
    }
    assert_eq!(given_away.run(&["purge", "--older-than", "0s", "--format", "json"]).report()["items"], json!([]));
}

#[test]
fn failed_hand_over_is_finished_later() {
    let faults = [Fault::answer(503, "busy"), Fault::Reset, Fault::LostAnswer];
    for verb in [&["sync"][..], &PURGE] {
        for call in ["multirequest", "baseEntry.update"] {
            for hit in 1..=4 {
                for fault in &faults {
                    let campus = campus();
                    campus.kaltura.faults().queue(call, hit, fault.clone());
                    let run = campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], verb);
                    assert!([0, 3, 5].contains(&run.exit), "{call} {hit} {fault:?}: {} {}", run.exit, run.err);
                    assert_eq!(campus.run(verb).exit, 0, "{call} {hit} {fault:?}");
                    assert_eq!(campus.owners(), [GUEST, GUEST], "{verb:?} {call} {hit} {fault:?}");
                }
            }
        }
    }
}

#[test]
fn ineffective_answers_are_not_believed() {
    let campus = campus();
    campus.kaltura.faults().queue("baseEntry.update", 1, Fault::answer(200, "null"));
    let run = campus.run(&["sync"]);
    assert_eq!(run.exit, 3, "{}", run.err);
    assert!(run.err.contains("still belong to \"zoom-orphans\""), "{}", run.err);
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(campus.owners(), [GUEST, GUEST]);
}

#[test]
fn sync_and_purge_meet_soundly() {
    for (first, then) in [(&["sync"][..], &PURGE[..]), (&PURGE, &["sync"])] {
        let campus = campus();
        campus.kaltura.faults().queue("baseEntry.update", 1, Fault::Stall(Duration::from_millis(700)));
        let (one, other) = std::thread::scope(|scope| {
            let one = scope.spawn(|| campus.run(first));
            campus.wait_for_call("baseEntry.update", 1);
            let other = campus.run(then);
            (one.join().expect("a run"), other)
        });
        assert_eq!((one.exit, other.exit), (0, 0), "{} {}", one.err, other.err);
        assert_eq!(campus.owners(), [GUEST, GUEST]);
        assert_eq!(campus.kaltura.log().count("baseEntry.update"), 2, "once for each entry");
        campus.sync_until_done();
        assert_eq!(campus.owners(), [GUEST, GUEST]);
    }
}

#[test]
fn account_during_purge_saves_lecture() {
    let campus = orphaned();
    // after as many as the plan is made of comes the last look at the entry
    let plan = campus.count_dry_calls(&PURGE, "multirequest");
    let args = [&PURGE[..], &["--format", "json"]].concat();
    let run = campus.run_beside(&args, ("multirequest", plan + 1), || campus.kaltura.add_user(GUEST, ""));
    assert_eq!(run.report()["items"][0]["action"], "adopt", "{}", run.out);
    assert_eq!(campus.owners(), [GUEST, GUEST]);
}

#[test]
fn failed_hand_over_deletes_nothing() {
    let campus = campus();
    let plan = campus.count_dry_calls(&PURGE, "multirequest");
    let args = [&PURGE[..], &["--format", "json"]].concat();
    let run = campus.run_beside(&args, ("multirequest", plan + 1), || campus.kaltura.delete_user(GUEST));
    let item = &run.report()["items"][0];
    assert_eq!((&item["action"], &item["reason"]), (&json!("keep"), &json!("owner_lookup_failed")), "{}", run.out);
    assert_eq!(campus.owners(), [HOLDING_USER, HOLDING_USER]);
}

#[test]
fn purge_asks_hosts_address_anew() {
    let campus = Campus::of(Zoom::builder().without_host_emails().start(), Kaltura::start());
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 5));
    campus.sync_until_done();
    campus.kaltura.add_user("heir@uni.example", "");
    campus.zoom.change_user("guest", |user| user.email("heir@uni.example"));
    assert_eq!(campus.run(&PURGE).exit, 0);
    assert_eq!(campus.owners(), ["heir@uni.example"]);
}

#[test]
fn purge_asks_few_hosts_during_outage() {
    let campus = Campus::new();
    for number in 1..9 {
        let host = format!("guest{number}");
        campus.zoom.add_user(User::new(&host, &format!("{host}@elsewhere.example")));
        campus.zoom.add_meeting(lecture(&format!("m{number}=="), 81_000_000_000 + number, &host, 5));
    }
    campus.sync_until_done();
    campus.zoom.log().clear();
    for hit in 1..9 {
        campus.zoom.faults().queue("GET /users/{}", hit, Fault::answer(500, "down"));
    }
    let run = campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], &PURGE);
    assert_eq!((run.exit, run.err.lines().count()), (5, 1), "{}", run.err);
    assert_eq!(campus.zoom.log().count("GET /users/{}"), 3);
    assert_eq!(campus.kaltura.alive().len(), 8);
}

#[test]
fn orphan_stays_while_owner_is_unknown() {
    let campus = orphaned();
    // the ledger remembers the host for hours
    campus.setup.forget_hosts();
    campus.zoom.faults().queue("GET /users/{}", 1, Fault::answer(500, "busy"));
    let run =
        campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], &["purge", "--older-than", "0s", "--format", "json"]);
    assert_eq!(run.exit, 5, "{}", run.err);
    assert_eq!(run.report()["items"][0]["reason"], "owner_lookup_failed");
    assert_eq!(campus.kaltura.alive().len(), 2);
    assert_eq!(campus.run(&PURGE).exit, 0);
    assert!(campus.kaltura.alive().is_empty());
}

#[test]
fn opted_out_host_gets_nothing() {
    let campus = campus();
    let list = campus.setup.path().join("list.txt");
    std::fs::write(&list, format!("{GUEST}\n")).expect("a list");
    let list = list.display().to_string();
    let settings = [("ZOOM2KALTURA_FILTER_OPT_OUT", list.as_str())];
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    assert_eq!(campus.owners(), [HOLDING_USER, HOLDING_USER]);
    assert_eq!(campus.run_with(&settings, &PURGE).exit, 0);
    assert!(campus.kaltura.alive().is_empty());
}

/// Starts the program and kills it in the middle of the hand-over.
fn killed_in_mid_hand_over(campus: &Campus, args: &[&str]) {
    campus.kaltura.faults().queue("baseEntry.update", 2, Fault::Stall(Duration::from_secs(60)));
    let mut run = campus.program().args(args).stdout(std::process::Stdio::null()).spawn().expect("the program starts");
    campus.wait_for_call("baseEntry.update", 2);
    run.kill().expect("it is killed");
    run.wait().expect("it ends");
    assert!(campus.owners().contains(&HOLDING_USER.to_owned()), "the hand-over was not finished");
}

#[test]
fn killed_hand_over_is_finished() {
    for (killed, other) in [(&["sync"][..], &PURGE[..]), (&PURGE, &["sync"])] {
        let campus = campus();
        killed_in_mid_hand_over(&campus, killed);
        assert_eq!(campus.run(other).exit, 0);
        assert_eq!(campus.kaltura.alive().len(), 2, "what another run has claimed is left alone");
        assert_eq!(campus.run(killed).exit, 0);
        assert_eq!(campus.owners(), [GUEST, GUEST]);
        campus.sync_until_done();
        assert_eq!(campus.run(&PURGE).exit, 0);
        assert_eq!(campus.owners(), [GUEST, GUEST]);
    }
}

/// Another video than the one that was copied, as a cut one is.
fn trimmed() -> Vec<u8> {
    let media = Media::mp4().lasting(1800).padded_to(7000);
    media.read(0, media.len()).to_vec()
}

#[test]
fn peoples_changes_to_copies_stay() {
    let campus = Campus::new();
    for number in 1..=4 {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", number));
    }
    campus.sync_until_done();
    let ids: Vec<String> = campus.kaltura.entries().into_iter().map(|entry| entry.id).collect();
    let category = campus.kaltura.add_category("MediaSpace>Physics");
    campus.kaltura.rename_entry(&ids[0], "Optics, the good one");
    campus.kaltura.publish(&ids[1], category);
    campus.kaltura.add_user(GUEST, "");
    campus.kaltura.set_owner(&ids[2], GUEST);
    campus.kaltura.replace_source(&ids[3], &trimmed());
    let before = campus.kaltura.fingerprint();
    // the wide window, then as if nothing were known
    campus.setup.forget_rescan();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(campus.kaltura.fingerprint(), before);
    for _ in 0..2 {
        assert_eq!(campus.run(&["purge"]).exit, 0);
        assert_eq!(campus.kaltura.fingerprint(), before);
    }
    campus.lose_ledger();
    for _ in 0..2 {
        assert_eq!(campus.run(&["sync"]).exit, 0);
        assert_eq!(campus.kaltura.fingerprint(), before);
    }
}

#[test]
fn purge_trusts_no_remembered_account() {
    let campus = campus();
    let kept = [("ZOOM2KALTURA_PURGE_ADOPT", "false")];
    campus.zoom.add_meeting(lecture("second==", 81_000_000_002, "guest", 1));
    assert_eq!(campus.run_with(&kept, &["sync"]).exit, 0);
    campus.sync_until_done_with(&kept);
    campus.kaltura.delete_user(GUEST);
    assert_eq!(campus.run(&PURGE).exit, 0);
    let left: Vec<_> = campus.kaltura.alive().into_iter().map(|entry| entry.name).collect();
    assert_eq!(left, ["Lecture 81000000002"], "whose account is gone by now");
}
