//! Two runs at a time: a second one of the same kind goes away quietly, and a purge beside a run that copies does no harm,
//! on the same segments and whoever dies.

use std::process::{Child, Stdio};
use std::time::Duration;

use standin::fault::Fault;
use standin::media::Media;

use crate::campus::{Campus, FEW_ROOTS, lecture};

/// Two orphans, to each of which a transcript has come since it was copied.
fn campus() -> Campus {
    let campus = Campus::new();
    for (uuid, number) in [("one==", 81_000_000_001), ("two==", 81_000_000_002)] {
        campus.zoom.add_meeting(lecture(uuid, number, "guest", 20 + number % 10));
    }
    campus.sync_until_done();
    for uuid in ["one==", "two=="] {
        campus.zoom.change_meeting(uuid, |meeting| meeting.transcript(Media::vtt()));
    }
    campus.kaltura.log().clear();
    campus
}

fn start(campus: &Campus, args: &[&str]) -> Child {
    spawn(campus, args, Stdio::null())
}

fn spawn(campus: &Campus, args: &[&str], err: Stdio) -> Child {
    campus.program().args(args).envs(FEW_ROOTS).stdout(Stdio::null()).stderr(err).spawn().expect("the program starts")
}

const PURGE: [&str; 3] = ["purge", "--older-than", "0s"];

/// Whatever is alive has its transcript, nothing of what is deleted is brought back.
fn is_sound(campus: &Campus, deleted: usize) {
    campus.sync_until_done();
    let entries = campus.kaltura.entries();
    assert_eq!(entries.iter().filter(|entry| entry.status == 3).count(), deleted, "{entries:?}");
    for entry in entries.iter().filter(|entry| entry.status != 3) {
        let texts = campus.kaltura.texts_of(&entry.id);
        assert!(texts.len() == 1 && texts[0].content.is_some(), "{texts:?}");
    }
    assert_eq!(entries.len(), 2);
}

#[test]
fn nothing_is_added_during_purge() {
    let campus = campus();
    campus.kaltura.faults().queue("media.delete", 1, Fault::Stall(Duration::from_millis(700)));
    let mut purge = start(&campus, &PURGE);
    campus.wait_for_call("media.delete", 1);
    let reasons = campus.run(&["sync", "--format", "json"]).reasons();
    assert!(reasons.contains(&"being_purged".into()), "{reasons:?}");
    assert!(purge.wait().expect("the purge ends").success());
    let deleted = campus.kaltura.entries().iter().filter(|entry| entry.status == 3).count();
    is_sound(&campus, deleted);
}

#[test]
fn segment_in_transfer_is_not_purged() {
    let campus = campus();
    campus.kaltura.faults().queue("caption_captionAsset.add", 1, Fault::Stall(Duration::from_millis(900)));
    let mut sync = start(&campus, &["sync"]);
    campus.wait_for_call("caption_captionAsset.add", 1);
    let reasons = campus.run(&[&PURGE[..], &["--format", "json"]].concat()).reasons();
    assert!(reasons.contains(&"in_transfer".into()), "{reasons:?}");
    assert!(sync.wait().expect("the run ends").success());
    let deleted = campus.kaltura.entries().iter().filter(|entry| entry.status == 3).count();
    assert!(deleted < 2);
    is_sound(&campus, deleted);
}

#[test]
fn killed_purges_claims_wait_for_purge() {
    let campus = campus();
    campus.kaltura.faults().queue("media.delete", 1, Fault::Stall(Duration::from_secs(60)));
    let mut purge = start(&campus, &PURGE);
    campus.wait_for_call("media.delete", 1);
    purge.kill().expect("the purge is killed");
    purge.wait().expect("it ends");
    for _ in 0..2 {
        let reasons = campus.run(&["sync", "--format", "json"]).reasons();
        assert_eq!(reasons.iter().filter(|reason| **reason == "being_purged").count(), 1, "{reasons:?}");
    }
    assert_eq!(campus.run(&PURGE).exit, 0);
    is_sound(&campus, 2);
}

#[test]
fn killed_runs_claims_wait_for_run() {
    let campus = campus();
    campus.kaltura.faults().queue("caption_captionAsset.add", 1, Fault::Stall(Duration::from_secs(60)));
    let mut sync = start(&campus, &["sync"]);
    campus.wait_for_call("caption_captionAsset.add", 1);
    sync.kill().expect("the run is killed");
    sync.wait().expect("it ends");
    let report = campus.run(&[&PURGE[..], &["--dry-run", "--format", "json"]].concat()).report();
    assert!(report["items"].as_array().expect("items").len() <= 2);
    campus.run(&PURGE);
    let left = campus.kaltura.alive().len();
    assert!(left >= 1, "what was on its way is kept");
    is_sound(&campus, 2 - left);
}

#[test]
fn purge_and_run_may_meet_anyhow() {
    for pause in [0, 3, 10, 25, 50, 80] {
        let campus = campus();
        let sync = spawn(&campus, &["sync"], Stdio::piped());
        std::thread::sleep(Duration::from_millis(pause));
        let purge = spawn(&campus, &PURGE, Stdio::piped());
        for child in [sync, purge] {
            let end = child.wait_with_output().expect("it ends");
            assert!(end.status.success(), "{}", String::from_utf8_lossy(&end.stderr));
        }
        let deleted = campus.kaltura.entries().iter().filter(|entry| entry.status == 3).count();
        is_sound(&campus, deleted);
    }
}

#[test]
fn long_run_overwrites_no_purge() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 30));
    campus.sync_until_done();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_002, "ada", 5));
    campus.kaltura.log().clear();
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Stall(Duration::from_secs(4)));
    let mut sync = start(&campus, &["sync"]);
    // the plan is written down by then
    campus.wait_for_call("uploadToken.add", 1);
    assert_eq!(campus.run(&PURGE).exit, 0);
    assert!(sync.try_wait().expect("a run").is_none(), "the run is still at work");
    assert!(sync.wait().expect("the run ends").success());
    let told = campus.run(&["explain", "guest=="]).out;
    assert!(told.contains("now: not copied, and nothing more happens: the orphaned copy was deleted"), "{told}");
}

#[test]
fn second_run_ends_silently_with_75() {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    let lock = campus.hold_lock("run.lock");
    campus.zoom.log().clear();
    let run = campus.run(&["sync"]);
    assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (75, "", ""));
    assert!(campus.zoom.log().calls().is_empty(), "whoever has no lock asks nobody");
    drop(lock);
    assert_eq!(campus.run(&["sync"]).exit, 0, "the lock goes with the process that held it");
}

#[test]
fn ledger_in_use_is_not_migrated() {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    campus.ledger().pragma_update(None, "user_version", 1).expect("an older format");
    let ledger = campus.setup.ledger_file();
    let before = std::fs::read(&ledger).expect("the ledger");
    for (command, lock) in [("sync", "purge.lock"), ("purge", "run.lock")] {
        let _held = campus.hold_lock(lock);
        let run = campus.run(&[command]);
        assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (75, "", ""), "{command}");
        assert_eq!(std::fs::read(&ledger).expect("the ledger"), before);
    }
}
