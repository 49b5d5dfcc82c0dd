//! The ledger's write-ahead log: there during a run, gone afterwards, in nobody's way meanwhile; and how much goes
//! into it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use chrono::TimeDelta;
use standin::zoom::User;

use crate::campus::{Campus, Run, lecture};

/// Both journals, by the setting that gives them.
pub(crate) const JOURNALS: [&str; 2] = ["auto", "rollback"];
pub(crate) const JOURNAL: &str = "ZOOM2KALTURA_LEDGER_JOURNAL";
/// What is read without a lock.
const READERS: [&[&str]; 3] = [&["status"], &["explain", "Lecture"], &["sync", "--dry-run"]];

/// The ledger's files, by how they end.
fn files(campus: &Campus) -> Vec<String> {
    let names = campus.state().into_iter().filter_map(|(path, _)| Some(path.rsplit_once("/ledger.db")?.1.to_owned()));
    names.collect()
}

fn log_of(campus: &Campus) -> PathBuf {
    campus.setup.state().join("ledger.db-wal")
}

/// A run that is killed after its first copy, with what it wrote in the log.
fn killed_run(campus: &Campus) {
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 4));
    campus.hold_confirmations();
    let mut run = campus.program();
    let mut run = run.arg("sync").stderr(Stdio::null()).stdout(Stdio::null()).spawn().expect("the program runs");
    campus.wait_for_call("uploadToken.upload", 1);
    run.kill().expect("it is killed");
    run.wait().expect("it ends");
    campus.kaltura.faults().clear();
}

#[test]
fn log_is_gone_after_runs() {
    for journal in JOURNALS {
        let campus = Campus::with_lecture();
        let settings = [(JOURNAL, journal)];
        for _ in 0..3 {
            assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
        }
        assert_eq!(files(&campus), [""], "{journal}");
    }
}

/// Upload tokens are forgotten in every file, after a kill too.
#[test]
fn forgotten_tokens_are_in_no_file() {
    let campus = Campus::with_lecture();
    killed_run(&campus);
    assert!(files(&campus).contains(&"-wal".to_owned()), "the case is what it says");
    campus.sync_until_done();
    assert_eq!(files(&campus), [""]);
    let kept: String = campus.state().iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect();
    let tokens = campus.kaltura.tokens();
    assert!(tokens.len() >= 2 && tokens.iter().all(|token| !kept.contains(&token.id)), "a token is kept");
}

#[test]
fn readers_work_beside_a_run() {
    for journal in JOURNALS {
        let campus = Campus::with_lecture();
        let configured = fs::read_to_string(campus.setup.config()).expect("a configuration");
        fs::write(campus.setup.config(), format!("ledger_journal = {journal:?}\n{configured}")).expect("a key");
        assert_eq!(campus.run(&["sync"]).exit, 0);
        campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 4));
        campus.run_beside(&["sync"], ("session.start", 1), || {
            assert_eq!(log_of(&campus).exists(), journal == "auto");
            for args in READERS.into_iter().chain([&["retry", "--failed"][..]]) {
                let run = campus.run(args);
                assert_eq!((run.exit, run.err.as_str()), (0, ""), "{journal}: {args:?}");
            }
        });
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
        assert_eq!(files(&campus), [""], "{journal}");
    }
}

/// Somebody who may read the state folder, and no more.
fn run_as_guest(campus: &Campus, args: &[&str]) -> Run {
    let binary = campus.setup.path().join("zoom2kaltura");
    if !binary.exists() {
        // by another process: one that this one starts elsewhere would hold the copy open to write, and it could not be run
        let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_zoom2kaltura")).arg(&binary).status();
        assert!(copied.is_ok_and(|copied| copied.success()), "a copy that others may run");
    }
    let open = |path: PathBuf, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("rights");
    open(campus.setup.path().to_owned(), 0o755);
    open(campus.setup.state(), 0o755);
    for suffix in files(campus) {
        open(campus.setup.state().join(format!("ledger.db{suffix}")), 0o644);
    }
    let give_secrets = |owner| {
        for secret in ["zoom-secret", "kaltura-secret"] {
            std::os::unix::fs::chown(campus.setup.path().join(secret), Some(owner), None).expect("another owner");
        }
    };
    give_secrets(65_534);
    let output = Command::new(binary).arg("--config").arg(campus.setup.config()).args(args).uid(65_534).output();
    give_secrets(0);
    Run::of(&output.expect("the program runs"))
}

/// With the shared memory that a dead run left, and without; what is read is the same, and nothing is written.
#[test]
fn dead_runs_log_is_read_only() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let campus = Campus::with_lecture();
    killed_run(&campus);
    let log = fs::read(log_of(&campus)).expect("a log");
    for memory in [true, false] {
        if !memory {
            fs::remove_file(campus.setup.state().join("ledger.db-shm")).expect("shared memory");
        }
        let before = campus.state();
        let run = run_as_guest(&campus, &["explain", "Lecture"]);
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{memory}");
        assert!(run.out.contains("Lecture 81000000001"), "{memory}: {}", run.out);
        let run = run_as_guest(&campus, &["status"]);
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{memory}");
        assert_eq!(campus.state(), before, "{memory}: nothing is written");
    }
    for args in READERS {
        assert_eq!(campus.run(args).exit, 0, "{args:?}");
        assert_eq!(fs::read(log_of(&campus)).expect("a log"), log, "{args:?}");
    }
    campus.setup.age_confirmations(TimeDelta::zero());
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

/// What goes into the log of a run over so many new recordings, copied one after another: changes, and bytes.
fn written(recordings: i64) -> (usize, usize) {
    let campus = Campus::new();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    for number in 0..recordings {
        campus.zoom.add_user(User::new(&format!("u{number}"), &format!("u{number}@uni.example")));
        campus.kaltura.add_user(&format!("u{number}@uni.example"), "");
        campus.zoom.add_meeting(lecture(&format!("m{number}=="), 81_000_000_000 + number, &format!("u{number}"), 9));
    }
    // as long as somebody reads what was there before, nothing is taken out of the log
    let reader = campus.ledger();
    reader.execute_batch("PRAGMA journal_mode = WAL; BEGIN; SELECT count(*) FROM meta").expect("a reader");
    assert_eq!(campus.run_with(&[("ZOOM2KALTURA_SYNC_PARALLEL", "1")], &["sync"]).exit, 0);
    let log = fs::read(log_of(&campus)).expect("a log");
    let page = u32::from_be_bytes(log[8..12].try_into().expect("four bytes"));
    let frames = log[32..].chunks_exact(24 + page as usize);
    // the last frame of a change says how many pages the ledger has
    (frames.filter(|frame| frame[4..8] != [0; 4]).count(), log.len())
}

/// That an entry is about to be asked for waits for the disk, and everything else goes with that of the next recording.
const CHANGES_PER_RECORDING: usize = 1;
/// What a run writes down of itself and of several recordings together, at most: how many it claims at a time, and how often
/// it asks what became of copies that Kaltura converts, depends on the time that takes.
const CHANGES_PER_RUN: usize = 30;
const BYTES_PER_RECORDING: usize = 12_000;
/// And of all together.
const BYTES_PER_RUN: usize = 60_000;

#[test]
fn ledger_changes_per_recording_are_counted() {
    for recordings in [10, 30] {
        let (changes, bytes) = written(recordings);
        let recordings = usize::try_from(recordings).expect("a small number");
        let least = recordings * CHANGES_PER_RECORDING;
        assert!((least..=least + CHANGES_PER_RUN).contains(&changes), "{recordings}: {changes} changes");
        assert!(bytes <= recordings * BYTES_PER_RECORDING + BYTES_PER_RUN, "{recordings}: {bytes} bytes");
    }
}
