//! The status page of a month: lectures are recorded and copied day by day, and time passes in between.
//!
//! `src/doc/status-page.png` is this page in a browser that is 1000 pixels wide. To make it again:
//!
//!     cargo run --example sandbox -- --status-page >page.html
//!     chromium --headless --hide-scrollbars --window-size=1000,1180 --screenshot=src/doc/status-page.png page.html

use std::process::ExitCode;
use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta, Utc};
use standin::fault::Fault;
use standin::media::Media;
use standin::zoom::Meeting;

use crate::university::University;

/// How many lectures each day has, and how many minutes they take from the first listing until READY.
const DAYS: [(i64, i64); 22] = [
    (4, 6),
    (7, 9),
    (9, 12),
    (6, 8),
    (3, 5),
    (5, 7),
    (8, 11),
    (10, 95),
    (7, 10),
    (4, 6),
    (5, 8),
    (9, 13),
    (11, 16),
    (8, 9),
    (3, 4),
    (6, 7),
    (9, 12),
    (12, 240),
    (7, 9),
    (4, 6),
    (6, 8),
    (8, 10),
];

/// Prints the page.
pub(crate) fn print_page() -> ExitCode {
    let university = University::new();
    for (day, (lectures, minutes)) in (0..).zip(DAYS) {
        for lecture in 0..lectures {
            university.zoom.add_meeting(meeting(day, lecture));
        }
        university.run(&["-q", "sync"]);
        university.setup.age_events(TimeDelta::minutes(minutes));
        // Kaltura has processed it by then
        std::thread::sleep(Duration::from_millis(1300));
        university.run(&["-q", "sync"]);
        let is_last = day + 1 == i64::try_from(DAYS.len()).unwrap_or_default();
        let night = TimeDelta::hours(if is_last { 15 } else { 24 });
        let until_next = if day % 5 == 4 { TimeDelta::days(3) } else { night };
        university.setup.age_events(until_next);
        university.setup.age_confirmations(until_next);
        if day < 20 {
            university.run(&["-q", "purge"]);
        }
    }
    for lecture in 0..4 {
        university.zoom.add_meeting(meeting(99, lecture));
    }
    university.zoom.faults().queue("GET /rec/download", 2, Fault::answer(404, "gone"));
    university.run(&["-q", "sync"]);
    university.setup.age_events(TimeDelta::hours(4));
    ExitCode::from(university.run(&["status", "--format", "html"]))
}

/// Most are of lecturers, some of a guest, and some are not to be copied.
fn meeting(day: i64, lecture: i64) -> Meeting {
    let number = 81_100_000_000 + day * 100 + lecture;
    let (topic, host) = match (day + lecture) % 9 {
        0 => ("Private: office hour", "u1"),
        4 => ("Guest lecture", "u4"),
        7 => ("The Renaissance", "u2"),
        _ => ("Optics", "u1"),
    };
    let start = (Utc::now() - TimeDelta::hours(5)).to_rfc3339_opts(SecondsFormat::Secs, true);
    Meeting::new(&format!("bW9udGg{number}=="), number, topic)
        .host(host)
        .starts(&start)
        .video("shared_screen", Media::mp4().salted(number.unsigned_abs()))
}
