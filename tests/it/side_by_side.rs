//! Several Zoom accounts or Kaltura partners: a configuration each, and none touches what is another's.

use std::fs;

use standin::kaltura::{Entry, Kaltura};
use standin::media::Media;
use standin::setup::{HOLDING_USER, Setup};
use standin::zoom::{User, Zoom};

use crate::campus::{Campus, hours_ago, lecture};

/// The holding user of the other configuration.
const OTHER: [(&str, &str); 1] = [("ZOOM2KALTURA_OWNER_HOLDING_USER", "medicine-orphans")];
const PURGE: [&str; 3] = ["purge", "--older-than", "0s"];

fn until_done(campus: &Campus, setup: &Setup, settings: &[(&str, &str)]) {
    for _ in 0..50 {
        let run = campus.run_in(setup, settings, &["sync", "--format", "json"]);
        assert_eq!(run.exit, 0, "{}", run.err);
        if !run.out.contains("\"sent\"") && !run.out.contains("in_conversion") {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("copies stay in conversion");
}

fn by_name(kaltura: &Kaltura) -> Vec<Entry> {
    let mut entries: Vec<Entry> = kaltura.alive();
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    entries
}

fn owners_by_name(kaltura: &Kaltura) -> Vec<String> {
    by_name(kaltura).into_iter().map(|entry| entry.user_id).collect()
}

/// A second Zoom account whose copies go to the same partner: a lecture of somebody known to Kaltura, and one of nobody.
fn medicine(kaltura: &Kaltura) -> (Zoom, Setup) {
    let zoom = Zoom::builder().account("zoom-account-2").client("zoom-client-2", "zoom-client-secret-2").start();
    zoom.add_user(User::new("mia", "mia@med.example"));
    zoom.add_user(User::new("visitor", "visitor@elsewhere.example"));
    kaltura.add_user("mia@med.example", "");
    kaltura.add_user("medicine-orphans", "");
    zoom.add_meeting(lecture("mia==", 82_000_000_001, "mia", 30).video("gallery_view", Media::mp4().salted(5)));
    zoom.add_meeting(lecture("visitor==", 82_000_000_002, "visitor", 30));
    let setup = Setup::in_memory(&zoom, kaltura, &hours_ago(72));
    (zoom, setup)
}

/// The first account, with a lecture of Ada's and one of nobody.
fn campus() -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 30));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 30));
    campus
}

#[test]
fn two_accounts_share_one_partner() {
    let campus = campus();
    let (_zoom, medicine) = medicine(&campus.kaltura);
    std::thread::scope(|scope| {
        scope.spawn(|| until_done(&campus, &medicine, &OTHER));
        campus.sync_until_done();
    });
    let all = ["ada@uni.example", HOLDING_USER, "mia@med.example", "mia@med.example", "medicine-orphans"];
    assert_eq!(owners_by_name(&campus.kaltura), all);
    for (setup, settings) in [(&campus.setup, &[][..]), (&medicine, &OTHER)] {
        let verify = campus.run_in(setup, settings, &["verify", "--days", "3"]);
        assert_eq!(verify.exit, 0, "{}", verify.out);
        assert!(verify.out.starts_with("Zoom, the ledger and Kaltura agree: 2 recordings"), "{}", verify.out);
    }
    assert_eq!(campus.run(&PURGE).exit, 0);
    assert_eq!(
        owners_by_name(&campus.kaltura),
        ["ada@uni.example", "mia@med.example", "mia@med.example", "medicine-orphans"]
    );
    assert_eq!(campus.run_in(&medicine, &OTHER, &PURGE).exit, 0);
    assert_eq!(owners_by_name(&campus.kaltura), ["ada@uni.example", "mia@med.example", "mia@med.example"]);
    for (setup, settings) in [(&campus.setup, &[][..]), (&medicine, &OTHER)] {
        until_done(&campus, setup, settings);
    }
    assert_eq!(owners_by_name(&campus.kaltura), ["ada@uni.example", "mia@med.example", "mia@med.example"]);
}

#[test]
fn lost_ledger_recovers_only_its_own() {
    let campus = campus();
    let (_zoom, medicine) = medicine(&campus.kaltura);
    campus.sync_until_done();
    until_done(&campus, &medicine, &OTHER);
    let before: Vec<Entry> = by_name(&campus.kaltura);
    campus.lose_ledger();
    // without a ledger a purge goes by what lies with its own holding user
    let dry = campus.run(&[&PURGE[..], &["--dry-run", "--format", "json"]].concat());
    assert_eq!(dry.report()["items"].as_array().map(Vec::len), Some(1), "{}", dry.out);
    campus.sync_until_done();
    let report = campus.run(&["sync", "--format", "json"]).report();
    let known: Vec<_> =
        report["items"].as_array().expect("items").iter().map(|item| item["meeting_uuid"].clone()).collect();
    assert!(!known.iter().any(|uuid| uuid == "mia==" || uuid == "visitor=="), "{known:?}");
    assert_eq!(format!("{:?}", by_name(&campus.kaltura)), format!("{before:?}"));
    campus.setup.age_confirmations(chrono::TimeDelta::days(2));
    assert_eq!(campus.run(&PURGE).exit, 0);
    assert_eq!(
        owners_by_name(&campus.kaltura),
        ["ada@uni.example", "mia@med.example", "mia@med.example", "medicine-orphans"]
    );
    // and what the other handed on by hand is not theirs to give back
    assert_eq!(campus.run_in(&medicine, &OTHER, &["reassign", "mia@med.example", "ada@uni.example"]).exit, 0);
    campus.sync_until_done();
    until_done(&campus, &medicine, &OTHER);
    assert_eq!(
        owners_by_name(&campus.kaltura),
        ["ada@uni.example", "ada@uni.example", "ada@uni.example", "medicine-orphans"]
    );
}

#[test]
fn two_partners_share_one_account() {
    let campus = campus();
    campus.zoom.add_user(User::new("mia", "mia@med.example"));
    campus.zoom.add_meeting(lecture("mia==", 81_000_000_003, "mia", 29));
    let other = Kaltura::start();
    other.add_user("mia@med.example", "");
    other.add_user(HOLDING_USER, "");
    let medicine = Setup::in_memory(&campus.zoom, &other, &hours_ago(72));
    let list = medicine.path().join("medicine.txt");
    fs::write(&list, "mia@med.example\n").expect("a list");
    let list = list.display().to_string();
    let (with, without) =
        ([("ZOOM2KALTURA_FILTER_OPT_IN", list.as_str())], [("ZOOM2KALTURA_FILTER_OPT_OUT", list.as_str())]);
    std::thread::scope(|scope| {
        scope.spawn(|| until_done(&campus, &medicine, &with));
        campus.sync_until_done_with(&without);
    });
    assert_eq!(owners_by_name(&campus.kaltura), ["ada@uni.example", HOLDING_USER]);
    assert_eq!(owners_by_name(&other), ["mia@med.example"]);
    assert_eq!(campus.run_with(&without, &PURGE).exit, 0);
    assert_eq!(campus.run_in(&medicine, &with, &PURGE).exit, 0);
    for _ in 0..2 {
        campus.sync_until_done_with(&without);
        until_done(&campus, &medicine, &with);
    }
    assert_eq!(
        (owners_by_name(&campus.kaltura), owners_by_name(&other)),
        (vec!["ada@uni.example".to_owned()], vec!["mia@med.example".to_owned()])
    );
    assert_eq!(other.refusals(), Vec::<String>::new());
}

#[test]
fn state_folder_of_another_is_refused() {
    let campus = campus();
    campus.sync_until_done();
    let (zoom, medicine) = medicine(&campus.kaltura);
    let other_partner = Kaltura::start();
    other_partner.add_user(HOLDING_USER, "");
    let shared = campus.setup.state().display().to_string();
    let settings = [OTHER[0], ("ZOOM2KALTURA_STATE_DIR", shared.as_str())];
    let other_kaltura = Setup::in_memory(&campus.zoom, &other_partner, &hours_ago(72));
    let state = campus.state();
    for (setup, said) in [(&medicine, "Zoom account"), (&other_kaltura, "Kaltura at")] {
        for args in [&["sync"][..], &["sync", "--dry-run"], &PURGE, &["status"], &["reassign", "a", "b"]] {
            let run = campus.run_in(setup, &settings, args);
            assert_eq!((run.exit, run.err.lines().count()), (2, 1), "{args:?}: {}", run.err);
            assert!(run.err.contains(said), "{}", run.err);
        }
    }
    assert_eq!(campus.state(), state);
    assert!(zoom.log().calls().iter().all(|call| !call.contains("recordings")), "{:?}", zoom.log().calls());
}
