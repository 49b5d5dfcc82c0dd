//! Which permissions the service user has in Kaltura. A field for which one is missing is dropped without a word, so that
//! nothing but this tells before it happens.

use super::CheckFinding;
use crate::config::Settings;
use crate::kaltura::Kaltura;
use crate::kaltura::permissions::{Feature, Permission, ROLE, missing_permissions};
use crate::model::EntryId;

/// Names each permission that is missing for what is configured. Where Kaltura does not tell, what can be tried without
/// writing is tried, and the rest is unknown.
pub(super) async fn permissions(
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
                vec![CheckFinding::unknown("Kaltura permissions", format!("Kaltura does not tell them: {error}"))];
            findings.extend(tried(kaltura, &switched_on, nothing).await);
            findings.extend(ROLE.iter().filter(|one| switched_on.contains(&one.feature)).filter_map(unknown));
            return findings;
        }
    };
    let missing = missing_permissions(&granted, &switched_on);
    if missing.is_empty() {
        return vec![CheckFinding::good("Kaltura permissions", "those that are needed")];
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
        (Feature::Chat, wanted.chat),
        (Feature::Categories, has_categories),
    ];
    features.into_iter().filter(|(_, is_on)| *is_on).map(|(feature, _)| feature).collect()
}

/// Looks that no other line of `check` tries.
async fn tried(kaltura: &Kaltura, switched_on: &[Feature], nothing: &EntryId) -> Vec<CheckFinding> {
    let looks = [
        (Feature::Copying, "right to look at uploads", "uploadToken.get"),
        (Feature::Captions, "right to look for captions", "caption_captionAsset.list"),
        (Feature::Chat, "right to look for chats", "attachment_attachmentAsset.list"),
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

fn unknown(permission: &Permission) -> Option<CheckFinding> {
    let Permission { name, without, .. } = permission;
    let said = format!("unknown, as it cannot be tried without writing: without it {without}");
    permission.opens_writing().then(|| CheckFinding::unknown(format!("Kaltura permission {name}"), said))
}
