//! What fails by itself holds nothing up: it goes behind what was not tried, in the run and in those that follow, and only
//! what different hosts and recordings meet in a row is an outage. A long run never makes fresh recordings wait.

use std::process::Stdio;
use std::time::Duration;

use standin::fault::Fault;
use standin::media::Media;
use standin::zoom::{Meeting, User};

use crate::at_once::check_each;
use crate::campus::{Campus, Run, hours_ago, lecture};

const GOOD: i64 = 5;
/// Far longer than any test may take.
const FOR_EVER: Duration = Duration::from_secs(600);
const QUICK: [(&str, &str); 2] = [("ZOOM2KALTURA_HTTP_RETRY_WAIT", "2ms"), ("ZOOM2KALTURA_HTTP_SETTLE", "200ms")];
const IMPATIENT: [(&str, &str); 2] = [("ZOOM2KALTURA_HTTP_STALL_AFTER", "1s"), ("ZOOM2KALTURA_HTTP_RETRIES", "1")];

/// A recording of so many bytes: the smaller come first.
fn talk(name: &str, number: i64, bytes: u64) -> Meeting {
    let media = Media::mp4().salted(number.unsigned_abs()).padded_to(bytes);
    Meeting::new(&format!("{name}=="), number, name).host("ada").starts(&hours_ago(5)).video("shared_screen", media)
}

/// So many bad ones at the head of the queue, and the good ones behind them.
fn campus(bad: i64, make: impl Fn(i64, Meeting) -> Meeting) -> Campus {
    let campus = Campus::new();
    for number in 0..bad {
        campus.zoom.add_meeting(make(number, talk(&format!("bad{number}"), 81_000_000_100 + number, 20_000)));
    }
    for number in 0..GOOD {
        campus.zoom.add_meeting(talk(&format!("good{number}"), 81_000_000_900 + number, 200_000));
    }
    campus
}

fn of_many_hosts(campus: &Campus, hosts: i64) {
    for number in 0..hosts {
        campus.zoom.add_user(User::new(&format!("host{number}"), &format!("host{number}@uni.example")));
    }
}

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&QUICK[..], more].concat()
}

fn copied(campus: &Campus) -> usize {
    let entries = campus.kaltura.entries();
    entries
        .iter()
        .filter(|entry| entry.name.starts_with("good") && campus.kaltura.sha256_of(&entry.id).is_some())
        .count()
}

fn figure(campus: &Campus, what: &str) -> i64 {
    let ledger = campus.ledger();
    ledger.query_row(&format!("SELECT {what} FROM files"), [], |row| row.get(0)).unwrap_or_default()
}

fn failed(run: &Run) -> usize {
    let report = run.report();
    report["items"].as_array().expect("items").iter().filter(|item| item["result"] == "failed").count()
}

fn start_day() -> String {
    hours_ago(5)[..10].to_owned()
}

/// What every download of the bad ones meets for ever, how many there are, and how many transfers go on at a time.
#[test]
fn hopeless_downloads_hold_nothing_up() {
    let cases = [
        (Fault::answer(403, ""), 14, "1"),
        (Fault::answer(404, ""), 14, "4"),
        (Fault::answer(410, ""), 14, "1"),
        (Fault::answer(503, ""), 14, "1"),
        (Fault::answer(403, ""), 70, "4"),
        (Fault::html(), 14, "1"),
        (Fault::Stall(FOR_EVER), 5, "4"),
        (Fault::Cut(3), 14, "4"),
        (Fault::Cut(9_000), 14, "4"),
    ];
    check_each(cases, |(fault, bad, parallel)| {
        for backfill in [false, true] {
            let campus = campus(bad, |_, meeting| meeting.always(fault.clone()));
            let (day, mut settings) = (start_day(), with(&[("ZOOM2KALTURA_SYNC_PARALLEL", parallel)]));
            if matches!(fault, Fault::Stall(_)) {
                settings.extend(IMPATIENT);
            }
            let args: &[&str] = if backfill {
                &["backfill", "--from", &day, "--to", &day, "--format", "json"]
            } else {
                &["sync", "--format", "json"]
            };
            let run = campus.run_with(&settings, args);
            let found = (run.exit, failed(&run), copied(&campus));
            assert_eq!(found, (3, usize::try_from(bad).expect("few"), 5), "{fault:?} {bad} {parallel}: {}", run.err);
            assert_eq!(
                figure(&campus, "count(*) FILTER (WHERE attempts = 1 AND next_try IS NOT NULL)"),
                bad,
                "{fault:?}"
            );
            if backfill && bad > 14 {
                break;
            }
        }
    });
}

#[test]
fn many_hosts_failures_stay_theirs() {
    for fault in [Fault::answer(403, ""), Fault::answer(503, ""), Fault::answer(404, ""), Fault::html()] {
        let campus = campus(14, |number, meeting| meeting.host(&format!("host{number}")).always(fault.clone()));
        of_many_hosts(&campus, 14);
        let run = campus.run_with(&with(&[]), &["sync", "--format", "json"]);
        assert_eq!((run.exit, failed(&run), copied(&campus)), (3, 14, 5), "{fault:?}: {}", run.err);
    }
}

#[test]
fn failed_goes_behind_untried() {
    let campus = campus(80, |number, meeting| meeting.host(&format!("host{number}")).always(Fault::answer(503, "")));
    of_many_hosts(&campus, 80);
    let settings = with(&[("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")]);
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 5, "nothing tells that Zoom gives others");
    assert_eq!(copied(&campus), 0);
    let run = campus.run_with(&settings, &["sync"]);
    assert_eq!((run.exit, copied(&campus)), (3, 5), "{}", run.err);
}

/// What Kaltura answers to the first dozen of one host.
#[test]
fn refused_uploads_hold_nothing_up() {
    for fault in [Fault::answer(503, ""), Fault::exception("USER_BLOCKED")] {
        let campus = campus(14, |_, meeting| meeting);
        for hit in 1..=14 {
            campus.kaltura.faults().queue("multirequest of media.add", hit, fault.clone());
        }
        let settings = with(&[("ZOOM2KALTURA_SYNC_PARALLEL", "1"), ("ZOOM2KALTURA_HTTP_RETRIES", "0")]);
        let run = campus.run_with(&settings, &["sync", "--format", "json"]);
        assert_eq!(run.exit, 3, "{fault:?}: {}", run.err);
        // the last of theirs and the first of another's may have asked at the same time
        assert!((5..=6).contains(&copied(&campus)), "{fault:?}: {}", run.err);
    }
}

#[test]
fn outage_ends_run_and_names_side() {
    let campus = campus(16, |number, meeting| meeting.host(&format!("host{}", number % 4)));
    of_many_hosts(&campus, 4);
    let settings = with(&[
        ("ZOOM2KALTURA_SYNC_PARALLEL", "1"),
        ("ZOOM2KALTURA_HTTP_RETRIES", "0"),
        ("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "2"),
    ]);
    // more than are asked for, claims made ahead included
    for hit in 1..=500 {
        campus.kaltura.faults().queue("uploadToken.add", hit, Fault::answer(503, "as ordered"));
    }
    let run = campus.run_with(&settings, &["sync", "--format", "json"]);
    assert_eq!(run.exit, 5, "{}", run.err);
    assert!(run.err.contains("Kaltura: ") && !run.err.contains("Zoom: "), "{}", run.err);
    let tried = figure(&campus, "count(*) FILTER (WHERE error IS NOT NULL)");
    assert!(tried < 16, "the run was to end early");
    assert_eq!(figure(&campus, "count(*) FILTER (WHERE attempts = 1 AND next_try IS NOT NULL)"), tried);
    campus.kaltura.faults().clear();
    campus.run(&["retry", "--failed"]);
    campus.sync_until_done_with(&settings);
    campus.each_video_is_in_kaltura_once();
}

/// What the only recording of the night meets for ever.
#[test]
fn single_broken_recording_accuses_nobody() {
    let faults = [
        ("CDN", Fault::answer(403, "")),
        ("CDN", Fault::answer(404, "")),
        ("CDN", Fault::answer(503, "")),
        ("CDN", Fault::html()),
        ("CDN", Fault::Stall(FOR_EVER)),
        ("CDN", Fault::Reset),
        ("GET /rec/download", Fault::answer(401, "")),
        ("GET /rec/download", Fault::answer(403, "")),
    ];
    for (call, fault) in faults {
        let campus = Campus::new();
        campus.zoom.add_meeting(lecture("broken==", 81_000_000_001, "ada", 5));
        for hit in 1..=40 {
            campus.zoom.faults().queue(call, hit, fault.clone());
        }
        let mut settings = with(&[("ZOOM2KALTURA_SYNC_RETRY_AFTER", "1h"), ("ZOOM2KALTURA_HTTP_RETRIES", "1")]);
        if matches!(fault, Fault::Stall(_)) {
            settings.extend(IMPATIENT);
        }
        let runs: Vec<Run> = (0..20).map(|_| campus.run_with(&settings, &["sync"])).collect();
        let exits: Vec<i32> = runs.iter().map(|run| run.exit).collect();
        assert_eq!(exits, [&[3][..], &[0; 19]].concat(), "{fault:?}: {}", runs[0].err);
        assert_eq!(runs[0].err.lines().count(), 1, "{fault:?}: {}", runs[0].err);
        assert!(runs[1..].iter().all(|run| run.err.is_empty() && run.out.is_empty()), "{fault:?}");
        let status = campus.run(&["status", "--format", "json"]).report();
        let next = status["failed"][0]["next_try"].as_str().expect("a next try").to_owned();
        assert!(next > hours_ago(0), "{fault:?}: {next}");
        assert!(campus.run(&["explain", "broken=="]).out.contains("next try after "), "{fault:?}");
        // each try counts until none is left
        let often = [("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"), ("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "3")];
        let now = [&settings[..], &often].concat();
        campus.run(&["retry", "--failed"]);
        for hit in 1..=40 {
            campus.zoom.faults().queue(call, hit, fault.clone());
        }
        let exits: Vec<i32> = (0..4).map(|_| campus.run_with(&now, &["sync"]).exit).collect();
        assert_eq!(exits, [3, 3, 3, 0], "{fault:?}");
    }
}

#[test]
fn due_try_is_not_announced() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("broken==", 81_000_000_001, "ada", 5).always(Fault::answer(404, "")));
    campus.run_with(&with(&[("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")]), &["sync"]);
    let status = campus.run(&["status", "--format", "json"]).report();
    assert!(status["failed"][0]["next_try"].is_null(), "{status:#}");
    let told = campus.run(&["explain", "broken=="]).out;
    assert!(told.contains("the next run looks again") && !told.contains("next try after"), "{told}");
}

/// A run that works as long as a few uploads stall.
fn long_run(campus: &Campus, settings: &[(&str, &str)]) -> std::process::Child {
    for number in 0..60 {
        campus.zoom.add_meeting(lecture(&format!("old{number}=="), 81_000_000_000 + number, "ada", 70 - number / 3));
    }
    for hit in 1..=60 {
        campus.kaltura.faults().queue("uploadToken.upload", hit, Fault::Stall(Duration::from_millis(150)));
    }
    let child = campus
        .program()
        .args(["sync", "--full"])
        .envs([("ZOOM2KALTURA_SYNC_RELIST_EVERY", "1s"), ("ZOOM2KALTURA_SYNC_PARALLEL", "2")])
        .envs(settings.iter().copied())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    campus.wait_for_call("uploadToken.upload", 5);
    child
}

fn is_copied(campus: &Campus, uuid: &str) -> bool {
    campus.kaltura.entries().iter().any(|entry| entry.reference_id.contains(uuid))
}

#[test]
fn long_run_takes_up_each_once() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("going-on==", 81_000_001_000, "ada", 1).processing());
    campus.zoom.add_meeting(talk("waits", 81_000_001_002, 9_000));
    campus.zoom.faults().queue("CDN", 1, Fault::answer(404, ""));
    let settings = with(&[("ZOOM2KALTURA_SYNC_RETRY_AFTER", "1s")]);
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 3);
    // what Zoom deletes soon comes first
    let day = (chrono::Utc::now().date_naive() + chrono::Days::new(1)).to_string();
    campus.zoom.add_meeting(talk("fails", 81_000_001_003, 9_001).deleted_on(&day));
    campus.zoom.faults().queue("CDN", 1, Fault::answer(404, ""));
    campus.zoom.cdn_log().clear();
    let mut run = long_run(&campus, &[("ZOOM2KALTURA_SYNC_RETRY_AFTER", "1s")]);
    campus.zoom.finish_processing("going-on==");
    campus.zoom.add_meeting(lecture("fresh==", 81_000_001_001, "ada", 1));
    assert_eq!(run.wait().expect("it ends").code(), Some(0), "what failed in it was copied by it");
    for uuid in ["going-on==", "fresh==", "waits==", "fails=="] {
        assert!(is_copied(&campus, uuid), "{uuid}");
    }
    // one failure, and each of 64 given once however often it was listed
    assert_eq!(campus.zoom.cdn_log().all().len(), 65);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn killed_runs_failure_still_counts() {
    let campus = Campus::new();
    // what Zoom deletes soon comes first
    let day = (chrono::Utc::now().date_naive() + chrono::Days::new(1)).to_string();
    campus.zoom.add_meeting(talk("bad", 81_000_001_002, 9_000).deleted_on(&day).always(Fault::answer(404, "")));
    let mut run = long_run(&campus, &[]);
    run.kill().expect("it was at work");
    run.wait().expect("it ends");
    assert_eq!(figure(&campus, "max(attempts)"), 1);
    let story = campus.run(&["explain", "bad=="]).out;
    assert!(story.contains("next try after "), "{story}");
}

#[test]
fn fresh_recording_overtakes_the_backlog() {
    const BACKLOG: i64 = 200;
    let campus = Campus::new();
    for number in 0..BACKLOG {
        campus.zoom.add_meeting(lecture(&format!("old{number}=="), 81_000_000_000 + number, "ada", 24 * 30 + number));
    }
    for hit in 1..=60 {
        campus.kaltura.faults().queue("uploadToken.upload", hit, Fault::Stall(Duration::from_millis(100)));
    }
    let (from, to) = (hours_ago(24 * 60), hours_ago(24 * 20));
    let mut backfill = campus
        .program()
        .args(["backfill", "--from", &from[..10], "--to", &to[..10]])
        .env("ZOOM2KALTURA_SYNC_RELIST_EVERY", "1s")
        .env("ZOOM2KALTURA_SYNC_PARALLEL", "2")
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    campus.wait_for_call("uploadToken.upload", 5);
    campus.zoom.add_meeting(lecture("fresh==", 81_000_001_000, "ada", 2));
    campus.zoom.add_meeting(lecture("before-go-live==", 81_000_001_001, "ada", 24 * 5));
    assert!(backfill.wait().expect("the backfill ends").success());
    let entries = campus.kaltura.entries();
    let place = entries.iter().position(|entry| entry.reference_id.contains("fresh==")).expect("it was copied");
    let backlog = usize::try_from(BACKLOG).expect("a small number");
    assert!(place < backlog - 20, "it came as number {place} of {}", entries.len());
    assert_eq!(entries.len(), backlog + 1, "what is older than go-live is not for sync to copy");
    let run = campus.run(&["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    assert_eq!(campus.kaltura.entries().len(), backlog + 1);
}

#[test]
fn limited_run_looks_for_no_more() {
    let campus = Campus::new();
    for number in 0..3 {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", 9));
    }
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Stall(Duration::from_millis(1500)));
    let settings = [("ZOOM2KALTURA_SYNC_RELIST_EVERY", "1s")];
    assert_eq!(campus.run_with(&settings, &["sync", "--limit", "1"]).exit, 0);
    assert_eq!(campus.kaltura.entries().len(), 1);
}
