//! The recycle bin: what lies in it shows in hardly any list, and comes back as it was.

use serde_json::{Value, json};
use standin::kaltura::Kaltura;

use super::{Caller, code, id};

const EVERY_STATUS: &str = "-2,-1,0,1,2,3,4,5,6,7";

fn made(caller: &Caller) -> String {
    id(&caller.add_entry_with(json!({ "adminTags": "ours", "referenceId": "mark", "userId": "prof" })))
}

/// How many entries each way to look for it finds.
fn found(caller: &Caller, entry: &str) -> Vec<usize> {
    let filters = [
        json!({ "idEqual": entry }),
        json!({ "idIn": entry }),
        json!({ "displayInSearchEqual": "-2", "adminTagsLike": "ours" }),
        json!({ "adminTagsLike": "ours" }),
        json!({ "referenceIdEqual": "mark" }),
        json!({ "userIdEqual": "prof" }),
    ];
    let listed = filters.map(|filter| {
        let filter = super::with(filter, json!({ "objectType": "KalturaMediaEntryFilter", "statusIn": EVERY_STATUS }));
        caller.found("media.list", &filter).expect("a list").len()
    });
    let by_mark = caller.call("baseEntry.listByReferenceId", json!({ "refId": "mark" }));
    listed.into_iter().chain([by_mark["objects"].as_array().expect("a list").len()]).collect()
}

#[test]
fn recycled_entry_shows_by_id_only() {
    let caller = Caller::of(Kaltura::builder().recycle_bin());
    let entry = made(&caller);
    let call = |call: &str| caller.call(call, json!({ "entryId": entry }));
    assert_eq!(found(&caller, &entry), [1, 1, 0, 1, 1, 1, 1]);
    assert_eq!(call("baseEntry.recycle")["displayInSearch"], -2);
    assert_eq!(found(&caller, &entry), [1, 1, 1, 0, 0, 0, 0]);
    assert_eq!(code(&call("baseEntry.recycle")), "INVALID_ENTRY_STATUS_FOR_RECYCLE");
    assert_eq!(caller.update(&entry, json!({ "name": "Other" }))["name"], "Other");
    assert_eq!(call("baseEntry.restoreRecycled")["displayInSearch"], 1);
    assert_eq!(found(&caller, &entry), [1, 1, 0, 1, 1, 1, 1]);
    assert_eq!(code(&call("baseEntry.restoreRecycled")), "INVALID_ENTRY_STATUS_FOR_RESTORE");
}

#[test]
fn children_stay_and_come_back_hidden() {
    let caller = Caller::of(Kaltura::builder().recycle_bin());
    let parent = made(&caller);
    let child = id(&caller.add_entry_with(json!({ "parentEntryId": parent })));
    let call = |call: &str, entry: &str| caller.call(call, json!({ "entryId": entry }))["displayInSearch"].clone();
    call("baseEntry.recycle", &parent);
    assert_eq!(caller.get(&child)["displayInSearch"], -1);
    assert_eq!((call("baseEntry.recycle", &child), call("baseEntry.restoreRecycled", &child)), (json!(-2), json!(-1)));
}

#[test]
fn nothing_recycles_without_the_feature() {
    let caller = Caller::start();
    let entry = made(&caller);
    for id in [entry.as_str(), "0_nothing1"] {
        assert_eq!(code(&caller.call("baseEntry.recycle", json!({ "entryId": id }))), "FEATURE_RECYCLE_BIN_DISABLED");
    }
    let cases =
        [(-2, ""), (-1, ""), (1, ""), (0, "ENTRY_DISPLAY_IN_SEARCH_VALUE_NOT_ALLOWED"), (3, "INVALID_ENUM_VALUE")];
    for (display, expected) in cases {
        assert_eq!(code(&caller.update(&entry, json!({ "displayInSearch": display }))), expected, "{display}");
    }
    caller.update(&entry, json!({ "displayInSearch": -1 }));
    assert_eq!(found(&caller, &entry)[3..], [0, 0, 0, 0], "hidden like a child");
    let restored = caller.call("baseEntry.restoreRecycled", json!({ "entryId": entry }));
    assert_eq!(code(&restored), "INVALID_ENTRY_STATUS_FOR_RESTORE");
}

#[test]
fn deleted_entry_stays_deleted_when_restored() {
    let caller = Caller::of(Kaltura::builder().recycle_bin());
    let entry = made(&caller);
    caller.call("media.delete", json!({ "entryId": entry }));
    for (call, display) in [("baseEntry.recycle", -2), ("baseEntry.restoreRecycled", 1)] {
        let answer = caller.call(call, json!({ "entryId": entry }));
        assert_eq!((&answer["status"], &answer["displayInSearch"]), (&json!(3), &json!(display)));
    }
    assert_eq!(caller.get(&entry)["code"], Value::from("ENTRY_ID_NOT_FOUND"));
}
