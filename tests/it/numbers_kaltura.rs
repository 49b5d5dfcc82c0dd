//! Kaltura's numbers may be anything: what cannot be one is that entry's oddity, and nothing is decided from it. A case is a
//! line: a number, or a field.

use serde_json::{Value, json};
use standin::kaltura::{Distortion, Entry};

use crate::at_once::check_each;
use crate::campus::{Campus, Run, lecture};

/// What no field of an entry can be.
fn impossible() -> Vec<Value> {
    vec![
        json!(-1),
        json!((1_u64 << 53) + 1),
        json!(1_u64 << 63),
        json!(u64::MAX),
        json!("18446744073709551615"),
        json!(1e300),
        json!(0.5),
        json!("-12"),
        json!("twelve"),
        json!(""),
        json!(null),
        json!([12]),
        json!(true),
    ]
}

/// What may be one and is not right.
fn possible() -> Vec<Value> {
    vec![json!(0), json!(12), json!("12"), json!(1_u64 << 31)]
}

fn numbers() -> Vec<Value> {
    impossible().into_iter().chain(possible()).collect()
}

fn distort(campus: &Campus, object_type: &'static str, field: &'static str, value: &Value, mark: &'static str) {
    campus.kaltura.distort(Distortion { object_type, field, value: value.clone(), mark });
}

/// The entries of that recording that are not deleted.
fn copies(campus: &Campus, mark: &str) -> Vec<Entry> {
    let entries = campus.kaltura.entries().into_iter();
    entries.filter(|entry| entry.reference_id.starts_with(mark) && entry.status != 3).collect()
}

fn is_no_crash(run: &Run, what: &str) {
    assert!([0, 3, 5, 6, 7].contains(&run.exit), "{what}: {} {}", run.exit, run.err);
    assert!(!run.err.contains("panicked"), "{what}: {}", run.err);
}

#[test]
fn impossible_number_delays_its_entry_only() {
    let cases = [("KalturaMediaEntry", "msDuration"), ("KalturaFlavorAsset", "sizeInBytes")];
    check_each(cases, |(object_type, field)| {
        let campus = Campus::new();
        campus.zoom.add_meeting(lecture("odd==", 81_000_000_001, "ada", 5));
        for (number, value) in (2..).zip(impossible()) {
            let what = format!("{object_type}.{field} = {value}");
            campus.kaltura.mend_numbers();
            distort(&campus, object_type, field, &value, "Zoom_odd");
            campus.zoom.add_meeting(lecture(&format!("well{number}=="), 81_000_000_000 + number, "ada", 4));
            for _ in 0..2 {
                is_no_crash(&campus.run(&["sync"]), &what);
            }
            assert_eq!(copies(&campus, "Zoom_odd").len(), 1, "{what}");
            assert_eq!(copies(&campus, &format!("Zoom_well{number}")).len(), 1, "{what}");
            assert!(campus.kaltura.entries().iter().all(|entry| entry.status != 3), "{what}: one was deleted");
        }
        let said = campus.run(&["sync"]).err;
        assert!(said.contains(field), "{field}: {said}");
        campus.kaltura.mend_numbers();
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
    });
}

#[test]
fn impossible_number_after_a_lost_ledger() {
    check_each([("KalturaMediaEntry", "msDuration"), ("KalturaFlavorAsset", "sizeInBytes")], |(object_type, field)| {
        for value in [json!(-1), json!(u64::MAX), json!(null)] {
            let campus = Campus::with_two_recordings();
            campus.sync_until_done();
            campus.lose_ledger();
            distort(&campus, object_type, field, &value, "Zoom_ada");
            campus.zoom.add_meeting(lecture("new==", 81_000_000_003, "ada", 2));
            is_no_crash(&campus.run(&["sync"]), field);
            assert_eq!(copies(&campus, "Zoom_new").len(), 1, "{field} = {value}");
            assert_eq!(copies(&campus, "Zoom_ada").len(), 1, "{field} = {value}");
            campus.kaltura.mend_numbers();
            campus.run(&["retry", "--failed"]);
            campus.sync_until_done();
            campus.each_video_is_in_kaltura_once();
        }
    });
}

#[test]
fn no_number_crashes_or_doubles_sync() {
    let fields = [
        ("KalturaMediaEntry", "status"),
        ("KalturaMediaEntry", "displayInSearch"),
        ("KalturaMediaEntry", "msDuration"),
        ("KalturaFlavorAsset", "sizeInBytes"),
        ("KalturaUploadToken", "uploadedFileSize"),
        ("KalturaUploadToken", "status"),
        ("KalturaMediaListResponse", "totalCount"),
        ("KalturaUser", "status"),
        ("KalturaCaptionAsset", "status"),
        ("KalturaCaptionAsset", "size"),
        ("KalturaCaptionAssetListResponse", "totalCount"),
    ];
    let fast = [("ZOOM2KALTURA_HTTP_RETRIES", "1"), ("ZOOM2KALTURA_HTTP_SETTLE", "0s")];
    check_each(fields, |(object_type, field)| {
        let campus = Campus::new();
        for (number, value) in (1..).zip(numbers()) {
            let what = format!("{object_type}.{field} = {value}");
            let meeting = lecture(&format!("m{number}=="), 81_000_000_000 + number, "ada", 5);
            campus.zoom.add_meeting(meeting.transcript(standin::media::Media::vtt()));
            campus.kaltura.mend_numbers();
            distort(&campus, object_type, field, &value, "");
            is_no_crash(&campus.run_with(&fast, &["sync"]), &what);
        }
        campus.kaltura.mend_numbers();
        for _ in 0..4 {
            campus.run_with(&fast, &["retry", "--failed"]);
            campus.run_with(&fast, &["sync"]);
        }
        for number in 1..=numbers().len() {
            assert_eq!(copies(&campus, &format!("Zoom_m{number}==")).len(), 1, "{object_type}.{field} {number}");
        }
    });
}

#[test]
fn no_number_makes_an_entry_old() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("odd==", 81_000_000_001, "guest", 5));
    campus.zoom.add_meeting(lecture("well==", 81_000_000_002, "guest", 4));
    campus.zoom.add_meeting(lecture("odder==", 81_000_000_003, "ada", 3));
    campus.kaltura.add_user("bert", "");
    campus.sync_until_done();
    // what only Kaltura tells of
    campus.lose_ledger();
    campus.run(&["sync", "--dry-run"]);
    let commands: [&[&str]; 4] = [
        &["purge", "--dry-run", "--older-than", "0s", "--format", "json"],
        &["retention", "--format", "json"],
        &["reassign", "ada@uni.example", "bert", "--dry-run", "--format", "json"],
        &["verify", "--days", "2"],
    ];
    let times: &[&str] = &["createdAt", "updatedAt", "lastPlayedAt", "plays"];
    for fields in [times, &["msDuration"], &["displayInSearch"], &["status"]] {
        for (value, is_possible) in impossible()
            .into_iter()
            .map(|value| (value, false))
            .chain(possible().into_iter().map(|value| (value, true)))
        {
            campus.kaltura.mend_numbers();
            for field in fields {
                distort(&campus, "KalturaMediaEntry", field, &value, "Zoom_odd");
            }
            for args in commands {
                let run = campus.run(args);
                is_no_crash(&run, &format!("{args:?} {fields:?} = {value}"));
                if args[0] == "purge" && fields == times && !is_possible {
                    let report = run.report();
                    assert_eq!(report["totals"]["delete"]["recordings"], 1, "{value}: {report:#}");
                }
                if args[0] == "purge" {
                    assert!(run.out.contains("well=="), "{fields:?} = {value}: {} {}", run.out, run.err);
                }
            }
        }
    }
}
