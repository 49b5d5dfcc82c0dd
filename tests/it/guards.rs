//! Guards of what is deleted or given away, each seen from outside: what they hold back does not happen.

use serde_json::json;

use crate::campus::{Campus, lecture};
use crate::standin::fault::Fault;
use crate::standin::setup::HOLDING_USER;
use crate::standin::zoom::Group;

fn owners(campus: &Campus) -> Vec<String> {
    let alive = campus.kaltura.entries().into_iter().filter(|entry| entry.status != 3);
    alive.map(|entry| entry.user_id).collect()
}

/// A guest's lecture, an orphan; with `account` the guest has an account by now.
fn orphaned(account: bool) -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 5));
    campus.sync_until_done();
    if account {
        campus.kaltura.add_user("guest@elsewhere.example", "guest@elsewhere.example");
    }
    campus
}

#[test]
fn few_copies_are_no_ground_for_a_purge_where_hardly_any_has_an_owner() {
    // orphans, copies with an owner, whether the purge is held back
    for (orphans, owned, is_held) in [(2, 0, false), (3, 0, true), (2, 2, false), (5, 2, true), (3, 3, false)] {
        let campus = Campus::new();
        for number in 0..orphans {
            campus.zoom.add_meeting(lecture(&format!("g{number}=="), 81_000_000_100 + number, "guest", 5));
        }
        for number in 0..owned {
            campus.zoom.add_meeting(lecture(&format!("a{number}=="), 81_000_000_200 + number, "ada", 5));
        }
        campus.sync_until_done();
        let run = campus.run(&["purge", "--older-than", "0s"]);
        let expected = if is_held { (6, true) } else { (0, false) };
        assert_eq!((run.exit, run.err.contains("have no owner")), expected, "{orphans} {owned}: {}", run.err);
        let left = owners(&campus).iter().filter(|owner| *owner == HOLDING_USER).count();
        assert_eq!(left == 0, !is_held, "{orphans} {owned}");
    }
}

#[test]
fn while_the_opt_out_group_cannot_be_read_nothing_is_handed_over() {
    let campus = orphaned(true);
    campus.zoom.set_group(Group::new("g1", "Counselling").member("ada", "ada@uni.example"));
    let settings = [("ZOOM2KALTURA_FILTER_OPT_OUT_GROUPS", "Counselling"), ("ZOOM2KALTURA_HTTP_RETRIES", "0")];
    for args in [&["sync"][..], &["purge", "--older-than", "0s"]] {
        campus.zoom.faults().queue("GET /groups", 1, Fault::answer(500, "busy"));
        let run = campus.run_with(&settings, args);
        assert_eq!(owners(&campus), [HOLDING_USER], "{args:?} {} {}", run.exit, run.err);
    }
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    assert_eq!(owners(&campus), ["guest@elsewhere.example"]);
}

#[test]
fn an_orphan_that_a_purge_has_claimed_is_not_handed_over_beside_it() {
    let campus = orphaned(true);
    let ledger = rusqlite::Connection::open(campus.setup.state().join("ledger.db")).expect("a ledger");
    let claimed = ledger.execute("UPDATE recordings SET claim = 'purging'", []).expect("a claim");
    assert_eq!(claimed, 1);
    let report = campus.run(&["sync", "--format", "json"]).report();
    assert_eq!(report["items"][0]["reason"], json!("being_purged"), "{report:#}");
    assert_eq!(owners(&campus), [HOLDING_USER]);
}
