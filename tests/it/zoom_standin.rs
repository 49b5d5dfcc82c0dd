//! The Zoom stand-in behaves as Zoom is known to, where that surprises.

use std::time::Duration;

use serde_json::{Value, json};
use standin::media::Media;
use standin::zoom::{Category, Meeting, User, Zoom};

use crate::campus::{hours_ago, lecture};
use crate::plain::{Got, get, token};

fn with_meetings(zoom: Zoom, meetings: Vec<Meeting>) -> (Zoom, String) {
    zoom.add_user(User::new("ada", "ada@uni.example"));
    for meeting in meetings {
        zoom.add_meeting(meeting);
    }
    let token = token(&zoom);
    (zoom, token)
}

fn ask(zoom: &Zoom, token: &str, path: &str) -> Got {
    get(&format!("{}{path}", zoom.api_url()), token).expect("an answer")
}

fn first_meeting(meeting: Meeting) -> Value {
    let (zoom, token) = with_meetings(Zoom::start(), vec![meeting]);
    let from = &hours_ago(48)[..10];
    ask(&zoom, &token, &format!("/accounts/me/recordings?from={from}")).json()["meetings"][0].clone()
}

fn refused(got: &Got) -> (u16, i64, String) {
    let body = got.json();
    (got.status, body["code"].as_i64().unwrap_or(0), body["message"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn types_are_integers_captions_lack_ids() {
    let meeting = lecture("u==", 81_000_000_001, "ada", 5).closed_caption(Media::vtt()).timeline();
    let listed = first_meeting(meeting);
    assert!(listed["type"].is_i64(), "{listed}");
    let files = listed["recording_files"].as_array().expect("files");
    let ids: Vec<bool> = files.iter().map(|file| file["id"].is_string()).collect();
    assert_eq!(ids, [true, false, false]);
}

#[test]
fn running_and_empty_meetings_look_odd() {
    let running = first_meeting(lecture("u==", 81_000_000_001, "ada", 1).in_progress());
    assert_eq!(running["recording_files"][0]["file_type"], "");
    let empty = first_meeting(lecture("u==", 81_000_000_001, "ada", 1).without_files());
    assert!(empty.get("recording_files").is_none(), "{empty}");
}

#[test]
fn hosts_address_may_be_absent() {
    let (zoom, token) =
        with_meetings(Zoom::builder().without_host_emails().start(), vec![lecture("u==", 81_000_000_001, "ada", 5)]);
    let list = ask(&zoom, &token, &format!("/accounts/me/recordings?from={}", &hours_ago(48)[..10])).json();
    assert!(list["meetings"][0].get("host_email").is_none());
}

#[test]
fn long_window_is_cut_silently() {
    let (zoom, token) = with_meetings(Zoom::start(), vec![]);
    let got = ask(&zoom, &token, "/accounts/me/recordings?from=2026-01-01&to=2026-04-30");
    assert_eq!((got.status, &got.json()["from"], &got.json()["to"]), (200, &json!("2026-03-30"), &json!("2026-04-30")));
}

#[test]
fn page_token_is_bound_and_expires() {
    for lifetime in [Duration::from_secs(3600), Duration::from_millis(1)] {
        let zoom = Zoom::builder().page_size_cap(1).page_token_lifetime(lifetime).start();
        let lectures = vec![lecture("a==", 81_000_000_001, "ada", 5), lecture("b==", 81_000_000_002, "ada", 4)];
        let (zoom, token) = with_meetings(zoom, lectures);
        let path = format!("/accounts/me/recordings?from={}", &hours_ago(48)[..10]);
        let next = ask(&zoom, &token, &path).json()["next_page_token"].as_str().expect("a token").to_owned();
        let second = |path: &str| ask(&zoom, &token, &format!("{path}&next_page_token={next}"));
        if lifetime > Duration::from_secs(1) {
            assert_eq!(second(&path).status, 200);
            assert_eq!(refused(&second(&format!("{path}&page_size=7"))).1, 300);
        } else {
            std::thread::sleep(Duration::from_millis(10));
            let expected = (400, 300, "The next page token is invalid or expired.".to_owned());
            assert_eq!(refused(&second(&path)), expected);
        }
    }
}

#[test]
fn each_refusal_has_zoom_code() {
    let zoom = Zoom::builder().without_scope("user:read:list_users:admin").start();
    let (zoom, token) = with_meetings(zoom, vec![]);
    let code = |path: &str, token: &str| {
        let (status, code, _) = refused(&ask(&zoom, token, path));
        (status, code)
    };
    assert_eq!(code("/users/ada", "stale"), (401, 124));
    assert_eq!(code("/users", &token), (400, 4711));
    assert_eq!(code("/accounts/zoom-account-1/recordings", &token), (400, 4711));
    assert_eq!(code("/users/nobody", &token), (404, 1001));
    assert_eq!(code("/meetings/nothing%3D%3D/recordings", &token), (404, 3301));
    assert_eq!(code("/meetings/99999999999/recordings", &token), (404, 3001));
    assert_eq!(code("/accounts/me/recordings?from=yesterday", &token), (400, 300));
    assert_eq!(code("/nowhere", &token), (404, 2300));
}

#[test]
fn expired_and_wrong_tokens_differ() {
    let (zoom, token) = with_meetings(Zoom::builder().token_lifetime(Duration::from_millis(50)).start(), vec![]);
    std::thread::sleep(Duration::from_millis(80));
    assert_eq!(refused(&ask(&zoom, &token, "/users/ada")).2, "Access token is expired.");
    assert_eq!(refused(&ask(&zoom, "wrong", "/users/ada")).2, "Invalid access token.");
}

#[test]
fn slashed_uuid_needs_double_encoding() {
    let (zoom, token) = with_meetings(Zoom::start(), vec![lecture("/a//b==", 81_000_000_001, "ada", 5)]);
    assert_eq!(ask(&zoom, &token, "/meetings/%2Fa%2F%2Fb%3D%3D/recordings").status, 404);
    assert_eq!(ask(&zoom, &token, "/meetings/%252Fa%252F%252Fb%253D%253D/recordings").status, 200);
}

#[test]
fn calls_are_limited_by_category() {
    let zoom = Zoom::builder().limit(Category::Light, 2, u32::MAX).limit(Category::Medium, 60, 1).start();
    let (zoom, token) = with_meetings(zoom, vec![]);
    let left: Vec<String> =
        (0..2).map(|_| ask(&zoom, &token, "/users/ada").header("x-ratelimit-remaining").to_owned()).collect();
    assert_eq!(left, ["1", "0"]);
    let third = ask(&zoom, &token, "/users/ada");
    assert_eq!((third.status, third.header("x-ratelimit-type"), third.header("retry-after")), (429, "QPS", ""));
    assert!(refused(&third).2.contains("per-second"));
    assert_eq!(ask(&zoom, &token, "/users").status, 200, "another category has its own count");
    let tomorrow = ask(&zoom, &token, "/users");
    assert_eq!((tomorrow.status, tomorrow.header("x-ratelimit-type")), (429, "Daily-limit"));
    assert!(tomorrow.header("retry-after").ends_with("T00:00:00Z"), "an instant, not seconds");
}
