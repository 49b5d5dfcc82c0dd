//! Texts: what is kept of them, and which ids are the same.

use serde_json::{Value, json};

use super::{Caller, code, id};

#[test]
fn entry_texts_are_cut_and_replaced() {
    let long = |text: &str, times: usize| text.repeat(times);
    let cases = [
        ("name", "\u{1f393} ok".to_owned(), "???? ok".to_owned()),
        ("name", long("a", 1000), long("a", 1000)),
        ("name", "  a\tb\nc  ".to_owned(), "  a\tb\nc  ".to_owned()),
        ("name", "<b>\"q\" & \u{7f}\u{202e}".to_owned(), "<b>\"q\" & \u{7f}\u{202e}".to_owned()),
        ("description", long("d", 65_536), long("d", 65_535)),
        ("description", long("\u{6f22}", 21_846), long("\u{6f22}", 21_845)),
        ("tags", long("t", 300), long("t", 100)),
        ("tags", long("\u{6f22}", 40), long("\u{6f22}", 33)),
        ("tags", "a, Bb ,,bb,\u{c4}\u{d6}".to_owned(), "bb, \u{c4}\u{d6}".to_owned()),
        ("adminTags", long("t", 300), long("t", 300)),
        ("adminTags", "a, Bb ,,bb".to_owned(), "a,bb".to_owned()),
        ("referenceId", "  a,b\u{1f393} ".to_owned(), "  a,b???? ".to_owned()),
    ];
    for (field, sent, kept) in cases {
        let caller = Caller::start();
        let answer = caller.add_entry_with(json!({ field: sent }));
        assert_eq!(answer[field], json!(kept), "{field}");
        assert_eq!(caller.get(&id(&answer))[field], json!(kept), "{field}");
    }
}

#[test]
fn update_answers_what_was_asked() {
    let caller = Caller::start();
    let entry = caller.add_entry();
    assert_eq!(caller.update(&entry, json!({ "name": "\u{1f393}" }))["name"], "\u{1f393}");
    assert_eq!(caller.get(&entry)["name"], "????");
}

#[test]
fn bad_lengths_and_characters_are_refused() {
    let caller = Caller::start();
    let entry = |fields: Value| ("media.add", json!({ "entry": super::with(super::entry(), fields) }));
    let category = |name: String| ("category.add", json!({ "category": { "name": name } }));
    let user = |id: &str| ("user.add", json!({ "user": { "id": id } }));
    let cases = [
        (entry(json!({ "referenceId": "r" })), "PROPERTY_VALIDATION_MIN_LENGTH"),
        (entry(json!({ "referenceId": "" })), "PROPERTY_VALIDATION_MIN_LENGTH"),
        (entry(json!({ "userId": "u".repeat(101) })), "PROPERTY_VALIDATION_MAX_LENGTH"),
        (entry(json!({ "userId": "u".repeat(100) })), ""),
        (entry(json!({ "name": "a\u{0}b" })), "INVALID_PARAMETER_CHAR"),
        (entry(json!({ "name": "a\u{fffe}b" })), "INVALID_PARAMETER_CHAR"),
        (entry(json!({ "name": "" })), ""),
        (category("c".repeat(201)), "PROPERTY_VALIDATION_MAX_LENGTH"),
        (category(String::new()), "PROPERTY_VALIDATION_MIN_LENGTH"),
        (category("a>b".to_owned()), ""),
        (category("A,B ".to_owned()), "DUPLICATE_CATEGORY"),
        (category("\u{c4}X".to_owned()), ""),
        (category("ax".to_owned()), "DUPLICATE_CATEGORY"),
        (user("pr\u{f6}f"), "INVALID_FIELD_VALUE"),
        (user("a b"), "INVALID_FIELD_VALUE"),
        (user("a,b"), ""),
        (user(&"v".repeat(101)), ""),
    ];
    for ((call, params), expected) in cases {
        let answer = caller.call(call, params.clone());
        assert_eq!(code(&answer), expected, "{call} {params}: {answer}");
    }
}

#[test]
fn similar_ids_are_one_user() {
    let caller = Caller::start();
    caller.kaltura.add_user("prof", "prof@uni.example");
    for same in ["prof", "PROF", "pr\u{f6}f", "prof  ", "pro\u{308}f"] {
        assert_eq!(caller.call("user.get", json!({ "userId": same }))["id"], "prof", "{same:?}");
        assert_eq!(caller.add_entry_with(json!({ "userId": same }))["userId"], "prof", "{same:?}");
    }
    for other in [" prof", "proff", "pro f"] {
        assert_eq!(code(&caller.call("user.get", json!({ "userId": other }))), "INVALID_USER_ID", "{other:?}");
    }
}

#[test]
fn each_name_has_own_rules() {
    let caller = Caller::start();
    let file =
        |name: &str| caller.call("uploadToken.add", json!({ "uploadToken": { "fileName": name } }))["fileName"].clone();
    assert_eq!(file(&format!("{}.mp4", "f".repeat(256))), "f".repeat(256));
    assert_eq!((file("\u{1f393}.mp4"), file("")), (json!("????.mp4"), json!("")));
    let entry = caller.add_entry();
    let title = json!({ "title": " x ", "filename": " a\nb ", "format": "1" });
    let chat = caller.call("attachment_attachmentAsset.add", json!({ "entryId": entry, "attachmentAsset": title }));
    assert_eq!((&chat["title"], &chat["filename"]), (&json!(" x "), &json!("a b")));
    let category = caller.call("category.add", json!({ "category": { "name": " \u{1f393}>x " } }));
    assert_eq!(category["name"], "\u{1f393}_x");
    assert_eq!(caller.call("category.get", json!({ "id": category["id"].to_string() }))["name"], "????_x");
}
