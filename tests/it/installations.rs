//! Several installations on one partner, a ledger on another machine, and what counts as an orphan.

use std::fs;

use crate::campus::Campus;
use crate::standin::kaltura::Kaltura;

const PURGE: [&str; 5] = ["purge", "--older-than", "0s", "--format", "json"];

fn left(kaltura: &Kaltura) -> usize {
    kaltura.entries().iter().filter(|entry| entry.status != 3).count()
}

fn reasons(report: &serde_json::Value) -> Vec<String> {
    let items = report["items"].as_array().expect("items");
    items.iter().filter_map(|item| item["reason"].as_str().map(str::to_owned)).collect()
}

#[test]
fn a_lost_ledger_in_its_old_place_goes_on_and_purges() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    fs::remove_dir_all(campus.setup.state()).expect("the ledger is lost");
    campus.sync_until_done();
    let run = campus.run(&PURGE);
    assert_eq!((run.exit, left(&campus.kaltura)), (0, 1), "{}{}", run.out, run.err);
}

#[test]
fn what_another_installation_made_is_a_copy_and_is_not_purged() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    fs::remove_dir_all(campus.setup.state()).expect("no ledger");
    let other = [("ZOOM2KALTURA_INSTALLATION", "0000bbbb")];
    let run = campus.run_with(&other, &PURGE);
    assert_eq!((reasons(&run.report()), left(&campus.kaltura)), (vec!["another_installation".to_owned()], 2));
    let report = campus.run_with(&other, &["sync", "--format", "json"]).report();
    assert_eq!(reasons(&report), ["another_installation", "another_installation"]);
    assert_eq!((campus.run_with(&other, &PURGE).exit, left(&campus.kaltura)), (0, 2));
}

#[test]
fn a_ledger_from_another_machine_copies_and_purges_nothing_until_it_is_taken_over() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    fs::write(campus.setup.machine_id(), "another").expect("another machine");
    let run = campus.run(&["sync"]);
    assert!(run.exit == 6 && run.err.contains("--take-over"), "{}", run.err);
    assert_eq!((campus.run(&PURGE).exit, left(&campus.kaltura)), (6, 2));
    assert_eq!(campus.run(&["sync", "--take-over"]).exit, 0);
    assert_eq!((campus.run(&PURGE).exit, left(&campus.kaltura)), (0, 1));
}
