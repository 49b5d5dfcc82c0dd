//! Lists of Kaltura's that do not add up are no lists: nothing is decided from them, and none is read without end.

use std::time::Duration;

use serde_json::{Value, json};
use standin::kaltura::{Distortion, Lists, Seed};

use crate::campus::{Campus, lecture};

fn campus() -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 5));
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_002, "ada", 5));
    campus.sync_until_done();
    campus.zoom.add_meeting(lecture("new==", 81_000_000_003, "ada", 2));
    campus.kaltura.log().clear();
    campus
}

fn announce(campus: &Campus, total: Value) {
    let object_type = "KalturaMediaListResponse";
    campus.kaltura.distort(Distortion { object_type, field: "totalCount", value: total, mark: "" });
}

#[test]
fn endless_lists_fail_every_command() {
    let huge = || json!(u64::MAX);
    let cases = [
        (Lists::Repeating, huge()),
        (Lists::Repeating, json!("18446744073709551615")),
        (Lists::Repeating, json!(1_u64 << 53)),
        (Lists::Repeating, json!(1000)),
        (Lists::Repeating, json!(-1)),
        (Lists::Growing, huge()),
        (Lists::Growing, json!(1)),
        (Lists::Growing, json!(501)),
        (Lists::Growing, json!(1 << 31)),
        (Lists::Honest, json!(1000)),
        (Lists::Honest, json!(900_000)),
    ];
    let commands: [&[&str]; 4] = [
        &["purge", "--older-than", "0s"],
        &["retention"],
        &["reassign", "ada@uni.example", "zoom-orphans"],
        &["verify", "--days", "2"],
    ];
    for (lists, total) in cases {
        let campus = campus();
        let before = campus.kaltura.fingerprint();
        campus.kaltura.set_lists(lists);
        announce(&campus, total.clone());
        for args in commands {
            campus.kaltura.log().clear();
            let run = campus.run(args);
            let asked = campus.kaltura.log().count("media.list");
            assert!(run.exit != 0 && run.exit != 101, "{lists:?} {total} {args:?}: {} {}", run.exit, run.out);
            assert!(asked < 60, "{lists:?} {total} {args:?}: {asked} pages");
        }
        assert_eq!(campus.kaltura.fingerprint(), before, "{lists:?} {total}");
    }
}

#[test]
fn unsound_mark_lists_delay_copying() {
    for (lists, total) in
        [(Lists::Repeating, json!(u64::MAX)), (Lists::Growing, json!(1)), (Lists::Honest, json!(1000))]
    {
        let campus = campus();
        campus.lose_ledger();
        campus.kaltura.set_lists(lists);
        announce(&campus, total.clone());
        let run = campus.run(&["sync"]);
        assert_eq!(run.exit, 5, "{lists:?} {total}: {}", run.err);
        assert_eq!(campus.kaltura.entries().len(), 2, "{lists:?} {total}: nothing is made on a guess");
        campus.kaltura.set_lists(Lists::Honest);
        campus.kaltura.mend_numbers();
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
    }
}

/// Also where entries of one time fill pages.
#[test]
fn long_lists_are_read_whole() {
    let campus = Campus::new();
    let years = |years: u64| Duration::from_secs(years * 365 * 86_400);
    for number in 0..1203 {
        // the first 600 were made in one second
        let age = years(7) + Duration::from_secs(10_000 - u64::max(600, number));
        let user_id = "ada@uni.example".to_owned();
        campus.kaltura.add_entry(&Seed { admin_tags: "zoom2kaltura".to_owned(), user_id, age, ..Seed::default() });
    }
    let run = campus.run(&["retention", "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert_eq!(run.report()["items"].as_array().map(Vec::len), Some(1203));
}
