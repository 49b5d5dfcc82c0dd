//! Each kind of fault bites, at the hit for which it was queued and only there.

use std::time::{Duration, Instant};

use standin::fault::Fault;
use standin::zoom::{User, Zoom};

use crate::plain::{Got, get, token};

const CALL: &str = "GET /users/{}";

/// The answers to three calls, of which the second meets the fault.
fn three(fault: Fault) -> [Result<Got, String>; 3] {
    let zoom = Zoom::start();
    zoom.add_user(User::new("ada", "ada@uni.example"));
    let token = token(&zoom);
    zoom.faults().queue(CALL, 2, fault);
    [(); 3].map(|()| get(&format!("{}/users/ada", zoom.api_url()), &token))
}

/// The second answer; the first and the third must be what they always are.
fn faulty(fault: Fault) -> Result<Got, String> {
    let [first, second, third] = three(fault);
    for sound in [first, third] {
        assert_eq!(sound.expect("an answer").json()["email"], "ada@uni.example");
    }
    second
}

#[test]
fn chosen_answer_replaces_the_right_one() {
    let headers = vec![("retry-after", "7".to_owned())];
    let got = faulty(Fault::Answer { status: 503, headers, body: "busy".to_owned() }).expect("an answer");
    assert_eq!((got.status, got.header("retry-after")), (503, "7"));
    assert_eq!(got.body, Ok(b"busy".to_vec()));
}

#[test]
fn page_and_error_answer_with_200() {
    let page = faulty(Fault::html()).expect("an answer");
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    let error = faulty(Fault::json(200, r#"{"status":false,"errorCode":124}"#)).expect("an answer");
    assert_eq!((error.status, &error.json()["errorCode"]), (200, &serde_json::json!(124)));
}

#[test]
fn garbage_claims_to_be_json() {
    let got = faulty(Fault::garbage()).expect("an answer");
    assert_eq!(got.header("content-type"), "application/json");
    assert!(serde_json::from_slice::<serde_json::Value>(&got.body.expect("a body")).is_err());
}

#[test]
fn reset_and_lost_answer_break_off() {
    assert!(faulty(Fault::Reset).is_err());
    assert!(faulty(Fault::LostAnswer).is_err());
}

#[test]
fn cut_ends_the_body_early() {
    assert!(faulty(Fault::Cut(10)).map_or(true, |got| got.body.is_err()));
}

#[test]
fn wrong_length_is_noticed_both_ways() {
    let longer = faulty(Fault::WrongLength(100)).expect("a head");
    assert!(longer.body.is_err(), "the announced bytes never come");
    let shorter = faulty(Fault::WrongLength(-5)).map(|got| got.body.map(|body| body.last().copied()));
    assert_ne!(shorter, Ok(Ok(Some(b'}'))), "what is beyond the announced length does not arrive");
}

#[test]
fn stall_and_drip_arrive_whole() {
    for fault in [Fault::Stall(Duration::from_millis(300)), Fault::Drip { bytes: 20, pause: Duration::from_millis(50) }]
    {
        let since = Instant::now();
        assert_eq!(faulty(fault).expect("an answer").json()["email"], "ada@uni.example");
        assert!(since.elapsed() >= Duration::from_millis(300));
    }
}
