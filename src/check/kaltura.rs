//! What is tried at Kaltura: the login, the holding user, the permissions, the rights to look. Rights to write cannot be tried
//! without leaving something behind.

use super::Finding;
use super::permissions::permissions;
use crate::categories::{Named, read};
use crate::config::Settings;
use crate::kaltura::Kaltura;
use crate::model::{EntryId, ReferenceId};

/// An entry that does not exist: the answer to it tells of rights all the same.
const NO_ENTRY: &str = "0_00000000";
/// An address that nobody has.
const NO_ADDRESS: &str = "nobody@zoom2kaltura.invalid";

/// Tries them in this order; after a login that fails there is nothing more to try.
pub async fn kaltura(kaltura: &Kaltura, settings: &Settings) -> Vec<Finding> {
    let what = "Kaltura login";
    let holding_user = &settings.owner.holding_user;
    let found = match kaltura.active_user(holding_user.as_str()).await {
        Ok(found) => found,
        Err(error) => return vec![Finding::bad(what, error.to_string())],
    };
    let mut findings = vec![Finding::good(what, "accepted")];
    findings.push(match found {
        Some(user) => Finding::good("holding user", user.id.to_string()),
        None => Finding::bad(
            "holding user",
            format!(
                "{:?} does not exist in Kaltura, or is blocked, or is a group; create or unblock it, or correct owner.holding_user",
                holding_user.as_str()
            ),
        ),
    });
    let entry = [EntryId::new(NO_ENTRY)];
    let looks = [
        ("right to look for entries", kaltura.entries_marked(&[ReferenceId::new("Zoom_nothing")]).await.err()),
        ("right to look at entries", kaltura.copied(&entry).await.err()),
        ("right to look for users", kaltura.users_with_email(&[NO_ADDRESS.to_owned()]).await.err()),
        ("right to look for categories", kaltura.published(&entry).await.err()),
    ];
    let written: Vec<Named> = match read(settings.copy.categories.clone()) {
        Ok(rules) => rules.written(),
        Err(fault) => {
            findings.push(Finding::bad("copy.category_file", fault.to_string()));
            settings.copy.categories.written()
        }
    };
    findings.extend(looks.into_iter().map(|(what, error)| match error {
        None => Finding::good(what, "granted"),
        Some(error) => Finding::bad(what, error.to_string()),
    }));
    findings.extend(permissions(kaltura, settings, !written.is_empty(), &entry[0]).await);
    for Named { name, key, .. } in written {
        findings.push(match kaltura.categories(&name).await {
            Ok(ids) if ids.len() == 1 => Finding::good(key, name),
            Ok(_) => Finding::bad(
                key,
                format!("Kaltura does not have exactly one category {name:?}; create it, or correct the key"),
            ),
            Err(error) => Finding::bad(key, error.to_string()),
        });
    }
    findings
}
