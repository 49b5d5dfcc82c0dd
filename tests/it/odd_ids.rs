//! An id from outside is a value: no path loses a part by it, no list becomes longer. A case is a line.

use chrono::TimeDelta;
use standin::kaltura::Kaltura;
use standin::zoom::Zoom;

use crate::campus::{Campus, lecture};

const SCOPE: &str = "cloud_recording:delete:recording_file:admin";
const TRASH: [(&str, &str); 1] = [("ZOOM2KALTURA_ZOOM_TRASH_AFTER", "7d")];

/// Ids by which a call would be another one.
const PATHS: [&str; 12] =
    [".", "..", "%2e%2E", "%252E%252E", ".%2e", "/", "/..", "../..", "..\\", "..;", ".\t.", "..%2f.."];

#[test]
fn path_ids_stay_out_of_trash() {
    for id in PATHS {
        let campus = Campus::of(Zoom::builder().with_scope(SCOPE).start(), Kaltura::start());
        campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).with_id(id));
        campus.zoom.add_meeting(lecture("well==", 81_000_000_002, "ada", 5).with_id("well"));
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
        campus.setup.age_confirmations(TimeDelta::days(8));
        let run = campus.run_with(&TRASH, &["sync", "--format", "json"]);
        assert!([0, 3].contains(&run.exit), "{id:?}: {}", run.err);
        assert_eq!(campus.zoom.trash(), ["well"], "{id:?}: {}", run.out);
        let writes = campus.zoom.writes();
        assert_eq!(writes, ["DELETE /meetings/{}/recordings/{}"], "{id:?}");
    }
}

#[test]
fn path_uuids_stop_no_other_meeting() {
    for uuid in [".", "..", "%2E%2e", "../users/ada", "..\\x", "a\nb"] {
        let campus = Campus::of(Zoom::builder().with_scope(SCOPE).start(), Kaltura::start());
        campus.zoom.add_meeting(lecture(uuid, 81_000_000_001, "ada", 5).with_id("odd"));
        campus.zoom.add_meeting(lecture("well==", 81_000_000_002, "ada", 5).with_id("well"));
        campus.sync_until_done();
        campus.setup.age_confirmations(TimeDelta::days(8));
        let run = campus.run_with(&TRASH, &["sync"]);
        assert!([0, 3].contains(&run.exit), "{uuid:?}: {}", run.err);
        assert_eq!(campus.zoom.trash(), ["well"], "{uuid:?}: {}", run.err);
        assert_eq!(campus.zoom.writes(), ["DELETE /meetings/{}/recordings/{}"], "{uuid:?}");
    }
}

#[test]
fn odd_ids_are_one_path_part() {
    for uuid in ["a/b+c==", "/a==", "a//b", "a?b", "a#b", "a%2Fb", "a\\b", "a b", "ü😀", "a&b=c;d", "\"'<>"] {
        let campus = Campus::of(Zoom::builder().with_scope(SCOPE).start(), Kaltura::start());
        campus.zoom.add_meeting(lecture(uuid, 81_000_000_001, "ada", 5).with_id("a?b c"));
        campus.sync_until_done();
        campus.setup.age_confirmations(TimeDelta::days(8));
        let run = campus.run_with(&TRASH, &["sync"]);
        assert_eq!((run.exit, campus.zoom.trash()), (0, vec!["a?b c".to_owned()]), "{uuid:?}: {}", run.err);
    }
}

#[test]
fn path_host_ids_are_never_asked() {
    let long = "x".repeat(10_000);
    for id in ["..", ".", "%2e%2e", "../accounts/me", "a\nb", long.as_str()] {
        let campus = Campus::new();
        let nameless = lecture("odd==", 81_000_000_001, id, 5).listed_with("host_email", serde_json::Value::Null);
        campus.zoom.add_meeting(nameless);
        campus.zoom.add_meeting(lecture("well==", 81_000_000_002, "ada", 5));
        let run = campus.run(&["sync"]);
        assert_eq!(run.exit, 3, "{id:?}: {}", run.err);
        let names: Vec<String> = campus.kaltura.entries().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["Lecture 81000000002"], "{id:?}");
        assert_eq!(campus.zoom.log().count("GET /users/{}"), 1, "Ada alone, not {id:?}");
    }
}

#[test]
fn many_path_hosts_stop_no_other() {
    let campus = Campus::new();
    for (number, id) in (1..).zip(["..", ".", "%2e%2e", "../accounts/me", "-/.."]) {
        let odd = lecture(&format!("odd{number}=="), 81_000_000_000 + number, id, 5);
        campus.zoom.add_meeting(odd.listed_with("host_email", serde_json::Value::Null));
    }
    campus.zoom.add_meeting(lecture("well==", 81_000_000_009, "ada", 5));
    let run = campus.run(&["sync"]);
    assert_eq!(run.exit, 3, "{}", run.err);
    let names: Vec<String> = campus.kaltura.entries().into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["Lecture 81000000009"]);
}

#[test]
fn mark_with_comma_is_found() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("a,b==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("well==", 81_000_000_002, "ada", 5));
    campus.sync_until_done();
    campus.lose_ledger();
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}
