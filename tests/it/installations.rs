//! Several installations on one partner, a ledger on another machine, and what counts as an orphan.

use std::fs;
use std::path::Path;
use std::time::Duration;

use standin::kaltura::{Entry, Seed};
use standin::setup::{HOLDING_USER, Setup};
use standin::zoom::User;

use crate::campus::{Campus, Run, lecture, states};

const PURGE: [&str; 5] = ["purge", "--older-than", "0s", "--format", "json"];
const GUEST: &str = "guest@elsewhere.example";

fn sync(campus: &Campus, setup: &Setup, more: &[&str]) -> Run {
    campus.run_in(setup, &[], &[&["sync", "--format", "json"], more].concat())
}

/// An entry of the lecture of Ada as another installation, which is at work on it, made it.
fn begun_by_another(campus: &Campus, status: i32) -> String {
    let listed = campus.run(&["sync", "--dry-run", "--format", "json"]).report();
    let items = listed["items"].as_array().expect("items");
    let item = items.iter().find(|item| item["meeting_uuid"] == "ada==").expect("the lecture of Ada");
    let start = item["recording_start"].as_str().expect("a start");
    campus.kaltura.add_entry(&Seed {
        name: "Lecture".to_owned(),
        user_id: "ada@uni.example".to_owned(),
        reference_id: format!("Zoom_ada=={start}"),
        admin_tags: campus.tags_of("0000bbbb", false),
        status,
        bytes: 0,
        ms_duration: 0,
        ..Seed::default()
    })
}

#[test]
fn lost_ledger_in_place_still_purges() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    let tags = campus.tags(true);
    campus.lose_ledger();
    campus.sync_until_done();
    assert_eq!(campus.tags(true), tags, "the same installation");
    let run = campus.run(&PURGE);
    assert_eq!((run.exit, campus.kaltura.alive().len()), (0, 1), "{}{}", run.out, run.err);
}

#[test]
fn foreign_copy_counts_and_stays() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    campus.lose_ledger();
    let other = [("ZOOM2KALTURA_INSTALLATION", "0000bbbb")];
    let run = campus.run_with(&other, &PURGE);
    assert_eq!((run.reasons(), campus.kaltura.alive().len()), (vec!["another_installation".to_owned()], 2));
    let run = campus.run_with(&other, &["sync", "--format", "json"]);
    assert_eq!(run.reasons(), ["another_installation", "another_installation"]);
    assert_eq!((campus.run_with(&other, &PURGE).exit, campus.kaltura.alive().len()), (0, 2));
}

#[test]
fn second_installation_changes_nothing() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    let other = campus.beside();
    campus.kaltura.add_user(GUEST, "");
    campus.kaltura.add_user("new@uni.example", "");
    let before = states(&campus.kaltura);
    for args in [
        &["sync"][..],
        &["sync", "--take-over", "0000dddd"],
        &["purge", "--older-than", "0s"],
        &["reassign", "ada@uni.example", "new@uni.example"],
        &["backfill", "--from", "2020-01-01", "--to", "2030-01-01"],
        &["sync"],
    ] {
        let run = campus.run_in(&other, &[], args);
        assert_eq!((run.exit, states(&campus.kaltura)), (0, before.clone()), "{args:?} {}", run.err);
    }
    // the first one goes on as before
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(campus.kaltura.alive().iter().filter(|entry| entry.user_id == GUEST).count(), 1);
}

#[test]
fn two_at_once_delete_nothing() {
    let campus = Campus::with_two_recordings();
    let other = campus.beside();
    std::thread::scope(|scope| {
        for setup in [&campus.setup, &other] {
            let campus = &campus;
            scope.spawn(move || {
                for _ in 0..5 {
                    for args in [&["sync"][..], &["purge"]] {
                        let run = campus.run_in(setup, &[], args);
                        assert_eq!(run.exit, 0, "{args:?} {}", run.err);
                    }
                }
            });
        }
    });
    let entries = campus.kaltura.entries();
    let gone: Vec<_> = entries.iter().filter(|entry| entry.status == 3).collect();
    assert!(gone.is_empty() && entries.len() >= 2, "{gone:?}");
}

#[test]
fn foreign_upload_gets_seven_days() {
    // status, days since it was changed, what becomes of it and of the recording
    let cases =
        [(7, 0, false), (7, 6, false), (0, 6, false), (-1, 6, false), (7, 8, true), (0, 8, true), (-1, 8, true)];
    for (status, days, is_made_here) in cases {
        let campus = Campus::with_two_recordings();
        let entry = begun_by_another(&campus, status);
        campus.kaltura.age_entry(&entry, Duration::from_secs(days * 86_400));
        let run = campus.run(&["sync", "--format", "json"]);
        let waits = run.reasons().contains(&"another_installation".to_owned());
        let is_gone = campus.kaltura.entry(&entry).is_none_or(|entry| entry.status == 3);
        assert_eq!((run.exit, waits, is_gone), (0, !is_made_here, is_made_here), "{status} {days} {}", run.out);
        let copies = campus.kaltura.alive().iter().filter(|entry| entry.user_id == "ada@uni.example").count();
        assert_eq!(copies, 1, "{status} {days}");
    }
}

#[test]
fn takes_over_what_is_asked_for() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    let (other, first) = (campus.beside(), campus.tags(true));
    let first = first.split(',').nth(1).and_then(|tag| tag.rsplit('-').next()).expect("an id").to_owned();
    for whom in [&["--take-over"][..], &["--take-over", &first]] {
        let before = (campus.kaltura.fingerprint(), other.state().exists());
        let dry = sync(&campus, &other, &[whom, &["--dry-run"]].concat());
        assert_eq!((dry.exit, dry.reasons()), (0, vec!["copied_before".to_owned(); 2]), "{}", dry.err);
        assert!(dry.err.contains("takes over 2 entries"), "{}", dry.err);
        assert_eq!((campus.kaltura.fingerprint(), other.state().exists()), before);
    }
    let run = sync(&campus, &other, &["--take-over"]);
    assert_eq!((run.exit, run.reasons()), (0, vec!["copied_before".to_owned(); 2]), "{}", run.err);
    let tags = |entry: &Entry| entry.admin_tags.clone();
    assert!(campus.kaltura.alive().iter().all(|entry| !tags(entry).contains(&first)));
    assert_eq!(campus.kaltura.alive().iter().filter(|entry| tags(entry).contains("zoom2kaltura-orphan")).count(), 1);
    // whose it was lets it lie
    assert_eq!((campus.run(&PURGE).exit, campus.kaltura.alive().len()), (0, 2));
    assert_eq!(campus.run(&["status"]).exit, 0);
    let again = sync(&campus, &other, &[]);
    assert_eq!((again.exit, campus.kaltura.alive().len()), (0, 2), "{}", again.err);
    assert_eq!((campus.run_in(&other, &[], &PURGE).exit, campus.kaltura.alive().len()), (0, 1));
}

#[test]
fn taken_over_upload_restarts_at_once() {
    for status in [7, 0, -1] {
        let campus = Campus::with_two_recordings();
        let entry = begun_by_another(&campus, status);
        let run = campus.run(&["sync", "--take-over", "0000bbbb"]);
        assert_eq!(run.exit, 0, "{}", run.err);
        assert!(campus.kaltura.entry(&entry).is_none_or(|entry| entry.status == 3));
        let copies: Vec<Entry> =
            campus.kaltura.alive().into_iter().filter(|entry| entry.user_id == "ada@uni.example").collect();
        assert_eq!((copies.len(), copies[0].admin_tags.clone()), (1, campus.tags(false)));
    }
}

#[test]
fn lost_tags_fail_take_over() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    let (other, before) = (campus.beside(), states(&campus.kaltura));
    campus.kaltura.drop_field("adminTags", 100);
    let run = sync(&campus, &other, &["--take-over"]);
    campus.kaltura.keep_fields();
    assert!(run.exit == 4 && run.err.contains("adminTags"), "{} {}", run.exit, run.err);
    assert_eq!(states(&campus.kaltura), before);
    assert_eq!((campus.run_in(&other, &[], &PURGE).exit, campus.kaltura.alive().len()), (0, 2));
}

/// What is done under the lock before the plan belongs to the run's report.
#[test]
fn one_entry_not_taken_over_is_reported() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    let (other, before) = (campus.beside(), states(&campus.kaltura));
    campus.kaltura.drop_field("adminTags", 1);
    let run = sync(&campus, &other, &["--take-over"]);
    assert!(run.exit == 3 && run.err.contains("adminTags"), "{} {}", run.exit, run.err);
    let taken = before.iter().zip(states(&campus.kaltura)).filter(|(before, now)| *before != now).count();
    assert_eq!(taken, 1, "{}", run.err);
}

#[test]
fn moved_ledger_waits_for_take_over() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    fs::write(campus.setup.machine_id(), "another").expect("another machine");
    let run = campus.run(&["sync"]);
    assert!(run.exit == 6 && run.err.contains("--take-over"), "{}", run.err);
    assert_eq!((campus.run(&PURGE).exit, campus.kaltura.alive().len()), (6, 2));
    assert_eq!(campus.run(&["sync", "--take-over", "--dry-run"]).exit, 0);
    assert_eq!(campus.run(&["sync"]).exit, 6, "a dry run takes nothing over");
    assert_eq!(campus.run(&["sync", "--take-over"]).exit, 0);
    assert_eq!((campus.run(&PURGE).exit, campus.kaltura.alive().len()), (0, 1));
}

#[test]
fn copied_ledger_waits_for_take_over() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    let other = campus.beside();
    fs::create_dir_all(other.state()).expect("a state folder");
    for (path, content) in campus.state() {
        fs::write(other.state().join(Path::new(&path).file_name().expect("a name")), content).expect("a copy");
    }
    let before = states(&campus.kaltura);
    assert_eq!((sync(&campus, &other, &[]).exit, states(&campus.kaltura)), (6, before.clone()));
    assert_eq!((campus.run_in(&other, &[], &PURGE).exit, states(&campus.kaltura)), (6, before));
    assert_eq!(sync(&campus, &other, &["--take-over"]).exit, 0);
    assert_eq!((campus.run_in(&other, &[], &PURGE).exit, campus.kaltura.alive().len()), (0, 1));
}

/// The ledger and the entries as a version left them that knew of no installations.
fn make_old(campus: &Campus) {
    for entry in campus.kaltura.entries() {
        campus.kaltura.set_admin_tags(&entry.id, "zoom2kaltura");
    }
    let ledger = campus.ledger();
    let sql = "
        DELETE FROM meta WHERE key IN ('installation', 'machine');
        UPDATE recordings SET untagged = 1 WHERE orphan";
    ledger.execute_batch(sql).expect("an old ledger");
}

#[test]
fn old_ledger_purges_its_own_orphans() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    make_old(&campus);
    // of this one no ledger knows, as after a lost one
    let stray = campus.kaltura.add_entry(&Seed {
        user_id: HOLDING_USER.to_owned(),
        reference_id: "Zoom_stray==2026-11-20T09:00:00Z".to_owned(),
        admin_tags: "zoom2kaltura".to_owned(),
        age: Duration::from_secs(3 * 86_400),
        ..Seed::default()
    });
    let run = campus.run(&PURGE);
    assert!(run.exit == 0 && run.reasons().contains(&"no_orphan_mark".to_owned()), "{}{}", run.out, run.err);
    let ids: Vec<String> = campus.kaltura.alive().into_iter().map(|entry| entry.id).collect();
    assert!(ids.len() == 2 && ids.contains(&stray), "{ids:?}");
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert!(campus.tags(false).contains("zoom2kaltura-by-"), "the ledger knows whose it is");
}

#[test]
fn old_orphan_is_handed_over_whole() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    make_old(&campus);
    campus.kaltura.add_user(GUEST, "");
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert!(campus.kaltura.alive().iter().all(|entry| entry.user_id != HOLDING_USER));
}

#[test]
fn other_zoom_accounts_are_left_alone() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    let theirs = campus.kaltura.add_entry(&Seed {
        user_id: HOLDING_USER.to_owned(),
        reference_id: "Zoom_theirs==2026-11-20T09:00:00Z".to_owned(),
        admin_tags: "zoom2kaltura,zoom2kaltura-by-ffffffff-0000bbbb,zoom2kaltura-orphan".to_owned(),
        age: Duration::from_secs(9 * 86_400),
        status: 7,
        ..Seed::default()
    });
    let run = campus.run(&PURGE);
    assert_eq!((run.exit, run.report()["items"].as_array().map(Vec::len)), (0, Some(1)), "{}", run.out);
    assert_eq!(campus.run(&["sync", "--take-over"]).exit, 0);
    let entry = campus.kaltura.entry(&theirs).expect("their entry");
    assert!(entry.status == 7 && entry.admin_tags.contains("ffffffff"), "{entry:?}");
    let check = campus.run(&["check"]);
    assert!(check.out.contains("other installations: none"), "{}", check.out);
}

#[test]
fn returned_orphan_is_one_again() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    let orphans =
        |campus: &Campus| campus.run(&["status", "--format", "json"]).report()["orphans"].as_array().map(Vec::len);
    let all = campus.kaltura.alive();
    let orphan = &all.iter().find(|entry| entry.user_id == HOLDING_USER).expect("an orphan").id;
    campus.kaltura.set_owner(orphan, "ada@uni.example");
    assert_eq!((campus.run(&PURGE).exit, campus.kaltura.alive().len(), orphans(&campus)), (0, 2, Some(0)));
    campus.kaltura.set_owner(orphan, HOLDING_USER);
    assert_eq!((campus.run(&PURGE).exit, campus.kaltura.alive().len(), orphans(&campus)), (0, 2, Some(1)));
    assert_eq!((campus.run(&PURGE).exit, campus.kaltura.alive().len()), (0, 1));
}

#[test]
fn kept_mark_fails_hand_over() {
    for args in [&["sync"][..], &PURGE] {
        let campus = Campus::with_two_recordings();
        campus.sync_until_done();
        campus.kaltura.add_user(GUEST, "");
        campus.kaltura.drop_field("adminTags", 1);
        let run = campus.run(args);
        assert!(run.exit == 3, "{args:?} {} {}", run.exit, run.err);
        let given = |campus: &Campus| campus.kaltura.alive().into_iter().find(|entry| entry.user_id == GUEST);
        assert!(given(&campus).expect("a copy of the guest").admin_tags.contains("orphan"));
        campus.kaltura.keep_fields();
        campus.setup.forget_hosts();
        let run = campus.run_with(&[("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")], &["sync"]);
        assert_eq!((run.exit, campus.kaltura.alive().len()), (0, 2), "{args:?} {}", run.err);
        assert_eq!(given(&campus).expect("a copy of the guest").admin_tags, campus.tags(false), "{args:?}");
        assert_eq!((campus.run(&PURGE).exit, campus.kaltura.alive().len()), (0, 2));
    }
}

#[test]
fn matched_holding_user_keeps_no_orphans() {
    let aliases = "guest2@uni.example,Zoom-Orphans\n";
    let cases: [(&str, &[(&str, &str)]); 2] = [
        ("line 1 of owner.aliases", &[]),
        (
            "rule {localpart}",
            &[("ZOOM2KALTURA_OWNER_CANDIDATES", "{email},{localpart}"), ("ZOOM2KALTURA_OWNER_DOMAINS", "uni.example")],
        ),
    ];
    for (said, settings) in cases {
        let campus = Campus::with_two_recordings();
        let file = campus.setup.path().join("aliases.csv");
        fs::write(&file, aliases).expect("aliases");
        let file = file.display().to_string();
        let mut settings = settings.to_vec();
        if settings.is_empty() {
            settings.push(("ZOOM2KALTURA_OWNER_ALIASES", &file));
        } else {
            campus.zoom.add_user(User::new("keeper", "zoom-orphans@uni.example"));
            campus.zoom.add_meeting(lecture("keeper==", 81_000_000_003, "keeper", 2));
        }
        let run = campus.run_with(&settings, &["sync", "--format", "json"]);
        assert!(run.exit == 6 && run.err.contains(said), "{} {}", run.exit, run.err);
        assert!(run.reasons().contains(&"no_holding_user".to_owned()), "{}", run.out);
        let owners: Vec<String> = campus.kaltura.alive().into_iter().map(|entry| entry.user_id).collect();
        assert_eq!(owners, ["ada@uni.example"], "{said}");
        if settings[0].0.ends_with("ALIASES") {
            let check = campus.run_with(&settings, &["check"]);
            assert!(check.exit == 7 && check.out.contains("FAIL holding user"), "{}", check.out);
        }
    }
}

#[test]
fn holding_user_is_never_an_owner() {
    let campus = Campus::new();
    campus.zoom.add_user(User::new("keeper", "zoom-orphans@uni.example"));
    campus.zoom.add_meeting(lecture("keeper==", 81_000_000_003, "keeper", 2));
    campus.sync_until_done();
    let rules = [("ZOOM2KALTURA_OWNER_CANDIDATES", "{localpart}"), ("ZOOM2KALTURA_OWNER_DOMAINS", "uni.example")];
    let before = states(&campus.kaltura);
    for args in [&["sync"][..], &PURGE] {
        let run = campus.run_with(&rules, args);
        assert_eq!(states(&campus.kaltura), before, "{args:?} {}{}", run.out, run.err);
    }
}

#[test]
fn check_warns_of_foreign_held_entries() {
    let campus = Campus::with_two_recordings();
    campus.kaltura.add_entry(&Seed { user_id: HOLDING_USER.to_owned(), ..Seed::default() });
    let check = campus.run(&["check"]);
    assert!(
        check.out.contains("warn holding user: zoom-orphans owns 1 entry not made by this program"),
        "{}",
        check.out
    );
}

#[test]
fn stopped_installation_raises_an_alarm() {
    for (days, is_alarm) in [(0, false), (3, true)] {
        let campus = Campus::with_two_recordings();
        let entry = begun_by_another(&campus, 7);
        campus.kaltura.age_entry(&entry, Duration::from_secs(days * 86_400));
        assert_eq!(campus.run(&["sync"]).exit, 0);
        let status = campus.run(&["status", "--format", "json"]).report();
        let other = &status["other_installations"][0];
        assert_eq!(
            (other["id"].as_str(), other["entry_id"].as_str(), other["open_uploads"].as_u64()),
            (Some("0000bbbb"), Some(entry.as_str()), Some(1)),
            "{status}"
        );
        assert_eq!(campus.run(&["status", "--alert"]).exit, if is_alarm { 7 } else { 0 });
        let text = campus.run(&["status"]).out;
        assert!(text.contains("another_installation") && text.contains("0000bbbb"), "{text}");
        let check = campus.run(&["check"]);
        let word = if is_alarm { "FAIL" } else { "warn" };
        assert!(check.out.contains(&format!("{word} other installations: 0000bbbb")), "{}", check.out);
        let verify = campus.run(&["verify", "--days", "1"]);
        assert!(verify.err.contains("0000bbbb"), "{}", verify.err);
        assert_eq!(verify.exit, if is_alarm { 7 } else { 0 }, "{}", verify.out);
    }
}

#[test]
fn machine_without_id_is_warned() {
    let campus = Campus::new();
    assert!(!campus.run(&["check"]).out.contains("has no id"));
    std::fs::write(campus.setup.path().join("machine-id"), "\n").expect("an empty id");
    let asked = campus.run(&["check"]);
    assert!(asked.out.contains("warn installation: this machine has no id"), "{}", asked.out);
    let given = campus.run_with(&[("ZOOM2KALTURA_INSTALLATION", "0123abcd")], &["check"]);
    assert!(!given.out.contains("has no id"), "{}", given.out);
}
