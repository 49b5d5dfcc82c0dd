//! Numbers of Zoom's that are none, or none that anything can be counted with.

use serde_json::{Value, json};
use standin::zoom::User;

use crate::at_once::check_each;
use crate::campus::{Campus, lecture, walked};
use crate::doubles::{LIST, OF_USER, USERS, campus, sync};

/// Numbers that are none, or none that anything can be counted with.
fn numbers() -> [Value; 9] {
    [
        json!(0),
        json!(-1),
        json!(2_147_483_648_u64),
        json!(9_007_199_254_740_993_u64),
        json!(9_223_372_036_854_775_808_u64),
        json!(u64::MAX),
        json!(1e300),
        json!("12"),
        Value::Null,
    ]
}

/// Where Zoom sends a number, and whether a recording is lost for it for the time being.
const NUMBERS: [(&str, &str); 14] = [
    ("POST /oauth/token", "/expires_in"),
    (LIST, "/total_records"),
    (LIST, "/page_size"),
    (LIST, "/page_count"),
    (LIST, "/meetings/0/id"),
    (LIST, "/meetings/0/duration"),
    (LIST, "/meetings/0/type"),
    (LIST, "/meetings/0/total_size"),
    (LIST, "/meetings/0/recording_count"),
    (LIST, "/meetings/0/recording_files/0/file_size"),
    (LIST, "/meetings/0/recording_files/0/id"),
    (LIST, "/meetings/0/recording_files/0/recording_start"),
    (LIST, "/meetings/0/host_id"),
    (LIST, "/meetings/0/start_time"),
];

#[test]
fn no_number_stops_another_recording() {
    check_each(NUMBERS, |(call, place)| {
        for number in numbers() {
            let campus = Campus::new();
            campus.zoom.add_meeting(lecture("odd==", 81_000_000_001, "ada", 4));
            campus.zoom.add_meeting(lecture("other==", 81_000_000_002, "ada", 5));
            let given = number.clone();
            campus.zoom.answer_with(call, move |_, mut answer| {
                if let Some(value) = answer.pointer_mut(place) {
                    *value = given.clone();
                }
                answer
            });
            let run = sync(&campus);
            assert!([0, 3].contains(&run.exit), "{place} {number}: {} {}", run.exit, run.err);
            assert!(run.report()["items"].as_array().is_some_and(|items| items.len() == 2), "{place} {number}");
            let entries = campus.kaltura.entries();
            let other = entries.iter().filter(|entry| entry.reference_id.starts_with("Zoom_other=="));
            assert_eq!(other.count(), 1, "{place} {number}: {}", run.err);
        }
    });
}

/// The same for what is read beside the list of recordings: users, groups, people, what a meeting was scheduled with.
#[test]
fn no_number_elsewhere_ends_a_run() {
    let places = [
        (USERS, "/total_records"),
        (USERS, "/users/0/id"),
        (USERS, "/users/0/email"),
        (USERS, "/users/0"),
        ("GET /users/{}", "/id"),
        ("GET /users/{}", "/employee_unique_id"),
        (OF_USER, "/total_records"),
    ];
    for (call, place) in places {
        for number in numbers() {
            let campus = campus(walked());
            let given = number.clone();
            campus.zoom.answer_with(call, move |target, mut answer| {
                // the guest's, who is listed second, is left as it is
                if !target.contains("inactive")
                    && let Some(value) = answer.pointer_mut(place)
                {
                    *value = given.clone();
                }
                answer
            });
            campus.zoom.add_user(User::new("eve", "eve@uni.example"));
            let run = sync(&campus);
            assert!([0, 3].contains(&run.exit), "{call} {place} {number}: {} {}", run.exit, run.err);
            assert!(run.report()["items"].is_array());
        }
    }
}
