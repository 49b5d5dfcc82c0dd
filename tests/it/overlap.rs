//! Two runs at a time: the second one goes away quietly.

use std::fs::File;

use crate::campus::{Campus, lecture};

#[test]
fn second_run_ends_silently_with_75() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.sync_until_done();
    let lock = File::options().write(true).open(campus.setup.state().join("run.lock")).expect("the lock");
    lock.lock().expect("the lock is free");
    campus.zoom.log().clear();
    let run = campus.run(&["sync"]);
    assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (75, "", ""));
    assert!(campus.zoom.log().calls().is_empty(), "whoever has no lock asks nobody");
    drop(lock);
    assert_eq!(campus.run(&["sync"]).exit, 0, "the lock goes with the process that held it");
}

#[test]
fn ledger_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let campus = Campus::new();
    campus.run(&["sync"]);
    let mode = |path: &std::path::Path| path.metadata().expect("it exists").permissions().mode() & 0o777;
    assert_eq!(mode(&campus.setup.state()), 0o700);
    assert_eq!(mode(&campus.setup.state().join("ledger.db")), 0o600);
}

#[test]
fn ledger_in_use_is_not_migrated() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.sync_until_done();
    let ledger = campus.setup.state().join("ledger.db");
    let old = rusqlite::Connection::open(&ledger).expect("a ledger");
    old.pragma_update(None, "user_version", 1).expect("an older format");
    drop(old);
    let before = std::fs::read(&ledger).expect("the ledger");
    for (command, lock) in [("sync", "purge.lock"), ("purge", "run.lock")] {
        let path = campus.setup.state().join(lock);
        let held = File::options().create(true).append(true).open(path).expect("the lock");
        held.lock().expect("the lock is free");
        let run = campus.run(&[command]);
        assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (75, "", ""), "{command}");
        assert_eq!(std::fs::read(&ledger).expect("the ledger"), before);
    }
}
