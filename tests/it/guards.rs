//! Guards of what is deleted or given away, each seen from outside: what they hold back does not happen.

use serde_json::json;
use standin::fault::Fault;
use standin::kaltura::Seed;
use standin::setup::HOLDING_USER;
use standin::zoom::{Group, User};

use crate::campus::{Campus, lecture};

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
fn purge_needs_enough_owned_copies() {
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
        let left = campus.owners().iter().filter(|owner| *owner == HOLDING_USER).count();
        assert_eq!(left == 0, !is_held, "{orphans} {owned}");
    }
}

#[test]
fn unreadable_group_stops_hand_over() {
    let campus = orphaned(true);
    campus.zoom.set_group(Group::new("g1", "Counselling").member("ada", "ada@uni.example"));
    let settings = [("ZOOM2KALTURA_FILTER_OPT_OUT_GROUPS", "Counselling"), ("ZOOM2KALTURA_HTTP_RETRIES", "0")];
    for args in [&["sync"][..], &["purge", "--older-than", "0s"]] {
        campus.zoom.faults().queue("GET /groups", 1, Fault::answer(500, "busy"));
        let run = campus.run_with(&settings, args);
        assert_eq!(campus.owners(), [HOLDING_USER], "{args:?} {} {}", run.exit, run.err);
    }
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    assert_eq!(campus.owners(), ["guest@elsewhere.example"]);
}

#[test]
fn claimed_orphan_is_not_handed_over() {
    let campus = orphaned(true);
    let ledger = campus.ledger();
    let claimed = ledger.execute("UPDATE recordings SET claim = 'purging'", []).expect("a claim");
    assert_eq!(claimed, 1);
    let report = campus.run(&["sync", "--format", "json"]).report();
    assert_eq!(report["items"][0]["reason"], json!("being_purged"), "{report:#}");
    assert_eq!(campus.owners(), [HOLDING_USER]);
}

#[test]
fn newly_blocked_account_gets_no_orphan() {
    let campus = orphaned(true);
    let planned = campus.count_dry_calls(&["sync"], "multirequest");
    let run = campus.run_beside(&["sync"], ("multirequest", planned + 1), || {
        campus.kaltura.block_user("guest@elsewhere.example");
    });
    assert_eq!(campus.owners(), [HOLDING_USER], "{} {}", run.exit, run.err);
}

#[test]
fn orphan_taken_up_meanwhile_is_kept() {
    let campus = orphaned(false);
    campus.lose_ledger();
    campus.run(&["sync", "--dry-run"]);
    let purge = ["purge", "--older-than", "0s", "--format", "json"];
    let planned = campus.count_dry_calls(&purge, "multirequest");
    let run = campus.run_beside(&purge, ("multirequest", planned), || {
        assert_eq!(campus.run(&["sync"]).exit, 0);
    });
    let item = run.report()["items"][0].clone();
    assert_eq!((&item["action"], &item["reason"]), (&json!("keep"), &json!("not_in_ledger")), "{item} {}", run.err);
    assert_eq!(campus.owners(), [HOLDING_USER]);
}

#[test]
fn address_from_index_leads_to_nobody() {
    let campus = Campus::new();
    campus.zoom.add_user(User::new("carol", "carol@uni.example"));
    campus.kaltura.add_user("c1", "somebody.else@uni.example");
    campus.zoom.add_meeting(lecture("carol==", 81_000_000_003, "carol", 5));
    let list = r#"[{"objectType":"KalturaUserListResponse","totalCount":1,"objects":[
        {"objectType":"KalturaUser","id":"c1","status":1,"type":0,"email":"carol@uni.example"}]}]"#;
    campus.kaltura.faults().queue("multirequest of user.list", 1, Fault::json(200, list));
    campus.run(&["sync"]);
    assert_eq!(campus.owners(), [HOLDING_USER]);
}

#[test]
fn orphan_with_unlistable_children_stays() {
    let campus = orphaned(false);
    let parent = campus.kaltura.entries()[0].clone();
    for number in 0..501 {
        campus.kaltura.add_entry(&Seed {
            parent_entry_id: parent.id.clone(),
            user_id: HOLDING_USER.to_owned(),
            admin_tags: campus.tags(true),
            reference_id: format!("{}#{number}", parent.reference_id),
            ..Seed::default()
        });
    }
    campus.run(&["purge", "--older-than", "0s"]);
    assert_eq!(campus.kaltura.entry(&parent.id).map(|entry| entry.status), Some(2));
}
