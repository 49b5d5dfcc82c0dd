//! Only accounts that are persons of the institution: candidates, domains and types of accounts, in real runs.

use serde_json::{Value, json};
use standin::kaltura::Kaltura;
use standin::setup::HOLDING_USER;
use standin::zoom::{Part, User, Zoom};

use crate::campus::{Campus, Run, lecture};

const CANDIDATES: &str = "ZOOM2KALTURA_OWNER_CANDIDATES";
const DOMAINS: &str = "ZOOM2KALTURA_OWNER_DOMAINS";
const PURGE: [&str; 5] = ["purge", "--older-than", "0s", "--format", "json"];

type Become = fn(&Kaltura, &str);

/// What becomes of an account before it is asked for.
const ACCOUNTS: [(&str, Become); 6] = [
    ("a person", |_, _| {}),
    ("a group", |kaltura, id| kaltura.set_user_kind(id, 1)),
    ("a group of another kind", |kaltura, id| kaltura.set_user_kind(id, 2)),
    ("of a type that nobody knows", |kaltura, id| kaltura.set_user_kind(id, 9)),
    ("blocked", |kaltura, id| kaltura.block_user(id)),
    ("deleted", |kaltura, id| kaltura.delete_user(id)),
];

/// Candidates, domains, the host's address, the account of this id and with this address that Kaltura has, and whether it is
/// the host's.
const CASES: &[(&str, &str, &str, &str, &str, bool)] = &[
    ("{localpart}", "uni.example", "eve@uni.example", "eve", "", true),
    ("{localpart}", "uni.example", "eve@elsewhere.example", "eve", "", false),
    ("{localpart}", "*.uni.example", "eve@cs.uni.example", "eve", "", true),
    ("{localpart}", "*.uni.example", "eve@uni.example", "eve", "", false),
    ("{localpart}-x", "uni.example", "eve@elsewhere.example", "eve-x", "", false),
    ("{email}", "uni.example", "eve@elsewhere.example", "eve@elsewhere.example", "", true),
    ("{localpart}", "uni.example", "eve@elsewhere.example", "e7", "eve@elsewhere.example", true),
    ("{email}", "", "eve@elsewhere.example", "eve@elsewhere.example", "", true),
];

fn campus(email: &str) -> Campus {
    let campus = Campus::new();
    campus.zoom.add_user(User::new("eve", email));
    campus.zoom.add_meeting(lecture("eve==", 81_000_000_007, "eve", 5));
    campus
}

fn item(run: &Run) -> Value {
    run.report()["items"][0].clone()
}

#[test]
fn only_active_persons_are_owners() {
    for (candidates, domains, email, id, address, is_theirs) in CASES {
        for (what, become_so) in ACCOUNTS {
            let campus = campus(email);
            campus.kaltura.add_user(id, address);
            become_so(&campus.kaltura, id);
            let settings = [(CANDIDATES, *candidates), (DOMAINS, *domains)];
            let run = campus.run_with(&settings, &["sync", "--format", "json"]);
            let expected = if *is_theirs && what == "a person" { *id } else { HOLDING_USER };
            let case = format!("{candidates} {domains:?} {email} {id} {what}");
            assert_eq!((run.exit, item(&run)["owner"].clone()), (0, json!(expected)), "{case}: {}", run.err);
            assert!(campus.kaltura.entries().iter().all(|entry| entry.user_id == expected), "{case}");
        }
    }
}

const NO_DOMAINS: [(&str, &str); 1] = [(CANDIDATES, "{email},{localpart}")];

#[test]
fn localpart_without_domains_waits() {
    let campus = campus("eve@elsewhere.example");
    campus.kaltura.add_user("eve", "");
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 4));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 3));
    let dry = campus.run_with(&NO_DOMAINS, &["sync", "--dry-run", "--format", "json"]);
    let run = campus.run_with(&NO_DOMAINS, &["sync", "--format", "json"]);
    for run in [&dry, &run] {
        let items = run.items();
        let fates: Vec<String> = items
            .iter()
            .map(|item| {
                format!("{} {}", item["action"].as_str().unwrap_or("-"), item["reason"].as_str().unwrap_or("-"))
            })
            .collect();
        assert_eq!(run.exit, 6, "{}", run.err);
        // whom Kaltura does not know by any of the ids is nobody's, whatever the domains
        assert_eq!(fates, ["wait owner_domains_missing", "copy -", "copy_as_orphan no_account"]);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
        assert!(run.err.contains("owner.domains is missing") && run.err.contains("1 recording waiting"), "{}", run.err);
    }
    let mut owners: Vec<String> = campus.kaltura.entries().into_iter().map(|entry| entry.user_id).collect();
    owners.sort();
    assert_eq!(owners, ["ada@uni.example", HOLDING_USER]);
    // the key decides it, one way or the other
    let named = |domains: &'static str| [NO_DOMAINS[0], (DOMAINS, domains)];
    let dry = campus.run_with(&named("elsewhere.example"), &["sync", "--dry-run", "--format", "json"]);
    assert_eq!((dry.exit, &item(&dry)["owner"]), (0, &json!("eve")));
    let run = campus.run_with(&named("uni.example"), &["sync", "--format", "json"]);
    assert_eq!((run.exit, &item(&run)["owner"]), (0, &json!(HOLDING_USER)), "{}", run.err);
}

#[test]
fn localpart_without_domains_keeps_orphans() {
    let campus = campus("eve@uni.example");
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 3));
    campus.sync_until_done();
    campus.kaltura.add_user("eve", "");
    let alive = |campus: &Campus| campus.kaltura.alive().len();
    let sync = campus.run_with(&NO_DOMAINS, &["sync"]);
    assert!(sync.exit == 6 && sync.err.contains("owner.domains is missing"), "{} {}", sync.exit, sync.err);
    let purge = campus.run_with(&NO_DOMAINS, &PURGE);
    let reasons: Vec<Value> = purge.items().iter().map(|item| item["reason"].clone()).collect();
    assert!(reasons.contains(&json!("owner_domains_missing")), "{} {}", purge.out, purge.err);
    assert_eq!((purge.exit, alive(&campus)), (6, 1), "{}", purge.err);
    assert!(campus.kaltura.entries().iter().all(|entry| entry.user_id == HOLDING_USER));
    let settings = [NO_DOMAINS[0], (DOMAINS, "uni.example")];
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    assert!(campus.kaltura.entries().iter().any(|entry| entry.user_id == "eve"));
}

#[test]
fn validate_refuses_localpart_without_domains() {
    let campus = Campus::new();
    for candidates in ["{localpart}", "{email},{localpart}-staff"] {
        let validate = campus.run_with(&[(CANDIDATES, candidates)], &["config", "validate"]);
        assert!(validate.exit == 2 && validate.err.contains("owner.domains is missing"), "{}", validate.err);
        assert_eq!(validate.err.lines().count(), 1, "{}", validate.err);
        let check = campus.run_with(&[(CANDIDATES, candidates)], &["check"]);
        assert!(check.exit == 7 && check.out.contains("FAIL owner.domains"), "{}", check.out);
        let settings = [(CANDIDATES, candidates), (DOMAINS, "uni.example,*.uni.example")];
        assert_eq!(campus.run_with(&settings, &["config", "validate"]).exit, 0);
        assert!(!campus.run_with(&settings, &["check"]).out.contains("owner.domains"));
    }
}

/// Domains, candidates, the address of who was there, the account that Kaltura has, and whether it gets rights.
const RIGHTS: &[(&str, &str, &str, &str, bool)] = &[
    ("uni.example", "{localpart}", "eve@uni.example", "eve", true),
    ("uni.example", "{localpart}", "eve@elsewhere.example", "eve", false),
    ("", "{localpart}", "eve@uni.example", "eve", false),
    ("", "{localpart}", "eve@elsewhere.example", "eve", false),
    ("", "{email}-x", "eve@uni.example", "eve@uni.example-x", false),
    ("uni.example", "{email}-x", "eve@uni.example", "eve@uni.example-x", true),
    ("uni.example", "{email}-x", "eve@elsewhere.example", "eve@elsewhere.example-x", false),
    ("uni.example", "{localpart},{email}", "eve@elsewhere.example", "eve@elsewhere.example", true),
    ("", "{email}", "eve@elsewhere.example", "eve@elsewhere.example", true),
];

/// What gives rights to people of this kind, and the scopes that it takes.
const KINDS: [(Part, &str); 4] = [
    (Part::AlternativeHost, "ZOOM2KALTURA_RIGHTS_ALTERNATIVE_HOSTS"),
    (Part::CoHost, "ZOOM2KALTURA_RIGHTS_CO_HOSTS"),
    (Part::Panelist, "ZOOM2KALTURA_RIGHTS_PANELISTS"),
    (Part::Participant, "ZOOM2KALTURA_RIGHTS_PARTICIPANTS"),
];
const SCOPES: [&str; 4] = [
    "webinar:read:webinar:admin",
    "dashboard:read:list_webinar_participants:admin",
    "webinar:read:list_panelists:admin",
    "report:read:list_webinar_participants:admin",
];

#[test]
fn rights_need_domain_or_exact_address() {
    for (domains, candidates, email, id, is_theirs) in RIGHTS {
        for (part, key) in KINDS {
            let zoom = SCOPES.iter().fold(Zoom::builder(), |zoom, scope| zoom.with_scope(scope)).start();
            let campus = Campus::of(zoom, Kaltura::start());
            campus.kaltura.delete_user("ada@uni.example");
            campus.kaltura.add_user("al001", "ada@uni.example");
            campus.kaltura.add_user(id, "");
            let webinar = lecture("u==", 81_000_000_001, "ada", 5).webinar().with(part, email);
            campus.zoom.add_meeting(webinar);
            let settings = [(CANDIDATES, *candidates), (DOMAINS, *domains), (key, "editor")];
            campus.sync_until_done_with(&settings);
            let expected = if *is_theirs { *id } else { "" };
            assert_eq!(campus.parent().entitled[1], expected, "{domains:?} {candidates} {email} {part:?}");
        }
    }
}
