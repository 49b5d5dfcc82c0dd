//! A check is pinged when a run begins and when it has ended, and no ping changes anything of the run.

use std::time::Duration;

use standin::fault::Fault;
use standin::receiver::{PING_SECRET, Receiver};

use crate::campus::{Campus, Run, lecture};

fn run(campus: &Campus, receiver: &Receiver, args: &[&str]) -> Run {
    run_within(campus, receiver, "10s", args)
}

fn run_within(campus: &Campus, receiver: &Receiver, timeout: &str, args: &[&str]) -> Run {
    let url = receiver.ping_url();
    let settings = [("ZOOM2KALTURA_NOTIFY_PING_URL", url.as_str()), ("ZOOM2KALTURA_NOTIFY_TIMEOUT", timeout)];
    let run = campus.run_with(&settings, args);
    assert_eq!(receiver.violations(), Vec::<String>::new());
    assert!(!run.err.contains(PING_SECRET) && !run.out.contains(PING_SECRET), "{}", run.err);
    run
}

#[test]
fn good_run_pings_start_and_end() {
    let (campus, receiver) = (Campus::new(), Receiver::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    assert_eq!(run(&campus, &receiver, &["sync"]).exit, 0);
    assert_eq!(receiver.log().calls(), ["ping start", "ping"]);
    let ids: Vec<_> = receiver
        .log()
        .all()
        .into_iter()
        .map(|logged| logged.target.split_once("rid=").expect("an id").1.to_owned())
        .collect();
    assert_eq!(ids[0], ids[1]);
    run(&campus, &receiver, &["sync"]);
    assert!(!receiver.log().all()[2].target.contains(&ids[0]), "each run has an id of its own");
}

#[test]
fn bad_run_pings_its_exit_code() {
    let (campus, receiver) = (Campus::new(), Receiver::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    assert_eq!(run(&campus, &receiver, &["sync"]).exit, 3);
    let (wrong, url) = (("ZOOM2KALTURA_ZOOM_CLIENT_SECRET", "wrong"), receiver.ping_url());
    assert_eq!(campus.run_with(&[wrong, ("ZOOM2KALTURA_NOTIFY_PING_URL", &url)], &["sync"]).exit, 4);
    assert_eq!(receiver.log().calls(), ["ping start", "ping fail", "ping start", "ping fail"]);
    let bodies: Vec<_> = receiver.log().all().into_iter().map(|logged| logged.body).collect();
    assert!(bodies[1].contains("exit code 3, the run finished, but"), "{}", bodies[1]);
    assert!(
        bodies[3].contains("exit code 4, ") && bodies[3].contains("the last sync ended with exit code 4"),
        "{}",
        bodies[3]
    );
    assert!(!bodies.concat().contains("Lecture") && !bodies.concat().contains('@'), "{bodies:?}");
}

#[test]
fn unusable_ledger_pings_lock_does_not() {
    let (campus, receiver) = (Campus::new(), Receiver::start());
    std::fs::create_dir(campus.setup.state()).expect("a state folder");
    std::fs::write(campus.setup.ledger_file(), "no database").expect("a file");
    assert_eq!(run(&campus, &receiver, &["sync"]).exit, 1);
    assert_eq!(receiver.log().calls(), ["ping fail"]);
    let _lock = campus.hold_lock("run.lock");
    assert_eq!(run(&campus, &receiver, &["sync"]).exit, 75);
    assert_eq!(receiver.log().calls().len(), 1);
}

#[test]
fn dry_runs_and_others_ping_nobody() {
    let (campus, receiver) = (Campus::new(), Receiver::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    for args in [
        &["sync", "--dry-run"][..],
        &["purge", "--dry-run"],
        &["purge"],
        &["backfill", "--from", "2026-01-01", "--to", "2026-01-02"],
        &["status"],
        &["check"],
        &["config", "show"],
    ] {
        run(&campus, &receiver, args);
    }
    assert_eq!(receiver.log().calls(), Vec::<String>::new());
    let url = receiver.ping_url();
    campus.run_with(&[("ZOOM2KALTURA_NOTIFY_PURGE_PING_URL", &url)], &["purge"]);
    assert_eq!(receiver.log().calls(), ["ping start", "ping"], "purge has a check of its own");
}

#[test]
fn broken_check_is_only_a_warning() {
    let campus = Campus::with_lecture();
    let faults = [
        (Fault::answer(500, "no"), "it answered 500"),
        (Fault::Reset, "the connection broke"),
        (Fault::Stall(Duration::from_secs(60)), "no answer within 1 s"),
        (
            Fault::Answer {
                status: 302,
                headers: vec![("location", "http://127.0.0.1:9/".to_owned())],
                body: String::new(),
            },
            "it answered 302",
        ),
    ];
    for (fault, said) in faults {
        let receiver = Receiver::start();
        for call in ["ping start", "ping"] {
            receiver.faults().queue(call, 1, fault.clone());
        }
        let timeout = if matches!(fault, Fault::Stall(_)) { "1s" } else { "10s" };
        let run = run_within(&campus, &receiver, timeout, &["sync"]);
        assert_eq!(run.exit, 0, "{fault:?}");
        let warning = format!("WARN the ping of sync failed: {said}");
        assert!(run.err.contains(&warning) && run.err.lines().count() == 1, "{fault:?}: {}", run.err);
    }
    let dead = Receiver::start().ping_url();
    let run = campus.run_with(&[("ZOOM2KALTURA_NOTIFY_PING_URL", &dead)], &["sync"]);
    assert_eq!(run.exit, 0);
    assert!(run.err.contains("it cannot be reached") && !run.err.contains(PING_SECRET), "{}", run.err);
}
