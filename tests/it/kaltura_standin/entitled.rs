//! Who may view, edit and publish an entry: made silently, dropped silently, and in a child the owner of its parent.

use serde_json::{Value, json};

use super::{Caller, code, id};

fn caller() -> Caller {
    let caller = Caller::start();
    caller.kaltura.add_user("prof", "prof@uni.example");
    caller.kaltura.add_user("assistant", "assistant@uni.example");
    caller
}

/// The lists of those who edit, publish and view.
fn lists(entry: &Value) -> [&str; 3] {
    ["entitledUsersEdit", "entitledUsersPublish", "entitledUsersView"].map(|name| entry[name].as_str().expect("a list"))
}

#[test]
fn lists_are_tidied_unknown_users_made() {
    let long = "u".repeat(101);
    let cases = [
        (" assistant , new ", "assistant,new"),
        ("new,assistant", "new,assistant"),
        ("ASSISTANT,assistant,assistant", "assistant"),
        ("assistant,,", "assistant"),
        ("pr\u{f6}f", "prof"),
        ("gone,assistant", "assistant"),
        (long.as_str(), &long[..100]),
        ("", ""),
    ];
    for (sent, kept) in cases {
        let caller = caller();
        caller.kaltura.add_user("gone", "");
        caller.kaltura.delete_user("gone");
        let entry = caller.add_entry_with(json!({ "userId": "prof", "entitledUsersEdit": sent }));
        assert_eq!(lists(&entry), [kept, "", ""], "{sent:?}");
        for user in kept.split(',').filter(|user| !user.is_empty()) {
            assert_eq!(code(&caller.call("user.get", json!({ "userId": user }))), "", "{user}");
        }
        assert_eq!(code(&caller.call("user.get", json!({ "userId": "gone" }))), "INVALID_USER_ID");
    }
}

#[test]
fn update_with_deleted_user_lies_once() {
    let caller = caller();
    let entry = id(&caller.add_entry_with(json!({ "userId": "prof", "entitledUsersEdit": "assistant" })));
    caller.kaltura.delete_user("assistant");
    assert_eq!(lists(&caller.get(&entry))[0], "assistant");
    assert_eq!(code(&caller.update(&entry, json!({ "name": "Other" }))), "");
    assert_eq!(code(&caller.update(&entry, json!({ "entitledUsersEdit": "new" }))), "INTERNAL_SERVERL_ERROR");
    assert_eq!(lists(&caller.get(&entry))[0], "new");
    assert_eq!(code(&caller.update(&entry, json!({ "entitledUsersEdit": "newer" }))), "");
}

#[test]
fn child_inherits_owner_and_additions() {
    let caller = caller();
    let parent = id(&caller.add_entry_with(json!({ "userId": "prof", "entitledUsersEdit": "assistant" })));
    let child =
        caller.add_entry_with(json!({ "userId": "other", "parentEntryId": parent, "entitledUsersView": "own" }));
    assert_eq!(lists(&child), ["prof", "prof", "own,prof"]);
    let child = id(&child);
    caller.update(&child, json!({ "entitledUsersEdit": "own" }));
    assert_eq!(lists(&caller.get(&child)), ["own", "prof", "own,prof"]);
    caller.update(&parent, json!({ "entitledUsersPublish": "new" }));
    assert_eq!(lists(&caller.get(&child)), ["own,assistant,prof", "prof,new", "own,prof"]);
    caller.update(&parent, json!({ "entitledUsersPublish": "" }));
    assert_eq!(lists(&caller.get(&child))[1], "prof,new", "nobody is taken out there");
}

#[test]
fn editors_may_change_strangers_may_not() {
    let caller = caller();
    let entry = id(&caller.add_entry_with(json!({ "userId": "prof", "entitledUsersEdit": "assistant" })));
    for (user, expected) in [("assistant", ""), ("prof", ""), ("stranger", "INVALID_KS")] {
        let params =
            json!({ "ks": caller.log_in_as(user, 0, ""), "entryId": entry, "baseEntry": { "description": "d" } });
        let answer = caller.answer(caller.post("baseEntry.update", params)).expect("an answer");
        assert_eq!(code(&answer), expected, "{user}");
    }
}
