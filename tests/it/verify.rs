//! `verify` finds every difference, says nothing where there is none, and changes nothing.

use std::time::Duration;

use crate::campus::{Campus, hours_ago, lecture};
use crate::standin::fault::Fault;
use crate::standin::kaltura::{Kaltura, Seed};
use crate::standin::media::Media;
use crate::standin::setup::HOLDING_USER;
use crate::standin::zoom::{Meeting, Zoom};

/// A lecture with a second view and an orphan, both done.
fn campus() -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).video("gallery_view", Media::mp4().salted(7)));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    campus.sync_until_done();
    campus
}

/// The entry that stands for Ada's lecture, and its child.
fn entries(campus: &Campus) -> (String, String) {
    let of_ada = campus.kaltura.entries().into_iter().filter(|entry| entry.user_id == "ada@uni.example");
    let (parents, children): (Vec<_>, Vec<_>) = of_ada.partition(|entry| entry.parent_entry_id.is_empty());
    (parents[0].id.clone(), children[0].id.clone())
}

/// The exit code, and each difference with its entry.
fn verify(campus: &Campus) -> (i32, Vec<(String, String)>) {
    let before = (campus.state(), campus.zoom.fingerprint(), campus.kaltura.fingerprint());
    let run = campus.run(&["verify", "--format", "json"]);
    assert_eq!(run.err, "");
    let report = run.report();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let found = report["differences"].as_array().expect("differences").iter();
    let found = found.map(|difference| (text(&difference["difference"]), text(&difference["entry_id"]))).collect();
    assert_eq!((campus.state(), campus.zoom.fingerprint(), campus.kaltura.fingerprint()), before);
    (run.exit, found)
}

#[test]
fn where_all_three_agree_it_says_so() {
    let campus = campus();
    assert_eq!(verify(&campus), (0, vec![]));
    let run = campus.run(&["verify"]);
    assert!(
        run.out.contains("2 recordings from ") && run.out.contains("Zoom, the ledger and Kaltura agree"),
        "{}",
        run.out
    );
}

type Change = fn(&Campus, &str, &str);

#[test]
fn each_kind_of_difference_is_found_by_its_name() {
    let changes: [(&str, Change); 8] = [
        ("unmarked", |campus, parent, _| campus.kaltura.set_mark(parent, "")),
        ("deleted_in_kaltura", |campus, parent, _| campus.kaltura.delete_entry(parent)),
        ("wrong_owner", |campus, parent, _| campus.kaltura.set_owner(parent, HOLDING_USER)),
        ("wrong_size", |campus, parent, _| campus.kaltura.replace_source(parent, b"another")),
        ("not_ready", |campus, parent, _| campus.kaltura.set_status(parent, -1)),
        ("ledger_ahead", |campus, parent, _| campus.kaltura.forget_entry(parent)),
        ("wrong_size", |campus, _, child| campus.kaltura.replace_source(child, b"another")),
        ("wrong_owner", |campus, _, child| campus.kaltura.set_owner(child, HOLDING_USER)),
    ];
    for (number, (kind, change)) in changes.into_iter().enumerate() {
        let campus = campus();
        let (parent, child) = entries(&campus);
        change(&campus, &parent, &child);
        // what has a new source is processed anew
        std::thread::sleep(Duration::from_millis(150));
        let (exit, found) = verify(&campus);
        let entry = if number >= 6 { child } else { parent };
        assert!(exit == 7 && found.contains(&(kind.to_owned(), entry)), "{kind}: {found:?}");
    }
}

#[test]
fn what_is_there_twice_and_what_has_no_content_is_found() {
    let campus = campus();
    let reference_id =
        |id: &str| campus.kaltura.entries().into_iter().find(|entry| entry.id == id).expect("an entry").reference_id;
    let (parent, child) = entries(&campus);
    let twin = |of: &str, status| Seed {
        reference_id: reference_id(of),
        admin_tags: "zoom2kaltura".to_owned(),
        user_id: "ada@uni.example".to_owned(),
        status,
        ..Seed::default()
    };
    let doubled = campus.kaltura.add_entry(&twin(&parent, 2));
    let bare = campus.kaltura.add_entry(&twin(&parent, 7));
    let view = campus.kaltura.add_entry(&Seed { parent_entry_id: parent, ..twin(&child, 2) });
    let (exit, mut found) = verify(&campus);
    found.sort();
    let mut expected =
        vec![("bare_left_over".to_owned(), bare), ("doubled".to_owned(), doubled), ("doubled".to_owned(), view)];
    expected.sort();
    assert_eq!((exit, found), (7, expected));
}

#[test]
fn what_is_still_being_copied_is_missing_only_once_it_is_late() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 2));
    assert_eq!(verify(&campus), (0, vec![]));
    campus.zoom.add_meeting(lecture("late==", 81_000_000_002, "ada", 8));
    assert_eq!(verify(&campus), (7, vec![("missing".to_owned(), String::new())]));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    campus.run(&["sync", "--limit", "1"]);
    assert_eq!(verify(&campus).0, 7);
    campus.run(&["retry", "--failed"]);
    campus.sync_until_done();
    assert_eq!(verify(&campus), (0, vec![]));
}

#[test]
fn what_a_rule_keeps_out_and_what_people_changed_is_no_difference() {
    let campus = campus();
    campus.zoom.add_meeting(lecture("private==", 81_000_000_003, "ada", 6).topic("Private tutorial"));
    let (parent, _) = entries(&campus);
    campus.kaltura.rename_entry(&parent, "Optics, the good one");
    campus.run(&["sync"]);
    assert_eq!(verify(&campus), (0, vec![]));
}

#[test]
fn what_cannot_be_read_is_an_error_and_no_agreement() {
    let campus = campus();
    campus.zoom.faults().queue("GET /accounts/me/recordings", 1, Fault::answer(500, "down"));
    let run = campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], &["verify"]);
    assert_eq!(run.exit, 5, "{}", run.err);
    campus.kaltura.faults().queue("multirequest of media.get", 1, Fault::Stall(Duration::from_millis(10)));
    let run = campus.run(&["verify", "--format", "csv", "--days", "3"]);
    assert_eq!((run.exit, run.out.lines().count()), (0, 1), "{}", run.err);
    assert_eq!(campus.run(&["verify", "--from", "2026-11-20", "--to", "2026-11-19"]).exit, 2);
}

#[test]
fn a_meeting_without_files_is_no_recording_and_one_that_people_edited_is_no_wrong_size() {
    let campus = Campus::new();
    let empty = Meeting::new("empty==", 81_000_000_004, "Nothing").host("ada").starts(&hours_ago(20)).without_files();
    campus.zoom.add_meeting(empty);
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.kaltura.process_for(Duration::MAX);
    assert_eq!(campus.run(&["sync"]).exit, 0);
    let cut = Media::mp4().padded_to(50_000).lasting(50 * 60);
    campus.kaltura.replace_source(&campus.kaltura.entries()[0].id, &cut.read(0, cut.len()));
    campus.kaltura.process_for(Duration::ZERO);
    campus.sync_until_done();
    let story = campus.run(&["explain", "ada=="]).out;
    assert!(story.contains("replaced or trimmed in Kaltura"), "{story}");
    assert_eq!(verify(&campus), (0, vec![]));
}

#[test]
fn an_entry_that_is_there_once_is_not_doubled_whatever_the_ledger_says() {
    let campus = campus();
    let (parent, _) = entries(&campus);
    let entry = campus.kaltura.entries().into_iter().find(|entry| entry.id == parent).expect("an entry");
    campus.kaltura.forget_entry(&parent);
    campus.kaltura.add_entry(&Seed {
        reference_id: entry.reference_id,
        admin_tags: "zoom2kaltura".to_owned(),
        user_id: "ada@uni.example".to_owned(),
        ..Seed::default()
    });
    let (exit, found) = verify(&campus);
    assert!(exit == 7 && found.contains(&("ledger_ahead".to_owned(), parent)), "{found:?}");
    assert!(found.iter().all(|(kind, _)| kind != "doubled"), "{found:?}");
}

#[test]
fn what_another_tool_copied_too_is_doubled_and_what_it_has_only_begun_is_its_own_business() {
    let campus = campus();
    let (parent, _) = entries(&campus);
    let entry = campus.kaltura.entries().into_iter().find(|entry| entry.id == parent).expect("an entry");
    let theirs = |status| Seed { reference_id: entry.reference_id.clone(), status, ..Seed::default() };
    campus.kaltura.add_entry(&theirs(7));
    assert_eq!(verify(&campus), (0, vec![]));
    let doubled = campus.kaltura.add_entry(&theirs(2));
    assert_eq!(verify(&campus), (7, vec![("doubled".to_owned(), doubled)]));
}

#[test]
fn only_the_days_asked_for_are_looked_at() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 60));
    campus.sync_until_done();
    campus.kaltura.set_status(&campus.kaltura.entries()[0].id, -1);
    assert_eq!(verify(&campus).0, 7);
    let run = campus.run(&["verify", "--days", "1"]);
    assert_eq!(run.exit, 0, "{}", run.out);
}

#[test]
fn what_could_not_be_read_of_one_user_is_no_agreement_either() {
    let zoom = Zoom::builder().without_scope("cloud_recording:read:list_account_recordings:admin").start();
    let campus = Campus::of(zoom, Kaltura::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.sync_until_done();
    assert_eq!(verify(&campus), (0, vec![]));
    // one that is owed is not taken for one that Zoom has lost
    campus.zoom.add_meeting(lecture("owed==", 81_000_000_002, "ada", 8));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    assert_eq!(campus.run(&["sync"]).exit, 3);
    let refused = Fault::json(400, r#"{"code":4711,"message":"Invalid access token, does not contain scopes:[a]."}"#);
    campus.zoom.faults().queue("GET /users/{}/recordings", 1, refused);
    let run = campus.run(&["verify"]);
    assert!(
        run.exit == 7
            && run.out.contains("1 parts could not be read, no difference in the rest")
            && run.err.lines().count() == 1,
        "{} {}",
        run.out,
        run.err
    );
}
