//! Cue points: chapters, slides and annotations.

use serde_json::{Value, json};

use super::{Caller, code, id};

fn chapter(entry: &str, fields: Value) -> Value {
    super::with(json!({ "objectType": "KalturaThumbCuePoint", "entryId": entry, "subType": 2 }), fields)
}

fn add(caller: &Caller, point: &Value) -> Value {
    caller.call("cuepoint_cuePoint.add", json!({ "cuePoint": point }))
}

#[test]
fn fields_are_taken_cut_or_refused() {
    let caller = Caller::start();
    let entry = caller.add_entry();
    add(&caller, &chapter(&entry, json!({ "startTime": 5, "systemName": "taken" })));
    let taken = [
        (json!({ "startTime": "1500.7" }), "startTime", json!(1500)),
        (json!({}), "startTime", json!(0)),
        (json!({}), "title", json!("")),
        (json!({ "startTime": 36_000_000 }), "startTime", json!(36_000_000)),
        (json!({ "title": "t".repeat(256) }), "title", json!("t".repeat(255))),
        (json!({ "title": "\u{1f393}" }), "title", json!("????")),
        (json!({ "subType": 1 }), "status", json!(4)),
        (json!({ "subType": 2 }), "status", json!(1)),
        (json!({ "tags": "Zoom,x" }), "tags", json!("Zoom,x")),
    ];
    for (fields, name, kept) in taken {
        assert_eq!(add(&caller, &chapter(&entry, fields.clone()))[name], kept, "{fields}");
    }
    let refused = [
        (chapter(&entry, json!({ "startTime": -5 })), "START_TIME_CANNOT_BE_LESS_THAN_0"),
        (chapter(&entry, json!({ "systemName": "taken" })), "CUE_POINT_SYSTEM_NAME_EXISTS"),
        (chapter("0_nothing1", json!({})), "ENTRY_ID_NOT_FOUND"),
        (json!({ "objectType": "KalturaCuePoint", "entryId": entry }), "OBJECT_TYPE_ABSTRACT"),
    ];
    for (point, expected) in refused {
        assert_eq!(code(&add(&caller, &point)), expected, "{point}");
    }
}

#[test]
fn found_by_entry_deleted_with_it() {
    let caller = Caller::start();
    let entry = caller.add_entry();
    let first = id(&add(&caller, &chapter(&entry, json!({ "startTime": 5, "systemName": "one", "tags": "Zoom" }))));
    let note =
        json!({ "objectType": "KalturaAnnotation", "entryId": entry, "startTime": 5, "endTime": 1, "text": "x" });
    assert_eq!(add(&caller, &note)["duration"], -4);
    let found = |filter: Value| {
        let filter = super::with(json!({ "objectType": "KalturaCuePointFilter" }), filter);
        caller.found("cuepoint_cuePoint.list", &filter).map(|ids| ids.len())
    };
    let cases = [
        (json!({ "entryIdEqual": entry }), Ok(2)),
        (json!({ "entryIdEqual": entry, "cuePointTypeEqual": "thumbCuePoint.Thumb" }), Ok(1)),
        (json!({ "entryIdEqual": entry, "systemNameEqual": "one" }), Ok(1)),
        (json!({ "entryIdEqual": entry, "tagsLike": "zoom" }), Ok(1)),
        (json!({ "entryIdEqual": "0_nothing1" }), Ok(0)),
        (json!({ "systemNameEqual": "one" }), Err("PROPERTY_VALIDATION_CANNOT_BE_NULL".to_owned())),
    ];
    for (filter, expected) in cases {
        assert_eq!(found(filter.clone()), expected, "{filter}");
    }
    assert_eq!(caller.call("cuepoint_cuePoint.count", json!({ "filter": { "entryIdEqual": entry } })), 2);
    caller.call(
        "cuepoint_cuePoint.update",
        json!({ "id": first, "cuePoint": chapter(&entry, json!({ "title": "New" })) }),
    );
    assert_eq!(caller.kaltura.cue_points_of(&entry)[0].title, "New");
    caller.call("cuepoint_cuePoint.delete", json!({ "id": first }));
    assert_eq!(code(&caller.call("cuepoint_cuePoint.get", json!({ "id": first }))), "INVALID_CUE_POINT_ID");
    caller.call("media.delete", json!({ "entryId": entry }));
    assert_eq!(found(json!({ "entryIdEqual": entry })), Ok(0));
}
