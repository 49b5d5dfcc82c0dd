//! `check`: what a run needs is tried before it is needed, each thing says what to do, and nothing is changed.

use serde_json::Value;
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::setup::HOLDING_USER;
use standin::zoom::{Group, Zoom};

use crate::campus::{Campus, lecture};

/// The exit code, and what needs attention.
fn faults(campus: &Campus, settings: &[(&str, &str)]) -> (i32, Vec<String>) {
    let run = campus.run_with(settings, &["check", "--format", "json"]);
    assert_eq!(run.err, "");
    let report = run.report();
    let checks = report["checks"].as_array().expect("checks").iter().filter(|check| check["ok"] == false);
    let said =
        |check: &Value| format!("{}: {}", check["check"].as_str().unwrap_or(""), check["text"].as_str().unwrap_or(""));
    (run.exit, checks.map(said).collect())
}

/// An account whose app may do what is needed and no more.
fn campus() -> Campus {
    Campus::of(Zoom::builder().without_scope("group:read:list_groups:admin").start(), Kaltura::start())
}

#[test]
fn healthy_setup_passes_and_changes_nothing() {
    let campus = campus();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 1));
    assert_eq!(campus.run(&["sync", "--dry-run"]).exit, 0);
    let before = (campus.zoom.fingerprint(), campus.kaltura.fingerprint());
    let run = campus.run(&["check"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""), "{}", run.out);
    let findings = run.out.strip_prefix("nothing needs attention\n\n").unwrap_or_else(|| panic!("{}", run.out));
    assert!(findings.lines().all(|line| line.starts_with("ok   ")), "{findings}");
    for said in [
        "Zoom login: accepted",
        "Zoom recordings: 1 recording since yesterday",
        "holding user: zoom-orphans",
        "not needed: ",
    ] {
        assert!(run.out.contains(said), "{said} is not in {}", run.out);
    }
    assert!(!campus.setup.state().exists());
    assert_eq!((campus.zoom.fingerprint(), campus.kaltura.fingerprint()), before);
    let day = (chrono::Utc::now() + chrono::TimeDelta::days(120)).date_naive().to_string();
    campus.zoom.change_meeting("ada==", |meeting| meeting.deleted_on(&day));
    let run = campus.run(&["check"]);
    let expected = "warn Zoom retention: Zoom deletes recordings 12";
    assert!(run.exit == 0 && run.out.contains(expected), "{}", run.out);
}

/// By the account's setting, where the app may read it: neither a difference nor a refusal is a failure.
#[test]
fn account_auto_delete_is_compared() {
    const SCOPE: &str = "account:read:settings:admin";
    const CALL: &str = "GET /accounts/{}/settings";
    let checked = |campus: &Campus, said: &str| {
        let run = campus.run(&["check"]);
        assert!(run.exit == 0 && run.out.contains(said), "{said}: {}", run.out);
    };
    let campus = Campus::new();
    checked(
        &campus,
        "ok   Zoom auto-delete: not compared with sync.zoom_retention, which needs the optional scope account:read:settings:admin",
    );
    assert_eq!(campus.zoom.log().count(CALL), 0);
    let campus = Campus::of(Zoom::builder().with_scope(SCOPE).start(), Kaltura::start());
    checked(&campus, "ok   Zoom auto-delete: off;");
    let campus = Campus::of(Zoom::builder().with_scope(SCOPE).auto_delete(120).start(), Kaltura::start());
    checked(
        &campus,
        "warn Zoom auto-delete: the account deletes recordings after 120 days; sync.zoom_retention is 30d; set it to \"120d\"",
    );
    let report = campus.run(&["check", "--format", "json"]).report();
    let checks = report["checks"].as_array().expect("checks").iter().filter(|check| check["warns"] == true);
    let warnings: Vec<_> = checks.map(|check| check["check"].clone()).collect();
    assert_eq!(serde_json::json!([report["ok"], warnings]), serde_json::json!([true, ["Zoom auto-delete"]]));
    let longer = campus.run_with(&[("ZOOM2KALTURA_SYNC_ZOOM_RETENTION", "120d")], &["check"]);
    assert!(longer.out.contains("ok   Zoom auto-delete: after 120 days"), "{}", longer.out);
    let refused = "Invalid access token, does not contain scopes:[account:read:settings:admin].";
    for (fault, said) in [
        (Fault::zoom_error(400, 4711, refused), "answered 400 Bad Request, code 4711"),
        (Fault::zoom_error(403, 200, "only available for paid accounts"), "answered 403 Forbidden"),
        (Fault::json(200, r#"{"recording":{"auto_delete_cmr":true,"auto_delete_cmr_days":-1}}"#), "do not say whether"),
        (Fault::json(200, "null"), "do not say whether"),
    ] {
        campus.zoom.faults().queue(CALL, 1, fault);
        checked(&campus, &format!("unknown Zoom auto-delete: Zoom: the account's settings {said}"));
        campus.zoom.log().clear();
    }
    assert_eq!(campus.zoom.violations(), Vec::<String>::new());
}

#[test]
fn each_fault_says_what_to_do() {
    let campus = campus();
    let list = campus.setup.path().join("list.txt");
    std::fs::write(&list, "ada\n").expect("a list");
    let list = list.display().to_string();
    for (key, said) in [
        ("ZOOM2KALTURA_FILTER_OPT_OUT", "filter.opt_out: /"),
        ("ZOOM2KALTURA_OWNER_ALIASES", "line 1 is not of the form zoom_email,kaltura_user_id"),
    ] {
        let (exit, found) = faults(&campus, &[(key, &list)]);
        assert!(exit == 7 && found.len() == 1 && found[0].contains(said), "{found:?}");
    }
    let (exit, found) = faults(&campus, &[("ZOOM2KALTURA_COPY_CATEGORY", "Zoom>Nowhere")]);
    assert!(
        exit == 7 && found[0].starts_with("copy.category: Kaltura does not have exactly one category"),
        "{found:?}"
    );
    let (exit, found) = faults(&campus, &[("ZOOM2KALTURA_FILTER_OPT_OUT_GROUPS", "HR")]);
    assert!(exit == 7 && found[0].starts_with("Zoom scopes: missing: group:read:list_groups:admin;"), "{found:?}");
    let (exit, found) = faults(&campus, &[("ZOOM2KALTURA_STATE_DIR", "/nowhere/state")]);
    assert!(exit == 7 && found[0].contains("state_dir /nowhere/state: cannot be used"), "{found:?}");
    campus.kaltura.block_user(HOLDING_USER);
    let (exit, found) = faults(&campus, &[]);
    assert!(exit == 7 && found[0].starts_with("holding user: \"zoom-orphans\" does not exist"), "{found:?}");
}

#[test]
fn refused_side_leaves_the_other_checked() {
    let campus = campus();
    campus.setup.write_secret("zoom-secret", "wrong");
    let (exit, found) = faults(&campus, &[]);
    assert!(exit == 7 && found.len() == 1 && found[0].starts_with("Zoom login: "), "{found:?}");
    let campus = self::campus();
    campus.setup.write_secret("kaltura-secret", "wrong");
    let (exit, found) = faults(&campus, &[]);
    assert!(exit == 7 && found.len() == 1 && found[0].starts_with("Kaltura login: "), "{found:?}");
    let campus = self::campus();
    campus.kaltura.faults().queue("user.list", 1, Fault::exception("SERVICE_FORBIDDEN"));
    let (exit, found) = faults(&campus, &[]);
    assert!(exit == 7 && found.len() == 1 && found[0].starts_with("right to look for users: "), "{found:?}");
}

#[test]
fn damaged_ledger_is_reported() {
    let campus = campus();
    campus.sync_until_done();
    std::fs::write(campus.setup.ledger_file(), b"nonsense").expect("a ledger to damage");
    let (exit, found) = faults(&campus, &[]);
    assert!(exit == 7 && found.len() == 1 && found[0].starts_with("ledger: "), "{found:?}");
}

#[test]
fn groups_are_read_from_zoom() {
    let campus = Campus::new();
    campus.zoom.set_group(Group::new("g1", "HR").member("ada", "ada@uni.example"));
    let run = campus.run_with(&[("ZOOM2KALTURA_FILTER_OPT_OUT_GROUPS", "HR")], &["check"]);
    assert!(run.exit == 0 && run.out.contains("Zoom group \"HR\": 1 member"), "{}", run.out);
}
