//! Strict mode: what the real server would ignore, or get wrong, is turned down and remembered.

use std::time::Duration;

use serde_json::{Value, json};
use standin::kaltura::Kaltura;

use super::{Caller, code, entry};

const REFUSED: &str = "STANDIN_REFUSES";

/// Makes a mistake on both servers: the strict one refuses it for this reason, the lenient one lets it pass.
fn only_strictness_refuses(reason: &str, mistake: impl Fn(&Caller) -> Value) {
    let strict = Caller::start();
    let answer = mistake(&strict);
    let refusals = strict.kaltura.refusals();
    assert_eq!(code(&answer), REFUSED, "{reason}: {answer}");
    assert!(refusals.len() == 1 && refusals[0].contains(reason), "{reason}: {refusals:?}");
    let lenient = Caller::of(Kaltura::builder().strict(false));
    assert_ne!(code(&mistake(&lenient)), REFUSED, "{reason}");
    assert_eq!(lenient.kaltura.refusals(), Vec::<String>::new());
}

fn refused(reason: &str, call: &str, params: &Value) {
    only_strictness_refuses(reason, |caller| caller.call(call, params.clone()));
}

#[test]
fn unknown_field_is_refused() {
    refused("filename", "uploadToken.add", &json!({ "uploadToken": { "filename": "a.mp4" } }));
    refused("refrenceId", "media.add", &json!({ "entry": { "mediaType": 1, "refrenceId": "a" } }));
    refused("mediaType", "baseEntry.update", &json!({ "entryId": "0_a", "baseEntry": { "mediaType": 1 } }));
    refused("mail", "user.add", &json!({ "user": { "id": "ada", "mail": "ada@uni.example" } }));
    let caption = json!({ "entryId": "0_a", "captionAsset": { "lang": "English" } });
    refused("lang", "caption_captionAsset.add", &caption);
    let resource = json!({ "objectType": "KalturaUploadedFileTokenResource", "token": "0_b", "size": 1 });
    refused("size", "media.addContent", &json!({ "entryId": "0_a", "resource": resource }));
}

#[test]
fn unknown_filter_field_is_refused() {
    refused("emailEqual", "user.list", &json!({ "filter": { "emailEqual": "ada@uni.example" } }));
    refused("mediaTypeEqual", "baseEntry.list", &json!({ "filter": { "mediaTypeEqual": 1 } }));
    refused("page", "media.list", &json!({ "pager": { "page": 2 } }));
}

#[test]
fn unknown_parameter_is_refused() {
    refused("id", "media.get", &json!({ "id": "0_a" }));
    refused("referenceId", "baseEntry.listByReferenceId", &json!({ "refId": "a", "referenceId": "a" }));
    refused("filter", "multirequest", &json!({ "1": {}, "filter": {} }));
}

#[test]
fn mistake_within_multirequest_is_refused() {
    only_strictness_refuses("entryID", |caller| {
        let part = json!({ "service": "media", "action": "get", "entryID": "0_a" });
        caller.call("multirequest", json!({ "1": part }))[0].clone()
    });
}

#[test]
fn value_of_another_shape_is_refused() {
    refused("no plain value", "media.list", &json!({ "filter": { "idIn": ["0_a", "0_b"] } }));
    refused("no KalturaMediaEntryFilter", "media.list", &json!({ "filter": "idIn" }));
    refused("not a KalturaMediaEntry", "media.add", &json!({ "entry": { "objectType": "KalturaUser" } }));
    refused("not a KalturaResource", "media.addContent", &json!({ "entryId": "0_a", "resource": entry() }));
}

#[test]
fn empty_filter_value_is_refused() {
    let filter = json!({ "referenceIdEqual": "", "statusIn": "2" });
    refused("referenceIdEqual is empty", "media.list", &json!({ "filter": filter }));
    refused("emailStartsWith is empty", "user.list", &json!({ "filter": { "emailStartsWith": "" } }));
}

#[test]
fn reference_search_needs_statuses() {
    refused("without statusIn", "media.list", &json!({ "filter": { "referenceIdEqual": "a" } }));
    refused("without statusIn", "baseEntry.list", &json!({ "filter": { "referenceIdIn": "a", "statusEqual": 2 } }));
}

#[test]
fn blind_appends_and_autofinalize_are_refused() {
    for flags in [&[("resume", "1"), ("resumeAt", "-1")][..], &[("resume", "1")]] {
        only_strictness_refuses("resumeAt=-1", |caller| {
            let token = caller.add_token();
            caller.upload(&token, &[("resume", "0"), ("finalChunk", "0"), ("resumeAt", "0")]).expect("an answer");
            caller.upload(&token, flags).expect("an answer")
        });
    }
    refused("autoFinalize", "uploadToken.add", &json!({ "uploadToken": { "autoFinalize": true } }));
}

#[test]
fn other_content_types_are_refused() {
    for content_type in ["application/json; charset=utf-8", "text/json", "application/x-www-form-urlencoded"] {
        only_strictness_refuses("is not application/json", |caller| {
            let call = caller.client.post(caller.address("media.list")).header("content-type", content_type);
            caller.answer(call.body("{}")).expect("an answer")
        });
    }
}

#[test]
fn client_tag_and_format_are_required() {
    let bare = |caller: &Caller, params: Value| {
        let call = caller.client.post(caller.address("media.list"));
        caller.answer(call.json(&params)).expect("an answer")
    };
    only_strictness_refuses("without clientTag", |caller| bare(caller, json!({ "format": 1 })));
    only_strictness_refuses("without format=1", |caller| bare(caller, json!({ "clientTag": "test" })));
}

#[test]
fn ended_session_used_again_is_refused() {
    only_strictness_refuses("used again", |caller| {
        caller.kaltura.expire_sessions();
        assert_eq!(caller.call("user.get", json!({}))["args"]["KSID"], "EXPIRED");
        std::thread::sleep(Duration::from_millis(80));
        caller.call("user.get", json!({}))
    });
}

#[test]
fn straggler_of_an_ended_session_passes() {
    let mut caller = Caller::start();
    caller.kaltura.expire_sessions();
    assert_eq!(caller.call("user.get", json!({}))["args"]["KSID"], "EXPIRED");
    std::thread::sleep(Duration::from_millis(80));
    let fresh = caller.log_in();
    assert_eq!(caller.call("user.get", json!({}))["args"]["KSID"], "EXPIRED", "a straggler");
    caller.ks = fresh;
    assert_eq!(caller.call("user.get", json!({}))["id"], "zoom2kaltura");
    assert_eq!(caller.kaltura.refusals(), Vec::<String>::new());
}
