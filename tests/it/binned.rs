//! What people put into Kaltura's recycle bin counts as deleted until they restore it, and as ours from then on.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use standin::fault::Fault;
use standin::kaltura::{Entry, Kaltura};
use standin::media::Media;
use standin::setup::HOLDING_USER;
use standin::zoom::Zoom;

use crate::campus::{Campus, lecture};

const PURGE: [&str; 5] = ["purge", "--older-than", "0s", "--format", "json"];

/// Ada's lecture with a further view, copied whole; the guest's, an orphan.
fn campus() -> Campus {
    let campus = Campus::of(Zoom::start(), Kaltura::builder().recycle_bin().start());
    let view = Media::mp4().salted(7);
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).video("gallery_view", view));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 5));
    campus.sync_until_done();
    campus
}

fn entry(campus: &Campus, owner: &str) -> Entry {
    let is_it = |entry: &Entry| entry.user_id == owner && entry.parent_entry_id.is_empty();
    campus.kaltura.entries().into_iter().find(is_it).expect("a copy")
}

fn item(campus: &Campus, args: &[&str], uuid: &str) -> Value {
    let run = campus.run(args);
    assert_eq!(run.exit, 0, "{}", run.err);
    let items = run.items();
    items.into_iter().find(|item| item["meeting_uuid"] == uuid).unwrap_or(Value::Null)
}

const SYNC: [&str; 3] = ["sync", "--format", "json"];

#[test]
fn never_recopied_and_ours_once_restored() {
    for owner in ["ada@uni.example", HOLDING_USER] {
        let uuid = if owner == HOLDING_USER { "guest==" } else { "ada==" };
        let campus = campus();
        let before = campus.kaltura.alive().len();
        let id = entry(&campus, owner).id;
        campus.kaltura.recycle_entry(&id);
        campus.sync_until_done();
        assert_eq!(campus.kaltura.alive().len(), before, "with its ledger");
        for lost in 1..=2 {
            campus.lose_ledger();
            let item = item(&campus, &SYNC, uuid);
            assert_eq!((&item["action"], &item["reason"]), (&json!("skip"), &json!("deleted_in_kaltura")), "{lost}");
            campus.sync_until_done();
            assert_eq!(campus.kaltura.alive().len(), before, "{lost}");
        }
        campus.kaltura.restore_entry(&id);
        campus.sync_until_done();
        campus.lose_ledger();
        campus.sync_until_done();
        campus.lose_ledger();
        let item = item(&campus, &SYNC, uuid);
        assert_eq!((&item["entry_id"], &item["owner"]), (&json!(id), &json!(owner)), "{item}");
        campus.sync_until_done();
        assert_eq!(campus.kaltura.alive().len(), before, "restored");
        campus.each_video_is_in_kaltura_once();
    }
}

#[test]
fn purge_skips_it_until_restored() {
    for host_comes in [false, true] {
        let campus = campus();
        let id = entry(&campus, HOLDING_USER).id;
        campus.kaltura.recycle_entry(&id);
        for _ in 0..2 {
            let item = item(&campus, &PURGE, "guest==");
            assert_eq!((&item["action"], &item["reason"]), (&json!("keep"), &json!("deleted_in_kaltura")), "{item}");
        }
        if host_comes {
            campus.kaltura.add_user("guest@elsewhere.example", "");
            let item = item(&campus, &SYNC, "guest==");
            assert_eq!(item["reason"], "deleted_in_kaltura", "{item}");
        }
        assert_ne!(campus.kaltura.entry(&id).expect("in the bin").status, 3);
        campus.kaltura.restore_entry(&id);
        if host_comes {
            campus.sync_until_done();
            assert_eq!(campus.kaltura.entry(&id).expect("restored").user_id, "guest@elsewhere.example");
        } else {
            let item = item(&campus, &PURGE, "guest==");
            assert_eq!((&item["action"], &item["result"]), (&json!("delete"), &json!("done")), "{item}");
            assert_eq!(campus.kaltura.entry(&id).expect("deleted").status, 3);
        }
    }
}

#[test]
fn entry_never_ready_is_not_recopied() {
    let kaltura = Kaltura::builder().recycle_bin().ready_after(Duration::from_secs(600)).start();
    let campus = Campus::of(Zoom::start(), kaltura);
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    assert_eq!(campus.run(&["sync"]).exit, 0);
    campus.kaltura.recycle_entry(&entry(&campus, "ada@uni.example").id);
    campus.lose_ledger();
    let item = item(&campus, &SYNC, "ada==");
    assert_eq!(item["reason"], "deleted_in_kaltura", "{item}");
    assert_eq!(campus.kaltura.alive().len(), 1);
}

#[test]
fn binned_parent_keeps_views_in_zoom() {
    let zoom = Zoom::builder().with_scope("cloud_recording:delete:recording_file:admin").start();
    let campus = Campus::of(zoom, Kaltura::builder().recycle_bin().start());
    let view = Media::mp4().salted(7);
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).video("gallery_view", view));
    campus.sync_until_done();
    campus.setup.age_confirmations(TimeDelta::days(8));
    let trash = [("ZOOM2KALTURA_ZOOM_TRASH_AFTER", "7d")];
    let no = Fault::zoom_error(400, 300, "Request data failed.");
    campus.zoom.faults().queue("DELETE /meetings/{}/recordings/{}", 2, no);
    campus.run_with(&trash, &["sync"]);
    assert_eq!(campus.zoom.trash().len(), 1, "the view stayed");
    let parent = entry(&campus, "ada@uni.example").id;
    campus.kaltura.recycle_entry(&parent);
    let due = || {
        campus.setup.age_trash(TimeDelta::days(2));
        campus.run_with(&trash, &["sync"]);
        campus.zoom.trash().len()
    };
    assert_eq!(due(), 1);
    campus.kaltura.restore_entry(&parent);
    assert_eq!(due(), 2);
}
