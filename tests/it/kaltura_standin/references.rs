//! References in a multirequest: replaced in every text of a later part, as the server's code does.

use serde_json::{Value, json};

use super::{Caller, id};

/// The description that a second part gets which asks for it so, after a first part that made the entry.
fn described(caller: &Caller, text: &str) -> String {
    let get = json!({ "service": "media", "action": "get", "entryId": "{1:result:id}" });
    let entry = json!({ "objectType": "KalturaMediaEntry", "mediaType": 1, "name": text });
    let first = json!({ "service": "media", "action": "add", "entry": entry });
    let mut second = first.clone();
    second["entry"]["description"] = text.into();
    let answers: Value = caller.call("multirequest", json!({ "1": first, "2": second, "3": get }));
    assert_eq!(answers[0]["name"], text, "nothing comes before the first part");
    assert_eq!(id(&answers[2]), id(&answers[0]));
    answers[1]["description"].as_str().unwrap_or_default().replace(&id(&answers[0]), "ID")
}

#[test]
fn reference_is_replaced_anywhere_in_text() {
    let cases = [
        ("{1:result:id}", "ID"),
        ("a {1:result:id} b", "a ID b"),
        ("{1:result:id}-{1:result:id}", ""),
        ("a {1:result:nosuch} b", "a  b"),
        ("{1:result:id} b}", ""),
        ("{1:result:id}\n}", "ID\n}"),
        ("{2:result:id}", "{2:result:id}"),
        ("{3:result:id}", "{3:result:id}"),
        ("{0:result:id}", "{0:result:id}"),
        ("{1:result:id", "{1:result:id"),
        ("{result:id}", "{result:id}"),
    ];
    let caller = Caller::start();
    for (text, expected) in cases {
        assert_eq!(described(&caller, text), expected, "{text}");
    }
}
