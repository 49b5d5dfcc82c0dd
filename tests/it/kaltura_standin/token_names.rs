//! `uploadToken.list` as a look-up by a name of one's own.

use serde_json::{Value, json};

use super::{Caller, code, id};

const NAME: &str = "zoom2kaltura-1f4294.mp4";
const WHOLE: [(&str, &str); 3] = [("resume", "0"), ("finalChunk", "1"), ("resumeAt", "0")];
const BEGUN: [(&str, &str); 3] = [("resume", "0"), ("finalChunk", "0"), ("resumeAt", "0")];

fn token(caller: &Caller) -> String {
    id(&caller.call("uploadToken.add", json!({ "uploadToken": { "fileName": NAME } })))
}

fn found(caller: &Caller, filter: Value) -> usize {
    let filter = super::with(json!({ "objectType": "KalturaUploadTokenFilter" }), filter);
    caller.found("uploadToken.list", &filter).expect("a list").len()
}

#[test]
fn whole_name_in_any_letter_case() {
    let caller = Caller::start();
    token(&caller);
    let cases = [
        (NAME.to_owned(), 1),
        (NAME.to_uppercase(), 1),
        (format!("{NAME}  "), 1),
        (format!(" {NAME}"), 0),
        (NAME[..12].to_owned(), 0),
        (format!("{}%", &NAME[..12]), 0),
        ("a\"b".to_owned(), 0),
    ];
    for (name, expected) in cases {
        assert_eq!(found(&caller, json!({ "fileNameEqual": name })), expected, "{name:?}");
    }
    assert_eq!(found(&caller, json!({ "fileNameEqual": NAME, "userIdEqual": "zoom2kaltura" })), 1);
    assert_eq!(found(&caller, json!({ "fileNameEqual": NAME, "userIdEqual": "nobody" })), 0);
}

#[test]
fn closed_found_by_status_deleted_never() {
    let caller = Caller::start();
    let tokens: Vec<_> = (0..5).map(|_| token(&caller)).collect();
    caller.upload(&tokens[1], &BEGUN).expect("an answer");
    for full in &tokens[2..4] {
        caller.upload(full, &WHOLE).expect("an answer");
    }
    let resource = json!({ "objectType": "KalturaUploadedFileTokenResource", "token": tokens[3] });
    caller.call("media.addContent", json!({ "entryId": caller.add_entry(), "resource": resource }));
    caller.call("uploadToken.delete", json!({ "uploadTokenId": tokens[4] }));
    let cases = [
        (json!({}), 3),
        (json!({ "statusIn": "0,1,2,3,4,5" }), 4),
        (json!({ "statusEqual": 3 }), 1),
        (json!({ "statusEqual": 1 }), 1),
        (json!({ "statusEqual": 5 }), 0),
    ];
    for (filter, expected) in cases {
        let filter = super::with(json!({ "fileNameEqual": NAME }), filter);
        assert_eq!(found(&caller, filter.clone()), expected, "{filter}");
    }
}

#[test]
fn expired_token_hides_from_status_equal() {
    let caller = Caller::start();
    let old = token(&caller);
    caller.upload(&old, &BEGUN).expect("an answer");
    caller.kaltura.expire_token(&old);
    let answer = caller.upload(&old, &[("resume", "1"), ("finalChunk", "1"), ("resumeAt", "5")]).expect("an answer");
    assert_eq!(code(&answer), "UPLOAD_PASSED_MAX_RESUME_TIME_ALLOWED");
    for (filter, expected) in [(json!({ "statusEqual": 1 }), 0), (json!({ "statusIn": "1" }), 1), (json!({}), 1)] {
        assert_eq!(found(&caller, super::with(json!({ "fileNameEqual": NAME }), filter.clone())), expected, "{filter}");
    }
    assert_eq!(caller.call("uploadToken.get", json!({ "uploadTokenId": old }))["status"], 1);
}

#[test]
fn twin_leaves_the_first_its_bytes() {
    let caller = Caller::start();
    let token = token(&caller);
    let resource = json!({ "objectType": "KalturaUploadedFileTokenResource", "token": token });
    let attach = |entry: &str| caller.call("media.addContent", json!({ "entryId": entry, "resource": resource }));
    let named = || caller.call("uploadToken.get", json!({ "uploadTokenId": token }))["attachedObjectId"].clone();
    let (first, twin) = (caller.add_entry(), caller.add_entry());
    attach(&first);
    let asset = named();
    caller.upload(&token, &WHOLE).expect("an answer");
    assert_eq!((named(), attach(&twin)["status"].clone()), (asset.clone(), json!(0)));
    let of_twin = named();
    assert_ne!(of_twin, asset);
    let seen = caller.call("flavorAsset.get", json!({ "id": of_twin }));
    assert_eq!((&seen["entryId"], &seen["status"], &seen["sizeInBytes"]), (&json!(twin), &json!(7), &json!(0)));
    caller.call("media.delete", json!({ "entryId": twin }));
    assert_eq!(code(&caller.call("flavorAsset.get", json!({ "id": named() }))), "FLAVOR_ASSET_ID_NOT_FOUND");
    let sources = caller.call("flavorAsset.list", json!({ "filter": { "entryIdEqual": first } }));
    assert_eq!(sources["objects"][0]["id"], asset, "no such asset is no proof that there is no copy");
}

#[test]
fn users_see_only_their_own_tokens() {
    let caller = Caller::start();
    let own = token(&caller);
    for (user, kind, expected) in [("another", 2, 1), ("another", 0, 0), ("zoom2kaltura", 0, 1)] {
        let ks = caller.log_in_as(user, kind, "");
        let ask = |call: &str, params: Value| {
            caller.answer(caller.post(call, super::with(params, json!({ "ks": ks })))).expect("an answer")
        };
        assert_eq!(ask("uploadToken.list", json!({ "filter": { "fileNameEqual": NAME } }))["totalCount"], expected);
        let got = ask("uploadToken.get", json!({ "uploadTokenId": own }));
        assert_eq!(code(&got), if expected == 1 { "" } else { "UPLOAD_TOKEN_NOT_FOUND" }, "{user} {kind}");
    }
}
