//! What Kaltura holds already is not copied again, not even after the ledger was lost.

use standin::kaltura::Seed;
use standin::media::Media;
use standin::zoom::Meeting;

use crate::campus::{Campus, hours_ago};

const UUID: &str = "marked==";

fn campus() -> (Campus, String) {
    let campus = Campus::new();
    let start = hours_ago(5);
    let meeting = Meeting::new(UUID, 81_000_000_001, "Marked").host("ada").starts(&start);
    campus.zoom.add_meeting(meeting.video("shared_screen", Media::mp4().salted(1)));
    let report = campus.run(&["sync", "--dry-run", "--format", "json"]).report();
    let recording_start = report["items"][0]["recording_start"].as_str().expect("a start").to_owned();
    (campus, format!("Zoom_{UUID}{recording_start}"))
}

fn reason(campus: &Campus) -> String {
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    run.report()["items"][0]["reason"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn connectors_copy_counts_as_one() {
    let (campus, mark) = campus();
    for reference_id in [mark, format!("Zoom_{UUID}")] {
        let id = campus.kaltura.add_entry(&Seed { reference_id, ..Seed::default() });
        assert_eq!(reason(&campus), "copied_by_another_tool");
        campus.kaltura.delete_entry(&id);
        campus.lose_ledger();
    }
    assert_eq!(campus.kaltura.log().count("uploadToken.add"), 0);
}

#[test]
fn mark_in_other_case_differs() {
    let (campus, mark) = campus();
    let seed = Seed { reference_id: mark.replace("marked", "MARKED"), ..Seed::default() };
    campus.kaltura.add_entry(&seed);
    assert_eq!(reason(&campus), "none");
    assert_eq!(campus.kaltura.entries().len(), 2);
}

#[test]
fn lost_ledger_copies_nothing_twice() {
    let (campus, _) = campus();
    campus.sync_until_done();
    campus.lose_ledger();
    assert_eq!(reason(&campus), "copied_before");
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn deleted_stays_deleted_without_ledger() {
    let (campus, _) = campus();
    campus.sync_until_done();
    campus.kaltura.delete_entry(&campus.kaltura.entries()[0].id);
    let uploads = campus.kaltura.log().count("uploadToken.upload");
    assert_eq!(campus.run(&["sync"]).exit, 0);
    campus.lose_ledger();
    assert_eq!(reason(&campus), "deleted_in_kaltura");
    assert_eq!(campus.kaltura.log().count("uploadToken.upload"), uploads);
}
