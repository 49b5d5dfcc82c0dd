//! Backups of the ledger: taken at any time, for their owner only, whole or not there; and what a restored one makes of what
//! happened since.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::TimeDelta;
use standin::fault::Fault;
use standin::media::Media;
use standin::zoom::User;

use crate::campus::{Campus, Run, lecture};

/// What is called so in this campus's own folder.
fn backup_path(campus: &Campus) -> String {
    campus.setup.path().join("backups/ledger.bak").display().to_string()
}

fn with_folder(campus: Campus) -> Campus {
    fs::create_dir(campus.setup.path().join("backups")).expect("a folder");
    campus
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").file_name());
    names.map(|name| name.to_string_lossy().into_owned()).collect()
}

fn signal(run: &Child, which: &str) {
    let sent = Command::new("kill").args([which, &run.id().to_string()]).status();
    assert!(sent.expect("a signal").success());
}

/// As the manual has it: the old ledger goes with all that is beside it.
fn restore(campus: &Campus) {
    for name in names(&campus.setup.state()).iter().filter(|name| name.starts_with("ledger.db")) {
        fs::remove_file(campus.setup.state().join(name)).expect("it is moved away");
    }
    fs::copy(backup_path(campus), campus.setup.ledger_file()).expect("the backup is put in its place");
}

/// Copies made since, uploads that were under way, what was purged, what people deleted, who opted out.
#[test]
fn restored_backup_loses_and_doubles_nothing() {
    let campus = with_folder(Campus::with_two_recordings());
    campus.zoom.add_user(User::new("ben", "ben@uni.example"));
    campus.kaltura.add_user("ben@uni.example", "ben@uni.example");
    let list = campus.setup.path().join("opt-out.txt");
    fs::write(&list, "carla@uni.example\n").expect("a list");
    let list = list.display().to_string();
    let settings = [("ZOOM2KALTURA_FILTER_OPT_OUT", list.as_str()), ("ZOOM2KALTURA_PURGE_MAX_ORPHAN_PERCENT", "100")];
    campus.sync_until_done_with(&settings);
    // its bytes are on their way while the backup is taken
    let under_way = lecture("way==", 81_000_000_003, "ada", 4);
    campus.zoom.add_meeting(under_way.video("gallery_view", Media::mp4().salted(33)));
    campus.kaltura.log().clear();
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Stall(Duration::from_secs(5)));
    let mut run = campus.program();
    let mut run = run.arg("sync").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
    campus.wait_for_call("uploadToken.upload", 1);
    // so that it is in progress for as long as the backup takes
    signal(&run, "-STOP");
    let backup = campus.run(&["backup", &backup_path(&campus)]);
    assert_eq!((backup.exit, backup.out.as_str(), backup.err.as_str()), (0, "", ""));
    assert!(run.try_wait().expect("a run").is_none(), "the backup was taken beside the run");
    signal(&run, "-CONT");
    assert!(run.wait().expect("its end").success());
    campus.sync_until_done_with(&settings);
    campus.zoom.add_meeting(lecture("since==", 81_000_000_004, "ada", 3));
    campus.zoom.add_meeting(lecture("guest2==", 81_000_000_005, "guest", 3));
    campus.zoom.add_meeting(lecture("deleted==", 81_000_000_006, "ada", 3));
    campus.sync_until_done_with(&settings);
    campus.setup.age_confirmations(TimeDelta::hours(25));
    assert_eq!(campus.run_with(&settings, &["purge"]).exit, 0);
    let is_deleted = |name: &str| name.ends_with("006");
    let deleted = campus.kaltura.alive().into_iter().find(|entry| is_deleted(&entry.name)).expect("an entry");
    campus.in_kmc("baseEntry", "delete", serde_json::json!({ "entryId": deleted.id }));
    fs::write(&list, "carla@uni.example\nben@uni.example\n").expect("a list");
    campus.zoom.add_meeting(lecture("ben==", 81_000_000_007, "ben", 2));
    campus.sync_until_done_with(&settings);
    let (made, left) = (campus.copied(), campus.left());
    restore(&campus);
    // what is not copied yet is not lost either
    campus.zoom.add_meeting(lecture("new==", 81_000_000_008, "ada", 2));
    campus.kaltura.log().clear();
    campus.sync_until_done_with(&settings);
    assert_eq!(campus.kaltura.log().count("uploadToken.upload"), 1, "only what is new is uploaded");
    let with_new = |mut names: Vec<String>| {
        names.push("Lecture 81000000008".to_owned());
        names.sort();
        names
    };
    assert_eq!(campus.left(), with_new(left));
    assert_eq!(campus.copied(), with_new(made));
    assert_eq!(campus.run_with(&settings, &["purge"]).exit, 0);
}

/// The run says in one line what is in its way, and leaves the last backup as it was.
fn refused(campus: &Campus, run: &Run, said: &str, before: &[u8]) {
    assert_eq!((run.exit, run.err.lines().count()), (2, 1), "{}", run.err);
    assert!(run.err.contains(said), "{said}: {}", run.err);
    assert_eq!(fs::read(backup_path(campus)).expect("the last backup"), before, "{said}");
    assert_eq!(names(&campus.setup.path().join("backups")), ["ledger.bak"], "{said}");
}

/// Under any umask; and a failed one takes nothing away.
#[test]
fn backups_are_private_and_whole() {
    let campus = with_folder(Campus::with_lecture());
    let path = backup_path(&campus);
    let run = campus.run(&["backup", &path]);
    assert_eq!((run.exit, run.err.lines().count()), (2, 1), "{}", run.err);
    assert!(run.err.contains("there is no ledger in") && run.err.contains("run sync first"), "{}", run.err);
    campus.sync_until_done();
    for umask in ["000", "022", "777"] {
        let run = campus.run_in_shell(&format!("umask {umask}; exec \"$@\""), &["backup", &path]);
        assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (0, "", ""), "{umask}");
        let mode = fs::metadata(&path).expect("a backup").permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "{umask}");
    }
    let before = fs::read(&path).expect("a backup");
    // a file that may not grow is as good as a disk that has no room
    let full = campus.run_in_shell("trap '' XFSZ; ulimit -f 8; exec \"$@\"", &["backup", &path]);
    refused(&campus, &full, "was not made", &before);
    refused(&campus, &campus.run(&["backup", "/nonexistent/ledger.bak"]), "create its folder", &before);
    refused(&campus, &campus.run(&["backup", "/proc/ledger.bak"]), "was not made", &before);
    let other = [("ZOOM2KALTURA_ZOOM_ACCOUNT_ID", "another")];
    refused(&campus, &campus.run_with(&other, &["backup", &path]), "belongs to Zoom account", &before);
    let secret = campus.setup.path().join("zoom-secret").display().to_string();
    refused(&campus, &campus.run(&["backup", &secret]), "no backup of this account", &before);
    assert_eq!(campus.run(&["backup", &path]).exit, 0);
}
