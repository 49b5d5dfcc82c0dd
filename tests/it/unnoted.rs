//! Recordings of which the last steps are not written yet, as the next one has begun.

use std::process::Stdio;
use std::time::Duration;

use standin::fault::Fault;
use standin::zoom::User;

use crate::campus::{Campus, FEW_ROOTS, lecture};
use crate::claims::{SETTINGS, attaches, body, until_each_is_there_once};

fn add_lectures(campus: &Campus, count: i64) {
    for number in 0..count {
        campus.zoom.add_user(User::new(&format!("u{number}"), &format!("u{number}@uni.example")));
        campus.kaltura.add_user(&format!("u{number}@uni.example"), "");
        campus.zoom.add_meeting(lecture(&format!("m{number}=="), 81_000_000_000 + number, &format!("u{number}"), 9));
    }
}

/// A run that dies knows its entry by the token alone; what Kaltura makes of the same request once more takes nothing.
#[test]
fn entry_that_was_not_noted_is_found() {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    let token = campus.kaltura.tokens()[0].id.clone();
    for late in [false, true] {
        let sql = "UPDATE files SET state = 'attaching', entry_id = NULL, token = ?1";
        campus.ledger().execute(sql, [&token]).expect("what was written before the entry was asked for");
        campus.ledger().execute("UPDATE recordings SET action = 'copy', reason = NULL", []).expect("a recording");
        if late {
            let asked = &attaches(&campus)[0];
            campus.post(&asked.target, &body(asked));
            assert_eq!(campus.kaltura.alive().len(), 2);
        }
        until_each_is_there_once(&campus, &SETTINGS);
        assert_eq!(attaches(&campus).len(), 1 + usize::from(late));
    }
}

/// Its slot is free as soon as its last byte has come.
#[test]
fn next_is_fetched_before_the_answer() {
    let campus = Campus::new();
    add_lectures(&campus, 3);
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Stall(Duration::from_secs(1200)));
    let mut run = campus.program();
    run.arg("sync").envs(FEW_ROOTS).env("ZOOM2KALTURA_SYNC_PARALLEL", "1");
    run.env("ZOOM2KALTURA_HTTP_STALL_AFTER", "1200s").stdout(Stdio::null()).stderr(Stdio::null());
    let mut run = run.spawn().expect("the program starts");
    let closed = || campus.kaltura.tokens().iter().filter(|token| token.status == 3).count();
    while closed() < 2 {
        assert!(run.try_wait().expect("a process").is_none(), "it waits for the first one");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(campus.zoom.cdn_log().len(), 3);
    run.kill().expect("it waits for the first one");
    run.wait().expect("the program ends");
    until_each_is_there_once(&campus, &SETTINGS);
}
