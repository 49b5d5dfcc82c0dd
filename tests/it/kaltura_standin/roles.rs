//! Roles: calls that are refused, and fields that are dropped without a word.

use serde_json::{Value, json};

use super::{Caller, code, id};

/// A caller whose user has these permissions and no other.
fn caller(permissions: &[&str]) -> Caller {
    let caller = Caller::start();
    caller.kaltura.set_role("zoom2kaltura", permissions);
    caller
}

const BASE: &str = "CONTENT_MANAGE_BASE";
const UPLOAD: &str = "CONTENT_INGEST_UPLOAD";

#[test]
fn call_needs_one_of_its_permissions() {
    let user = json!({ "userId": "zoom2kaltura" });
    let entry = json!({ "entry": super::entry() });
    let update = json!({ "entryId": "0_nothing1", "baseEntry": { "adminTags": "tag" } });
    let delete = json!({ "entryId": "0_nothing1" });
    let caption = json!({ "entryId": "0_nothing1", "captionAsset": { "language": "German", "format": "3" } });
    let chat = json!({ "entryId": "0_nothing1", "attachmentAsset": { "title": "Chat", "format": "1" } });
    let into = json!({ "categoryEntry": { "entryId": "0_nothing1", "categoryId": 1 } });
    let point = json!({ "cuePoint": { "objectType": "KalturaThumbCuePoint", "entryId": "0_nothing1" } });
    let token = json!({ "uploadToken": { "fileName": "a.mp4" } });
    let members = json!({ "filter": { "groupIdEqual": "staff" } });
    let cases: [(&str, &str, &Value, &[&str]); 13] = [
        ("user.get", "user->get", &user, &["ADMIN_BASE"]),
        ("user.add", "user->add", &json!({ "user": { "id": "new" } }), &["ADMIN_USER_ADD"]),
        ("media.add", "media->add", &entry, &[BASE, UPLOAD]),
        ("baseEntry.update", "baseEntry->update", &update, &[UPLOAD]),
        ("media.delete", "media->delete", &delete, &["CONTENT_MANAGE_DELETE"]),
        ("baseEntry.recycle", "baseEntry->recycle", &delete, &["CONTENT_MANAGE_DELETE"]),
        ("uploadToken.add", "uploadToken->add", &token, &[UPLOAD, "CAPTION_MODIFY", "ATTACHMENT_MODIFY"]),
        ("caption_captionAsset.add", "caption_captionasset->add", &caption, &["CAPTION_MODIFY"]),
        ("attachment_attachmentAsset.add", "attachment_attachmentasset->add", &chat, &["ATTACHMENT_MODIFY"]),
        ("categoryEntry.add", "categoryEntry->add", &into, &["CONTENT_MANAGE_ASSIGN_CATEGORIES"]),
        ("groupUser.list", "groupUser->list", &members, &["CONTENT_MANAGE_ASSIGN_USER_GROUP"]),
        ("cuepoint_cuePoint.add", "cuepoint_cuepoint->add", &point, &["cuePoint.MANAGE"]),
        ("media.get", "media->get", &delete, &[BASE]),
    ];
    for (call, service, params, enough) in cases {
        let refused = caller(&["SOMETHING_ELSE"]).call(call, params.clone());
        assert_eq!((code(&refused), &refused["args"]["SERVICE"]), ("SERVICE_FORBIDDEN", &json!(service)));
        for permission in enough {
            let answer = caller(&[permission]).call(call, params.clone());
            assert_ne!(code(&answer), "SERVICE_FORBIDDEN", "{call} with {permission}");
        }
    }
}

#[test]
fn fields_without_permission_are_dropped() {
    let asked = |moment: &str| {
        json!({ "referenceId": format!("mark-{moment}"), "name": format!("Name {moment}"), "startDate": 1_900_000_000,
            "description": format!("About {moment}"), "tags": format!("tag-{moment}"), "adminTags": format!("at-{moment}") })
    };
    let fields = ["referenceId", "name", "description", "tags", "startDate", "adminTags"];
    let cases: [(&str, &[&str], &[&str]); 4] = [
        ("", &["name", "description", "tags", "adminTags"], &["adminTags"]),
        (
            "CONTENT_INGEST_REFERENCE_MODIFY",
            &["referenceId", "name", "description", "tags", "adminTags"],
            &["referenceId", "adminTags"],
        ),
        (
            "CONTENT_MANAGE_METADATA",
            &["name", "description", "tags", "adminTags"],
            &["name", "description", "tags", "adminTags"],
        ),
        (
            "CONTENT_MANAGE_SCHEDULE",
            &["name", "description", "tags", "startDate", "adminTags"],
            &["startDate", "adminTags"],
        ),
    ];
    for (permission, added, updated) in cases {
        let caller = caller(&[BASE, UPLOAD, permission]);
        let taken = |answer: &Value, asked: &Value| -> Vec<&str> {
            fields.into_iter().filter(|field| answer[*field] == asked[*field]).collect()
        };
        let sorted = |names: &[&str]| fields.into_iter().filter(|field| names.contains(field)).collect::<Vec<_>>();
        let answer = caller.add_entry_with(asked("one"));
        assert_eq!(taken(&answer, &asked("one")), sorted(added), "add with {permission:?}: {answer}");
        let entry = id(&answer);
        let other = super::with(asked("two"), json!({ "startDate": 1_950_000_000 }));
        caller.update(&entry, other.clone());
        let answer = caller.get(&entry);
        assert_eq!(taken(&answer, &other), sorted(updated), "update with {permission:?}: {answer}");
    }
}

#[test]
fn session_tells_its_permissions_sorted() {
    let always = "ALWAYS_ALLOWED_ACTIONS,ALWAYS_ALLOWED_FROM_INTERNAL_IP_ACTIONS";
    let caller = caller(&[UPLOAD, "ADMIN_BASE"]);
    let told = |ks: &str| {
        let params = if ks.is_empty() { json!({}) } else { json!({ "ks": ks }) };
        let answer = caller.answer(caller.post("permission.getCurrentPermissions", params)).expect("an answer");
        answer.as_str().expect("a string").to_owned()
    };
    assert_eq!(told(&caller.ks), format!("ADMIN_BASE,{UPLOAD},{always}"));
    assert_eq!(told(""), always);
    let everything = told(&caller.log_in_as("somebody else", 2, ""));
    assert!(everything.contains("CONTENT_MANAGE_DELETE,") && everything.ends_with(always), "{everything}");
}

#[test]
fn role_applies_to_users_and_sessions() {
    let caller = Caller::start();
    let role = caller.call("userRole.add", json!({ "userRole": { "name": "few", "permissionNames": BASE } }));
    let role = role["id"].to_string();
    assert_eq!(caller.call("userRole.get", json!({ "userRoleId": role }))["permissionNames"], BASE);
    let user = caller.call("user.add", json!({ "user": { "id": "few", "isAdmin": true, "roleIds": role } }));
    assert_eq!(user["roleIds"], json!(role));
    for (user, privileges) in [("few", String::new()), ("many", format!("disableentitlement,setrole:{role}"))] {
        let ks = caller.log_in_as(user, 2, &privileges);
        let params = json!({ "ks": ks, "uploadToken": { "fileName": "a.mp4" } });
        let answer = caller.answer(caller.post("uploadToken.add", params)).expect("an answer");
        assert_eq!(code(&answer), "SERVICE_FORBIDDEN", "{user}: {answer}");
    }
}
