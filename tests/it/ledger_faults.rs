//! A ledger that cannot be used: a clear error, an exit code, no damage.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use crate::campus::{Campus, Run, copy_program, lecture};
use crate::journals::{JOURNAL, JOURNALS};

fn campus() -> Campus {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 4));
    campus.kaltura.log().clear();
    campus
}

/// The run ends with one line that says this, nobody was asked anything, and the ledger is as it was.
fn refused(campus: &Campus, run: &Run, exit: i32, said: &[&str], before: &[u8]) {
    assert_eq!(run.exit, exit, "{}", run.err);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    assert!(said.iter().all(|word| run.err.contains(word)), "{}", run.err);
    assert!(campus.kaltura.log().calls().is_empty());
    assert_eq!(fs::read(campus.setup.ledger_file()).expect("the ledger"), before);
}

#[test]
fn damaged_ledger_is_reported_and_kept() {
    let harms: [fn(Vec<u8>) -> Vec<u8>; 3] = [
        |_| b"this is no ledger, whatever its name says; and it is long enough to be taken for one".repeat(20),
        |whole| whole[..whole.len() / 2].to_vec(),
        |mut whole| {
            whole[100..4096].fill(0xA5);
            whole
        },
    ];
    for harm in harms {
        let campus = campus();
        let damaged = harm(fs::read(campus.setup.ledger_file()).expect("a ledger"));
        fs::write(campus.setup.ledger_file(), &damaged).expect("the damage");
        for command in [&["sync"][..], &["sync", "--dry-run"], &["purge"], &["retry", "--failed"]] {
            let run = campus.run(command);
            refused(&campus, &run, 1, &["ledger", "restore a backup, or move it away"], &damaged);
        }
        fs::remove_file(campus.setup.ledger_file()).expect("it is moved away");
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
    }
}

/// A case is a line: what is done to the row of one recording.
#[test]
fn unreadable_row_fails_its_recording_only() {
    let cases = [
        ("UPDATE files SET state = 'odd'", "UPDATE files SET state = 'done'"),
        ("UPDATE files SET role = 'odd'", "UPDATE files SET role = 'parent'"),
        ("UPDATE files SET confirmed = 'odd'", "UPDATE files SET confirmed = NULL"),
        ("UPDATE recordings SET action = 'odd'", "UPDATE recordings SET action = 'done'"),
        ("UPDATE recordings SET reason = 'odd'", "UPDATE recordings SET reason = NULL"),
    ];
    for (harm, mending) in cases {
        let campus = campus();
        let alter = |sql| campus.ledger().execute_batch(sql).expect("a row to alter");
        alter(harm);
        for args in [&["sync", "--dry-run", "--format", "json"][..], &["sync", "--format", "json"]] {
            let run = campus.run(args);
            let items = run.items();
            let item = items.iter().find(|item| item["meeting_uuid"] == "ada==").expect("the recording");
            assert_eq!(item["reason"], "ledger_unreadable", "{harm}");
            assert_eq!(item["files"][0]["action"], "wait", "{harm}");
            if args.len() == 3 {
                assert_eq!(run.exit, 3, "{harm}: {}", run.err);
                assert!(run.err.contains("Lecture 81000000001") && run.err.contains("odd"), "{harm}: {}", run.err);
            }
        }
        assert_eq!(campus.run(&["status"]).exit, 0, "{harm}");
        assert_eq!(campus.kaltura.entries().len(), 2, "{harm}: the other one is copied");
        alter(mending);
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
    }
}

#[test]
fn newer_versions_ledger_is_left_alone() {
    let campus = campus();
    campus.ledger().pragma_update(None, "user_version", 999).expect("a newer one");
    let before = fs::read(campus.setup.ledger_file()).expect("the ledger");
    for command in [&["sync"][..], &["sync", "--dry-run"], &["purge"], &["retry", "--failed"]] {
        refused(&campus, &campus.run(command), 1, &["format 999", "install the newer zoom2kaltura"], &before);
    }
}

#[test]
fn locked_ledger_is_waited_for() {
    for journal in JOURNALS {
        let (campus, settings) = (campus(), [(JOURNAL, journal)]);
        let before = fs::read(campus.setup.ledger_file()).expect("the ledger");
        let other = campus.ledger();
        other.execute_batch("BEGIN EXCLUSIVE").expect("a lock");
        let run = campus.run_with(&settings, &["sync"]);
        assert_eq!(run.exit, 1, "{journal}: {}", run.err);
        assert!(run.err.contains("another program has it locked"), "{journal}: {}", run.err);
        other.execute_batch("ROLLBACK").expect("the lock is given back");
        assert_eq!(fs::read(campus.setup.ledger_file()).expect("the ledger"), before);
        assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0, "{journal}");
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
    }
}

#[test]
fn full_disk_loses_and_doubles_nothing() {
    for journal in JOURNALS {
        let campus = campus();
        let mut told = 0;
        // the log's shared memory is 64 of them
        for blocks in [1, 4, 9, 16, 30, 60, 64, 65, 70, 80, 100, 150] {
            // a file that may not grow is as good as a disk that has no room
            let script = format!("trap '' XFSZ; ulimit -f {blocks}; {JOURNAL}={journal} exec \"$@\"");
            let run = campus.run_in_shell(&script, &["sync"]);
            assert!([0, 1].contains(&run.exit), "{journal}: {} {}", run.exit, run.err);
            if run.exit == 1 {
                told += 1;
                let is_told = run.err.contains("the ledger cannot be used") && run.err.contains("disk");
                assert!(is_told, "{journal}, {blocks}: {}", run.err);
            }
        }
        assert!(told > 0, "{journal}: the disk was never full");
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
    }
}

#[test]
fn unwritable_ledger_stops_the_run_first() {
    let campus = campus();
    let before = fs::read(campus.setup.ledger_file()).expect("the ledger");
    fs::set_permissions(campus.setup.ledger_file(), fs::Permissions::from_mode(0o400)).expect("read only");
    let is_root = fs::OpenOptions::new().write(true).open(campus.setup.ledger_file()).is_ok();
    if is_root {
        // nothing is read only to root: somebody else is to find it so
        for path in [campus.setup.state(), campus.setup.ledger_file(), campus.setup.state().join("run.lock")] {
            std::os::unix::fs::chown(&path, Some(65_534), None).expect("another owner");
        }
        fs::set_permissions(campus.setup.path(), fs::Permissions::from_mode(0o755)).expect("a way in");
        for secret in ["zoom-secret", "kaltura-secret"] {
            std::os::unix::fs::chown(campus.setup.path().join(secret), Some(65_534), None).expect("another owner");
        }
        let binary = campus.setup.path().join("zoom2kaltura");
        copy_program(&binary);
        let output = Command::new(binary).arg("--config").arg(campus.setup.config()).arg("sync").uid(65_534).output();
        let run = Run::of(&output.expect("the program runs"));
        refused(&campus, &run, 1, &["ledger", "give file and folder to the user who runs this program"], &before);
    } else {
        refused(&campus, &campus.run(&["sync"]), 1, &["ledger", "give file and folder to the user"], &before);
    }
}

#[test]
fn dead_runs_journal_is_mended_later() {
    let campus = campus();
    // a journal that belongs to an unfinished change: the next writer rolls it back
    let writer = campus.ledger();
    writer.pragma_update(None, "cache_size", 1).expect("a small cache, so that pages reach the disk");
    writer.execute_batch("BEGIN; UPDATE recordings SET topic = hex(zeroblob(40000));").expect("an unfinished change");
    let (file, journal) = (campus.setup.ledger_file(), campus.setup.state().join("ledger.db-journal"));
    let (dirty, log) = (fs::read(&file).expect("the ledger"), fs::read(&journal).expect("its journal"));
    drop(writer);
    fs::write(&file, &dirty).expect("as the dead run left it");
    fs::write(&journal, &log).expect("as the dead run left it");
    let run = campus.run(&["sync", "--dry-run", "--format", "json"]);
    assert_eq!(run.exit, 0, "{}{}", run.out, run.err);
    assert_eq!(run.report()["items"].as_array().map(Vec::len), Some(2), "{}", run.out);
    let untouched = fs::read(&file).expect("the ledger") == dirty && fs::read(&journal).expect("its journal") == log;
    assert!(untouched, "a dry run mends nothing but what it reads");
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
    assert_eq!(campus.run(&["sync", "--dry-run"]).exit, 0);
}

fn count_ready(campus: &Campus, reference_id: &str) -> usize {
    let entries = campus.kaltura.entries();
    entries.iter().filter(|entry| entry.reference_id.starts_with(reference_id) && entry.status == 2).count()
}

#[test]
fn refused_row_fails_its_recording_only() {
    let triggers = [
        "BEFORE INSERT ON recordings WHEN NEW.meeting_uuid = 'odd=='",
        "BEFORE UPDATE ON recordings WHEN NEW.meeting_uuid = 'odd==' AND NEW.action <> OLD.action",
        "BEFORE INSERT ON files WHEN NEW.recording = (SELECT id FROM recordings WHERE meeting_uuid = 'odd==')",
        "BEFORE UPDATE ON files WHEN NEW.state = 'attaching' AND NEW.recording = (SELECT id FROM recordings WHERE meeting_uuid = 'odd==')",
        "BEFORE UPDATE ON files WHEN NEW.state = 'done' AND NEW.recording = (SELECT id FROM recordings WHERE meeting_uuid = 'odd==')",
        "BEFORE INSERT ON events WHEN NEW.recording = (SELECT id FROM recordings WHERE meeting_uuid = 'odd==')",
    ];
    for trigger in triggers {
        let campus = Campus::new();
        assert_eq!(campus.run(&["sync"]).exit, 0);
        let ledger = campus.ledger();
        let sql = format!("CREATE TRIGGER fault {trigger} BEGIN SELECT RAISE(ABORT, 'it does not like it'); END");
        ledger.execute_batch(&sql).expect("a trigger");
        campus.zoom.add_meeting(lecture("odd==", 81_000_000_001, "ada", 4));
        campus.zoom.add_meeting(lecture("other==", 81_000_000_002, "ada", 5));
        let mut errors = String::new();
        let is_named = |errors: &str| errors.contains("Lecture 81000000001") && errors.contains("it does not like it");
        // Kaltura takes a while, and one of the faults waits for its end
        for run in 0..50 {
            let made = campus.run(&["sync", "--format", "json"]);
            assert!([0, 3].contains(&made.exit), "{trigger}: {} {}", made.exit, made.err);
            assert!(run > 2 || made.report()["items"].as_array().map(Vec::len) == Some(2), "{trigger}");
            errors += &made.err;
            if is_named(&errors) && count_ready(&campus, "Zoom_other==") == 1 {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(is_named(&errors), "{trigger}: {errors}");
        assert_eq!(count_ready(&campus, "Zoom_other=="), 1, "{trigger}");
        ledger.execute_batch("DROP TRIGGER fault").expect("no trigger");
        campus.run(&["retry", "--failed"]);
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
    }
}

#[test]
fn failing_ledger_still_prints_report() {
    let campus = Campus::new();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    let ledger = campus.ledger();
    // to write there is an error of the ledger, not of a row
    ledger
        .execute_batch("CREATE TRIGGER fault BEFORE INSERT ON files BEGIN INSERT INTO nowhere VALUES (1); END")
        .expect("a trigger");
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 4));
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!((run.exit, run.report()["items"].as_array().map(Vec::len)), (1, Some(1)), "{}", run.err);
    assert!(run.err.contains("the ledger cannot be used"), "{}", run.err);
    ledger.execute_batch("DROP TRIGGER fault").expect("no trigger");
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}
