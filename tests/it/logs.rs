//! Log lines: which run, which recording, how urgent; and nobody's business in those of a good run.

use std::fs::File;
use std::os::unix::fs::MetadataExt;

use standin::fault::Fault;

use crate::campus::Campus;

#[test]
fn sync_lines_name_their_run() {
    let campus = Campus::with_two_recordings();
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    let run = campus.run(&["-vv", "sync", "--format", "json"]);
    let id = run.report()["run_id"].as_str().expect("a run").to_owned();
    assert!(run.err.lines().count() > 4, "{}", run.err);
    assert!(run.err.lines().all(|line| line.ends_with(&format!(" run={id}"))), "{}", run.err);
    let run = campus.run(&["-vv", "--log-format", "json", "sync", "--format", "json"]);
    let id = run.report()["run_id"].clone();
    for line in run.err.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(line["run_id"], id);
        assert!(line["timestamp"].is_string() && line["level"].is_string() && line["message"].is_string(), "{line}");
    }
}

#[test]
fn good_runs_lines_hold_nothing_private() {
    let campus = Campus::with_two_recordings();
    let run = campus.run(&["-v", "sync"]);
    assert!(run.err.contains("meeting_uuid=ada==") && run.err.contains("host_id=ada "), "{}", run.err);
    for private in ["Lecture", "@uni.example", "@elsewhere.example"] {
        assert!(!run.err.contains(private), "{private} is in {}", run.err);
    }
}

#[test]
fn any_commands_lines_name_the_run() {
    let campus = Campus::with_two_recordings();
    campus.setup.write_secret("zoom-secret", "wrong");
    for args in [&["explain", "Lecture"][..], &["verify"], &["retry", "none=="], &["purge", "--older-than", "0s"]] {
        let run = campus.run(&[&["-v", "--log-format", "json"], args].concat());
        for line in run.err.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(line["run_id"].is_string(), "{args:?}: {line}");
        }
    }
    let run = campus.run(&["explain", "Lecture"]);
    assert!(run.err.lines().count() > 0 && run.err.lines().all(|line| line.contains(" run=")), "{}", run.err);
}

/// What the program writes when its stderr is this file and systemd names another, or this one.
fn to_file(campus: &Campus, named_right: bool) -> String {
    let path = campus.setup.path().join("stderr");
    let file = File::create(&path).expect("a file");
    let metadata = file.metadata().expect("its place");
    let inode = if named_right { metadata.ino() } else { metadata.ino() + 1 };
    let status = campus
        .program()
        .args(["-v", "sync"])
        .env("JOURNAL_STREAM", format!("{}:{inode}", metadata.dev()))
        .stderr(file)
        .status()
        .expect("the program runs");
    assert!(status.success());
    std::fs::read_to_string(path).expect("what was written")
}

#[test]
fn journald_lines_begin_with_priority() {
    let campus = Campus::with_two_recordings();
    let text = to_file(&campus, true);
    assert!(text.lines().count() > 2 && text.lines().all(|line| line.starts_with("<6>INFO ")), "{text}");
    let text = to_file(&campus, false);
    assert!(text.lines().all(|line| line.starts_with("20")), "{text}");
}
