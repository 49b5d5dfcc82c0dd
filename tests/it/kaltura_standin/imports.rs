//! What becomes of a URL that `addContent` is given: fetched by a worker, as Kaltura's own are known to.

use std::time::Duration;

use serde_json::{Value, json};
use standin::fault::Fault;
use standin::kaltura::{IMPORTER, Importers, Kaltura};
use standin::media::Media;
use standin::zoom::{Meeting, User, Zoom};

use super::{Caller, code};

/// A recording that can be fetched, and its address.
fn zoom() -> (Zoom, String) {
    let zoom = Zoom::start();
    zoom.add_user(User::new("ada", "ada@uni.example"));
    let meeting = Meeting::new("u==", 81_000_000_001, "Optics").host("ada").starts("2026-11-20T09:00:00Z");
    zoom.add_meeting(meeting.video("shared_screen", Media::mp4()));
    let url = address(&zoom);
    (zoom, url)
}

fn address(zoom: &Zoom) -> String {
    let key = zoom.meetings()[0].files()[0].key.clone();
    format!("{}/rec/download/{key}", zoom.api_url().trim_end_matches("/v2"))
}

fn caller(strict: bool) -> Caller {
    Caller::of(Kaltura::builder().strict(strict).import_again_after(Duration::from_millis(40)))
}

fn resource(zoom: &Zoom, url: &str) -> Value {
    let token = zoom.give_download_token("u==");
    let header = json!({ "objectType": "KalturaString", "value": format!("Authorization: Bearer {token}") });
    json!({ "objectType": "KalturaUrlResource", "url": url, "urlHeaders": [header], "shouldRedirect": true })
}

fn handed_over(caller: &Caller, resource: &Value) -> String {
    let entry = caller.add_entry();
    let answer = caller.call("media.addContent", json!({ "entryId": entry, "resource": resource }));
    assert_eq!(answer["status"], 0, "answered before anything is fetched: {answer}");
    entry
}

/// Hands a URL over and tells the entry with what became of it.
fn imported(caller: &Caller, resource: &Value) -> (String, Value) {
    let entry = handed_over(caller, resource);
    for _ in 0..200 {
        let status = caller.status(&entry);
        if status != 0 && status != 1 {
            return (entry, status);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("an import without an end");
}

/// What was asked of Zoom and of its CDN, one after the other.
fn stops(zoom: &Zoom) -> Vec<String> {
    zoom.log().calls().into_iter().chain(zoom.cdn_log().calls()).collect()
}

#[test]
fn only_the_first_get_is_authorized() {
    let (zoom, url) = zoom();
    let caller = caller(true);
    let (entry, status) = imported(&caller, &resource(&zoom, &url));
    assert_eq!(status, 2);
    assert_eq!(caller.kaltura.sha256_of(&entry), Some(zoom.meetings()[0].files()[0].sha256()));
    assert_eq!(stops(&zoom), ["HEAD /rec/download", "GET /rec/download", "CDN"]);
    let authorized: Vec<_> = zoom
        .log()
        .all()
        .iter()
        .chain(&zoom.cdn_log().all())
        .map(|call| !call.header("authorization").is_empty())
        .collect();
    assert_eq!(authorized, [false, true, false]);
    assert!(zoom.cdn_log().all().iter().all(|call| call.header("user-agent") == IMPORTER));
    assert_eq!(zoom.violations(), Vec::<String>::new());
}

#[test]
fn no_source_before_the_file() {
    let (zoom, url) = zoom();
    let caller = caller(true);
    caller.kaltura.set_importers(Importers::Busy);
    let entry = handed_over(&caller, &resource(&zoom, &url));
    let sources =
        || caller.call("flavorAsset.list", json!({ "filter": { "entryIdEqual": entry } }))["totalCount"].clone();
    assert_eq!(sources(), 0);
    caller.kaltura.set_importers(Importers::Work);
    while caller.status(&entry) == 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(sources(), 1);
}

#[test]
fn third_failed_try_is_final() {
    let (zoom, url) = zoom();
    let caller = caller(true);
    for hit in 1..=2 {
        zoom.faults().queue("CDN", hit, Fault::answer(503, "busy"));
    }
    assert_eq!(imported(&caller, &resource(&zoom, &url)).1, 2);
    for hit in 1..=3 {
        zoom.faults().queue("CDN", hit, Fault::answer(503, "busy"));
    }
    let (entry, status) = imported(&caller, &resource(&zoom, &url));
    assert_eq!((status, zoom.cdn_log().count("CDN")), (json!(-2), 6));
    let again = caller.call("media.addContent", json!({ "entryId": entry, "resource": resource(&zoom, &url) }));
    assert_eq!(code(&again), "ENTRY_ALREADY_WITH_CONTENT");
}

#[test]
fn broken_file_resumes_where_it_ended() {
    let (zoom, url) = zoom();
    let caller = caller(true);
    zoom.faults().queue("CDN", 1, Fault::Cut(2000));
    let (entry, status) = imported(&caller, &resource(&zoom, &url));
    assert_eq!(status, 2);
    assert_eq!(caller.kaltura.sha256_of(&entry), Some(zoom.meetings()[0].files()[0].sha256()));
    let ranges: Vec<_> = zoom.cdn_log().all().iter().map(|call| call.header("range").to_owned()).collect();
    assert_eq!(ranges, ["", "bytes=2000-"]);
}

#[test]
fn source_without_ranges_ends_import() {
    let zoom = Zoom::builder().without_ranges().start();
    zoom.add_user(User::new("ada", "ada@uni.example"));
    let meeting = Meeting::new("u==", 81_000_000_001, "Optics").host("ada").starts("2026-11-20T09:00:00Z");
    zoom.add_meeting(meeting.video("shared_screen", Media::mp4()));
    let url = address(&zoom);
    let caller = caller(true);
    zoom.faults().queue("CDN", 1, Fault::Cut(2000));
    assert_eq!(imported(&caller, &resource(&zoom, &url)).1, -2);
}

#[test]
fn page_ends_it_other_text_passes() {
    for (answer, status, tries) in [
        (Fault::html(), -2, 1),
        (Fault::answer(200, ""), -2, 1),
        (Fault::json(200, r#"{"status":false,"errorCode":124}"#), 2, 1),
    ] {
        let (zoom, url) = zoom();
        let caller = caller(true);
        zoom.faults().queue("CDN", 1, answer);
        let (entry, ended) = imported(&caller, &resource(&zoom, &url));
        assert_eq!((ended, zoom.cdn_log().count("CDN")), (json!(status), tries));
        assert_eq!(caller.kaltura.entry(&entry).expect("an entry").ms_duration, 0);
    }
}

#[test]
fn double_slashes_are_mangled_redirects_followed() {
    let (zoom, url) = zoom();
    let caller = caller(false);
    let doubled = url.replace("/download/", "/download//");
    assert_eq!(imported(&caller, &resource(&zoom, &doubled)).1, 2, "the one behind a single slash was fetched");
    let mut unasked = resource(&zoom, &url);
    unasked["shouldRedirect"] = json!(false);
    assert_eq!(imported(&caller, &unasked).1, 2);
}

#[test]
fn deleted_entry_ends_its_import() {
    let (zoom, url) = zoom();
    let caller = caller(true);
    caller.kaltura.set_importers(Importers::Busy);
    let entry = handed_over(&caller, &resource(&zoom, &url));
    caller.call("media.delete", json!({ "entryId": entry }));
    caller.kaltura.set_importers(Importers::Work);
    std::thread::sleep(Duration::from_millis(60));
    assert!(zoom.log().calls().is_empty());
}

#[test]
fn account_token_is_a_mistake() {
    let (zoom, url) = zoom();
    let caller = caller(true);
    let header =
        json!({ "objectType": "KalturaString", "value": format!("Authorization: Bearer {}", zoom.give_token()) });
    let mut resource = resource(&zoom, &url);
    resource["urlHeaders"] = json!([header]);
    imported(&caller, &resource);
    assert_eq!(zoom.violations(), ["the account's token was handed to Kaltura"; 1]);
}

#[test]
fn what_importers_get_wrong_is_refused() {
    let (zoom, url) = zoom();
    let good = resource(&zoom, &url);
    let with = |name: &str, value: Value| {
        let mut resource = good.clone();
        resource[name] = value;
        resource
    };
    let header = |fields: Value| with("urlHeaders", json!([fields]));
    let mistakes = [
        (with("url", json!(url.replace("/rec/", "//rec/"))), "mangled"),
        (with("url", json!(format!("{url}?access_token=x"))), "a token in the URL"),
        (with("shouldRedirect", json!(false)), "without shouldRedirect"),
        (with("urlHeader", json!([])), "urlHeader is not known"),
        (with("urlHeaders", json!("Authorization: Bearer x")), "no list of KalturaString"),
        (header(json!({ "objectType": "KalturaString", "text": "a: b" })), "text is not known"),
        (header(json!({ "objectType": "KalturaString", "value": "Bearer x" })), "a header that is none"),
    ];
    for (resource, reason) in mistakes {
        let caller = caller(true);
        let entry = caller.add_entry();
        caller.call("media.addContent", json!({ "entryId": entry, "resource": resource }));
        let refusals = caller.kaltura.refusals();
        assert!(refusals.len() == 1 && refusals[0].contains(reason), "{reason}: {refusals:?}");
    }
}
