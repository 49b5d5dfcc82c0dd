//! Groups of Zoom users: who opts out or in by being a member, and what happens while a group cannot be read.

use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::zoom::{Group, User, Zoom};

use crate::campus::{Campus, lecture};

const OUT: [(&str, &str); 1] = [("ZOOM2KALTURA_FILTER_OPT_OUT_GROUPS", "Counselling, HR")];
const IN: [(&str, &str); 1] = [("ZOOM2KALTURA_FILTER_OPT_IN_GROUPS", "Pilot")];

/// A lecture of Ada's and one of the guest's.
fn campus_of(zoom: Zoom) -> Campus {
    let campus = Campus::of(zoom, Kaltura::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    campus
}

fn campus() -> Campus {
    let campus = campus_of(Zoom::start());
    campus.zoom.set_group(Group::new("g1", "Counselling").member("ada", "ada@uni.example"));
    campus.zoom.set_group(Group::new("g2", "HR").invited("new@uni.example"));
    campus
}

#[test]
fn group_members_are_not_copied() {
    let campus = campus();
    let report = campus.run_with(&OUT, &["sync", "--format", "json"]).report();
    assert_eq!(report["items"][0]["reason"], "opted_out");
    assert_eq!(campus.copied(), ["Lecture 81000000002"]);
    assert_eq!(campus.zoom.log().count("GET /groups"), 1, "read once for all names");
}

#[test]
fn members_are_known_by_address() {
    let campus = campus_of(Zoom::builder().page_size_cap(2).start());
    let many = (0..5).fold(Group::new("g1", "Counselling"), |group, number| {
        group.member(&format!("u{number}"), &format!("u{number}@uni.example"))
    });
    campus.zoom.set_group(many.invited("Ada@UNI.example"));
    for (id, name) in [("g2", "HR"), ("g3", "Rectorate"), ("g4", "Library")] {
        campus.zoom.set_group(Group::new(id, name));
    }
    assert_eq!(campus.run_with(&OUT, &["sync"]).exit, 0);
    assert_eq!(campus.copied(), ["Lecture 81000000002"]);
}

/// Nobody is copied, the run says why and does not end with 0; once the group can be read, all is as it should be.
fn holds_everybody_back(campus: &Campus, said: &str) {
    let run = campus.run_with(&[OUT[0], ("ZOOM2KALTURA_HTTP_RETRIES", "0")], &["sync", "--format", "json"]);
    assert!(run.exit > 0 && run.err.contains(said), "{} {}", run.exit, run.err);
    assert!(run.report()["reasons"]["group_unreadable"]["recordings"].as_u64() >= Some(1), "{}", run.out);
    assert_eq!(campus.copied(), Vec::<String>::new());
}

#[test]
fn unreadable_group_holds_everybody_back() {
    let faults = [
        Fault::answer(500, "busy"),
        Fault::Reset,
        Fault::json(200, r#"{"members":[],"total_records":1}"#),
        Fault::json(200, "{}"),
    ];
    for call in ["GET /groups", "GET /groups/{}/members"] {
        for fault in &faults {
            let campus = campus();
            campus.zoom.faults().queue(call, 1, fault.clone());
            holds_everybody_back(&campus, "the group \"Counselling\"");
            assert_eq!(campus.run_with(&OUT, &["sync"]).exit, 0);
            assert_eq!(campus.copied(), ["Lecture 81000000002"], "{call} {fault:?}");
        }
    }
}

#[test]
fn missing_or_doubled_group_is_named() {
    let campus = campus();
    campus.zoom.remove_group("g2");
    holds_everybody_back(&campus, "the group \"HR\" does not exist");
    campus.zoom.set_group(Group::new("g2", "HR"));
    campus.zoom.set_group(Group::new("g3", "HR"));
    holds_everybody_back(&campus, "the group \"HR\" exists twice");
}

#[test]
fn missing_scope_is_named() {
    let campus = campus_of(Zoom::builder().without_scope("group:read:list_members:admin").start());
    campus.zoom.set_group(Group::new("g1", "Counselling"));
    campus.zoom.set_group(Group::new("g2", "HR"));
    holds_everybody_back(&campus, "group:read:list_members:admin");
    assert_eq!(campus.run_with(&OUT, &["sync"]).exit, 4);
}

#[test]
fn pilot_group_or_file_opts_in() {
    let campus = campus();
    campus.kaltura.add_user("guest@elsewhere.example", "");
    campus.zoom.set_group(Group::new("g4", "Pilot").member("ada", "ada@uni.example"));
    assert_eq!(campus.run_with(&IN, &["sync"]).exit, 0);
    assert_eq!(campus.copied(), ["Lecture 81000000001"]);
    let list = campus.setup.path().join("list.txt");
    std::fs::write(&list, "guest@elsewhere.example\n").expect("a list");
    let list = list.display().to_string();
    let both = [IN[0], ("ZOOM2KALTURA_FILTER_OPT_IN", list.as_str()), ("ZOOM2KALTURA_HTTP_RETRIES", "0")];
    std::thread::sleep(std::time::Duration::from_millis(1100));
    campus.run_with(&both, &["sync"]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    for (uuid, number, host) in [("a2==", 3, "ada"), ("g2==", 4, "guest")] {
        campus.zoom.add_meeting(lecture(uuid, 81_000_000_000 + number, host, 0));
    }
    campus.zoom.faults().queue("GET /groups", 1, Fault::answer(500, "busy"));
    assert_eq!(campus.run_with(&both, &["sync"]).exit, 5);
    assert_eq!(campus.copied(), ["Lecture 81000000001", "Lecture 81000000004"], "the member waits");
    assert_eq!(campus.run_with(&both, &["sync"]).exit, 0);
    assert_eq!(campus.copied().len(), 3);
}

#[test]
fn leaving_copies_no_past_recording() {
    let campus = campus();
    campus.run_with(&OUT, &["sync"]);
    campus.zoom.set_group(Group::new("g1", "Counselling"));
    campus.zoom.add_meeting(lecture("late==", 81_000_000_003, "ada", 2));
    assert_eq!(campus.run_with(&OUT, &["sync", "--accept-list"]).exit, 0);
    assert_eq!(campus.copied(), ["Lecture 81000000002"]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    campus.zoom.add_meeting(lecture("new==", 81_000_000_004, "ada", 0));
    assert_eq!(campus.run_with(&OUT, &["sync"]).exit, 0);
    assert_eq!(campus.copied(), ["Lecture 81000000002", "Lecture 81000000004"]);
}

#[test]
fn institutions_ids_lead_to_accounts() {
    for as_list in [false, true] {
        let zoom = if as_list { Zoom::builder().attributes_as_list().start() } else { Zoom::start() };
        let campus = Campus::of(zoom, Kaltura::start());
        campus.zoom.add_user(User::new("emp", "emp@uni.example").employee("4711"));
        campus.zoom.add_user(User::new("cms", "cms@uni.example").cms("c-12"));
        campus.zoom.add_user(User::new("own", "own@uni.example").custom("Uni ID", "al001"));
        for (number, host) in [(1, "emp"), (2, "cms"), (3, "own"), (4, "own")] {
            campus.zoom.add_meeting(lecture(&format!("{host}{number}=="), 81_000_000_000 + number, host, number));
        }
        for user in ["4711", "c-12", "x-al001"] {
            campus.kaltura.add_user(user, "");
        }
        let candidates = r#"["{employee_unique_id}", "{cms_user_id}", "x-{custom:Uni ID}"]"#;
        let settings = [("ZOOM2KALTURA_OWNER_CANDIDATES", candidates)];
        assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
        let mut owners: Vec<String> = campus.kaltura.entries().into_iter().map(|entry| entry.user_id).collect();
        owners.sort();
        assert_eq!(owners, ["4711", "c-12", "x-al001", "x-al001"]);
        assert_eq!(campus.zoom.log().count("GET /users/{}"), 3);
        campus.zoom.add_meeting(lecture("again==", 81_000_000_009, "own", 1));
        assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
        assert_eq!(campus.zoom.log().count("GET /users/{}"), 4, "asked for by each run");
    }
}
