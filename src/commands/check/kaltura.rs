//! What is tried at Kaltura: the login, the holding user, the permissions, the rights to look. Rights to write cannot be tried
//! without leaving something behind.
//!
//! Which permissions the service user has in Kaltura. A field for which one is missing is dropped without a word, so
//! that nothing but this tells before it happens.

use std::collections::BTreeSet;
use std::iter;

use chrono::Utc;

use super::CheckFinding;
use crate::config::Settings;
use crate::copying::categories::{CategoryName, read_category_rules};
use crate::copying::directory::{load_aliases, person_behind};
use crate::model::{EntryId, KalturaUserId, OtherInstallation, ReferenceId, format_count};
use crate::remotes::http::RemoteError;
use crate::remotes::kaltura::Kaltura;
use crate::remotes::kaltura::permissions::{Feature, Permission, ROLE, missing_permissions};

/// An entry that does not exist: the answer to it shows rights all the same.
const NO_ENTRY: &str = "0_00000000";
/// An address that nobody has.
const NO_ADDRESS: &str = "nobody@zoom2kaltura.invalid";

/// Tries them in this order; after a login that fails there is nothing more to try.
pub async fn check_kaltura(kaltura: &Kaltura, settings: &Settings) -> Vec<CheckFinding> {
    let what = "Kaltura login";
    let holding_user = &settings.owner.holding_user;
    let found = match kaltura.active_user(holding_user.as_str()).await {
        Ok(found) => found,
        Err(error) => return vec![CheckFinding::bad(what, error.to_string())],
    };
    let mut findings = vec![CheckFinding::good(what, "accepted")];
    // what is wrong with the file is reported by itself
    let person =
        load_aliases(&settings.owner).ok().and_then(|aliases| person_behind(holding_user, &aliases, iter::empty()));
    findings.push(match (found, person) {
        (Some(_), Some(person)) => CheckFinding::bad("holding user", person),
        (Some(user), None) => match count_strangers(kaltura, &user.id).await {
            Ok(0) => CheckFinding::good("holding user", user.id.to_string()),
            Ok(count) => CheckFinding::warning(
                "holding user",
                format!("{} owns {} not made by this program: check whether it is a person's account; if so, name another user", user.id, format_count(count, "entry")),
            ),
            Err(error) => CheckFinding::bad("holding user", error.to_string()),
        },
        (None, _) => CheckFinding::bad(
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
        ("right to look at entries", kaltura.entries_with_source(&entry).await.err()),
        ("right to look for users", kaltura.users_with_email(&[NO_ADDRESS.to_owned()]).await.err()),
        ("right to look for categories", kaltura.published(&entry).await.err()),
    ];
    let written: Vec<CategoryName> = match read_category_rules(settings.copy.categories.clone()) {
        Ok(rules) => rules.list_written(),
        Err(fault) => {
            findings.push(CheckFinding::bad("copy.category_file", fault.to_string()));
            settings.copy.categories.list_written()
        }
    };
    findings.extend(looks.into_iter().map(|(what, error)| match error {
        None => CheckFinding::good(what, "granted"),
        Some(error) => CheckFinding::bad(what, error.to_string()),
    }));
    findings.extend(check_permissions(kaltura, settings, !written.is_empty(), &entry[0]).await);
    for CategoryName { name, key, .. } in written {
        findings.push(match kaltura.categories(&name).await {
            Ok(ids) if ids.len() == 1 => CheckFinding::good(key, name),
            Ok(_) => CheckFinding::bad(
                key,
                format!("Kaltura does not have exactly one category {name:?}; create it, or correct the key"),
            ),
            Err(error) => CheckFinding::bad(key, error.to_string()),
        });
    }
    findings.extend(check_groups(kaltura, &settings.filter.lists.opt_out.kaltura_groups).await);
    findings.extend(check_others(kaltura).await);
    findings
}

/// The groups of those who opt out: a line each.
async fn check_groups(kaltura: &Kaltura, groups: &[String]) -> Vec<CheckFinding> {
    let members = kaltura.group_members(groups).await;
    let finding = |(group, members): (&String, Result<BTreeSet<String>, RemoteError>)| {
        let what = format!("Kaltura group {group:?}");
        match members {
            Ok(members) => CheckFinding::good(what, format_count(members.len(), "member")),
            Err(error) => CheckFinding::bad(what, error.to_string()),
        }
    };
    groups.iter().zip(members).map(finding).collect()
}

/// How many entries lie in the account that this program did not make.
async fn count_strangers(kaltura: &Kaltura, user: &KalturaUserId) -> Result<usize, RemoteError> {
    let held = kaltura.holding(user).await?;
    Ok(held.iter().filter(|held| !held.entry.tags.is_marked).count())
}

/// Other installations of the same Zoom account: a line each, or one that there are none.
async fn check_others(kaltura: &Kaltura) -> Vec<CheckFinding> {
    let what = "other installations";
    let others = match kaltura.list_others().await {
        Ok(others) => others,
        Err(error) => return vec![CheckFinding::bad(what, error.to_string())],
    };
    let now = kaltura.now().unwrap_or_else(Utc::now);
    let finding = |other: OtherInstallation| {
        if other.is_silent(now) {
            let advice = format!("if it no longer runs, run sync --take-over {} once", other.id);
            CheckFinding::bad(what, format!("{other}; {advice}"))
        } else {
            CheckFinding::warning(what, other.to_string())
        }
    };
    if others.is_empty() { vec![CheckFinding::good(what, "none")] } else { others.into_iter().map(finding).collect() }
}

/// Names each permission that is missing for what is configured. Where Kaltura does not tell, what can be tried without
/// writing is tried, and the rest is unknown.
pub(super) async fn check_permissions(
    kaltura: &Kaltura,
    settings: &Settings,
    has_categories: bool,
    nothing: &EntryId,
) -> Vec<CheckFinding> {
    let switched_on = switched_on(settings, has_categories);
    let granted = match kaltura.permissions().await {
        Ok(granted) => granted,
        Err(error) => {
            let mut findings =
                vec![CheckFinding::unknown("Kaltura permissions", format!("Kaltura does not list them: {error}"))];
            findings.extend(try_features(kaltura, &switched_on, nothing).await);
            findings
                .extend(ROLE.iter().filter(|one| switched_on.contains(&one.feature)).filter_map(unknown_permission));
            return findings;
        }
    };
    let missing = missing_permissions(&granted, &switched_on);
    if missing.is_empty() {
        return vec![CheckFinding::good("Kaltura permissions", "all that are needed")];
    }
    let said = |Permission { name, without, .. }: &Permission| {
        let advice = "add it to the role of the service user in Kaltura";
        CheckFinding::bad(format!("Kaltura permission {name}"), format!("is missing: without it {without}; {advice}"))
    };
    missing.into_iter().map(said).collect()
}

fn switched_on(settings: &Settings, has_categories: bool) -> Vec<Feature> {
    let (wanted, categories) = (&settings.copy.wanted, &settings.copy.categories);
    // a category may be made up from a topic or a tracking field, and then nobody wrote it down
    let has_categories = has_categories || categories.field.is_some() || !categories.topics.is_empty();
    let features = [
        (Feature::Copying, true),
        (Feature::Captions, wanted.captions),
        (Feature::Attachments, !wanted.attachments.is_empty()),
        (Feature::Categories, has_categories),
        (Feature::Groups, !settings.filter.lists.opt_out.kaltura_groups.is_empty()),
        (Feature::Renames, settings.copy.follow_renames),
    ];
    features.into_iter().filter(|(_, is_on)| *is_on).map(|(feature, _)| feature).collect()
}

/// Looks that no other line of `check` tries.
async fn try_features(kaltura: &Kaltura, switched_on: &[Feature], nothing: &EntryId) -> Vec<CheckFinding> {
    let looks = [
        (Feature::Copying, "right to look at uploads", "uploadToken.get"),
        (Feature::Captions, "right to look for captions", "caption_captionAsset.list"),
        (Feature::Attachments, "right to look for attachments", "attachment_attachmentAsset.list"),
    ];
    let mut findings = Vec::new();
    for (_, what, call) in looks.into_iter().filter(|(feature, ..)| switched_on.contains(feature)) {
        findings.push(match kaltura.try_to_look(call, nothing).await {
            Ok(()) => CheckFinding::good(what, "granted"),
            Err(error) => CheckFinding::bad(what, error.to_string()),
        });
    }
    findings
}

fn unknown_permission(permission: &Permission) -> Option<CheckFinding> {
    let Permission { name, without, .. } = permission;
    let said = format!("unknown, because it cannot be tried without writing: without it {without}");
    permission.opens_writing().then(|| CheckFinding::unknown(format!("Kaltura permission {name}"), said))
}
