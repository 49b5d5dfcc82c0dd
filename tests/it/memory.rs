//! Media streams through: memory does not grow with the recording, and nothing of it touches the disk.

use std::fs;
use std::process::{Child, Stdio};
use std::time::Duration;

use standin::fault::Fault;
use standin::media::Media;
use standin::zoom::Meeting;

use crate::campus::{Campus, hours_ago};

const MIB: u64 = 1 << 20;

/// What the system says of a process at its end.
#[derive(Debug, Default)]
struct Peak {
    /// kB of memory at most.
    memory_kb: u64,
    /// Bytes that went towards a disk.
    written: u64,
}

/// What one transfer may take, and what sixteen.
const ONE_KB: u64 = 32 * 1024;
const SIXTEEN_KB: u64 = 64 * 1024;
/// What the ledger may send to the disk, its making included: next to nothing beside the recordings.
const LEDGER_BYTES: u64 = 4 * MIB;

#[test]
fn sixteen_transfers_at_once_stay_small() {
    let peak = copied(16, 6 * MIB);
    assert!((1..SIXTEEN_KB).contains(&peak.memory_kb), "{peak:?}");
}

/// The longest answer that is read, and as much again while it grows.
const ANSWER_KB: u64 = 256 * 1024;

#[test]
fn endless_answer_takes_bounded_memory() {
    let campus = Campus::new();
    for hit in 1..=5 {
        let endless = Fault::Endless { bytes: 1 << 20, pause: Duration::ZERO };
        campus.zoom.faults().queue("GET /accounts/me/recordings", hit, endless);
    }
    let child = campus
        .program()
        .arg("sync")
        .env("ZOOM2KALTURA_HTTP_CALL_TIMEOUT", "1h")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let peak = watched(child);
    assert!((1..ANSWER_KB).contains(&peak.memory_kb), "{peak:?}");
}

#[test]
#[ignore = "moves a GiB: cargo test --release -- --ignored memory"]
#[allow(clippy::print_stderr, reason = "the test states the figures")]
fn large_recording_takes_no_more_memory() {
    let small = copied(1, MIB);
    let large = copied(1, 1024 * MIB);
    eprintln!(
        "1 MiB: {} kB of memory, 1 GiB: {} kB, {} bytes to disk",
        small.memory_kb, large.memory_kb, large.written
    );
    assert!(large.memory_kb < small.memory_kb + 16 * 1024, "{small:?} {large:?}");
    assert!(large.memory_kb < ONE_KB, "{large:?}");
    assert!(large.written < LEDGER_BYTES, "{large:?}");
}

#[test]
#[ignore = "moves four GiB: cargo test --release -- --ignored memory"]
#[allow(clippy::print_stderr, reason = "the test states the figures")]
fn sixteen_large_take_no_more_memory() {
    let peak = copied(16, 256 * MIB);
    eprintln!("16 of 256 MiB: {} kB of memory, {} bytes to disk", peak.memory_kb, peak.written);
    assert!(peak.memory_kb < SIXTEEN_KB, "{peak:?}");
    assert!(peak.written < LEDGER_BYTES, "{peak:?}");
}

/// Copies so many recordings of so many bytes, all at a time.
fn copied(recordings: u64, bytes: u64) -> Peak {
    let campus = Campus::new();
    for number in 0..recordings {
        let id = 81_000_000_000 + number.cast_signed();
        let meeting = Meeting::new(&format!("big{number}=="), id, "Big").host("ada").starts(&hours_ago(5));
        campus.zoom.add_meeting(meeting.video("shared_screen", Media::mp4().salted(number).padded_to(bytes)));
    }
    let child = campus
        .program()
        .arg("sync")
        .env("ZOOM2KALTURA_SYNC_PARALLEL", recordings.to_string())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let peak = watched(child);
    campus.each_video_is_in_kaltura_once();
    peak
}

fn watched(mut child: Child) -> Peak {
    let mut peak = Peak::default();
    let process = format!("/proc/{}", child.id());
    while child.try_wait().expect("the program is waited for").is_none() {
        let number = |file: &str, name: &str| -> Option<u64> {
            let text = fs::read_to_string(format!("{process}/{file}")).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        peak.memory_kb = number("status", "VmHWM:").unwrap_or(peak.memory_kb);
        peak.written = number("io", "write_bytes:").unwrap_or(peak.written);
        std::thread::sleep(Duration::from_millis(5));
    }
    peak
}
