//! Groups: who is in them, as Kaltura's server code has it.

use serde_json::{Value, json};

use super::{Caller, code};

/// Who is in what, by this filter.
fn memberships(caller: &Caller, filter: &Value) -> Vec<String> {
    let answer = caller.call("groupUser.list", json!({ "filter": filter }));
    let objects = answer["objects"].as_array().unwrap_or_else(|| panic!("{filter}: {answer}"));
    assert_eq!(answer["totalCount"], objects.len(), "{filter}: {answer}");
    let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    objects.iter().map(|one| format!("{} in {}", text(one, "userId"), text(one, "groupId"))).collect()
}

#[test]
fn missing_groups_have_no_members() {
    let caller = Caller::start();
    caller.kaltura.add_user("ada", "");
    caller.kaltura.add_user("bert", "");
    caller.kaltura.add_group("staff", "");
    caller.kaltura.join_group("staff", "ada");
    caller.kaltura.join_group("staff", "bert");
    let cases: [(Value, &[&str]); 6] = [
        (json!({ "groupIdEqual": "STAFF" }), &["ada in staff", "bert in staff"]),
        (json!({ "userIdEqual": "ada" }), &["ada in staff"]),
        (json!({ "groupIdEqual": "staff", "userIdIn": "bert,eve" }), &["bert in staff"]),
        (json!({ "groupIdEqual": "nothing" }), &[]),
        // a user is no group, and a group no user
        (json!({ "groupIdEqual": "ada" }), &[]),
        (json!({ "userIdEqual": "staff" }), &[]),
    ];
    for (filter, expected) in cases {
        assert_eq!(memberships(&caller, &filter), expected, "{filter}");
    }
    let unfiltered = caller.call("groupUser.list", json!({ "filter": { "orderBy": "+createdAt" } }));
    assert_eq!(code(&unfiltered), "PROPERTY_VALIDATION_CANNOT_BE_NULL");
    caller.kaltura.delete_user("bert");
    assert_eq!(memberships(&caller, &json!({ "groupIdEqual": "staff" })), ["ada in staff"]);
    caller.kaltura.leave_group("staff", "ada");
    assert_eq!(memberships(&caller, &json!({ "groupIdEqual": "staff" })), Vec::<String>::new());
}
