//! Who runs the program, and under which umask: root leaves nothing in another user's state folder, and every file that the
//! program makes has the mode that the manual says. What needs another user is tried by root only.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::campus::{Campus, Run, copy_program, lecture};

const NOBODY: u32 = 65_534;

/// All that is in a folder, with the folder.
fn all_in(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    files.chain([folder.to_owned()]).collect()
}

fn is_root(campus: &Campus) -> bool {
    fs::metadata(campus.setup.path()).expect("a folder").uid() == 0
}

fn give_to_nobody(paths: &[PathBuf]) {
    for path in paths {
        chown(path, Some(NOBODY), None).expect("another owner");
    }
}

/// A run that is killed during an upload: its log stays.
fn killed_run(campus: &Campus, script: &str) {
    campus.kaltura.log().clear();
    campus.zoom.add_meeting(lecture("killed==", 81_000_000_009, "ada", 4));
    campus.hold_confirmations();
    let mut run = Command::new("sh");
    run.args(["-c", script, "sh", env!("CARGO_BIN_EXE_zoom2kaltura"), "--config"]).arg(campus.setup.config());
    let mut run = run.arg("sync").stderr(Stdio::null()).stdout(Stdio::null()).spawn().expect("a shell");
    campus.wait_for_call("uploadToken.upload", 1);
    run.kill().expect("it is killed");
    run.wait().expect("it ends");
    campus.kaltura.faults().clear();
}

#[test]
fn root_leaves_users_state_alone() {
    let campus = Campus::with_lecture();
    if !is_root(&campus) {
        return;
    }
    campus.sync_until_done();
    give_to_nobody(&all_in(&campus.setup.state()));
    let before = campus.state();
    let backup = campus.setup.path().join("ledger.bak").display().to_string();
    for args in [&["sync"][..], &["purge"], &["retry", "--failed"], &["backup", &backup], &["reassign", "a", "b"]] {
        let run = campus.run(args);
        assert_eq!((run.exit, run.err.lines().count()), (2, 1), "{args:?}: {}", run.err);
        let way = format!("runuser -u nobody -- {}", env!("CARGO_BIN_EXE_zoom2kaltura"));
        assert!(run.err.contains(&way) && run.err.trim_end().ends_with(&args.join(" ")), "{args:?}: {}", run.err);
        assert_eq!(campus.state(), before, "{args:?}");
    }
    assert!(!Path::new(&backup).exists());
    // what only reads is root's to do, and leaves nothing that the user could not use, after a kill too
    for killed in [false, true] {
        if killed {
            give_back(&campus);
            killed_run(&campus, "exec \"$@\"");
            give_to_nobody(&all_in(&campus.setup.state()));
        }
        let captions = &["captions"][..];
        for args in
            [&["status"][..], &["explain", "Lecture"], &["verify"], &["check"], &["sync", "--dry-run"], captions]
        {
            let run = campus.run(args);
            assert!([0, 7].contains(&run.exit), "{args:?}: {}", run.err);
            for path in all_in(&campus.setup.state()) {
                assert_eq!(fs::metadata(&path).expect("a file").uid(), NOBODY, "{args:?}: {}", path.display());
            }
        }
    }
    // not even for a moment, in which a run would meet its files
    assert!(campus.run(&["captions"]).err.contains("the counts are not kept for status"));
    give_back(&campus);
    campus.sync_until_done();
}

fn give_back(campus: &Campus) {
    for path in all_in(&campus.setup.state()) {
        chown(path, Some(0), None).expect("its owner");
    }
}

/// Files that root made there before are named as what they are.
#[test]
fn users_secrets_send_root_away() {
    let campus = Campus::with_lecture();
    if !is_root(&campus) {
        return;
    }
    campus.sync_until_done();
    let secrets = ["zoom-secret", "kaltura-secret"].map(|name| campus.setup.path().join(name));
    give_to_nobody(&secrets);
    give_to_nobody(&[campus.setup.state(), campus.setup.ledger_file()]);
    let run = campus.run(&["sync"]);
    assert_eq!((run.exit, run.err.lines().count()), (2, 1), "{}", run.err);
    assert!(run.err.contains("runuser -u nobody -- zoom2kaltura"), "{}", run.err);
    let binary = campus.setup.path().join("zoom2kaltura");
    copy_program(&binary);
    fs::set_permissions(campus.setup.path(), Permissions::from_mode(0o755)).expect("a way in");
    let as_nobody = || {
        let mut run = Command::new(&binary);
        Run::of(&run.arg("--config").arg(campus.setup.config()).arg("sync").uid(NOBODY).output().expect("a run"))
    };
    let run = as_nobody();
    assert!(run.exit == 2 && run.err.contains("give it, with all that is in it, to the user"), "{}", run.err);
    give_to_nobody(&all_in(&campus.setup.state()));
    let run = as_nobody();
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
}

/// Also those that are there only during a run.
#[test]
fn modes_are_kept_under_any_umask() {
    for umask in ["000", "777"] {
        let campus = Campus::with_lecture();
        let metrics = campus.setup.path().join("zoom2kaltura.prom");
        let script = format!("umask {umask}; ZOOM2KALTURA_NOTIFY_METRICS_FILE={} exec \"$@\"", metrics.display());
        assert_eq!(campus.run_in_shell(&script, &["sync"]).exit, 0);
        assert_eq!(campus.run_in_shell(&script, &["purge"]).exit, 0);
        killed_run(&campus, &script);
        let state = all_in(&campus.setup.state());
        let has = |end: &str| state.iter().any(|path| path.display().to_string().ends_with(end));
        assert!(["-wal", "-shm", "run.lock", "purge.lock", "/state"].iter().all(|end| has(end)), "{state:?}");
        for path in state.iter().chain([&metrics]) {
            let found = fs::metadata(path).expect("it exists");
            let expected = if found.is_dir() { 0o700 } else { 0o600 };
            let expected = if *path == metrics { 0o644 } else { expected };
            assert_eq!(found.permissions().mode() & 0o7777, expected, "{umask}: {}", path.display());
        }
    }
}

/// As `cp` leaves it.
#[test]
fn restored_ledgers_become_private_again() {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    fs::set_permissions(campus.setup.ledger_file(), Permissions::from_mode(0o644)).expect("as a copy has it");
    assert_eq!(campus.run(&["sync"]).exit, 0);
    let mode = fs::metadata(campus.setup.ledger_file()).expect("the ledger").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// A case is a line: a file, its mode, the keys that name it.
#[test]
fn each_mode_is_complained_about_once() {
    let campus = Campus::with_two_recordings();
    let (opt_out, opt_in) = ("ZOOM2KALTURA_FILTER_OPT_OUT", "ZOOM2KALTURA_FILTER_OPT_IN");
    for (name, mode, keys) in [
        ("list", 0o646, &[opt_out][..]),
        ("list", 0o646, &[opt_in]),
        ("list", 0o646, &[opt_out, opt_in]),
        ("list", 0o664, &[opt_out, opt_in]),
        ("aliases", 0o664, &["ZOOM2KALTURA_OWNER_ALIASES"]),
        ("secret", 0o644, &["ZOOM2KALTURA_ZOOM_CLIENT_SECRET_FILE"]),
        ("secret", 0o644, &["ZOOM2KALTURA_ZOOM_CLIENT_SECRET_FILE", "ZOOM2KALTURA_KALTURA_ADMIN_SECRET_FILE"]),
    ] {
        let file = campus.setup.path().join(name);
        fs::write(&file, "").expect("a file");
        let shown = file.display().to_string();
        let settings: Vec<_> = keys.iter().map(|key| (*key, shown.as_str())).collect();
        for mode in [0o600, mode] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).expect("its rights");
            for args in [&["sync"][..], &["sync", "--dry-run"], &["purge"], &["check"], &["config", "validate"]] {
                let run = campus.run_with(&settings, args);
                let text = format!("{}{}", run.out, run.err);
                assert!(
                    text.matches("by its group").count() <= usize::from(args[0] == "check") + 1,
                    "{args:?}: {text}"
                );
                assert!(text.matches("chmod").count() <= 1, "{keys:?} {args:?}: {text}");
                assert!(!text.contains("filter.opt_out: filter.opt_out: "), "{keys:?} {args:?}: {text}");
            }
        }
    }
}
