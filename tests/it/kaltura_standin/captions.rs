//! Captions: content of another form is taken without an error, and one of them is the default.

use serde_json::{Value, json};

use super::{Caller, code, id};

const SRT: &str = "1\n00:00:00,000 --> 00:00:02,000\nx\n";
const VTT: &str = "WEBVTT\n\n00:00.000 --> 00:02.000\nx\n";
const DFXP: &str = "<?xml version=\"1.0\"?>\n<tt xmlns=\"http://www.w3.org/2006/10/ttaf1\"><body/></tt>\n";

fn add(caller: &Caller, entry: &str, fields: Value) -> Value {
    let fields = super::with(json!({ "language": "German", "format": "3" }), fields);
    caller.call("caption_captionAsset.add", json!({ "entryId": entry, "captionAsset": fields }))
}

#[test]
fn wrong_form_puts_caption_in_error() {
    let cases = [
        ("3", VTT, Ok(2)),
        ("3", "\u{feff}WEBVTT\n\n00:00.000 --> 00:02.000\nx\n", Ok(2)),
        ("3", "WEBVTT\r\n\r\n01:00:00.000 --> 01:00:02.000 align:start\r\n\u{1f393}\r\n", Ok(2)),
        ("3", SRT, Ok(-1)),
        ("3", DFXP, Ok(-1)),
        ("3", "WEBVTT\n", Ok(-1)),
        ("3", "00:00.000 --> 00:02.000\nx\n", Ok(-1)),
        ("3", "WEBVTT\n\nx --> y\nz\n", Ok(-1)),
        ("3", "{\"a\": [1, 2]}", Ok(-1)),
        ("3", "hello world\n", Ok(-1)),
        ("1", SRT, Ok(2)),
        ("1", VTT, Ok(-1)),
        ("1", "hello world\n", Ok(-1)),
        ("2", DFXP, Ok(2)),
        ("2", VTT, Ok(-1)),
        ("3", "<html><body>please log in</body></html>", Err("FILE_CONTENT_NOT_SECURE")),
        ("1", " ", Err("FILE_CONTENT_NOT_SECURE")),
        ("3", "", Err("FILE_CONTENT_NOT_SECURE")),
    ];
    let caller = Caller::start();
    let entry = caller.add_entry();
    for (format, content, expected) in cases {
        let caption = id(&add(&caller, &entry, json!({ "format": format })));
        let resource = json!({ "objectType": "KalturaStringResource", "content": content });
        let answer =
            caller.call("caption_captionAsset.setContent", json!({ "id": caption, "contentResource": resource }));
        let status = match code(&answer) {
            "" => Ok(answer["status"].as_i64().expect("a status")),
            code => Err(code),
        };
        assert_eq!(status, expected, "{format}: {content:?}");
        let seen = caller.call("caption_captionAsset.get", json!({ "captionAssetId": caption }));
        assert_eq!(seen["status"], expected.unwrap_or(0));
        assert_eq!(seen["size"], if expected.is_ok() { content.len() } else { 0 });
    }
}

#[test]
fn unknown_languages_and_forms_are_refused() {
    let caller = Caller::start();
    let entry = caller.add_entry();
    let cases = [
        (json!({ "language": "de" }), "INVALID_ENUM_VALUE"),
        (json!({ "language": "Klingonish" }), "INVALID_ENUM_VALUE"),
        (json!({ "language": "" }), "INVALID_ENUM_VALUE"),
        (json!({ "language": "Multilingual" }), ""),
        (json!({ "format": "0" }), "INVALID_ENUM_VALUE"),
        (json!({ "format": "" }), "INVALID_ENUM_VALUE"),
        (json!({ "accuracy": 101 }), ""),
    ];
    for (fields, expected) in cases {
        assert_eq!(code(&add(&caller, &entry, fields.clone())), expected, "{fields}");
    }
}

#[test]
fn several_defaults_until_one_is_set() {
    let caller = Caller::start();
    let entry = caller.add_entry();
    let captions = ["One", "Two", "Three"]
        .map(|label| id(&add(&caller, &entry, json!({ "label": label, "isDefault": label != "Three" }))));
    let defaults = || {
        captions.clone().map(|caption| {
            caller.call("caption_captionAsset.get", json!({ "captionAssetId": caption }))["isDefault"].clone()
        })
    };
    assert_eq!(defaults(), [json!(true), json!(true), Value::Null]);
    caller.call("caption_captionAsset.setAsDefault", json!({ "captionAssetId": captions[2] }));
    assert_eq!(defaults(), [json!(false), json!(false), json!(true)]);
    let update = json!({ "id": captions[0], "captionAsset": { "isDefault": true, "language": "English" } });
    assert_eq!(caller.call("caption_captionAsset.update", update)["languageCode"], "en");
    assert_eq!(defaults(), [json!(true), json!(false), json!(false)]);
    let update = json!({ "id": captions[0], "captionAsset": { "format": "1" } });
    assert_eq!(code(&caller.call("caption_captionAsset.update", update)), "PROPERTY_VALIDATION_NOT_UPDATABLE");
}
