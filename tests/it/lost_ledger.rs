//! A ledger that is lost is no first run, and what people made of the copies that it knew stays as they left it.

use serde_json::{Value, json};
use standin::media::Media;
use standin::zoom::Meeting;

use crate::campus::{Campus, Run, hours_ago, lecture};

const ATTACHMENTS: [(&str, &str); 1] = [("ZOOM2KALTURA_COPY_ATTACHMENTS", "chat,summary,poll,timeline")];

/// A lecture with everything that is copied of one.
fn lecture_with_texts() -> Meeting {
    lecture("ada==", 81_000_000_001, "ada", 30)
        .video("gallery_view", Media::mp4().salted(7).padded_to(8_000))
        .transcript(Media::vtt())
        .closed_caption(Media::vtt())
        .chat(Media::chat())
        .summary("summary", Media::summary())
        .summary("summary_next_steps", Media::summary())
        .poll(Media::poll())
        .timeline()
}

fn campus_with_texts() -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture_with_texts());
    campus.sync_until_done_with(&ATTACHMENTS);
    campus
}

fn parent_id(campus: &Campus) -> String {
    campus.kaltura.alive().into_iter().find(|entry| entry.parent_entry_id.is_empty()).expect("an entry").id
}

/// What hangs on the entry, by what people see of it.
fn text_names(campus: &Campus) -> Vec<String> {
    let texts = campus.kaltura.texts_of(&parent_id(campus));
    let mut names: Vec<String> =
        texts.iter().map(|text| format!("{}{}", text.field("label"), text.field("title"))).collect();
    names.sort();
    names
}

fn delete_texts(campus: &Campus, named: &str) {
    for text in campus.kaltura.texts_of(&parent_id(campus)) {
        let (label, title) = (text.field("label").to_owned(), text.field("title").to_owned());
        let (service, name) = match label.as_str() {
            "" => ("attachment_attachmentAsset", "attachmentAssetId"),
            _ => ("caption_captionAsset", "captionAssetId"),
        };
        if format!("{label}{title}").contains(named) {
            campus.in_kmc(service, "delete", json!({ name: text.id }));
        }
    }
}

#[test]
fn texts_people_deleted_stay_deleted() {
    // all of them have the empty text in their name
    for what in ["", "none of them", "Chat", "Summary", "transcript"] {
        let campus = campus_with_texts();
        delete_texts(&campus, what);
        let left = text_names(&campus);
        campus.lose_ledger();
        let dry = campus.run_with(&ATTACHMENTS, &["sync", "--dry-run", "--format", "json"]).report();
        let run = campus.run_with(&ATTACHMENTS, &["sync", "--format", "json"]);
        assert_eq!(fates_of_texts(&dry), fates_of_texts(&run.report()), "{what}: the dry run says something else");
        campus.sync_until_done_with(&ATTACHMENTS);
        assert_eq!(text_names(&campus), left, "{what}");
        assert_eq!(run.exit, 0, "{what}: {}", run.err);
    }
}

/// What a report says of texts.
fn fates_of_texts(report: &Value) -> Vec<String> {
    let files = report["items"][0]["files"].as_array().expect("files").iter();
    let texts = files.filter(|file| !["MP4", "M4A"].contains(&file["type"].as_str().unwrap_or_default()));
    texts.map(|file| format!("{} {} {}", file["type"], file["action"], file["reason"])).collect()
}

#[test]
fn texts_stay_deleted_with_frozen_index() {
    let campus = Campus::new();
    campus.kaltura.freeze_index(true);
    campus.zoom.add_meeting(lecture_with_texts());
    campus.sync_until_done_with(&ATTACHMENTS);
    delete_texts(&campus, "");
    campus.lose_ledger();
    for _ in 0..3 {
        campus.run_with(&ATTACHMENTS, &["sync"]);
    }
    assert_eq!(text_names(&campus), Vec::<String>::new());
    assert_eq!(campus.kaltura.alive().len(), 2, "{:?}", campus.kaltura.alive());
}

#[test]
fn corrected_captions_stay_corrected() {
    let campus = campus_with_texts();
    let transcript = |campus: &Campus| {
        let texts = campus.kaltura.texts_of(&parent_id(campus));
        texts.into_iter().find(|text| text.field("label").contains("transcript") || text.field("label") == "Ours")
    };
    let id = transcript(&campus).expect("captions").id;
    let corrected = "WEBVTT\n\n00:00.000 --> 00:01.000\ncorrected by hand\n";
    let resource = json!({ "objectType": "KalturaStringResource", "content": corrected });
    campus.in_kmc("caption_captionAsset", "setContent", json!({ "id": id, "contentResource": resource }));
    for label in [None, Some("Ours")] {
        if let Some(label) = label {
            let asset = json!({ "objectType": "KalturaCaptionAsset", "label": label });
            campus.in_kmc("caption_captionAsset", "update", json!({ "id": id, "captionAsset": asset }));
        }
        let before = text_names(&campus);
        campus.lose_ledger();
        campus.sync_until_done_with(&ATTACHMENTS);
        assert_eq!(text_names(&campus), before, "{label:?}");
        assert_eq!(transcript(&campus).and_then(|text| text.content).as_deref(), Some(corrected), "{label:?}");
    }
}

/// One that people deleted comes again only by hand.
#[test]
fn only_later_texts_are_added() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 20).transcript(Media::vtt()));
    campus.sync_until_done_with(&ATTACHMENTS);
    delete_texts(&campus, "");
    campus.lose_ledger();
    campus.sync_until_done_with(&ATTACHMENTS);
    campus.zoom.change_meeting("ada==", |meeting| meeting.chat(Media::chat()));
    campus.sync_until_done_with(&ATTACHMENTS);
    assert_eq!(text_names(&campus), ["Chat (Zoom)"]);
    let day = &hours_ago(20)[..10];
    let run = campus.run_with(&ATTACHMENTS, &["backfill", "--from", day, "--to", day, "--recopy-purged"]);
    assert_eq!((run.exit, text_names(&campus).len()), (0, 2), "{}", run.err);
    assert_eq!(campus.kaltura.alive().len(), 1, "its entry is there, and is not copied again");
}

#[test]
fn text_owed_during_processing_is_added() {
    let campus = Campus::new();
    campus.kaltura.process_for(std::time::Duration::MAX);
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 30).transcript(Media::vtt()));
    campus.run_with(&[("ZOOM2KALTURA_COPY_CAPTIONS", "false")], &["sync"]);
    campus.lose_ledger();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(text_names(&campus), ["English (transcript)"]);
}

#[test]
fn view_with_new_id_is_recognized() {
    let (campus, start) = (Campus::new(), hours_ago(30));
    let views = |prefix: &str| {
        let best = lecture("ada==", 81_000_000_001, "ada", 30).starts(&start).with_id(&format!("{prefix}1"));
        let gallery = best.video("gallery_view", Media::mp4().salted(7).padded_to(8_000));
        let speaker =
            gallery.with_id(&format!("{prefix}2")).video("active_speaker", Media::mp4().salted(8).padded_to(9_000));
        speaker.with_id(&format!("{prefix}3"))
    };
    campus.zoom.add_meeting(views("a"));
    campus.sync_until_done();
    for prefix in ["b", "c"] {
        campus.zoom.change_meeting("ada==", |_| views(prefix));
        campus.run(&["sync"]);
    }
    campus.lose_ledger();
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
    campus.sync_until_done();
    assert_eq!(campus.kaltura.entries().len(), 3);
}

const LONG_AGO: i64 = 24 * 40;

/// A campus that went live more than a month ago, with so many lectures in Kaltura and so many that are not.
fn after_the_loss(copied: i64, owed: i64) -> (Campus, String) {
    let (campus, go_live) = (Campus::new(), hours_ago(LONG_AGO));
    let add = |number: i64| {
        campus.zoom.add_meeting(
            lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", 24 * number + 5).transcript(Media::vtt()),
        );
    };
    (0..copied).for_each(add);
    let settings = [("ZOOM2KALTURA_SYNC_GO_LIVE", go_live.as_str())];
    assert_eq!(campus.run_with(&settings, &["sync", "--first-run"]).exit, 0);
    campus.sync_until_done_with(&settings);
    campus.lose_ledger();
    (copied..copied + owed).for_each(add);
    (campus, go_live)
}

fn sync(campus: &Campus, go_live: &str, args: &[&str]) -> Run {
    campus.run_with(&[("ZOOM2KALTURA_SYNC_GO_LIVE", go_live)], &[&["sync"], args].concat())
}

#[test]
fn nothing_owed_needs_no_confirmation() {
    let (campus, go_live) = after_the_loss(3, 0);
    for args in [&["--dry-run"][..], &["--limit", "1"], &[]] {
        let run = sync(&campus, &go_live, args);
        assert_eq!(run.exit, 0, "{args:?} {}", run.err);
        assert_eq!(run.err.contains("already has 3 recordings"), args != [""; 0], "{args:?} {}", run.err);
    }
    campus.each_video_is_in_kaltura_once();
    campus.kaltura.log().clear();
    assert_eq!(sync(&campus, &go_live, &[]).exit, 0);
    assert!(campus.kaltura.log().calls().is_empty(), "what was found is known from now on");
}

#[test]
fn only_uncopied_recordings_are_braked() {
    let (campus, go_live) = after_the_loss(2, 1);
    for args in [&["--dry-run"][..], &[], &["--limit", "0"]] {
        let run = sync(&campus, &go_live, args);
        assert_eq!(run.exit, 6, "{args:?} {}", run.err);
        for said in ["already has 2 recordings", "1 recording,", "--first-run"] {
            assert!(run.err.contains(said), "{args:?} {said}: {}", run.err);
        }
    }
    assert_eq!(campus.kaltura.alive().len(), 2);
    let explained = campus.run(&["explain", "81000000000"]);
    assert!(explained.out.contains("safely in Kaltura"), "the ledger knows what is there: {}", explained.out);
    // and still waits for a word, whatever else was done by hand
    campus.zoom.add_meeting(lecture("u9==", 81_000_000_009, "ada", 24 * 9).transcript(Media::vtt()));
    let run = sync(&campus, &go_live, &[]);
    assert!(run.exit == 6 && run.err.contains("2 recordings, "), "{} {}", run.exit, run.err);
    assert_eq!(sync(&campus, &go_live, &["--first-run", "--limit", "1"]).exit, 0);
    assert_eq!(sync(&campus, &go_live, &[]).exit, 0, "a run that was confirmed needs no word more");
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn deleted_by_people_counts_as_found() {
    let (campus, go_live) = after_the_loss(1, 0);
    campus.kaltura.delete_entry(&campus.kaltura.alive()[0].id);
    let run = sync(&campus, &go_live, &[]);
    assert!(run.exit == 0 && run.err.contains("already has 1 recording"), "{} {}", run.exit, run.err);
    assert!(campus.kaltura.alive().is_empty());
}

#[test]
fn frozen_index_brakes_and_doubles_nothing() {
    let (campus, go_live) = (Campus::new(), hours_ago(LONG_AGO));
    campus.kaltura.freeze_index(true);
    for number in 0..3 {
        campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", number + 5));
    }
    let settings = [("ZOOM2KALTURA_SYNC_GO_LIVE", go_live.as_str())];
    assert_eq!(campus.run_with(&settings, &["sync", "--first-run"]).exit, 0);
    campus.sync_until_done_with(&settings);
    campus.lose_ledger();
    let run = sync(&campus, &go_live, &[]);
    assert!(run.exit == 6 && run.err.contains("3 recordings"), "{} {}", run.exit, run.err);
    assert_eq!(sync(&campus, &go_live, &["--first-run"]).exit, 0);
    campus.kaltura.freeze_index(false);
    campus.sync_until_done_with(&settings);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn backfill_copies_nothing_again() {
    let (campus, go_live) = after_the_loss(2, 1);
    let settings = [("ZOOM2KALTURA_SYNC_GO_LIVE", go_live.as_str())];
    let (from, to) = (hours_ago(24 * 5), hours_ago(0));
    let run = campus.run_with(&settings, &["backfill", "--from", &from[..10], "--to", &to[..10]]);
    assert_eq!(run.exit, 0, "{}", run.err);
    campus.sync_until_done_with(&settings);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn empty_first_run_is_braked_too() {
    let (campus, go_live) = (Campus::new(), hours_ago(LONG_AGO));
    let run = sync(&campus, &go_live, &[]);
    assert!(run.exit == 6 && run.err.contains("this is the first run"), "{} {}", run.exit, run.err);
}
