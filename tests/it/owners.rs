//! The right owner, or nobody: every way to an account, and every way to none.

use std::fs;

use serde_json::{Value, json};
use standin::fault::Fault;
use standin::setup::HOLDING_USER;

use crate::campus::{Campus, lecture};

/// One lecture of Ada's, who has no account by her address.
fn campus() -> Campus {
    let campus = Campus::new();
    campus.kaltura.delete_user("ada@uni.example");
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus
}

fn copy(campus: &Campus, settings: &[(&str, &str)]) -> Value {
    let run = campus.run_with(settings, &["sync", "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    run.report()["items"][0].clone()
}

/// Whose the one entry is.
fn owner(campus: &Campus) -> String {
    let entries = campus.kaltura.entries();
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries[0].user_id.clone()
}

const LOCALPART: [(&str, &str); 2] =
    [("ZOOM2KALTURA_OWNER_CANDIDATES", "{email},{localpart}"), ("ZOOM2KALTURA_OWNER_DOMAINS", "uni.example")];

#[test]
fn localpart_rule_finds_the_account() {
    let campus = campus();
    campus.kaltura.add_user("Ada", "");
    let item = copy(&campus, &LOCALPART);
    assert_eq!((&item["owner"], &item["owner_rule"]), (&json!("Ada"), &json!("{localpart}")));
    assert_eq!(owner(&campus), "Ada");
}

#[test]
fn exact_address_is_tried_last() {
    let campus = campus();
    campus.kaltura.add_user("al001", "ADA@uni.example");
    campus.kaltura.add_user("al002", "ada@uni.example.org");
    let item = copy(&campus, &[]);
    assert_eq!((&item["owner"], &item["owner_rule"]), (&json!("al001"), &json!("email")));
    assert_eq!(owner(&campus), "al001");
}

#[test]
fn ambiguous_or_blocked_accounts_are_nobody() {
    let ambiguous = campus();
    for id in ["al001", "al002"] {
        ambiguous.kaltura.add_user(id, "ada@uni.example");
    }
    let item = copy(&ambiguous, &[]);
    assert_eq!((&item["action"], &item["reason"]), (&json!("copy_as_orphan"), &json!("ambiguous_email")));
    assert_eq!(owner(&ambiguous), HOLDING_USER);
    ambiguous.sync_until_done();
    let alarm = ambiguous.run(&["status", "--alert"]);
    assert!(alarm.exit == 7 && alarm.out.contains("could belong to several Kaltura users"), "{}", alarm.out);
    ambiguous.kaltura.block_user("al002");
    ambiguous.sync_until_done();
    assert_eq!(ambiguous.run(&["status", "--alert"]).exit, 0, "al001 has it now");
    let blocked = campus();
    blocked.kaltura.add_user("ada", "ada@uni.example");
    blocked.kaltura.block_user("ada");
    assert_eq!(copy(&blocked, &LOCALPART)["reason"], "no_account");
    assert_eq!(owner(&blocked), HOLDING_USER);
}

#[test]
fn address_matching_can_be_switched_off() {
    let campus = campus();
    campus.kaltura.add_user("al001", "ada@uni.example");
    assert_eq!(copy(&campus, &[("ZOOM2KALTURA_OWNER_MATCH_EMAIL", "false")])["reason"], "no_account");
    assert_eq!(campus.kaltura.log().count("user.list"), 0);
}

#[test]
fn alias_beats_every_rule() {
    let campus = Campus::with_lecture();
    campus.kaltura.add_user("lectures", "");
    fs::write(campus.setup.path().join("aliases.csv"), "zoom_email,kaltura_user_id\nAda@uni.example,lectures\n")
        .expect("an alias file");
    let item = copy(&campus, &[("ZOOM2KALTURA_OWNER_ALIASES", &file(&campus, "aliases.csv"))]);
    assert_eq!((&item["owner"], &item["owner_rule"]), (&json!("lectures"), &json!("alias")));
}

fn file(campus: &Campus, name: &str) -> String {
    campus.setup.path().join(name).display().to_string()
}

#[test]
fn alias_to_nobody_copies_nothing() {
    let campus = Campus::with_lecture();
    fs::write(campus.setup.path().join("aliases.csv"), "# shared\nada@uni.example,lectrues\n").expect("an alias file");
    let aliases = file(&campus, "aliases.csv");
    let settings = [("ZOOM2KALTURA_OWNER_ALIASES", aliases.as_str())];
    let run = campus.run_with(&settings, &["sync", "--format", "json"]);
    assert_eq!((run.exit, &run.report()["items"][0]["reason"]), (3, &json!("wrong_alias")));
    assert!(run.err.contains("line 2 of the alias file names the Kaltura user \"lectrues\""), "{}", run.err);
    assert!(campus.kaltura.entries().is_empty());
    assert!(!campus.kaltura.users().iter().any(|user| user.id == "lectrues"));
    campus.kaltura.add_user("lectrues", "");
    assert_eq!(copy(&campus, &settings)["owner"], "lectrues");
}

/// Without the file there is no run.
#[test]
fn nonsense_lists_hold_everybody_back() {
    let campus = Campus::with_lecture();
    for (key, text, said) in [
        ("ZOOM2KALTURA_OWNER_ALIASES", "ada@uni.example\n", "owner.aliases: "),
        ("ZOOM2KALTURA_FILTER_OPT_OUT", "ada\n", "line 1 is not an e-mail address: \"ada\""),
        ("ZOOM2KALTURA_FILTER_OPT_IN", "guest@uni.example\nada\n", "line 2 is not an e-mail address: \"ada\""),
    ] {
        fs::write(campus.setup.path().join("list"), text).expect("a list");
        let run = campus.run_with(&[(key, &file(&campus, "list"))], &["sync"]);
        assert_eq!((run.exit, run.err.lines().count()), (6, 1), "{}", run.err);
        assert!(run.err.contains(said), "{}", run.err);
        let run = campus.run_with(&[(key, "/nowhere/list")], &["sync"]);
        assert!(run.exit == 2 && run.err.contains("/nowhere/list cannot be read: it does not exist"), "{}", run.err);
    }
    assert!(campus.kaltura.entries().is_empty());
    assert_eq!(copy(&campus, &[])["owner"], "ada@uni.example");
}

#[test]
fn failed_look_up_stops_one_host() {
    let campus = Campus::with_lecture();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    campus.kaltura.add_user("guest@elsewhere.example", "");
    // the part of one host in a multirequest
    campus.kaltura.faults().queue("user.get", 1, Fault::answer(200, "nonsense"));
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!(run.exit, 3, "{}", run.err);
    assert_eq!(run.report()["items"][0]["reason"], "owner_lookup_failed");
    assert_eq!(owner(&campus), "guest@elsewhere.example");
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(campus.kaltura.entries().len(), 2);
}

/// The ids that Kaltura was asked for.
fn asked(campus: &Campus) -> usize {
    campus.kaltura.log().count("user.get")
}

#[test]
fn remembered_account_is_checked_on_use() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 5));
    campus.sync_until_done();
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "ada", 4));
    campus.kaltura.delete_user("ada@uni.example");
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!(run.exit, 3, "{}", run.err);
    assert!(run.err.contains("no longer exists, or is blocked"), "{}", run.err);
    let ada = campus.kaltura.users().into_iter().filter(|user| user.id == "ada@uni.example").count();
    assert_eq!((campus.kaltura.entries().len(), ada), (1, 1), "nobody is made anew");
    let settings = [("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")];
    campus.run(&["retry", "--failed"]);
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    let entries = campus.kaltura.entries();
    assert!(entries.iter().any(|entry| entry.user_id == HOLDING_USER), "{entries:?}");
}

#[test]
fn only_missing_accounts_are_asked_again() {
    let campus = Campus::new();
    let remembered = [("ZOOM2KALTURA_OWNER_REMEMBER_FOR", "1h")];
    let dry = |settings: &[(&str, &str)], host: &str, number: i64| {
        campus.zoom.add_meeting(lecture(&format!("{host}{number}=="), 81_000_000_000 + number, host, 5));
        campus.run_with(settings, &["sync"]);
        campus.kaltura.log().clear();
        campus.zoom.add_meeting(lecture(&format!("{host}{number}b=="), 81_000_000_100 + number, host, 4));
        campus.run_with(settings, &["sync", "--dry-run"]);
        asked(&campus)
    };
    // a dry run asks for the service user
    assert_eq!(dry(&remembered, "ada", 1), 1);
    assert!(dry(&[("ZOOM2KALTURA_OWNER_REMEMBER_FOR", "0s")], "ada", 2) > 1);
    assert!(dry(&remembered, "guest", 3) > 1);
}

#[test]
fn webinar_goes_to_its_account() {
    let campus = Campus::new();
    campus.zoom.add_user(standin::zoom::User::new("events", "events@uni.example"));
    campus.kaltura.add_user("events@uni.example", "");
    campus.zoom.add_meeting(lecture("webinar==", 91_000_000_001, "events", 5).webinar());
    let item = copy(&campus, &[]);
    assert_eq!((&item["owner"], &item["action"]), (&json!("events@uni.example"), &json!("copy")));
    assert_eq!(owner(&campus), "events@uni.example");
}
