//! Frozen entries: whole, without a length of time, and never to be changed or deleted.

use std::time::Duration;

use serde_json::{Value, json};
use standin::kaltura::Kaltura;

use super::{Caller, LECTURE, id};

fn caller() -> Caller {
    Caller::of(Kaltura::builder().ready_after(Duration::ZERO))
}

/// An entry with these fields and the lecture.
fn lecture(caller: &Caller, fields: Value) -> String {
    let token = caller.add_token();
    caller.upload(&token, &[("resume", "0"), ("finalChunk", "1"), ("resumeAt", "0")]).expect("an answer");
    let entry = id(&caller.add_entry_with(fields));
    let resource = json!({ "objectType": "KalturaUploadedFileTokenResource", "token": token });
    caller.call("media.addContent", json!({ "entryId": entry, "resource": resource }));
    entry
}

fn named(name: &str) -> Value {
    json!({ "name": name })
}

#[test]
fn oversized_non_ascii_freezes_an_entry() {
    let (u, han) = ("\u{fc}", "\u{6c49}");
    let cases = [
        (named(&u.repeat(128)), false),
        (named(&u.repeat(129)), true),
        (named(&han.repeat(85)), false),
        (named(&han.repeat(86)), true),
        (named(&"a".repeat(300)), false),
        (named(&format!("{u}{}", "a".repeat(300))), false),
        (named(&format!("{}a", u.repeat(128))), false),
        (named(&format!("{}aa", han.repeat(85))), false),
        (named(&format!("a{}", u.repeat(128))), true),
        (named(&format!("{}{u}", "a".repeat(255))), true),
        (named(&format!("{}\u{1f393}", "a".repeat(300))), false),
        (json!({ "referenceId": "r\u{e4}f" }), true),
        (json!({ "userId": "pr\u{fc}f" }), true),
        (json!({ "creatorId": "pr\u{fc}f" }), true),
        (json!({ "entitledUsersEdit": "pr\u{fc}f" }), true),
        (json!({ "description": "\u{fc}", "tags": "\u{fc}\u{fc}", "adminTags": "\u{fc}" }), false),
    ];
    for (fields, frozen) in cases {
        let caller = caller();
        let entry = lecture(&caller, fields.clone());
        let seen = caller.get(&entry);
        assert_eq!((&seen["status"], seen["msDuration"] == 0), (&json!(2), frozen), "{fields}");
        let sources = caller.call("flavorAsset.list", json!({ "filter": { "entryIdEqual": entry } }));
        assert_eq!(sources["objects"][0]["sizeInBytes"], LECTURE.len().to_string(), "the bytes are whole");
        assert_eq!(caller.call("media.delete", json!({ "entryId": entry })), Value::Null);
        let deleted = caller.get(&entry)["code"] == "ENTRY_ID_NOT_FOUND";
        assert_eq!(deleted, !frozen, "{fields}");
    }
}

/// As a whole, if it touches further data.
#[test]
fn update_is_answered_and_lost() {
    let cases = [
        (json!({ "name": "short", "adminTags": "new" }), false),
        (json!({ "userId": "other", "description": "new" }), false),
        (json!({ "referenceId": "other" }), false),
        (json!({ "entitledUsersView": "other" }), false),
        (json!({ "blockAutoTranscript": true }), false),
        (json!({ "description": "new", "tags": "new", "adminTags": "new" }), true),
        (json!({ "displayInSearch": -2 }), true),
    ];
    for (fields, kept) in cases {
        let caller = caller();
        let entry = lecture(&caller, named(&"\u{fc}".repeat(129)));
        let before = caller.get(&entry);
        let answer = caller.update(&entry, fields.clone());
        let after = caller.get(&entry);
        for (field, value) in fields.as_object().expect("an object") {
            assert_eq!(&answer[field], value, "{fields}: answered as if it were done");
            assert_eq!(after[field], if kept { value.clone() } else { before[field].clone() }, "{fields}: {field}");
        }
    }
}

#[test]
fn ready_entry_keeps_length_and_freezes() {
    let caller = caller();
    let entry = lecture(&caller, json!({}));
    let length = caller.get(&entry)["msDuration"].clone();
    caller.update(&entry, named(&"\u{fc}".repeat(129)));
    caller.update(&entry, named("short"));
    let seen = caller.get(&entry);
    assert_eq!((&seen["name"], &seen["msDuration"]), (&json!("\u{fc}".repeat(129)), &length));
    assert_ne!(length, 0);
}

#[test]
fn children_of_frozen_entry_stay() {
    let caller = caller();
    let parent = lecture(&caller, named(&"\u{fc}".repeat(129)));
    let child = id(&caller.add_entry_with(json!({ "parentEntryId": parent })));
    caller.call("baseEntry.delete", json!({ "entryId": parent }));
    assert_eq!(caller.get(&child)["id"], child);
}

#[test]
fn non_ascii_label_hides_caption_size() {
    let caller = caller();
    let entry = caller.add_entry();
    let caption = json!({ "language": "German", "format": "3", "label": "Gr\u{fc}n" });
    let caption = id(&caller.call("caption_captionAsset.add", json!({ "entryId": entry, "captionAsset": caption })));
    let content = json!({ "objectType": "KalturaStringResource", "content": "WEBVTT\n\n00:00.000 --> 00:02.000\nx\n" });
    let answer = caller.call("caption_captionAsset.setContent", json!({ "id": caption, "contentResource": content }));
    assert_eq!(answer["sizeInBytes"], "34");
    let renamed = json!({ "id": caption, "captionAsset": { "label": "new" } });
    assert_eq!(caller.call("caption_captionAsset.update", renamed)["label"], "new");
    let seen = caller.call("caption_captionAsset.get", json!({ "captionAssetId": caption }));
    assert_eq!((&seen["status"], &seen["size"], &seen["sizeInBytes"]), (&json!(2), &json!(34), &json!(0)));
    assert_eq!(seen["label"], "Gr\u{fc}n");
    caller.call("caption_captionAsset.delete", json!({ "captionAssetId": caption }));
    assert_eq!(caller.kaltura.texts_of(&entry).len(), 0);
}
