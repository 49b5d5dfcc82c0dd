//! Claims that are made before their turn, several in one request: used once, soon or not at all, and never left.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use standin::fault::Fault;
use standin::request_log::Logged;

use crate::campus::{Campus, FEW_ROOTS, lecture};
use crate::claims::{attaches, body, hashes, until_each_is_there_once, wanted};

const LECTURES: i64 = 4;
const CLAIM: &str = "multirequest of uploadToken.add";
const SETTINGS: [(&str, &str); 6] = [
    ("ZOOM2KALTURA_SYNC_PARALLEL", "1"),
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
    ("ZOOM2KALTURA_HTTP_RETRIES", "2"),
    ("ZOOM2KALTURA_HTTP_RETRY_WAIT", "2ms"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "150ms"),
    ("ZOOM2KALTURA_HTTP_CLAIM_SETTLE", "150ms"),
];

fn campus() -> Campus {
    let campus = Campus::new();
    for number in 0..LECTURES {
        campus.zoom.add_meeting(lecture(&format!("m{number}=="), 81_000_000_000 + number, "ada", 9 - number));
    }
    campus
}

fn one_at_a_time(claim_settle: &str) -> [(&'static str, &str); 2] {
    [("ZOOM2KALTURA_SYNC_PARALLEL", "1"), ("ZOOM2KALTURA_HTTP_CLAIM_SETTLE", claim_settle)]
}

/// Uploads that are of use for nothing.
fn pending(campus: &Campus) -> usize {
    campus.kaltura.tokens().iter().filter(|token| token.status == 0 && token.attached_asset.is_none()).count()
}

fn tokens_made(campus: &Campus) -> usize {
    campus.kaltura.log().count("uploadToken.add")
}

/// A run whose first upload is not answered, once the claims of the others are there.
fn held_up(campus: &Campus) -> Child {
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Stall(Duration::from_secs(600)));
    campus.zoom.faults().queue("GET /rec/download", 2, Fault::Stall(Duration::from_secs(600)));
    let mut run = campus.program();
    run.arg("sync").envs(FEW_ROOTS).env("ZOOM2KALTURA_SYNC_PARALLEL", "1");
    let run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    campus.wait_for_call(CLAIM_PART, usize::try_from(LECTURES).expect("a few"));
    // the ledger knows of them, too
    let noted = || {
        let sql = "SELECT count(*) FROM files WHERE token IS NOT NULL";
        campus.ledger().query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count")
    };
    while noted() < LECTURES || pending(campus) != 3 {
        std::thread::sleep(Duration::from_millis(5));
    }
    run
}

const CLAIM_PART: &str = "uploadToken.add";

#[test]
fn next_recordings_are_claimed_together() {
    let campus = campus();
    let run = campus.run_with(&one_at_a_time("60s"), &["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let claims = campus.kaltura.log().all().into_iter().filter(|logged| logged.call == "multirequest");
    let claims = claims.filter(|logged| logged.body.contains("KalturaUploadToken\"")).count();
    assert_eq!((tokens_made(&campus), claims, pending(&campus)), (4, 2, 0));
    assert_eq!(campus.kaltura.log().count("uploadToken.delete"), 0);
    assert_eq!(hashes(&campus), wanted(&campus));
}

#[test]
fn old_claims_are_not_used() {
    let campus = campus();
    let run = campus.run_with(&one_at_a_time("0s"), &["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    // three were too old, and gave way to others
    assert_eq!((tokens_made(&campus), pending(&campus)), (7, 0));
    assert_eq!(campus.kaltura.log().count("uploadToken.delete"), 3);
    assert_eq!(hashes(&campus), wanted(&campus));
}

#[test]
fn unused_claims_end_with_the_run() {
    let campus = campus();
    let mut run = held_up(&campus);
    assert_eq!(pending(&campus), 3);
    Command::new("kill").args(["-TERM", &run.id().to_string()]).status().expect("the signal is sent");
    assert_eq!(run.wait().expect("the program ends").code(), Some(143));
    assert_eq!(pending(&campus), 0);
    let sql = "SELECT count(*) FROM files WHERE state = 'new' AND token IS NOT NULL";
    assert_eq!(campus.ledger().query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count"), 0);
}

/// The ledger knows that they are its own.
#[test]
fn killed_claims_are_not_waited_for() {
    let campus = campus();
    let mut run = held_up(&campus);
    run.kill().expect("it waits");
    run.wait().expect("the program ends");
    campus.zoom.faults().clear();
    campus.kaltura.faults().clear();
    campus.kaltura.log().clear();
    let run = campus.run_with(&one_at_a_time("60s"), &["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let looks = campus.kaltura.log().all().into_iter().filter(|logged| logged.call == "multirequest");
    assert_eq!(looks.filter(|logged| calls(logged) == ["uploadToken", "list"]).count(), 0);
    assert_eq!((hashes(&campus), pending(&campus)), (wanted(&campus), 0));
}

/// What a request of several calls asks first.
fn calls(logged: &Logged) -> [String; 2] {
    let first = &body(logged)["1"];
    ["service", "action"].map(|name| first[name].as_str().unwrap_or_default().to_owned())
}

/// At each of the requests that claim, and at each part of them.
#[test]
fn faulty_claims_concern_their_own_recording() {
    let whole = [
        Fault::Reset,
        Fault::LostAnswer,
        Fault::Cut(20),
        Fault::garbage(),
        Fault::answer(500, "as ordered"),
        Fault::exception("INTERNAL_SERVERL_ERROR"),
        Fault::json(200, "[]"),
    ];
    let whole = whole.into_iter().flat_map(|fault| [(CLAIM, 1, fault.clone()), (CLAIM, 2, fault)]);
    let part = |call, hit| (call, hit, Fault::exception("INTERNAL_SERVERL_ERROR"));
    let adds = (1..=4).map(|hit| part(CLAIM_PART, hit));
    let lists = (1..=8).map(|hit| part("uploadToken.list", hit));
    let cases: Vec<_> = whole.chain(adds).chain(lists).collect();
    std::thread::scope(|scope| {
        for side in 0..4 {
            let cases = &cases;
            scope.spawn(move || {
                for (call, hit, fault) in cases.iter().skip(side).step_by(4) {
                    let campus = campus();
                    campus.kaltura.faults().queue(call, *hit, fault.clone());
                    let run = campus.run_with(&SETTINGS, &["sync"]);
                    // one at most fails of a part; the others are there
                    let there = hashes(&campus).iter().flatten().count();
                    assert!(there + 1 >= 4, "{call} {hit} {fault:?}: {}", run.err);
                    until_each_is_there_once(&campus, &SETTINGS);
                    assert_eq!((attaches(&campus).len(), pending(&campus)), (4, 0), "{call} {hit} {fault:?}");
                }
            });
        }
    });
}
