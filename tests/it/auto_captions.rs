//! Kaltura's own captions beside Zoom's: blocked by the rule, when the entry is made or when Zoom's come.

use serde_json::json;
use standin::fault::Fault;
use standin::media::Media;
use standin::zoom::Meeting;

use crate::at_once::check_each;
use crate::campus::{Campus, Run, lecture};

const VTT: &str = "WEBVTT\n\n00:00.000 --> 00:02.000\nx\n";

/// With two views.
fn talk() -> Meeting {
    lecture("talk==", 81_000_000_001, "ada", 5).video("gallery_view", Media::mp4().salted(7))
}

fn said(talk: Meeting) -> Meeting {
    talk.transcript(Media::text(VTT))
}

fn sync(campus: &Campus, rule: &str, settings: &[(&str, &str)]) -> Run {
    let rule = ("ZOOM2KALTURA_COPY_BLOCK_AUTO_CAPTIONS", rule);
    let settings = [&[rule, ("ZOOM2KALTURA_HTTP_SETTLE", "200ms"), ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")], settings];
    campus.run_with(&settings.concat(), &["sync"])
}

/// Of each entry, in the order in which they were made.
fn blocked(campus: &Campus) -> Vec<bool> {
    campus.kaltura.entries().iter().map(|entry| entry.block_auto_transcript).collect()
}

#[test]
fn auto_captions_follow_the_rule() {
    let off = ("ZOOM2KALTURA_COPY_CAPTIONS", "false");
    let typed = ("ZOOM2KALTURA_FILTER_EXCLUDE_RECORDING_TYPES", "audio_transcript");
    let cases = [
        ("never", None, true, false),
        ("always", None, false, true),
        ("with-transcript", None, true, true),
        ("with-transcript", None, false, false),
        ("with-transcript", Some(off), true, false),
        ("with-transcript", Some(typed), true, false),
    ];
    check_each(cases, |(rule, setting, is_said, expected)| {
        let campus = Campus::new();
        campus.zoom.add_meeting(if is_said { said(talk()) } else { talk() });
        let run = sync(&campus, rule, setting.as_slice());
        let case = format!("{rule} {setting:?} {is_said}: {}", run.err);
        assert_eq!((run.exit, blocked(&campus)), (0, vec![expected; 2]), "{case}");
        assert_eq!(campus.kaltura.log().count("baseEntry.update"), 0, "{case}");
    });
}

/// And what people change later stays, also after the ledger was lost.
#[test]
fn late_captions_block_those_of_kaltura() {
    for fault in [None, Some(Fault::LostAnswer), Some(Fault::Reset), Some(Fault::answer(503, "busy"))] {
        let campus = Campus::new();
        campus.zoom.add_meeting(talk());
        for _ in 0..3 {
            assert_eq!(sync(&campus, "with-transcript", &[]).exit, 0);
        }
        assert_eq!(blocked(&campus), [false, false]);
        campus.zoom.change_meeting("talk==", said);
        let settings = [("ZOOM2KALTURA_COPY_BLOCK_AUTO_CAPTIONS", "with-transcript")];
        assert_eq!(campus.run_with(&settings, &["sync", "--dry-run"]).exit, 0);
        assert_eq!(blocked(&campus), [false, false], "a dry run changes nothing");
        if let Some(fault) = &fault {
            campus.kaltura.faults().queue("multirequest of baseEntry.update", 1, fault.clone());
        }
        for _ in 0..2 {
            sync(&campus, "with-transcript", &[]);
        }
        assert_eq!((blocked(&campus), campus.texts().len()), (vec![true, true], 1), "{fault:?}");
        let id = campus.parent().id;
        let change = json!({ "objectType": "KalturaMediaEntry", "blockAutoTranscript": false });
        campus.in_kmc("baseEntry", "update", json!({ "entryId": id, "baseEntry": change }));
        campus.lose_ledger();
        for _ in 0..2 {
            assert_eq!(sync(&campus, "with-transcript", &[]).exit, 0);
        }
        assert_eq!((blocked(&campus), campus.texts().len()), (vec![false, true], 1), "{fault:?}");
    }
}

/// Of the same host.
#[test]
fn earlier_captions_announce_later_ones() {
    let campus = Campus::new();
    campus.kaltura.add_user("eve@uni.example", "eve@uni.example");
    campus.zoom.add_user(standin::zoom::User::new("eve", "eve@uni.example"));
    campus.zoom.add_meeting(said(talk()));
    sync(&campus, "with-transcript", &[]);
    for (number, host, expected) in [(2, "ada", true), (3, "eve", false)] {
        campus.zoom.add_meeting(lecture(&format!("{host}2=="), 81_000_000_000 + number, host, 3));
        assert_eq!(sync(&campus, "with-transcript", &[]).exit, 0);
        assert_eq!(blocked(&campus).last(), Some(&expected), "{host}");
    }
}

/// And the run says so.
#[test]
fn captions_come_where_nothing_is_blocked() {
    let campus = Campus::new();
    campus.zoom.add_meeting(talk());
    campus.sync_until_done();
    campus.kaltura.rename_entry(&campus.parent().id, &"ü".repeat(129));
    campus.zoom.change_meeting("talk==", said);
    let run = sync(&campus, "with-transcript", &[]);
    assert_eq!((run.exit, campus.texts().len()), (0, 1), "{}", run.err);
    assert!(run.err.contains("Kaltura did not keep blockAutoTranscript"), "{}", run.err);
    campus.zoom.change_meeting("talk==", |talk| talk.closed_caption(Media::text(VTT)));
    campus.kaltura.faults().queue("multirequest of baseEntry.update", 1, Fault::exception("SERVICE_FORBIDDEN"));
    let run = sync(&campus, "with-transcript", &[]);
    assert_eq!((run.exit, campus.texts().len()), (0, 2), "{}", run.err);
}
