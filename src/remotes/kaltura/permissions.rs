//! What the program does in Kaltura, and which permissions open it: the one table of them, of which the manual's is a
//! copy. As recorded (facts-kaltura.md#k26: calls that are refused, fields that are dropped without a word),
//! but for the calls that were not tried there, which are as in Kaltura's own table of roles.

use std::collections::BTreeSet;

use serde_json::json;

use super::client::Kaltura;
use super::texts::texts_on;
use crate::model::EntryId;
use crate::remotes::http::{RemoteError, RemoteKind, Service};

/// What has to be switched on before a permission is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Nothing: every copying run needs it.
    Copying,
    /// `copy.captions`
    Captions,
    /// `copy.attachments`
    Attachments,
    /// A category.
    Categories,
    /// `filter.opt_out_kaltura_groups`
    Groups,
    /// `copy.follow_renames`
    Renames,
}

/// A permission that the role of the service user is to have.
#[derive(Debug)]
pub struct Permission {
    /// Its name in Kaltura.
    pub name: &'static str,
    /// When it is needed.
    pub feature: Feature,
    /// What for, as the manual says.
    pub used_for: &'static str,
    /// What fails without it.
    pub without: &'static str,
}

/// A call, or a field of an entry, and the permissions of which one is enough for it; that of [`ROLE`] comes first.
#[derive(Debug)]
pub struct PermissionNeed {
    /// The call, or the field.
    pub what: &'static str,
    /// One of these is enough.
    pub any_of: &'static [&'static str],
    /// When the program makes it.
    pub feature: Feature,
}

const UPLOAD: &str = "CONTENT_INGEST_UPLOAD";
const REFERENCE: &str = "CONTENT_INGEST_REFERENCE_MODIFY";
const BASE: &str = "CONTENT_MANAGE_BASE";
const DELETE: &str = "CONTENT_MANAGE_DELETE";
const USERS: &str = "ADMIN_BASE";
const CAPTIONS: &str = "CAPTION_MODIFY";
const ATTACHMENTS: &str = "ATTACHMENT_MODIFY";
const METADATA: &str = "CONTENT_MANAGE_METADATA";
const ASSIGN: &str = "CONTENT_MANAGE_ASSIGN_CATEGORIES";
const MEMBERS: &str = "CONTENT_MANAGE_ASSIGN_USER_GROUP";

/// The role of the service user. A permission is added here, and what it opens to [`PERMISSIONS_NEEDED`].
#[rustfmt::skip]
pub const ROLE: &[Permission] = &[
    Permission { name: UPLOAD, feature: Feature::Copying, used_for: "making entries, uploading, handing over, giving rights", without: "nothing can be copied, handed over or shared" },
    Permission { name: REFERENCE, feature: Feature::Copying, used_for: "the mark of each entry (`referenceId`), which keeps anything from being copied twice: without it Kaltura drops the mark silently", without: "Kaltura silently drops the mark of each entry (referenceId), so nothing is copied" },
    Permission { name: BASE, feature: Feature::Copying, used_for: "looking for entries, and at what hangs on them", without: "entries cannot be looked at, so nothing is copied, confirmed or purged" },
    Permission { name: DELETE, feature: Feature::Copying, used_for: "deleting and recycling them", without: "no orphan can be purged, and no unfinished copy can be removed" },
    Permission { name: USERS, feature: Feature::Copying, used_for: "looking for users", without: "no owner can be found, so nothing is copied" },
    Permission { name: CAPTIONS, feature: Feature::Captions, used_for: "only with `copy.captions`: captions", without: "captions are not copied" },
    Permission { name: ATTACHMENTS, feature: Feature::Attachments, used_for: "only with `copy.attachments`: attachments", without: "attachments are not copied" },
    Permission { name: ASSIGN, feature: Feature::Categories, used_for: "only with a category: putting entries into it", without: "entries are put into no category" },
    Permission { name: MEMBERS, feature: Feature::Groups, used_for: "only with `filter.opt_out_kaltura_groups`: who is in a group", without: "groups in Kaltura cannot be read, so nothing is copied" },
    Permission { name: METADATA, feature: Feature::Renames, used_for: "only with `copy.follow_renames`: changing the title of an entry (`name`)", without: "Kaltura silently drops a new title (name), so no title follows Zoom" },
];

/// Every call that the program makes once it has a session, and every field of an entry that is dropped without a word.
#[rustfmt::skip]
pub const PERMISSIONS_NEEDED: &[PermissionNeed] = &[
    PermissionNeed { what: "media.add", any_of: &[UPLOAD, BASE], feature: Feature::Copying },
    PermissionNeed { what: "referenceId", any_of: &[REFERENCE], feature: Feature::Copying },
    PermissionNeed { what: "media.addContent", any_of: &[UPLOAD], feature: Feature::Copying },
    PermissionNeed { what: "uploadToken.add", any_of: &[UPLOAD, ATTACHMENTS, CAPTIONS], feature: Feature::Copying },
    PermissionNeed { what: "uploadToken.upload", any_of: &[UPLOAD, ATTACHMENTS, CAPTIONS], feature: Feature::Copying },
    PermissionNeed { what: "uploadToken.get", any_of: &[UPLOAD], feature: Feature::Copying },
    PermissionNeed { what: "uploadToken.list", any_of: &[UPLOAD], feature: Feature::Copying },
    PermissionNeed { what: "uploadToken.delete", any_of: &[UPLOAD], feature: Feature::Copying },
    PermissionNeed { what: "baseEntry.update", any_of: &[UPLOAD], feature: Feature::Copying },
    PermissionNeed { what: "media.get", any_of: &[BASE], feature: Feature::Copying },
    PermissionNeed { what: "media.list", any_of: &[BASE], feature: Feature::Copying },
    PermissionNeed { what: "baseEntry.list", any_of: &[BASE], feature: Feature::Copying },
    PermissionNeed { what: "flavorAsset.get", any_of: &[BASE], feature: Feature::Copying },
    PermissionNeed { what: "flavorAsset.getByEntryId", any_of: &[BASE], feature: Feature::Copying },
    PermissionNeed { what: "categoryEntry.list", any_of: &[BASE], feature: Feature::Copying },
    PermissionNeed { what: "media.delete", any_of: &[DELETE], feature: Feature::Copying },
    PermissionNeed { what: "baseEntry.recycle", any_of: &[DELETE], feature: Feature::Copying },
    PermissionNeed { what: "user.get", any_of: &[USERS], feature: Feature::Copying },
    PermissionNeed { what: "user.list", any_of: &[USERS], feature: Feature::Copying },
    PermissionNeed { what: "caption_captionAsset.list", any_of: &[BASE], feature: Feature::Copying },
    PermissionNeed { what: "caption_captionAsset.add", any_of: &[CAPTIONS], feature: Feature::Captions },
    PermissionNeed { what: "caption_captionAsset.setContent", any_of: &[CAPTIONS], feature: Feature::Captions },
    PermissionNeed { what: "caption_captionAsset.delete", any_of: &[CAPTIONS], feature: Feature::Captions },
    PermissionNeed { what: "attachment_attachmentAsset.list", any_of: &[BASE], feature: Feature::Copying },
    PermissionNeed { what: "attachment_attachmentAsset.add", any_of: &[ATTACHMENTS], feature: Feature::Attachments },
    PermissionNeed { what: "attachment_attachmentAsset.setContent", any_of: &[ATTACHMENTS], feature: Feature::Attachments },
    PermissionNeed { what: "attachment_attachmentAsset.delete", any_of: &[ATTACHMENTS], feature: Feature::Attachments },
    PermissionNeed { what: "category.list", any_of: &[BASE], feature: Feature::Categories },
    PermissionNeed { what: "name", any_of: &[METADATA], feature: Feature::Renames },
    PermissionNeed { what: "categoryEntry.add", any_of: &[ASSIGN], feature: Feature::Categories },
    PermissionNeed { what: "groupUser.list", any_of: &[MEMBERS], feature: Feature::Groups },
];

impl PermissionNeed {
    fn is_met(&self, granted: &BTreeSet<String>) -> bool {
        self.any_of.iter().any(|permission| granted.contains(*permission))
    }

    /// Whether it changes nothing, so that it can be tried.
    fn is_read(&self) -> bool {
        self.what.split_once('.').is_some_and(|(_, action)| action.starts_with("get") || action == "list")
    }
}

impl Permission {
    /// Whether it opens something that cannot be tried without leaving something behind.
    #[must_use]
    pub fn opens_writing(&self) -> bool {
        PERMISSIONS_NEEDED.iter().any(|need| need.any_of[0] == self.name && !need.is_read())
    }
}

impl Kaltura {
    /// What the session may do. It needs no permission; a hosted edition may not answer.
    pub async fn permissions(&self) -> Result<BTreeSet<String>, RemoteError> {
        let names: String = self.call("permission", "getCurrentPermissions", json!({})).await?;
        let names: BTreeSet<String> =
            names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if names.is_empty() {
            let message = "permission.getCurrentPermissions named nothing";
            return Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message));
        }
        Ok(names)
    }

    /// Tries a look at what hangs on an entry that does not exist, or at another thing that does not: `call` is one of those
    /// of [`PERMISSIONS_NEEDED`] that change nothing.
    pub async fn try_to_look(&self, call: &str, nothing: &EntryId) -> Result<(), RemoteError> {
        let (service, action) = call.split_once('.').unwrap_or((call, ""));
        let params = match (service, action) {
            ("uploadToken", _) => json!({ "uploadTokenId": nothing.as_str() }),
            _ => texts_on(nothing),
        };
        match self.call::<serde_json::Value>(service, action, params).await {
            Err(error) if error.kind != RemoteKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// The permissions of [`ROLE`] without which something fails of what is switched on.
#[must_use]
pub fn missing_permissions(granted: &BTreeSet<String>, switched_on: &[Feature]) -> Vec<&'static Permission> {
    let unmet = |need: &&PermissionNeed| switched_on.contains(&need.feature) && !need.is_met(granted);
    let lacking: BTreeSet<&str> = PERMISSIONS_NEEDED.iter().filter(unmet).map(|need| need.any_of[0]).collect();
    ROLE.iter().filter(|permission| lacking.contains(permission.name)).collect()
}

/// The permission that keeps a field of an entry from being dropped, where there is one.
#[must_use]
pub fn permission_for(field: &str) -> Option<&'static str> {
    PERMISSIONS_NEEDED.iter().find(|need| need.what == field).map(|need| need.any_of[0])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Feature, PERMISSIONS_NEEDED, ROLE, missing_permissions, permission_for};

    const ALL: [Feature; 6] = [
        Feature::Copying,
        Feature::Captions,
        Feature::Attachments,
        Feature::Categories,
        Feature::Groups,
        Feature::Renames,
    ];

    fn lacking(granted: &[&str], switched_on: &[Feature]) -> Vec<&'static str> {
        let granted = granted.iter().map(|&name| name.to_owned()).collect();
        missing_permissions(&granted, switched_on).into_iter().map(|permission| permission.name).collect()
    }

    /// Nothing is where all of them are there.
    #[test]
    fn exactly_the_missing_permissions_are_reported() {
        let names: Vec<&str> = ROLE.iter().map(|permission| permission.name).collect();
        assert_eq!(lacking(&names, &ALL), Vec::<&str>::new());
        for left_out in &names {
            let others: Vec<&str> = names.iter().copied().filter(|name| name != left_out).collect();
            assert_eq!(lacking(&others, &ALL), [*left_out]);
        }
        assert_eq!(BTreeSet::from_iter(lacking(&[], &ALL)), BTreeSet::from_iter(names));
    }

    #[test]
    fn disabled_features_miss_no_permission() {
        let always: Vec<&str> =
            ROLE.iter().filter(|permission| permission.feature == Feature::Copying).map(|one| one.name).collect();
        assert_eq!(lacking(&always, &[Feature::Copying]), Vec::<&str>::new());
        assert_eq!(lacking(&always, &[Feature::Copying, Feature::Attachments]), ["ATTACHMENT_MODIFY"]);
    }

    #[test]
    fn the_role_meets_every_need() {
        for need in PERMISSIONS_NEEDED {
            let permission = ROLE.iter().find(|permission| permission.name == need.any_of[0]);
            let permission = permission.unwrap_or_else(|| panic!("{} is not in the role", need.any_of[0]));
            assert!(permission.feature == Feature::Copying || permission.feature == need.feature, "{need:?}");
        }
        assert_eq!(permission_for("referenceId"), Some("CONTENT_INGEST_REFERENCE_MODIFY"));
        assert_eq!(permission_for("adminTags"), None);
    }

    #[test]
    fn only_reading_can_be_tried() {
        let tried: Vec<&str> =
            ROLE.iter().filter(|permission| !permission.opens_writing()).map(|one| one.name).collect();
        assert_eq!(tried, ["CONTENT_MANAGE_BASE", "ADMIN_BASE", "CONTENT_MANAGE_ASSIGN_USER_GROUP"]);
    }
}
