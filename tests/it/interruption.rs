//! SIGTERM and SIGINT end a run in good order, in mid-chunk too, and the next one goes on from there.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use standin::fault::Fault;

use crate::campus::{Campus, big};

/// A run that hangs in its second chunk; what it says goes to `err`.
fn hanging(campus: &Campus, err: Stdio) -> Child {
    campus.zoom.add_meeting(big(3_500_000));
    campus.kaltura.faults().queue("uploadToken.upload", 2, Fault::Stall(Duration::from_secs(30)));
    let child = campus
        .program()
        .arg("sync")
        .env("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1")
        .stderr(err)
        .spawn()
        .expect("the program starts");
    let since = Instant::now();
    while campus.kaltura.tokens().iter().all(|token| token.uploaded < Some(1 << 20)) {
        assert!(since.elapsed() < Duration::from_secs(20), "the first chunk never arrived");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(200));
    child
}

fn ends_with(signal: &str, code: i32, said: &str) {
    let campus = Campus::new();
    let mut child = hanging(&campus, Stdio::piped());
    let told = Instant::now();
    Command::new("kill").args([signal, &child.id().to_string()]).status().expect("the signal is sent");
    let status = child.wait().expect("the program ends");
    assert_eq!(status.code(), Some(code));
    let err = std::io::read_to_string(child.stderr.take().expect("a pipe")).expect("text");
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(err.contains(&format!("sync was interrupted by {said} with 0 of 1 recording finished")), "{err}");
    assert!(err.contains("the next run resumes what is unfinished"), "{err}");
    assert!(told.elapsed() < Duration::from_secs(10), "it took {:?}", told.elapsed());
    let tokens = campus.kaltura.tokens().len();
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
    assert_eq!(campus.kaltura.tokens().len(), tokens, "the next run goes on with what was begun");
}

#[test]
fn sigterm_ends_with_143_and_resumes() {
    ends_with("-TERM", 143, "SIGTERM");
}

#[test]
fn second_signal_ends_at_once() {
    let campus = Campus::new();
    let mut child = hanging(&campus, Stdio::null());
    for _ in 0..2 {
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("the signal is sent");
    }
    assert_eq!(child.wait().expect("the program ends").code(), Some(143));
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn used_up_time_ends_well() {
    let campus = Campus::new();
    campus.zoom.add_meeting(big(3_500_000));
    campus.kaltura.faults().queue("uploadToken.upload", 2, Fault::Stall(Duration::from_secs(30)));
    let chunks = [("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1")];
    let since = Instant::now();
    let run = campus.run_with(&chunks, &["sync", "--max-duration", "1s"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    assert!(since.elapsed() < Duration::from_secs(10));
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn sigint_ends_with_130_and_resumes() {
    ends_with("-INT", 130, "Ctrl-C (SIGINT)");
}

#[test]
fn interrupted_looks_say_nothing_changed() {
    let campus = Campus::with_lecture();
    for command in ["verify", "explain Lecture"] {
        campus.zoom.faults().queue("GET /accounts/me/recordings", 1, Fault::Stall(Duration::from_secs(30)));
        let mut program = campus.program();
        let mut child = program.args(command.split(' ')).stderr(Stdio::piped()).spawn().expect("the program starts");
        let since = Instant::now();
        while campus.zoom.faults().waiting() > 0 {
            assert!(since.elapsed() < Duration::from_secs(20), "{command} never listed");
            std::thread::sleep(Duration::from_millis(10));
        }
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("the signal is sent");
        assert_eq!(child.wait().expect("the program ends").code(), Some(130), "{command}");
        let err = std::io::read_to_string(child.stderr.take().expect("a pipe")).expect("text");
        assert!(err.contains("interrupted before there was an answer; nothing was changed"), "{command}: {err}");
    }
}
