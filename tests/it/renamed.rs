//! Addresses and ids of hosts that come apart between two runs: a recording goes to the account of who Zoom says its host
//! is in this very run, to nobody else's.

use chrono::TimeDelta;
use serde_json::json;
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::setup::HOLDING_USER;
use standin::zoom::{User, Zoom};

use crate::addresses::{
    ADA, BERT, Change, LOVELACE, departed, inherited, nothing, recycled, renamed, swapped, zoom_with,
};
use crate::campus::{Campus, Run, lecture, walked};

/// Ada, who has recordings already, Lovelace's account and Bert's.
fn campus_with_recordings(zoom: Zoom) -> Campus {
    let campus = Campus::of(zoom, Kaltura::start());
    for name in [LOVELACE, BERT] {
        campus.kaltura.add_user(name, name);
    }
    campus.zoom.add_user(User::new("bert", BERT));
    campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("bert==", 81_000_000_009, "bert", 5));
    campus
}

/// The owner of the copy of the recording that is added between the two runs.
fn owner(campus: &Campus, number: u64) -> String {
    let is_it = |name: &str| name.contains(&format!("Lecture {number}"));
    let entries = campus.kaltura.entries();
    entries.iter().find(|entry| is_it(&entry.name)).map_or_else(|| "nobody".to_owned(), |entry| entry.user_id.clone())
}

/// A case: what happens between the runs, whose the next recording is, the address that Zoom lists beside it, where it goes,
/// and what is said.
type Case = (&'static str, Change, &'static str, Option<&'static str>, &'static str, &'static str);

const CASES: &[Case] = &[
    ("nothing", nothing, "ada", None, ADA, ""),
    ("renamed", renamed, "ada", None, LOVELACE, "has a new address"),
    ("renamed, and the list is late", renamed, "ada", Some(ADA), LOVELACE, "has a new address"),
    ("the list is wrong", nothing, "ada", Some(LOVELACE), ADA, ""),
    ("renamed and recycled: the old host", recycled, "ada", Some(ADA), LOVELACE, "has a new address"),
    ("renamed and recycled: the new host", recycled, "new", None, ADA, "now belongs to the Zoom user"),
    ("departed", departed, "ada", None, ADA, ""),
    ("departed, the address is another's", inherited, "ada", Some(ADA), ADA, "now belongs to another user"),
    ("departed, the new one has the address", inherited, "new", None, ADA, "now belongs to the Zoom user"),
    (
        "departed before anything was copied",
        |campus| campus.zoom.remove_user("guest"),
        "guest",
        Some(LOVELACE),
        LOVELACE,
        "",
    ),
    ("unknown, with somebody else's address", nothing, "gone", Some(ADA), HOLDING_USER, "now belongs to another user"),
    ("swapped", swapped, "ada", Some(ADA), BERT, "has a new address"),
    ("swapped, the other", swapped, "bert", Some(BERT), ADA, "has a new address"),
    (
        "a new address without an account",
        |campus| campus.zoom.change_user("ada", |ada| ada.email("x@uni.example")),
        "ada",
        Some(ADA),
        HOLDING_USER,
        "has a new address",
    ),
];

#[test]
fn recording_always_goes_to_its_host() {
    for (name, change, host, listed, expected, said) in CASES {
        for emails in [true, false] {
            let zoom = zoom_with(emails);
            let campus = campus_with_recordings(zoom);
            campus.sync_until_done();
            change(&campus);
            let mut next = lecture("two==", 81_000_000_002, host, 4);
            if let Some(listed) = listed {
                next = next.listed_with("host_email", json!(listed));
            }
            campus.zoom.add_meeting(next);
            let dry = campus.run(&["sync", "--dry-run"]);
            assert!(dry.exit == 0 && dry.err.contains(said), "{name}, {emails}: {}", dry.err);
            let run = campus.run(&["sync"]);
            assert_eq!(
                (run.exit, owner(&campus, 81_000_000_002).as_str()),
                (0, *expected),
                "{name}, {emails}: {}",
                run.err
            );
            assert!(run.err.contains(said) && (said.is_empty() == run.err.is_empty()), "{name}, {emails}: {}", run.err);
            campus.sync_until_done();
            campus.zoom.log().clear();
            let idle = campus.run(&["sync"]);
            assert!(idle.err.is_empty(), "told once: {name}, {emails}: {}", idle.err);
            let is_orphan = *expected == HOLDING_USER;
            assert!(is_orphan || campus.zoom.log().count("GET /users/{}") == 0, "{name}, {emails}");
        }
    }
}

#[test]
fn former_owners_address_is_reported_again() {
    let campus = campus_with_recordings(Zoom::start());
    campus.sync_until_done();
    renamed(&campus);
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 4));
    campus.sync_until_done();
    campus.zoom.add_user(User::new("new", ADA));
    campus.zoom.add_meeting(lecture("three==", 81_000_000_003, "new", 4));
    let run = campus.run(&["sync"]);
    assert!(run.exit == 0 && run.err.contains("now belongs to the Zoom user"), "{}", run.err);
    campus.sync_until_done();
    assert_eq!((owner(&campus, 81_000_000_002), owner(&campus, 81_000_000_003)), (LOVELACE.to_owned(), ADA.to_owned()));
}

#[test]
fn walked_hosts_orphan_is_handed_over() {
    let zoom = walked();
    let campus = campus_with_recordings(zoom);
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_003, "guest", 5));
    campus.sync_until_done();
    assert_eq!(owner(&campus, 81_000_000_003), HOLDING_USER);
    campus.zoom.change_user("guest", |guest| guest.email(LOVELACE));
    let run = campus.run(&["sync", "--format", "json"]);
    assert!(run.exit == 0 && handed_over(&run), "{} {}", run.err, run.out);
    assert_eq!((owner(&campus, 81_000_000_003).as_str(), campus.zoom.log().count("GET /users/{}")), (LOVELACE, 0));
}

#[test]
fn account_of_old_address_gets_nothing() {
    for candidates in ["{email}", "{localpart}", "{employee_unique_id},{email}"] {
        let campus = campus_with_recordings(Zoom::builder().without_host_emails().start());
        for name in ["ada", "lovelace"] {
            campus.kaltura.add_user(name, "");
        }
        let settings = [
            ("ZOOM2KALTURA_OWNER_CANDIDATES", candidates),
            ("ZOOM2KALTURA_OWNER_DOMAINS", "uni.example"),
            ("ZOOM2KALTURA_OWNER_REMEMBER_FOR", "12h"),
        ];
        campus.sync_until_done_with(&settings);
        recycled(&campus);
        campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 4));
        campus.zoom.add_meeting(lecture("three==", 81_000_000_003, "new", 4));
        campus.sync_until_done_with(&settings);
        let account =
            |name: &str| if candidates == "{localpart}" { name.to_owned() } else { format!("{name}@uni.example") };
        assert_eq!(
            (owner(&campus, 81_000_000_002), owner(&campus, 81_000_000_003)),
            (account("lovelace"), account("ada"))
        );
    }
}

#[test]
fn moved_address_is_not_remembered() {
    let campus = campus_with_recordings(Zoom::start());
    campus.kaltura.delete_user(ADA);
    campus.kaltura.add_user("al001", ADA);
    campus.sync_until_done();
    campus.kaltura.add_user("al001", "old@uni.example");
    campus.kaltura.add_user("al002", ADA);
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 4));
    campus.sync_until_done();
    assert_eq!((owner(&campus, 81_000_000_001), owner(&campus, 81_000_000_002)), ("al001".into(), "al002".into()));
}

#[test]
fn recording_waits_while_host_is_unknown() {
    let other = json!({ "id": "somebody", "email": LOVELACE, "status": "active" }).to_string();
    let cases = [
        ("ada", Fault::answer(500, "down")),
        ("ada", Fault::zoom_error(400, 300, "Request data failed.")),
        ("ada", Fault::garbage()),
        ("ada", Fault::json(200, &other)),
    ];
    for (host, fault) in cases {
        let campus = campus_with_recordings(Zoom::start());
        campus.sync_until_done();
        campus.zoom.add_meeting(lecture("two==", 81_000_000_002, host, 4));
        campus.zoom.faults().queue("GET /users/{}", 1, fault.clone());
        let settings = [("ZOOM2KALTURA_HTTP_RETRIES", "0")];
        let run = campus.run_with(&settings, &["sync", "--format", "json"]);
        assert!(run.exit != 0 && run.out.contains("owner_lookup_failed"), "{fault:?}: {} {}", run.out, run.err);
        assert_eq!(owner(&campus, 81_000_000_002), "nobody", "{fault:?}");
        campus.sync_until_done();
        assert_eq!(owner(&campus, 81_000_000_002), ADA);
    }
}

fn handed_over(run: &Run) -> bool {
    run.items().iter().any(|item| item["action"] == "adopt")
}

#[test]
fn hand_over_uses_present_address() {
    let campus = campus_with_recordings(Zoom::start());
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_003, "guest", 5));
    campus.sync_until_done();
    // the account that comes belongs to who has the address by now
    campus.zoom.change_user("guest", |guest| guest.email("moved@elsewhere.example"));
    campus.zoom.add_user(User::new("new", "guest@elsewhere.example"));
    campus.kaltura.add_user("guest@elsewhere.example", "guest@elsewhere.example");
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!((run.exit, owner(&campus, 81_000_000_003).as_str()), (0, HOLDING_USER), "{}", run.err);
    assert!(run.err.contains("has a new address") && !handed_over(&run), "{} {}", run.err, run.out);
    campus.kaltura.add_user("moved@elsewhere.example", "");
    let run = campus.run(&["sync", "--format", "json"]);
    assert!(run.exit == 0 && handed_over(&run), "{} {}", run.err, run.out);
    assert_eq!(owner(&campus, 81_000_000_003), "moved@elsewhere.example");
}

#[test]
fn accountless_hosts_cost_no_call() {
    let campus = campus_with_recordings(Zoom::start());
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_003, "guest", 5));
    campus
        .zoom
        .add_meeting(lecture("gone==", 81_000_000_004, "gone", 5).listed_with("host_email", json!("gone@uni.example")));
    campus.sync_until_done();
    campus.setup.age_confirmations(TimeDelta::hours(1));
    campus.zoom.log().clear();
    campus.run(&["sync"]);
    assert_eq!(campus.zoom.log().count("GET /users/{}"), 0);
}

#[test]
fn walked_users_are_not_asked_again() {
    let zoom = walked();
    let campus = campus_with_recordings(zoom);
    campus.sync_until_done();
    recycled(&campus);
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 4).listed_with("host_email", json!(ADA)));
    campus.sync_until_done();
    assert_eq!(owner(&campus, 81_000_000_002), LOVELACE);
    assert_eq!(campus.zoom.log().count("GET /users/{}"), 0);
}
