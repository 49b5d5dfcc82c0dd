//! The copies of one account go to another: whole, only ours, only what is still there, and whatever dies, once.

use std::collections::HashMap;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use standin::fault::Fault;
use standin::kaltura::{Entry, Seed};
use standin::media::Media;
use standin::setup::HOLDING_USER;
use standin::zoom::User;

use crate::campus::{Campus, Run, lecture};

const ADA: &str = "ada@uni.example";
const EVE: &str = "eve@uni.example";

/// Two lectures of Ada's, one with a second view and captions, one of Bob's, and one of somebody without an account. Eve
/// has an account and hosted nothing.
fn campus() -> Campus {
    let campus = Campus::new();
    campus.zoom.add_user(User::new("bob", "bob@uni.example"));
    for user in [EVE, "bob@uni.example"] {
        campus.kaltura.add_user(user, user);
    }
    let seminar = lecture("seminar==", 81_000_000_001, "ada", 30);
    campus.zoom.add_meeting(seminar.video("gallery_view", Media::mp4().salted(7)).transcript(Media::vtt()));
    campus.zoom.add_meeting(lecture("second==", 81_000_000_002, "ada", 4));
    campus.zoom.add_meeting(lecture("bob==", 81_000_000_003, "bob", 3));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_004, "guest", 2));
    campus.sync_until_done();
    campus.kaltura.log().clear();
    campus
}

/// The owner of each entry that is there, by its name.
fn owners(campus: &Campus) -> Vec<(String, String)> {
    let alive = campus.kaltura.alive().into_iter();
    let mut owners: Vec<_> = alive.map(|entry| (entry.name.replace("Lecture 8100000000", ""), entry.user_id)).collect();
    owners.sort();
    owners
}

fn owned(by: &[(&str, &str)]) -> Vec<(String, String)> {
    by.iter().map(|(name, owner)| ((*name).to_owned(), (*owner).to_owned())).collect()
}

fn after() -> Vec<(String, String)> {
    owned(&[("1", EVE), ("1 (gallery view)", EVE), ("2", EVE), ("3", "bob@uni.example"), ("4", HOLDING_USER)])
}

fn entry(campus: &Campus, name: &str) -> Entry {
    campus.kaltura.entries().into_iter().find(|entry| entry.name == name).expect("an entry of that name")
}

/// Action, reason, result and owner of each line.
fn lines(run: &Run) -> Vec<Value> {
    let report = run.report();
    let items = report["items"].as_array().expect("items");
    items.iter().map(|item| json!([item["action"], item["reason"], item["result"], item["owner"]])).collect()
}

/// Nothing differs, and no run gives anything back.
fn stays_so(campus: &Campus, expected: &[(String, String)]) {
    for _ in 0..2 {
        campus.setup.forget_rescan();
        campus.sync_until_done();
        let verify = campus.run(&["verify", "--days", "3"]);
        assert_eq!(verify.exit, 0, "{}", verify.out);
        assert_eq!(owners(campus), expected);
    }
}

#[test]
fn copies_go_whole_and_stay() {
    let campus = campus();
    let run = campus.run(&["reassign", ADA, EVE, "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert_eq!(lines(&run), [json!(["reassign", null, "done", EVE]), json!(["reassign", null, "done", EVE])]);
    assert_eq!(run.report()["totals"]["reassign"]["recordings"], 2);
    assert_eq!(owners(&campus), after());
    assert_eq!(campus.kaltura.log().count("baseEntry.update"), 3, "once for each entry");
    stays_so(&campus, &after());
    let said = campus.run(&["explain", "seminar=="]).out;
    assert!(said.contains("account: eve@uni.example\n") && said.contains("given to eve@uni.example by hand"), "{said}");
    let again = campus.run(&["reassign", ADA, EVE, "--format", "json"]);
    assert_eq!((again.exit, lines(&again).len()), (0, 0), "there is nothing left");
}

#[test]
fn late_files_follow_new_owner() {
    let campus = campus();
    assert_eq!(campus.run(&["reassign", ADA, EVE]).exit, 0);
    let add = |meeting: standin::zoom::Meeting| {
        meeting.video("speaker_view", Media::mp4().salted(8)).transcript(Media::vtt())
    };
    campus.zoom.change_meeting("second==", add);
    let mut expected = after();
    expected.insert(3, ("2 (speaker view)".to_owned(), EVE.to_owned()));
    stays_so(&campus, &expected);
}

#[test]
fn dry_run_says_and_changes_nothing() {
    let campus = campus();
    let (kaltura, state) = (campus.kaltura.fingerprint(), campus.state());
    let lock = campus.hold_lock("run.lock");
    let dry = campus.run(&["reassign", ADA, EVE, "--dry-run", "--format", "json"]);
    assert_eq!(dry.exit, 0, "{}", dry.err);
    assert_eq!(lines(&dry), [json!(["reassign", null, null, EVE]), json!(["reassign", null, null, EVE])]);
    assert_eq!(campus.run(&["reassign", ADA, EVE]).exit, 75, "only a dry run does without the lock");
    assert_eq!((campus.kaltura.fingerprint(), campus.state()), (kaltura, state));
    drop(lock);
    let text = campus.run(&["reassign", ADA, EVE, "--dry-run"]).out;
    assert!(text.contains("reassign  ") && text.contains("ada@uni.example → eve@uni.example"), "{text}");
    let csv = campus.run(&["reassign", ADA, EVE, "--format", "csv"]).out;
    assert_eq!(csv.lines().count(), 3, "{csv}");
}

#[test]
fn hosts_meetings_and_days_narrow_it() {
    let yesterday = &crate::campus::hours_ago(30)[..10];
    let today = &crate::campus::hours_ago(4)[..10];
    let mut cases = vec![
        (vec!["--meeting", "81000000002"], 1),
        (vec!["--meeting", "seminar=="], 1),
        (vec!["--meeting", "bob=="], 0),
        (vec!["--user", ADA], 2),
        (vec!["--user", "bob@uni.example"], 0),
        (vec!["--to", yesterday], 1),
        (vec!["--from", today], 1),
        (vec!["--from", "2020-01-01", "--to", "2020-12-31"], 0),
    ];
    if yesterday == today {
        cases.truncate(5);
    }
    let campus = campus();
    for (narrowed, expected) in cases {
        let args = [&["reassign", ADA, EVE, "--dry-run", "--format", "json"][..], &narrowed].concat();
        assert_eq!(lines(&campus.run(&args)).len(), expected, "{narrowed:?}");
    }
    assert_eq!(campus.run(&["reassign", ADA, EVE, "--meeting", "second=="]).exit, 0);
    let expected = [("1", ADA), ("1 (gallery view)", ADA), ("2", EVE), ("3", "bob@uni.example"), ("4", HOLDING_USER)];
    stays_so(&campus, &owned(&expected));
}

#[test]
fn foreign_or_given_away_entries_stay() {
    let campus = campus();
    let theirs = Seed { name: "Own upload".to_owned(), user_id: ADA.to_owned(), ..Seed::default() };
    let other = Seed { reference_id: "Zoom_x==2026-11-20T09:00:00Z".to_owned(), ..theirs.clone() };
    let unmarked =
        Seed { admin_tags: "zoom2kaltura".to_owned(), reference_id: "Zoom_odd".to_owned(), ..theirs.clone() };
    let parent = entry(&campus, "Lecture 81000000001").id;
    let child = Seed { name: "Own slides".to_owned(), parent_entry_id: parent, ..theirs.clone() };
    for seed in [&theirs, &other, &unmarked, &child] {
        campus.kaltura.add_entry(seed);
    }
    campus.kaltura.set_owner(&entry(&campus, "Lecture 81000000002").id, "bob@uni.example");
    let run = campus.run(&["reassign", ADA, EVE, "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    let kept = json!(["keep", "owner_changed", null, "bob@uni.example"]);
    assert_eq!(lines(&run), [json!(["reassign", null, "done", EVE]), kept]);
    let own = |owner| ["Own slides", "Own upload", "Own upload", "Own upload"].map(|name| (name, owner));
    let ours = [("1", EVE), ("1 (gallery view)", EVE), ("2", "bob@uni.example"), ("3", "bob@uni.example")];
    let expected = [&ours[..], &[("4", HOLDING_USER)], &own(ADA)].concat();
    assert_eq!(owners(&campus), owned(&expected));
}

#[test]
fn gifts_by_hand_go_too() {
    let campus = campus();
    for name in ["Lecture 81000000003", "Lecture 81000000004"] {
        campus.kaltura.set_owner(&entry(&campus, name).id, ADA);
    }
    assert_eq!(campus.run(&["reassign", ADA, EVE]).exit, 0);
    let all = [("1", EVE), ("1 (gallery view)", EVE), ("2", EVE), ("3", EVE), ("4", EVE)];
    stays_so(&campus, &owned(&all));
    assert_eq!(campus.run(&["purge", "--older-than", "0s"]).exit, 0);
    assert_eq!(owners(&campus), owned(&all), "what was an orphan is none any more");
}

#[test]
fn impossible_accounts_fail_in_one_line() {
    let campus = campus();
    campus.kaltura.add_user("blocked", "");
    campus.kaltura.block_user("blocked");
    let (kaltura, users) = (campus.kaltura.fingerprint(), campus.kaltura.log().count("user.add"));
    let cases = [
        (ADA, "nobody", "\"nobody\" does not exist in Kaltura, or is blocked"),
        (ADA, "blocked", "\"blocked\" does not exist in Kaltura, or is blocked"),
        (ADA, "EVE@uni.example", "Kaltura spells \"EVE@uni.example\" as \"eve@uni.example\": use that spelling"),
        (ADA, HOLDING_USER, "whose copies purge deletes: name another account"),
        (HOLDING_USER, EVE, "a line in owner.aliases, and the next sync hands the orphans over"),
        (ADA, "ADA@uni.example", "FROM and TO are the same account"),
        ("", EVE, "neither can be empty"),
    ];
    for (from, to, said) in cases {
        for more in [&[][..], &["--dry-run"]] {
            let run = campus.run(&[&["reassign", from, to][..], more].concat());
            assert_eq!((run.exit, run.err.lines().count()), (2, 1), "{from} {to}: {}", run.err);
            assert!(run.err.contains(said), "{}", run.err);
        }
    }
    // those who held what nobody owned before the setting was changed still do
    let run = campus.run_with(&[("ZOOM2KALTURA_OWNER_HOLDING_USER", EVE)], &["reassign", ADA, HOLDING_USER]);
    assert_eq!(run.exit, 2, "{}", run.err);
    assert_eq!((campus.kaltura.fingerprint(), campus.kaltura.log().count("user.add")), (kaltura, users));
}

#[test]
fn unknown_names_are_reported_with_suggestions() {
    let campus = campus();
    campus.kaltura.add_user("blocked", "");
    campus.kaltura.block_user("blocked");
    let no_user = "Kaltura knows no such user, and no copy belongs to it";
    let typo = "--user adda@uni.example: Zoom knows no such user; did you mean ada@uni.example?";
    let cases: [(&[&str], i32, String); 14] = [
        (&["adda@uni.example", EVE], 3, format!("FROM \"adda@uni.example\": {no_user}; did you mean {ADA}?")),
        (&["evee@uni.example", ADA], 3, format!("FROM \"evee@uni.example\": {no_user}; did you mean {EVE}?")),
        (&["somebody.else", EVE], 3, format!("FROM \"somebody.else\": {no_user} run=")),
        (&["blocked", EVE], 0, String::new()),
        (&[ADA, "evee@uni.example"], 2, format!("or is a group; did you mean {EVE}?")),
        (&[ADA, EVE, "--user", "adda@uni.example"], 3, typo.to_owned()),
        (&[ADA, EVE, "--user", "no-such-id"], 3, "--user no-such-id: Zoom knows no such user run=".to_owned()),
        (&[ADA, EVE, "--user", "adda@uni.example", "--user", ADA], 3, typo.to_owned()),
        (&[ADA, EVE, "--user", "bob@uni.example"], 0, String::new()),
        (&[ADA, EVE, "--meeting", "123"], 3, "--meeting 123: Zoom has no recordings of such a meeting;".to_owned()),
        (&[ADA, EVE, "--meeting", "81000000092"], 3, "did you mean 81000000002?".to_owned()),
        (&[ADA, EVE, "--meeting", "secnd=="], 3, "did you mean second==?".to_owned()),
        (&[ADA, EVE, "--meeting", "bob=="], 0, String::new()),
        (&[ADA, EVE, "--meeting", "810 0000 0003"], 0, String::new()),
    ];
    let before = campus.kaltura.fingerprint();
    for (args, exit, said) in &cases {
        let run = campus.run(&[&["reassign", "--dry-run"], *args].concat());
        assert_eq!((run.exit, run.err.lines().count()), (*exit, usize::from(*exit > 0)), "{args:?}: {}", run.err);
        assert!(run.err.contains(said.as_str()), "{args:?}: {}", run.err);
    }
    assert_eq!(campus.run(&["reassign", "adda@uni.example", EVE]).exit, 3);
    assert_eq!(campus.kaltura.fingerprint(), before);
    // those who are known go all the same; what Zoom has no more is known by the ledger
    campus.zoom.remove_meeting("second==");
    let run = campus.run(&["reassign", ADA, EVE, "--meeting", "123", "--meeting", "second=="]);
    assert_eq!((run.exit, run.err.lines().count()), (3, 1), "{}", run.err);
    assert_eq!(entry(&campus, "Lecture 81000000002").user_id, EVE);
}

#[test]
fn deleted_accounts_copies_go_too() {
    for is_lost in [false, true] {
        let campus = campus();
        campus.kaltura.delete_user(ADA);
        if is_lost {
            campus.lose_ledger();
        }
        let run = campus.run(&["reassign", ADA, EVE, "--format", "json"]);
        let reason = if is_lost { json!("not_in_ledger") } else { Value::Null };
        assert_eq!(run.exit, 0, "{}", run.err);
        assert_eq!(lines(&run), [json!(["reassign", reason, "done", EVE]), json!(["reassign", reason, "done", EVE])]);
        assert_eq!(owners(&campus), after());
        stays_so(&campus, &after());
    }
}

#[test]
fn without_ledger_kaltura_list_decides() {
    let campus = campus();
    campus.lose_ledger();
    // who hosted it is not known without a ledger
    let run = campus.run(&["reassign", ADA, EVE, "--user", ADA, "--format", "json"]);
    assert_eq!((run.exit, lines(&run).len()), (0, 0));
    let run = campus.run(&["reassign", ADA, EVE, "--meeting", "seminar=="]);
    assert_eq!(run.exit, 0, "{}", run.err);
    let expected = [("1", EVE), ("1 (gallery view)", EVE), ("2", ADA), ("3", "bob@uni.example"), ("4", HOLDING_USER)];
    stays_so(&campus, &owned(&expected));
}

#[test]
fn ten_thousand_entries_are_found_whole() {
    let campus = campus();
    campus.lose_ledger();
    campus.kaltura.delete_user(ADA);
    for number in 0..10_400_u64 {
        let reference_id = format!("Zoom_bob{number}==2026-01-01T09:00:00Z");
        let age = Duration::from_secs(60 * (20_000 - number));
        campus.kaltura.add_entry(&Seed {
            user_id: "bob@uni.example".to_owned(),
            admin_tags: "zoom2kaltura".to_owned(),
            bytes: 0,
            reference_id,
            age,
            ..Seed::default()
        });
    }
    let run = campus.run(&["reassign", ADA, EVE, "--format", "json"]);
    assert_eq!((run.exit, lines(&run).len()), (0, 2), "{}", run.err);
}

/// Starts a run that hangs when it gives its entry number `hit` away.
fn hanging_at(campus: &Campus, hit: usize) -> std::process::Child {
    campus.kaltura.faults().queue("baseEntry.update", hit, Fault::Stall(Duration::from_secs(60)));
    let run = campus
        .program()
        .args(["reassign", ADA, EVE])
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the program starts");
    campus.wait_for_call("baseEntry.update", hit);
    run
}

fn is_finished_by_the_next(campus: &Campus) {
    assert_ne!(owners(campus), after());
    // what others do meanwhile changes nothing
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(campus.run(&["reassign", ADA, EVE]).exit, 0);
    assert_eq!(owners(campus), after());
    stays_so(campus, &after());
}

#[test]
fn killed_run_is_finished_by_next() {
    for hit in 1..=3 {
        let campus = campus();
        let mut run = hanging_at(&campus, hit);
        run.kill().expect("it is killed");
        run.wait().expect("it ends");
        is_finished_by_the_next(&campus);
    }
}

#[test]
fn sigterm_ends_with_143_and_resumes() {
    let campus = campus();
    let mut run = hanging_at(&campus, 2);
    std::process::Command::new("kill").args(["-TERM", &run.id().to_string()]).status().expect("the signal is sent");
    assert_eq!(run.wait().expect("it ends").code(), Some(143));
    is_finished_by_the_next(&campus);
}

/// A lecture of Ada's with a second view, and Eve.
fn one_lecture() -> Campus {
    let campus = Campus::new();
    campus.kaltura.add_user(EVE, EVE);
    let seminar = lecture("seminar==", 81_000_000_001, "ada", 30);
    campus.zoom.add_meeting(seminar.video("gallery_view", Media::mp4().salted(7)));
    campus.sync_until_done();
    campus.kaltura.log().clear();
    campus
}

/// Every call of a run, with what can befall it; the parts of a multirequest can only answer with an exception.
fn cases() -> Vec<(String, usize, Fault)> {
    let campus = one_lecture();
    assert_eq!(campus.run(&["reassign", ADA, EVE]).exit, 0);
    let mut hits: HashMap<String, usize> = HashMap::new();
    let mut cases = Vec::new();
    for logged in campus.kaltura.log().all() {
        let hit = hits.entry(logged.call.clone()).or_default();
        *hit += 1;
        let mut faults = vec![Fault::exception("SERVICE_FORBIDDEN")];
        if !logged.target.contains("multirequest") || logged.call == "multirequest" {
            faults.extend([Fault::answer(503, "busy"), Fault::LostAnswer]);
        }
        cases.extend(faults.into_iter().map(|fault| (logged.call.clone(), *hit, fault)));
    }
    cases
}

fn ends_well_after((call, hit, fault): &(String, usize, Fault)) {
    let campus = one_lecture();
    campus.kaltura.faults().queue(call, *hit, fault.clone());
    let run = campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], &["reassign", ADA, EVE]);
    assert!([0, 1, 3, 4, 5].contains(&run.exit), "{call} {hit} {fault:?}: {} {}", run.exit, run.err);
    let run = campus.run(&["reassign", ADA, EVE]);
    assert_eq!(run.exit, 0, "{call} {hit} {fault:?}: {}", run.err);
    assert_eq!(owners(&campus), after()[..2], "{call} {hit} {fault:?}");
    let verify = campus.run(&["verify", "--days", "3"]);
    assert_eq!(verify.exit, 0, "{call} {hit} {fault:?}: {}", verify.out);
}

#[test]
fn next_run_ends_any_failure() {
    let (cases, next) = (cases(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    ends_well_after(case);
                }
            });
        }
    });
    let _ = writeln!(std::io::stderr(), "{} faults", cases.len());
}

#[test]
fn segment_being_purged_is_left_alone() {
    let campus = campus();
    let orphan = entry(&campus, "Lecture 81000000004").id;
    campus.kaltura.faults().queue("media.delete", 1, Fault::Stall(Duration::from_millis(900)));
    let report = std::thread::scope(|scope| {
        let purge = scope.spawn(|| campus.run(&["purge", "--older-than", "0s"]));
        campus.wait_for_call("media.delete", 1);
        // somebody gives it to Ada in the very moment
        campus.kaltura.set_owner(&orphan, ADA);
        let run = campus.run(&["reassign", ADA, EVE, "--format", "json"]);
        assert_eq!(purge.join().expect("a purge").exit, 0);
        run
    });
    assert_eq!(lines(&report)[2][1], "being_purged", "{}", report.out);
    assert_eq!(owners(&campus)[..3], after()[..3]);
}

#[test]
fn files_in_transfer_are_left() {
    let campus = campus();
    campus.zoom.add_meeting(lecture("fresh==", 81_000_000_005, "ada", 1));
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Reset);
    let impatient = [("ZOOM2KALTURA_HTTP_RETRIES", "0"), ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")];
    campus.run_with(&impatient, &["sync"]);
    let run = campus.run(&["reassign", ADA, EVE, "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert_eq!(lines(&run)[2], json!(["keep", "in_transfer", null, ADA]));
    campus.sync_until_done();
    assert_eq!(campus.run(&["reassign", ADA, EVE]).exit, 0);
    let mut expected = after();
    expected.push(("5".to_owned(), EVE.to_owned()));
    stays_so(&campus, &expected);
}
