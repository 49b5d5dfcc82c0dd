//! What is tried at Kaltura: the login, the holding user, the permissions, the rights to look. Rights to write cannot be tried
//! without leaving something behind.

use std::iter;

use chrono::Utc;

use super::Finding;
use super::permissions::permissions;
use crate::categories::{Named, read};
use crate::config::Settings;
use crate::directory::{aliases, person_behind};
use crate::http::RemoteError;
use crate::kaltura::Kaltura;
use crate::model::{EntryId, KalturaUserId, OtherInstallation, ReferenceId};

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
    // what is wrong with the file is reported by itself
    let person = aliases(&settings.owner).ok().and_then(|aliases| person_behind(holding_user, &aliases, iter::empty()));
    findings.push(match (found, person) {
        (Some(_), Some(person)) => Finding::bad("holding user", person),
        (Some(user), None) => match strangers(kaltura, &user.id).await {
            Ok(0) => Finding::good("holding user", user.id.to_string()),
            Ok(count) => Finding::warning(
                "holding user",
                format!("{} owns {count} entries that this program did not make: look whether it is a person's account, and name another one if so", user.id),
            ),
            Err(error) => Finding::bad("holding user", error.to_string()),
        },
        (None, _) => Finding::bad(
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
    findings.extend(others(kaltura).await);
    findings
}

/// How many entries lie in the account that this program did not make.
async fn strangers(kaltura: &Kaltura, user: &KalturaUserId) -> Result<usize, RemoteError> {
    let held = kaltura.holding(user).await?;
    Ok(held.iter().filter(|held| !held.entry.tags.is_marked).count())
}

/// Other installations of the same Zoom account: a line each, or one that there are none.
async fn others(kaltura: &Kaltura) -> Vec<Finding> {
    let what = "other installations";
    let others = match kaltura.others().await {
        Ok(others) => others,
        Err(error) => return vec![Finding::bad(what, error.to_string())],
    };
    let now = kaltura.now().unwrap_or_else(Utc::now);
    let finding = |other: OtherInstallation| {
        if other.is_silent(now) {
            let advice = format!("if it is not at work any more, run sync --take-over {} once", other.id);
            Finding::bad(what, format!("{other}; {advice}"))
        } else {
            Finding::warning(what, other.to_string())
        }
    };
    if others.is_empty() { vec![Finding::good(what, "none")] } else { others.into_iter().map(finding).collect() }
}
