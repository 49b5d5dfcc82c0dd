//! Look-ups: words of tags, quotation marks, sorts of entries, groups, and what needs no index.

use serde_json::{Value, json};
use standin::kaltura::Seed;

use super::{Caller, code, id};

const EVERY_STATUS: &str = "-2,-1,0,1,2,4,5,6,7";

fn found(caller: &Caller, call: &str, filter: Value) -> Result<usize, String> {
    let filter = super::with(json!({ "statusIn": EVERY_STATUS }), filter);
    caller.found(call, &filter).map(|ids| ids.len())
}

#[test]
fn tags_are_searched_by_words() {
    let tags =
        ["zoom", "zoom,zoom-orphan", "zoom-orphan", "zoomb", "myzoom", "zoom orphan", "orphan", "zoom:ab12", "a_b"];
    let caller = Caller::start();
    for tags in tags {
        caller.add_entry_with(json!({ "name": tags, "adminTags": tags }));
    }
    let cases: [(&str, &str, &[&str]); 14] = [
        ("Like", "zoom", &["zoom", "zoom orphan", "zoom,zoom-orphan", "zoom-orphan", "zoom:ab12"]),
        ("Like", "ORPHAN", &["orphan", "zoom orphan", "zoom,zoom-orphan", "zoom-orphan"]),
        ("Like", "zoom-orphan", &["zoom,zoom-orphan", "zoom-orphan"]),
        ("Like", "zoom orphan", &["zoom orphan", "zoom,zoom-orphan", "zoom-orphan"]),
        ("Like", "zoom,orphan", &["zoom orphan", "zoom,zoom-orphan", "zoom-orphan"]),
        ("Like", "zoom*", &["zoom", "zoom orphan", "zoom,zoom-orphan", "zoom-orphan", "zoom:ab12", "zoomb"]),
        ("Like", "\"orphan\"", &["orphan", "zoom orphan", "zoom,zoom-orphan", "zoom-orphan"]),
        ("Like", "zoom!orphan", &["zoom", "zoom:ab12"]),
        ("Like", "oom", &[]),
        ("Like", "ab12", &["zoom:ab12"]),
        ("Like", "zoom:ab12", &["zoom:ab12"]),
        ("Like", "b", &["a_b"]),
        ("MultiLikeAnd", "zoom,orphan", &["zoom orphan", "zoom,zoom-orphan", "zoom-orphan"]),
        ("MultiLikeOr", "zoom-orphan,myzoom", &["myzoom", "zoom,zoom-orphan", "zoom-orphan"]),
    ];
    for (filter, wanted, expected) in cases {
        let filter = json!({ "statusIn": EVERY_STATUS, format!("adminTags{filter}"): wanted });
        let answer = caller.call("media.list", json!({ "filter": filter }));
        let objects = answer["objects"].as_array().unwrap_or_else(|| panic!("{wanted}: {answer}"));
        let mut names: Vec<_> = objects.iter().map(|entry| entry["name"].as_str().expect("a name")).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{filter}");
    }
}

#[test]
fn one_quotation_mark_breaks_full_text() {
    let caller = Caller::start();
    caller.kaltura.add_user("quot", "\"q b\"@uni.example");
    caller.add_entry_with(json!({ "name": "na\"me", "referenceId": "re\"f", "adminTags": "ta\"g", "userId": "o\"w" }));
    let broken = Err("INTERNAL_SERVERL_ERROR".to_owned());
    let entries = [
        (json!({ "adminTagsLike": "ta\"g" }), broken.clone()),
        (json!({ "adminTagsMultiLikeOr": "ta\"g" }), broken.clone()),
        (json!({ "tagsLike": "ta\"g" }), broken.clone()),
        (json!({ "parentEntryIdEqual": "a\"b" }), broken.clone()),
        (json!({ "creatorIdEqual": "o\"w" }), broken.clone()),
        (json!({ "adminTagsLike": "ta\\\"g" }), Ok(1)),
        (json!({ "referenceIdEqual": "re\"f" }), Ok(1)),
        (json!({ "userIdEqual": "o\"w" }), Ok(1)),
        (json!({ "nameEqual": "na\"me" }), Ok(1)),
        (json!({ "idEqual": "a\"b" }), Ok(0)),
    ];
    for (filter, expected) in entries {
        assert_eq!(found(&caller, "media.list", filter.clone()), expected, "{filter}");
    }
    let users = [
        (json!({ "emailStartsWith": "\"" }), broken.clone()),
        (json!({ "emailStartsWith": "q\"" }), broken.clone()),
        (json!({ "firstNameStartsWith": "q\"" }), broken.clone()),
        (json!({ "emailStartsWith": "\"q b\"@uni.example" }), Ok(1)),
        (json!({ "emailStartsWith": "\\\"q b\\\"@uni.example" }), Ok(1)),
        (json!({ "emailStartsWith": "\\\"q" }), Ok(1)),
        (json!({ "emailStartsWith": "a'b\\c%d*" }), Ok(0)),
        (json!({ "idEqual": "o\"w" }), Ok(1)),
        (json!({ "idIn": "o\"w" }), Ok(1)),
    ];
    for (filter, expected) in users {
        assert_eq!(caller.found("user.list", &filter).map(|ids| ids.len()), expected, "{filter}");
    }
}

#[test]
fn data_and_documents_hide_from_media() {
    let caller = Caller::start();
    let parent = caller.add_entry();
    caller.add_entry_with(json!({ "parentEntryId": parent }));
    let data =
        json!({ "objectType": "KalturaDataEntry", "name": "Chat", "parentEntryId": parent, "dataContent": "hello" });
    let data = id(&caller.call("baseEntry.add", json!({ "entry": data })));
    let seed = Seed { parent_entry_id: parent.clone(), entry_type: 10, ..Seed::default() };
    let document = caller.kaltura.add_entry(&seed);
    let cases = [
        ("media.list", "KalturaMediaEntryFilter", json!({}), 1),
        ("baseEntry.list", "KalturaMediaEntryFilter", json!({}), 1),
        ("baseEntry.list", "KalturaMediaEntryFilter", json!({ "typeIn": "1,6,10" }), 3),
        ("baseEntry.list", "KalturaBaseEntryFilter", json!({}), 3),
    ];
    for (call, kind, fields, expected) in cases {
        let filter = super::with(json!({ "objectType": kind, "parentEntryIdEqual": parent }), fields);
        assert_eq!(found(&caller, call, filter.clone()), Ok(expected), "{call} {filter}");
    }
    for call in ["media.get", "media.delete"] {
        assert_eq!(code(&caller.call(call, json!({ "entryId": document }))), "ENTRY_ID_NOT_FOUND");
    }
    assert_eq!(caller.call("baseEntry.get", json!({ "entryId": document }))["objectType"], "KalturaDocumentEntry");
    assert_eq!(caller.call("baseEntry.delete", json!({ "entryId": document })), Value::Null);
    caller.call("media.delete", json!({ "entryId": parent }));
    assert_eq!(code(&caller.call("baseEntry.get", json!({ "entryId": data }))), "ENTRY_ID_NOT_FOUND");
}

#[test]
fn groups_are_users_of_another_type() {
    let caller = Caller::start();
    let group = json!({ "id": "grp", "screenName": "Group", "email": "grp@uni.example" });
    caller.call("group_group.add", json!({ "group": group }));
    caller.call("user.add", json!({ "user": { "id": "grq", "type": 1 } }));
    caller.kaltura.add_user("prof", "prof@uni.example");
    for (user, kind) in [("grp", 1), ("grq", 1), ("prof", 0)] {
        assert_eq!(caller.call("user.get", json!({ "userId": user }))["type"], kind, "{user}");
    }
    for (filter, expected) in [(json!({}), 1), (json!({ "typeEqual": 0 }), 0), (json!({ "typeEqual": 1 }), 1)] {
        let filter = super::with(json!({ "emailStartsWith": "grp@uni.example" }), filter);
        assert_eq!(caller.found("user.list", &filter).expect("a list").len(), expected);
    }
    let entry = caller.add_entry_with(json!({ "userId": "grp", "entitledUsersEdit": "grq" }));
    assert_eq!((&entry["userId"], &entry["entitledUsersEdit"]), (&json!("grp"), &json!("grq")));
    assert_eq!(found(&caller, "media.list", json!({ "userIdEqual": "grp" })), Ok(1));
    assert_eq!(code(&caller.call("group_group.get", json!({ "groupId": "prof" }))), "INVALID_GROUP_ID");
}

#[test]
fn frozen_index_chooses_by_old_values() {
    let caller = Caller::start();
    let entry = id(&caller.add_entry_with(json!({ "adminTags": "before", "referenceId": "mark" })));
    caller.kaltura.freeze_index(true);
    caller.update(&entry, json!({ "adminTags": "after" }));
    assert_eq!(found(&caller, "media.list", json!({ "adminTagsLike": "before" })), Ok(1));
    assert_eq!(found(&caller, "media.list", json!({ "adminTagsLike": "after" })), Ok(0));
    let by_mark = caller.call("baseEntry.listByReferenceId", json!({ "refId": "mark" }));
    assert_eq!(by_mark["objects"][0]["adminTags"], "after");
    caller.kaltura.freeze_index(false);
    assert_eq!(found(&caller, "media.list", json!({ "adminTagsLike": "after" })), Ok(1));
}

#[test]
fn database_answers_without_the_index() {
    let caller = Caller::start();
    let entry = caller.add_lecture();
    caller.kaltura.break_index(true);
    let of_entry = json!({ "filter": { "objectType": "KalturaAssetFilter", "entryIdEqual": entry } });
    let works = [
        ("media.list", json!({ "filter": { "objectType": "KalturaMediaEntryFilter", "idEqual": entry } })),
        ("media.get", json!({ "entryId": entry })),
        ("user.get", json!({ "userId": "zoom2kaltura" })),
        ("uploadToken.list", json!({ "filter": { "fileNameEqual": "lecture.mp4", "statusIn": "0,1,2,3" } })),
        ("flavorAsset.list", of_entry),
    ];
    for (call, params) in works {
        let answer = caller.call(call, params);
        assert!(code(&answer).is_empty() && answer["totalCount"] != 0, "{call}: {answer}");
    }
    let fails = [
        ("media.list", json!({ "filter": { "idEqual": entry, "statusIn": "2" } })),
        ("media.list", json!({ "filter": { "idIn": entry } })),
        ("user.list", json!({ "filter": { "idEqual": "zoom2kaltura" } })),
        ("baseEntry.listByReferenceId", json!({ "refId": "mark" })),
    ];
    for (call, params) in fails {
        assert_eq!(code(&caller.call(call, params)), "INTERNAL_SERVERL_ERROR", "{call}");
    }
}
