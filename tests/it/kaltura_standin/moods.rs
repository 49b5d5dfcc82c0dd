//! The moods of a big installation, each shown to bite.

use std::time::Duration;

use serde_json::json;
use standin::fault::Fault;
use standin::kaltura::{Conversion, Kaltura};

use super::{Caller, LECTURE, code, entry};

const INDEX_DOWN: &str = "INTERNAL_SERVERL_ERROR";

#[test]
fn late_index_shows_entries_late() {
    let caller = Caller::start();
    caller.kaltura.delay_index(Duration::from_millis(400));
    let entry = caller.add_entry();
    assert_eq!(caller.listed(), Ok(0));
    assert_eq!(caller.status(&entry), 7, "the database knows it");
    std::thread::sleep(Duration::from_millis(450));
    assert_eq!(caller.listed(), Ok(1));
}

#[test]
fn frozen_index_shows_nothing_new() {
    let caller = Caller::start();
    caller.add_entry();
    caller.kaltura.freeze_index(true);
    let entry = caller.add_entry();
    assert_eq!(caller.listed(), Ok(1));
    assert_eq!(caller.status(&entry), 7, "the database knows it");
    caller.kaltura.freeze_index(false);
    assert_eq!(caller.listed(), Ok(2));
}

#[test]
fn broken_index_fails_lists_and_deletions() {
    let caller = Caller::start();
    let entry = caller.add_entry();
    caller.kaltura.break_index(true);
    assert_eq!(caller.listed(), Err(INDEX_DOWN.to_owned()));
    let lists = [("baseEntry.list", json!({})), ("baseEntry.listByReferenceId", json!({ "refId": "a" }))];
    for (list, params) in lists.into_iter().chain([("user.list", json!({})), ("category.list", json!({}))]) {
        assert_eq!(code(&caller.call(list, params)), INDEX_DOWN, "{list}");
    }
    assert_eq!(caller.status(&entry), 7, "the database is up");
    assert_eq!(code(&caller.call("media.delete", json!({ "entryId": entry }))), INDEX_DOWN);
    assert_eq!(code(&caller.call("media.get", json!({ "entryId": entry }))), "ENTRY_ID_NOT_FOUND");
    caller.kaltura.break_index(false);
    assert_eq!(caller.listed(), Ok(0));
}

#[test]
fn expired_sessions_say_so() {
    let caller = Caller::start();
    caller.kaltura.expire_sessions();
    let answer = caller.call("user.get", json!({}));
    assert_eq!((code(&answer), &answer["args"]["KSID"]), ("INVALID_KS", &json!("EXPIRED")));
}

#[test]
fn blocking_hits_named_calls_only() {
    let caller = Caller::start();
    caller.kaltura.block("media.add", 2);
    let part = json!({ "service": "media", "action": "add", "entry": entry() });
    assert_eq!(code(&caller.call("media.add", json!({ "entry": entry() }))), "ACTION_BLOCKED");
    assert_eq!(caller.listed(), Ok(0));
    assert_eq!(code(&caller.call("multirequest", json!({ "1": part }))[0]), "ACTION_BLOCKED");
    assert_eq!(caller.kaltura.entries().len(), 0);
    caller.add_entry();
}

#[test]
fn calls_above_rate_are_blocked() {
    let caller = Caller::start();
    caller.kaltura.limit_calls(2);
    assert_eq!((caller.listed(), caller.listed()), (Ok(0), Ok(0)));
    assert_eq!(caller.listed(), Err("ACTION_BLOCKED".to_owned()));
    std::thread::sleep(Duration::from_millis(1050));
    assert_eq!(caller.listed(), Ok(0));
}

#[test]
fn lost_answer_was_carried_out() {
    let caller = Caller::start();
    caller.kaltura.faults().queue("media.add", 1, Fault::LostAnswer);
    let params = json!({ "ks": caller.ks, "entry": entry() });
    assert_eq!(caller.answer(caller.post("media.add", params)), None);
    assert_eq!(caller.kaltura.entries().len(), 1);
}

#[test]
fn cut_chunk_was_never_sent() {
    let caller = Caller::start();
    let token = caller.add_token();
    let whole = [("resume", "0"), ("finalChunk", "1"), ("resumeAt", "0")];
    caller.kaltura.cut_upload_after(1000);
    assert_eq!(caller.upload(&token, &whole), None);
    let seen = caller.call("uploadToken.get", json!({ "uploadTokenId": token }));
    assert_eq!((&seen["status"], seen.get("uploadedFileSize")), (&json!(0), None));
    let seen = caller.upload(&token, &whole).expect("an answer");
    assert_eq!(seen["uploadedFileSize"], LECTURE.len().to_string());
}

#[test]
fn conversion_fails_or_never_ends() {
    let convert = |rule| Kaltura::builder().ready_after(Duration::from_millis(100)).conversion(rule);
    let later = || std::thread::sleep(Duration::from_millis(150));
    for (rule, end) in [(Conversion::Succeeds, 2), (Conversion::Fails, -1), (Conversion::NeverEnds, 1)] {
        let caller = Caller::of(convert(rule));
        let one = caller.add_lecture();
        assert_eq!(caller.status(&one), 1, "{rule:?}");
        later();
        assert_eq!(caller.status(&one), end, "{rule:?}");
        let other = caller.add_lecture();
        caller.kaltura.set_conversion(&other, Conversion::Fails);
        later();
        assert_eq!((caller.status(&one), caller.status(&other)), (json!(end), json!(-1)), "{rule:?}");
    }
}
